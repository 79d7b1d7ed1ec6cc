"""Drawing discs with rings around them: on an image of ours by the compiled kernel."""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter

from explorer.core.data.dataset import Floats
from explorer.views.network.edge_picture import Pixels
from explorer.views.network.kernels import kernels
from explorer.views.palette import Bytes


class Discs(Struct, frozen=True, eq=False):
    """Each a disc on a larger one, its ring, whose line is ``widths`` wide; all (n,), in points.

    Attributes
    ----------
    fills, rings : (n, 3) uint8
        RGB.
    """

    x: Floats
    y: Floats
    radius: Floats
    widths: Floats
    fills: Bytes
    rings: Bytes


def draw_discs(painter: QPainter, discs: Discs, pixels: Pixels | None) -> None:
    """Draw all discs; fast where the painter draws on known ``pixels``."""
    compiled = None if pixels is None else kernels.ready()
    if compiled is not None:
        device = painter.deviceTransform()
        scale, half = device.m11(), discs.widths / 2
        places = np.empty((len(discs.x), 4), np.float32)
        places[:, 0] = discs.x * scale + device.dx()
        places[:, 1] = discs.y * scale + device.dy()
        places[:, 2] = (discs.radius + half) * scale
        places[:, 3] = (discs.radius - half) * scale
        colours = (array.astype(np.float32) for array in (discs.fills, discs.rings))
        compiled.discs(pixels, places, *colours)
        return
    painter.setPen(Qt.PenStyle.NoPen)
    for x, y, radius, width, fill, ring in zip(
        discs.x.tolist(),
        discs.y.tolist(),
        discs.radius.tolist(),
        discs.widths.tolist(),
        discs.fills.tolist(),
        discs.rings.tolist(),
        strict=True,
    ):
        for colour, reach in ((ring, radius + width / 2), (fill, radius - width / 2)):
            painter.setBrush(QColor(*colour))
            painter.drawEllipse(QPointF(x, y), reach, reach)
