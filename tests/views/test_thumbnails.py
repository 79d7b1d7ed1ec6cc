from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from explorer.core.data.dataset import Dataset, Part
from explorer.views.palette import DARK, Theme
from explorer.views.thumbnails import draw_thumbnail, example_colour, example_image, rgb_image

Array = np.ndarray[Any, Any]
Drawn = Callable[..., QWidget]


@pytest.fixture
def thumbnail(canvas_of: Callable[..., QWidget]) -> Drawn:
    """Draw an example into a square of 40 points, five from the left and the top."""

    def draw(dataset: Dataset, index: int, theme: Theme = DARK) -> QWidget:
        box = QRectF(5, 5, 40, 40)
        return canvas_of(
            lambda painter: draw_thumbnail(painter, box, dataset, index, theme), 50, 50, theme
        )

    return draw


def test_an_image_of_pixels_owns_its_memory(image_pixels: Callable[[QImage], Array]) -> None:
    """Width and height that differ, rows that are no multiple of four bytes."""
    pixels = np.arange(5 * 3 * 3, dtype=np.uint8).reshape(5, 3, 3)
    image = rgb_image(pixels)
    expected = pixels.copy()
    pixels[:] = 0
    assert (image.width(), image.height()) == (3, 5)
    assert np.array_equal(image_pixels(image), expected)


def test_a_picture_may_be_upside_down(image_pixels: Callable[[QImage], Array]) -> None:
    """As the decision surface is, whose rows begin at the lower edge."""
    pixels = np.arange(4 * 4 * 3, dtype=np.uint8).reshape(4, 4, 3)
    assert np.array_equal(image_pixels(rgb_image(pixels[::-1])), pixels[::-1])


def test_an_image_example_is_its_values_row_by_row(
    images_of: Callable[[int, int], Dataset],
    image_pixels: Callable[[QImage], Array],
    between: Any,
    theme: Theme,
) -> None:
    """empty + (full − empty)·x."""
    dataset = images_of(5, 3)
    values = dataset.train.inputs[4]
    found = image_pixels(example_image(dataset, values, theme))
    assert found.shape == (3, 5, 3)
    for k, value in enumerate(values):
        expected = between(theme.empty, theme.full, float(value))
        assert np.abs(found[k // 5, k % 5] - expected).max() <= 1


@pytest.mark.parametrize(("index", "second"), [(0, False), (1, True)])
def test_a_point_has_the_colour_of_its_class(
    plane: Dataset, thumbnail: Drawn, pixels: Any, theme: Theme, index: int, second: bool
) -> None:
    colour = theme.positive if second else theme.negative
    assert example_colour(plane, index, theme) == colour
    ends = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)])
    found = pixels(thumbnail(plane, index, theme))
    assert (np.abs(found - ends).max(axis=2) < 20).sum() > 20


def test_without_classes_the_colour_is_muted(
    table_of: Callable[..., Dataset], theme: Theme
) -> None:
    assert example_colour(table_of(2), 0, theme) == theme.muted


def test_a_row_of_a_table_is_a_patch_with_its_label_or_number(
    plane: Dataset, table_of: Callable[..., Dataset], thumbnail: Drawn, words: Any
) -> None:
    train = Part(plane.train.inputs, plane.train.targets, plane.train.classes)
    assert words(thumbnail(replace(plane, train=train), 1)) == ["di"]
    assert words(thumbnail(table_of(3), 6)) == ["7"]
