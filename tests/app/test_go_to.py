"""Going to an update by its number: the real dialog over the real window."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from explorer.app.go_to import GoToDialog
from explorer.app.main_window import MainWindow
from explorer.core.defaults import default_experiment
from explorer.core.experiment import Experiment

Show = Callable[[MainWindow, Experiment], None]
Typed = Callable[[str], GoToDialog]

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


@pytest.fixture
def ran(window: MainWindow, show: Show, qtbot: QtBot) -> MainWindow:
    """After 1,200 updates."""
    show(window, default_experiment("circles"))
    train_to(window, qtbot, 1200)
    return window


@pytest.fixture
def typed(ran: MainWindow, qtbot: QtBot) -> Typed:
    """Open the dialog and type into it; it goes with the window, or when it is closed."""
    dialog = GoToDialog(ran.session, ran.plot.rewind, ran)
    dialog.show()

    def type_it(text: str) -> GoToDialog:
        qtbot.keyClicks(dialog.edit, text)
        return dialog

    return type_it


def train_to(window: MainWindow, qtbot: QtBot, update: int) -> None:
    with qtbot.waitSignal(
        window.session.playing_changed, timeout=30_000, check_params_cb=lambda on: not on
    ):
        window.session.train_to(update)


def standing(window: MainWindow) -> tuple[int, bool]:
    """The update on screen, and whether it is only looked back at."""
    moment = window.session.moment
    assert moment is not None
    return moment.trace.update, moment.past


def test_what_is_typed_is_looked_at_and_gone_to(
    ran: MainWindow, typed: Typed, qtbot: QtBot
) -> None:
    dialog = typed("45")
    qtbot.waitUntil(lambda: standing(ran) == (45, True), timeout=30_000)
    assert ran.plot.rewind.update_shown == 45
    assert "back" in dialog.hint
    with qtbot.waitSignals([ran.session.rewound, dialog.destroyed], timeout=30_000):
        qtbot.keyClick(dialog.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: standing(ran) == (45, False), timeout=30_000)
    assert ran.session.update == 45
    assert ran.plot.rewind.update_shown == 45
    with qtbot.waitSignal(ran.session.restarted, timeout=30_000):
        ran.actions_["undo"].trigger()
    assert ran.session.update == 1200


def test_escape_leaves_the_run_where_it_was(ran: MainWindow, typed: Typed, qtbot: QtBot) -> None:
    dialog = typed("700")
    qtbot.waitUntil(lambda: standing(ran) == (700, True), timeout=30_000)
    with qtbot.waitSignal(dialog.destroyed):
        qtbot.keyClick(dialog.edit, Qt.Key.Key_Escape)
    assert standing(ran) == (1200, False)
    assert ran.plot.rewind.update_shown == 1200


def test_a_later_update_is_trained_up_to(ran: MainWindow, typed: Typed, qtbot: QtBot) -> None:
    dialog = typed("12,345")
    assert standing(ran)[0] in (12, 123, 1, 1200)  # on the way, but nothing that is not there
    assert "Trains on" in dialog.hint
    with qtbot.waitSignal(
        ran.session.playing_changed, timeout=30_000, check_params_cb=lambda on: not on
    ):
        qtbot.keyClick(dialog.edit, Qt.Key.Key_Return)
    assert standing(ran) == (12_345, False)


def test_nothing_is_gone_to_without_a_number(ran: MainWindow, typed: Typed, qtbot: QtBot) -> None:
    dialog = typed("7x")
    assert dialog.update_typed == 7
    qtbot.keyClick(dialog.edit, Qt.Key.Key_Backspace)
    qtbot.keyClick(dialog.edit, Qt.Key.Key_0)
    assert dialog.update_typed is None
    assert not dialog.go.isEnabled()
    qtbot.keyClick(dialog.edit, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert dialog.focusWidget() is dialog.edit
    assert standing(ran) == (1200, False)
    dialog.reject()


def test_a_run_that_trains_comes_to_rest_and_says_where(ran: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignals([ran.session.showed] * 3, timeout=30_000):
        ran.session.play()
    dialog = GoToDialog(ran.session, ran.plot.rewind, ran)
    assert not dialog.go.isEnabled()
    qtbot.waitUntil(lambda: ran.session.at_rest, timeout=30_000)
    assert dialog.go.isEnabled()
    assert dialog.update_typed == ran.session.update == len(ran.session.costs)
    assert dialog.edit.selectedText() == dialog.edit.text()
    dialog.reject()
    assert standing(ran) == (ran.session.update, False)


def test_what_is_typed_before_the_run_has_come_to_rest_is_looked_at_then(
    ran: MainWindow, qtbot: QtBot
) -> None:
    with qtbot.waitSignals([ran.session.showed] * 3, timeout=30_000):
        ran.session.play()
    dialog = GoToDialog(ran.session, ran.plot.rewind, ran)
    dialog.show()
    qtbot.keyClicks(dialog.edit, "45")
    qtbot.keyClick(dialog.edit, Qt.Key.Key_Return)  # too early
    assert dialog.isVisible()
    qtbot.waitUntil(lambda: standing(ran) == (45, True), timeout=30_000)
    assert ran.plot.rewind.update_shown == 45
    qtbot.keyClick(dialog.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: standing(ran) == (45, False), timeout=30_000)
