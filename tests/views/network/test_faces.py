from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator, QSvgRenderer
from PySide6.QtWidgets import QWidget

from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron
from explorer.core.trace import Surface
from explorer.views.network.faces import draw_face
from explorer.views.network.network_view import NetworkView
from explorer.views.palette import DARK, LIGHT, Theme, diverging, rgb, sequential

Array = np.ndarray[Any, Any]
MomentOf = Callable[..., Moment]
Pixels = Callable[[QWidget], Array]

# A 2-3-2 network, whose every neuron says one thing on the left and another on the right.
LEFT = [[-2.0, 1.0], [0.6, -0.4, 0.2], [0.9, 0.1]]
RIGHT = [[2.0, -1.0], [-0.6, 0.8, -0.1], [0.3, 1.0]]


def sheets(left: list[list[float]], right: list[list[float]]) -> list[Array]:
    half = np.ones((20, 10))
    return [
        np.array([np.hstack([a * half, b * half]) for a, b in zip(one, other, strict=True)])
        for one, other in zip(left, right, strict=True)
    ]


def with_faces(moment: Moment) -> Moment:
    """The moment with sheets made by hand; after the update they are turned about."""
    *inner, outputs = sheets(LEFT, RIGHT)
    *turned, turned_outputs = sheets(RIGHT, LEFT)
    surface = Surface(moment.dataset.extent, outputs, turned_outputs, tuple(inner), tuple(turned))
    return replace(moment, trace=replace(moment.trace, surface=surface))


@pytest.fixture
def view(sized: Callable[[QWidget, int, int], None]) -> NetworkView:
    view = NetworkView()
    sized(view, 960, 420)
    view.set_faces(True)
    return view


def halves(view: NetworkView, picture: Array, neuron: Neuron) -> tuple[Array, Array]:
    """The pixels left and right of a neuron's middle, below where the example's dot may be."""
    place = view.position_of(neuron)
    assert place is not None
    assert view.layout_now is not None
    away = round(view.layout_now.columns[neuron.layer].radius * 0.4)
    x, y = round(place.x()), round(place.y())
    return picture[y, x - away], picture[y, x + away]


def colour(layer: int, value: float, theme: Theme) -> Array:
    return (sequential if layer == 2 else diverging)(np.array(value), 1.0, theme)


@pytest.mark.parametrize(
    ("beat", "left", "right"), [("cost", LEFT, RIGHT), ("update", RIGHT, LEFT)]
)
def test_neurons_show_what_they_say_left_and_right(
    view: NetworkView,
    moment_of: MomentOf,
    pixels: Pixels,
    theme: Theme,
    beat: str,
    left: list[list[float]],
    right: list[list[float]],
) -> None:
    """Hidden neurons on the diverging map, outputs (sigmoid) on the sequential one."""
    moment = with_faces(moment_of(beat, live=True))
    view.set_theme(theme)
    view.show_moment(moment)
    picture = pixels(view)
    for layer in (1, 2):
        for index, values in enumerate(zip(left[layer], right[layer], strict=True)):
            drawn = halves(view, picture, Neuron(layer, index))
            for pixel, value in zip(drawn, values, strict=True):
                assert np.abs(pixel - colour(layer, value, theme)).max() <= 4


def test_neurons_that_are_not_lit_yet_have_none(
    view: NetworkView, moment_of: MomentOf, pixels: Pixels
) -> None:
    moment = with_faces(moment_of("forward:1"))
    view.show_moment(moment)
    picture = pixels(view)
    one, other = halves(view, picture, Neuron(1, 0))
    assert np.abs(one - other).max() > 40
    one, other = halves(view, picture, Neuron(2, 0))
    assert np.array_equal(one, other)


def test_without_the_option_or_the_sheets_neurons_are_as_ever(
    view: NetworkView, moment_of: MomentOf, pixels: Pixels
) -> None:
    bare, rich = moment_of("cost"), with_faces(moment_of("cost"))
    view.show_moment(bare)
    without_sheets = pixels(view)
    view.show_moment(rich)
    with_sheets = pixels(view)
    view.set_faces(False)
    assert np.array_equal(pixels(view), without_sheets)
    assert not np.array_equal(with_sheets, without_sheets)


def test_another_theme_draws_them_anew(
    view: NetworkView, moment_of: MomentOf, pixels: Pixels
) -> None:
    moment = with_faces(moment_of("cost", live=True))
    view.show_moment(moment)
    for theme in (DARK, LIGHT, DARK):
        view.set_theme(theme)
        drawn, _ = halves(view, pixels(view), Neuron(1, 0))
        assert np.abs(drawn - colour(1, LEFT[1][0], theme)).max() <= 4


def test_a_dot_marks_where_the_example_is(
    view: NetworkView, moment_of: MomentOf, pixels: Pixels
) -> None:
    """At rest; a photograph of training has no example in focus."""
    points = moment_of("cost").dataset.train.points
    assert points is not None
    inside = np.hypot(*points.T) < 0.9 * moment_of("cost").dataset.extent
    members = moment_of("cost").trace.indices
    example = int(np.flatnonzero(inside[members])[0])
    moment = with_faces(moment_of("cost", example=example))
    view.show_moment(moment)
    place = view.position_of(Neuron(1, 1))
    assert place is not None
    assert view.layout_now is not None
    radius = view.layout_now.columns[1].radius - 1.5
    x, y = points[moment.training_index] / moment.dataset.extent
    row, column = round(place.y() - y * radius), round(place.x() + x * radius)

    def marked() -> bool:
        around = pixels(view)[row - 1 : row + 2, column - 1 : column + 2]
        return bool((np.abs(around - rgb(DARK.accent)).max(axis=-1) <= 25).any())

    assert marked()
    view.show_moment(with_faces(moment_of("update", example=example, live=True)))
    assert not marked()


def test_a_face_is_in_its_place_in_an_svg_too(tmp_path: Path) -> None:
    """Four colours in the quarters of a circle, read back by Qt's own reader."""
    corners = [["red", "lime"], ["blue", "white"]]
    image = QImage(60, 60, QImage.Format.Format_RGB32)
    for x, y in np.ndindex(60, 60):
        image.setPixelColor(x, y, QColor(corners[y // 30][x // 30]))
    generator = QSvgGenerator()
    generator.setFileName(str(tmp_path / "x.svg"))
    generator.setSize(QSize(200, 200))
    generator.setViewBox(QRectF(0, 0, 200, 200))
    painter = QPainter(generator)
    draw_face(painter, image, QPointF(130, 70), 25)
    painter.end()
    drawn = QImage(200, 200, QImage.Format.Format_RGB32)
    drawn.fill(QColor("black"))
    painter = QPainter(drawn)
    QSvgRenderer(str(tmp_path / "x.svg")).render(painter)
    painter.end()
    for x, y in np.ndindex(2, 2):
        at = 130 + (x - 0.5) * 24, 70 + (y - 0.5) * 24
        assert drawn.pixelColor(round(at[0]), round(at[1])) == QColor(corners[y][x])
    assert drawn.pixelColor(100, 70) == drawn.pixelColor(160, 70) == QColor("black")
