from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QSizeF
from PySide6.QtWidgets import QWidget

from explorer.views.card import draw_card
from explorer.views.palette import Theme

LINES = ["z = Σ w·a + b = −1.00 + 0.500 = −0.500", "a = tanh z = −0.462"]


@pytest.fixture
def card(canvas_of: Callable[..., QWidget]) -> Callable[..., QWidget]:
    def draw(x: float, y: float, theme: Theme, lines: list[str] = LINES) -> QWidget:
        room = QSizeF(420, 200)
        return canvas_of(
            lambda painter: draw_card(painter, theme, "neuron 1", lines, QPointF(x, y), room),
            420,
            200,
            theme,
        )

    return draw


def box(found: Any) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is not ground."""
    ground = found[0, 0]
    rows, columns = np.nonzero(np.abs(found - ground).max(axis=2) > 6)
    return columns.min(), rows.min(), columns.max(), rows.max()


@pytest.mark.parametrize("x", [0, 100, 210, 330, 419])
@pytest.mark.parametrize("y", [0, 90, 199])
def test_it_is_whole_and_within_the_room(
    card: Any, pixels: Any, words: Any, theme: Theme, x: float, y: float
) -> None:
    widget = card(x, y, theme)
    left, top, right, bottom = box(pixels(widget))
    assert left >= 3
    assert top >= 3
    assert right <= 417
    assert bottom <= 197
    assert words(widget) == ["neuron 1", *LINES]
    assert right - left > 150
    assert 40 < bottom - top < 90


def test_it_stands_beside_the_point(card: Any, pixels: Any, theme: Theme) -> None:
    left, top, _, _ = box(pixels(card(50, 60, theme)))
    assert 50 < left < 80
    assert 60 < top < 90


def test_more_lines_make_it_higher(card: Any, pixels: Any, theme: Theme) -> None:
    heights = []
    for n in (1, 3, 6):
        _, top, _, bottom = box(pixels(card(10, 10, theme, ["line"] * n)))
        heights.append(bottom - top)
    assert heights[1] - heights[0] == pytest.approx(2 * 19, abs=1)
    assert heights[2] - heights[1] == pytest.approx(3 * 19, abs=1)
