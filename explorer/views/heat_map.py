"""Pictures of fields of values: by a table of colours, many at once."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from explorer.core.data.dataset import Floats
from explorer.views.palette import Theme, diverging, packed, sequential

_STEPS = 254  # of the table, from its first colour to its last


def heat_maps(values: Floats, scale: float, theme: Theme, *, signed: bool) -> list[QImage]:
    """A picture of each sheet of finite values (n, G, G), whose row 0 is its lower edge.

    Parameters
    ----------
    scale
        The value that takes the last colour; those beyond take it too.
    signed
        Whether values run to both sides of zero or from zero up, as in
        :mod:`explorer.views.palette`.
    """
    zero = _STEPS // 2 if signed else 0
    steps = np.multiply(values[:, ::-1], (_STEPS - zero) / scale)
    steps += zero + 0.5  # rounds to the nearest when cut
    np.clip(steps, 0, _STEPS + 0.5, out=steps)
    colours = _table(theme, signed).take(steps.astype(np.uint8))
    height, width = colours.shape[1:]
    kind = QImage.Format.Format_RGB32
    # Each owns its memory, so that a picture may outlive the others.
    return [QImage(sheet.data, width, height, 4 * width, kind).copy() for sheet in colours]


@cache
def _table(theme: Theme, signed: bool) -> NDArray[np.uint32]:
    """The colours of values up to the scale, from its negative or zero, as Qt has them, (255,)."""
    shares = np.linspace(-1 if signed else 0, 1, _STEPS + 1)
    return packed((diverging if signed else sequential)(shares, 1.0, theme))
