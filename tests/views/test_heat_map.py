from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QImage

from explorer.views.heat_map import heat_maps
from explorer.views.palette import Theme, diverging, sequential

Pixels = Callable[[QImage], Any]


@pytest.mark.parametrize("signed", [True, False])
def test_values_have_the_colours_of_the_palette(
    theme: Theme, image_pixels: Pixels, signed: bool
) -> None:
    """Each sheet upside down, as row 0 is its lower edge, to a step of the table."""
    values = np.random.default_rng(0).normal(0, 2, (3, 8, 5)).astype(np.float32)
    images = heat_maps(values, 2.5, theme, signed=signed)
    colour = diverging if signed else sequential
    for sheet, image in zip(values, images, strict=True):
        assert np.abs(image_pixels(image) - colour(sheet[::-1], 2.5, theme)).max() <= 2


def test_zero_and_the_ends_are_exact(theme: Theme, image_pixels: Pixels) -> None:
    values = np.array([[[0.0, 3.0, -3.0, 99.0, -np.inf]]])
    [image] = heat_maps(values, 3.0, theme, signed=True)
    assert np.array_equal(image_pixels(image), diverging(values[0], 3.0, theme))


def test_pictures_own_their_memory(theme: Theme, image_pixels: Pixels) -> None:
    values = np.ones((2, 4, 4), np.float32)
    first = heat_maps(values, 1.0, theme, signed=True)[0]
    before = image_pixels(first).copy()
    for _ in range(50):
        heat_maps(-values, 1.0, theme, signed=True)
    assert np.array_equal(image_pixels(first), before)
