"""The costs of a run so far, in bounded memory, and outlines of them for drawing."""

from __future__ import annotations

import copy
import math
from typing import NamedTuple

import numpy as np

from explorer.core.cost_pyramid import CostPyramid, Outline
from explorer.core.data.dataset import Floats

_MOST_TOTALS = 2048
_FIRST_TOTALS = 128  # measurements from the beginning, where costs change the most, that all stay


class TotalCost(NamedTuple):
    """Total cost and accuracy on train and on test, after ``update`` updates (NaN for none)."""

    update: int
    train: float
    test: float
    train_accuracy: float
    test_accuracy: float


class TotalCosts:
    """The measurements of total cost, in the order of updates.

    When there are 2,048 of them every second one is let go, and of those that follow as many: a
    long run keeps at least a thousand, evenly over its length. The first 128 always stay, and the
    latest two: a moment before its update knows only the one before.
    """

    def __init__(self) -> None:
        self._rows = np.empty((_MOST_TOTALS, len(TotalCost._fields)))
        self._numbers = np.empty(_MOST_TOTALS, np.int64)  # of the measurements in the rows
        self._n = 0
        self._every = 1  # multiples of this stay

    def __len__(self) -> int:
        return self._n

    @property
    def nbytes(self) -> int:
        """The memory for as many measurements as there can be, in bytes."""
        return self._rows.nbytes + self._numbers.nbytes

    def column(self, name: str) -> Floats:
        """One field of :class:`TotalCost` of all measurements, (M,), a view."""
        return self._rows[: self._n, TotalCost._fields.index(name)]

    def nearest(self, update: int, last: float = math.inf) -> TotalCost | None:
        """The measurement nearest to an update of those up to ``last``; None where none is."""
        updates = self.column("update")
        among = int(np.searchsorted(updates, last, side="right"))
        if not among:
            return None
        row = self._rows[np.abs(updates[:among] - update).argmin()]
        return TotalCost(int(row[0]), *row[1:].tolist())

    def measure(self, total: TotalCost) -> None:
        """Enter a measurement, in place of an earlier one of the same update or later."""
        self.forget_after(total.update - 1)
        number = int(self._numbers[self._n - 1]) + 1 if self._n else 0
        if self._n == _MOST_TOTALS:
            self._every *= 2
        passing = self._numbers[: self._n] % self._every != 0
        passing[-1:] = False  # the latest, which becomes the one before
        passing[:_FIRST_TOTALS] = False
        if passing.any():
            self._n -= int(passing.sum())
            self._rows[: self._n] = self._rows[: len(passing)][~passing]
            self._numbers[: self._n] = self._numbers[: len(passing)][~passing]
        self._rows[self._n], self._numbers[self._n] = total, number
        self._n += 1

    def forget_after(self, update: int) -> None:
        """Forget everything after ``update``."""
        self._n = int(np.searchsorted(self.column("update"), update, side="right"))


class CostHistory:
    """Mini-batch costs, one per update, and total costs where they were measured.

    Attributes
    ----------
    totals : TotalCosts
    """

    def __init__(self) -> None:
        self._pyramid = CostPyramid()
        self.totals = TotalCosts()

    def __len__(self) -> int:
        return len(self._pyramid)

    @property
    def nbytes(self) -> int:
        """The most memory that this history takes by now, in bytes."""
        return self._pyramid.nbytes + self.totals.nbytes

    def copy(self) -> CostHistory:
        """The same history, which goes on by itself."""
        return copy.deepcopy(self)

    def extend(self, first: int, costs: Floats) -> None:
        """Enter the costs of updates ``first``, ``first`` + 1, …; later ones are forgotten."""
        self.forget_after(first - 1)
        self._pyramid.extend(costs)

    def measure(self, total: TotalCost) -> None:
        """Enter a measurement, in place of an earlier one of the same update."""
        self.totals.measure(total)

    def forget_after(self, update: int) -> None:
        """Forget everything after ``update``."""
        self._pyramid.forget_after(update)
        self.totals.forget_after(update)

    def around(self, update: int) -> tuple[float, float]:
        """The lowest and highest mini-batch cost about an update, as closely as they are kept.

        Both are that update's own cost as long as it is among the latest million.
        """
        outline = self._pyramid.outline(update, update, 1)
        if not len(outline.x):
            return float("nan"), float("nan")
        return float(outline.low[0]), float(outline.high[0])

    def outline(self, first: int, last: int, buckets: int) -> Outline:
        """The mini-batch costs of some updates; see :meth:`CostPyramid.outline`."""
        return self._pyramid.outline(first, last, buckets)

    def outline_by_octaves(self, first: int, last: int, buckets: int) -> Outline:
        """The same for a logarithmic axis; see :meth:`CostPyramid.outline_by_octaves`."""
        return self._pyramid.outline_by_octaves(first, last, buckets)
