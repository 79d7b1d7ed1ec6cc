"""How the window's panels lie beside each other: resized by hand, hidden, restored, remembered."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from explorer.app.preferences import Preferences

PANELS = ("setup", "inspector", "plot", "sample")
_NARROW = 1450
_LOW = 720  # points; below, a large view also needs the room of the panels under the drawing


class Arrangement(QSplitter):
    """Setup on the left, inspector on the right, between them the drawing above plot and example.

    ``panels`` are the widgets by the names in :data:`PANELS`.
    """

    def __init__(self, panels: dict[str, QWidget], drawing: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._panels = panels
        self._lent = False
        self._lower = _splitter(Qt.Orientation.Horizontal, panels["plot"], panels["sample"])
        self._centre = _splitter(Qt.Orientation.Vertical, drawing, self._lower)
        self._centre.setStretchFactor(0, 1)
        _fill(self, panels["setup"], self._centre, panels["inspector"])
        self.setStretchFactor(1, 1)
        panels["setup"].setMinimumWidth(250)
        panels["inspector"].setMinimumWidth(270)

    def spread(self, window: QSize) -> None:
        """Give every panel the share that suits a window of this size."""
        narrow = window.width() < _NARROW
        left, right = (262, 318) if narrow else (276, 356)
        centre = window.width() - left - right
        self.setSizes([left, centre, right])
        body = window.height() - 84
        lower = max(170, round(body * 0.235))
        self._centre.setSizes([body - lower, lower])
        self._lower.setSizes([round(centre * 0.6), round(centre * 0.4)])

    def show_panel(self, name: str, *, shown: bool) -> None:
        """Show or hide a panel; the others take its room."""
        self._panels[name].setVisible(shown)
        self._show_lower()

    def lend_room(self, lent: bool) -> None:
        """Let a large view have the room below it too, where there is little."""
        self._lent = lent
        self._show_lower()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another height may need, or give back, the room below."""
        super().resizeEvent(event)
        self._show_lower()

    def _show_lower(self) -> None:
        empty = all(self._panels[name].isHidden() for name in ("plot", "sample"))
        self._lower.setVisible(not empty and not (self._lent and self.height() < _LOW))

    def restore(self, preferences: Preferences) -> None:
        """Lie as the user left it."""
        for name, splitter in self._splitters().items():
            state = preferences.state(name)
            if state is not None:
                splitter.restoreState(state)

    def remember(self, preferences: Preferences) -> None:
        """Keep how it lies."""
        for name, splitter in self._splitters().items():
            preferences.remember_state(name, splitter.saveState())

    def _splitters(self) -> dict[str, QSplitter]:
        return {"outer": self, "centre": self._centre, "lower": self._lower}


def centre_column(*widgets: QWidget) -> tuple[QWidget, QVBoxLayout]:
    """A canvas-coloured column of widgets, and its layout for what fills the rest."""
    canvas = QWidget()
    canvas.setObjectName("canvas")
    column = QVBoxLayout(canvas)
    column.setContentsMargins(18, 12, 18, 0)
    column.setSpacing(6)
    for widget in widgets:
        column.addWidget(widget)
    return canvas, column


def _splitter(orientation: Qt.Orientation, *widgets: QWidget) -> QSplitter:
    splitter = QSplitter(orientation)
    _fill(splitter, *widgets)
    return splitter


def _fill(splitter: QSplitter, *widgets: QWidget) -> None:
    splitter.setHandleWidth(1)
    splitter.setChildrenCollapsible(False)
    for widget in widgets:
        splitter.addWidget(widget)
