"""Training: mini-batches, updates, traces, and the way back.

However a run is driven (stepped, played, replayed, from the window or the command line), every
update is made by :meth:`Trainer._update`, so its numbers are the same bit for bit.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from explorer.core import losses
from explorer.core.data.dataset import Dataset, Floats, Part, decide
from explorer.core.device import choose_device, device_title
from explorer.core.divergence import DivergenceError, bad_numbers, bad_state, bad_update
from explorer.core.experiment import Experiment, OptimizerSpec
from explorer.core.history import History
from explorer.core.mini_batches import Deal, Deck, DeckState
from explorer.core.network import LayerValues, Network
from explorer.core.optimizers import make_optimizer, settings_of
from explorer.core.part_of_network import Neuron, Weight
from explorer.core.surfaces import Sheets, Surfaces
from explorer.core.trace import Carried, LayerTrace, Surface, Trace

_EVALUATED_AT_ONCE = 8192  # examples; bounds the memory of a pass over all of them
_PRODUCTS_AT_ONCE = 2**25  # of a full-batch gradient, between two pauses


class Evaluation(NamedTuple):
    """Mean cost over a part of the data, and the share of right answers where it has classes."""

    cost: float
    accuracy: float | None


@dataclass(frozen=True)
class TrainerState:
    """Everything that decides how training goes on."""

    experiment: Experiment
    update: int
    parameters: Tensor
    optimizer: dict[str, Any]
    deck: DeckState


@dataclass
class _Pass:
    """What one update leaves behind for the trace."""

    deal: Deal
    inputs: Tensor
    targets: Tensor
    values: LayerValues
    cost: Tensor
    penalty: Tensor
    stepped: bool


class _Examples:
    """A part of the data on the device, in the run's dtype."""

    def __init__(self, part: Part, dtype: torch.dtype, device: torch.device) -> None:
        self.inputs = torch.tensor(part.inputs, dtype=dtype, device=device)
        self.targets = torch.tensor(part.targets, dtype=dtype, device=device)
        self.classes = part.classes


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
        self._train = _Examples(dataset.train, dtype, self.device)
        self._test = _Examples(dataset.test, dtype, self.device)
        self._dtype = dtype
        self.inner_surfaces = False  # whether traces also hold what hidden neurons say
        self._surfaces: Surfaces | None = None
        self._history: History[TrainerState] = History()
        self.update = 0
        self._build()
        self._keep()

    def _build(self) -> None:
        """Make what training changes, as it is before the first update."""
        experiment = self.experiment
        self.network = self._new_network(self._dtype, self.device)
        self._free = [
            p for name, p in self.network.named() if name not in experiment.network.frozen
        ]
        self._optimizer = self._new_optimizer(experiment.optimizer)
        deck = experiment.mini_batch
        self._deck = Deck(len(self.dataset.train), shuffle=deck.shuffle, seed=deck.seed)

    def _new_network(self, dtype: torch.dtype, device: torch.device) -> Network:
        return Network(self.experiment.network, self.dataset.n_inputs, dtype, device)

    @property
    def note(self) -> str:
        """What the user should know about how this run is trained; empty when nothing."""
        if self.experiment.engine == "compiled":
            return "the compiled engine is not part of this version; torch trains this run"
        return ""

    @property
    def device_title(self) -> str:
        """The device as shown on screen."""
        return device_title(self.device)

    @property
    def epoch_over(self) -> bool:
        """Whether the next update opens a new epoch."""
        return self._deck.epoch_over

    def advance(self) -> float:
        """Train one update; returns the mini-batch cost before it.

        Raises
        ------
        DivergenceError
            The parameters are then those before the update.
        """
        done = self._update()
        self._refuse(self._what_diverged(done))
        self._arrive()
        return float(done.cost)

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
        before = self._parameters_now()
        carried = self._carried_now()
        done = self._update()
        self._refuse(self._what_diverged(done))
        after = self._parameters_now()
        trace = Trace(
            experiment=self.experiment,
            update=self.update + 1,
            epoch=done.deal.epoch,
            mini_batch=done.deal.mini_batch,
            mini_batches=done.deal.mini_batches,
            indices=done.deal.indices.numpy().copy(),
            order=done.deal.order.numpy().copy(),
            offset=done.deal.offset,
            inputs=_copied(done.inputs),
            targets=_copied(done.targets),
            layers=self._layer_traces(done, before, after, carried),
            loss_terms=_copied(self._terms(done.values, done.targets)),
            losses=_copied(self._losses(done.values, done.targets)),
            batch_cost=float(done.cost),
            batch_cost_after=self._mean_cost(done.inputs, done.targets),
            total_cost_before=total_before,
            total_cost_after=self.evaluate().cost if totals else None,
            penalty=float(done.penalty),
            device=self.device.type,
            dtype=self.experiment.dtype,
            surface=self._surface(surface, sheets_before),
        )
        self._refuse(bad_state(self._optimizer) or bad_numbers(trace))
        self._arrive()
        return trace

    @torch.no_grad()
    def evaluate(self, *, test: bool = False) -> Evaluation:
        """The total cost over all training (or test) examples, with the accuracy.

        An empty part costs NaN.
        """
        examples = self._test if test else self._train
        n = len(examples.inputs)
        if not n:
            return Evaluation(float("nan"), None)
        total, right = 0.0, 0
        for start in range(0, n, _EVALUATED_AT_ONCE):
            rows = slice(start, start + _EVALUATED_AT_ONCE)
            targets = examples.targets[rows]
            values = self.network.values(examples.inputs[rows])
            total += float(self._losses(values, targets).sum())
            if examples.classes is not None:
                said = decide(_copied(values[-1][1]), self.dataset.threshold)
                right += int((said == examples.classes[rows]).sum())
        return Evaluation(total / n, None if examples.classes is None else right / n)

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
        return self._train.inputs, self._train.targets

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
        n = len(self._train.inputs)
        at_once = min(max(_PRODUCTS_AT_ONCE // network.flat.numel(), 64), _EVALUATED_AT_ONCE)
        network.flat_gradient.zero_()
        penalty = losses.penalty(self.experiment.regularization, network.weights())
        for start in range(0, n, at_once):
            rows = slice(start, start + at_once)
            values = network.values(self._train.inputs[rows])
            share = self._losses(values, self._train.targets[rows]).sum() / n
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
        self._step()
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
        self._history = History()
        self._history.keep(state.update, state)

    def _restore(self, state: TrainerState) -> None:
        self.experiment = state.experiment
        self.update = state.update
        self.network.flat.copy_(state.parameters)
        self._optimizer = self._new_optimizer(state.experiment.optimizer)
        if self._optimizer:
            self._optimizer.load_state_dict(copy.deepcopy(state.optimizer))
        self._deck.restore(state.deck)

    def _new_optimizer(self, spec: OptimizerSpec) -> torch.optim.Optimizer | None:
        return make_optimizer(spec, self._free) if self._free else None

    def _arrive(self) -> None:
        self.update += 1
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
        else:
            self._optimizer = self._new_optimizer(experiment.optimizer)
        self.experiment = experiment

    def _update(self) -> _Pass:
        """The one update: forward, cost, backward, optimizer step."""
        deal = self._deck.deal(self.experiment.mini_batch.size)
        rows = deal.indices.to(self.device)
        inputs, targets = self._train.inputs[rows], self._train.targets[rows]
        self.network.flat_gradient.zero_()
        values = self.network.values(inputs)
        for z, a in values:
            z.retain_grad()
            a.retain_grad()
        cost = self._losses(values, targets).mean()
        penalty = losses.penalty(self.experiment.regularization, self.network.weights())
        (cost + penalty).backward()  # type: ignore[no-untyped-call]
        return _Pass(deal, inputs, targets, values, cost.detach(), penalty.detach(), self._step())

    def _step(self) -> bool:
        """Let the optimizer move the parameters; whether every factor of its own was finite."""
        try:
            if self._optimizer:
                self._optimizer.step()
        except RuntimeError as error:  # so torch refuses a learning rate of 1e39 for float32
            if "without overflow" not in str(error):
                raise
            return False
        return True

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

    def _parameters_now(self) -> list[tuple[Floats, Floats]]:
        return [(_copied(x.weight), _copied(x.bias)) for x in self.network.layers]

    def _carried_now(self) -> dict[Tensor, dict[str, Floats]]:
        """What the optimizer carries for each parameter, without its count of steps."""
        states = self._optimizer.state if self._optimizer else {}
        return {
            parameter: {
                name: _copied(value)
                for name, value in state.items()
                if isinstance(value, Tensor) and value.shape == parameter.shape
            }
            for parameter, state in states.items()
        }

    def _layer_traces(
        self,
        done: _Pass,
        before: list[tuple[Floats, Floats]],
        after: list[tuple[Floats, Floats]],
        carried: dict[Tensor, dict[str, Floats]],
    ) -> tuple[LayerTrace, ...]:
        size = len(done.inputs)
        carried_after = self._carried_now()

        def carried_by(parameter: Tensor) -> tuple[Carried, ...]:
            earlier = carried.get(parameter, {})
            return tuple(
                Carried(name, earlier.get(name, np.zeros_like(now)), now)
                for name, now in carried_after.get(parameter, {}).items()
            )

        traces = []
        for index, (layer, (z, a)) in enumerate(zip(self.network.layers, done.values, strict=True)):
            output = index == len(done.values) - 1
            if output and self.experiment.loss in losses.FROM_Z:
                by_activation = losses.activation_gradient(self.experiment.loss, a, done.targets)
            else:
                assert a.grad is not None
                by_activation = a.grad * size  # torch differentiates the mean over the batch
            assert z.grad is not None
            assert layer.weight.grad is not None
            assert layer.bias.grad is not None
            traces.append(
                LayerTrace(
                    z=_copied(z),
                    activation=_copied(a),
                    delta=_copied(z.grad * size),
                    activation_gradient=_copied(by_activation),
                    weight_before=before[index][0],
                    weight_gradient=_copied(layer.weight.grad),
                    weight_after=after[index][0],
                    bias_before=before[index][1],
                    bias_gradient=_copied(layer.bias.grad),
                    bias_after=after[index][1],
                    weight_carried=carried_by(layer.weight),
                    bias_carried=carried_by(layer.bias),
                )
            )
        return tuple(traces)

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

    def _what_diverged(self, done: _Pass) -> str | None:
        cost = done.cost + done.penalty
        zs = [z for z, _ in done.values]
        return bad_update(self.network, self._optimizer, cost, zs, stepped=done.stepped)


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


def _copied(tensor: Tensor) -> Floats:
    """A copy in numpy; ``.numpy()`` alone would share memory with the live tensor."""
    return np.array(tensor.detach().cpu().numpy(), copy=True)
