"""A moment: what is on screen. One trace, how much of it is shown, and the example in focus."""

from __future__ import annotations

from functools import cached_property

from msgspec import Struct

from explorer.core.beats import Beat, beats_of
from explorer.core.data.dataset import Dataset
from explorer.core.experiment import Experiment
from explorer.core.trace import Trace


class Moment(Struct, frozen=True, eq=False, dict=True):
    """Everything a view needs to draw itself; complete, so that no view asks back.

    Attributes
    ----------
    example : int
        The focused member of the mini-batch, from 0.
    live : bool
        Whether this is one of many photographs: training is running, or the past is looked over.
    past : bool
        Whether it is an earlier update that is looked back at while the run stands still.
    """

    dataset: Dataset
    trace: Trace
    beat: Beat
    example: int
    live: bool = False
    past: bool = False

    @property
    def experiment(self) -> Experiment:
        """The experiment whose run this is."""
        return self.trace.experiment

    @cached_property
    def beats(self) -> tuple[Beat, ...]:
        """All beats of this update."""
        return beats_of(self.n_layers)

    @property
    def n_layers(self) -> int:
        """The number of layers that have weights."""
        return len(self.trace.layers)

    @cached_property
    def index(self) -> int:
        """The place of the beat among all beats."""
        return self.beats.index(self.beat)

    def reached(self, beat: Beat) -> bool:
        """Whether ``beat`` is this one or was before it in this update."""
        return self.beats.index(beat) <= self.index

    def forward_done(self, layer: int) -> bool:
        """Whether the layer's activations have been computed by now (layer 0 is the inputs)."""
        return layer == 0 or self.reached(Beat("forward", layer))

    def backward_done(self, layer: int) -> bool:
        """Whether the layer's wishes have been computed by now."""
        return self.reached(Beat("backward", layer))

    @property
    def updated(self) -> bool:
        """Whether the parameters shown are those after the update."""
        return self.beat.kind == "update"

    @property
    def costs_known(self) -> tuple[int, int]:
        """Up to which update mini-batch costs, and total costs after it, are known by now."""
        update = self.trace.update
        if self.live:
            return update, update
        return (
            update if self.reached(Beat("cost")) else update - 1,
            update if self.updated else update - 1,
        )

    @property
    def training_index(self) -> int:
        """The focused example's index among the training examples."""
        return int(self.trace.indices[self.example])

    @property
    def label(self) -> str:
        """The name of the focused example's class; empty where it has none."""
        return self.dataset.label_of(self.dataset.train, self.training_index)
