"""Letters and numbers as the microscope sets them."""

from __future__ import annotations

import re

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from explorer.core.moment import Moment
from explorer.core.narration import Tone, tone_of
from explorer.core.numbers import number
from explorer.views.palette import Theme, mix
from explorer.views.theme import SANS, font

LATER_FORWARD = "comes in the forward beats"
LATER_BACKWARD = "comes with its backward beat"


def moved(old: float, new: float) -> str:
    """Old and new, with so many digits that a small move shows."""
    for digits in (3, 4, 5, 6):
        if number(old, digits) != number(new, digits):
            return f"{number(old, digits)} → {number(new, digits)}"
    return number(new)


def colour_of(value: float, theme: Theme) -> str:
    """A signed value's colour."""
    tones: dict[Tone, str] = {"positive": theme.positive, "negative": theme.negative}
    return tones.get(tone_of(value), theme.text)


def accent_ink(theme: Theme) -> str:
    """The accent for words: darker on light ground, where it would be too faint to read."""
    return theme.accent if theme.name == "dark" else mix(theme.accent, theme.text, 0.45)


def draw_words(
    painter: QPainter,
    box: QRectF,
    words: str,
    colour: str,
    size: float,
    *,
    family: str = SANS,
    bold: bool = False,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> float:
    """Draw one line, elided to its box, the word after a low line as a subscript.

    ``C_batch`` is set as C with a small lowered "batch". Returns the width that the line took.
    """
    large, small = font(size, family, bold=bold), font(max(size * 0.76, 9), family)
    painter.setFont(large)
    painter.setPen(QColor(colour))
    if "_" not in words:
        fitting = QFontMetricsF(large).elidedText(words, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, align | Qt.AlignmentFlag.AlignVCenter, fitting)
        return QFontMetricsF(large).horizontalAdvance(fitting)
    pieces = [p for p in re.split(r"(_[a-z]+)", words) if p]
    sizes = [
        QFontMetricsF(small if p[0] == "_" else large).horizontalAdvance(p.lstrip("_"))
        for p in pieces
    ]
    x, width = box.left(), sum(sizes)
    if align & Qt.AlignmentFlag.AlignHCenter:
        x = box.center().x() - width / 2
    elif align & Qt.AlignmentFlag.AlignRight:
        x = box.right() - width
    metrics = QFontMetricsF(large)
    baseline = box.center().y() + (metrics.ascent() - metrics.descent()) / 2
    for piece, advance in zip(pieces, sizes, strict=True):
        low = piece[0] == "_"
        painter.setFont(small if low else large)
        painter.drawText(QPointF(x, baseline + (size * 0.22 if low else 0)), piece.lstrip("_"))
        x += advance
    return width


def example_name(moment: Moment) -> str:
    """Which example of the mini-batch is spoken of."""
    label = f" “{moment.label}”" if moment.label else ""
    return f"example {moment.example + 1} of {moment.trace.batch_size}{label}"
