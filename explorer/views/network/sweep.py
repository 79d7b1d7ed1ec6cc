"""The kernels that draw very many edges, a column of pixels at a time. No Qt here.

Edges between two layers are straight, so in every column of pixels an edge is a short run of
rows around y = base + slope·x. A pixel is one byte: 7 bits for the root of its ink and, lowest,
1 bit for the sign; the larger byte stays, so that the strongest edge wins a pixel, whatever
the order of drawing. The root keeps faint ink apart. Pixels are kept column by column, so that
one column lies in the processor's nearest memory while all edges are drawn into it.

Loops are short and have few arrays, as only then they are vectorised, and indices are unsigned,
as signed ones may count from the end. Importing this module compiles it, or reads what was
compiled before; either takes long enough to be seen.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

LEVELS = 1024  # of strength
MARGIN = 64  # rows kept above and below the picture, so that runs need not be clipped
RUNS = 64  # strands with as many rows in a column are drawn together; the last are drawn singly
# Of a strand: base, slope, far (half its rows), reach, 1/√(1 + slope²), most coverage, and the
# first and last row of its ends, beyond which a steep one would reach.
PARTS = 8
_STEEP = np.float32(2.0)
_TILE = 32
_ZERO, _HALF, _ONE = np.float32(0.0), np.float32(0.5), np.float32(1.0)
_FULL = np.float32(127.0)
_FAR = np.float32(30_000.0)


def _count(values: Array, per_level: float, rows: Array, columns: Array, counts: Array) -> None:
    """Count the edges of each level of strength, (2, LEVELS): the others, and the marked ones."""
    for t in range(values.shape[0]):
        for s in range(values.shape[1]):
            level = min(np.int32(abs(values[t, s]) * per_level + _HALF), LEVELS - 1)
            counts[np.uint32(rows[t] & columns[s]), np.uint32(level)] += 1


def _lay(
    values: Array,
    per_level: float,
    ink: Array,
    width: Array,
    rows: Array,
    columns: Array,
    x0: Array,
    y0: Array,
    rank: Array,
    x1: float,
    y1: Array,
    window: Array,
    strands: Array,
    codes: Array,
    starts: Array,
) -> None:
    """Turn edges into strands, sorted by their rows and by where they begin.

    Parameters
    ----------
    values : (T, S) float32
    per_level : float
        Levels for each unit of ``abs(values)``.
    ink, width : (2, LEVELS) float32
        Of the edges (1) that are in both ``rows`` and ``columns``, and of the others (0); ink
        is 0 to 1, and of 0 draws nothing; width is in pixels.
    x0, y0, rank : (S,)
        Where edges begin, in pixels, and the rank of x0 among its distinct values.
    window : (4,) float32
        The column that bases are given for; the first and the last column to draw into, from
        there; and the height of the picture.
    strands : (PARTS, T·S) float32, codes : (T·S,) uint8, starts : (RUNS · ranks + 1,) uint32
        Written: the strands, their bytes, and where each run and rank begins among them.
    """
    ranks = np.uint32((starts.size - 1) // RUNS)
    keys = np.empty(values.size, np.uint16)
    found = np.empty((values.size, PARTS), np.float32)
    found_codes = np.empty(values.size, np.uint8)
    starts[:] = 0
    n = np.uint32(0)
    for step in range(values.shape[1]):
        for t in range(values.shape[0]):
            # Neighbours in this order share no end: pixels written twice in a row are slow.
            s = (np.uint32(step) + np.uint32(37) * np.uint32(t)) % np.uint32(values.shape[1])
            value = values[t, s]
            level = np.uint32(min(np.int32(abs(value) * per_level + _HALF), LEVELS - 1))
            kind = np.uint32(rows[t] & columns[s])
            strong, thick = ink[kind, level], width[kind, level]
            if strong <= _ZERO:
                continue
            begin = x0[s] - window[0]
            across = x1 - x0[s]
            if across < _ONE:
                begin, across = np.floor(begin), _ONE
            slope = (y1[t] - y0[s]) / across
            base = y0[s] - slope * begin
            length = np.sqrt(_ONE + slope * slope)
            far = (_HALF * thick + _HALF) * length
            run = np.int32(_ONE + far + far)
            left = base + slope * max(begin, window[1])
            right = base + slope * min(begin + across, window[2])
            if max(left, right) < -far or min(left, right) > window[3] + far:
                continue
            if abs(slope) > _STEEP:
                run = np.int32(RUNS)
            key = np.uint32(min(run, RUNS - 1)) * ranks + np.uint32(rank[s])
            keys[n] = key
            starts[key + np.uint32(1)] += np.uint32(1)
            found[n, 0], found[n, 1], found[n, 2] = base - _HALF, slope, far
            found[n, 3], found[n, 4] = _HALF * thick + _HALF, _ONE / length
            found[n, 5] = min(thick, _ONE)
            found[n, 6], found[n, 7] = min(y0[s], y1[t]) - _ONE, max(y0[s], y1[t]) + _ONE
            root = np.int32(np.sqrt(strong) * _FULL + _HALF)
            found_codes[n] = np.uint8(root << 1) | np.uint8(value > _ZERO)
            n += np.uint32(1)
    for key in range(1, starts.size):
        starts[key] += starts[key - 1]
    places = starts.copy()
    for k in range(n):
        u = np.uint32(k)
        place = places[keys[u]]
        places[keys[u]] += np.uint32(1)
        codes[place] = found_codes[u]
        for part in range(PARTS):
            strands[np.uint32(part), place] = found[u, np.uint32(part)]


def _sweep(
    plate: Array,
    first: int,
    last: int,
    left: int,
    strands: Array,
    codes: Array,
    starts: Array,
    begun: Array,
) -> None:
    """Draw strands into the columns from ``first`` to before ``last``.

    The ink of a pixel is multiplied by its coverage, which follows from its distance to the
    strand. ``left`` is the column that bases are given for; ``begun[column]`` ranks have begun.
    """
    height = np.float32(plate.shape[1] - 2 * MARGIN)
    ranks = np.uint32((starts.size - 1) // RUNS)
    bases, slopes, fars = strands[0], strands[1], strands[2]
    reaches, shrinks, mosts = strands[3], strands[4], strands[5]
    tops = np.empty(codes.size, np.uint16)
    beside = np.empty(codes.size, np.float32)
    shades = np.empty(codes.size, np.uint8)
    for x in range(first, last):
        along = np.float32(x - left) + _HALF
        for run in range(1, RUNS):
            begin = starts[np.uint32(run) * ranks]
            end = starts[np.uint32(run) * ranks + np.uint32(begun[x])]
            if begin == end:
                continue
            if run == RUNS - 1:
                _draw_singly(plate[x], strands, codes, begin, end, along, height)
                continue
            base, slope, far = bases[begin:end], slopes[begin:end], fars[begin:end]
            reach, shrink, most = reaches[begin:end], shrinks[begin:end], mosts[begin:end]
            marks = codes[begin:end]
            _place(base, slope, far, along, height, tops, beside)
            for row in range(run):
                _shade(beside, reach, shrink, most, marks, row, shades)
                _scatter(plate[x, row:], tops, shades[: marks.size])


def _place(
    base: Array, slope: Array, far: Array, along: float, height: float, tops: Array, beside: Array
) -> None:
    """Where strands begin in a column, and how far below that row's middle they run."""
    for e in range(base.size):
        y = base[e] + slope[e] * along
        top = np.ceil(y - far[e])
        beside[e] = y - top
        tops[e] = np.int32(min(max(top, np.float32(-MARGIN)), height) + np.float32(MARGIN))


