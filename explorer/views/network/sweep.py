"""The kernels that draw very many edges, a column of pixels at a time. No Qt here.

Edges between two layers are straight, so in every column of pixels an edge is a short run of
rows. A pixel is one byte: 7 bits for the root of its ink and, lowest, 1 bit for the sign; the
larger byte stays, so that the strongest edge wins a pixel, whatever the order of drawing. The
root keeps faint ink apart. Pixels are kept column by column, so that one column lies in the
processor's nearest memory while all edges are drawn into it, the rows of each in one go.

Loops are short and have few arrays, as only then they are vectorised, and indices are unsigned,
as signed ones may count from the end. Importing this module compiles it, or reads what was
compiled before; either takes long enough to be seen.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from explorer.views.network.strands import GROUPS, MARGIN, PHASES, SMALLEST, Array

# As Any: what numba compiles is beyond the checker of types.
_u8: Any = np.uint8
_i32: Any = np.int32
_u32: Any = np.uint32
_u64: Any = np.uint64
_f32: Any = np.float32

_AT_ONCE = 512  # strands, whose places stay in the nearest memory
_TILE = 32
_ZERO, _HALF, _ONE = _f32(0.0), _f32(0.5), _f32(1.0)
_FAR = _f32(30_000.0)


def _merger(rows: int) -> Any:
    """A function that draws a profile of so many rows into a column, where it is larger."""

    @intrinsic  # type: ignore[untyped-decorator]
    def merge(_: Any, plate: Any, at: Any, profiles: Any, mark: Any) -> Any:
        """Both contiguous and uint8, indices unsigned; neither is checked."""

        def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            vector = ir.VectorType(ir.IntType(8), rows).as_pointer()

            def place(array_type: Any, array: Any, index: Any) -> Any:
                data = context.make_array(array_type)(context, builder, array).data
                return builder.bitcast(builder.gep(data, [index]), vector)

            there = place(sig.args[0], args[0], args[1])
            old = builder.load(there, align=1)
            new = builder.load(place(sig.args[2], args[2], args[3]), align=1)
            larger = builder.select(builder.icmp_unsigned(">", old, new), old, new)
            builder.store(larger, there, align=1)
            return context.get_dummy_value()

        return types.void(plate, at, profiles, mark), generate

    return merge


_merge_4, _merge_8, _merge_16, _merge_32, _merge_64 = (
    _merger(SMALLEST << group) for group in range(GROUPS - 1)
)


def _sweep(
    plate: Array,
    first: int,
    last: int,
    left: int,
    lines: Array,
    marks: Array,
    singles: Array,
    profiles: Array,
    starts: Array,
    begun: Array,
) -> None:
    """Draw strands into the columns from ``first`` to before ``last``.

    ``left`` is the column that bases are given for; ``begun[column]`` ranks have begun.
    """
    height = _f32(plate.shape[1] - 2 * MARGIN)
    ranks = _u32((starts.size - 1) // GROUPS)
    bases, slopes = lines[0], lines[1]
    places, phases = np.empty(_AT_ONCE, np.uint32), np.empty(_AT_ONCE, np.uint32)
    for x in range(first, last):
        along = _f32(x - left) + _HALF
        for group in range(GROUPS):
            begin = starts[_u32(group) * ranks]
            end = starts[_u32(group) * ranks + _u32(begun[x])]
            if group == GROUPS - 1:
                _draw_singly(plate[x], lines, marks, singles, begin, end, along, height)
                continue
            rows = _u32(SMALLEST) << _u32(group)
            for some in range(begin, end, _AT_ONCE):
                until = min(_u32(some) + _u32(_AT_ONCE), end)
                base, slope, mark = bases[some:until], slopes[some:until], marks[some:until]
                _place(base, slope, mark, rows, along, height, places, phases)
                _merge(plate[x], group, places[: mark.size], phases, profiles)


def _place(
    base: Array,
    slope: Array,
    mark: Array,
    rows: int,
    along: float,
    height: float,
    places: Array,
    phases: Array,
) -> None:
    """The row in which the profile of each strand begins, and where its bytes are."""
    most = (height + _f32(MARGIN)) * _f32(PHASES) - _ONE
    for e in range(base.size):
        phase = _u32(_i32(min(max(base[e] + slope[e] * along, _ZERO), most)))
        places[e] = phase // _u32(PHASES)
        phases[e] = mark[e] + (phase % _u32(PHASES)) * rows


def _merge(column: Array, group: int, places: Array, phases: Array, profiles: Array) -> None:
    """Draw the profiles of a group."""
    count = _u64(places.size)
    if group == 0:
        for e in range(count):
            _merge_4(column, _u64(places[e]), profiles, _u64(phases[e]))
    elif group == 1:
        for e in range(count):
            _merge_8(column, _u64(places[e]), profiles, _u64(phases[e]))
    elif group == 2:
        for e in range(count):
            _merge_16(column, _u64(places[e]), profiles, _u64(phases[e]))
    elif group == 3:
        for e in range(count):
            _merge_32(column, _u64(places[e]), profiles, _u64(phases[e]))
    else:
        for e in range(count):
            _merge_64(column, _u64(places[e]), profiles, _u64(phases[e]))


def _draw_singly(
    column: Array,
    lines: Array,
    marks: Array,
    singles: Array,
    begin: int,
    end: int,
    along: float,
    height: float,
) -> None:
    """Draw strands of any number of rows one after the other, within the rows of their ends."""
    for k in range(begin, end):
        e = _u32(k)
        part = singles[marks[e]]
        far, reach, shrink, most = part[0], part[1], part[2], part[3]
        y = min(max(lines[0, e] + lines[1, e] * along, -_FAR), _FAR)
        top = max(max(np.ceil(y - far), part[4]), _ZERO)
        bottom = min(min(y + far, part[5]), height - _ONE)
        code = _u8(_i32(part[6]))
        for row in range(_i32(top), _i32(np.floor(bottom)) + 1):
            cover = min(reach - abs(_f32(row) - y) * shrink, most)
            root = np.sqrt(max(cover, _ZERO)) * _f32(code >> 1)
            shade = _u8(_i32(root + _HALF) << 1) | (code & _u8(1))
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
_place = numba.njit(**_options)(_place)
_merge = numba.njit(**_options)(_merge)
_draw_singly = numba.njit(**_options)(_draw_singly)

sweep = numba.njit(
    "void(u1[:,::1],i8,i8,i8,f4[:,::1],u4[::1],f4[:,::1],u1[::1],u4[::1],u2[::1])", **_options
)(_sweep)
colour = numba.njit("void(u1[:,::1],u4[::1],u4[:,::1],i8,i8)", **_options)(_colour)
