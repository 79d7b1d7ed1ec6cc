"""A bell that one thread rings and training in another hears."""

from __future__ import annotations

import numpy as np


class Bell:
    """Once rung, lets a run of updates come to an early end, after the update in hand.

    Attributes
    ----------
    memory : (1,) uint8
        Where kernels look; not 0 once it was rung.
    """

    def __init__(self) -> None:
        self.memory = np.zeros(1, np.uint8)

    @property
    def rung(self) -> bool:
        """Whether it was rung and not heard yet."""
        return bool(self.memory[0])

    def ring(self) -> None:
        """Let it be heard."""
        self.memory[0] = 1

    def heard(self) -> None:
        """Let it be silent again."""
        self.memory[0] = 0


SILENT = Bell()  # which nobody rings