def _shade(
    beside: Array, reach: Array, shrink: Array, most: Array, codes: Array, row: int, shades: Array
) -> None:
    """The bytes of one row of strands: their ink times their coverage."""
    for e in range(reach.size):
        cover = reach[e] - abs(beside[e] - np.float32(row)) * shrink[e]
        root = np.sqrt(max(min(cover, most[e]), _ZERO)) * np.float32(codes[e] >> 1)
        shades[e] = (np.int32(root + _HALF) << 1) | np.int32(codes[e] & np.uint8(1))


def _scatter(column: Array, tops: Array, shades: Array) -> None:
    """Write bytes into a column where they are larger than what is there."""
    for e in range(np.uint64(shades.size)):
        row = np.uint64(tops[e])
        column[row] = max(column[row], shades[e])


def _draw_singly(
    column: Array,
    strands: Array,
    codes: Array,
    begin: int,
    end: int,
    along: float,
    height: float,
) -> None:
    """Draw strands of any number of rows one after the other, within the rows of their ends."""
    for k in range(begin, end):
        e = np.uint32(k)
        far, reach, shrink, most = strands[2, e], strands[3, e], strands[4, e], strands[5, e]
        y = min(max(strands[0, e] + strands[1, e] * along, -_FAR), _FAR)
        top = max(max(np.ceil(y - far), strands[6, e]), _ZERO)
        bottom = min(min(y + far, strands[7, e]), height - _ONE)
        for row in range(np.int32(top), np.int32(np.floor(bottom)) + 1):
            cover = min(reach - abs(np.float32(row) - y) * shrink, most)
            root = np.sqrt(max(cover, _ZERO)) * np.float32(codes[e] >> 1)
            shade = np.uint8(np.int32(root + _HALF) << 1) | (codes[e] & np.uint8(1))
            r = np.uint64(row) + np.uint64(MARGIN)
            column[r] = max(column[r], shade)


def _colour(plate: Array, table: Array, image: Array, first: int, last: int) -> None:
    """Write the colours of columns into an image row by row, in tiles."""
    height = image.shape[0]
    for x in range(first, last, _TILE):
        for y in range(0, height, _TILE):
            for row in range(y, min(y + _TILE, height)):
                for column in range(x, min(x + _TILE, last)):
                    u, v = np.uint32(row), np.uint32(column)
                    image[u, v] = table[plate[v, u + np.uint32(MARGIN)]]


_options = {
    "nogil": True,
    "cache": True,
    "error_model": "numpy",
    "fastmath": {"nsz", "arcp", "contract", "reassoc"},
}
_place = numba.njit(**_options)(_place)
_shade = numba.njit(**_options)(_shade)
_scatter = numba.njit(**_options)(_scatter)
_draw_singly = numba.njit(**_options)(_draw_singly)

count = numba.njit("void(f4[:,::1],f4,u1[::1],u1[::1],u4[:,::1])", **_options)(_count)
lay = numba.njit(
    "void(f4[:,::1],f4,f4[:,::1],f4[:,::1],u1[::1],u1[::1],f4[::1],f4[::1],u2[::1],f4,f4[::1],"
    "f4[::1],f4[:,::1],u1[::1],u4[::1])",
    **_options,
)(_lay)
sweep = numba.njit("void(u1[:,::1],i8,i8,i8,f4[:,::1],u1[::1],u4[::1],u2[::1])", **_options)(_sweep)
colour = numba.njit("void(u1[:,::1],u4[::1],u4[:,::1],i8,i8)", **_options)(_colour)
