"""A notice across the foot of the drawing: what went wrong, or what has just happened."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QEnterEvent, QHideEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from explorer.views.restyle import restyle

_NOTE_MILLISECONDS = 5000


class Notice(QFrame):
    """One message at a time, with a button to close it.

    A mere note goes by itself, but not from under the pointer; a failure stays.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 6, 6)
        self._label = QLabel()
        self._label.setWordWrap(True)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        close = QToolButton()
        close.setObjectName("flat")
        close.setText("✕")
        close.setToolTip("Close this notice")
        close.clicked.connect(self.hide)
        row.addWidget(self._label, 1)
        row.addWidget(close)
        self._pointed = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    @property
    def text(self) -> str:
        """The message shown."""
        return self._label.text()

    def tell(self, text: str, kind: Literal["error", "note"] = "error") -> None:
        """Show a message."""
        self._label.setText(text)
        restyle(self, "kind", kind)
        self.show()
        self._let_go()

    def _let_go(self) -> None:
        """Have a note go after a while, unless it is pointed at."""
        if self.property("kind") == "note" and not self._pointed and not self.isHidden():
            self._timer.start(_NOTE_MILLISECONDS)
        else:
            self._timer.stop()

    def enterEvent(self, event: QEnterEvent) -> None:
        """What is pointed at stays."""
        self._pointed = True
        self._let_go()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """It may go again."""
        self._pointed = False
        self._let_go()
        super().leaveEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing is left to go by itself."""
        self._pointed = False
        self._timer.stop()
        super().hideEvent(event)
