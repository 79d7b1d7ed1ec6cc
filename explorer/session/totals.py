"""The total costs of a run: measured beside training, and how long that takes."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from explorer.core.cost_history import TotalCost
from explorer.core.trace import Trace

if TYPE_CHECKING:
    from explorer.core.trainer import Trainer

_QUICK = 0.02  # seconds


class Totals:
    """Measures the total costs of a trainer's network, on train and on test.

    Attributes
    ----------
    measured_at : int
        After how many updates they were measured last; -1 for never.
    """

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self.measured_at = -1
        self._quickest = math.inf  # seconds; another time may have had to wait for the GIL

    @property
    def quick(self) -> bool:
        """Whether measuring them takes so short a time that nobody feels it."""
        return self._quickest < _QUICK

    def measure(self, before: Trace | None = None) -> TotalCost:
        """Measure them as they are now, or as they were before an update."""
        trainer, begun = self._trainer, time.perf_counter()
        network, self.measured_at = None, trainer.update
        if before is not None:
            network, self.measured_at = trainer.network_at(before), before.update - 1
        train = trainer.evaluate(network=network)
        test = trainer.evaluate(test=True, network=network)
        self._quickest = min(time.perf_counter() - begun, self._quickest)
        return TotalCost(
            self.measured_at,
            train.cost,
            test.cost,
            math.nan if train.accuracy is None else train.accuracy,
            math.nan if test.accuracy is None else test.accuracy,
        )
