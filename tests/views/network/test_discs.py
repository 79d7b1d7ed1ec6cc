"""The compiled discs against Qt's own ellipses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainter

from explorer.views.network.discs import Discs, draw_discs

Array = NDArray[Any]
WIDTH, HEIGHT = 300, 200
CANVAS = 0xFF14161B


def discs_of(x: Array, y: Array, radius: Array, widths: Array) -> Discs:
    random = np.random.default_rng(5)
    fills, rings = random.integers(0, 256, (2, len(x), 3), dtype=np.uint8)
    return Discs(x, y, radius, widths, fills, rings)


def drawn(discs: Discs, scale: float, *, compiled: bool) -> Array:
    """(height, width, 3), on an image of so many pixels a point."""
    shape = int(HEIGHT * scale), int(WIDTH * scale)
    pixels = np.full(shape, CANVAS, np.uint32)
    image = QImage(pixels.data, shape[1], shape[0], 4 * shape[1], QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(3.3, -1.6)
    draw_discs(painter, discs, pixels if compiled else None)
    painter.end()
    assert (pixels >> 24 == 0xFF).all()
    return pixels.view(np.uint8).reshape(*shape, 4)[..., :3].astype(int)


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_discs_are_those_of_qt(scale: float) -> None:
    """Anywhere, also half outside and over each other, within a few per cent of their ink."""
    random = np.random.default_rng(3)
    n = 40
    radius = random.uniform(4, 30, n)
    discs = discs_of(
        random.uniform(-20, WIDTH + 20, n),
        random.uniform(-20, HEIGHT + 20, n),
        radius,
        random.uniform(1.2, 4.5, n),
    )
    ours, theirs = (drawn(discs, scale, compiled=way) for way in (True, False))
    canvas = np.array([CANVAS & 255, CANVAS >> 8 & 255, CANVAS >> 16 & 255])
    ink = np.abs(theirs - canvas).sum()
    assert ink > 1e6
    assert np.abs(ours - theirs).sum() < 0.02 * ink
    assert np.abs(ours - theirs).max() < 60


@pytest.mark.usefixtures("qapp")
def test_a_disc_has_its_colours_and_nothing_else_has() -> None:
    one = np.array([1.0])
    discs = discs_of(100 * one, 80 * one, 20 * one, 4 * one)
    found = drawn(discs, 1.0, compiled=True)[..., ::-1]
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    away = np.hypot(x + 0.5 - 103.3, y + 0.5 - 78.4)
    canvas = np.array([CANVAS >> 16 & 255, CANVAS >> 8 & 255, CANVAS & 255])
    assert (found[away < 17] == discs.fills[0]).all()
    assert (found[abs(away - 20) < 1.2] == discs.rings[0]).all()
    assert (found[away > 23] == canvas).all()


@pytest.mark.usefixtures("qapp")
def test_none_draws_nothing() -> None:
    none = np.zeros(0)
    assert (drawn(discs_of(none, none, none, none), 1.0, compiled=True)[..., 0] == 0x1B).all()
