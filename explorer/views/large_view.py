"""A view that takes the place of the drawing until it is closed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget


class LargeView(QFrame):
    """A title, room for controls beside it (``head``), and the view itself below (``body``).

    Escape or the cross closes it, which ``closed`` tells.
    """

    closed = Signal()

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._title = QLabel(title)
        self._title.setObjectName("title")
        self.head = QHBoxLayout()
        self.head.setSpacing(8)
        cross = QToolButton()
        cross.setObjectName("flat")
        cross.setText("✕")
        cross.setToolTip("Back to the network  (Esc)")
        cross.clicked.connect(self.close_view)
        row = QHBoxLayout()
        row.addWidget(self._title)
        row.addStretch(1)
        row.addLayout(self.head)
        row.addWidget(cross)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 10)
        column.setSpacing(8)
        column.addLayout(row)
        column.addLayout(self.body, 1)
        self.hide()

    @property
    def title(self) -> str:
        """What stands above the view."""
        return self._title.text()

    def set_title(self, title: str) -> None:
        """Name what is shown."""
        self._title.setText(title)

    def close_view(self) -> None:
        """Give the room back to the drawing."""
        self.hide()
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_view()
        else:
            super().keyPressEvent(event)
