from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QImage
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from explorer.views.icons import icon

NAMES = ["play-fill", "pause-fill", "graph-outline", "camera"]
BLUE = (0x4E, 0xA3, 0xFF)


def ink(image: QImage) -> list[tuple[int, int, int, int]]:
    colours = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return [(c.red(), c.green(), c.blue(), c.alpha()) for c in colours if c.alpha()]


@pytest.mark.parametrize("name", NAMES)
def test_icons_are_drawn_in_their_colour(qapp: QApplication, name: str) -> None:
    assert qapp is not None
    inked = [c for c in ink(icon(name, "#4ea3ff").pixmap(24, 24).toImage()) if c[3] == 255]
    assert len(inked) > 10
    assert all(c[:3] == BLUE for c in inked)


@pytest.mark.parametrize("side", [16, 24, 72])
def test_they_fill_any_size_and_are_sharp_there(qapp: QApplication, side: int) -> None:
    """The share of pixels with ink stays; that of blurred ones falls with the size."""
    assert qapp is not None
    inked = ink(icon("pause-fill", "#4ea3ff").pixmap(side, side).toImage())
    assert 0.3 < len(inked) / side**2 < 0.7
    assert sum(c[3] < 255 for c in inked) < 8 * side


def test_a_disabled_one_is_fainter(qapp: QApplication) -> None:
    assert qapp is not None
    shape = icon("play-fill", "#4ea3ff")
    faint = ink(shape.pixmap(QSize(24, 24), QIcon.Mode.Disabled).toImage())
    assert max(c[3] for c in faint) == pytest.approx(102, abs=2)


def test_a_button_keeps_its_icon(qtbot: QtBot, pixels: Callable[[QToolButton], Any]) -> None:
    """Qt clones it, and the one it was made from goes away."""
    button = QToolButton()
    qtbot.addWidget(button)
    button.setIcon(icon("play-fill", "#4ea3ff"))
    button.resize(40, 40)
    for _ in range(3):
        assert (abs(pixels(button) - BLUE).max(axis=-1) <= 2).any()
