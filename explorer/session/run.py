"""A run as the window has it: what it is, how far it has come, and what is shown of it."""

from __future__ import annotations

import copy
from pathlib import Path

from msgspec import Struct

from explorer.core import walk
from explorer.core.beats import Beat, beats_of
from explorer.core.cost_history import CostHistory
from explorer.core.data.dataset import Dataset
from explorer.core.experiment import Experiment
from explorer.core.moment import Moment
from explorer.core.trace import Trace
from explorer.core.walk import Place


class Opened(Struct, frozen=True, eq=False):
    """A run that has begun: what it is, where its data's paths start from, where it runs."""

    run: int
    experiment: Experiment
    folder: Path
    dataset: Dataset
    device: str
    note: str


class Run:
    """Where a run is, and where in the beats of its latest update the cursor stands.

    Attributes
    ----------
    opened : Opened
    experiment : Experiment
        With the settings that it has gone over to since.
    costs : CostHistory
    trace : Trace, or None before the first has come
        The latest update.
    place : Place
        Of its beats and examples.
    live : bool
        Whether the trace is a photograph: training has gone on.
    """

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self.experiment = opened.experiment
        self.costs = CostHistory()
        self.trace: Trace | None = None
        self.place = Place(0, 0)
        self.live = False

    @property
    def number(self) -> int:
        """By which worker and session mean this run."""
        return self.opened.run

    @property
    def update(self) -> int:
        """The latest update; 0 before the first has come."""
        return self.trace.update if self.trace else 0

    @property
    def at_start(self) -> bool:
        """Whether there is nothing to go back to."""
        return not self.trace or (self.update == 1 and self.place.beat == 0)

    @property
    def beats(self) -> tuple[Beat, ...]:
        """Those of the latest update."""
        return beats_of(len(self.trace.layers)) if self.trace else ()

    @property
    def walked(self) -> walk.Update:
        """The latest update as something to walk through."""
        return walk.Update(len(self.beats), self.trace.batch_size if self.trace else 0)

    def moment(self, past: Trace | None) -> Moment | None:
        """What is shown, which is an earlier update where one is looked back at."""
        if self.trace is None:
            return None
        dataset, beats, example = self.opened.dataset, self.beats, self.place.example
        if past is not None:
            example = min(example, past.batch_size - 1)
            return Moment(dataset, past, beats[-1], example, live=True, past=True)
        return Moment(dataset, self.trace, beats[self.place.beat], example, self.live)

    def take(self, trace: Trace, beat: int | None, *, live: bool = False) -> None:
        """Stand at a beat of another update, the last unless one is named by its index."""
        self.trace, self.live = trace, live
        beat = self.walked.last if beat is None else beat
        self.place = Place(beat, min(self.place.example, trace.batch_size - 1))

    def copy(self) -> Run:
        """It as it is now, of which this one may go on."""
        other = copy.copy(self)
        other.costs = self.costs.copy()
        return other
