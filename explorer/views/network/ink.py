"""How strong and how wide an edge is drawn. No Qt here."""

from __future__ import annotations

import numpy as np

from explorer.core.data.dataset import Floats
from explorer.core.part_of_network import Neuron, Selectable, Weight
from explorer.views.network.geometry import Layout
from explorer.views.palette import Bytes

FAINTEST = 0.015  # of the scale; below, an edge is not seen
CHOSEN, PLAIN, PASSED_OVER = 1.0, 0.72, 0.30  # emphasis
QUIET = 0.5  # strength of the strongest quiet edge
MANY = 500  # edges, all of which have their full ink
_VERY_MANY = 10_000
_SEEN, _MOST_LIFT = 0.62, 2.4


def opacity(share: Floats, emphasis: float | Floats, *, quiet: bool) -> Floats:
    """How opaque edges are, 0 to 1, by their share of the scale."""
    ink = np.minimum(1.0, (0.08 + 0.92 * share**0.7) * emphasis)
    return np.asarray(ink * (0.6 if quiet else 1.0))


def width(share: Floats, *, chosen: bool, quiet: bool) -> Floats:
    """How wide edges are, in points, by their share of the scale."""
    return np.asarray(0.6 + (0.4 if quiet else 2.8) * share * (1.15 if chosen else 0.85))


def chosen(layout: Layout, layer: int, selected: Selectable | None) -> tuple[Bytes, Bytes] | None:
    """Which targets (T,) and sources (S,) have the edges of the selected part; None if none do."""
    sources, targets = layout.columns[layer - 1].shown, layout.columns[layer].shown
    rows, columns = np.ones(len(targets), np.uint8), np.ones(len(sources), np.uint8)
    match selected:
        case Neuron(layer=at, index=index) if at == layer:
            rows[targets != index] = 0
        case Neuron(layer=at, index=index) if at == layer - 1:
            columns[sources != index] = 0
        case Weight(layer=at, target=target, source=source) if at == layer:
            rows[targets != target] = 0
            columns[sources != source] = 0
        case _:
            return None
    return rows, columns


def shared(ranks: Floats, edges: int) -> Floats:
    """How much of its ink an edge keeps that is the n-th strongest of so many.

    Many edges share the ink of a few, so that a dense layer does not become a wall.
    """
    few = MANY * min(1.0, MANY / max(edges, 1)) ** 0.5
    return np.asarray(np.minimum(1.0, (few / np.maximum(ranks, 1.0)) ** 0.5))


def lift(largest: float, edges: int) -> float:
    """What the ink of a dense layer is multiplied by, as its weights are small by their number.

    ``largest`` is the largest share. Their width still says how large the weights are beside
    those of other layers.
    """
    whole = np.clip(_SEEN / opacity(np.array(largest), 1.0, quiet=False), 1.0, _MOST_LIFT)
    dense = np.clip(np.log(edges / MANY) / np.log(_VERY_MANY / MANY), 0.0, 1.0)
    return float(whole**dense)
