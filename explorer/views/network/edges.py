"""Drawing the edges: lines bucketed by colour and strength, weak ones first."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QLineF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from explorer.core.data.dataset import Floats, Ints
from explorer.core.part_of_network import Neuron, Selectable, Weight
from explorer.views.network.geometry import Layout
from explorer.views.network.picture import Picture
from explorer.views.palette import Theme, mix

_BUCKETS = 8
_INVISIBLE = 0.015  # of the scale
_MOST_LIVE = 1_500
_MOST_AT_REST = 16_000


@dataclass(frozen=True)
class Drawn:
    """How many edges there are between shown neurons, and how many of them were drawn."""

    edges: int
    drawn: int


def draw_edges(
    painter: QPainter,
    layout: Layout,
    picture: Picture,
    theme: Theme,
    selected: Selectable | None,
    *,
    live: bool,
) -> Drawn:
    """Draw all edges; of very many only the strongest, which the count returned tells."""
    total = sum(
        len(before.shown) * len(column.shown) for before, column in pairwise(layout.columns)
    )
    drawn = 0
    most = _MOST_LIVE if live else _MOST_AT_REST
    for layer, edges in enumerate(picture.edges, start=1):
        values, lines = _lines(layout, layer, edges.values)
        strength = np.abs(values).ravel() / (picture.edge_scale or 1.0)
        if edges.quiet:
            strength = strength / max(float(strength.max(initial=0.0)), 1e-12) * 0.5
        # Many edges share the ink of a few, so that a dense layer does not become a wall.
        bold = _in_focus(layout, layer, selected)
        bold = np.where(bold == 1.0, 1.0, bold * min(1.0, (500 / max(strength.size, 1)) ** 0.3))
        share = max(round(strength.size * min(1.0, most / total)), 1)  # of what may be drawn
        order = np.argsort(strength, kind="stable")[-share:]
        drawn += len(order)
        order = order[strength[order] > _INVISIBLE]
        signs = np.sign(values).ravel()
        _draw_buckets(painter, theme, order, strength, signs, lines, bold, quiet=edges.quiet)
    return Drawn(total, drawn)


def _lines(layout: Layout, layer: int, values: Floats) -> tuple[Floats, Floats]:
    """The values between shown neurons (T, S), and the ends of their lines (T·S, 4)."""
    x0, y0, sources = layout.ends(layer - 1)
    x1, y1, targets = layout.ends(layer)
    shown = values[np.ix_(targets, sources)]
    lines = np.empty((len(targets), len(sources), 4))
    lines[..., 0], lines[..., 1] = x0, y0
    lines[..., 2], lines[..., 3] = x1[:, None], y1[:, None]
    return shown, lines.reshape(-1, 4)


def _in_focus(layout: Layout, layer: int, selected: Selectable | None) -> Floats:
    """1 for edges of the selected part, less for the others; (T, S) flattened."""
    sources, targets = layout.columns[layer - 1].shown, layout.columns[layer].shown
    match selected:
        case Neuron(layer=at, index=index) if at == layer:
            chosen = np.repeat(targets == index, len(sources))
        case Neuron(layer=at, index=index) if at == layer - 1:
            chosen = np.tile(sources == index, len(targets))
        case Weight(layer=at, target=target, source=source) if at == layer:
            chosen = np.outer(targets == target, sources == source).ravel()
        case _:
            return np.full(len(targets) * len(sources), 0.72)
    return np.where(chosen, 1.0, 0.30)


def _draw_buckets(
    painter: QPainter,
    theme: Theme,
    order: Ints,
    strength: Floats,
    signs: Floats,
    lines: Floats,
    bold: Floats,
    *,
    quiet: bool,
) -> None:
    bucket = np.minimum((np.minimum(strength, 1.0) * _BUCKETS).astype(int), _BUCKETS - 1)
    levels = np.unique(bold)
    for emphasis in levels:
        for level in range(_BUCKETS):
            for sign, colour in ((-1, theme.negative), (1, theme.positive)):
                members = order[
                    (bucket[order] == level) & (signs[order] == sign) & (bold[order] == emphasis)
                ]
                if not len(members):
                    continue
                painter.setPen(_pen(theme, colour, (level + 0.5) / _BUCKETS, emphasis, quiet=quiet))
                painter.drawLines([QLineF(*line) for line in lines[members].tolist()])


def _pen(theme: Theme, colour: str, share: float, emphasis: float, *, quiet: bool) -> QPen:
    tint = QColor(mix(theme.muted, theme.canvas, 0.35) if quiet else colour)
    tint.setAlphaF(min(1.0, (0.08 + 0.92 * share**0.7) * emphasis) * (0.6 if quiet else 1.0))
    width = 0.6 + (0.4 if quiet else 2.8) * share * (1.15 if emphasis == 1.0 else 0.85)
    pen = QPen(tint, width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen
