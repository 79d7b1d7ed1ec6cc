"""Contours of a field given on a grid: levels, the field between its points, lines. No Qt here."""

from __future__ import annotations

import math

import numpy as np

from explorer.core.data.dataset import Floats, Ints

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def nice_step(span: float, most: int) -> float:
    """The least of 1, 2, 2.5 and 5 times a power of ten that goes into a span at most so often."""
    power = 10.0 ** math.floor(math.log10(span / most))
    return next(s * power for s in _STEPS if span / (s * power) <= most * (1 + 1e-9))


def nice_multiples(low: float, high: float, most: int) -> Floats:
    """Multiples of a nice step from low to high, at most so many and one more."""
    if not (math.isfinite(high - low) and high > low):
        return np.empty(0)
    step = nice_step(high - low, most)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return np.arange(first, last + 1) * step


def levels_of(values: Floats, most: int) -> Floats:
    """Nice levels between the least and the largest finite value; none where all are equal.

    A field that is many times higher at its edge than at its bottom takes levels in even ratios.
    """
    finite = values[np.isfinite(values)]
    if not finite.size or np.ptp(finite) <= 1e-9 * np.abs(finite).max():
        return np.empty(0)
    low, high = float(finite.min()), float(finite.max())
    evenly = not (low > 0 and high / low > 2 * most)
    levels = nice_multiples(low, high, most) if evenly else _powers(low, high, most)
    return levels[(levels > low + 1e-9 * abs(low)) & (levels < high - 1e-9 * abs(high))]


def _powers(low: float, high: float, most: int) -> Floats:
    """Powers of ten from low to high, with as many figures between them as are not too many."""
    exponents = np.arange(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for figures in ((1, 1.5, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,)):
        levels = (10.0 ** exponents[:, None] * figures).ravel()
        levels = levels[(levels >= low) & (levels <= high)]
        if len(levels) <= most:
            break
    return levels[:: -(-len(levels) // most)]


def level_texts(levels: Floats) -> list[str]:
    """Levels with as many decimals as tell them apart, with true minus signs."""
    if not levels.size:
        return []
    largest = float(np.abs(levels).max())
    if largest >= 1e5 or largest < 1e-4:
        return [f"{level:.3g}".replace("e+0", "e").replace("-", "−") for level in levels]
    for decimals in range(9):
        if np.allclose(np.round(levels, decimals), levels, rtol=0, atol=1e-9 * largest):
            break
    return [f"{level + 0.0:,.{decimals}f}".replace("-", "−") for level in levels]


def resampled(values: Floats, rows: int, columns: int, *, to_edges: bool = False) -> Floats:
    """A field (R, C), whose outer points lie on the edges, at rows × columns places between them.

    These are the middles of pixels, or, ``to_edges``, spread from edge to edge. Catmull–Rom
    splines go through every point.
    """
    down, across = (
        _spline(points, _places(points, n, to_edges=to_edges))
        for points, n in zip(values.shape, (rows, columns), strict=True)
    )
    return np.asarray(down @ values @ across.T)


def _places(points: int, n: int, *, to_edges: bool) -> Floats:
    if to_edges:
        return np.linspace(0, points - 1, n)
    return (np.arange(n) + 0.5) / n * (points - 1)


def _spline(points: int, at: Floats) -> Floats:
    """The weights of points at places between them, (places, points); their rows sum to 1."""
    left = np.minimum(at.astype(int), max(points - 2, 0))
    t = at - left
    shares = (
        (-t + 2 * t**2 - t**3) / 2,
        (2 - 5 * t**2 + 3 * t**3) / 2,
        (t + 4 * t**2 - 3 * t**3) / 2,
        (-(t**2) + t**3) / 2,
    )
    weights = np.zeros((len(at), points))
    for offset, share in zip((-1, 0, 1, 2), shares, strict=True):
        np.add.at(weights, (np.arange(len(at)), np.clip(left + offset, 0, points - 1)), share)
    return weights


def contour(values: Floats, level: float) -> Floats:
    """Segments (S, 4) of the line on which a field (R, C) has a level, by marching squares.

    Each segment is x, y, x, y in columns and rows.
    """
    above = values > level
    corners = (above[:-1, :-1], above[:-1, 1:], above[1:, 1:], above[1:, :-1])
    rows, columns = np.nonzero(np.any(corners, axis=0) & ~np.all(corners, axis=0))
    found = [np.empty((0, 4))]
    if len(rows):
        crossings, crossed = _crossings(values, level, rows, columns)
        pairs = crossed.sum(axis=1) == 2
        # Of a cell's edges the one or two pairs that are crossed: neighbours at a saddle.
        first = crossed.argmax(axis=1)
        last = 3 - crossed[:, ::-1].argmax(axis=1)
        each = np.arange(len(rows))
        found.append(np.hstack([crossings[each, first], crossings[each, last]])[pairs])
        saddles = crossings[~pairs]
        found += [np.hstack([saddles[:, a], saddles[:, b]]) for a, b in ((0, 1), (2, 3))]
    return np.concatenate(found)


def _crossings(
    values: Floats, level: float, rows: Ints, columns: Ints
) -> tuple[Floats, np.typing.NDArray[np.bool_]]:
    """Where a level crosses the four edges of cells, (N, 4, 2), and whether it does, (N, 4)."""
    around = ((0, 0), (0, 1), (1, 1), (1, 0), (0, 0))
    places = [np.stack([columns + c, rows + r], axis=1).astype(float) for r, c in around]
    heights = [values[rows + r, columns + c] for r, c in around]
    crossings, crossed = [], []
    for edge in range(4):
        a, b = heights[edge], heights[edge + 1]
        across = (a > level) != (b > level)
        share = np.divide(level - a, b - a, out=np.zeros_like(a), where=across)
        crossings.append(places[edge] + share[:, None] * (places[edge + 1] - places[edge]))
        crossed.append(across)
    return np.stack(crossings, axis=1), np.stack(crossed, axis=1)
