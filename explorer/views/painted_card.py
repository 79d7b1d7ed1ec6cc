"""What the painted panels of the inspector share: a themed card, as high as it needs."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.views.palette import DARK, Theme


class PaintedCard(QWidget):
    """A card that its subclasses paint on; its width follows the panel, its height the content."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme: Theme = DARK

    def set_theme(self, theme: Theme) -> None:
        """Take another theme's colours."""
        self._theme = theme
        self.update()

    def take_height(self, height: float) -> None:
        """Become so many points high, where it is another height than before."""
        if round(height) != self.height():
            self.setFixedHeight(round(height))

    def card_painter(self) -> QPainter:
        """A smooth painter on this widget, the empty card already drawn."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(self._theme.border))
        painter.setBrush(QColor(self._theme.card))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        return painter
