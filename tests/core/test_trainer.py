from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from msgspec.structs import replace
from sklearn.metrics import accuracy_score
from torch import Tensor, nn

from explorer.core.data.load import load
from explorer.core.defaults import default_experiment
from explorer.core.experiment import (
    Adagrad,
    Adam,
    AdamW,
    Builtin,
    Experiment,
    ExperimentError,
    Initial,
    MiniBatch,
    OptimizerSpec,
    Regularization,
    RmsProp,
    Sgd,
)
from explorer.core.trace import Trace
from explorer.core.trainer import DivergenceError, Trainer, TrainerState

TrainerOf = Callable[..., Trainer]
MODULES = {
    "linear": nn.Identity,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "softmax": lambda: nn.Softmax(dim=1),
}


class PlainLoop:
    """The training loop as a PyTorch tutorial has it, from the same seeds."""

    def __init__(
        self,
        experiment: Experiment,
        make: Callable[[list[nn.Parameter]], torch.optim.Optimizer],
        cost: Callable[[Tensor, Tensor], Tensor],
    ) -> None:
        data = load(experiment).train
        dtype = getattr(torch, experiment.dtype)
        self.inputs = torch.tensor(data.inputs, dtype=dtype)
        self.targets = torch.tensor(data.targets, dtype=dtype)
        self.size = experiment.mini_batch.size
        self.deck = torch.Generator().manual_seed(experiment.mini_batch.seed)
        self.model = nn.Sequential()
        drawn = torch.Generator().manual_seed(experiment.network.initial.seed)
        before = self.inputs.shape[1]
        for layer in experiment.network.layers:
            linear = nn.Linear(before, layer.units, dtype=dtype)
            nn.init.xavier_uniform_(linear.weight, generator=drawn)
            nn.init.zeros_(linear.bias)
            self.model.extend([linear, MODULES[layer.activation]()])
            before = layer.units
        self.optimizer = make(list(self.model.parameters()))
        self.cost = cost

    def train(self, updates: int) -> None:
        done = 0
        while True:
            order = torch.randperm(len(self.inputs), generator=self.deck)
            for rows in order.split(self.size):
                if done == updates:
                    return
                self.optimizer.zero_grad()
                self.cost(self.model(self.inputs[rows]), self.targets[rows]).backward()
                self.optimizer.step()
                done += 1

    @property
    def flat(self) -> Tensor:
        return torch.cat([p.detach().reshape(-1) for p in self.model.parameters()])


def half_squared_error(outputs: Tensor, targets: Tensor) -> Tensor:
    return (0.5 * (outputs - targets) ** 2).sum(dim=1).mean()


OPTIMIZERS: list[tuple[OptimizerSpec, Callable[[list[nn.Parameter]], torch.optim.Optimizer]]] = [
    (Sgd(learning_rate=0.1), lambda p: torch.optim.SGD(p, lr=0.1)),
    (
        Sgd(learning_rate=0.1, momentum=0.9),
        lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    ),
    (
        Sgd(learning_rate=0.1, momentum=0.9, nesterov=True),
        lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    ),
    (
        Sgd(learning_rate=0.1, momentum=0.8, dampening=0.3, weight_decay=0.01),
        lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.8, dampening=0.3, weight_decay=0.01),
    ),
    (Adam(), torch.optim.Adam),
    (
        Adam(learning_rate=0.01, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1, amsgrad=True),
        lambda p: torch.optim.Adam(
            p, lr=0.01, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1, amsgrad=True
        ),
    ),
    (AdamW(), torch.optim.AdamW),
    (
        AdamW(learning_rate=0.01, weight_decay=0.2),
        lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.2),
    ),
    (RmsProp(), torch.optim.RMSprop),
    (
        RmsProp(alpha=0.9, momentum=0.5, centered=True, weight_decay=0.01),
        lambda p: torch.optim.RMSprop(p, alpha=0.9, momentum=0.5, centered=True, weight_decay=0.01),
    ),
    (Adagrad(), torch.optim.Adagrad),
    (
        Adagrad(learning_rate=0.1, lr_decay=0.01, initial_accumulator_value=0.5),
        lambda p: torch.optim.Adagrad(p, lr=0.1, lr_decay=0.01, initial_accumulator_value=0.5),
    ),
]


