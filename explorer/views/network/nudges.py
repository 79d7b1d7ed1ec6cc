"""Drawing wishes: arrows up (blue) and down (orange), and the column of desired outputs."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from explorer.core.moment import Moment
from explorer.core.numbers import short, signed
from explorer.views.lettering import write
from explorer.views.network.geometry import TOP, Layout
from explorer.views.network.picture import Picture
from explorer.views.palette import Theme, diverging, hexadecimal, mix, readable_on, sequential


def draw_nudges(
    painter: QPainter, layout: Layout, picture: Picture, moment: Moment, theme: Theme
) -> None:
    """Draw the wishes computed by now: small beside hidden neurons, large at the outputs."""
    last = len(layout.columns) - 1
    for layer in range(1, last):
        neurons, column = picture.neurons[layer], layout.columns[layer]
        if neurons.wish is None:
            continue
        for index, y in zip(column.shown, column.y, strict=True):
            wish = float(neurons.wish[int(index)])
            share = wish / neurons.wish_scale
            most = min(column.radius * 1.7, 24.0)
            x = column.x + column.radius + 11  # clear of the ring of a selected neuron
            _draw_arrow(painter, x, float(y), share, most, theme, width=1.8)
    _draw_desired(painter, layout, picture, moment, theme)
    outputs, column = picture.neurons[last], layout.columns[last]
    if outputs.wish is None:
        return
    _draw_head(painter, layout.nudge_x + 24, "wish", theme)
    most = min(column.radius * 2.3, 38.0)
    for index, y in zip(column.shown, column.y, strict=True):
        wish = float(outputs.wish[int(index)])
        share = wish / outputs.wish_scale
        _draw_arrow(painter, layout.nudge_x, float(y), share, most, theme, width=4.0)
        painter.setPen(QColor(theme.muted))
        box = QRectF(layout.nudge_x + 12, float(y) - 9, 64, 18)
        write(painter, box, signed(wish, 2), 12, across=Qt.AlignmentFlag.AlignLeft)


def _draw_desired(
    painter: QPainter, layout: Layout, picture: Picture, moment: Moment, theme: Theme
) -> None:
    if picture.targets is None:
        return
    column = layout.columns[-1]
    lit = moment.beat.kind != "mini_batch" and moment.beat.kind != "forward"
    _draw_head(painter, layout.desired_x, "desired", theme)
    colour = diverging if picture.neurons[-1].signed else sequential
    colours = colour(picture.targets, picture.activation_scale, theme)
    radius = min(column.radius, 14.0)
    for index, y in zip(column.shown, column.y, strict=True):
        fill = hexadecimal(colours[int(index)])
        if not lit:
            fill = mix(fill, theme.canvas, 0.6)
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.setBrush(QColor(fill))
        painter.drawEllipse(QPointF(layout.desired_x, float(y)), radius, radius)
        if radius >= 11:
            painter.setPen(QColor(readable_on(fill)))
            box = QRectF(layout.desired_x - 20, float(y) - 10, 40, 20)
            write(painter, box, short(float(picture.targets[int(index)])), radius * 0.68)


def _draw_head(painter: QPainter, x: float, text: str, theme: Theme) -> None:
    painter.setPen(QColor(theme.muted))
    write(painter, QRectF(x - 60, TOP - 34, 120, 18), text, 12, top=True)


def _draw_arrow(
    painter: QPainter,
    x: float,
    y: float,
    share: float,
    most: float,
    theme: Theme,
    *,
    width: float,
) -> None:
    """An arrow as long as its share of the longest; a dot where the wish is zero."""
    colour = QColor(theme.positive if share > 0 else theme.negative)
    if abs(share) < 1e-4:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.muted))
        painter.drawEllipse(QPointF(x, y), 1.4, 1.4)
        return
    length = max(most * float(np.clip(abs(share), 0, 1)), 1.6)
    head = min(width * 1.25 + 1.5, max(length, 2.4))  # a short arrow is all head, and a small one
    up = -1.0 if share > 0 else 1.0
    tip, tail = y + up * length / 2, y - up * length / 2
    painter.setBrush(Qt.BrushStyle.NoBrush)
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if length > head + 1:
        painter.setPen(pen)
        painter.drawLine(QPointF(x, tail), QPointF(x, tip - up * head * 0.8))
    deep = min(head, length)
    path = QPainterPath(QPointF(x, tip))
    path.lineTo(x - head, tip - up * deep)
    path.lineTo(x + head, tip - up * deep)
    path.closeSubpath()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPath(path)
