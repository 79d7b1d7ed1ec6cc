"""The activation function of a neuron, with the point at its z."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from explorer.core.activations import CURVES
from explorer.core.data.dataset import Floats
from explorer.core.moment import Moment
from explorer.core.numbers import exact, number
from explorer.core.part_of_network import Neuron
from explorer.views.painted_card import PaintedCard, Tip
from explorer.views.theme import font


class ActivationCurve(PaintedCard):
    """Draws a = σ(z) around a neuron's z, with the point where it stands."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(128)
        self._curve: Callable[[Floats], Floats] | None = None
        self._point = (0.0, 0.0)

    def show_neuron(self, moment: Moment, neuron: Neuron) -> None:
        """Show a neuron's point; softmax has no curve of its own and shows nothing."""
        activation = moment.experiment.network.layers[neuron.layer - 1].activation
        self._curve = CURVES.get(activation)
        layer = moment.trace.layers[neuron.layer - 1]
        self._point = (
            float(layer.z[moment.example, neuron.index]),
            float(layer.activation[moment.example, neuron.index]),
        )
        self.setVisible(self._curve is not None)
        self.update()

    def sizeHint(self) -> QSize:
        """A low card."""
        return QSize(280, 128)

    def tip_at(self, where: QPointF) -> Tip | None:
        """The exact numbers of the point."""
        del where
        z, a = self._point
        return Tip(f"z = {exact(z)}  →  a = {exact(a)}", QRectF(self.rect()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw axes, curve, point and the point's numbers."""
        del event
        theme, painter = self._theme, self.card_painter()
        if self._curve is None:
            return
        area = QRectF(self.rect()).adjusted(14, 12, -14, -24)
        reach = max(4.0, abs(self._point[0]) * 1.2)
        z = np.linspace(-reach, reach, 161)
        a = self._curve(z)
        low, high = min(float(a.min()), 0.0), max(float(a.max()), 1.0 if a.max() <= 1 else 0.0)

        def place(x: float, y: float) -> QPointF:
            return QPointF(
                area.left() + (x + reach) / (2 * reach) * area.width(),
                area.bottom() - (y - low) / (high - low) * area.height(),
            )

        painter.setPen(QPen(QColor(theme.border), 1))
        painter.drawLine(place(-reach, 0), place(reach, 0))
        painter.drawLine(place(0, low), place(0, high))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.muted), 1.8))
        painter.drawPolyline(QPolygonF([place(x, y) for x, y in zip(z, a, strict=True)]))
        point = place(*self._point)
        painter.setPen(QPen(QColor(theme.accent), 1, Qt.PenStyle.DashLine))
        painter.drawLine(place(self._point[0], 0), point)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.accent))
        painter.drawEllipse(point, 5, 5)
        painter.setPen(QColor(theme.muted))
        painter.setFont(font(12))
        caption = QRectF(area.left(), area.bottom() + 4, area.width(), 18)
        text = f"z = {number(self._point[0])}  →  a = {number(self._point[1])}"
        painter.drawText(caption, Qt.AlignmentFlag.AlignHCenter, text)
