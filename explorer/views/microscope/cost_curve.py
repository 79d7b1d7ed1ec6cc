"""The cost as a function of one parameter, from a sweep, with the slope that backprop found."""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.core.answers import Sweep
from explorer.core.data.dataset import Floats
from explorer.core.numbers import exact, signed
from explorer.views.microscope.axis import Axis, axis_of
from explorer.views.microscope.lettering import LATER_BACKWARD, accent_ink, draw_words
from explorer.views.painted_card import PaintedCard, Tip
from explorer.views.palette import mix

_CENTRE, _RIGHT = Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight


class Slopes(Struct, frozen=True):
    """∂Cᵢ/∂w, and ∂C_batch/∂w without regularization; None before backprop has found them."""

    parameter: str
    example: float | None
    batch: float | None


class CostCurve(PaintedCard):
    """Draws Cᵢ and C_batch over a parameter, the point now, the point dragged to, and tangents.

    A tangent is not fitted to the curve: it is drawn through the point now with the slope that
    backpropagation found.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._sweep: Sweep | None = None
        self._at: int | None = None
        self._slopes = Slopes("w", None, None)
        self._axes = (Axis(-1, 1), Axis(0, 1))

    def show_slopes(self, slopes: Slopes) -> None:
        """Take the slopes of this moment."""
        self._slopes = slopes
        self.update()

    def show_sweep(self, sweep: Sweep | None, at: int | None) -> None:
        """Show a sweep, moved to one of its passes; without one an empty card."""
        if sweep is not None and sweep is not self._sweep:
            costs = axis_of(sweep.loss, sweep.batch_cost, room=0.08)
            self._axes = (axis_of(sweep.values, room=0.0), costs)
        self._sweep, self._at = sweep, at
        self.update()

    def sizeHint(self) -> QSize:
        """Nearly square."""
        return QSize(290, 300)

    @property
    def area(self) -> QRectF:
        """The box between the axes."""
        return QRectF(self.rect()).adjusted(52, 50, -16, -70)

    def place(self, value: float, cost: float) -> QPointF:
        """Where a point of the curve stands in the widget."""
        across, up = self._axes
        area = self.area
        return QPointF(
            area.left() + across.share(value) * area.width(),
            area.bottom() - up.share(cost) * area.height(),
        )

    def tip_at(self, where: QPointF) -> Tip | None:
        """The exact slopes, as far as they are known."""
        del where
        symbol = self._slopes.parameter[0]
        slopes = (("Cᵢ", self._slopes.example), ("C_batch", self._slopes.batch))
        words = [f"∂{c}/∂{symbol} = {exact(slope)}" for c, slope in slopes if slope is not None]
        return Tip("\n".join(words), QRectF(self.rect())) if words else None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw axes, both curves, tangents, points and the legend."""
        del event
        theme, painter, sweep = self._theme, self.card_painter(), self._sweep
        self._draw_legend(painter)
        self._draw_slopes(painter)
        if sweep is None:
            return
        self._draw_axes(painter)
        self._draw_curve(painter, sweep, sweep.batch_cost, QPen(QColor(theme.muted), 1.6))
        self._draw_curve(painter, sweep, sweep.loss, QPen(QColor(theme.text), 2))
        self._draw_tangent(painter, sweep, sweep.batch_cost, self._slopes.batch)
        self._draw_tangent(painter, sweep, sweep.loss, self._slopes.example)
        for costs in (sweep.batch_cost, sweep.loss):
            self._draw_point(painter, sweep, costs, sweep.now, filled=False)
        if self._at is not None:
            x = self.place(float(sweep.values[self._at]), 0).x()
            painter.setPen(QPen(QColor(theme.accent), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(x, self.area.top()), QPointF(x, self.area.bottom()))
            for costs in (sweep.batch_cost, sweep.loss):
                self._draw_point(painter, sweep, costs, self._at, filled=True)

    def _draw_legend(self, painter: QPainter) -> None:
        theme = self._theme
        x, y = 14.0, 8.0
        for name, colour, width in (
            ("Cᵢ this example", theme.text, 2.0),
            ("C_batch", theme.muted, 1.6),
        ):
            painter.setPen(QPen(QColor(colour), width))
            painter.drawLine(QPointF(x, y + 10), QPointF(x + 16, y + 10))
            box = QRectF(x + 22, y, self.width() - x - 22, 20)
            x += 22 + draw_words(painter, box, name, theme.muted, 12) + 18
        if self._slopes.example is not None:
            painter.setPen(QPen(QColor(theme.accent), 2, Qt.PenStyle.SolidLine))
            painter.drawLine(QPointF(14, 36), QPointF(30, 36))
            box = QRectF(36, 26, self.width() - 50, 20)
            draw_words(painter, box, "tangent: the slope by backprop", theme.muted, 12)

    def _draw_slopes(self, painter: QPainter) -> None:
        theme, slopes = self._theme, self._slopes
        box = QRectF(14, self.height() - 46, self.width() - 28, 19)
        if slopes.example is None:
            words = f"∂Cᵢ/∂{slopes.parameter[0]} {LATER_BACKWARD}"
            draw_words(painter, box, words, theme.muted, 12)
            return
        symbol = slopes.parameter[0]
        words = f"∂Cᵢ/∂{symbol} = {signed(slopes.example)}"
        draw_words(painter, box, words, accent_ink(theme), 12, bold=True)
        if slopes.batch is not None:
            words = f"∂C_batch/∂{symbol} = {signed(slopes.batch)}"
            below = box.translated(0, 19)
            draw_words(painter, below, words, accent_ink(theme), 12, bold=True)

    def _draw_axes(self, painter: QPainter) -> None:
        theme, area = self._theme, self.area
        across, up = self._axes
        for value, words in across.ticks(max(2, int(area.width() / 55))):
            x = self.place(value, 0).x()
            painter.setPen(QPen(QColor(theme.border), 1))
            painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + 4))
            box = QRectF(x - 26, area.bottom() + 5, 52, 15)
            draw_words(painter, box, words, theme.muted, 11, align=_CENTRE)
        name = QRectF(area.right() + 4, area.bottom() - 9, 12, 16)
        draw_words(painter, name, self._slopes.parameter[0], theme.muted, 12)
        for value, words in up.ticks(5):
            y = self.place(0, value).y()
            painter.setPen(QPen(QColor(theme.border), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            draw_words(
                painter, QRectF(0, y - 8, area.left() - 6, 16), words, theme.muted, 11, align=_RIGHT
            )
        painter.setPen(QPen(QColor(mix(theme.border, theme.muted, 0.5)), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.drawLine(area.bottomLeft(), area.topLeft())

    def _draw_curve(self, painter: QPainter, sweep: Sweep, costs: Floats, pen: QPen) -> None:
        finite = np.isfinite(costs)
        pairs = zip(sweep.values[finite].tolist(), costs[finite].tolist(), strict=True)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF([self.place(value, cost) for value, cost in pairs]))

    def _draw_tangent(
        self, painter: QPainter, sweep: Sweep, costs: Floats, slope: float | None
    ) -> None:
        if slope is None:
            return
        value, cost = float(sweep.values[sweep.now]), float(costs[sweep.now])
        point, ahead = self.place(value, cost), self.place(value + 1, cost + slope)
        way = ahead - point
        way *= self.area.width() * 0.28 / max(float(np.hypot(way.x(), way.y())), 1e-9)
        painter.save()
        painter.setClipRect(self.area.adjusted(-2, -8, 2, 8))
        painter.setPen(QPen(QColor(self._theme.accent), 2))
        painter.drawLine(point - way, point + way)
        painter.restore()

    def _draw_point(
        self, painter: QPainter, sweep: Sweep, costs: Floats, index: int, *, filled: bool
    ) -> None:
        if not np.isfinite(costs[index]):
            return
        theme = self._theme
        painter.setPen(QPen(QColor(theme.accent if filled else theme.text), 1.8))
        painter.setBrush(QColor(theme.accent if filled else theme.card))
        painter.drawEllipse(self.place(float(sweep.values[index]), float(costs[index])), 4.5, 4.5)
