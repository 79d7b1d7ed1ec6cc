"""The walk through the beats of an update, its examples and on to other updates.

Pure: it says where a step leads, and leaves going there to others.
"""

from __future__ import annotations

from msgspec import Struct

from explorer.core.beats import Granularity


class Place(Struct, frozen=True):
    """A place within an update: the index of its beat, and the focused example (both from 0)."""

    beat: int
    example: int


class Update(Struct, frozen=True):
    """Where the beats of one update are: so many of them, with so many examples to look at."""

    beats: int
    examples: int

    @property
    def last(self) -> int:
        """The index of the last beat, in which the parameters have moved."""
        return self.beats - 1

    @property
    def examined(self) -> int:
        """The index of the last backward beat: by then an example has said all it wishes."""
        return self.last - 2


def step(here: Place, update: Update, granularity: Granularity) -> Place | None:
    """Where one step leads within the update; None where it leads into the next.

    An epoch always leads beyond.
    """
    if granularity == "epoch" or here.beat == update.last:
        return None
    if granularity == "mini_batch":
        return Place(update.last, here.example)
    if granularity == "example":
        if here.beat < update.examined:
            return Place(update.examined, here.example)
        if here.beat == update.examined and here.example + 1 < update.examples:
            return Place(here.beat, here.example + 1)
    return Place(here.beat + 1, here.example)


def back(here: Place, update: Update, granularity: Granularity) -> Place | None:
    """Where one step back leads within the update; None where it leads into an earlier one."""
    if granularity in ("epoch", "mini_batch") or here.beat == 0:
        return None
    if granularity == "example":
        if here.beat == update.examined and here.example > 0:
            return Place(here.beat, here.example - 1)
        if here.beat <= update.examined:
            return Place(0, here.example)
    return Place(here.beat - 1, here.example)
