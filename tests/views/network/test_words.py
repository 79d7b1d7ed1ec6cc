"""Words laid out once against Qt's own drawing of text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter

from explorer.views.network.words import fitted, width_of, write
from explorer.views.theme import font

Array = NDArray[Any]
BOX = QRectF(20, 10, 160, 40)
MIDDLE = Qt.AlignmentFlag.AlignVCenter


def ink(draw: Callable[[QPainter], None]) -> Array:
    """(60, 200): how dark each pixel is."""
    image = QImage(200, 60, QImage.Format.Format_Grayscale8)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setPen(Qt.GlobalColor.black)
    draw(painter)
    painter.end()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(60, image.bytesPerLine())
    return 255.0 - rows[:, :200]


def middle(found: Array) -> tuple[float, float]:
    y, x = np.mgrid[: found.shape[0], : found.shape[1]]
    return float((x * found).sum() / found.sum()), float((y * found).sum() / found.sum())


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("words", ["−0.25", "output · 10", "Ag|jß"])
@pytest.mark.parametrize("across", ["AlignLeft", "AlignHCenter", "AlignRight"])
@pytest.mark.parametrize("top", [False, True])
def test_words_stand_where_qt_would_put_them(words: str, across: str, top: bool) -> None:
    flag = Qt.AlignmentFlag[across]

    def by_qt(painter: QPainter) -> None:
        painter.setFont(font(13))
        painter.drawText(BOX, flag | (Qt.AlignmentFlag.AlignTop if top else MIDDLE), words)

    expected = ink(by_qt)
    for _ in range(2):  # laid out, and laid out before
        found = ink(lambda painter: write(painter, BOX, words, 13, across=flag, top=top))
        assert found.sum() == pytest.approx(expected.sum(), rel=0.1)
        assert np.abs(np.subtract(middle(found), middle(expected))).max() < 0.8


@pytest.mark.usefixtures("qapp")
def test_sizes_are_kept_apart() -> None:
    small, large = (
        ink(lambda painter, s=size: write(painter, BOX, "0.25", s)) for size in (10, 20)
    )
    assert large.sum() > 2 * small.sum()
    assert width_of("0.25", 20) == pytest.approx(2 * width_of("0.25", 10), rel=0.1)
    assert width_of("0.25", 20) == pytest.approx(
        QFontMetricsF(font(20)).horizontalAdvance("0.25"), abs=1
    )


@pytest.mark.usefixtures("qapp")
def test_the_longest_way_that_fits_is_taken() -> None:
    ways = ("hidden 1 · 128, 20 shown", "hidden 1")
    assert fitted(ways, 12, 300) == ways[0]
    assert fitted(ways, 12, width_of(ways[1], 12) + 1) == ways[1]
    assert fitted(ways, 12, 30).endswith("…")
