"""The pace of playing: how many updates to make in the next call, and when to show one."""

from __future__ import annotations

import math

CHUNK_SECONDS = 0.02  # of training in one call, if no bell ends it: threads seldom meet
_SHORTEST_CHUNK = 0.004  # seconds, when a photograph is nearly due
_SHARED_FRAME_SECONDS, _TRAINING_PER_DRAWING = 1 / 30, 1.0  # where both want the GIL
_TOTALS_SHARE = 0.1  # of the time, at most, goes into measuring total costs
_BETWEEN_TOTALS = 0.1  # seconds
_TOTALS_GROWTH = 1.5  # of the updates done, until they are measured again if that is quick
_GROWTH = 4  # of the number of updates in a call, at most: one call may have been a lucky one


class Pace:
    """Decides, from the clock and from what the last calls took; it never looks at the clock.

    Parameters
    ----------
    to_epoch_end
        Whether playing ends with the epoch.
    """

    def __init__(self, *, to_epoch_end: bool) -> None:
        self.to_epoch_end = to_epoch_end
        self._seconds_per_update = CHUNK_SECONDS  # known once some have been made
        self._photographed_at = self._photograph_at = self._totals_at = 0.0
        self._totals_after = math.inf  # updates
        self.set(math.inf, 0, now=0.0, update=0)

    def set(self, per_second: float, stop_at: int, *, now: float, update: int) -> None:
        """Make so many updates a second, up to ``stop_at`` (0 for never), from now on."""
        self.per_second, self.stop_at = per_second, stop_at
        self._since, self._begun_at = now, update

    def due(self, now: float, update: int) -> float:
        """How many updates the speed asks for by now; may be infinite, or below 0."""
        if math.isinf(self.per_second):
            return math.inf
        return math.ceil((now - self._since) * self.per_second) - (update - self._begun_at)

    def in_one_call(self, now: float, update: int, left_in_epoch: int) -> int:
        """How many updates to make in one call: none that are not due, none beyond the end."""
        until_photograph = max(self._photograph_at - now, _SHORTEST_CHUNK)
        in_time = min(CHUNK_SECONDS, until_photograph) / self._seconds_per_update
        left = self.stop_at - update
        to_stop = left if left > 0 else math.inf
        to_end = left_in_epoch if self.to_epoch_end else math.inf
        to_totals = max(self._totals_after - update, 1)
        return int(min(max(in_time, 1), self.due(now, update), to_stop, to_end, to_totals))

    def made(self, updates: int, seconds: float) -> None:
        """Learn how long a call took."""
        least = self._seconds_per_update / _GROWTH
        self._seconds_per_update = max(seconds / updates, least)

    def over(self, update: int, *, epoch_over: bool) -> bool:
        """Whether playing has come to the end that was asked for."""
        return update == self.stop_at or (self.to_epoch_end and epoch_over)

    def photograph_due(self, now: float) -> bool:
        """Whether the next update is to be shown."""
        return now >= self._photograph_at

    def photographed(self, begun: float) -> None:
        """Wait with the next photograph until this one is drawn."""
        self._photographed_at, self._photograph_at = begun, math.inf

    def drawn(self, now: float, seconds: float, *, holds_gil: bool) -> None:
        """Let the next photograph follow one that is drawn, which took so long.

        Drawing and training that holds the GIL want the same interpreter and slow each other down
        when they meet, so they take turns, with fewer frames, and training has at least as much of
        the time.
        """
        self._photograph_at = now
        if holds_gil:
            rested = now + _TRAINING_PER_DRAWING * seconds
            self._photograph_at = max(self._photographed_at + _SHARED_FRAME_SECONDS, rested)

    def totals_due(self, now: float, update: int) -> bool:
        """Whether the total costs are to be measured."""
        return now >= self._totals_at or update >= self._totals_after

    def measured(self, begun: float, seconds: float, update: int, *, quick: bool) -> None:
        """Let the next measurement of the totals wait, longer when this one took long.

        In the beginning a cost may fall within fewer updates than are made in that time, so where
        measuring is quick it is also done again whenever a run has grown by half.
        """
        self._totals_at = begun + max(_BETWEEN_TOTALS, seconds / _TOTALS_SHARE)
        self._totals_after = math.ceil(_TOTALS_GROWTH * update) if quick else math.inf
