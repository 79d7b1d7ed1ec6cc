from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from PySide6.QtWidgets import QWidget

from explorer.core.experiment import ACTIVATIONS
from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron
from explorer.views.microscope.activation_plot import ActivationPlot
from explorer.views.palette import Theme

Array = np.ndarray[Any, Any]
At = Callable[..., Moment]


@pytest.fixture
def plot(sized: Callable[[QWidget, int, int], None]) -> ActivationPlot:
    plot = ActivationPlot()
    sized(plot, 415, 190)
    return plot


@pytest.fixture
def at(moment_of: Callable[..., Moment]) -> At:
    """A moment whose first neuron has a given z: no weights, and z for its bias."""

    def build(activation: str, z: float, beat: str = "forward:1") -> Moment:
        return moment_of(
            beat,
            layers=((2, activation),),
            weights=[np.zeros((2, 2))],
            biases=[[z, 0.3]],
            loss="cross_entropy" if activation == "softmax" else "squared_error",
        )

    return build


def colours(theme: Theme, name: str) -> Array:
    colour = getattr(theme, name)
    return np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)])


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_numbers_are_z_a_and_the_slope_by_autograd(
    activation: str, plot: ActivationPlot, at: At, words: Callable[[QWidget], list[str]]
) -> None:
    z = torch.tensor([-0.8, 0.3], dtype=torch.float64, requires_grad=True)
    functions = {
        "linear": lambda v: v * 1.0,
        "softmax": lambda v: torch.softmax(v, dim=0),
        "leaky_relu": torch.nn.functional.leaky_relu,
    }
    find = functions.get(activation) or getattr(torch.nn.functional, activation)
    output = find(z)[0]
    (slope,) = torch.autograd.grad(output, z)
    a = float(output.detach())
    plot.show_moment(at(activation, -0.8), Neuron(1, 0))
    said = words(plot)
    assert "z = −0.800" in said
    shown = next(w for w in said if w.startswith("slope "))
    name, value = shown.removeprefix("slope ").split(" = ")
    assert name == ("∂a/∂z" if activation == "softmax" else "σ′(z)")
    assert float(value.replace("−", "-")) == pytest.approx(float(slope[0]), rel=5e-3)
    numbers = [w.replace("−", "-").replace(",", "") for w in said]
    read = [float(n) for n in numbers if n.lstrip("-").replace(".", "").replace("e", "").isdigit()]
    assert min(abs(value - a) for value in read) <= 0.005 * abs(a) + 1e-9


def test_the_tangent_is_as_steep_as_the_slope(
    plot: ActivationPlot, at: At, pixels: Callable[[QWidget], Array], theme: Theme
) -> None:
    """Accent pixels left and right of the point lie on the line through it."""
    plot.set_theme(theme)
    plot.show_moment(at("sigmoid", 1.2), Neuron(1, 0))
    a = 1 / (1 + np.exp(-1.2))
    slope = a * (1 - a)
    accent = np.abs(pixels(plot) - colours(theme, "accent")).max(axis=2) < 60
    for step in (-0.9, 0.9):
        expected = plot.place(1.2 + step, a + slope * step)
        column = np.flatnonzero(accent[35:150, round(expected.x())]) + 35
        assert np.abs(column - expected.y()).min() <= 1.5


def test_the_point_stands_on_the_curve(
    plot: ActivationPlot, at: At, pixels: Callable[[QWidget], Array], theme: Theme
) -> None:
    plot.set_theme(theme)
    plot.show_moment(at("tanh", 0.9), Neuron(1, 0))
    where = plot.place(0.9, np.tanh(0.9))
    assert (pixels(plot)[round(where.y()), round(where.x())] == colours(theme, "accent")).all()
    for z in (-3.0, -1.0, 2.5):
        y = plot.place(z, np.tanh(z)).y()
        column = pixels(plot)[35:, round(plot.place(z, 0).x())]
        ground = colours(theme, "card")
        lit = np.flatnonzero(np.abs(column - ground).max(axis=1) > 60) + 35
        assert np.abs(lit - y).min() <= 2


def test_before_the_forward_beat_there_is_only_the_curve(
    plot: ActivationPlot, at: At, words: Callable[[QWidget], list[str]]
) -> None:
    plot.show_moment(at("tanh", 0.9, "mini_batch"), Neuron(1, 0))
    said = words(plot)
    assert "comes in the forward beats" in said
    assert not any("slope" in w or "z =" in w for w in said)


@pytest.mark.parametrize("z", [-300.0, 47.0])
def test_a_far_point_widens_the_axis(plot: ActivationPlot, at: At, z: float) -> None:
    for activation in ("relu", "tanh", "softplus", "softmax"):
        plot.show_moment(at(activation, z), Neuron(1, 0))
        moment = at(activation, z)
        a = float(moment.trace.layers[0].activation[0, 0])
        where = plot.place(z, a)
        assert plot.area.adjusted(-1, -1, 1, 1).contains(where)
