from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.views.search_field import SearchField


def test_escape_empties_it_and_leaves_it(qtbot: QtBot) -> None:
    """Also where Escape is a shortcut of the window."""
    window = QWidget()
    qtbot.addWidget(window)
    taken: list[str] = []
    QShortcut(Qt.Key.Key_Escape, window).activated.connect(lambda: taken.append("window"))
    field = SearchField("Find", window)
    window.show()
    window.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    qtbot.keyClicks(field, "12")
    assert field.text() == "12"
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""
    assert not field.hasFocus()
    assert taken == []
