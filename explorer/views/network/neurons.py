"""Drawing neurons, input pixels, headings and the counts of what is folded away."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from explorer.core.data.dataset import Floats
from explorer.core.moment import Moment
from explorer.core.numbers import short
from explorer.core.part_of_network import Neuron, Selectable, layer_title
from explorer.views.network.geometry import TOP, Column, Layout
from explorer.views.network.grid import draw_grid
from explorer.views.network.picture import Neurons, Picture
from explorer.views.palette import (
    Bytes,
    Theme,
    diverging,
    hexadecimal,
    mix,
    readable_on,
    sequential,
)
from explorer.views.theme import font

_LEAST_RADIUS_FOR_NUMBER = 12.5


def draw_neurons(
    painter: QPainter,
    layout: Layout,
    picture: Picture,
    moment: Moment,
    theme: Theme,
    selected: Selectable | None,
) -> None:
    """Draw every layer's neurons (the inputs as an image where they are one) and its heading."""
    for layer, (column, neurons) in enumerate(zip(layout.columns, picture.neurons, strict=True)):
        _draw_heading(painter, layout, layer, column, moment, theme)
        if layer == 0 and layout.grid is not None:
            draw_grid(painter, layout.grid, neurons, picture.input_scale, theme, selected)
            continue
        scale = picture.activation_scale if layer else picture.input_scale
        colours = colours_of(neurons, scale, theme)
        for row, (index, y) in enumerate(zip(column.shown, column.y, strict=True)):
            _draw_neuron(painter, column, float(y), int(index), colours, neurons, picture, theme)
            if layer == 0:
                _draw_input_name(painter, column, float(y), moment, int(column.shown[row]), theme)
            elif layer == moment.n_layers:
                label = moment.dataset.output_label(int(index))
                _draw_output_label(painter, layout, float(y), label, theme)
        if column.fold_y is not None:
            _draw_fold(painter, column, theme)
    if isinstance(selected, Neuron):
        _draw_selection(painter, layout, selected, theme)


def colours_of(neurons: Neurons, scale: float, theme: Theme) -> Bytes | None:
    """Fill colours (n, 3) of a layer's neurons; None while they are not lit."""
    if neurons.activation is None:
        return None
    colour = diverging if neurons.signed else sequential
    return colour(neurons.activation, scale, theme)


def _draw_heading(
    painter: QPainter, layout: Layout, layer: int, column: Column, moment: Moment, theme: Theme
) -> None:
    title = layer_title(layer, moment.n_layers)
    grid = layout.grid if layer == 0 else None
    count = f"{grid.size[0]}×{grid.size[1]} pixels" if grid else str(column.units)
    if column.folded:
        count += f", {len(column.shown)} shown"
    painter.setPen(QColor(theme.muted))
    painter.setFont(font(12))
    if grid is not None:
        box = QRectF(grid.left, grid.top - 24, 200, 18)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft, f"{title} · {count}")
        about = f"example {moment.example + 1} of {moment.trace.batch_size}"
        about += f" · label {moment.label}" if moment.label else ""
        painter.drawText(
            QRectF(grid.left, grid.bottom + 8, 220, 18), Qt.AlignmentFlag.AlignLeft, about
        )
        return
    box = QRectF(column.x - 80, TOP - 34, 160, 18)
    painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, f"{title} · {count}")


def _draw_neuron(
    painter: QPainter,
    column: Column,
    y: float,
    index: int,
    colours: Bytes | None,
    neurons: Neurons,
    picture: Picture,
    theme: Theme,
) -> None:
    centre, radius = QPointF(column.x, y), column.radius
    fill = theme.canvas if colours is None else hexadecimal(colours[index])
    painter.setBrush(QColor(fill))
    painter.setPen(_ring(neurons.bias, index, picture.bias_scale, theme, lit=colours is not None))
    painter.drawEllipse(centre, radius, radius)
    if neurons.activation is not None and radius >= _LEAST_RADIUS_FOR_NUMBER:
        painter.setPen(QColor(readable_on(fill)))
        painter.setFont(font(radius * 0.66))
        box = QRectF(column.x - 2 * radius, y - radius, 4 * radius, 2 * radius)
        text = short(float(neurons.activation[index]))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _ring(bias: Floats | None, index: int, scale: float, theme: Theme, *, lit: bool) -> QPen:
    """The ring is the bias: its colour the sign, its width the size."""
    if bias is None:
        return QPen(QColor(theme.muted), 1.2)
    value = float(bias[index])
    share = float(np.clip(abs(value) / scale, 0, 1))
    strong = theme.positive if value > 0 else theme.negative if value < 0 else theme.muted
    colour = mix(theme.zero, strong, 0.55 + 0.45 * share if value else 0.8)
    return QPen(QColor(colour if lit else mix(colour, theme.canvas, 0.45)), 1.3 + 3.2 * share)


def _draw_input_name(
    painter: QPainter, column: Column, y: float, moment: Moment, index: int, theme: Theme
) -> None:
    painter.setPen(QColor(theme.muted))
    painter.setFont(font(12))
    right = column.x - column.radius - 7
    painter.drawText(
        QRectF(0, y - 9, right, 18),
        Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
        painter.fontMetrics().elidedText(
            moment.dataset.input_names[index], Qt.TextElideMode.ElideRight, int(right - 4)
        ),
    )


def _draw_output_label(
    painter: QPainter, layout: Layout, y: float, label: str, theme: Theme
) -> None:
    painter.setPen(QColor(theme.text))
    painter.setFont(font(13))
    painter.drawText(
        QRectF(layout.label_x, y - 10, layout.nudge_x - layout.label_x - 8, 20),
        Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
        painter.fontMetrics().elidedText(
            label, Qt.TextElideMode.ElideRight, int(layout.nudge_x - layout.label_x - 8)
        ),
    )


def _draw_fold(painter: QPainter, column: Column, theme: Theme) -> None:
    assert column.fold_y is not None
    painter.setPen(QColor(theme.muted))
    painter.setFont(font(11))
    box = QRectF(column.x - 70, column.fold_y - 12, 140, 24)
    text = f"⋮ {column.folded} more"
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _draw_selection(painter: QPainter, layout: Layout, selected: Neuron, theme: Theme) -> None:
    place = layout.place(selected)
    if place is None or (selected.layer == 0 and layout.grid is not None):
        return
    radius = layout.columns[selected.layer].radius + 4.5
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.accent), 2.2))
    painter.drawEllipse(QPointF(*place), radius, radius)
