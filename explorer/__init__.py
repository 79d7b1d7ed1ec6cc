"""Backprop Explorer: see backpropagation happen, on a real PyTorch model."""
