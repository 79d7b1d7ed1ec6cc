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

_BUCKETS = 8
_MOST_LIVE = 1_500
_MOST_SMOOTH = 600
_MOST_AT_REST = 16_000


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
        # Many edges share the ink of a few, so that a dense layer does not become a wall.
        bold = _in_focus(layout, layer, selected)
        crowd = min(1.0, (500 / max(strength.size, 1)) ** 0.3)
        bold = np.where(bold == ink.CHOSEN, bold, bold * crowd)
        order = np.argsort(strength, kind="stable")[-shares[layer - 1] :]
        drawn += len(order)
        order = order[strength[order] > ink.FAINTEST]
        signs = np.sign(values).ravel()
        lines = _lines(layout, layer)
        _draw_buckets(painter, theme, order, strength, signs, lines, bold, quiet=edges.quiet)
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


def _draw_buckets(
    painter: QPainter,
    theme: Theme,
    order: Ints,
    strength: Floats,
    signs: Floats,
    lines: list[QLineF],
    bold: Floats,
    *,
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
        painter.setPen(_pen(theme, colour, strong, float(levels[level // _BUCKETS]), quiet=quiet))
        painter.drawLines([lines[k] for k in order[by_key[start:end]].tolist()])


@lru_cache(512)
def _pen(theme: Theme, colour: str, share: float, emphasis: float, *, quiet: bool) -> QPen:
    tint = QColor(mix(theme.muted, theme.canvas, 0.35) if quiet else colour)
    tint.setAlphaF(float(ink.opacity(np.array(share), emphasis, quiet=quiet)))
    width = ink.width(np.array(share), chosen=emphasis == ink.CHOSEN, quiet=quiet)
    pen = QPen(tint, float(width))
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen
