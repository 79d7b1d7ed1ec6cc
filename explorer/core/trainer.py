"""Training: mini-batches, updates, traces, and the way back.

However a run is driven (stepped, played, replayed, from the window or the command line), every
update is made by the same engine in :meth:`Trainer._train`, so its numbers are the same bit for
bit.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.core import losses
from explorer.core.data.dataset import Dataset, Floats
from explorer.core.device import choose_device, device_title
from explorer.core.divergence import DivergenceError, bad_numbers, bad_state
from explorer.core.engines import Engine, Ran
from explorer.core.engines.choice import EngineName, choose_engine, estimated_seconds, make_engine
from explorer.core.engines.reference import Pass, forward_and_back, step
from explorer.core.examples import Evaluation, Examples
from explorer.core.experiment import Experiment, OptimizerSpec
from explorer.core.history import History, room_for
from explorer.core.mini_batches import Deck, DeckState
from explorer.core.network import LayerValues, Network
from explorer.core.optimizers import make_optimizer, settings_of
from explorer.core.part_of_network import Neuron, Weight
from explorer.core.recording import Recording, copied
from explorer.core.surfaces import Sheets, Surfaces
from explorer.core.trace import Surface, Trace

_EVALUATED_AT_ONCE = 8192  # examples; bounds the memory of a pass over all of them
_MOST_CARRIED = 3  # numbers that an optimizer carries for a parameter
_BYTES_OF_DECK = 8192  # of its generator's state, and what a keyframe has around it
_PRODUCTS_AT_ONCE = 2**25  # of a full-batch gradient, between two pauses


@dataclass(frozen=True)
class TrainerState:
    """Everything that decides how training goes on."""

    experiment: Experiment
    update: int
    parameters: Tensor
    optimizer: dict[str, Any]
    deck: DeckState


class Trainer:
    """Owns the network, the optimizer and the deck of one run.

    Raises
    ------
    ExperimentError
        When the device or dtype cannot be had.
    """

    def __init__(self, experiment: Experiment, dataset: Dataset) -> None:
        self.experiment = experiment
        self.dataset = dataset
        self.device = choose_device(experiment.device, experiment.dtype)
        dtype = getattr(torch, experiment.dtype)
        self._training = Examples(dataset.train, dtype, self.device)
        self._test = Examples(dataset.test, dtype, self.device)
        self._dtype = dtype
        self._choice = choose_engine(experiment, self.device)
        self.inner_surfaces = False  # whether traces also hold what hidden neurons say
        self._surfaces: Surfaces | None = None
        self.update = 0
        self._build()
        self._history = self._new_history()
        self._keep()

    def _build(self) -> None:
        """Make what training changes, as it is before the first update."""
        experiment = self.experiment
        self.network = self._new_network(self._dtype, self.device)
        self._free = [
            p for name, p in self.network.named() if name not in experiment.network.frozen
        ]
        inputs, targets = self.training_examples
        self._engine: Engine = make_engine(self.engine, self.network, inputs, targets)
        self._take_up(self._new_optimizer(experiment.optimizer))
        deck = experiment.mini_batch
        self._deck = Deck(len(self.dataset.train), shuffle=deck.shuffle, seed=deck.seed)
        self._cost = np.full(1, np.nan, experiment.dtype)

    def _new_history(self) -> History[TrainerState]:
        parameters = self.network.flat.numel()
        size = min(self.experiment.mini_batch.size, len(self.dataset.train))
        seconds = estimated_seconds(self.engine, parameters, size)
        state = (1 + _MOST_CARRIED) * parameters * self.network.flat.element_size()
        return History(*room_for(seconds, state + _BYTES_OF_DECK))

    def _new_network(self, dtype: torch.dtype, device: torch.device) -> Network:
        return Network(self.experiment.network, self.dataset.n_inputs, dtype, device)

    @property
    def engine(self) -> EngineName:
        """The engine that makes the updates; settled at the start, for the whole run."""
        return self._choice.engine

    @property
    def note(self) -> str:
        """What the user should know about how this run is trained; empty when nothing."""
        return self._choice.note

    @property
    def device_title(self) -> str:
        """The device and the engine as shown on screen, such as ``CPU · compiled``."""
        return f"{device_title(self.device)} · {self.engine}"

    @property
    def epoch_over(self) -> bool:
        """Whether the next update opens a new epoch."""
        return self._deck.epoch_over

    @property
    def left_in_epoch(self) -> int:
        """The updates until an epoch ends, from 1 on, if mini-batches keep their size."""
        return self._deck.left(self.experiment.mini_batch.size)

    @property
    def holds_gil(self) -> bool:
        """Whether other threads of Python have to wait while this one trains."""
        return self._engine.holds_gil

    def prepare(self) -> None:
        """Do what would make the first update wait, which may take seconds."""
        self._engine.prepare()

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

    def advance_many(self, updates: int) -> Floats:
        """Train up to so many updates in one go, without the GIL where the engine is compiled.

        Returns
        -------
        (U,)
            The mini-batch cost before each update. There are fewer than asked for where the next
            update would diverge.

        Raises
        ------
        DivergenceError
            When already the first one does. The parameters are then those before it.
        """
        costs = np.empty(updates, self.experiment.dtype)
        done = 0
        while done < updates:
            here = self._history.next_stop(self.update) - self.update
            made, diverged = self._train(costs[done : done + here])
            done += made
            if diverged is not None:
                self._replay_to(self.update)
                if not done:
                    raise DivergenceError(self.update + 1, diverged)
                break
            self._arrive()
        self._cost = costs[done - 1 : done] if done else self._cost
        return costs[:done]

    def advance_traced(self, *, totals: bool = True, surface: int = 0) -> Trace:
        """Train one update and record it.

        Parameters
        ----------
        totals
            Whether to measure the total cost before and after; a pass over all examples each.
        surface
            Points per side at which to record the outputs over the plane; 0 for none.

        Raises
        ------
        DivergenceError
            The parameters are then those before the update.
        """
        total_before = self.evaluate().cost if totals else None
        sheets_before = self._surface_sheets(surface)
        deal = self._deck.next(self.experiment.mini_batch.size)
        passed = self._pass(deal.indices)
        recording = Recording(self.network, self._optimizer, self.experiment, passed)
        cost = np.empty(1, self.experiment.dtype)
        self._refuse(self._train(cost).diverged)
        trace = Trace(
            experiment=self.experiment,
            update=self.update,
            epoch=deal.epoch,
            mini_batch=deal.mini_batch,
            mini_batches=deal.mini_batches,
            indices=deal.indices.numpy().copy(),
            order=deal.order.numpy().copy(),
            offset=deal.offset,
            inputs=copied(passed.inputs),
            targets=copied(passed.targets),
            layers=recording.layers(),
            loss_terms=copied(self._terms(passed.values, passed.targets)),
            losses=copied(self._losses(passed.values, passed.targets)),
            batch_cost=float(passed.cost),
            batch_cost_after=self._mean_cost(passed.inputs, passed.targets),
            total_cost_before=total_before,
            total_cost_after=self.evaluate().cost if totals else None,
            penalty=float(passed.penalty),
            device=self.device.type,
            dtype=self.experiment.dtype,
            surface=self._surface(surface, sheets_before),
        )
        bad = bad_state(self._optimizer) or bad_numbers(trace)
        if bad is not None:
            self.update -= 1
            self._refuse(bad)
        self._arrive()
        self._cost = cost
        return trace

    def evaluate(self, *, test: bool = False) -> Evaluation:
        """The total cost over all training (or test) examples, with the accuracy.

        An empty part costs NaN.
        """
        examples = self._test if test else self._training
        return examples.evaluate(self.network, self.experiment.loss, self.dataset.threshold)

    def adjust(self, experiment: Experiment) -> None:
        """Take up another optimizer, its settings or mini-batch size from the next update on.

        What was adjusted before at the same update leaves no trace: an optimizer tried and given
        up again finds its momentum as it was.
        """
        settings = self.experiment.with_settings_of(experiment)
        self._history.note_settings(self.update, settings)
        if _state_fits(self.experiment.optimizer, settings.optimizer):
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
        self._replay_to(update - 1)
        try:
            return self.advance_traced(totals=totals, surface=surface)
        finally:
            self._go_on_under(present)

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
        network = self._new_network(dtype or self._dtype, device or self.device)
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

    @property
    def training_examples(self) -> tuple[Tensor, Tensor]:
        """All inputs (N, n₀) and targets (N, n_L), on the device, to be read only."""
        return self._training.inputs, self._training.targets

    @property
    def free(self) -> Tensor:
        """Which of the parameters in ``network.flat`` are not frozen, (P,) bool."""
        frozen = self.experiment.network.frozen
        return torch.cat(
            [torch.full((p.numel(),), name not in frozen) for name, p in self.network.named()]
        )

    def twin(self) -> Trainer:
        """A second trainer at the same point of the same run, with the same past.

        The two share only what never changes, so nothing that one does shows in the other.
        """
        twin = copy.copy(self)
        twin._history = self._history.copy()
        twin._build()
        twin._restore(self.state())
        return twin

    def replay(self, first: int, last: int) -> Iterator[None]:
        """Train again, as it was, what lies between a keyframe at or before ``first`` and ``last``.

        Pauses at the keyframe and after each update, with the settings of that time taken up.
        """
        self._restore(self._history.before(first))
        self._take_up_changes()
        yield
        while self.update < last:
            self.advance()
            self._take_up_changes()
            yield

    def full_batch_gradient(self, network: Network) -> Iterator[float]:
        """Leave the gradient over all training examples in a network's ``flat_gradient``.

        It is that of the mean cost, regularization included, as an update's is of its mini-batch.
        Pauses on the way, with the fraction done.
        """
        n = len(self._training.inputs)
        at_once = min(max(_PRODUCTS_AT_ONCE // network.flat.numel(), 64), _EVALUATED_AT_ONCE)
        network.flat_gradient.zero_()
        penalty = losses.penalty(self.experiment.regularization, network.weights())
        for start in range(0, n, at_once):
            rows = slice(start, start + at_once)
            values = network.values(self._training.inputs[rows])
            share = self._losses(values, self._training.targets[rows]).sum() / n
            objective = share if start else share + penalty
            objective.backward()  # type: ignore[no-untyped-call]
            yield min(start + at_once, n) / n

    def full_batch_update(self) -> Iterator[None]:
        """Let the optimizer step on the full-batch gradient; the deck and the history stay.

        Pauses on the way. The settings that were taken up after as many updates of the run are
        taken up here too. What becomes infinite is not refused.
        """
        for _ in self.full_batch_gradient(self.network):
            yield
        step(self._optimizer)
        self.update += 1
        self._take_up_settings()

    def state(self) -> TrainerState:
        """Everything needed to come back here; shares nothing that training changes."""
        return TrainerState(
            self.experiment,
            self.update,
            self.network.flat.clone(),
            copy.deepcopy(self._optimizer.state_dict()) if self._optimizer else {},
            self._deck.state(),
        )

    def restore(self, state: TrainerState) -> None:
        """Come back to a state, exactly; it is then the earliest that can be gone back to."""
        self._restore(state)
        self._history = self._new_history()
        self._history.keep(state.update, state)

    def _restore(self, state: TrainerState) -> None:
        self.experiment = state.experiment
        self.update = state.update
        self.network.flat.copy_(state.parameters)
        optimizer = self._new_optimizer(state.experiment.optimizer)
        if optimizer:
            optimizer.load_state_dict(copy.deepcopy(state.optimizer))
        self._take_up(optimizer)
        self._deck.restore(state.deck)

    def _new_optimizer(self, spec: OptimizerSpec) -> torch.optim.Optimizer | None:
        return make_optimizer(spec, self._free) if self._free else None

    def _take_up(self, optimizer: torch.optim.Optimizer | None) -> None:
        """Let the engine go on with this optimizer, under the experiment's settings."""
        self._optimizer = optimizer
        self._engine.attach(self.experiment, optimizer)

    def _arrive(self) -> None:
        self._keep()
        self._take_up_edits()

    def _keep(self) -> None:
        """Keep a keyframe where one is due: the state on arrival, before any adjustment there."""
        if self._history.due(self.update):
            self._history.keep(self.update, self.state())

    def _replay_to(self, update: int) -> None:
        """Come to just after ``update``, with what was changed by hand there taken up."""
        self._restore(self._history.before(update))
        self._take_up_changes()
        while self.update < update:
            stop = min(update, self._history.next_change(self.update))
            self.advance_many(stop - self.update)
            self._take_up_changes()

    def _go_on_under(self, experiment: Experiment) -> None:
        """Let another future begin here, under these settings."""
        self._history.forget_after(self.update)
        self.adjust(experiment)

    def _take_up_settings(self) -> None:
        settings = self._history.settings_from(self.update)
        if settings is not None:
            self._apply(settings)

    def _take_up_changes(self) -> None:
        self._take_up_settings()
        self._take_up_edits()

    def _take_up_edits(self) -> None:
        for part, value in self._history.edits_at(self.update).items():
            self._set(part, value)

    @torch.no_grad()
    def _set(self, part: Weight | Neuron, value: float) -> None:
        layer = self.network.layers[part.layer - 1]
        if isinstance(part, Weight):
            layer.weight[part.target, part.source] = value
        else:
            layer.bias[part.index] = value

    def _apply(self, experiment: Experiment) -> None:
        if _state_fits(self.experiment.optimizer, experiment.optimizer):
            for group in self._optimizer.param_groups if self._optimizer else ():
                group.update(settings_of(experiment.optimizer))
            optimizer = self._optimizer
        else:
            optimizer = self._new_optimizer(experiment.optimizer)
        self.experiment = experiment
        self._take_up(optimizer)

    def _train(self, costs: Floats) -> Ran:
        """Make an update for each of ``costs``, or as many as can be made; the one way to do so.

        Where the next one diverges, the parameters are those of no update.
        """
        done = 0
        while done < len(costs):
            deals = self._deck.deal(self.experiment.mini_batch.size, len(costs) - done)
            ran = self._engine.run(deals, costs[done : done + deals.updates])
            done += ran.updates
            self.update += ran.updates
            if ran.diverged is not None:
                return Ran(done, ran.diverged)
        return Ran(done, None)

    def _pass(self, indices: Tensor) -> Pass:
        """Let autograd go forward and back over some training examples."""
        rows = indices.to(self.device)
        inputs, targets = self.training_examples
        return forward_and_back(self.network, self.experiment, inputs[rows], targets[rows])

    def _losses(self, values: LayerValues, targets: Tensor) -> Tensor:
        z, a = values[-1]
        return losses.losses(self.experiment.loss, z, a, targets)

    @torch.no_grad()
    def _terms(self, values: LayerValues, targets: Tensor) -> Tensor:
        z, a = values[-1]
        return losses.terms(self.experiment.loss, z, a, targets)

    @torch.no_grad()
    def _mean_cost(self, inputs: Tensor, targets: Tensor) -> float:
        return float(self._losses(self.network.values(inputs), targets).mean())

    def _surface_sheets(self, points: int) -> Sheets | None:
        """What every neuron says at the points of a grid over the plane, where there is one."""
        if not points or self.dataset.features is None:
            return None
        if self._surfaces is None or self._surfaces.points != points:
            self._surfaces = Surfaces(self.dataset, points, self._dtype, self.device)
        return self._surfaces.sheets(self.network)

    def _surface(self, points: int, before: Sheets | None) -> Surface | None:
        after = self._surface_sheets(points)
        if self._surfaces is None or before is None or after is None:
            return None
        return self._surfaces.surface(before, after, inner=self.inner_surfaces)

    def _refuse(self, what: str | None) -> None:
        """Go back to before the update in hand and raise, when it left a number that is none."""
        if what is not None:
            self._replay_to(self.update)
            raise DivergenceError(self.update + 1, what)


def _state_fits(old: OptimizerSpec, new: OptimizerSpec) -> bool:
    """Whether the old optimizer's state can carry on under the new settings."""
    if type(old) is not type(new):
        return False
    was, becomes = settings_of(old), settings_of(new)
    shaping = ("amsgrad", "centered", "initial_accumulator_value")
    if any(was.get(key) != becomes.get(key) for key in shaping):
        return False
    # RMSprop makes its momentum buffer only on its first step.
    return was.get("alpha") is None or bool(was["momentum"]) == bool(becomes["momentum"])
