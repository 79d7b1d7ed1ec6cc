"""The kernels that make strands of edges: where they run, and what they leave in a column.

A strand is a line ``base + slope·x`` through columns of pixels. What most strands leave in one
column are a few bytes beneath each other, that depend on the stroke, on how steep it is, and on
where between two rows it runs: these profiles are made once for all strands that are alike.
Strands that are too steep or too wide for a profile are drawn singly. No Qt here.

Importing this module compiles it, or reads what was compiled before; either takes long enough
to be seen.
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
_f32: Any = np.float32

LEVELS = 1024  # of strength
MARGIN = 64  # rows kept above and below the picture, so that profiles need not be clipped
PHASES = 16  # places between two rows that a profile is made for
SMALLEST = 4  # rows of the shortest profiles; those of each next group are twice as long
GROUPS = 6  # of strands, by the rows of their profiles; those of the last are drawn singly
# Of a strand drawn singly: far (half its rows), reach, 1/√(1 + slope²), most coverage, the first
# and the last row of its ends, beyond which a steep one would reach, and its byte.
PARTS = 7
_STEEP = _f32(2.0)
_INCLINES = 39  # steps of the slope, from 0 to the steepest that has a profile
_INCLINE = _STEEP / _f32(_INCLINES - 1)
_SINGLY, _TWO = _u32(GROUPS - 1), _u32(2)
_ZERO, _HALF, _ONE = _f32(0.0), _f32(0.5), _f32(1.0)
_FLAT = _f32(0.05)  # a smaller slope makes no difference


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
    strokes: Array,
    roots: Array,
    widths: Array,
    rows: Array,
    columns: Array,
    x0: Array,
    y0: Array,
    rank: Array,
    x1: float,
    y1: Array,
    window: Array,
    hidden: Array,
    lines: Array,
    marks: Array,
    singles: Array,
    starts: Array,
) -> Array:
    """Turn edges into strands, sorted by their groups and by where they begin.

    Parameters
    ----------
    values : (T, S) float32
    per_level : float
        Levels for each unit of ``abs(values)``.
    strokes : (2, LEVELS) uint16
        Of the edges (1) that are in both ``rows`` and ``columns``, and of the others (0).
    roots : (K,) uint8, widths : (K,) float32
        Of each stroke: 127 times the root of its ink, and its width in pixels.
    x0, y0, rank : (S,)
        Where edges begin, in pixels, and the rank of x0 among its distinct values.
    window : (4,) float32
        The column that bases are given for; the first and the last column to draw into, from
        there; and the height of the picture.
    hidden : (4,) float32
        Left, right, top and bottom of what hides the beginnings of edges, where right is more
        than left: there an edge has the rank of the column where it comes out.
    lines : (2, T·S) float32
        Written: base and slope of strands. Where there is a profile, both in phases, the base
        being that of the profile's first row.
    marks : (T·S,) uint32
        Written: where the profile begins, or which of ``singles`` it is.
    singles : (T·S, PARTS) float32
        Written: the parts of those drawn singly.
    starts : (GROUPS · ranks + 1,) uint32
        Written: where each group and rank begins among the strands.

    Returns
    -------
    (any number,) uint8
        The profiles: PHASES times the rows of the group, for each.
    """
    ranks, window_left = _u32((starts.size - 1) // GROUPS), window[0]
    keys = np.empty(values.size, np.uint16)
    found = np.empty((values.size, 2), np.float32)
    found_marks = np.empty(values.size, np.uint32)
    # Of each stroke and incline, worked out once, as a number may be rounded in two ways:
    fars = np.empty(roots.size * _INCLINES, np.float32)
    groups = np.full(fars.size, GROUPS, np.uint8)  # more than there are: not met so far
    # Of each stroke, incline and sign:
    begun = np.zeros(2 * fars.size, np.uint32)  # where the profile begins, from 1
    kinds = np.empty(begun.size, np.uint32)  # as they are met
    n, n_singles, n_kinds, room = _u32(0), _u32(0), _u32(0), _u32(0)
    for step in range(values.shape[1]):
        for t in range(values.shape[0]):
            # Neighbours in this order share no end: pixels written twice in a row are slow.
            s = (_u32(step) + _u32(37) * _u32(t)) % _u32(values.shape[1])
            stroke = _u32(strokes[_u32(rows[t] & columns[s]), _level(values[t, s], per_level)])
            if roots[stroke] == 0:
                continue
            begin, across = x0[s] - window_left, x1 - x0[s]
            if across < _ONE:
                begin, across = np.floor(begin), _ONE
            slope = (y1[t] - y0[s]) / across
            base = y0[s] - slope * begin
            incline = _u32(min(abs(slope), _STEEP) / _INCLINE + _HALF)
            form = stroke * _u32(_INCLINES) + incline
            if groups[form] == GROUPS:
                fars[form] = _far(widths[stroke], incline)
                groups[form] = _group(fars[form])
            far, group = fars[form], _u32(groups[form])
            singly = abs(slope) > _STEEP or group == _SINGLY
            length = np.sqrt(_ONE + slope * slope)
            if singly:
                far, group = (_HALF * widths[stroke] + _HALF) * length, _SINGLY
            left = base + slope * max(begin, window[1])
            right = base + slope * min(begin + across, window[2])
            if max(left, right) < -far or min(left, right) > window[3] + far:
                continue
            positive = _u32(values[t, s] > _ZERO)
            if singly:
                part = singles[n_singles]
                part[0], part[1], part[2] = far, _HALF * widths[stroke] + _HALF, _ONE / length
                part[3] = min(widths[stroke], _ONE)
                part[4], part[5] = min(y0[s], y1[t]) - _ONE, max(y0[s], y1[t]) + _ONE
                part[6] = _f32((_u32(roots[stroke]) << _u32(1)) | positive)
                found[n, 0], found[n, 1], found_marks[n] = base - _HALF, slope, n_singles
                n_singles += _u32(1)
            else:
                kind = form * _TWO + positive
                if begun[kind] == 0:
                    begun[kind], kinds[n_kinds] = room + _u32(1), kind
                    room += _u32(PHASES * SMALLEST) << group
                    n_kinds += _u32(1)
                # A profile's first row is the one after the place where the ink begins.
                top = base - _HALF - far + _f32(MARGIN + 1)
                found[n, 0], found[n, 1] = top * _f32(PHASES), slope * _f32(PHASES)
                found_marks[n] = begun[kind] - _u32(1)
            emerges = _u32(rank[s])
            if hidden[1] > hidden[0]:
                emerges = _come_out(base, slope, x0[s] - window_left, hidden, ranks)
            keys[n] = group * ranks + emerges
            n += _u32(1)
    _sort(keys[:n], found, found_marks, lines, marks, starts)
    profiles = np.empty(room, np.uint8)
    for k in range(n_kinds):
        kind = kinds[_u32(k)]
        form, begin = kind // _TWO, begun[kind] - _u32(1)
        stroke, incline = form // _u32(_INCLINES), form % _u32(_INCLINES)
        profile = profiles[begin : begin + (_u32(PHASES * SMALLEST) << _u32(groups[form]))]
        _make_profile(widths[stroke], incline, fars[form], roots[stroke], kind % _TWO, profile)
    return profiles


def _upright(width: float, incline: int) -> Any:
    """Half the rows from edge to edge of a strand, along one column."""
    slope = _f32(incline) * _INCLINE
    return _HALF * width * np.sqrt(_ONE + slope * slope)


def _far(width: float, incline: int) -> Any:
    """Half the rows in which a strand leaves ink."""
    return _upright(width, incline) + _HALF + _HALF * _f32(incline) * _INCLINE


def _group(far: float) -> Any:
    """The group of profiles that are long enough; the last where none is."""
    needed, rows, group = _u32(_f32(2.0) * far) + _u32(1), _u32(SMALLEST), _u32(0)
    while rows < needed and group < _SINGLY:
        rows, group = rows * _TWO, group + _u32(1)
    return group


def _make_profile(
    width: float, incline: int, far: float, root: int, sign: int, profile: Array
) -> None:
    """The bytes of the rows of a strand, for each phase: the root of its ink times its coverage."""
    upright, rows = _upright(width, incline), _u32(profile.size // PHASES)
    for phase in range(PHASES):
        beside = far - _ONE + (_f32(phase) + _HALF) / _f32(PHASES)
        for row in range(rows):
            cover = _cover(_f32(row) - beside, upright, _f32(incline) * _INCLINE)
            shade = _u8(_i32(np.sqrt(max(cover, _ZERO)) * _f32(root) + _HALF) << 1)
            profile[_u32(phase) * rows + _u32(row)] = shade | _u8(sign)


def _cover(distance: float, upright: float, slope: float) -> Any:
    """The share of a pixel's area that a strand covers whose middle passes so many rows from it.

    In a narrow part of the column, the strand covers what two ramps let through; these are
    averaged over the column's width, in which the strand rises by its slope.
    """
    rise = max(slope, _FLAT)
    upper, lower = distance + upright, distance - upright
    return (
        _ramps(upper + _HALF, rise)
        - _ramps(upper - _HALF, rise)
        - _ramps(lower + _HALF, rise)
        + _ramps(lower - _HALF, rise)
    )


def _ramps(at: float, rise: float) -> Any:
    """The mean of max(0, y) over y within half a rise of a place."""
    above, below = max(at + _HALF * rise, _ZERO), max(at - _HALF * rise, _ZERO)
    return _HALF * (above - below) * (above + below) / rise


def _come_out(base: float, slope: float, begin: float, hidden: Array, ranks: int) -> Any:
    """The rank of the column where a strand comes out of what hides it."""
    left, right, top, bottom = hidden[0], hidden[1], hidden[2], hidden[3]
    at = right
    if base + slope * right < top:
        at = (top - base) / slope
    elif base + slope * right > bottom:
        at = (bottom - base) / slope
    share = min(max((max(at, begin) - left) / (right - left), _ZERO), _ONE)
    return _u32(share * _f32(ranks - _u32(1)))


def _sort(
    keys: Array, found: Array, found_marks: Array, lines: Array, marks: Array, starts: Array
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
        lines[0, place], lines[1, place] = found[u, 0], found[u, 1]
        marks[place] = found_marks[u]


_options = {
    "nogil": True,
    "cache": True,
    "error_model": "numpy",
    "fastmath": {"nsz", "arcp", "contract", "reassoc"},
}
_level = numba.njit(**_options)(_level)
_upright = numba.njit(**_options)(_upright)
_ramps = numba.njit(**_options)(_ramps)
_cover = numba.njit(**_options)(_cover)
_far = numba.njit(**_options)(_far)
_group = numba.njit(**_options)(_group)
_make_profile = numba.njit(**_options)(_make_profile)
_come_out = numba.njit(**_options)(_come_out)
_sort = numba.njit(**_options)(_sort)

count = numba.njit("void(f4[:,::1],f4,u1[::1],u1[::1],u4[:,::1])", **_options)(_count)
lay = numba.njit(
    "u1[::1](f4[:,::1],f4,u2[:,::1],u1[::1],f4[::1],u1[::1],u1[::1],f4[::1],f4[::1],u2[::1],f4,"
    "f4[::1],f4[::1],f4[::1],f4[:,::1],u4[::1],f4[:,::1],u4[::1])",
    **_options,
)(_lay)
