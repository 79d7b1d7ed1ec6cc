from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QWidget

from explorer.core.data.dataset import Dataset
from explorer.core.moment import Moment
from explorer.views.network.geometry import Layout, Shape, arrange
from explorer.views.network.nudges import draw_nudges
from explorer.views.network.picture import Scales, picture_of
from explorer.views.palette import DARK

Array = np.ndarray[Any, Any]
Drawn = Callable[[Moment, list[float]], tuple[Layout, QWidget]]


@pytest.fixture
def wishing(canvas_of: Callable[..., QWidget]) -> Drawn:
    """Draw given wishes of the outputs, of which 1 is the longest."""

    def draw(moment: Moment, wishes: list[float]) -> tuple[Layout, QWidget]:
        units = tuple(moment.trace.units(layer) for layer in range(moment.n_layers + 1))
        layout = arrange(Shape(units, None, 12, 30), 740, 288)
        picture = picture_of(moment, Scales())
        outputs = replace(picture.neurons[-1], wish=np.array(wishes), wish_scale=1.0)
        picture = replace(picture, neurons=(*picture.neurons[:-1], outputs))
        canvas = canvas_of(
            lambda painter: draw_nudges(painter, layout, picture, moment, DARK), 740, 288
        )
        return layout, canvas

    return draw


def arrow(found: Array, layout: Layout, output: int, colour: str) -> Array:
    """How many pixels of a colour are in each row about an output's arrow."""
    ends = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)])
    x, y = round(layout.nudge_x), round(layout.columns[-1].y[output])
    box = found[y - 24 : y + 24, x - 9 : x + 9]
    return np.asarray((np.abs(box - ends).max(axis=2) < 24).sum(axis=1))


def test_arrows_are_as_long_as_their_share_of_the_longest(
    wishing: Drawn, moment_of: Callable[..., Moment], pixels: Callable[[QWidget], Array]
) -> None:
    layout, canvas = wishing(moment_of("backward:2"), [1.0, -0.5])
    found = pixels(canvas)
    long = np.flatnonzero(arrow(found, layout, 0, DARK.positive))
    short = np.flatnonzero(arrow(found, layout, 1, DARK.negative))
    assert np.ptp(short) / np.ptp(long) == pytest.approx(0.5, abs=0.07)


def test_arrows_stand_about_the_middle_of_their_neuron(
    wishing: Drawn, moment_of: Callable[..., Moment], pixels: Callable[[QWidget], Array]
) -> None:
    layout, canvas = wishing(moment_of("backward:2"), [1.0, -0.5])
    found = pixels(canvas)
    for output, colour in ((0, DARK.positive), (1, DARK.negative)):
        rows = np.flatnonzero(arrow(found, layout, output, colour))
        assert abs((rows[0] + rows[-1]) / 2 - 24) <= 1.5


def test_no_wish_is_a_dot_and_the_number_zero(
    wishing: Drawn,
    moment_of: Callable[..., Moment],
    pixels: Callable[[QWidget], Array],
    words: Callable[[QWidget], list[str]],
    between: Any,
) -> None:
    layout, canvas = wishing(moment_of("backward:2"), [0.0, 1.0])
    found = pixels(canvas)
    for colour in (DARK.positive, DARK.negative):
        assert not arrow(found, layout, 0, colour).any()
    muted = between(DARK.muted, DARK.muted, 0)
    x, y = int(layout.nudge_x), int(layout.columns[-1].y[0])
    near = found[y - 2 : y + 2, x - 2 : x + 2].reshape(-1, 3)
    assert np.abs(near - muted).max(axis=1).min() < 40
    assert {"0", "+1.0"} <= set(words(canvas))


def test_many_outputs_have_arrows_that_do_not_touch(
    moment_of: Callable[..., Moment],
    table_of: Callable[..., Dataset],
    wishing: Drawn,
    pixels: Callable[[QWidget], Array],
) -> None:
    """Ten outputs, all wishing as much as they can, stand 23 points apart."""
    table = table_of(2, 10)
    moment = moment_of("backward:1", dataset=table, layers=((10, "sigmoid"),))
    layout, canvas = wishing(moment, [1.0] * 10)
    blue = np.array([0x4E, 0xA3, 0xFF])
    x = round(layout.nudge_x)
    column = (np.abs(pixels(canvas)[:, x - 1 : x + 2] - blue).max(axis=2) < 30).any(axis=1)
    begins = int((np.diff(column.astype(int)) == 1).sum())
    assert begins == 10
