from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from explorer.views.rewind_bar import RewindBar

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def bar(sized: Callable[[QWidget, int, int], None]) -> RewindBar:
    bar = RewindBar()
    sized(bar, 432, 18)
    bar.show_last(1001)
    return bar


def test_dragging_goes_back_and_forth_and_letting_go_says_where(
    bar: RewindBar, qtbot: QtBot
) -> None:
    dragged: list[int] = []
    released: list[int] = []
    bar.dragged.connect(dragged.append)
    bar.released.connect(released.append)
    qtbot.mousePress(bar, LEFT, pos=QPoint(round(bar.place_of(1001)), 9))
    for update in (501, 251, 751):
        qtbot.mouseMove(bar, QPoint(round(bar.place_of(update)), 9))
        assert bar.update_shown == dragged[-1]
    qtbot.mouseMove(bar, QPoint(-50, 9))
    qtbot.mouseRelease(bar, LEFT, pos=QPoint(-50, 9))
    assert dragged == [501, 251, 751, 1]
    assert released == [1]


def test_a_click_beside_the_knob_looks_there_and_goes_nowhere(bar: RewindBar, qtbot: QtBot) -> None:
    dragged: list[int] = []
    bar.dragged.connect(dragged.append)
    where = QPoint(round(bar.place_of(300)), 9)
    with qtbot.assertNotEmitted(bar.released), qtbot.waitSignal(bar.dropped, timeout=1000):
        qtbot.mouseClick(bar, LEFT, pos=where)
    assert len(dragged) == 1
    assert abs(dragged[0] - 300) <= 2
    assert bar.update_shown == 1001


def test_the_knob_is_held_where_it_is_touched(bar: RewindBar, qtbot: QtBot) -> None:
    dragged: list[int] = []
    bar.dragged.connect(dragged.append)
    edge = round(bar.place_of(1001)) - 5
    with qtbot.assertNotEmitted(bar.released):
        qtbot.mouseClick(bar, LEFT, pos=QPoint(edge, 9))
    assert dragged == []
    qtbot.mousePress(bar, LEFT, pos=QPoint(edge, 9))
    qtbot.mouseMove(bar, QPoint(edge - 40, 9))
    assert bar.place_of(bar.update_shown) == pytest.approx(bar.place_of(1001) - 40, abs=1)


@pytest.mark.parametrize("how", ["escape", "hidden", "a dialog", "let go elsewhere"])
def test_what_is_held_is_dropped_when_it_is_given_up(
    bar: RewindBar, qtbot: QtBot, how: str
) -> None:
    qtbot.mousePress(bar, LEFT, pos=QPoint(200, 9))
    qtbot.mouseMove(bar, QPoint(100, 9))
    with qtbot.assertNotEmitted(bar.released), qtbot.waitSignal(bar.dropped, timeout=1000):
        if how == "escape":
            qtbot.keyClick(bar, Qt.Key.Key_Escape)
        elif how == "hidden":
            bar.hide()
        elif how == "a dialog":
            bar.window().activateWindow()
            QApplication.processEvents()
            dialog = QDialog(bar)
            qtbot.addWidget(dialog)
            dialog.open()
            QApplication.processEvents()
        else:
            where, none = QPointF(90, 9), Qt.MouseButton.NoButton
            keys = Qt.KeyboardModifier.NoModifier
            kind = QEvent.Type.MouseMove
            QApplication.sendEvent(bar, QMouseEvent(kind, where, where, none, none, keys))
    assert bar.update_shown == 1001


def test_the_knob_stands_at_the_end_of_a_run_that_goes_on(bar: RewindBar) -> None:
    end = bar.place_of(1001)
    bar.show_last(5_000_000_000)
    assert bar.update_shown == 5_000_000_000
    assert bar.place_of(5_000_000_000) == end


@pytest.mark.parametrize("last", [0, 1])
def test_before_there_is_an_earlier_update_there_is_nothing_to_drag(
    bar: RewindBar, qtbot: QtBot, pixels: Callable[[QWidget], Any], last: int
) -> None:
    assert len(np.unique(pixels(bar))) > 1
    bar.show_last(last)
    with qtbot.assertNotEmitted(bar.dragged), qtbot.assertNotEmitted(bar.released):
        qtbot.mousePress(bar, LEFT, pos=QPoint(50, 9))
        qtbot.mouseMove(bar, QPoint(90, 9))
        qtbot.mouseRelease(bar, LEFT, pos=QPoint(90, 9))
    assert bar.update_shown == last
    assert len(np.unique(pixels(bar).reshape(-1, 3), axis=0)) == 1
    assert (bar.toolTip(), bar.cursor().shape()) == ("", Qt.CursorShape.ArrowCursor)


def test_it_says_what_it_is_for_and_what_has_to_be_done_first(bar: RewindBar) -> None:
    assert "Click to look" in bar.toolTip()
    assert bar.cursor().shape() == Qt.CursorShape.SizeHorCursor
    bar.setEnabled(False)
    assert "Pause" in bar.toolTip()
    assert bar.cursor().shape() == Qt.CursorShape.ArrowCursor
    bar.setEnabled(True)
    assert "Click to look" in bar.toolTip()


def test_while_disabled_it_stays_where_it_is(bar: RewindBar, qtbot: QtBot) -> None:
    bar.setEnabled(False)
    with qtbot.assertNotEmitted(bar.released):
        qtbot.mouseClick(bar, LEFT, pos=QPoint(50, 9))


def test_what_is_held_is_dropped_when_training_begins(bar: RewindBar, qtbot: QtBot) -> None:
    qtbot.mousePress(bar, LEFT, pos=QPoint(50, 9))
    assert bar.update_shown < 1001
    with qtbot.assertNotEmitted(bar.released), qtbot.waitSignal(bar.dropped, timeout=1000):
        bar.setEnabled(False)
    assert bar.update_shown == 1001


def test_updates_beyond_what_an_int_of_qt_holds_are_told(bar: RewindBar, qtbot: QtBot) -> None:
    bar.show_last(8_000_000_001)
    with qtbot.waitSignal(bar.released, timeout=1000) as told:
        qtbot.mousePress(bar, LEFT, pos=QPoint(100, 9))
        qtbot.mouseMove(bar, QPoint(216, 9))
        qtbot.mouseRelease(bar, LEFT, pos=QPoint(216, 9))
    assert told.args == [4_000_000_001]
