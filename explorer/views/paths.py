"""The mini-batch and the full-batch path, drawn on the relief of a cost slice."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from explorer.core.data.dataset import Floats
from explorer.views.relief import Relief

_NEAR = 6.0  # points from a dot within which it is read


def draw_paths(painter: QPainter, relief: Relief) -> None:
    """Draw both paths: where they start, each update of the first, and where they are now."""
    theme = relief.theme
    mini_batch, full_batch = (
        [relief.place(x, y) for x, y in path.tolist()]
        for path in (relief.slice.mini_batch_path, relief.slice.full_batch_path)
    )
    painter.save()
    painter.setClipRect(relief.field.adjusted(0.5, 0.5, -0.5, -0.5))
    size = 1.0 if relief.field.height() > 120 else 0.8
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.accent), 2.0 * size))
    painter.drawPolyline(QPolygonF(mini_batch))
    painter.setPen(QPen(QColor(theme.text), 1.6 * size, Qt.PenStyle.DashLine))
    painter.drawPolyline(QPolygonF(full_batch))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.text))
    painter.drawEllipse(full_batch[-1], 3 * size, 3 * size)
    painter.setBrush(QColor(theme.accent))
    for dot in mini_batch:
        painter.drawEllipse(dot, 1.9 * size, 1.9 * size)
    painter.setPen(QPen(QColor(theme.canvas), 1.5))
    painter.drawEllipse(mini_batch[-1], 5.5 * size, 5.5 * size)
    painter.setBrush(QColor(theme.canvas))
    painter.setPen(QPen(QColor(theme.accent), 1.8))
    painter.drawEllipse(mini_batch[0], 4 * size, 4 * size)
    painter.restore()


def dot_at(relief: Relief, where: QPointF) -> tuple[str, float, float] | None:
    """What dot of a path is at a place: its name, with the update, and its coordinates."""
    cost_slice = relief.slice
    best: tuple[float, str, float, float] = (_NEAR, "", 0.0, 0.0)
    paths: tuple[tuple[str, Floats], ...] = (
        ("mini-batch", cost_slice.mini_batch_path),
        ("full-batch", cost_slice.full_batch_path),
    )
    for name, path in paths:
        for step, (x, y) in enumerate(path.tolist()):
            away = relief.place(x, y) - where
            distance = math.hypot(away.x(), away.y())
            if distance < best[0]:
                best = distance, f"{name} after update {cost_slice.first + step:,}", x, y
    return best[1:] if best[1] else None
