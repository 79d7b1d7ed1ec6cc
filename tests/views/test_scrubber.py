from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from explorer.views.palette import Theme, rgb
from explorer.views.scrubber import Scrubber

LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def scrubber(sized: Callable[[QWidget, int, int], None]) -> Scrubber:
    scrubber = Scrubber()
    sized(scrubber, 216, 32)
    scrubber.show_value(0.25, 1.0)
    return scrubber


@pytest.fixture
def told(scrubber: Scrubber) -> dict[str, list[float]]:
    told: dict[str, list[float]] = {"dragged": [], "released": []}
    scrubber.dragged.connect(told["dragged"].append)
    scrubber.released.connect(told["released"].append)
    return told


@pytest.mark.parametrize(("value", "sign"), [(0.5, "positive"), (-0.5, "negative")])
def test_a_bar_leads_from_zero_to_the_value(
    scrubber: Scrubber,
    pixels: Callable[[QWidget], np.ndarray[Any, Any]],
    theme: Theme,
    value: float,
    sign: str,
) -> None:
    scrubber.set_theme(theme)
    scrubber.show_value(value, 1.0)
    row = pixels(scrubber)[10]
    inside = round(scrubber.place_of(value * 0.3))
    assert tuple(row[inside]) == rgb(getattr(theme, sign))
    outside = round(scrubber.place_of(-value * 0.3))
    assert tuple(row[outside]) != rgb(getattr(theme, sign))


def test_the_ends_are_named(scrubber: Scrubber, words: Callable[[QWidget], list[str]]) -> None:
    scrubber.show_value(0.1, 1.5)
    assert words(scrubber) == ["−1.5", "0", "+1.5"]


def test_dragging_moves_the_value_along(
    scrubber: Scrubber,
    told: dict[str, list[float]],
    drag: Callable[[QWidget, QPointF, QPointF], None],
) -> None:
    """200 points stand for 2: fifty to the right are half a unit."""
    drag(scrubber, QPointF(20, 10), QPointF(70, 10))
    assert told["dragged"] == pytest.approx([0.5, 0.75])
    assert told["released"] == pytest.approx([0.75])
    assert scrubber.value == pytest.approx(0.75)


def test_it_stops_at_the_ends(
    scrubber: Scrubber,
    told: dict[str, list[float]],
    drag: Callable[[QWidget, QPointF, QPointF], None],
) -> None:
    drag(scrubber, QPointF(200, 10), QPointF(-200, 10))
    assert told["released"] == [-1.0]


def test_shift_is_ten_times_finer(
    qtbot: QtBot, scrubber: Scrubber, told: dict[str, list[float]]
) -> None:
    qtbot.mousePress(scrubber, LEFT, SHIFT, QPoint(20, 10))
    event_position = QPoint(70, 10)
    _move(scrubber, event_position)
    qtbot.mouseRelease(scrubber, LEFT, SHIFT, event_position)
    assert told["released"] == pytest.approx([0.30])


def test_a_click_changes_nothing(
    qtbot: QtBot, scrubber: Scrubber, told: dict[str, list[float]]
) -> None:
    qtbot.mouseClick(scrubber, LEFT, pos=QPoint(150, 10))
    assert told == {"dragged": [], "released": []}
    assert scrubber.value == 0.25


def _move(scrubber: Scrubber, where: QPoint) -> None:
    at = QPointF(where)
    event = QMouseEvent(QEvent.Type.MouseMove, at, at, Qt.MouseButton.NoButton, LEFT, SHIFT)
    QApplication.sendEvent(scrubber, event)
