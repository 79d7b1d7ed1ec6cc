"""Lowest and highest costs of ever longer buckets of updates, so that any stretch draws at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from explorer.core.data.dataset import Floats

_GROWTH = 16  # how many buckets make one of the next kind


class Outline(NamedTuple):
    """Lowest and highest value in each of a row of buckets, at x (in updates)."""

    x: Floats
    low: Floats
    high: Floats


class CostPyramid:
    """The costs of updates 1, 2, … and, above them, the extremes of 16, 256, 4,096, … updates.

    The latest million costs are kept one by one, four bytes each. Older ones are kept as the
    lowest and highest of 16 updates, the older still of 256, and so on, at least 131,072 buckets
    of each kind: what happened long ago can be looked at as closely as an eight-thousandth of its
    age. The first 65,536 stay one by one too, where a logarithmic axis and who goes back there
    look closely. In all that is 9 MiB and 2 MiB more each time a run grows sixteenfold: at most
    21 MiB after ten million updates, 27 MiB after ten billion.

    Parameters
    ----------
    exact, buckets : int
        How many of the latest costs, and of the latest buckets of each longer kind, are kept at
        the least; of the first costs a sixteenth as many.
    """

    def __init__(self, exact: int = 2**20, buckets: int = 2**17) -> None:
        self._n = 0
        self._raised = 0  # of these costs the longer buckets know
        self._buckets = buckets
        self._at_once = exact // 2  # so that the costs just before are still there
        self._levels = [_Level(1, 1, exact)]
        self._n_first = exact // 16
        self._beginning = _Level(1, 1, self._n_first)

    def __len__(self) -> int:
        return self._n

    @property
    def nbytes(self) -> int:
        """The most memory that all levels take, in bytes."""
        return sum(level.nbytes for level in (self._beginning, *self._levels))

    def extend(self, costs: Floats) -> None:
        """Enter the costs of the updates that follow, of any number."""
        for start in range(0, len(costs), self._at_once):
            part = np.asarray(costs[start : start + self._at_once], np.float32)
            if self._n + len(part) - self._raised > self._at_once:
                self._raise()
            self._levels[0].write(self._n, part[None])
            if self._n < self._n_first:
                self._beginning.write(self._n, part[None, : self._n_first - self._n])
            self._n += len(part)

    def forget_after(self, update: int) -> None:
        """Forget everything after ``update``.

        What is left of a bucket that began before is taken from the costs below it. Where these
        were let go long ago, the bucket's costs are forgotten as a whole.
        """
        if update >= self._n:
            return
        self._raise()
        self._n = max(update, 0)
        for level in self._levels:
            level.cut(-(-self._n // level.size))
        while len(self._levels) > 1 and self._levels[-2].end <= 1:
            self._levels.pop()
        self._raised = max(self._n - 1, 0)  # the buckets that its last cost is in
        self._raise()

    def outline(self, first: int, last: int, buckets: int) -> Outline:
        """The costs of updates ``first`` to ``last`` in at most ``buckets`` buckets.

        Buckets hold 2ⁿ updates and begin at multiples of that, so that they stay the same while
        a run grows; the first and the last may reach beyond the ends.
        """
        first, last = max(first, 1), min(last, self._n)
        if last < first:
            empty = np.empty(0)
            return Outline(empty, empty, empty)
        size = _size_of_buckets(first - 1, last - 1, buckets)
        self._raise()
        in_first = last <= min(self._n_first, self._n)
        level = self._beginning if in_first else self._level_for(first - 1, size)
        size = max(size, level.size)
        start, stop = (first - 1) // size, (last - 1) // size + 1
        low, high = level.extremes(start, stop, size // level.size)
        begin = np.arange(start, stop) * size + 1
        end = np.minimum(begin + size - 1, self._n)
        known = low <= high
        return Outline(((begin + end) / 2)[known], low[known], high[known])

    def outline_by_octaves(self, first: int, last: int, buckets: int) -> Outline:
        """The same for a logarithmic axis: about as many buckets each time the updates double."""
        first, last = max(first, 1), min(last, self._n)
        octaves = range((first - 1).bit_length(), (last - 1).bit_length() + 1)
        if last < first:
            return self.outline(first, last, buckets)
        each = max(buckets // len(octaves), 1)
        parts = [
            self.outline(max(first, (1 << octave >> 1) + 1), min(last, 1 << octave), each)
            for octave in octaves
        ]
        x, low, high = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        x, once = np.unique(x, return_index=True)  # long buckets lie in several octaves
        return Outline(x, low[once], high[once])

    def _level_for(self, index: int, size: int) -> _Level:
        """The longest buckets of at most ``size``, or longer ones that are kept so far back."""
        reaching = [x for x in self._levels if x.first * x.size <= index]
        return [x for x in reaching if x.size <= max(size, reaching[0].size)][-1]

    def _raise(self) -> None:
        """Let the longer buckets take in the costs that have come since the last time."""
        begun, self._raised = self._raised, self._n
        if begun == self._n:
            return
        k = 0
        while self._levels[k].end > 1:
            below = self._levels[k]
            if below is self._levels[-1]:
                self._levels.append(_Level(below.size * _GROWTH, 2, self._buckets))
                begun = 0
            above = self._levels[k + 1]
            start, stop = begun // above.size, -(-below.end // _GROWTH)
            if start < stop:
                above.write(start, np.stack(below.extremes(start, stop, _GROWTH)))
            k += 1


class _Level:
    """The latest of a row of buckets of one size; those that hold nothing are +∞ and −∞.

    Attributes
    ----------
    size : int
        Updates in a bucket.
    first, end : int
        The earliest bucket kept, and one past the last, counted from 0.
    """

    def __init__(self, size: int, rows: int, keep: int) -> None:
        self.size = size
        self.first = self.end = 0
        # Twice as many as are kept, so that moving them to the front is seldom. The pages of
        # memory that are not written to yet cost nothing.
        self._values = np.empty((rows, 2 * keep), np.float32)

    @property
    def nbytes(self) -> int:
        return self._values.nbytes

    def write(self, start: int, values: Floats) -> None:
        """Write buckets from ``start`` on, (rows, K), over or after those that are there."""
        if start < self.first:
            values, start = values[:, self.first - start :], self.first
        room = self._values.shape[1]
        if start - self.first + values.shape[1] > room:
            first = start + values.shape[1] - room // 2
            kept = self._values[:, first - self.first : start - self.first].copy()
            self._values[:, : kept.shape[1]] = kept
            self.first = first
        at = start - self.first
        self._values[:, at : at + values.shape[1]] = values
        self.end = start + values.shape[1]

    def cut(self, end: int) -> None:
        """Let go of the buckets from ``end`` on."""
        self.end = end
        self.first = min(self.first, end)

    def extremes(self, start: int, stop: int, together: int) -> tuple[Floats, Floats]:
        """The lowest and highest of each ``together`` buckets, for rows ``start`` to ``stop``.

        ``together`` is a power of two. Where nothing is kept, they are +∞ and −∞.
        """
        begin, end = start * together, stop * together
        first = max(begin, self.first)
        last = max(min(end, self.end), first)
        part = self._values[:, first - self.first : last - self.first]
        before = min(first, end) - begin
        after = end - begin - before - part.shape[1]
        low, high = part[0], part[-1]
        if before or after:
            low, high = (np.full(end - begin, x, np.float32) for x in (np.inf, -np.inf))
            here = slice(before, before + part.shape[1])
            low[here], high[here] = part[0], part[-1]
        while len(low) > stop - start:  # neighbours: many times as fast as groups of any size
            low, high = np.minimum(low[::2], low[1::2]), np.maximum(high[::2], high[1::2])
        return low, high


def _size_of_buckets(first: int, last: int, most: int) -> int:
    """The least power of two that cuts ``first`` to ``last`` into at most so many buckets."""
    size = 1
    while last // size - first // size >= max(most, 1):
        size *= 2
    return size
