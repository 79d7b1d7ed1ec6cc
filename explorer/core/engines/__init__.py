"""Engines make the updates: torch on any device, and a compiled one on the CPU.

An engine moves the parameters of a network in place, along with what its optimizer carries, so
that whatever else reads them (traces, states, files) need not know which engine trains.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import torch

from explorer.core.bell import Bell
from explorer.core.data.dataset import Floats
from explorer.core.experiment import Experiment
from explorer.core.mini_batches import Deck


class Ran(NamedTuple):
    """How many updates were made, and what the one after them made infinite or no number.

    In that case the parameters are those of no update and have to be restored.
    """

    updates: int
    diverged: str | None


class Engine(Protocol):
    """Makes updates."""

    holds_gil: bool
    """Whether other threads of Python have to wait while it trains."""

    def prepare(self) -> None:
        """Do what would make the first update wait, which may take seconds; after ``attach``."""

    def attach(self, experiment: Experiment, optimizer: torch.optim.Optimizer | None) -> None:
        """Take up a new or restored optimizer, or other settings of the one there was."""

    def run(self, deck: Deck, costs: Floats, bell: Bell) -> Ran:
        """Train on the next mini-batches of a deck, and enter the cost before each update.

        Parameters
        ----------
        costs : (U,)
            For as many updates as are wanted. Fewer may be made, as when the bell has rung, but
            one at least.
        """
        ...
