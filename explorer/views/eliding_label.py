"""A label that shortens its text where there is no room for it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

_SPARE = 2  # points, which rounding may take


class ElidingLabel(QLabel):
    """Shows as much of a plain text as there is room for, with … at the end of a shortened one."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)

    def text(self) -> str:
        """The whole text."""
        return self._text

    @property
    def shown(self) -> str:
        """What of it is on screen."""
        return super().text()

    def setText(self, text: str) -> None:
        """Show another text."""
        self._text = text
        self._shorten()
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Room for the whole text."""
        width = self._around() + self._width_of(self._text) + _SPARE
        return QSize(width, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Room for the sign that something is left out."""
        return QSize(self._around() + self._width_of("…"), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show more of the text, or less."""
        super().resizeEvent(event)
        self._shorten()

    def _shorten(self) -> None:
        room = max(self.width() - self._around(), 0)
        super().setText(
            self.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, room)
        )

    def _around(self) -> int:
        """The width of border and padding."""
        return super().sizeHint().width() - self._width_of(self.shown)

    def _width_of(self, text: str) -> int:
        return self.fontMetrics().horizontalAdvance(text)
