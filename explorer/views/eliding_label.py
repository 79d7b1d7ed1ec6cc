"""A label that shortens its text where there is no room for it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QHelpEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QToolTip, QWidget

from explorer.views.fitting import longest_fitting

_SPARE = 2  # points, which rounding may take


class ElidingLabel(QLabel):
    """Shows as much of a plain text as there is room for: a shorter one, or with … at its end.

    Where not all is shown and the label has no tip of its own, the whole text is its tip.
    """

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._shorter: tuple[str, ...] = ()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)

    def text(self) -> str:
        """The whole text."""
        return self._text

    @property
    def shown(self) -> str:
        """What of it is on screen."""
        return super().text()

    def setText(self, text: str, *shorter: str) -> None:
        """Show another text, or, where there is no room for it, the longest other that fits."""
        self._text, self._shorter = text, shorter
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

    def event(self, event: QEvent) -> bool:
        """Tell the whole text to whom points at a part of it."""
        hidden = self.shown != self._text and not self.toolTip()
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and hidden:
            QToolTip.showText(event.globalPos(), self._text, self)
            return True
        return super().event(event)

    def _shorten(self) -> None:
        room = max(self.width() - self._around(), 0)
        super().setText(longest_fitting((self._text, *self._shorter), self.font(), room))

    def _around(self) -> int:
        """The width of border and padding."""
        return super().sizeHint().width() - self._width_of(self.shown)

    def _width_of(self, text: str) -> int:
        return self.fontMetrics().horizontalAdvance(text)
