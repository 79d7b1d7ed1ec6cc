"""The microscope: one neuron or one parameter, large."""
