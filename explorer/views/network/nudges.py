"""Drawing wishes: arrows up (blue) and down (orange), and the column of desired outputs."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath

from explorer.core.moment import Moment
from explorer.core.numbers import short, signed
from explorer.views.network.discs import Discs, draw_discs
from explorer.views.network.edge_picture import Pixels
from explorer.views.network.geometry import TOP, Layout
from explorer.views.network.picture import Picture
from explorer.views.network.words import write
from explorer.views.palette import Theme, diverging, inks, rgb, sequential

_NOTHING = 1e-4  # of the largest wish


def draw_nudges(
    painter: QPainter,
    layout: Layout,
    picture: Picture,
    moment: Moment,
    theme: Theme,
    pixels: Pixels | None = None,
) -> None:
    """Draw the wishes computed by now: small beside hidden neurons, large at the outputs.

    Faster where the painter draws on known ``pixels``.
    """
    last = len(layout.columns) - 1
    arrows = _Arrows()
    for layer in range(1, last):
        neurons, column = picture.neurons[layer], layout.columns[layer]
        if neurons.wish is None:
            continue
        for index, y in zip(column.shown, column.y, strict=True):
            wish = float(neurons.wish[int(index)])
            share = wish / neurons.wish_scale
            most = min(column.radius * 1.7, 24.0)
            x = column.x + column.radius + 11  # clear of the ring of a selected neuron
            arrows.add(x, float(y), share, most, width=1.8)
    _draw_desired(painter, layout, picture, moment, theme, pixels)
    outputs, column = picture.neurons[last], layout.columns[last]
    if outputs.wish is None:
        arrows.draw(painter, theme)
        return
    _draw_head(painter, layout.nudge_x + 24, "wish", theme)
    most = min(column.radius * 2.3, 38.0)
    for index, y in zip(column.shown, column.y, strict=True):
        wish = float(outputs.wish[int(index)])
        share = wish / outputs.wish_scale
        arrows.add(layout.nudge_x, float(y), share, most, width=4.0)
        painter.setPen(QColor(theme.muted))
        box = QRectF(layout.nudge_x + 12, float(y) - 9, 64, 18)
        write(painter, box, signed(wish, 2), 12, across=Qt.AlignmentFlag.AlignLeft)
    arrows.draw(painter, theme)


def _draw_desired(
    painter: QPainter,
    layout: Layout,
    picture: Picture,
    moment: Moment,
    theme: Theme,
    pixels: Pixels | None,
) -> None:
    if picture.targets is None:
        return
    column = layout.columns[-1]
    _draw_head(painter, layout.desired_x, "desired", theme)
    targets = picture.targets[column.shown]
    outputs = picture.neurons[-1]
    colour = diverging if outputs.signed else sequential
    fills = colour(targets, outputs.scale, theme)
    if moment.beat.kind in ("mini_batch", "forward"):
        canvas = np.array(rgb(theme.canvas))
        fills = np.rint(fills + (canvas - fills) * 0.6).astype(np.uint8)
    radius = min(column.radius, 14.0)
    x, reach, width = np.tile([[layout.desired_x], [radius], [1.0]], len(targets))
    rings = np.full_like(fills, rgb(theme.border))
    draw_discs(painter, Discs(x, column.y, reach, width, fills, rings), pixels)
    if radius < 11:
        return
    for y, target, ink in zip(column.y.tolist(), targets.tolist(), inks(fills), strict=True):
        painter.setPen(QColor(ink))
        box = QRectF(layout.desired_x - 20, y - 10, 40, 20)
        write(painter, box, short(target), radius * 0.68)


def _draw_head(painter: QPainter, x: float, text: str, theme: Theme) -> None:
    painter.setPen(QColor(theme.muted))
    write(painter, QRectF(x - 60, TOP - 34, 120, 18), text, 12, top=True)


class _Arrows:
    """Arrows up and down, and dots where a wish is zero; those of a colour are drawn together."""

    def __init__(self) -> None:
        self._up, self._down, self._none = QPainterPath(), QPainterPath(), QPainterPath()
        for path in (self._up, self._down, self._none):
            path.setFillRule(Qt.FillRule.WindingFill)

    def add(self, x: float, y: float, share: float, most: float, *, width: float) -> None:
        """Add an arrow around a point, as long as its share of the longest."""
        if abs(share) < _NOTHING:
            self._none.addEllipse(QPointF(x, y), 1.4, 1.4)
            return
        length = max(most * min(abs(share), 1.0), 1.6)
        half = min(width * 1.25 + 1.5, max(length, 2.4))  # a short arrow is all head, and small
        deep, up = min(half, length), -1.0 if share > 0 else 1.0
        tip, neck, tail = y + up * length / 2, y + up * (length / 2 - deep), y - up * length / 2
        corners = [QPointF(x, tip), QPointF(x - half, neck), QPointF(x + half, neck)]
        if length > half + 1:
            left, right = x - width / 2, x + width / 2
            corners[2:2] = [
                QPointF(left, neck),
                QPointF(left, tail),
                QPointF(right, tail),
                QPointF(right, neck),
            ]
        path = self._up if share > 0 else self._down
        path.addPolygon([*corners, corners[0]])

    def draw(self, painter: QPainter, theme: Theme) -> None:
        """Draw all that were added."""
        painter.setPen(Qt.PenStyle.NoPen)
        for path, colour in (
            (self._up, theme.positive),
            (self._down, theme.negative),
            (self._none, theme.muted),
        ):
            if not path.isEmpty():
                painter.setBrush(QColor(colour))
                painter.drawPath(path)
