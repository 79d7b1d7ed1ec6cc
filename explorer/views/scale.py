"""Scales that keep still: what colour and width a value has must not flicker while training."""

from __future__ import annotations

import numpy as np

from explorer.core.data.dataset import Dataset, Floats
from explorer.core.numbers import nice_ceiling


def fitted(*arrays: Floats, least: float = 1e-9) -> float:
    """The nice number that just holds every value."""
    largest = max((float(np.abs(a).max()) for a in arrays if a.size), default=0.0)
    return nice_ceiling(max(largest, least))


def input_scale(dataset: Dataset) -> float:
    """The nice number that holds every training input, so that all examples share it."""
    return nice_ceiling(max(dataset.largest_input, 1e-9))


class SteadyScale:
    """A scale that may grow and never shrinks, until it is reset for a new run."""

    def __init__(self, least: float) -> None:
        self._least = least
        self.value = least

    def include(self, *arrays: Floats) -> float:
        """Grow to hold every value; returns the scale."""
        self.value = max(self.value, fitted(*arrays, least=self._least))
        return self.value

    def reset(self) -> None:
        """Forget all values."""
        self.value = self._least
