"""The only floor that knows everybody: window, actions, commands, files and pictures."""
