"""What the painted panels share: a themed card, as high as it needs, with exact numbers to read."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF
from PySide6.QtGui import QColor, QHelpEvent, QPainter
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.views.palette import DARK, Theme


class Tip(NamedTuple):
    """What is read when the pointer rests on a box."""

    text: str
    box: QRectF


class PaintedCard(QWidget):
    """A card that its subclasses paint on; its width follows the panel, its height the content.

    Where :meth:`tip_at` has something to say, resting the pointer there reads it.
    """

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

    def tip_at(self, where: QPointF) -> Tip | None:
        """The exact numbers of what stands there; None for nothing."""
        del where
        return None

    def card_painter(self) -> QPainter:
        """A smooth painter on this widget, the empty card already drawn."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(self._theme.border))
        painter.setBrush(QColor(self._theme.card))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        return painter

    def event(self, event: QEvent) -> bool:
        """Read the exact numbers of what the pointer rests on."""
        if event.type() != QEvent.Type.ToolTip or not isinstance(event, QHelpEvent):
            return super().event(event)
        tip = self.tip_at(QPointF(event.pos()))
        if tip is None or not tip.text:
            QToolTip.hideText()
        else:
            QToolTip.showText(event.globalPos(), tip.text, self, tip.box.toRect())
        return True
