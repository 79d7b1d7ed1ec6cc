"""Drawing neurons, input pixels, headings and the counts of what is folded away."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from explorer.core.data.dataset import Floats
from explorer.core.moment import Moment
from explorer.core.numbers import short
from explorer.core.part_of_network import Neuron, Selectable, layer_title
from explorer.views.fitting import longest_fitting
from explorer.views.lettering import fitted, write
from explorer.views.network.geometry import TOP, Column, Layout
from explorer.views.network.grid import draw_grid
from explorer.views.network.picture import Neurons, Picture
from explorer.views.palette import (
    Bytes,
    Theme,
    diverging,
    hexadecimal,
    readable_on,
    rgb,
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
        _draw_discs(painter, column, colours, neurons.bias, picture.bias_scale, theme)
        if colours is not None and column.radius >= _LEAST_RADIUS_FOR_NUMBER:
            _draw_numbers(painter, column, colours, neurons)
        for index, y in zip(column.shown, column.y, strict=True):
            if layer == 0:
                _draw_input_name(painter, column, float(y), moment, int(index), theme)
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
    painter.setPen(QColor(theme.muted))
    if grid is not None:
        left = Qt.AlignmentFlag.AlignLeft
        box = QRectF(grid.left, grid.top - 24, 200, 18)
        write(painter, box, f"{title} · {count}", 12, across=left, top=True)
        about = f"example {moment.example + 1} of {moment.trace.batch_size}"
        about += f" · label {moment.label}" if moment.label else ""
        box = QRectF(grid.left, grid.bottom + 8, 220, 18)
        write(painter, box, about, 12, across=left, top=True)
        return
    ways = [f"{title} · {count}", title]
    if column.folded:
        shown = len(column.shown)
        ways = [f"{title} · {count}, {shown} shown", f"{title} · {shown} of {count}", *ways]
    room = _room_of_heading(layout, layer)
    box = QRectF(column.x - room / 2, TOP - 34, room, 18)
    write(painter, box, longest_fitting(tuple(ways), font(12), room - 10), 12, top=True)


def _room_of_heading(layout: Layout, layer: int) -> float:
    """The width that a column's heading has beside those of its neighbours."""
    xs = [column.x for column in layout.columns]
    gaps = [abs(xs[layer] - x) for x in (*xs[:layer][-1:], *xs[layer + 1 :][:1])]
    if layer == len(xs) - 1:
        gaps.append(2 * (layout.nudge_x - xs[layer]))
    return min([*gaps, 2 * xs[layer]])


def _draw_discs(
    painter: QPainter,
    column: Column,
    colours: Bytes | None,
    bias: Floats | None,
    scale: float,
    theme: Theme,
) -> None:
    """Draw each neuron as a disc on a larger one, its ring: a filled disc costs half a line."""
    lit = colours is not None
    canvas = np.tile(np.array(rgb(theme.canvas), np.uint8), (len(column.shown), 1))
    fills = canvas if colours is None else colours[column.shown]
    if bias is None:
        rings, widths = np.full_like(fills, rgb(theme.muted)), np.full(len(fills), 1.2)
    else:
        rings, widths = _rings(bias[column.shown], scale, theme, lit=lit)
    painter.setPen(Qt.PenStyle.NoPen)
    for y, fill, ring, half in zip(
        column.y.tolist(), fills.tolist(), rings.tolist(), (widths / 2).tolist(), strict=True
    ):
        centre = QPointF(column.x, y)
        for colour, radius in ((ring, column.radius + half), (fill, column.radius - half)):
            painter.setBrush(QColor(*colour))
            painter.drawEllipse(centre, radius, radius)


def _rings(bias: Floats, scale: float, theme: Theme, *, lit: bool) -> tuple[Bytes, Floats]:
    """Colours (n, 3) and widths: the ring is the bias, its colour the sign, its width the size."""
    share = np.clip(np.abs(bias) / scale, 0, 1)
    ends = np.array([rgb(theme.negative), rgb(theme.muted), rgb(theme.positive)], float)
    zero = np.array(rgb(theme.zero), float)
    strong = ends[np.sign(bias).astype(int) + 1]
    colours = zero + (strong - zero) * np.where(bias == 0, 0.8, 0.55 + 0.45 * share)[:, None]
    if not lit:
        colours += 0.45 * (np.array(rgb(theme.canvas), float) - colours)
    return np.rint(colours).astype(np.uint8), 1.3 + 3.2 * share


def _draw_numbers(painter: QPainter, column: Column, colours: Bytes, neurons: Neurons) -> None:
    """Write each neuron's activation into its disc."""
    assert neurons.activation is not None
    radius = column.radius
    for index, y in zip(column.shown.tolist(), column.y.tolist(), strict=True):
        painter.setPen(QColor(readable_on(hexadecimal(colours[index]))))
        box = QRectF(column.x - 2 * radius, y - radius, 4 * radius, 2 * radius)
        write(painter, box, short(float(neurons.activation[index])), radius * 0.66)


def _draw_input_name(
    painter: QPainter, column: Column, y: float, moment: Moment, index: int, theme: Theme
) -> None:
    painter.setPen(QColor(theme.muted))
    right = column.x - column.radius - 7
    name = fitted(moment.dataset.input_names[index], 12, right - 4)
    write(painter, QRectF(0, y - 9, right, 18), name, 12, across=Qt.AlignmentFlag.AlignRight)


def _draw_output_label(
    painter: QPainter, layout: Layout, y: float, label: str, theme: Theme
) -> None:
    painter.setPen(QColor(theme.text))
    box = QRectF(layout.label_x, y - 10, layout.nudge_x - layout.label_x - 8, 20)
    write(painter, box, fitted(label, 13, box.width()), 13, across=Qt.AlignmentFlag.AlignLeft)


def _draw_fold(painter: QPainter, column: Column, theme: Theme) -> None:
    assert column.fold_y is not None
    painter.setPen(QColor(theme.muted))
    box = QRectF(column.x - 70, column.fold_y - 12, 140, 24)
    write(painter, box, f"⋮ {column.folded} more", 11)


def _draw_selection(painter: QPainter, layout: Layout, selected: Neuron, theme: Theme) -> None:
    place = layout.place(selected)
    if place is None or (selected.layer == 0 and layout.grid is not None):
        return
    radius = layout.columns[selected.layer].radius + 4.5
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.accent), 2.2))
    painter.drawEllipse(QPointF(*place), radius, radius)
