"""The trainer: what happens to a run, forward and back again.

However a run is driven (stepped, played, replayed, from the window or the command line), every
update is made by the same engine in :meth:`Training._train`, so its numbers are the same bit for
bit.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator

import numpy as np
import torch

from explorer.core.bell import SILENT, Bell
from explorer.core.data.dataset import Dataset, Floats
from explorer.core.divergence import DivergenceError, bad_numbers, bad_state
from explorer.core.engines.choice import estimated_seconds
from explorer.core.experiment import Experiment
from explorer.core.history import History, Room, room_for
from explorer.core.network import Network
from explorer.core.part_of_network import Neuron, Weight
from explorer.core.recording import Recording
from explorer.core.surfaces import Surfaces
from explorer.core.trace import Trace
from explorer.core.training import TrainerState, Training, state_fits

_MOST_CARRIED = 3  # numbers that an optimizer carries for a parameter
_ASIDE = 8  # so many times fewer keyframes has a run that is not the one trained
_BYTES_OF_DECK = 8192  # of its generator's state, and what a keyframe has around it


class Trainer(Training):
    """A run that can be recorded, changed by hand, and gone back over.

    Raises
    ------
    ExperimentError
        When the device or dtype cannot be had.
    """

    def __init__(self, experiment: Experiment, dataset: Dataset) -> None:
        super().__init__(experiment, dataset)
        self._cost = np.full(1, np.nan, experiment.dtype)
        self.inner_surfaces = False  # whether traces also hold what hidden neurons say
        self._surfaces: Surfaces | None = None
        self._history = self._new_history()
        self._keep()

    def set_aside(self, *, aside: bool) -> None:
        """Keep few keyframes while another run is trained, and as many as before after that."""
        capacity = self._room().capacity
        self._history.hold(max(capacity // _ASIDE, 2) if aside else capacity)

    def _new_history(self) -> History[TrainerState]:
        return History(*self._room())

    def _room(self) -> Room:
        parameters = self.network.flat.numel()
        size = min(self.experiment.mini_batch.size, len(self.dataset.train))
        seconds = estimated_seconds(self.engine, parameters, size)
        state = (1 + _MOST_CARRIED) * parameters * self.network.flat.element_size()
        return room_for(seconds, state + _BYTES_OF_DECK)

    @property
    def cost(self) -> float:
        """The mini-batch cost before the latest update, as the engine found it; NaN before any."""
        return float(self._cost[0])

    def advance(self) -> float:
        """Train one update; returns the mini-batch cost before it.

        Raises
        ------
        DivergenceError
            The parameters are then those before the update.
        """
        return float(self.advance_many(1)[0])

    def advance_many(self, updates: int, bell: Bell = SILENT) -> Floats:
        """Train up to so many updates in one go, without the GIL where the engine is compiled.

        Returns
        -------
        (U,)
            The mini-batch cost before each update. There are fewer than asked for where the next
            update would diverge, or the bell has rung.

        Raises
        ------
        DivergenceError
            When already the first one does. The parameters are then those before it.
        """
        costs = np.empty(updates, self.experiment.dtype)
        done = 0
        while done < updates and not (done and bell.rung):
            here = self._history.next_stop(self.update) - self.update
            made, diverged = self._train(costs[done : done + here], bell)
            done += made
            if diverged is not None:
                self._replay_to(self.update)
                if not done:
                    raise DivergenceError(self.update + 1, diverged)
                break
            self._arrive()
        self._cost = costs[done - 1 : done] if done else self._cost
        return costs[:done]

    def advance_traced(
        self, *, totals: bool = True, surface: int = 0, surface_before: bool = True
    ) -> Trace:
        """Train one update and record it.

        Parameters
        ----------
        totals
            Whether to measure the total cost before and after; a pass over all examples each.
        surface
            Points per side at which to record the outputs over the plane; 0 for none.
        surface_before
            Whether to record these before the update, too.

        Raises
        ------
        DivergenceError
            The parameters are then those before the update.
        """
        recording = Recording(
            self,
            self._surfaces_of(surface),
            inner=self.inner_surfaces,
            before=surface_before,
            totals=totals,
        )
        cost = np.empty(1, self.experiment.dtype)
        self._refuse(self._train(cost).diverged)
        trace = recording.trace(self)
        bad = bad_state(self._optimizer) or bad_numbers(trace)
        if bad is not None:
            self.update -= 1
            self._refuse(bad)
        self._arrive()
        self._cost = cost
        return trace

    def adjust(self, experiment: Experiment) -> None:
        """Take up another optimizer, its settings or mini-batch size from the next update on.

        What was adjusted before at the same update leaves no trace: an optimizer tried and given
        up again finds its momentum as it was.
        """
        settings = self.experiment.with_settings_of(experiment)
        self._history.note_settings(self.update, settings)
        if state_fits(self.experiment.optimizer, settings.optimizer):
            self._apply(settings)
        else:
            self._replay_to(self.update)

    def edit(self, part: Weight | Neuron, value: float) -> None:
        """Set a weight, or a neuron's bias, by hand; what comes next starts from it.

        The edit belongs to the run's history: going back over it and forward again replays it.
        """
        self._history.forget_after(self.update)
        self._history.note_edit(self.update, part, value)
        self._set(part, value)

    def rewind_to(self, update: int) -> None:
        """Go back to the moment after ``update`` updates, exactly.

        What lies between the last keyframe and that moment is trained again, with the settings
        of that time. The settings now in force stay in force for what comes next.
        """
        present = self.experiment
        self._replay_to(update)
        self._go_on_under(present)

    def retrace(self, update: int, *, totals: bool = True, surface: int = 0) -> Trace:
        """Go back to just after ``update``, and record that update on the way.

        Raises
        ------
        DivergenceError
            When that update made a number infinite that only the trace measures, such as the cost
            after it. The parameters are then those before the update.
        """
        present = self.experiment
        try:
            return self.look_back(update, totals=totals, surface=surface)
        finally:
            self._go_on_under(present)

    def look_back(self, update: int, *, totals: bool = True, surface: int = 0) -> Trace:
        """Record an earlier update as it was, and forget nothing of what came after it.

        The trainer then stands there, with the settings of that time; so let it be a twin of the
        one that goes on.

        Raises
        ------
        DivergenceError
            As by :meth:`retrace`.
        """
        self._replay_to(update - 1)
        return self.advance_traced(totals=totals, surface=surface)

    @torch.no_grad()
    def network_at(
        self,
        trace: Trace,
        *,
        after: bool = False,
        dtype: torch.dtype | None = None,
        device: torch.device | None = None,
    ) -> Network:
        """A network of its own with a trace's parameters, before the update or after it.

        It is of the run's dtype and on its device, unless others are named.
        """
        network = self.new_network(dtype, device)
        for layer, values in zip(network.layers, trace.layers, strict=True):
            weight = values.weight_after if after else values.weight_before
            bias = values.bias_after if after else values.bias_before
            layer.weight.copy_(torch.tensor(weight))
            layer.bias.copy_(torch.tensor(bias))
        return network

    @property
    def earliest(self) -> int:
        """The number of updates done at the earliest moment that can be gone back to."""
        return self._history.earliest

    def twin(self) -> Trainer:
        """A second trainer at the same point of the same run, with the same past.

        The two share only what never changes, so nothing that one does shows in the other.
        """
        twin = copy.copy(self)
        twin._history = self._history.copy()
        twin._build()
        twin._come_back(self.state())
        return twin

    def replay(self, first: int, last: int) -> Iterator[None]:
        """Train again, as it was, what lies between a keyframe at or before ``first`` and ``last``.

        Pauses now and then on the way to ``first``, there, and after each further update, with
        the settings of that time taken up.
        """
        self._come_back(self._history.before(first))
        self._take_up_changes()
        while self.update < first:
            yield
            ends = self._history.next_stop(self.update), self._history.next_change(self.update)
            self.advance_many(min(first, *ends) - self.update)
            self._take_up_changes()
        yield
        while self.update < last:
            self.advance()
            self._take_up_changes()
            yield

    def restore(self, state: TrainerState) -> None:
        """Come back to a state, exactly; it is then the earliest that can be gone back to."""
        self._come_back(state)
        self._history = self._new_history()
        self._history.keep(state.update, state)

    def take_up_settings(self) -> None:
        """Go over to the settings that were taken up after as many updates, if they were."""
        settings = self._history.settings_from(self.update)
        if settings is not None:
            self._apply(settings)

    def _arrive(self) -> None:
        self._keep()
        self._take_up_edits()

    def _keep(self) -> None:
        """Keep a keyframe where one is due: the state on arrival, before any adjustment there."""
        if self._history.due(self.update):
            self._history.keep(self.update, self.state())

    def _replay_to(self, update: int) -> None:
        """Come to just after ``update``, with what was changed by hand there taken up."""
        for _ in self.replay(update, update):
            pass

    def _go_on_under(self, experiment: Experiment) -> None:
        """Let another future begin here, under these settings."""
        self._history.forget_after(self.update)
        self.adjust(experiment)

    def _take_up_changes(self) -> None:
        self.take_up_settings()
        self._take_up_edits()

    def _take_up_edits(self) -> None:
        for part, value in self._history.edits_at(self.update).items():
            self._set(part, value)

    def _surfaces_of(self, points: int) -> Surfaces | None:
        """The grid over the plane; None for no points, or data that has no plane."""
        if not points or self.dataset.features is None:
            return None
        if self._surfaces is None or self._surfaces.points != points:
            self._surfaces = Surfaces(self.dataset, points, self._dtype, self.device)
        return self._surfaces

    def _refuse(self, what: str | None) -> None:
        """Go back to before the update in hand and raise, when it left a number that is none."""
        if what is not None:
            self._replay_to(self.update)
            raise DivergenceError(self.update + 1, what)
