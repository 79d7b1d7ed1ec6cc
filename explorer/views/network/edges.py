"""Drawing the edges: lines bucketed by colour and strength, weak ones first."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np
from msgspec import Struct
from PySide6.QtCore import QLineF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from explorer.core.data.dataset import Floats, Ints
from explorer.core.part_of_network import Selectable
from explorer.views.network import ink
from explorer.views.network.geometry import Layout
from explorer.views.network.picture import Picture
from explorer.views.palette import Theme, mix

_BUCKETS = 16
_MOST_LIVE = 1_500
_MOST_SMOOTH = 600
_MOST_AT_REST = 16_000
_UNCROSSED = 100  # edges of a layer
_CROSSING = 1.5  # with which layers of all sizes are as bright as the sweep draws them


class Drawn(Struct, frozen=True):
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
    sizes = _sizes(layout)
    total = sum(sizes)
    drawn = 0
    # Many antialiased lines cost several times as much; in motion their absence is not seen.
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, not live or total <= _MOST_SMOOTH)
    shares = _shares(sizes, _MOST_LIVE if live else _MOST_AT_REST)
    for layer, edges in enumerate(picture.edges, start=1):
        targets, sources = layout.columns[layer].shown, layout.columns[layer - 1].shown
        values = edges.values[np.ix_(targets, sources)]
        strength = np.abs(values).ravel() / (picture.edge_scale or 1.0)
        if edges.quiet:
            strength = strength / max(float(strength.max(initial=0.0)), 1e-12) * ink.QUIET
        bold = _in_focus(layout, layer, selected)
        parts = _parts_of_ink(layout, layer, strength, bold, quiet=edges.quiet)
        order = np.argsort(strength, kind="stable")[-shares[layer - 1] :]
        drawn += len(order)
        order = order[strength[order] > ink.FAINTEST]
        signs = np.sign(values).ravel()
        lines = _lines(layout, layer)
        _draw_buckets(painter, theme, order, strength, signs, lines, bold, parts, edges.quiet)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    return Drawn(total, drawn)


def edges_between(layout: Layout) -> int:
    """How many edges there are between the neurons shown."""
    return sum(_sizes(layout))


def _sizes(layout: Layout) -> list[int]:
    return [len(before.shown) * len(column.shown) for before, column in pairwise(layout.columns)]


def _shares(sizes: list[int], most: int) -> list[int]:
    """How many edges of each layer are drawn when there may be so many: small layers whole."""
    shares = [0] * len(sizes)
    for done, layer in enumerate(sorted(range(len(sizes)), key=sizes.__getitem__)):
        shares[layer] = max(min(sizes[layer], most // (len(sizes) - done)), 1)
        most -= shares[layer]
    return shares


@lru_cache(maxsize=16)
def _lines(layout: Layout, layer: int) -> list[QLineF]:
    """The lines between the shown neurons of a layer and of the one before, targets first.

    They change only with the layout, while training draws them many times a second.
    """
    x0, y0, _ = layout.ends(layer - 1)
    x1, y1, targets = layout.ends(layer)
    ends = np.empty((len(targets), len(x0), 4))
    ends[..., 0], ends[..., 1] = x0, y0
    ends[..., 2], ends[..., 3] = x1[:, None], y1[:, None]
    return [QLineF(*line) for line in ends.reshape(-1, 4).tolist()]


def _in_focus(layout: Layout, layer: int, selected: Selectable | None) -> Floats:
    """1 for edges of the selected part, less for the others; (T, S) flattened."""
    chosen = ink.chosen(layout, layer, selected)
    if chosen is None:
        _, _, targets = layout.ends(layer)
        _, _, sources = layout.ends(layer - 1)
        return np.full(len(targets) * len(sources), ink.PLAIN)
    return np.where(np.outer(*chosen).ravel(), ink.CHOSEN, ink.PASSED_OVER)


def _parts_of_ink(
    layout: Layout, layer: int, strength: Floats, bold: Floats, *, quiet: bool
) -> Floats:
    """How much of its ink each edge into a layer has, where there are many.

    Very many share their ink, as in the sweep. But there the strongest wins a pixel, and here the
    ink of edges that cross adds up: so an edge has less of it the more there are that are as
    strong. The strongest have all of it.
    """
    parts = np.ones(strength.size)
    if strength.size <= _UNCROSSED:
        return parts
    high = sum(float(np.ptp(layout.ends(at)[1])) for at in (layer - 1, layer)) / 2
    order = np.argsort(-strength, kind="stable")
    widths = ink.width(np.minimum(strength[order], 1.0), chosen=False, quiet=quiet)
    parts[order] = (1.0 + widths.cumsum() / max(high, 1.0)) ** -_CROSSING
    if strength.size <= ink.MANY:
        return parts
    for emphasis in np.unique(bold):
        alike = order[bold[order] == emphasis]
        parts[alike] *= ink.shared(np.arange(1, alike.size + 1), alike.size)
        if not quiet:
            parts[alike] *= ink.lift(min(float(strength[alike[0]]), 1.0), strength.size)
    return parts


def _draw_buckets(
    painter: QPainter,
    theme: Theme,
    order: Ints,
    strength: Floats,
    signs: Floats,
    lines: list[QLineF],
    bold: Floats,
    parts: Floats,
    quiet: bool,
) -> None:
    """Draw edges of like colour, strength and emphasis together, the weak and faint first."""
    share = np.minimum(strength[order], 1.0)
    bucket = np.minimum((share * _BUCKETS).astype(int), _BUCKETS - 1)
    levels, emphasis = np.unique(bold[order], return_inverse=True)
    keys = (emphasis * _BUCKETS + bucket) * 2 + (signs[order] > 0)
    by_key = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.diff(keys[by_key], prepend=-1))
    for start, end in pairwise([*starts.tolist(), len(by_key)]):
        key = int(keys[by_key[start]])
        level, positive = divmod(key, 2)
        colour = theme.positive if positive else theme.negative
        strong = (level % _BUCKETS + 0.5) / _BUCKETS
        members = order[by_key[start:end]]
        part = float(f"{parts[members].mean():.2g}")  # so that pens are used again
        pen = _pen(theme, colour, strong, float(levels[level // _BUCKETS]), part, quiet=quiet)
        painter.setPen(pen)
        painter.drawLines([lines[k] for k in members.tolist()])


@lru_cache(512)
def _pen(
    theme: Theme, colour: str, share: float, emphasis: float, part: float, *, quiet: bool
) -> QPen:
    tint = QColor(mix(theme.muted, theme.canvas, 0.35) if quiet else colour)
    opacity = part * float(ink.opacity(np.array(share), emphasis, quiet=quiet))
    tint.setAlphaF(min(opacity, 1.0))
    width = ink.width(np.array(share), chosen=emphasis == ink.CHOSEN, quiet=quiet)
    pen = QPen(tint, float(width))
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen
