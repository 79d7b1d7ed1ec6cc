"""The way from a parameter to the cost as number lines: w → z → a → C, with a handle on w."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.core.answers import Sweep
from explorer.core.data.dataset import Floats
from explorer.core.numbers import exact
from explorer.views.microscope.axis import Axis, axis_of
from explorer.views.microscope.lettering import draw_words, moved
from explorer.views.microscope.links import Links
from explorer.views.painted_card import PaintedCard, Tip
from explorer.views.palette import mix
from explorer.views.theme import MONO

_NAMES_WIDTH, _MARGIN, _TOP, _BOTTOM = 178.0, 14.0, 26.0, 40.0
_FAN = 41  # of the sweep's passes, so many are drawn as threads
_CENTRE = Qt.AlignmentFlag.AlignHCenter


class NumberLines(PaintedCard):
    """Draws a sweep on four number lines and lets its passes be dragged through.

    Every thread is one forward pass. The handle stands only on values that were really run;
    ``dragged`` tells the index of the pass, ``released`` that the hand is off.
    """

    dragged = Signal(int)
    released = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(220)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._links: Links | None = None
        self._sweep: Sweep | None = None
        self._at: int | None = None
        self._held = False
        self._axes: list[Axis] = []

    def show_links(self, links: Links) -> None:
        """Say what the links between the lines are."""
        self._links = links
        self.update()

    def show_sweep(self, sweep: Sweep | None, at: int | None) -> None:
        """Show a sweep, moved to one of its passes; without a sweep only the lines."""
        if sweep is not self._sweep:
            self._held = False
        if sweep is not None and sweep is not self._sweep:
            costs = (sweep.loss, sweep.batch_cost)
            self._axes = [
                axis_of(sweep.values, room=0.0),
                axis_of(sweep.z),
                axis_of(sweep.activation),
                axis_of(*costs),
            ]
        self._sweep, self._at = sweep, at
        self.update()

    def sizeHint(self) -> QSize:
        """Room for four lines."""
        return QSize(420, 300)

    def line(self, row: int) -> tuple[QPointF, QPointF]:
        """The ends of the line for w, z, a or C."""
        pitch = (self.height() - _TOP - _BOTTOM) / 3
        y = round(_TOP + row * pitch) + 0.5
        return QPointF(_NAMES_WIDTH + 8, y), QPointF(self.width() - _MARGIN - 8, y)

    def place(self, row: int, value: float) -> QPointF:
        """Where a value stands on its line; values off the line stand at its end."""
        left, right = self.line(row)
        share = self._axes[row].share(value) if np.isfinite(value) else 1.0
        return left + (right - left) * min(max(share, 0.0), 1.0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw lines, threads, points and numbers."""
        del event
        painter = self.card_painter()
        if self._links is None:
            return
        sweep = self._sweep
        if sweep is not None:
            self._draw_fan(painter, sweep)
        for row in range(4):
            self._draw_line(painter, row)
        self._draw_names(painter, self._links)
        if sweep is None:
            return
        muted = QColor(mix(self._theme.muted, self._theme.text, 0.4))
        self._draw_thread(painter, sweep, sweep.now, QPen(muted, 1.5, Qt.PenStyle.DashLine))
        self._draw_points(painter, sweep, sweep.now, muted, filled=False)
        accent = QColor(self._theme.accent)
        if self._at is not None:
            self._draw_thread(painter, sweep, self._at, QPen(accent, 2))
            self._draw_points(painter, sweep, self._at, accent, filled=True)
        self._draw_handle(painter, sweep)

    def _draw_fan(self, painter: QPainter, sweep: Sweep) -> None:
        pen = QPen(QColor(mix(self._theme.card, self._theme.muted, 0.28)), 1)
        stride = max((len(sweep.values) - 1) // (_FAN - 1), 1)
        for index in range(0, len(sweep.values), stride):
            self._draw_thread(painter, sweep, index, pen)

    def _draw_thread(self, painter: QPainter, sweep: Sweep, index: int, pen: QPen) -> None:
        values = (sweep.values, sweep.z, sweep.activation, sweep.loss)
        points = [self.place(row, float(line[index])) for row, line in enumerate(values)]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF(points))

    def _draw_line(self, painter: QPainter, row: int) -> None:
        theme = self._theme
        left, right = self.line(row)
        painter.setPen(QPen(QColor(mix(theme.muted, theme.card, 0.25)), 1.4))
        painter.drawLine(left, right)
        if self._sweep is None:
            return
        room, taken = right.x() - left.x(), left.x() - 30
        for value, words in self._axes[row].ticks(max(2, int(room / 48))):
            x = self.place(row, value).x()
            painter.setPen(QPen(QColor(theme.muted), 1))
            painter.drawLine(QPointF(x, left.y()), QPointF(x, left.y() + 4))
            if x - 20 < taken:
                continue
            box = QRectF(x - 24, left.y() + 5, 48, 14)
            self._draw_tick(painter, box, words)
            taken = x + 20

    def _draw_tick(self, painter: QPainter, box: QRectF, words: str) -> None:
        """A tick's number, on the card's colour, for threads pass behind it."""
        ground = QColor(self._theme.card)
        ground.setAlphaF(0.8)
        half = 3.2 * len(words) + 2
        painter.fillRect(QRectF(box.center().x() - half, box.top() + 1, 2 * half, 12), ground)
        draw_words(painter, box, words, self._theme.muted, 10.5, align=_CENTRE)

    def _draw_names(self, painter: QPainter, links: Links) -> None:
        for row, (name, values) in enumerate(zip(_names(links), self._values, strict=True)):
            y = self.line(min(row, 3))[0].y() + (-9 if row == 3 else 9 if row == 4 else 0)
            box = QRectF(_MARGIN, y - 9, _NAMES_WIDTH - _MARGIN, 18)
            width = draw_words(painter, box, name, self._theme.text, 13, bold=True)
            value_box = box.adjusted(width + 7, 0, 0, 0)
            words = self._value(values)
            draw_words(painter, value_box, words, self._theme.text, 11, family=MONO)
        for row, words_of in enumerate((links.to_z, links.to_a, links.to_cost)):
            middle = (self.line(row)[0].y() + self.line(row + 1)[0].y()) / 2
            shift = 1.0 if row < 2 else -4.0
            for place, words in enumerate(words_of):
                y = middle + shift + (place - 1) * 16
                box = QRectF(_MARGIN + 2, y, _NAMES_WIDTH - _MARGIN, 16)
                draw_words(painter, box, words, self._theme.muted, 11.5)

    def tip_at(self, where: QPointF) -> Tip | None:
        """The exact numbers on the lines: as they are, and at the handle."""
        del where
        sweep, at = self._sweep, self._at
        if sweep is None or self._links is None:
            return None
        lines = []
        for name, values in zip(_names(self._links), self._values, strict=True):
            assert values is not None
            line = f"{name} = {exact(float(values[sweep.now]))}"
            lines.append(line if at is None else f"{line} → {exact(float(values[at]))}")
        return Tip("\n".join(lines), QRectF(self.rect()))

    @property
    def _values(self) -> tuple[Floats | None, ...]:
        """What stands on the lines, from the top; of C both costs."""
        sweep = self._sweep
        if sweep is None:
            return (None,) * 5
        return sweep.values, sweep.z, sweep.activation, sweep.loss, sweep.batch_cost

    def _value(self, values: Floats | None) -> str:
        if values is None or self._sweep is None:
            return "…"
        now = float(values[self._sweep.now])
        return moved(now, now if self._at is None else float(values[self._at]))

    def _draw_points(
        self, painter: QPainter, sweep: Sweep, index: int, colour: QColor, *, filled: bool
    ) -> None:
        painter.setPen(QPen(colour, 1.8))
        painter.setBrush(colour if filled else QColor(self._theme.card))
        for row, values in enumerate((sweep.values, sweep.z, sweep.activation, sweep.loss)):
            painter.drawEllipse(self.place(row, float(values[index])), 4.5, 4.5)
        centre, d = self.place(3, float(sweep.batch_cost[index])), 5.5
        steps = ((0, -d), (d, 0), (0, d), (-d, 0))
        painter.drawPolygon(QPolygonF([centre + QPointF(x, y) for x, y in steps]))

    def _draw_handle(self, painter: QPainter, sweep: Sweep) -> None:
        """A grip on w, where the finger is or would be."""
        theme = self._theme
        centre = self.place(0, float(sweep.values[sweep.now if self._at is None else self._at]))
        painter.setPen(QPen(QColor(theme.card), 2))
        painter.setBrush(QColor(theme.accent))
        painter.drawEllipse(centre, 9, 9)
        painter.setPen(QPen(QColor(theme.on_accent), 1.4))
        for x in (-2.5, 0.0, 2.5):
            painter.drawLine(centre + QPointF(x, -3.5), centre + QPointF(x, 3.5))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.accent), 1))
            painter.drawEllipse(centre, 12, 12)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the handle, or bring it to where w was pressed."""
        if self._sweep is None or abs(event.position().y() - self.line(0)[0].y()) > 16:
            return
        self._held = True
        self._drag(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag through the passes; show that the handle can be taken."""
        if self._held:
            self._drag(event.position().x())
            return
        near = abs(event.position().y() - self.line(0)[0].y()) <= 16
        grip = near and self._sweep is not None
        self.setCursor(Qt.CursorShape.OpenHandCursor if grip else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let the handle stand where it is."""
        del event
        if self._held:
            self._held = False
            self.released.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrows move the handle by one pass."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        step = steps.get(Qt.Key(event.key()))
        if step is None or self._sweep is None:
            super().keyPressEvent(event)
            return
        at = self._sweep.now if self._at is None else self._at
        self.dragged.emit(min(max(at + step, 0), len(self._sweep.values) - 1))
        self.released.emit()

    def _drag(self, x: float) -> None:
        assert self._sweep is not None
        left, right = self.line(0)
        share = (x - left.x()) / (right.x() - left.x())
        value = self._axes[0].low + share * (self._axes[0].high - self._axes[0].low)
        self.dragged.emit(int(np.abs(self._sweep.values - value).argmin()))


def _names(links: Links) -> tuple[str, ...]:
    """What stands on the lines, from the top; of C both costs."""
    return links.parameter, "z", "a", "Cᵢ", "C_batch"
