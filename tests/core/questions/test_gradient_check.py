from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from explorer.core.answers import GradientCheck
from explorer.core.experiment import Initial, Inline, Regularization
from explorer.core.part_of_network import Neuron, Weight
from explorer.core.questions.gradient_check import GradientCheckQuestion
from explorer.core.trace import Trace
from explorer.core.trainer import Trainer

Part = Weight | Neuron
SMOOTH = ["linear", "sigmoid", "tanh", "gelu", "silu", "softplus"]


def asked(trainer: Trainer, trace: Trace, part: Part) -> GradientCheck:
    *_, answer = GradientCheckQuestion(part).work(trainer, trace)
    assert isinstance(answer, GradientCheck)
    assert (answer.update, answer.part) == (trace.update, part)
    return answer


def rows(array: np.ndarray) -> Any:
    return tuple(map(tuple, array.tolist()))


@st.composite
def experiments(draw: st.DrawFn) -> dict[str, Any]:
    """What ``trainer_of`` takes for a smooth network in float64, and a parameter of it."""
    loss = draw(st.sampled_from(["squared_error", "mean_squared_error", "binary_cross_entropy"]))
    hidden = st.tuples(st.integers(2, 4), st.sampled_from(SMOOTH))
    output = "sigmoid" if loss == "binary_cross_entropy" else draw(st.sampled_from(SMOOTH))
    layers = (*draw(st.lists(hidden, min_size=1, max_size=2)), (2, output))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    targets = random.uniform(0, 1, (4, 2))
    layer = draw(st.integers(1, len(layers)))
    target = draw(st.integers(0, layers[layer - 1][0] - 1))
    kind = draw(st.sampled_from(["none", "l2"]))
    return {
        "part": draw(st.sampled_from([Weight(layer, target, 1), Neuron(layer, target)])),
        "layers": layers,
        "loss": loss,
        "data": Inline(rows(random.normal(0, 1, (4, 2))), rows(targets)),
        "initial": Initial(scheme="torch_default", seed=int(random.integers(2**31))),
        "regularization": Regularization(kind, 0.1 if kind == "l2" else 0.0),
        "size": 4,
        "dtype": "float64",
    }


@settings(deadline=None, max_examples=80)
@given(drawn=experiments())
def test_smooth_networks_pass(drawn: dict[str, Any], trainer_of: Callable[..., Trainer]) -> None:
    """Rounding leaves some 1e−11 of the cost, so of a small gradient a larger share."""
    part = drawn.pop("part")
    trainer = trainer_of(drawn.pop("layers"), **drawn)
    check = asked(trainer, trainer.advance_traced(), part)
    assert not check.kink
    assert check.relative_error < 1e-7 or abs(check.autograd - check.difference) < 5e-10


@pytest.fixture
def run(trainer_of: Callable[..., Trainer]) -> tuple[Trainer, Trace]:
    trainer = trainer_of(
        ((4, "tanh"), (1, "tanh")), dtype="float64", regularization=Regularization("l2", 0.5)
    )
    return trainer, trainer.advance_traced()


def test_a_wrong_gradient_is_caught(run: tuple[Trainer, Trace]) -> None:
    trainer, trace = run
    assert asked(trainer, trace, Weight(1, 2, 1)).relative_error < 1e-7
    layer = trace.layers[0]
    for wrong in (layer.weight_gradient * 1.01, -layer.weight_gradient, layer.weight_gradient * 0):
        spoiled = replace(trace, layers=(replace(layer, weight_gradient=wrong), *trace.layers[1:]))
        assert asked(trainer, spoiled, Weight(1, 2, 1)).relative_error > 5e-3


def test_the_numbers_belong_together(run: tuple[Trainer, Trace]) -> None:
    """The cost between the two is the mini-batch's with its penalty, as the trace has it."""
    trainer, trace = run
    check = asked(trainer, trace, Weight(2, 0, 3))
    assert check.autograd == trace.layers[1].weight_gradient[0, 3]
    by_hand = (check.cost_above - check.cost_below) / (2 * check.step)
    assert check.difference == by_hand
    middle = (check.cost_above + check.cost_below) / 2
    assert middle == pytest.approx(trace.batch_cost + trace.penalty, rel=1e-8)
    assert 1e-6 < check.step < 1e-4


def test_a_bias_is_checked_too(run: tuple[Trainer, Trace]) -> None:
    trainer, trace = run
    check = asked(trainer, trace, Neuron(1, 2))
    assert check.autograd == trace.layers[0].bias_gradient[2]
    assert check.relative_error < 1e-7


def test_float32_is_checked_in_float64(trainer_of: Callable[..., Trainer]) -> None:
    trainer = trainer_of(((4, "tanh"), (1, "tanh")))
    check = asked(trainer, trainer.advance_traced(), Weight(1, 2, 1))
    assert 0 < check.relative_error < 1e-4


def test_the_running_model_is_left_as_it_was(
    run: tuple[Trainer, Trace], assert_same_state: Any
) -> None:
    trainer, trace = run
    before = trainer.state()
    for _ in GradientCheckQuestion(Weight(1, 0, 0)).work(trainer, trace):
        assert_same_state(trainer.state(), before)


class TestKinks:
    @pytest.fixture
    def at(self, trainer_of: Callable[..., Trainer]) -> Callable[..., tuple[Trainer, Trace]]:
        """One input of 1, one hidden neuron, one output; the hidden weight is given."""

        def build(activation: str, weight: float, **parts: Any) -> tuple[Trainer, Trace]:
            trainer = trainer_of(
                ((1, activation), (1, "linear")),
                data=Inline(((1.0,),), ((1.0,),)),
                initial=Initial(weights=(((weight,),), ((2.0,),)), biases=((0.0,), (0.0,))),
                size=1,
                dtype="float64",
                **parts,
            )
            return trainer, trainer.advance_traced()

        return build

    @pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
    def test_a_neuron_that_goes_on_or_off_is_told(self, activation: str, at: Any) -> None:
        """At z = 0 the difference takes the mean of both sides: half of −2 for ReLU."""
        check = asked(*at(activation, 0.0), Weight(1, 0, 0))
        assert check.kink
        assert check.relative_error > 0.4
        for away in (0.3, -0.3):
            check = asked(*at(activation, away), Weight(1, 0, 0))
            assert not check.kink
            assert check.relative_error < 1e-7

    def test_elu_has_no_kink(self, at: Any) -> None:
        check = asked(*at("elu", 0.0), Weight(1, 0, 0))
        assert not check.kink
        assert check.relative_error < 1e-5

    def test_an_l1_weight_at_zero_is_told(self, at: Any) -> None:
        for weight, kink in ((0.0, True), (1e-7, True), (0.3, False)):
            run = at("tanh", weight, regularization=Regularization("l1", 0.1))
            assert asked(*run, Weight(1, 0, 0)).kink is kink
        assert not asked(*run, Neuron(1, 0)).kink
