"""Training beside the screen: commands in, facts out. Qt, but no widgets."""
