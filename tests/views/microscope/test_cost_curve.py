from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QWidget

from explorer.core.answers import Sweep
from explorer.core.moment import Moment
from explorer.core.part_of_network import Weight
from explorer.views.microscope.cost_curve import CostCurve, Slopes
from explorer.views.palette import Theme

Array = np.ndarray[Any, Any]
PART = Weight(2, 0, 1)


@pytest.fixture
def curve(sized: Callable[[QWidget, int, int], None]) -> CostCurve:
    curve = CostCurve()
    sized(curve, 280, 300)
    return curve


@pytest.fixture
def sweep(moment_of: Callable[..., Moment], sweep_of: Callable[..., Sweep]) -> Sweep:
    return sweep_of(moment_of("average"), PART, 41)


def rgb(colour: str) -> Array:
    return np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)])


def near(picture: Array, colour: str, x: float, y: float) -> bool:
    """Whether a pixel of the colour lies within two points."""
    patch = picture[round(y) - 2 : round(y) + 3, round(x) - 2 : round(x) + 3]
    return bool((np.abs(patch - rgb(colour)).max(axis=2) < 60).any())


def test_both_costs_are_drawn_over_the_parameter(
    curve: CostCurve, sweep: Sweep, pixels: Callable[[QWidget], Array], theme: Theme
) -> None:
    curve.set_theme(theme)
    curve.show_sweep(sweep, None)
    picture = pixels(curve)
    for index in (2, 8, 14, 30, 38):
        for costs, colour in ((sweep.loss, theme.text), (sweep.batch_cost, theme.muted)):
            where = curve.place(sweep.values[index], costs[index])
            assert near(picture, colour, where.x(), where.y())


def test_tangents_have_the_slopes_of_backprop_and_touch_the_curves(
    curve: CostCurve,
    sweep: Sweep,
    moment_of: Callable[..., Moment],
    pixels: Callable[[QWidget], Array],
    theme: Theme,
) -> None:
    trace = moment_of("average").trace
    own = trace.layers[1].delta[0, 0] * trace.layers[0].activation[0, 1]
    mean = trace.layers[1].weight_gradient[0, 1]
    curve.set_theme(theme)
    curve.show_sweep(sweep, None)
    curve.show_slopes(Slopes("w₁,₂", own, mean))
    picture, now = pixels(curve), sweep.now
    for costs, slope in ((sweep.loss, own), (sweep.batch_cost, mean)):
        for step in (-0.4, 0.4):
            where = curve.place(sweep.values[now] + step, costs[now] + slope * step)
            assert near(picture, theme.accent, where.x(), where.y())
        secant = (costs[now + 1] - costs[now - 1]) / (sweep.values[now + 1] - sweep.values[now - 1])
        assert slope == pytest.approx(secant, rel=0.05, abs=2e-3)  # the picture tells the truth


def test_slopes_are_written_as_far_as_they_are_known(
    curve: CostCurve, sweep: Sweep, words: Callable[[QWidget], list[str]]
) -> None:
    curve.show_sweep(sweep, None)
    assert "∂Cᵢ/∂w comes with its backward beat" in words(curve)
    assert not any("tangent" in w for w in words(curve))
    curve.show_slopes(Slopes("w₁,₂", -0.125, None))
    assert "∂Cᵢ/∂w = −0.125" in words(curve)
    assert "tangent: the slope by backprop" in words(curve)
    curve.show_slopes(Slopes("b₁", -0.125, 0.5))
    said = words(curve)
    assert "∂Cᵢ/∂b = −0.125" in said
    assert "/∂b = +0.500" in said


def test_the_dragged_point_is_drawn(
    curve: CostCurve, sweep: Sweep, pixels: Callable[[QWidget], Array], theme: Theme
) -> None:
    curve.set_theme(theme)
    for at in (4, 35):
        curve.show_sweep(sweep, at)
        picture = pixels(curve)
        for costs in (sweep.loss, sweep.batch_cost):
            where = curve.place(sweep.values[at], costs[at])
            dot = picture[round(where.y()), round(where.x())]
            assert np.abs(dot - rgb(theme.accent)).max() < 20


def test_infinite_costs_are_left_out(curve: CostCurve, sweep: Sweep) -> None:
    loss = sweep.loss.copy()
    loss[:3] = np.inf
    curve.show_sweep(replace(sweep, loss=loss), 0)
    area = curve.area
    assert area.top() < curve.place(0, float(loss[3:].max())).y() < area.bottom()
    curve.grab()


def test_without_a_sweep_there_is_no_curve(
    curve: CostCurve, words: Callable[[QWidget], list[str]]
) -> None:
    curve.show_sweep(None, None)
    assert words(curve) == ["Cᵢ this example", "C", "batch", "∂Cᵢ/∂w comes with its backward beat"]
