"""The kernel that draws discs with rings around them into an image. No Qt here.

Importing this module compiles it, or reads what was compiled before.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

# As Any: what numba compiles is beyond the checker of types.
_i32: Any = np.int32
_u32: Any = np.uint32
_u64: Any = np.uint64
_f32: Any = np.float32

_ZERO, _HALF, _ONE = _f32(0.0), _f32(0.5), _f32(1.0)
_BYTE = _u32(255)


def _blend(under: int, fill: Array, ring: Array, cover: float, share: float, shift: int) -> Any:
    """One channel: ``share`` of the fill on the ring, and ``cover`` of that on what is there."""
    channel = (_u32(2) - shift // _u32(8)) & _u32(3)
    old = _f32((under >> shift) & _BYTE)
    new = ring[channel] + (fill[channel] - ring[channel]) * share
    return _u32(_i32(old + (new - old) * cover + _HALF)) << shift


def _rim(
    line: Array, first: int, last: int, disc: Array, fill: Array, ring: Array, square: float
) -> None:
    """Draw the pixels of a row where the disc is not all there is."""
    for column in range(first, last):
        at = _u64(column)
        across = _f32(column) + _HALF - disc[0]
        away = np.sqrt(across * across + square)
        cover = min(max(disc[2] + _HALF - away, _ZERO), _ONE)
        share = min(max(disc[3] + _HALF - away, _ZERO), _ONE)
        under = line[at]
        red = _blend(under, fill, ring, cover, share, _u32(16))
        green = _blend(under, fill, ring, cover, share, _u32(8))
        line[at] = (
            _BYTE << _u32(24) | red | green | _blend(under, fill, ring, cover, share, _u32(0))
        )


def _discs(image: Array, discs: Array, fills: Array, rings: Array) -> None:
    """Draw discs on an opaque image of 0xffrrggbb, as far as they lie in it.

    ``discs`` is (n, 4): x and y of the centre, and the radii of the ring and of the disc on it,
    in pixels; ``fills`` and ``rings`` are (n, 3) of red, green and blue. A pixel's share of a
    disc is taken from its distance, which is exact for a straight rim.
    """
    height, width = _i32(image.shape[0]), _i32(image.shape[1])
    for k in range(len(discs)):
        disc, fill, ring = discs[k], fills[k], rings[k]
        x, y, outer, inner = disc[0] - _HALF, disc[1] - _HALF, disc[2] + _HALF, disc[3] - _HALF
        whole = _BYTE << _u32(24) | _u32(fill[0]) << _u32(16) | _u32(fill[1]) << _u32(8)
        whole |= _u32(fill[2])
        top = _i32(max(np.ceil(y - outer), _ZERO))
        bottom = min(_i32(max(np.floor(y + outer), -_ONE)) + _i32(1), height)
        for row in range(top, bottom):
            line = image[_u64(row)]
            square = (_f32(row) - y) ** 2
            half = np.sqrt(max(outer * outer - square, _ZERO))
            left = _i32(max(np.ceil(x - half), _ZERO))
            right = min(_i32(max(np.floor(x + half), -_ONE)) + _i32(1), width)
            begin = end = right
            if inner > _ZERO and square < inner * inner:
                half = np.sqrt(inner * inner - square)
                begin = max(_i32(np.ceil(x - half)), left)
                end = min(_i32(np.floor(x + half)) + _i32(1), right)
            _rim(line, left, min(begin, right), disc, fill, ring, square)
            for column in range(begin, end):
                line[_u64(column)] = whole
            _rim(line, max(end, left), right, disc, fill, ring, square)


_options = {
    "nogil": True,
    "cache": True,
    "error_model": "numpy",
    "fastmath": {"nsz", "arcp", "contract", "reassoc"},
}
_blend = numba.njit(**_options)(_blend)
_rim = numba.njit(**_options)(_rim)

discs = numba.njit("void(u4[:,::1],f4[:,::1],f4[:,::1],f4[:,::1])", **_options)(_discs)
