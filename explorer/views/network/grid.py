"""Drawing the inputs as the pixels of an image."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPaintEngine, QPainter, QPen

from explorer.core.part_of_network import Neuron, Selectable
from explorer.views.network.geometry import Grid
from explorer.views.network.picture import Neurons
from explorer.views.palette import Bytes, Theme, mix, packed, rgb, sequential

_SMALL = 24.0  # device pixels, up to which corners need not be round


def draw_grid(
    painter: QPainter,
    grid: Grid,
    neurons: Neurons,
    theme: Theme,
    selected: Selectable | None,
) -> None:
    """Draw the pixels, and a frame around the selected one."""
    assert neurons.activation is not None
    colours = sequential(neurons.activation, neurons.scale, theme)
    small = grid.cell * painter.deviceTransform().m11() <= _SMALL
    raster = painter.paintEngine().type() == QPaintEngine.Type.Raster
    if raster and small and grid.solid:
        _draw_image(painter, grid, colours, theme)
    else:
        if grid.solid:
            room = QRectF(QPointF(grid.left, grid.top), QPointF(grid.right, grid.bottom))
            painter.fillRect(room, QColor(theme.canvas))
        _draw_boxes(painter, grid, colours, theme)
    if isinstance(selected, Neuron) and selected.layer == 0:
        _draw_frame(painter, grid, selected.index, theme)


def _gap(grid: Grid) -> float:
    return 1.0 if grid.cell > 6 else 0.0


def _draw_image(painter: QPainter, grid: Grid, colours: Bytes, theme: Theme) -> None:
    """Draw all pixels at once, on the device's own pixels so that all gaps are alike."""
    transform = painter.deviceTransform()
    inverse, _ = transform.inverted()
    width, height = grid.size
    corner = transform.map(QPointF(grid.left, grid.top))
    cell, gap = grid.cell * transform.m11(), round(_gap(grid) * transform.m11())
    columns = np.rint(corner.x() + cell * np.arange(width + 1)).astype(int)
    rows = np.rint(corner.y() + cell * np.arange(height + 1)).astype(int)
    image = packed(colours).reshape(height, width).repeat(np.diff(rows), axis=0)
    image = image.repeat(np.diff(columns), axis=1)
    canvas = packed(np.array(rgb(theme.canvas), np.uint8))
    for back in range(1, gap + 1):
        image[rows[1:] - rows[0] - back] = canvas
        image[:, columns[1:] - columns[0] - back] = canvas
    high, wide = image.shape
    picture = QImage(image.data, wide, high, 4 * wide, QImage.Format.Format_RGB32)
    painter.save()
    painter.setTransform(inverse, True)
    painter.drawImage(QPointF(float(columns[0]), float(rows[0])), picture)
    painter.restore()


def _draw_boxes(painter: QPainter, grid: Grid, colours: Bytes, theme: Theme) -> None:
    radius = min(3.0, grid.cell / 6)
    border = QPen(QColor(mix(theme.border, theme.canvas, 0.3)), 1)
    if grid.cell <= 9:
        border.setStyle(Qt.PenStyle.NoPen)
    painter.setPen(border)
    half = (grid.cell - _gap(grid)) / 2
    xs, ys = grid.centres()
    for x, y, colour in zip(xs.tolist(), ys.tolist(), colours.tolist(), strict=True):
        painter.setBrush(QColor(*colour))
        box = QRectF(x - half, y - half, 2 * half, 2 * half)
        if radius > 1:
            painter.drawRoundedRect(box, radius, radius)
        else:
            painter.drawRect(box)


def _draw_frame(painter: QPainter, grid: Grid, index: int, theme: Theme) -> None:
    xs, ys = grid.centres()
    half = (grid.cell - _gap(grid)) / 2 + 1
    painter.setPen(QPen(QColor(theme.accent), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    box = QRectF(float(xs[index]) - half, float(ys[index]) - half, 2 * half, 2 * half)
    painter.drawRoundedRect(box, 3, 3)
