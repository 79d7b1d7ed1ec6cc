from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, QRectF, QSizeF

from explorer.core.part_of_network import Neuron, Weight
from explorer.views.network.geometry import Shape, arrange
from explorer.views.network.sight import Sight

SIZE = QSizeF(600, 400)
LAYOUT = arrange(Shape((2, 3, 1), None, 30, 30), SIZE.width(), SIZE.height())


@pytest.fixture
def sight() -> Sight:
    sight = Sight()
    sight.resize(SIZE)
    return sight


def place(sight: Sight, neuron: Neuron) -> QPointF:
    at = LAYOUT.place(neuron)
    assert at is not None
    return sight.on_screen(*at)


def test_a_zoom_keeps_its_point_and_pointing_finds_the_same_parts(sight: Sight) -> None:
    around = place(sight, Neuron(1, 1))
    sight.zoom(3.0, around)
    assert (place(sight, Neuron(1, 1)) - around).manhattanLength() < 1e-6
    assert sight.part_at(around, LAYOUT) == Neuron(1, 1)
    middle = (place(sight, Neuron(1, 1)) + place(sight, Neuron(2, 0))) / 2
    assert sight.part_at(middle, LAYOUT) == Weight(2, 0, 1)
    assert sight.part_at(middle + QPointF(0, 9), LAYOUT) is None


@pytest.mark.parametrize("by", [(1e4, 0), (-1e4, 0), (0, 1e4), (0, -1e4)])
def test_panning_ends_where_the_drawing_does(sight: Sight, by: tuple[float, float]) -> None:
    screen = QRectF(QPointF(0, 0), SIZE)
    sight.pan(QPointF(*by))
    assert sight.room(screen) == screen
    sight.zoom(2.0)
    sight.pan(QPointF(*by))
    assert screen.contains(sight.room(screen))
    assert sight.room(screen).size() == SIZE / 2


def test_zoom_has_limits_and_another_size_shows_all(sight: Sight) -> None:
    sight.zoom(1e6)
    assert sight.transform.m11() == 8
    sight.zoom(1e-6)
    assert sight.transform.isIdentity()
    sight.zoom(2.0)
    sight.resize(SIZE * 2)
    assert sight.transform.isIdentity()
