"""Drawing neurons, input pixels, headings and the counts of what is folded away."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from explorer.core.data.dataset import Floats
from explorer.core.moment import Moment
from explorer.core.numbers import short
from explorer.core.part_of_network import Neuron, Selectable, layer_title
from explorer.views.network.discs import Discs, draw_discs
from explorer.views.network.edge_picture import Pixels
from explorer.views.network.geometry import TOP, Column, Layout
from explorer.views.network.grid import draw_grid
from explorer.views.network.picture import Neurons, Picture
from explorer.views.network.words import fitted, write
from explorer.views.palette import (
    Bytes,
    Theme,
    diverging,
    inks,
    rgb,
    sequential,
)

_LEAST_RADIUS_FOR_NUMBER = 12.5


def draw_neurons(
    painter: QPainter,
    layout: Layout,
    picture: Picture,
    moment: Moment,
    theme: Theme,
    selected: Selectable | None,
    pixels: Pixels | None = None,
) -> None:
    """Draw every layer's neurons (the inputs as an image where they are one) and its heading.

    Faster where the painter draws on known ``pixels``.
    """
    first = 0 if layout.grid is None else 1
    colours = [
        colours_of(neurons, theme)
        for layer, neurons in enumerate(picture.neurons)
        if layer >= first
    ]
    draw_discs(painter, _discs(layout.columns[first:], picture, colours, theme), pixels)
    if layout.grid is not None:
        draw_grid(painter, layout.grid, picture.neurons[0], theme, selected)
    for layer, column in enumerate(layout.columns):
        _draw_heading(painter, layout, layer, column, moment, theme)
    for layer, (column, lit) in enumerate(zip(layout.columns[first:], colours, strict=True), first):
        if lit is not None and column.radius >= _LEAST_RADIUS_FOR_NUMBER:
            _draw_numbers(painter, column, lit, picture.neurons[layer])
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


def colours_of(neurons: Neurons, theme: Theme) -> Bytes | None:
    """Fill colours (n, 3) of a layer's neurons; None while they are not lit."""
    if neurons.activation is None:
        return None
    colour = diverging if neurons.signed else sequential
    return colour(neurons.activation, neurons.scale, theme)


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
    write(painter, box, fitted(tuple(ways), 12, room - 10), 12, top=True)


def _room_of_heading(layout: Layout, layer: int) -> float:
    """The width that a column's heading has beside those of its neighbours."""
    xs = [column.x for column in layout.columns]
    gaps = [abs(xs[layer] - x) for x in (*xs[:layer][-1:], *xs[layer + 1 :][:1])]
    if layer == len(xs) - 1:
        gaps.append(2 * (layout.nudge_x - xs[layer]))
    return min([*gaps, 2 * xs[layer]])


def _discs(
    columns: Sequence[Column], picture: Picture, colours: Sequence[Bytes | None], theme: Theme
) -> Discs:
    """All neurons of some last columns, with their biases as rings; those not lit are empty."""
    sizes = [len(column.shown) for column in columns]
    fills = np.full((sum(sizes), 3), rgb(theme.canvas), np.uint8)
    bias, lit = np.full(len(fills), np.nan), np.zeros(len(fills), bool)
    ends = np.cumsum(sizes).tolist()
    for column, size, end, neurons, colour in zip(
        columns, sizes, ends, picture.neurons[-len(columns) :], colours, strict=True
    ):
        if colour is not None:
            fills[end - size : end], lit[end - size : end] = colour[column.shown], True
        if neurons.bias is not None:
            bias[end - size : end] = neurons.bias[column.shown]
    rings, widths = _rings(bias, lit, picture.bias_scale, theme)
    x, radius = (np.repeat(v, sizes) for v in zip(*((c.x, c.radius) for c in columns), strict=True))
    return Discs(x, np.concatenate([c.y for c in columns]), radius, widths, fills, rings)


def _rings(
    bias: Floats, lit: NDArray[np.bool_], scale: float, theme: Theme
) -> tuple[Bytes, Floats]:
    """Colours (n, 3) and widths: the ring is the bias, its colour the sign, its width the size.

    Where there is no bias (NaN), a thin one.
    """
    none = np.isnan(bias)
    share = np.clip(np.abs(bias) / scale, 0, 1)
    ends = np.array([rgb(theme.negative), rgb(theme.muted), rgb(theme.positive)], float)
    zero = np.array(rgb(theme.zero), float)
    strong = ends[np.sign(np.where(none, 0, bias)).astype(int) + 1]
    depth = np.where(bias == 0, 0.8, 0.55 + 0.45 * share)
    colours = zero + (strong - zero) * np.where(none, 1.0, depth)[:, None]
    pale = np.where(none | lit, 0.0, 0.45)[:, None]
    colours += pale * (np.array(rgb(theme.canvas), float) - colours)
    return np.rint(colours).astype(np.uint8), np.where(none, 1.2, 1.3 + 3.2 * share)


def _draw_numbers(painter: QPainter, column: Column, colours: Bytes, neurons: Neurons) -> None:
    """Write each neuron's activation into its disc."""
    assert neurons.activation is not None
    x, radius, shown = column.x, column.radius, column.shown
    for y, value, ink in zip(
        column.y.tolist(), neurons.activation[shown].tolist(), inks(colours[shown]), strict=True
    ):
        painter.setPen(QColor(ink))
        box = QRectF(x - 2 * radius, y - radius, 4 * radius, 2 * radius)
        write(painter, box, short(value), radius * 0.66)


def _draw_input_name(
    painter: QPainter, column: Column, y: float, moment: Moment, index: int, theme: Theme
) -> None:
    painter.setPen(QColor(theme.muted))
    right = column.x - column.radius - 7
    name = fitted((moment.dataset.input_names[index],), 12, right - 4)
    write(painter, QRectF(0, y - 9, right, 18), name, 12, across=Qt.AlignmentFlag.AlignRight)


def _draw_output_label(
    painter: QPainter, layout: Layout, y: float, label: str, theme: Theme
) -> None:
    painter.setPen(QColor(theme.text))
    box = QRectF(layout.label_x, y - 10, layout.nudge_x - layout.label_x - 8, 20)
    write(painter, box, fitted((label,), 13, box.width()), 13, across=Qt.AlignmentFlag.AlignLeft)


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
