from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest
from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from explorer.views.notice import Notice


@pytest.fixture
def notice(sized: Callable[[QWidget, int, int], None]) -> Notice:
    notice = Notice()
    sized(notice, 500, 60)
    notice.hide()
    return notice


def timer(notice: Notice) -> QTimer:
    found = notice.findChild(QTimer)
    assert isinstance(found, QTimer)
    return found


def test_at_first_there_is_none(qtbot: QtBot) -> None:
    notice = Notice()
    qtbot.addWidget(notice)
    assert notice.isHidden()


@pytest.mark.parametrize("kind", ["error", "note"])
def test_a_message_is_shown_until_it_is_closed(notice: Notice, qtbot: QtBot, kind: str) -> None:
    notice.tell("The file was not opened.", kind)  # type: ignore[arg-type]
    assert notice.isVisible()
    assert notice.text == "The file was not opened."
    assert notice.property("kind") == kind
    qtbot.mouseClick(notice.findChild(QToolButton), Qt.MouseButton.LeftButton)
    assert notice.isHidden()
    assert not timer(notice).isActive()


def test_the_last_message_counts(notice: Notice) -> None:
    notice.tell("first")
    notice.tell("second", "note")
    assert notice.text == "second"
    assert notice.property("kind") == "note"
    notice.hide()


def test_only_a_note_goes_by_itself(notice: Notice, leave: Callable[[QWidget], None]) -> None:
    notice.tell("Saved.", "note")
    leave(notice)  # where a test before this one may have left the pointer
    assert timer(notice).isActive()
    assert timer(notice).isSingleShot()
    timer(notice).timeout.emit()  # as if its time had passed
    assert notice.isHidden()
    notice.tell("Not saved.", "error")
    assert not timer(notice).isActive()


@pytest.mark.parametrize(("kind", "goes"), [("note", True), ("error", False)])
def test_it_stays_while_it_is_pointed_at(
    notice: Notice, leave: Callable[[QWidget], None], kind: Literal["note", "error"], goes: bool
) -> None:
    notice.tell("Saved.", kind)
    where = QPointF(20, 20)
    QApplication.sendEvent(notice, QEnterEvent(where, where, where))
    assert not timer(notice).isActive()
    notice.tell("Saved again.", kind)
    assert not timer(notice).isActive()
    leave(notice)
    assert timer(notice).isActive() == goes
    if goes:
        assert timer(notice).interval() == 5000


def test_an_error_after_a_note_stays(notice: Notice) -> None:
    notice.tell("Saved.", "note")
    notice.tell("Not saved.", "error")
    assert not timer(notice).isActive()
    assert notice.isVisible()


def test_the_message_can_be_selected_to_be_asked_about(notice: Notice) -> None:
    from PySide6.QtWidgets import QLabel

    flags = notice.findChild(QLabel).textInteractionFlags()
    assert flags & Qt.TextInteractionFlag.TextSelectableByMouse
