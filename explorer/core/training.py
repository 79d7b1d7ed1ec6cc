"""Training forward: a network, its optimizer and its deck, moved on by one engine."""

from __future__ import annotations

import copy
from typing import Any

import torch
from msgspec import Struct
from torch import Tensor

from explorer.core.bell import SILENT, Bell
from explorer.core.data.dataset import Dataset, Floats
from explorer.core.device import choose_device, device_title
from explorer.core.engines import Engine, Ran
from explorer.core.engines.choice import EngineName, choose_engine, make_engine
from explorer.core.examples import Evaluation, Examples
from explorer.core.experiment import Experiment, OptimizerSpec
from explorer.core.mini_batches import Deal, Deck, DeckState
from explorer.core.network import Network
from explorer.core.optimizers import make_optimizer, settings_of
from explorer.core.part_of_network import Neuron, Weight


class TrainerState(Struct, frozen=True):
    """Everything that decides how training goes on."""

    experiment: Experiment
    update: int
    parameters: Tensor
    optimizer: dict[str, Any]
    deck: DeckState


class Training:
    """One run at one moment, and how its updates are made.

    Raises
    ------
    ExperimentError
        When the device or dtype cannot be had.
    """

    def __init__(self, experiment: Experiment, dataset: Dataset) -> None:
        self.experiment = experiment
        self.dataset = dataset
        self.device = choose_device(experiment.device, experiment.dtype)
        self.update = 0
        self._dtype: torch.dtype = getattr(torch, experiment.dtype)
        self._training = Examples(dataset.train, self._dtype, self.device)
        self._test = Examples(dataset.test, self._dtype, self.device)
        self._choice = choose_engine(experiment, self.device)
        self._build()

    def _build(self) -> None:
        """Make what training changes, as it is before the first update."""
        experiment = self.experiment
        self.network = self.new_network()
        frozen = experiment.network.frozen
        self._learned = [p for name, p in self.network.named() if name not in frozen]
        inputs, targets = self.training_examples
        self._engine: Engine = make_engine(self.engine, self.network, inputs, targets)
        self._take_up(self._new_optimizer(experiment.optimizer))
        deck = experiment.mini_batch
        self._deck = Deck(len(self.dataset.train), shuffle=deck.shuffle, seed=deck.seed)

    def new_network(
        self, dtype: torch.dtype | None = None, device: torch.device | None = None
    ) -> Network:
        """The network of the experiment as it was in the beginning.

        It is of the run's dtype and on its device, unless others are named.
        """
        spec, n_inputs = self.experiment.network, self.dataset.n_inputs
        return Network(spec, n_inputs, dtype or self._dtype, device or self.device)

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
    def holds_gil(self) -> bool:
        """Whether other threads of Python have to wait while this one trains."""
        return self._engine.holds_gil

    @property
    def epoch_over(self) -> bool:
        """Whether the next update opens a new epoch."""
        return self._deck.epoch_over

    @property
    def left_in_epoch(self) -> int:
        """The updates until an epoch ends, from 1 on, if mini-batches keep their size."""
        return self._deck.left(self.experiment.mini_batch.size)

    @property
    def optimizer(self) -> torch.optim.Optimizer | None:
        """The optimizer, which carries its state; None where everything is frozen."""
        return self._optimizer

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

    def next_deal(self) -> Deal:
        """The mini-batch that the next update will be made on."""
        return self._deck.next(self.experiment.mini_batch.size)

    def prepare(self) -> None:
        """Do what would make the first update wait, which may take seconds."""
        self._engine.prepare()

    def evaluate(self, *, test: bool = False, network: Network | None = None) -> Evaluation:
        """The total cost over all training (or test) examples, with the accuracy.

        It is that of the run's network as it is now, unless another is named. An empty part costs
        NaN.
        """
        examples = self._test if test else self._training
        return examples.evaluate(
            network or self.network, self.experiment.loss, self.dataset.threshold
        )

    def state(self) -> TrainerState:
        """Everything needed to come back here; shares nothing that training changes."""
        return TrainerState(
            self.experiment,
            self.update,
            self.network.flat.clone(),
            copy.deepcopy(self._optimizer.state_dict()) if self._optimizer else {},
            self._deck.state(),
        )

    def _come_back(self, state: TrainerState) -> None:
        self.experiment = state.experiment
        self.update = state.update
        self.network.flat.copy_(state.parameters)
        optimizer = self._new_optimizer(state.experiment.optimizer)
        if optimizer:
            optimizer.load_state_dict(copy.deepcopy(state.optimizer))
        self._take_up(optimizer)
        self._deck.restore(state.deck)

    def _train(self, costs: Floats, bell: Bell = SILENT) -> Ran:
        """Make an update for each of ``costs``, or as many as can be made; the one way to do so.

        Where the next one diverges, the parameters are those of no update. There is an early end,
        after one update at least, when the bell has rung.
        """
        done = 0
        while done < len(costs) and not (done and bell.rung):
            ran = self._engine.run(self._deck, costs[done:], bell)
            done += ran.updates
            self.update += ran.updates
            if ran.diverged is not None:
                return Ran(done, ran.diverged)
        return Ran(done, None)

    def _apply(self, experiment: Experiment) -> None:
        """Go on under these settings, with what the optimizer carries if that fits them."""
        optimizer = self._optimizer
        if not state_fits(self.experiment.optimizer, experiment.optimizer):
            optimizer = self._new_optimizer(experiment.optimizer)
        elif optimizer is not None:
            optimizer.param_groups[0].update(settings_of(experiment.optimizer))
        self.experiment = experiment
        self._take_up(optimizer)

    @torch.no_grad()
    def _set(self, part: Weight | Neuron, value: float) -> None:
        layer = self.network.layers[part.layer - 1]
        if isinstance(part, Weight):
            layer.weight[part.target, part.source] = value
        else:
            layer.bias[part.index] = value

    def _new_optimizer(self, spec: OptimizerSpec) -> torch.optim.Optimizer | None:
        return make_optimizer(spec, self._learned) if self._learned else None

    def _take_up(self, optimizer: torch.optim.Optimizer | None) -> None:
        """Let the engine go on with this optimizer, under the experiment's settings."""
        self._optimizer = optimizer
        self._engine.attach(self.experiment, optimizer)


def state_fits(old: OptimizerSpec, new: OptimizerSpec) -> bool:
    """Whether the old optimizer's state can carry on under the new settings."""
    if type(old) is not type(new):
        return False
    was, becomes = settings_of(old), settings_of(new)
    shaping = ("amsgrad", "centered", "initial_accumulator_value")
    if any(was.get(key) != becomes.get(key) for key in shaping):
        return False
    # RMSprop makes its momentum buffer only on its first step.
    return was.get("alpha") is None or bool(was["momentum"]) == bool(becomes["momentum"])
