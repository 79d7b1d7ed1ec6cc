from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QCursor, QHelpEvent, QPaintEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from explorer.core.part_of_network import Neuron, Selectable
from explorer.views.painted_card import Tip
from explorer.views.pointed_card import PointedCard

Hover = Callable[[QWidget, float, float], None]
Sized = Callable[[QWidget, int, int], None]
FIRST, SECOND = Neuron(1, 0), Neuron(1, 1)


class Halves(PointedCard):
    """The first neuron at the left, the second in the middle, nothing at the right."""

    def part_at(self, where: QPointF) -> Selectable | None:
        return FIRST if where.x() < 100 else SECOND if where.x() < 200 else None

    def tip_at(self, where: QPointF) -> Tip | None:
        return Tip("0.1234567", QRectF(0, 0, 100, 50)) if where.x() < 100 else None

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        self.card_painter().end()


@pytest.fixture
def card(sized: Sized) -> Halves:
    card = Halves()
    sized(card, 300, 50)
    return card


def test_tells_each_part_once_and_when_it_is_left(card: Halves, hover: Hover) -> None:
    told: list[Selectable | None] = []
    card.part_pointed.connect(told.append)
    for x in (10, 20, 150, 250):
        hover(card, x, 20)
    assert told == [FIRST, SECOND, None]
    hover(card, 10, 20)
    QApplication.sendEvent(card, QEvent(QEvent.Type.Leave))
    assert told[3:] == [FIRST, None]


def test_being_pointed_at_from_elsewhere_tells_nothing(card: Halves, hover: Hover) -> None:
    told: list[Selectable | None] = []
    card.part_pointed.connect(told.append)
    card.point_at(SECOND)
    assert told == []
    hover(card, 150, 20)
    assert told == []
    hover(card, 10, 20)
    assert told == [FIRST]


def test_a_click_asks_for_the_part_there(card: Halves, qtbot: QtBot) -> None:
    asked: list[Selectable] = []
    card.part_requested.connect(asked.append)
    for x in (150, 250, 10):
        qtbot.mouseClick(card, Qt.MouseButton.LeftButton, pos=QPoint(x, 20))
    assert asked == [SECOND, FIRST]


def test_exact_numbers_are_read_where_there_are_any(
    card: Halves, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _, text, *__: said.append(text))
    monkeypatch.setattr(QToolTip, "hideText", lambda: said.append(""))
    for x in (10, 150):
        at = QPoint(x, 20)
        QApplication.sendEvent(card, QHelpEvent(QEvent.Type.ToolTip, at, card.mapToGlobal(at)))
    assert said == ["0.1234567", ""]


def test_what_has_gone_from_under_the_pointer_is_pointed_at_no_more(
    card: Halves, hover: Hover
) -> None:
    told: list[Selectable | None] = []
    card.part_pointed.connect(told.append)
    hover(card, 10, 20)
    QCursor.setPos(card.mapToGlobal(QPoint(250, 20)))  # as after the card has moved
    card.look_again()
    assert told == [FIRST, None]
    hover(card, 150, 20)
    card.hide()
    assert told[2:] == [SECOND, None]


def test_a_card_that_was_pointed_at_from_elsewhere_does_not_end_that(card: Halves) -> None:
    told: list[Selectable | None] = []
    card.part_pointed.connect(told.append)
    card.point_at(FIRST)
    card.look_again()
    card.hide()
    assert told == []
