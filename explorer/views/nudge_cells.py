"""The cells of the table of wishes: signed numbers in few signs, on the colour of their value."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from explorer.core.data.dataset import Floats
from explorer.core.numbers import Column
from explorer.views.palette import Theme, diverging, hexadecimal, readable_on
from explorer.views.theme import MONO, font

_SHADES = 256  # to each side of zero
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@cache
def _shades(theme: Theme) -> tuple[list[QColor], list[QColor]]:
    """The colours from −scale to +scale, and the colour of the number on each."""
    colours = diverging(np.linspace(-1, 1, 2 * _SHADES + 1), 1.0, theme)
    names = [hexadecimal(colour) for colour in colours]
    return [QColor(name) for name in names], [QColor(readable_on(name)) for name in names]


def draw_cells(
    painter: QPainter,
    theme: Theme,
    first: QRectF,
    values: Floats,
    texts: list[list[str]],
    scale: float,
    letters: float,
) -> None:
    """Draw values (r, c) with their texts; ``first`` is the box of the first, the others follow."""
    colours, inks = _shades(theme)
    shares = np.clip(values / scale, -1, 1)
    shades = np.rint(shares * _SHADES).astype(int) + _SHADES
    width, height = first.width(), first.height()
    painter.setPen(Qt.PenStyle.NoPen)
    for r, row in enumerate(shades.tolist()):
        for c, shade in enumerate(row):
            painter.setBrush(colours[shade])
            x, y = first.left() + c * width + 1, first.top() + r * height + 1
            painter.drawRoundedRect(QRectF(x, y, width - 3, height - 2), 3, 3)
    face = font(letters, MONO)
    painter.setFont(face)
    metrics = QFontMetricsF(face)
    letter = metrics.horizontalAdvance("0")
    line = first.top() + (height + metrics.capHeight()) / 2
    for r, row in enumerate(shades.tolist()):
        for c, shade in enumerate(row):
            painter.setPen(inks[shade])
            words = texts[r][c]
            x = first.left() + (c + 0.5) * width - 0.5 - len(words) * letter / 2
            painter.drawText(QPointF(x, line + r * height), words)


def exponent_of(scale: float) -> int:
    """The power of ten taken out of numbers too small or too large for few decimals."""
    return 0 if 0.1 <= scale < 10 else math.floor(math.log10(scale))


def unit_text(exponent: int) -> str:
    """A power of ten as it is written: ``unit_text(-3)`` is ``10⁻³``."""
    return f"10{str(exponent).translate(_SUPERSCRIPTS)}"


def cell_text(value: float, exponent: int, decimals: int) -> str:
    """A signed number in few signs, without the zero before the point; zero only where it is."""
    if not value:
        return "0"
    scaled = abs(value) / 10.0**exponent
    text = f"{scaled:.{decimals}f}"
    if len(text) > decimals + 2:
        text = f"{scaled:.{decimals - 1}f}"
    return ("−" if value < 0 else "+") + text.removeprefix("0")


def mean_text(value: float, exponent: int, column: Column) -> str:
    """A signed number of a column of means, without the zero before the point."""
    text = column.text(value / 10.0**exponent, plus=True)
    bare = text[1:3] == "0." and "e" not in text
    return text[0] + text[2:] if bare else text
