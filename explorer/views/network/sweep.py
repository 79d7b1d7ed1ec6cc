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

# As Any: what numba compiles is beyond the checker of types.
_u8: Any = np.uint8
_i32: Any = np.int32
_u32: Any = np.uint32
_u64: Any = np.uint64
_f32: Any = np.float32

LEVELS = 1024  # of strength
MARGIN = 64  # rows kept above and below the picture, so that runs need not be clipped
RUNS = 64  # strands with as many rows in a column are drawn together; the last are drawn singly
# Of a strand: base, slope, far (half its rows), reach, 1/√(1 + slope²), most coverage, and the
# first and last row of its ends, beyond which a steep one would reach.
PARTS = 8
_STEEP = _f32(2.0)
_TILE = 32
_ZERO, _HALF, _ONE = _f32(0.0), _f32(0.5), _f32(1.0)
_FULL = _f32(127.0)
_FAR = _f32(30_000.0)


def _level(value: float, per_level: float) -> Any:
    """The level of strength of a value; the highest for what is larger or no number."""
    level = abs(value) * per_level + _HALF
    return _u32(level) if level < LEVELS - 1 else _u32(LEVELS - 1)


def _count(values: Array, per_level: float, rows: Array, columns: Array, counts: Array) -> None:
    """Count the edges of each level of strength, (2, LEVELS): the others, and the marked ones."""
    for t in range(values.shape[0]):
        for s in range(values.shape[1]):
            counts[_u32(rows[t] & columns[s]), _level(values[t, s], per_level)] += 1


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
    hidden: Array,
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
    hidden : (4,) float32
        Left, right, top and bottom of what hides the beginnings of edges, where right is more
        than left: there an edge has the rank of the column where it comes out.
    strands : (PARTS, T·S) float32, codes : (T·S,) uint8, starts : (RUNS · ranks + 1,) uint32
        Written: the strands, their bytes, and where each run and rank begins among them.
    """
    ranks = _u32((starts.size - 1) // RUNS)
    keys = np.empty(values.size, np.uint16)
    found = np.empty((values.size, PARTS), np.float32)
    found_codes = np.empty(values.size, np.uint8)
    n = _u32(0)
    for step in range(values.shape[1]):
        for t in range(values.shape[0]):
            # Neighbours in this order share no end: pixels written twice in a row are slow.
            s = (_u32(step) + _u32(37) * _u32(t)) % _u32(values.shape[1])
            level, kind = _level(values[t, s], per_level), _u32(rows[t] & columns[s])
            strong, thick = ink[kind, level], width[kind, level]
            if strong <= _ZERO:
                continue
            run = _measure(x0[s], y0[s], x1, y1[t], thick, window, found[n])
            if run == 0:
                continue
            begin = _u32(rank[s])
            if hidden[1] > hidden[0]:
                begin = _come_out(found[n], x0[s] - window[0], hidden, ranks)
            keys[n] = run * ranks + begin
            root = _u8(_i32(np.sqrt(strong) * _FULL + _HALF))
            found_codes[n] = (root << 1) | _u8(values[t, s] > _ZERO)
            n += _u32(1)
    _sort(keys[:n], found, found_codes, strands, codes, starts)


def _measure(
    x0: float, y0: float, x1: float, y1: float, thick: float, window: Array, strand: Array
) -> Any:
    """Write all parts of a strand; returns its group by rows, or 0 where it is out of sight."""
    begin, across = x0 - window[0], x1 - x0
    if across < _ONE:
        begin, across = np.floor(begin), _ONE
    slope = (y1 - y0) / across
    base = y0 - slope * begin
    length = np.sqrt(_ONE + slope * slope)
    far = (_HALF * thick + _HALF) * length
    left = base + slope * max(begin, window[1])
    right = base + slope * min(begin + across, window[2])
    if max(left, right) < -far or min(left, right) > window[3] + far:
        return _u32(0)
    strand[0], strand[1], strand[2] = base - _HALF, slope, far
    strand[3], strand[4], strand[5] = _HALF * thick + _HALF, _ONE / length, min(thick, _ONE)
    strand[6], strand[7] = min(y0, y1) - _ONE, max(y0, y1) + _ONE
    singly = abs(slope) > _STEEP or far > _f32(RUNS // 2 - 1)
    return _u32(RUNS - 1) if singly else _u32(_ONE + far + far)


def _come_out(strand: Array, begin: float, hidden: Array, ranks: int) -> Any:
    """The rank of the column where a strand comes out of what hides it."""
    left, right, top, bottom = hidden[0], hidden[1], hidden[2], hidden[3]
    base, slope = strand[0] + _HALF, strand[1]
    at = right
    if base + slope * right < top:
        at = (top - base) / slope
    elif base + slope * right > bottom:
        at = (bottom - base) / slope
    share = min(max((max(at, begin) - left) / (right - left), _ZERO), _ONE)
    return _u32(share * _f32(ranks - _u32(1)))


def _sort(
    keys: Array, found: Array, found_codes: Array, strands: Array, codes: Array, starts: Array
) -> None:
    """Sort strands by their keys, and write where each key begins."""
    starts[:] = 0
    for k in range(keys.size):
        starts[_u32(keys[k]) + _u32(1)] += _u32(1)
    for key in range(1, starts.size):
        starts[key] += starts[key - 1]
    places = starts.copy()
    for k in range(keys.size):
        u = _u32(k)
        place = places[keys[u]]
        places[keys[u]] += _u32(1)
        codes[place] = found_codes[u]
        for part in range(PARTS):
            strands[_u32(part), place] = found[u, _u32(part)]


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
    height = _f32(plate.shape[1] - 2 * MARGIN)
    ranks = _u32((starts.size - 1) // RUNS)
    bases, slopes, fars = strands[0], strands[1], strands[2]
    reaches, shrinks, mosts = strands[3], strands[4], strands[5]
    tops = np.empty(codes.size, np.uint16)
    beside = np.empty(codes.size, np.float32)
    shades = np.empty(codes.size, np.uint8)
    for x in range(first, last):
        along = _f32(x - left) + _HALF
        for run in range(1, RUNS):
            begin = starts[_u32(run) * ranks]
            end = starts[_u32(run) * ranks + _u32(begun[x])]
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
        tops[e] = _i32(min(max(top, _f32(-MARGIN)), height) + _f32(MARGIN))


def _shade(
    beside: Array, reach: Array, shrink: Array, most: Array, codes: Array, row: int, shades: Array
) -> None:
    """The bytes of one row of strands: their ink times their coverage."""
    for e in range(reach.size):
        cover = reach[e] - abs(beside[e] - _f32(row)) * shrink[e]
        root = np.sqrt(max(min(cover, most[e]), _ZERO)) * _f32(codes[e] >> 1)
        shades[e] = (_i32(root + _HALF) << 1) | _i32(codes[e] & _u8(1))


def _scatter(column: Array, tops: Array, shades: Array) -> None:
    """Write bytes into a column where they are larger than what is there."""
    for e in range(_u64(shades.size)):
        row = _u64(tops[e])
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
        e = _u32(k)
        far, reach, shrink, most = strands[2, e], strands[3, e], strands[4, e], strands[5, e]
        y = min(max(strands[0, e] + strands[1, e] * along, -_FAR), _FAR)
        top = max(max(np.ceil(y - far), strands[6, e]), _ZERO)
        bottom = min(min(y + far, strands[7, e]), height - _ONE)
        for row in range(_i32(top), _i32(np.floor(bottom)) + 1):
            cover = min(reach - abs(_f32(row) - y) * shrink, most)
            root = np.sqrt(max(cover, _ZERO)) * _f32(codes[e] >> 1)
            shade = _u8(_i32(root + _HALF) << 1) | (codes[e] & _u8(1))
            r = _u64(row) + _u64(MARGIN)
            column[r] = max(column[r], shade)


def _colour(plate: Array, table: Array, image: Array, first: int, last: int) -> None:
    """Write the colours of columns into an image row by row, in tiles."""
    height = image.shape[0]
    for x in range(first, last, _TILE):
        for y in range(0, height, _TILE):
            for row in range(y, min(y + _TILE, height)):
                for column in range(x, min(x + _TILE, last)):
                    u, v = _u32(row), _u32(column)
                    image[u, v] = table[plate[v, u + _u32(MARGIN)]]


_options = {
    "nogil": True,
    "cache": True,
    "error_model": "numpy",
    "fastmath": {"nsz", "arcp", "contract", "reassoc"},
}
_level = numba.njit(**_options)(_level)
_measure = numba.njit(**_options)(_measure)
_come_out = numba.njit(**_options)(_come_out)
_sort = numba.njit(**_options)(_sort)
_place = numba.njit(**_options)(_place)
_shade = numba.njit(**_options)(_shade)
_scatter = numba.njit(**_options)(_scatter)
_draw_singly = numba.njit(**_options)(_draw_singly)

count = numba.njit("void(f4[:,::1],f4,u1[::1],u1[::1],u4[:,::1])", **_options)(_count)
lay = numba.njit(
    "void(f4[:,::1],f4,f4[:,::1],f4[:,::1],u1[::1],u1[::1],f4[::1],f4[::1],u2[::1],f4,f4[::1],"
    "f4[::1],f4[::1],f4[:,::1],u1[::1],u4[::1])",
    **_options,
)(_lay)
sweep = numba.njit("void(u1[:,::1],i8,i8,i8,f4[:,::1],u1[::1],u4[::1],u2[::1])", **_options)(_sweep)
colour = numba.njit("void(u1[:,::1],u4[::1],u4[:,::1],i8,i8)", **_options)(_colour)
