from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from explorer.core.experiment import Initial, Inline
from explorer.core.part_of_network import Neuron
from explorer.core.saturation import Note, saturation
from explorer.core.trace import Trace

Traced = Callable[..., Trace]


@pytest.fixture
def traced(trainer_of: Any) -> Traced:
    """The trace of one neuron of an activation whose z of each example is given."""

    def build(activation: str, *zs: float, loss: str = "squared_error") -> Trace:
        data = Inline(tuple((z,) for z in zs), tuple((0.0,) for _ in zs))
        initial = Initial(weights=(((1.0,),),), biases=((0.0,),))
        trainer = trainer_of(
            ((1, activation),),
            data=data,
            initial=initial,
            loss=loss,
            size=len(zs),
            shuffle=False,
            dtype="float64",
        )
        return trainer.advance_traced()

    return build


def said(trace: Trace, example: int = 0) -> Note:
    note = saturation(trace, example, Neuron(1, 0))
    assert note is not None
    return note


@pytest.mark.parametrize(
    ("activation", "z", "slope"),
    [("sigmoid", -8.0, "3.4e−4"), ("sigmoid", 5.0, "0.0066"), ("tanh", 4.0, "0.0013")],
)
def test_a_flat_end_is_called_saturated(
    activation: str, z: float, slope: str, traced: Traced
) -> None:
    """σ′(8) = e⁻⁸/(1 + e⁻⁸)² = 3.35e−4; σ′(5) = 0.00665; 1 − tanh²4 = 0.00134."""
    expected = f"saturated: σ′(z) = {slope}, so almost none of the wish passes through"
    assert said(traced(activation, z)) == Note(expected, True)


@pytest.mark.parametrize(
    ("activation", "z"),
    [("sigmoid", 4.5), ("tanh", -2.9), ("linear", 90.0), ("gelu", 1.0), ("leaky_relu", 2.0)],
)
def test_a_slope_that_lets_the_wish_through_needs_no_words(
    activation: str, z: float, traced: Traced
) -> None:
    assert saturation(traced(activation, z), 0, Neuron(1, 0)) is None


def test_the_far_left_of_the_smooth_relus_is_flat_too(traced: Traced) -> None:
    for activation in ("elu", "gelu", "silu", "softplus"):
        note = said(traced(activation, -9.0))
        assert note.text.startswith("nearly flat here: σ′(z) = ")
        assert note.grave


def test_cross_entropy_makes_up_for_a_saturated_output(traced: Traced) -> None:
    """a = σ(8) = 0.99966 and y = 0, so δ = 0.99966 passes."""
    note = said(traced("sigmoid", 8.0, loss="binary_cross_entropy"))
    assert "but cross-entropy makes ∂C/∂a as steep, so δ = 1.000 still passes" in note.text
    assert not note.grave


class TestRelu:
    def test_dead_for_the_whole_mini_batch(self, traced: Traced) -> None:
        words = "of this mini-batch: the neuron is dead here; nothing passes"
        assert said(traced("relu", -1.0, -2.0, -0.5), 1) == Note(
            f"z < 0 for all 3 examples {words}", True
        )
        assert said(traced("relu", -1.0)).text == f"z < 0 for the only example {words}"
        assert said(traced("relu", 0.0, -1.0)).text == f"z ≤ 0 for all 2 examples {words}"

    def test_off_for_this_example_and_on_for_others(self, traced: Traced) -> None:
        trace = traced("relu", -1.0, 2.0, 0.5, 0.0)
        for example in (0, 3):
            text = "off for this example: nothing passes; on for 2 of 4"
            assert said(trace, example) == Note(text, True)

    def test_on(self, traced: Traced) -> None:
        text = "on for this example, and for 1 of 2: the wish passes whole"
        assert said(traced("relu", -1.0, 2.0), 1) == Note(text, False)


def test_the_leak_is_named(traced: Traced) -> None:
    note = said(traced("leaky_relu", -2.0))
    assert note == Note("z ≤ 0: the leak passes 1 % of the wish through", False)
