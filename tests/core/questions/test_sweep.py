"""Sweeps against forward passes written here in numpy, and against the trace at the value now."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explorer.core.answers import Sweep
from explorer.core.data.load import load
from explorer.core.defaults import default_experiment
from explorer.core.experiment import Initial
from explorer.core.part_of_network import Neuron, Weight
from explorer.core.questions.sweep import SweepQuestion
from explorer.core.trace import Trace
from explorer.core.trainer import Trainer

Part = Weight | Neuron
PARTS: list[Part] = [Weight(1, 3, 1), Weight(2, 0, 2), Neuron(1, 2), Neuron(2, 1), Weight(3, 1, 0)]


def asked(trainer: Trainer, trace: Trace, part: Part, example: int = 1, points: int = 41) -> Sweep:
    *fractions, answer = SweepQuestion(part, example, points).work(trainer, trace)
    assert isinstance(answer, Sweep)
    assert fractions == sorted(fractions)
    assert all(isinstance(f, float) and 0 < f <= 1 for f in fractions)
    return answer


@pytest.fixture(params=["float32", "float64"])
def run(request: pytest.FixtureRequest, trainer_of: Callable[..., Trainer]) -> Any:
    """A trainer after some updates, with the trace of the last."""
    trainer = trainer_of(
        ((4, "tanh"), (3, "sigmoid"), (2, "tanh")),
        loss="squared_error",
        initial=Initial(scheme="torch_default", seed=3),
        dtype=request.param,
    )
    for _ in range(4):
        trainer.advance()
    return trainer, trainer.advance_traced()


def forward(trace: Trace, part: Part, value: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """z and a (B,) of the part's neuron, and the costs (B,), with the part at a value."""
    a, own = np.asarray(trace.inputs, float), []
    for number, layer in enumerate(trace.layers, start=1):
        weight, bias = layer.weight_before.astype(float), layer.bias_before.astype(float)
        if number == part.layer and isinstance(part, Weight):
            weight[part.target, part.source] = value
        elif number == part.layer:
            bias[part.index] = value
        z = a @ weight.T + bias
        a = 1 / (1 + np.exp(-z)) if number == 2 else np.tanh(z)
        if number == part.layer:
            neuron = part.target if isinstance(part, Weight) else part.index
            own = [z[:, neuron], a[:, neuron]]
    return own[0], own[1], ((a - trace.targets) ** 2).sum(axis=1)


@pytest.mark.parametrize("part", PARTS, ids=str)
def test_every_pass_is_a_forward_pass_with_that_value(part: Part, run: Any) -> None:
    trainer, trace = run
    sweep = asked(trainer, trace, part)
    close = {"rel": 1e-9} if trace.dtype == "float64" else {"rel": 2e-5, "abs": 1e-6}
    for index, value in enumerate(sweep.values):
        z, a, costs = forward(trace, part, float(value))
        assert sweep.z[index] == pytest.approx(z[1], **close)
        assert sweep.activation[index] == pytest.approx(a[1], **close)
        assert sweep.loss[index] == pytest.approx(costs[1], **close)
        assert sweep.batch_cost[index] == pytest.approx(costs.mean(), **close)


@pytest.mark.parametrize("part", PARTS, ids=str)
def test_now_is_the_trace_bit_for_bit(part: Part, run: Any) -> None:
    trainer, trace = run
    for example in range(trace.batch_size):
        sweep = asked(trainer, trace, part, example)
        layer, now = trace.layers[part.layer - 1], sweep.now
        neuron = part.target if isinstance(part, Weight) else part.index
        own = (
            layer.weight_before[part.target, part.source]
            if isinstance(part, Weight)
            else layer.bias_before[part.index]
        )
        assert sweep.values.dtype == own.dtype
        assert sweep.values[now] == own
        assert sweep.z[now] == layer.z[example, neuron]
        assert sweep.activation[now] == layer.activation[example, neuron]
        assert sweep.loss[now] == trace.losses[example]
        assert float(sweep.batch_cost[now]) == trace.batch_cost


def test_values_ascend_symmetrically_and_far_enough(run: Any) -> None:
    trainer, trace = run
    sweep = asked(trainer, trace, Weight(1, 3, 1))
    own = float(sweep.values[sweep.now])
    assert (np.diff(sweep.values) > 0).all()
    assert sweep.now == 20
    assert own - sweep.values[0] == pytest.approx(max(2, 2 * abs(own)), rel=1e-6)
    assert sweep.values[-1] - own == pytest.approx(max(2, 2 * abs(own)), rel=1e-6)


def test_a_large_weight_is_swept_to_its_other_sign(trainer_of: Callable[..., Trainer]) -> None:
    trainer = trainer_of(
        ((1, "tanh"),), initial=Initial(weights=(((30.0, 0.5),),), biases=((0.0,),))
    )
    sweep = asked(trainer, trainer.advance_traced(), Weight(1, 0, 0))
    assert sweep.values[[0, -1]].tolist() == [-30.0, 90.0]


def test_it_names_what_it_is_about_and_cannot_be_changed(run: Any) -> None:
    trainer, trace = run
    sweep = asked(trainer, trace, Neuron(2, 1), 2)
    assert (sweep.update, sweep.part, sweep.example) == (trace.update, Neuron(2, 1), 2)
    for array in (sweep.values, sweep.z, sweep.activation, sweep.loss, sweep.batch_cost):
        assert array.shape == (41,)
        assert not array.flags.writeable


def test_the_running_model_goes_on_as_if_nothing_had_been_asked(
    run: Any, assert_same_state: Any
) -> None:
    trainer, trace = run
    before = trainer.state()
    for _ in SweepQuestion(Weight(1, 0, 0), 0).work(trainer, trace):
        assert_same_state(trainer.state(), before)
    assert_same_state(trainer.state(), before)


@pytest.mark.parametrize("points", [0, 1, 2, 200])
def test_the_middle_must_be_a_value(points: int) -> None:
    with pytest.raises(ValueError, match="odd number"):
        SweepQuestion(Weight(1, 0, 0), 0, points)


def test_digits_are_swept_within_a_tenth_of_a_second() -> None:
    experiment = default_experiment("digits")
    trainer = Trainer(experiment, load(experiment, Path()))
    trace = trainer.advance_traced()
    durations = []
    for _ in range(3):
        begun = time.perf_counter()
        asked(trainer, trace, Weight(1, 3, 20), points=201)
        durations.append(time.perf_counter() - begun)
    assert min(durations) < 0.1