class TestAgainstAPlainLoop:
    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    @pytest.mark.parametrize(("spec", "make"), OPTIMIZERS)
    def test_50_updates_are_equal_bit_for_bit(
        self, experiment_of: Any, trainer_of: TrainerOf, spec: Any, make: Any, dtype: str
    ) -> None:
        experiment = experiment_of(
            ((4, "relu"), (3, "sigmoid"), (1, "tanh")), optimizer=spec, dtype=dtype, engine="torch"
        )
        trainer = trainer_of(experiment)
        loop = PlainLoop(experiment, make, half_squared_error)
        assert torch.equal(trainer.network.flat, loop.flat)
        for _ in range(50):
            trainer.advance()
        loop.train(50)
        assert trainer.update == 50
        assert torch.equal(trainer.network.flat, loop.flat)

    @pytest.mark.parametrize(
        ("loss", "output", "cost"),
        [
            ("mean_squared_error", "linear", nn.MSELoss()),
            ("binary_cross_entropy", "sigmoid", nn.BCELoss()),
            ("cross_entropy", "softmax", lambda a, y: -(y * a.log()).sum(dim=1).mean()),
        ],
    )
    def test_other_losses_lead_to_the_same_parameters(
        self, experiment_of: Any, trainer_of: TrainerOf, loss: str, output: str, cost: Any
    ) -> None:
        experiment = experiment_of(
            ((4, "tanh"), (2 if output == "softmax" else 1, output)),
            loss=loss,
            optimizer=Sgd(learning_rate=0.1),
            dtype="float64",
        )
        trainer = trainer_of(experiment)
        loop = PlainLoop(experiment, lambda p: torch.optim.SGD(p, lr=0.1), cost)
        for _ in range(100):
            trainer.advance()
        loop.train(100)
        assert trainer.network.flat.numpy() == pytest.approx(loop.flat.numpy(), rel=1e-9)

    @pytest.mark.parametrize("kind", ["l1", "l2"])
    def test_regularization_pulls_on_weights_and_not_on_biases(
        self, experiment_of: Any, trainer_of: TrainerOf, kind: str
    ) -> None:
        experiment = experiment_of(
            regularization=Regularization(kind, 0.05),
            optimizer=Sgd(learning_rate=0.1),
            dtype="float64",
        )
        loop = PlainLoop(experiment, lambda p: torch.optim.SGD(p, lr=0.1), half_squared_error)

        def cost(outputs: Tensor, targets: Tensor) -> Tensor:
            weights = [m.weight for m in loop.model if isinstance(m, nn.Linear)]
            pull = sum((w.abs() if kind == "l1" else 0.5 * w**2).sum() for w in weights)
            return half_squared_error(outputs, targets) + 0.05 * pull

        loop.cost = cost
        trainer = trainer_of(experiment)
        for _ in range(50):
            trainer.advance()
        loop.train(50)
        assert trainer.network.flat.numpy() == pytest.approx(loop.flat.numpy(), rel=1e-9)

    def test_the_cost_returned_is_that_before_the_update(self, trainer_of: TrainerOf) -> None:
        one, two = trainer_of(), trainer_of()
        for _ in range(12):
            cost = one.advance()
            assert cost == one.cost
            assert cost == pytest.approx(two.advance_traced().batch_cost, rel=1e-6)
            assert two.cost == cost


class TestMazur:
    """The numbers of "A Step by Step Backpropagation Example" (Matt Mazur, 2015)."""

    trainer: Trainer

    @pytest.fixture
    def trace(self) -> Trace:
        experiment = default_experiment("mazur")
        self.trainer = Trainer(experiment, load(experiment))
        return self.trainer.advance_traced()

    def test_forward(self, trace: Trace) -> None:
        hidden, output = trace.layers
        assert hidden.z[0, 0] == pytest.approx(0.3775, abs=1e-12)
        assert hidden.activation[0] == pytest.approx([0.593269992, 0.596884378], abs=5e-10)
        assert output.z[0, 0] == pytest.approx(1.105905967, abs=5e-10)
        assert output.activation[0] == pytest.approx([0.75136507, 0.772928465], abs=5e-9)

    def test_cost(self, trace: Trace) -> None:
        assert trace.loss_terms[0] == pytest.approx([0.274811083, 0.023560026], abs=1e-9)
        assert trace.batch_cost == pytest.approx(0.298371109, abs=5e-10)
        assert trace.losses == pytest.approx([0.298371109], abs=5e-10)
        assert trace.total_cost_before == trace.batch_cost
        assert trace.total_cost_after == trace.batch_cost_after

    def test_backward(self, trace: Trace) -> None:
        hidden, output = trace.layers
        assert output.activation_gradient[0, 0] == pytest.approx(0.74136507, abs=5e-9)
        assert output.delta[0] == pytest.approx([0.138498562, -0.038098236], abs=5e-9)
        assert output.weight_gradient[0, 0] == pytest.approx(0.082167041, abs=5e-10)
        assert hidden.activation_gradient[0, 0] == pytest.approx(0.036350306, abs=5e-9)
        assert hidden.weight_gradient[0, 0] == pytest.approx(0.000438568, abs=5e-10)

    def test_update(self, trace: Trace) -> None:
        hidden, output = trace.layers
        assert output.weight_after.ravel() == pytest.approx(
            [0.35891648, 0.408666186, 0.511301270, 0.561370121], abs=5e-9
        )
        assert hidden.weight_after.ravel() == pytest.approx(
            [0.149780716, 0.19956143, 0.24975114, 0.29950229], abs=5e-9
        )
        assert trace.batch_cost_after < trace.batch_cost

    def test_his_biases_stay(self, trace: Trace) -> None:
        for layer, bias in zip(trace.layers, (0.35, 0.60), strict=True):
            assert layer.bias_before.tolist() == layer.bias_after.tolist() == [bias, bias]
            assert layer.bias_gradient.all()


