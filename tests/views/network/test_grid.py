from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter

from explorer.core.part_of_network import Neuron
from explorer.views.network.geometry import Grid
from explorer.views.network.grid import draw_grid
from explorer.views.network.picture import Neurons
from explorer.views.palette import Theme

Array = np.ndarray[Any, Any]
Draw = Callable[..., Array]
pytestmark = pytest.mark.usefixtures("qapp")
GROUND = (255, 0, 255)


@pytest.fixture
def draw(image_pixels: Callable[[QImage], Array], theme: Theme) -> Draw:
    """Draw a grid with its values over a ground of magenta; the pixels."""

    def make(grid: Grid, values: Array, scale: float, selected: Any = None) -> Array:
        image = QImage(round(300 * scale), round(300 * scale), QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(scale)
        image.fill(QColor(*GROUND))
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_grid(
            painter, grid, Neurons(values, False, False, 1.0, None, None, 1.0), theme, selected
        )
        painter.end()
        return image_pixels(image)

    return make


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0, 4.0])
@pytest.mark.parametrize("grid", [Grid(26, 31.3, 8.21, (28, 28)), Grid(20.5, 40, 3.1, (40, 60))])
def test_every_pixel_has_the_colour_of_its_value(
    draw: Draw, grid: Grid, scale: float, theme: Theme, between: Callable[..., Array]
) -> None:
    """empty + (full − empty)·a."""
    values = np.random.default_rng(0).uniform(0, 1, grid.size[0] * grid.size[1])
    found = draw(grid, values, scale)
    for x, y, value in zip(*grid.centres(), values, strict=True):
        if y < 299 and x < 299:
            pixel = found[int(y * scale), int(x * scale)]
            assert np.abs(pixel - between(theme.empty, theme.full, value)).max() <= 1


@pytest.mark.parametrize("scale", [1.0, 2.0, 4.0])
def test_nothing_shines_through_the_gaps_of_a_large_image(
    draw: Draw, scale: float, theme: Theme, between: Callable[..., Array]
) -> None:
    grid = Grid(26, 31.3, 8.21, (28, 28))
    found = draw(grid, np.ones(784), scale)
    inner = found[
        int((grid.top + 1) * scale) : int((grid.bottom - 2) * scale),
        int((grid.left + 1) * scale) : int((grid.right - 2) * scale),
    ]
    assert not (inner == GROUND).all(axis=2).any()
    assert (found[int((grid.bottom + 2) * scale)] == GROUND).all()
    gap = (np.abs(inner - between(theme.canvas, theme.canvas, 0)).max(axis=2) <= 1).sum(axis=0)
    assert (gap > 0.9 * len(inner)).sum() >= 26, "between columns"
    assert gap.min() >= 26, "between rows"


def test_edges_show_between_the_pixels_of_a_small_one(draw: Draw) -> None:
    found = draw(Grid(26, 31, 28, (8, 8)), np.ones(64), 1.0)
    assert (found[31:255, 26:250] == GROUND).all(axis=2).any()


@pytest.mark.parametrize("size", [(8, 8), (28, 28)])
def test_the_selected_pixel_has_a_frame(
    draw: Draw, theme: Theme, size: tuple[int, int], between: Callable[..., Array]
) -> None:
    grid = Grid(26, 31, 224 / size[0], size)
    values = np.full(size[0] * size[1], 0.5)
    index = size[0] * 3 + 2
    marked = draw(grid, values, 1.0, Neuron(0, index))
    changed = np.argwhere((marked != draw(grid, values, 1.0)).any(axis=2)) + 0.5
    xs, ys = grid.centres()
    reach = np.abs(changed - (ys[index], xs[index])).max(axis=1)
    assert grid.cell / 2 - 3 < reach.min()
    assert reach.max() < grid.cell / 2 + 3
    near = np.abs(marked - between(theme.accent, theme.accent, 0)).max(axis=2) < 60
    assert near.any()
