"""Which stroke each level of strength is drawn with, where edges are many. No Qt here."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from explorer.views.network import ink
from explorer.views.palette import Bytes

_WIDTHS = 16.0  # different widths in a pixel


class Strokes(Struct, frozen=True, eq=False):
    """Strokes by their number.

    Attributes
    ----------
    of : (2, levels)
        The number of each level's stroke, of edges that are not and that are of the selected part.
    roots : (K,)
        127 times the root of the ink; 0 draws nothing.
    widths : (K,)
        In pixels.
    """

    of: NDArray[np.uint16]
    roots: Bytes
    widths: NDArray[np.float32]


@lru_cache(64)
def few(levels: int, scale: float, *, selected: bool, quiet: bool) -> Strokes:
    """The strokes of edges that are not too many for their full ink; of ``scale`` to a point."""
    return _numbered(*_tables(levels, scale, selected=selected, quiet=quiet))


def many(counts: NDArray[np.uint32], scale: float, *, selected: bool, quiet: bool) -> Strokes:
    """The strokes where edges share their ink, as there are so many of each level, (2, levels)."""
    opacities, widths = _tables(counts.shape[1], scale, selected=selected, quiet=quiet)
    opacities, edges = opacities.copy(), counts.sum(axis=1)
    for kind in np.flatnonzero(edges):
        ranks = counts[kind, ::-1].cumsum()[::-1].astype(float)
        largest = float(np.flatnonzero(counts[kind]).max()) / (counts.shape[1] - 1)
        opacities[kind] *= ink.shared(ranks, int(edges[kind]))
        if not quiet:
            opacities[kind] *= ink.lift(largest, int(edges.sum()))
    return _numbered(np.minimum(opacities, np.float32(1.0)), widths)


@lru_cache(64)
def _tables(
    levels: int, scale: float, *, selected: bool, quiet: bool
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Opacity and width, (2, levels), with their full ink."""
    share = np.linspace(0.0, 1.0, levels)
    emphases = (ink.PASSED_OVER if selected else ink.PLAIN, ink.CHOSEN)
    seen = share > ink.FAINTEST
    opacities = [ink.opacity(share, emphasis, quiet=quiet) * seen for emphasis in emphases]
    widths = [scale * ink.width(share, chosen=chosen, quiet=quiet) for chosen in (False, True)]
    return np.array(opacities, np.float32), np.array(widths, np.float32)


def _numbered(opacities: NDArray[np.float32], widths: NDArray[np.float32]) -> Strokes:
    """Number the strokes; levels that differ by less than can be seen have the same one."""
    roots = np.rint(127 * np.sqrt(opacities)).ravel()
    steps = np.rint(widths * _WIDTHS).ravel()
    new = (np.diff(roots, prepend=-1) != 0) | (np.diff(steps, prepend=-1) != 0)
    numbers, firsts = np.cumsum(new) - 1, np.flatnonzero(new)
    lasts = np.append(firsts[1:], len(new)) - 1
    middles = 0.5 * (widths.ravel()[firsts] + widths.ravel()[lasts])
    return Strokes(
        numbers.reshape(opacities.shape).astype(np.uint16),
        roots[firsts].astype(np.uint8),
        middles.astype(np.float32),
    )