class TestMiniBatches:
    def test_traces_say_which_examples_were_dealt(self, trainer_of: TrainerOf) -> None:
        trainer = trainer_of()  # 23 examples in mini-batches of 5
        generator = torch.Generator().manual_seed(11)
        inputs = trainer.dataset.train.inputs.astype(np.float32)
        for epoch in (1, 2, 3):
            order = torch.randperm(23, generator=generator)
            for number, rows in enumerate(order.split(5), start=1):
                trace = trainer.advance_traced()
                assert trace.indices.tolist() == rows.tolist()
                assert trace.order.tolist() == order.tolist()
                assert trace.offset == 5 * (number - 1)
                assert (trace.epoch, trace.mini_batch, trace.mini_batches) == (epoch, number, 5)
                assert np.array_equal(trace.inputs, inputs[rows.numpy()])
                assert trainer.epoch_over == (number == 5)

    def test_each_update_averages_over_its_own_examples_and_no_others(
        self, trainer_of: TrainerOf
    ) -> None:
        """Also the last, smaller mini-batch; nothing of an earlier gradient is left in it."""
        trainer = trainer_of(dtype="float64", optimizer=Adam(learning_rate=0.05))
        sizes = set()
        for _ in range(12):
            trace = trainer.advance_traced()
            sizes.add(trace.batch_size)
            tensors = [
                torch.tensor(values, requires_grad=True)
                for layer in trace.layers
                for values in (layer.weight_before, layer.bias_before)
            ]
            w1, b1, w2, b2 = tensors
            outputs = torch.tanh(torch.tanh(torch.tensor(trace.inputs) @ w1.T + b1) @ w2.T + b2)
            half_squared_error(outputs, torch.tensor(trace.targets)).backward()
            recorded = [
                values
                for layer in trace.layers
                for values in (layer.weight_gradient, layer.bias_gradient)
            ]
            for tensor, found in zip(tensors, recorded, strict=True):
                assert found == pytest.approx(tensor.grad.numpy(), rel=1e-9, abs=1e-12)
        assert sizes == {5, 3}

    def test_a_mini_batch_may_be_larger_than_the_data(self, trainer_of: TrainerOf) -> None:
        trainer = trainer_of(size=1000)
        for epoch in (1, 2):
            trace = trainer.advance_traced()
            assert (trace.batch_size, trace.epoch, trace.mini_batches) == (23, epoch, 1)
            assert trace.total_cost_before == pytest.approx(trace.batch_cost, rel=1e-6)

    def test_another_batch_size_takes_effect_within_the_epoch(self, trainer_of: TrainerOf) -> None:
        trainer = trainer_of()
        first = trainer.advance_traced()
        bigger = replace(trainer.experiment.mini_batch, size=8)
        trainer.adjust(replace(trainer.experiment, mini_batch=bigger))
        rest = [trainer.advance_traced() for _ in range(3)]
        assert [t.batch_size for t in rest] == [8, 8, 2]
        assert [t.offset for t in rest] == [5, 13, 21]
        assert all(t.epoch == 1 and t.mini_batches == 4 for t in rest)
        dealt = [i for t in (first, *rest) for i in t.indices.tolist()]
        assert dealt == first.order.tolist()


