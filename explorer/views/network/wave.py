"""The wave of a step: a front that crosses the drawing and leaves the new picture behind it."""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from PySide6.QtCore import (
    QAbstractAnimation,
    QEasingCurve,
    QLineF,
    QObject,
    QPointF,
    QRectF,
    Qt,
    QVariantAnimation,
    Signal,
)
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPen, QPixmap

from explorer.core import nudges
from explorer.core.data.dataset import Floats
from explorer.core.moment import Moment
from explorer.views.network.geometry import Layout
from explorer.views.palette import Theme

_MILLISECONDS = 520
_GLOW = 46.0  # points of light behind the front
_MOST_MESSAGES = 72
_TRAIL = 0.2  # of the edge
_ARROWS = 34.0  # room beside a neuron for the arrow of its wish


class Message(Struct, frozen=True):
    """What one neuron tells another along an edge: from ``line.p1`` to ``line.p2``."""

    line: QLineF
    value: float
    share: float


def travels(before: Moment | None, after: Moment) -> bool:
    """Whether a wave leads from one moment to another: one step into a forward or backward beat."""
    return (
        before is not None
        and before.trace is after.trace
        and before.example == after.example
        and after.index == before.index + 1
        and after.beat.kind in ("forward", "backward")
        and not after.live
    )


def messages_of(moment: Moment, layout: Layout) -> list[Message]:
    """The largest of the values that a forward or backward beat sends along the edges, by size.

    Forward they are the terms w·a; backward the wishes −δ·w that are handed back. The inputs
    cannot be moved, so nothing is handed to them.
    """
    layer = moment.beat.layer
    if moment.beat.kind == "forward":
        behind = moment.trace.activation(layer - 1)[moment.example]
        values = moment.trace.layers[layer - 1].weight_before * behind
    elif layer > 1:
        values = nudges.handed_back(moment.trace, layer, moment.example)
    else:
        return []
    return _along(layout, layer, values, forward=moment.beat.kind == "forward")


def _along(layout: Layout, layer: int, values: Floats, *, forward: bool) -> list[Message]:
    x0, y0, sources = layout.ends(layer - 1)
    x1, y1, targets = layout.ends(layer)
    shown = values[np.ix_(targets, sources)]
    sizes = np.abs(shown).ravel()
    largest = float(sizes.max(initial=0.0))
    order = np.argsort(-sizes, kind="stable")[:_MOST_MESSAGES]
    messages = []
    for place in order[sizes[order] > 0.02 * largest].tolist():
        j, k = divmod(place, len(sources))
        ends = QPointF(x0[k], y0[k]), QPointF(x1[j], y1[j])
        line = QLineF(*ends) if forward else QLineF(ends[1], ends[0])
        value = float(shown[j, k])
        messages.append(Message(line, value, abs(value) / largest))
    return messages


def way_of(moment: Moment, layout: Layout) -> tuple[float, float]:
    """Where the front of a beat starts and ends, as x in points."""
    layer, columns = moment.beat.layer, layout.columns
    column, behind = columns[layer], columns[layer - 1]
    edge = layout.grid.right if layer == 1 and layout.grid is not None else behind.x
    last = layer == len(columns) - 1
    if moment.beat.kind == "forward":
        return edge, layout.nudge_x if last else column.x + column.radius + 8
    return layout.width if last else column.x + column.radius + _ARROWS, edge


class Wave(QObject):
    """Lets one picture take the place of another from one side to the other.

    Tells with ``moved`` that the front is elsewhere.
    """

    moved = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._before = QPixmap()
        self._messages: list[Message] = []
        self._way = (0.0, 0.0)
        self._front = QVariantAnimation(self)
        self._front.setDuration(_MILLISECONDS)
        self._front.setStartValue(0.0)
        self._front.setEndValue(1.0)
        self._front.setEasingCurve(QEasingCurve.Type.InOutSine)
        self._front.valueChanged.connect(self.moved)
        self._front.finished.connect(self.moved)

    def start(self, before: QPixmap, moment: Moment, layout: Layout) -> None:
        """Set off from a picture of what was shown before, into the moment shown now."""
        self._before = before
        self._messages = messages_of(moment, layout)
        self._way = way_of(moment, layout)
        self._front.start()

    def finish(self) -> None:
        """Arrive at once."""
        self._front.stop()

    @property
    def running(self) -> bool:
        """Whether the front is still on its way."""
        return self._front.state() == QAbstractAnimation.State.Running

    @property
    def front(self) -> float:
        """How far the front has come, from 0 to 1."""
        return float(self._front.currentValue()) if self.running else 1.0

    def draw(self, painter: QPainter, room: QRectF, theme: Theme) -> None:
        """Cover what the front has not reached with the old picture; draw light and messages."""
        start, end = self._way
        x = start + self.front * (end - start)
        forward = end > start
        covered = QRectF(room)
        if forward:
            covered.setLeft(x)
        else:
            covered.setRight(x)
        painter.save()
        painter.setClipRect(covered, Qt.ClipOperation.IntersectClip)
        painter.resetTransform()  # the old picture was taken zoomed and panned
        painter.drawPixmap(0, 0, self._before)
        painter.restore()
        self._draw_light(painter, x, room, theme, forward=forward)
        self._draw_messages(painter, x, theme)

    def _draw_light(
        self, painter: QPainter, x: float, room: QRectF, theme: Theme, *, forward: bool
    ) -> None:
        behind = x - _GLOW if forward else x + _GLOW
        light = QLinearGradient(QPointF(x, 0), QPointF(behind, 0))
        bright, dark = QColor(theme.accent), QColor(theme.accent)
        bright.setAlphaF(0.20)
        dark.setAlphaF(0.0)
        light.setColorAt(0.0, bright)
        light.setColorAt(1.0, dark)
        left = min(x, behind)
        painter.fillRect(QRectF(left, room.top(), _GLOW, room.height()), light)
        bright.setAlphaF(0.65)
        painter.fillRect(QRectF(x - 0.75, room.top(), 1.5, room.height()), bright)

    def _draw_messages(self, painter: QPainter, x: float, theme: Theme) -> None:
        """A dot with a trail on every edge that speaks, where the front crosses it."""
        for message in self._messages:
            line = message.line
            along = (x - line.x1()) / ((line.x2() - line.x1()) or 1.0)
            if not 0.0 <= along <= 1.0:
                continue
            head, radius = line.pointAt(along), 1.2 + 3.0 * message.share**0.5
            colour = QColor(theme.positive if message.value > 0 else theme.negative)
            painter.setPen(
                QPen(colour, 0.7 * radius, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)
            )
            painter.drawLine(line.pointAt(max(along - _TRAIL, 0.0)), head)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(head, radius, radius)
