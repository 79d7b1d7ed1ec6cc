"""Marks of what is selected and of what is pointed at: lines along an edge, and rings."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from explorer.core.part_of_network import Neuron, Selectable, Weight
from explorer.views.network.geometry import Layout
from explorer.views.palette import Theme

_RAIL = 3.6  # points from a selected edge to the lines along it


def draw_single_edges(
    painter: QPainter,
    layout: Layout,
    selected: Selectable | None,
    pointed: Selectable | None,
    theme: Theme,
) -> None:
    """Mark the selected edge and light up the one pointed at, below the neurons."""
    line = _line(layout, selected)
    if line is not None:
        normal = line.normalVector().unitVector()
        away = (normal.p2() - normal.p1()) * _RAIL
        painter.setPen(QPen(QColor(theme.accent), 1.4))
        painter.drawLines([line.translated(away), line.translated(-away)])
    line = _line(layout, pointed)
    if line is not None:
        painter.setPen(QPen(QColor(theme.text), 2.0))
        painter.drawLine(line)


def draw_ring(painter: QPainter, layout: Layout, pointed: Selectable | None, theme: Theme) -> None:
    """Ring the neuron pointed at, or the one behind the edge; a pixel gets a frame."""
    neuron = pointed if isinstance(pointed, Neuron) else next(iter(_ends(pointed)), None)
    place = layout.place(neuron) if neuron is not None else None
    if neuron is None or place is None:
        return
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.text), 2))
    if neuron.layer == 0 and layout.grid is not None:
        half = layout.grid.cell / 2
        painter.drawRect(QRectF(place[0] - half, place[1] - half, 2 * half, 2 * half))
    else:
        radius = layout.columns[neuron.layer].radius + 2.5
        painter.drawEllipse(QPointF(*place), radius, radius)


def _line(layout: Layout, part: Selectable | None) -> QLineF | None:
    """Where a weight is drawn; None for anything else, and where an end is folded away."""
    places = [layout.place(end) for end in _ends(part)]
    if len(places) < 2 or places[0] is None or places[1] is None:
        return None
    return QLineF(QPointF(*places[0]), QPointF(*places[1]))


def _ends(part: Selectable | None) -> tuple[Neuron, ...]:
    """The neurons that a weight joins, the one behind it first; none of anything else."""
    if not isinstance(part, Weight):
        return ()
    return Neuron(part.layer - 1, part.source), Neuron(part.layer, part.target)
