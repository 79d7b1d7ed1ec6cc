"""A ruler about zero on which a value is dragged."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.core.numbers import number, signed
from explorer.views.palette import DARK, Theme, mix
from explorer.views.theme import font

_MARGIN, _TRACK, _FINER = 8.0, 10.0, 10.0


class Scrubber(QWidget):
    """Shows a value between −reach and +reach.

    Dragging anywhere on it moves the value along, with Shift ten times finer: ``dragged`` tells
    each value on the way, ``released`` the last one, where it is another than before.
    """

    dragged = Signal(float)
    released = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(32)
        self.setMinimumWidth(80)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self._theme: Theme = DARK
        self._value, self._reach = 0.0, 1.0
        self._held: float | None = None
        self._start = self._exact = 0.0

    @property
    def value(self) -> float:
        """The value shown."""
        return self._value

    @property
    def reach(self) -> float:
        """The value at the right end."""
        return self._reach

    def show_value(self, value: float, reach: float) -> None:
        """Show a value on a ruler that goes so far to both sides."""
        self._value, self._reach, self._held = value, reach, None
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take another theme's colours."""
        self._theme = theme
        self.update()

    def place_of(self, value: float) -> float:
        """Where a value stands; those beyond the ends stand at them."""
        share = min(max(value / self._reach, -1.0), 1.0)
        return _MARGIN + (share + 1) / 2 * (self.width() - 2 * _MARGIN)

    def restore(self) -> None:
        """Give up a drag: the value is what it was before it."""
        if self._held is not None:
            self._value, self._held = self._start, None
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ruler, a bar from zero to the value, and the mark to drag."""
        del event
        theme, painter = self._theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        faint = mix(theme.muted, theme.card, 0.6)
        ink = theme.text if self.isEnabled() else faint
        painter.setPen(QPen(QColor(faint), 1))
        for tick in range(-4, 5):
            x = round(self.place_of(tick / 4 * self._reach)) + 0.5
            half = 5.0 if tick % 4 == 0 else 3.0
            painter.drawLine(QPointF(x, _TRACK - half), QPointF(x, _TRACK + half))
        x, zero = self.place_of(self._value), self.place_of(0)
        sign = theme.positive if self._value > 0 else theme.negative
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(sign if self.isEnabled() else faint))
        painter.drawRoundedRect(QRectF(min(x, zero), _TRACK - 2, abs(x - zero), 4), 2, 2)
        painter.setBrush(QColor(ink))
        painter.drawPolygon(QPolygonF([QPointF(x + dx, _TRACK + dy) for dx, dy in _MARK]))
        self._draw_ends(painter, faint)

    def _draw_ends(self, painter: QPainter, colour: str) -> None:
        painter.setPen(QColor(mix(self._theme.muted, colour, 0.3)))
        painter.setFont(font(10))
        box = QRectF(_MARGIN - 6, _TRACK + 8, self.width() - 2 * _MARGIN + 12, 13)
        for side, text in (
            (Qt.AlignmentFlag.AlignLeft, number(-self._reach, 2)),
            (Qt.AlignmentFlag.AlignHCenter, "0"),
            (Qt.AlignmentFlag.AlignRight, signed(self._reach, 2)),
        ):
            painter.drawText(box, side, text)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the value."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = event.position().x()
            self._start = self._exact = self._value

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the value along."""
        if self._held is None:
            return
        finer = _FINER if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
        step = 2 * self._reach / (self.width() - 2 * _MARGIN) / finer
        moved = self._exact + (event.position().x() - self._held) * step
        self._exact = min(max(moved, -self._reach), self._reach)
        self._held = event.position().x()
        self._value = round(self._exact, math.ceil(-math.log10(step)))
        self.update()
        self.dragged.emit(self._value)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of it."""
        if self._held is None or event.button() != Qt.MouseButton.LeftButton:
            return
        self._held = None
        if self._value != self._start:
            self.released.emit(self._value)


_MARK = ((0.0, -6.0), (5.0, 0.0), (0.0, 6.0), (-5.0, 0.0))