class TestFrozen:
    @pytest.mark.parametrize("spec", [Sgd(learning_rate=0.1, momentum=0.9), AdamW()])
    def test_frozen_parameters_stay_and_the_others_learn(
        self, experiment_of: Any, trainer_of: TrainerOf, spec: OptimizerSpec
    ) -> None:
        experiment = experiment_of(
            ((4, "tanh"), (1, "tanh")),
            frozen=("weight1", "bias2"),
            optimizer=spec,
            engine="torch",
        )
        trainer = trainer_of(experiment)
        for _ in range(30):
            trace = trainer.advance_traced(totals=False)
            hidden, output = trace.layers
            assert not hidden.weight_change.any()
            assert not output.bias_change.any()
            assert hidden.bias_change.any()
            assert output.weight_change.any()
            assert hidden.weight_gradient.any()  # what it would ask for is still seen

        def free(parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
            learned = [parameters[1], parameters[2]]
            if isinstance(spec, Sgd):
                return torch.optim.SGD(learned, lr=0.1, momentum=0.9)
            return torch.optim.AdamW(learned)

        loop = PlainLoop(experiment, free, half_squared_error)
        loop.model[0].weight.requires_grad_(False)
        loop.model[2].bias.requires_grad_(False)
        loop.train(30)
        assert torch.equal(trainer.network.flat, loop.flat)

    @pytest.mark.parametrize("spec", [Sgd(), Adam(), AdamW(), RmsProp(), Adagrad()])
    def test_all_frozen_still_runs_and_nothing_moves(
        self, trainer_of: TrainerOf, spec: OptimizerSpec, assert_same_state: Any
    ) -> None:
        frozen = ("weight1", "bias1", "weight2", "bias2")
        trainer = trainer_of(frozen=frozen, optimizer=spec, regularization=Regularization("l2", 1))
        start = trainer.network.flat.clone()
        for _ in range(7):
            trainer.advance()
        trace = trainer.advance_traced()
        assert torch.equal(trainer.network.flat, start)
        assert trace.batch_cost == trace.batch_cost_after
        assert all(layer.weight_gradient.any() for layer in trace.layers)
        trainer.adjust(replace(trainer.experiment, optimizer=Adam(learning_rate=1.0)))
        trainer.advance()
        state = trainer.state()
        trainer.rewind_to(3)
        for _ in range(6):
            trainer.advance()
        assert_same_state(trainer.state(), state)


class TestTraceIsLasting:
    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_it_survives_what_training_does_next(
        self, trainer_of: TrainerOf, arrays_of: Any, dtype: str
    ) -> None:
        trainer = trainer_of(dtype=dtype, optimizer=Sgd(learning_rate=0.5))
        trace = trainer.advance_traced(surface=4)
        kept = copy.deepcopy([values.copy() for _, values in arrays_of(trace)])
        plain = json.dumps(trace.plain())
        for _ in range(6):
            trainer.advance_traced(surface=4)
        trainer.network.flat.zero_()
        trainer.network.flat_gradient.fill_(7)
        for (name, values), before in zip(arrays_of(trace), kept, strict=True):
            assert np.array_equal(values, before), name
        assert json.dumps(trace.plain()) == plain

    def test_its_arrays_are_read_only_and_its_own(
        self, trainer_of: TrainerOf, arrays_of: Any
    ) -> None:
        trainer = trainer_of()
        trace = trainer.advance_traced(surface=3)
        live = trainer.network.flat.numpy(), trainer.network.flat_gradient.numpy()
        names = set()
        for name, values in arrays_of(trace):
            names.add(name)
            assert not values.flags.writeable, name
            assert not any(np.shares_memory(values, memory) for memory in live), name
            with pytest.raises(ValueError, match="read-only"):
                values[...] = 0
        assert {"indices", "weight_before", "bias_gradient", "losses", "after"} <= names

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_its_numbers_have_the_dtype_of_the_run(
        self, trainer_of: TrainerOf, arrays_of: Any, dtype: str
    ) -> None:
        trace = trainer_of(dtype=dtype).advance_traced(surface=3)
        assert trace.dtype == dtype
        for name, values in arrays_of(trace):
            assert values.dtype == (np.int64 if name in ("indices", "order") else dtype), name

    def test_consecutive_traces_hang_together(self, trainer_of: TrainerOf) -> None:
        trainer = trainer_of()
        before = trainer.advance_traced()
        for _ in range(8):
            trace = trainer.advance_traced()
            assert trace.update == before.update + 1
            assert trace.total_cost_before == before.total_cost_after
            for layer, earlier in zip(trace.layers, before.layers, strict=True):
                assert np.array_equal(layer.weight_before, earlier.weight_after)
                assert np.array_equal(layer.bias_before, earlier.bias_after)
            before = trace

    def test_loss_terms_sum_to_the_losses_and_these_average_to_the_cost(
        self, trainer_of: TrainerOf
    ) -> None:
        for loss, output in (
            ("squared_error", (2, "sigmoid")),
            ("mean_squared_error", (2, "linear")),
            ("binary_cross_entropy", (2, "sigmoid")),
            ("cross_entropy", (2, "softmax")),
        ):
            trace = trainer_of(((3, "tanh"), output), loss=loss, dtype="float64").advance_traced()
            assert trace.loss_terms.shape == (5, 2)
            assert trace.losses == pytest.approx(trace.loss_terms.sum(axis=1), rel=1e-12)
            assert trace.batch_cost == pytest.approx(trace.losses.mean(), rel=1e-12)

    def test_totals_are_left_out_when_not_asked_for(self, trainer_of: TrainerOf) -> None:
        trace = trainer_of().advance_traced(totals=False)
        assert trace.total_cost_before is None
        assert trace.total_cost_after is None
        assert trace.surface is None


def forward(trace: Trace, inputs: np.ndarray, *, after: bool) -> np.ndarray:
    """A tanh network with the trace's parameters, in numpy."""
    a = inputs
    for layer in trace.layers:
        weight = layer.weight_after if after else layer.weight_before
        bias = layer.bias_after if after else layer.bias_before
        a = np.tanh(a @ weight.T + bias)
    return a


class TestSurface:
    def test_is_the_network_on_a_grid_from_the_lower_left(self, trainer_of: TrainerOf) -> None:
        data = Builtin(name="xor", examples=30, features=("x", "xy", "sin(y)"))
        trainer = trainer_of(((4, "tanh"), (1, "tanh")), data=data, dtype="float64")
        trace = trainer.advance_traced(surface=7)
        surface = trace.surface
        assert surface is not None
        assert surface.extent == trainer.dataset.extent
        assert surface.before.shape == surface.after.shape == (1, 7, 7)
        side = np.linspace(-surface.extent, surface.extent, 7)
        for row, y in enumerate(side):
            for column, x in enumerate(side):
                inputs = np.array([[x, x * y, np.sin(y)]])
                for values, after in ((surface.before, False), (surface.after, True)):
                    expected = forward(trace, inputs, after=after)[0, 0]
                    assert values[0, row, column] == pytest.approx(expected, rel=1e-12)

    def test_has_a_sheet_for_every_output(self, trainer_of: TrainerOf) -> None:
        trace = trainer_of(((3, "relu"), (2, "softmax")), loss="cross_entropy").advance_traced(
            surface=5
        )
        assert trace.surface is not None
        assert trace.surface.before.shape == (2, 5, 5)
        assert trace.surface.after.sum(axis=0) == pytest.approx(np.ones((5, 5)), rel=1e-6)

    def test_there_is_none_beyond_the_plane(self, trainer_of: TrainerOf) -> None:
        trainer = trainer_of(((3, "softmax"),), data=Builtin(name="iris"), loss="cross_entropy")
        assert trainer.advance_traced(surface=5).surface is None


class TestEvaluate:
    def outputs(self, trainer: Trainer, inputs: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            values = torch.tensor(inputs, dtype=trainer.network.flat.dtype)
            return trainer.network(values).numpy()

    @pytest.mark.parametrize("test", [False, True])
    @pytest.mark.parametrize(
        ("output", "threshold"), [((1, "tanh"), 0), ((1, "sigmoid"), 0.5), ((2, "tanh"), None)]
    )
    def test_accuracy_and_cost_over_a_whole_part(
        self, trainer_of: TrainerOf, output: Any, threshold: float | None, test: bool
    ) -> None:
        data = Builtin(name="blobs", examples=151, noise=0.6, test_fraction=0.4)
        trainer = trainer_of(
            ((3, "tanh"), output),
            data=data,
            loss="mean_squared_error",
            optimizer=Sgd(learning_rate=0.3),
        )
        for _ in range(40):
            trainer.advance()
        part = trainer.dataset.test if test else trainer.dataset.train
        outputs = self.outputs(trainer, part.inputs)
        said = outputs[:, -1] > (outputs[:, 0] if threshold is None else threshold)
        found = trainer.evaluate(test=test)
        assert found.accuracy == accuracy_score(part.classes, said)
        assert 0.5 < found.accuracy < 1
        expected = nn.MSELoss()(torch.tensor(outputs).double(), torch.tensor(part.targets))
        assert found.cost == pytest.approx(expected.item(), rel=1e-6)

    def test_many_examples_are_evaluated_in_pieces(self, trainer_of: TrainerOf) -> None:
        data = Builtin(name="circles", examples=20_001, noise=0.1, test_fraction=0.0)
        trainer = trainer_of(data=data, dtype="float64")
        part = trainer.dataset.train
        outputs = self.outputs(trainer, part.inputs)
        found = trainer.evaluate()
        expected = (0.5 * (outputs - part.targets) ** 2).sum(axis=1).mean()
        assert found.cost == pytest.approx(expected, rel=1e-12)
        assert found.accuracy == accuracy_score(part.classes, outputs[:, 0] > 0)

    def test_an_empty_part_costs_nothing_known(self, trainer_of: TrainerOf) -> None:
        trainer = trainer_of(data=Builtin(name="xor", examples=10, test_fraction=0.0))
        cost, accuracy = trainer.evaluate(test=True)
        assert np.isnan(cost)
        assert accuracy is None

    def test_numbers_have_no_accuracy(self, trainer_of: TrainerOf, inline: Any) -> None:
        data = inline([[1, 2], [3, 4]], [[0.3], [7]])
        assert trainer_of(((1, "linear"),), data=data).evaluate().accuracy is None

    def test_evaluating_changes_nothing(
        self, trainer_of: TrainerOf, assert_same_state: Any
    ) -> None:
        one, two = trainer_of(optimizer=Adam()), trainer_of(optimizer=Adam())
        for _ in range(9):
            one.evaluate()
            one.evaluate(test=True)
            one.advance()
            two.advance()
        assert_same_state(one.state(), two.state())


# Each made so that the named tensor is the first to leave the finite numbers, in update 1.
DIVERGING: dict[str, dict[str, Any]] = {
    "the cost": {"input": 1e15, "weights": (1e15, 1.0)},
    "z of layer 1": {"input": 1e30, "weights": (1e30, 1.0), "hidden": "tanh"},
    "the gradient of weight1": {"input": 1e30, "target": 1e15, "weights": (1e-30, 1.0)},
    "the gradient of weight2": {"input": 1e25, "target": 1e15, "weights": (1.0, 1e-25)},
    "a factor in the optimizer's step": {"optimizer": Sgd(learning_rate=1e39)},
    "weight1": {"input": 1e10, "target": 1e9, "optimizer": Sgd(learning_rate=1e30)},
    "bias2": {
        "target": 1e18,
        "optimizer": Sgd(learning_rate=1e30),
        "frozen": ("weight1", "bias1", "weight2"),
    },
    "the optimizer's exp_avg_sq": {"input": 1e5, "target": 1e17, "optimizer": Adam()},
}


def until_it_diverges(
    trainer: Trainer, one_update: Callable[[], object]
) -> tuple[TrainerState, DivergenceError]:
    """Train on; returns the last state before the update that diverged, and what was said."""
    for _ in range(2000):
        before = trainer.state()
        try:
            one_update()
        except DivergenceError as diverged:
            return before, diverged
    raise AssertionError("it never diverged")


class TestDivergence:
    @pytest.fixture
    def diverging(self, trainer_of: TrainerOf, inline: Any) -> Callable[[str], Trainer]:
        def build(what: str) -> Trainer:
            case = DIVERGING[what]
            first, second = case.get("weights", (0.5, 0.5))
            return trainer_of(
                ((1, case.get("hidden", "linear")), (1, "linear")),
                data=inline([[case.get("input", 1.0)]], [[case.get("target", 1.0)]]),
                initial=Initial(weights=(((first,),), ((second,),)), biases=((0.0,), (0.0,))),
                optimizer=case.get("optimizer", Sgd(learning_rate=0.1)),
                frozen=case.get("frozen", ()),
                size=1,
            )

        return build

    @pytest.mark.parametrize("traced", [False, True])
    @pytest.mark.parametrize("what", DIVERGING)
    def test_the_update_and_the_tensor_are_named_and_nothing_has_moved(
        self,
        diverging: Callable[[str], Trainer],
        assert_same_state: Any,
        what: str,
        traced: bool,
    ) -> None:
        trainer = diverging(what)
        before = trainer.state()
        with pytest.raises(DivergenceError) as diverged:
            trainer.advance_traced() if traced else trainer.advance()
        assert diverged.value.update == 1
        assert diverged.value.what == what
        assert str(diverged.value) == f"update 1 made {what} infinite or not a number"
        assert_same_state(trainer.state(), before)

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    @pytest.mark.parametrize("traced", [False, True])
    @pytest.mark.parametrize(
        "absurd",
        [Sgd(learning_rate=1e30), Sgd(learning_rate=1e9, momentum=0.99), Adam(learning_rate=1e38)],
    )
    def test_an_absurd_rate_is_survived(
        self,
        trainer_of: TrainerOf,
        assert_same_state: Any,
        arrays_of: Any,
        absurd: OptimizerSpec,
        traced: bool,
        dtype: str,
    ) -> None:
        good = Sgd(learning_rate=0.01, momentum=0.9)
        trainer = trainer_of(((4, "relu"), (4, "relu"), (1, "linear")), optimizer=good, dtype=dtype)
        for _ in range(20):
            trainer.advance()
        trainer.adjust(replace(trainer.experiment, optimizer=absurd))

        def one_update() -> None:
            if traced:
                trace = trainer.advance_traced(surface=3)
                assert all(np.isfinite(values).all() for _, values in arrays_of(trace))
                json.dumps(trace.plain(), allow_nan=False)
            else:
                assert np.isfinite(trainer.advance())

        before, diverged = until_it_diverges(trainer, one_update)
        assert diverged.update == trainer.update + 1
        assert_same_state(trainer.state(), before)
        assert torch.isfinite(trainer.network.flat).all()
        # Nobody has to start again: back before the mistake, a small rate goes on.
        trainer.rewind_to(20)
        trainer.adjust(replace(trainer.experiment, optimizer=good))
        for _ in range(30):
            trainer.advance()
        other = trainer_of(((4, "relu"), (4, "relu"), (1, "linear")), optimizer=good, dtype=dtype)
        for _ in range(50):
            other.advance()
        assert_same_state(trainer.state(), other.state())

    def test_where_it_stands_a_small_rate_goes_on(self, trainer_of: TrainerOf) -> None:
        trainer = trainer_of(((4, "relu"), (1, "linear")), optimizer=Sgd(learning_rate=1e30))
        until_it_diverges(trainer, trainer.advance)
        stood = trainer.update
        trainer.rewind_to(0)
        trainer.adjust(replace(trainer.experiment, optimizer=Sgd(learning_rate=0.01)))
        before = trainer.evaluate().cost
        for _ in range(100):
            trainer.advance()
        assert trainer.update == 100 > stood
        assert trainer.evaluate().cost < before

    @pytest.mark.parametrize("engine", ["compiled", "torch"])
    def test_many_updates_go_as_far_as_they_can(
        self, trainer_of: TrainerOf, assert_same_state: Any, engine: str
    ) -> None:
        """The costs of the good ones are not lost; the first bad one is named when asked for."""

        def build() -> Trainer:
            layers = ((3, "relu"), (1, "linear"))
            return trainer_of(layers, optimizer=Sgd(learning_rate=5.0), engine=engine)

        one, costs = build(), []
        _, expected = until_it_diverges(one, lambda: costs.append(one.advance()))
        assert len(costs) > 2
        trainer = build()
        assert trainer.advance_many(1000).tolist() == costs
        assert_same_state(trainer.state(), one.state())
        with pytest.raises(DivergenceError) as diverged:
            trainer.advance_many(1000)
        assert str(diverged.value) == str(expected)
        assert_same_state(trainer.state(), one.state())

    def test_it_can_be_tried_again_with_the_same_end(self, diverging: Any) -> None:
        trainer = diverging("weight1")
        for _ in range(3):
            with pytest.raises(DivergenceError, match=r"^update 1 made weight1 "):
                trainer.advance()

    def test_settings_taken_up_before_it_are_still_in_force(
        self, trainer_of: TrainerOf, assert_same_state: Any
    ) -> None:
        for updates in range(6, 11):
            trainer = trainer_of(((3, "relu"), (1, "linear")))
            for _ in range(updates):
                trainer.advance()
            absurd = replace(trainer.experiment, optimizer=Sgd(learning_rate=1e38))
            trainer.adjust(absurd)
            before = trainer.state()
            for _ in range(2):
                until_it_diverges(trainer, trainer.advance)
            assert trainer.experiment == absurd
            trainer.rewind_to(updates)
            assert_same_state(trainer.state(), before)

    def test_a_trace_refuses_a_cost_after_the_update_that_is_infinite(
        self, trainer_of: TrainerOf, inline: Any, assert_same_state: Any
    ) -> None:
        def build() -> Trainer:
            return trainer_of(
                ((1, "linear"),),
                data=inline([[1.0]], [[1.0]]),
                initial=Initial(weights=(((0.0,),),), biases=((0.0,),)),
                optimizer=Sgd(learning_rate=1e25),
                size=1,
            )

        trainer = build()
        start = trainer.state()
        with pytest.raises(DivergenceError, match=r"^update 1 made the cost after it "):
            trainer.advance_traced()
        assert_same_state(trainer.state(), start)
        # Played, the numbers of the update itself are finite, and the next one is refused.
        played = build()
        played.advance()
        after = played.state()
        with pytest.raises(DivergenceError, match=r"^update 2 made the cost "):
            played.advance()
        assert_same_state(played.state(), after)
        # Looking at it afterwards refuses it as before, and leaves the trainer before it.
        with pytest.raises(DivergenceError, match=r"^update 1 "):
            played.retrace(1)
        assert_same_state(played.state(), start)

    def test_a_trace_refuses_a_total_cost_that_is_infinite(
        self, trainer_of: TrainerOf, inline: Any
    ) -> None:
        """The mini-batch is harmless, but another example's cost is not a float32."""
        trainer = trainer_of(
            ((1, "linear"),),
            data=inline([[1.0], [1e25]], [[0.0], [0.0]]),
            initial=Initial(weights=(((1.0,),),), biases=((0.0,),)),
            optimizer=Sgd(learning_rate=1.0),
            shuffle=False,
            size=1,
        )
        with pytest.raises(DivergenceError, match=r"^update 1 made the cost "):
            trainer.advance_traced()
        assert np.isfinite(trainer.advance_traced(totals=False).batch_cost)

    def test_a_trace_refuses_outputs_over_the_plane_that_are_no_numbers(
        self, trainer_of: TrainerOf, inline: Any
    ) -> None:
        """The examples are the largest float32 numbers; the square about them holds larger."""
        trainer = trainer_of(
            ((1, "sigmoid"),),
            data=inline([[3.3e38, 0.0]], [[1.0]]),
            initial=Initial(weights=(((1.0, 1.0),),), biases=((0.0,),)),
            loss="binary_cross_entropy",
            size=1,
        )
        with pytest.raises(DivergenceError, match=r"^update 1 made the outputs over the plane "):
            trainer.advance_traced(surface=3)
        assert trainer.advance_traced().batch_cost == 0

    def test_what_was_played_on_from_a_refused_trace_is_forgotten(
        self, trainer_of: TrainerOf, inline: Any, assert_same_state: Any
    ) -> None:
        """Update 8 leaves a keyframe behind and is refused only when looked at."""

        def build() -> Trainer:
            small = Sgd(learning_rate=0.1)
            data = inline([[1.0]], [[1.0]])
            initial = Initial(weights=(((0.0,),),), biases=((0.0,),))
            return trainer_of(((1, "linear"),), data=data, initial=initial, optimizer=small, size=1)

        trainer, other = build(), build()
        for _ in range(7):
            trainer.advance()
        small = trainer.experiment
        trainer.adjust(replace(small, optimizer=Sgd(learning_rate=1e25)))
        trainer.advance()
        with pytest.raises(DivergenceError):
            trainer.retrace(8)
        assert trainer.update == 7
        trainer.adjust(small)
        for _ in range(6):
            trainer.advance()
        trainer.rewind_to(10)
        for _ in range(10):
            other.advance()
        assert_same_state(trainer.state(), other.state())


class TestDevices:
    def test_a_run_repeats_itself(
        self, trainer_of: TrainerOf, assert_same_trace: Any, device: str
    ) -> None:
        one, two = (trainer_of(optimizer=Adam(), device=device) for _ in range(2))
        for _ in range(12):
            first, second = (t.advance_traced(surface=5) for t in (one, two))
            assert_same_trace(first, second)
        assert first.device == device
        assert one.network.flat.device.type == device

    def test_rewinding_and_replaying_is_exact(
        self, trainer_of: TrainerOf, assert_same_state: Any, device: str
    ) -> None:
        trainer = trainer_of(optimizer=Sgd(learning_rate=0.05, momentum=0.9), device=device)
        for _ in range(40):
            trainer.advance()
        end = trainer.state()
        trainer.rewind_to(13)
        for _ in range(27):
            trainer.advance_traced()
        assert_same_state(trainer.state(), end)

    def test_every_device_starts_from_the_same_numbers(
        self, trainer_of: TrainerOf, device: str
    ) -> None:
        here, there = trainer_of(device=device), trainer_of(device="cpu")
        assert torch.equal(here.network.flat.cpu(), there.network.flat)
        one, two = here.advance_traced(), there.advance_traced()
        assert one.indices.tolist() == two.indices.tolist()
        for layer, other in zip(one.layers, two.layers, strict=True):
            assert layer.weight_gradient == pytest.approx(other.weight_gradient, rel=1e-5, abs=1e-6)

    def test_a_device_that_is_not_there_is_refused(
        self, trainer_of: TrainerOf, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
        with pytest.raises(ExperimentError, match=r"^\$\.device: torch reports no cuda device"):
            trainer_of(device="cuda")

    def test_titles_and_notes(self, trainer_of: TrainerOf) -> None:
        assert trainer_of().device_title == "CPU · compiled"
        assert trainer_of(engine="torch").device_title == "CPU · torch"
        assert trainer_of().note == trainer_of(engine="compiled").note == ""


def test_training_learns() -> None:
    """Not a proof, but a smoke alarm: circles fall below a tenth of their first cost."""
    experiment = default_experiment("circles")
    trainer = Trainer(experiment, load(experiment))
    before = trainer.evaluate()
    for _ in range(2000):
        trainer.advance()
    after = trainer.evaluate(test=True)
    assert after.cost < before.cost / 10
    assert after.accuracy is not None
    assert after.accuracy > 0.97


def test_the_global_generators_have_no_part_in_a_run(
    trainer_of: TrainerOf, assert_same_state: Any
) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        one = trainer_of()
        torch.manual_seed(2)
        two = trainer_of()
        for _ in range(7):
            torch.rand(3)
            one.advance()
            two.advance()
    assert_same_state(one.state(), two.state())


def test_a_deck_without_shuffle(trainer_of: TrainerOf) -> None:
    trainer = trainer_of(shuffle=False)
    assert trainer.experiment.mini_batch == MiniBatch(size=5, shuffle=False, seed=11)
    assert trainer.advance_traced().indices.tolist() == [0, 1, 2, 3, 4]
