from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QWidget

from explorer.core.activations import CURVES
from explorer.core.experiment import ACTIVATIONS
from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron
from explorer.views.activation_curve import ActivationCurve
from explorer.views.palette import DARK, LIGHT

Array = np.ndarray[Any, Any]
Pixels = Callable[[QWidget], Array]

FORMULAS: dict[str, Callable[[float], float]] = {
    "linear": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "tanh": lambda z: (math.exp(z) - math.exp(-z)) / (math.exp(z) + math.exp(-z)),
    "relu": lambda z: z if z > 0 else 0.0,
    "leaky_relu": lambda z: z if z > 0 else z / 100,
    "elu": lambda z: z if z > 0 else math.exp(z) - 1,
    "gelu": lambda z: z * math.erfc(-z / math.sqrt(2)) / 2,
    "silu": lambda z: z / (1 + math.exp(-z)),
    "softplus": lambda z: math.log(1 + math.exp(z)),
}


@pytest.fixture
def curve(sized: Callable[[QWidget, int, int], None]) -> ActivationCurve:
    curve = ActivationCurve()
    sized(curve, 300, 128)
    return curve


@pytest.fixture
def at(moment_of: Callable[..., Moment]) -> Callable[[str, float], Moment]:
    """A moment whose first neuron has a given z: no weights, and z for its bias."""

    def build(activation: str, z: float) -> Moment:
        return moment_of(
            "forward:1",
            layers=((2, activation),),
            weights=[np.zeros((2, 2))],
            biases=[[z, 0.0]],
            loss="cross_entropy" if activation == "softmax" else "squared_error",
        )

    return build


def dot(picture: Array) -> tuple[float, float]:
    """x and y of the middle of the point: where the accent is wider than a dashed line."""
    accent = np.abs(picture - np.array([0xFF, 0xD1, 0x66])).max(axis=2) < 40
    thick = accent & (accent.sum(axis=1) >= 4)[:, None]
    y, x = np.argwhere(thick).mean(axis=0)
    return float(x), float(y)


@given(z=st.floats(-30, 30))
def test_every_curve_is_its_activation_function(z: float) -> None:
    assert set(CURVES) == set(ACTIVATIONS) - {"softmax"}
    for name, formula in FORMULAS.items():
        drawn = float(CURVES[name](np.array([z]))[0])  # type: ignore[index]
        assert drawn == pytest.approx(formula(z), rel=1e-9, abs=1e-12), name


@pytest.mark.parametrize("name", list(FORMULAS))
def test_curves_do_not_overflow(name: str) -> None:
    """numpy's warnings are errors here."""
    values = CURVES[name](np.array([-1e4, -750.0, 0.0, 750.0, 1e4]))  # type: ignore[index]
    assert np.isfinite(values).all()


class TestPoint:
    def test_it_stands_at_z_and_a(
        self, curve: ActivationCurve, at: Callable[[str, float], Moment], pixels: Pixels
    ) -> None:
        """In proportion to z from the middle, and to a = σ(z) from the axis."""
        places = {}
        for z in (-3.0, -1.0, 0.0, 2.0, 3.0):
            curve.show_neuron(at("sigmoid", z), Neuron(1, 0))
            places[z] = dot(pixels(curve))
        middle = places[0.0][0]
        assert middle == pytest.approx(150, abs=1.5)
        wide = (places[3.0][0] - middle) / 3.0
        high = (places[-3.0][1] - places[3.0][1]) / (
            FORMULAS["sigmoid"](3.0) - FORMULAS["sigmoid"](-3.0)
        )
        assert wide > 20
        assert high > 50
        for z, (x, y) in places.items():
            assert x - middle == pytest.approx(wide * z, abs=1.5)
            above = high * (FORMULAS["sigmoid"](z) - 0.5)
            assert places[0.0][1] - y == pytest.approx(above, abs=1.5)

    @pytest.mark.parametrize("activation", ["sigmoid", "tanh", "silu"])
    def test_the_curve_passes_where_points_would_stand(
        self,
        curve: ActivationCurve,
        at: Callable[[str, float], Moment],
        pixels: Pixels,
        activation: str,
    ) -> None:
        places = {}
        for z in (-2.5, -1.0, 1.0, 2.5):
            curve.show_neuron(at(activation, z), Neuron(1, 0))
            places[z] = dot(pixels(curve))
        curve.show_neuron(at(activation, 3.3), Neuron(1, 0))  # the axis goes to 4 at the least
        picture, muted = pixels(curve), np.array([0x9A, 0xA1, 0xAD])
        for x, y in places.values():
            column = picture[:106, int(x)]
            near = np.flatnonzero(np.abs(column - muted).max(axis=1) < 70)
            assert np.abs(near - y).min() <= 2

    @pytest.mark.parametrize("z", [-60.0, -4.5, 4.5, 60.0])
    def test_a_far_point_widens_the_axis(
        self, curve: ActivationCurve, at: Callable[[str, float], Moment], pixels: Pixels, z: float
    ) -> None:
        curve.show_neuron(at("tanh", z), Neuron(1, 0))
        x, y = dot(pixels(curve))
        assert 12 < x < 288
        assert 8 < y < 110
        assert np.sign(x - 150) == np.sign(z)

    def test_its_numbers_are_written(
        self,
        curve: ActivationCurve,
        at: Callable[[str, float], Moment],
        words: Callable[[QWidget], list[str]],
    ) -> None:
        """tanh −0.5 = −0.462."""
        curve.show_neuron(at("tanh", -0.5), Neuron(1, 0))
        assert words(curve) == ["z = −0.500  →  a = −0.462"]


def test_it_follows_the_example_in_focus(
    curve: ActivationCurve,
    moment_of: Callable[..., Moment],
    words: Callable[[QWidget], list[str]],
) -> None:
    for example in range(4):
        moment = moment_of("forward:2", example=example)
        curve.show_neuron(moment, Neuron(2, 1))
        layer = moment.trace.layers[1]
        z, a = layer.z[example, 1], layer.activation[example, 1]
        assert words(curve) == [f"z = {z:.3f}  →  a = {a:.3f}".replace("-", "−")]


def test_softmax_has_no_curve_of_one_neuron(
    curve: ActivationCurve, at: Callable[[str, float], Moment]
) -> None:
    curve.show_neuron(at("softmax", 1.0), Neuron(1, 0))
    assert curve.isHidden()
    curve.show_neuron(at("tanh", 1.0), Neuron(1, 0))
    assert not curve.isHidden()


def test_another_theme_changes_it(
    curve: ActivationCurve, at: Callable[[str, float], Moment], pixels: Pixels
) -> None:
    curve.show_neuron(at("tanh", 1.0), Neuron(1, 0))
    dark = pixels(curve)
    curve.set_theme(LIGHT)
    assert (pixels(curve) != dark).any(axis=2).mean() > 0.9
    curve.set_theme(DARK)
    assert np.array_equal(pixels(curve), dark)
