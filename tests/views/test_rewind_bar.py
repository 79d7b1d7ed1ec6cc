from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
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
    assert dragged == [1001, 501, 251, 751, 1]
    assert released == [1]


def test_the_knob_stands_at_the_end_of_a_run_that_goes_on(bar: RewindBar) -> None:
    end = bar.place_of(1001)
    bar.show_last(5_000_000_000)
    assert bar.update_shown == 5_000_000_000
    assert bar.place_of(5_000_000_000) == end


def test_before_there_is_an_update_nothing_can_be_dragged(bar: RewindBar, qtbot: QtBot) -> None:
    bar.show_last(0)
    with qtbot.assertNotEmitted(bar.released):
        qtbot.mouseClick(bar, LEFT, pos=QPoint(50, 9))
    assert bar.update_shown == 0


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
        qtbot.mouseClick(bar, LEFT, pos=QPoint(216, 9))
    assert told.args == [4_000_000_001]
