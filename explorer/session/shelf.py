"""A shelf of runs that were left, each by its number; those left last are kept."""

from __future__ import annotations

from typing import Generic, TypeVar

MOST_SHELVED = 8  # runs that can be brought back whole, the one on screen among them

T = TypeVar("T")


class Shelf(Generic[T]):
    """What was put here of each run, until too many others have come after it.

    Parameters
    ----------
    room
        How many there are at most.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._kept: dict[int, T] = {}  # by when they were put here

    def put(self, run: int, kept: T) -> None:
        """Keep this of a run; that of the one put here longest ago makes room."""
        self._kept[run] = kept
        while len(self._kept) > self._room:
            del self._kept[next(iter(self._kept))]

    def get(self, run: int) -> T | None:
        """What was put here of a run; None if it is not here."""
        return self._kept.get(run)

    def take(self, run: int) -> T:
        """Take down what was put here of a run; KeyError if it is not here."""
        return self._kept.pop(run)

    def __contains__(self, run: int) -> bool:
        return run in self._kept
