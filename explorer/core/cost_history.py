"""The costs of a run so far, exact and growing, and outlines of them for drawing."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from explorer.core.data.dataset import Floats


class TotalCost(NamedTuple):
    """Total cost and accuracy on train and on test, after ``update`` updates (NaN for none)."""

    update: int
    train: float
    test: float
    train_accuracy: float
    test_accuracy: float


class Outline(NamedTuple):
    """Lowest and highest value in each of a row of buckets, at x (in updates)."""

    x: Floats
    low: Floats
    high: Floats


class CostHistory:
    """Mini-batch costs, one per update, and total costs where they were measured.

    Four bytes an update; the outline is taken from the exact numbers when drawn.
    """

    def __init__(self) -> None:
        self._batch = np.empty(1024, np.float32)
        self._n = 0
        self._totals: list[TotalCost] = []

    def __len__(self) -> int:
        return self._n

    @property
    def batch_costs(self) -> Floats:
        """Costs of updates 1, 2, …, (U,), a view."""
        return self._batch[: self._n]

    @property
    def totals(self) -> list[TotalCost]:
        """The measurements, in order of updates."""
        return self._totals

    def extend(self, first: int, costs: Floats) -> None:
        """Enter the costs of updates ``first``, ``first`` + 1, …; later ones are forgotten."""
        self.forget_after(first - 1)
        needed = self._n + len(costs)
        if needed > len(self._batch):
            self._batch = np.resize(self._batch, max(needed, 2 * len(self._batch)))
        self._batch[self._n : needed] = costs
        self._n = needed

    def measure(self, total: TotalCost) -> None:
        """Enter a measurement, in place of an earlier one of the same update."""
        while self._totals and self._totals[-1].update >= total.update:
            self._totals.pop()
        self._totals.append(total)

    def forget_after(self, update: int) -> None:
        """Forget everything after ``update``."""
        self._n = min(self._n, update)
        while self._totals and self._totals[-1].update > update:
            self._totals.pop()

    def outline(self, first: int, last: int, buckets: int) -> Outline:
        """The mini-batch costs of updates ``first`` to ``last`` in at most ``buckets`` buckets."""
        first, last = max(first, 1), min(last, self._n)
        if last < first:
            empty = np.empty(0)
            return Outline(empty, empty, empty)
        costs = self._batch[first - 1 : last]
        size = -(-len(costs) // buckets)
        starts = np.arange(0, len(costs), size)
        return Outline(
            first + starts + (np.minimum(starts + size, len(costs)) - 1 - starts) / 2,
            np.minimum.reduceat(costs, starts),
            np.maximum.reduceat(costs, starts),
        )
