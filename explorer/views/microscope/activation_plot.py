"""The activation function of a neuron, large: the point at z, its guides and its tangent."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.core.activations import CURVES, softmax_curve
from explorer.core.chain import activation_of, slope_of
from explorer.core.data.dataset import Floats
from explorer.core.moment import Moment
from explorer.core.numbers import exact, number
from explorer.core.part_of_network import Neuron
from explorer.core.readings import SIGMA
from explorer.views.microscope.axis import Axis
from explorer.views.microscope.lettering import LATER_FORWARD, accent_ink, draw_words
from explorer.views.painted_card import PaintedCard, Tip
from explorer.views.palette import mix

_CENTRE, _RIGHT = Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight


class ActivationPlot(PaintedCard):
    """Draws a = σ(z), where the neuron stands on it, and how steep it is there.

    Of a softmax output it is a as its own z alone moves, the other outputs' z held.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(120)
        self._curve: Callable[[Floats], Floats] = CURVES["linear"]
        self._title, self._slope_name = "", "σ′(z)"
        self._known = False
        self._z, self._a, self._slope = 0.0, 0.0, 0.0
        self._axes = (Axis(-5, 5), Axis(-5, 5))

    def show_moment(self, moment: Moment, neuron: Neuron) -> None:
        """Show a neuron's point, once its layer has been computed."""
        activation = activation_of(moment.trace, neuron)
        layer = moment.trace.layers[neuron.layer - 1]
        if activation == "softmax":
            self._curve = softmax_curve(layer.z[moment.example], neuron.index)
            self._title, self._slope_name = "a = softmax(z), the other z held", "∂a/∂z"
        else:
            self._curve = CURVES[activation]
            self._title, self._slope_name = f"a = {SIGMA[activation]}", "σ′(z)"
        self._known = moment.forward_done(neuron.layer)
        self._z = float(layer.z[moment.example, neuron.index])
        self._a = float(layer.activation[moment.example, neuron.index])
        self._slope = slope_of(moment.trace, moment.example, neuron)
        self._axes = self._fitted()
        self.update()

    def sizeHint(self) -> QSize:
        """Wider than high."""
        return QSize(420, 220)

    @property
    def area(self) -> QRectF:
        """The box between the axes."""
        return QRectF(self.rect()).adjusted(60, 34, -18, -30)

    def place(self, z: float, a: float) -> QPointF:
        """Where a point of the plane stands in the widget."""
        across, up = self._axes
        area = self.area
        return QPointF(
            area.left() + across.share(z) * area.width(),
            area.bottom() - up.share(a) * area.height(),
        )

    def tip_at(self, where: QPointF) -> Tip | None:
        """The exact numbers of the point and its slope."""
        del where
        if not self._known:
            return None
        slope = f"{self._slope_name} = {exact(self._slope)}"
        words = f"z = {exact(self._z)}\na = {exact(self._a)}\n{slope}"
        return Tip(words, QRectF(self.rect()))

    def _fitted(self) -> tuple[Axis, Axis]:
        reach = max(5.0, abs(self._z) * 1.25) if self._known else 5.0
        a = self._curve(np.linspace(-reach, reach, 81))
        low, high = min(float(a.min()), 0.0), max(float(a.max()), 1.0 if a.max() <= 1 else 0.0)
        room = 0.04 * (high - low)
        return Axis(-reach, reach), Axis(low - room, high + room)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw axes, curve, guides, tangent, point and numbers."""
        del event
        theme, painter = self._theme, self.card_painter()
        self._draw_axes(painter)
        reach = self._axes[0].high
        z = np.linspace(-reach, reach, 321)
        points = [self.place(x, y) for x, y in zip(z, self._curve(z), strict=True)]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(mix(theme.muted, theme.text, 0.3)), 2))
        painter.drawPolyline(QPolygonF(points))
        head = QRectF(14, 8, self.width() - 28, 20)
        if not self._known:
            draw_words(painter, head, self._title, theme.muted, 12.5)
            box = QRectF(self.area.left(), 30, self.area.width() / 2 - 10, 22)
            draw_words(painter, box, LATER_FORWARD, theme.muted, 12.5, align=_CENTRE)
            return
        draw_words(painter, head, self._title, theme.muted, 12.5)
        slope = f"slope {self._slope_name} = {number(self._slope)}"
        draw_words(painter, head, slope, accent_ink(theme), 12.5, bold=True, align=_RIGHT)
        self._draw_tangent(painter)
        self._draw_point(painter)

    def _draw_axes(self, painter: QPainter) -> None:
        theme, area = self._theme, self.area
        across, up = self._axes
        faint = QPen(QColor(theme.border), 1)
        tags = self._tags() if self._known else (QRectF(), QRectF())
        for value, words in across.ticks(6):
            x = self.place(value, 0).x()
            painter.setPen(faint)
            painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + 4))
            box = QRectF(x - 30, area.bottom() + 6, 60, 16)
            if not box.adjusted(16, 0, -16, 0).intersects(tags[0]):
                draw_words(painter, box, words, theme.muted, 11, align=_CENTRE)
        for value, words in up.ticks(4):
            y = self.place(0, value).y()
            painter.setPen(faint)
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            box = QRectF(0, y - 8, area.left() - 7, 16)
            if not box.intersects(tags[1]):
                draw_words(painter, box, words, theme.muted, 11, align=_RIGHT)
        painter.setPen(QPen(QColor(mix(theme.border, theme.muted, 0.5)), 1))
        painter.drawLine(self.place(0, up.low), self.place(0, up.high))
        painter.drawLine(self.place(across.low, 0), self.place(across.high, 0))
        draw_words(
            painter, QRectF(area.right() - 2, area.bottom() + 6, 16, 16), "z", theme.muted, 12
        )

    def _draw_tangent(self, painter: QPainter) -> None:
        """A line through the point as steep as σ′(z), a third of the plot long."""
        point, ahead = self.place(self._z, self._a), self.place(self._z + 1, self._a + self._slope)
        way = ahead - point
        length = max(float(np.hypot(way.x(), way.y())), 1e-9)
        way *= min(self.area.width() / 5, self.area.height() * 0.62) / length
        painter.save()
        painter.setClipRect(self.area.adjusted(-6, -6, 6, 6))
        painter.setPen(QPen(QColor(self._theme.accent), 2))
        painter.drawLine(point - way, point + way)
        painter.restore()

    def _draw_point(self, painter: QPainter) -> None:
        theme, area = self._theme, self.area
        point = self.place(self._z, self._a)
        painter.setPen(QPen(QColor(theme.accent), 1, Qt.PenStyle.DashLine))
        painter.drawLine(point, QPointF(point.x(), area.bottom()))
        painter.drawLine(point, QPointF(area.left(), point.y()))
        painter.setPen(QPen(QColor(theme.card), 2))
        painter.setBrush(QColor(theme.accent))
        painter.drawEllipse(point, 6, 6)
        below, beside = self._tags()
        self._draw_tag(painter, below, f"z = {number(self._z)}")
        self._draw_tag(painter, beside, number(self._a))

    def _tags(self) -> tuple[QRectF, QRectF]:
        """The boxes of the numbers z and a on their axes."""
        area, point = self.area, self.place(self._z, self._a)
        x = min(max(point.x() - 38, area.left()), area.right() - 66)
        y = min(max(point.y() - 9, area.top() - 4), area.bottom() - 14)
        return QRectF(x, area.bottom() + 5, 76, 18), QRectF(3, y, area.left() - 5, 18)

    def _draw_tag(self, painter: QPainter, box: QRectF, words: str) -> None:
        """A number on an axis, over the ticks."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.accent))
        painter.drawRoundedRect(box, 4, 4)
        draw_words(painter, box, words, self._theme.on_accent, 11.5, bold=True, align=_CENTRE)
