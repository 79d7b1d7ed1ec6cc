"""The shipped icons, in any colour and size."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from explorer.core.shipped import asset

_BLACK = "#000000"  # the colour in the files
_DISABLED = 0.4


def icon(name: str, colour: str) -> QIcon:
    """An icon of ``assets/icons`` such as ``play-fill``, in a colour ``#rrggbb``."""
    svg = asset(f"icons/{name}.svg").read_text(encoding="utf-8").replace(_BLACK, colour)
    return QIcon(_Engine(svg))


class _Engine(QIconEngine):
    """Draws an icon's outline at the size that is wanted, and fainter where it is disabled."""

    def __init__(self, svg: str) -> None:
        super().__init__()
        self._svg = svg
        self._renderer = QSvgRenderer(QByteArray(svg.encode()))
        self._renderer.setAspectRatioMode(Qt.AspectRatioMode.KeepAspectRatio)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draw it into a box."""
        del state
        painter.save()
        if mode == QIcon.Mode.Disabled:
            painter.setOpacity(_DISABLED * painter.opacity())
        self._renderer.render(painter, QRectF(rect))
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Draw it alone."""
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        """Another one, which Qt owns."""
        return _Engine(self._svg)
