"""A scrolling column of widgets, as high as they need at its width."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget


class ScrollColumn(QScrollArea):
    """Scrolls up and down only.

    A scroll area alone takes no account of labels that grow higher as they grow narrower, and
    would squeeze what stands between them.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        content = QWidget()
        content.setObjectName("panel")
        self.column = QVBoxLayout(content)
        self.column.setContentsMargins(14, 14, 12, 14)
        self.column.setSpacing(7)
        self._content = content
        self.setWidget(content)
        content.installEventFilter(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the height that the content needs at the new width."""
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the content when it asks for another height."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        height = self.column.totalHeightForWidth(self.viewport().width())
        self._content.setMinimumHeight(max(height, self.column.totalMinimumSize().height()))
