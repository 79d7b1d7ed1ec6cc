"""Short words drawn again and again: laid out once, whatever they are drawn on."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QStaticText, QTransform

from explorer.views.fitting import longest_fitting
from explorer.views.theme import font

_LEFT, _RIGHT = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight


def write(
    painter: QPainter,
    box: QRectF,
    words: str,
    size: float,
    *,
    across: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignHCenter,
    top: bool = False,
) -> None:
    """Write one line into a box in the painter's colour; from its top, or in the middle."""
    text, letters, wide, high = _laid_out(words, round(size))
    x, y = box.x(), box.y()
    if across != _LEFT:
        x += (box.width() - wide) / (1 if across == _RIGHT else 2)
    if not top:
        y += (box.height() - high) / 2
    painter.setFont(letters)
    painter.drawStaticText(QPointF(x, y), text)


def width_of(words: str, size: float) -> float:
    """The width of a line, in points."""
    return _laid_out(words, round(size))[2]


@lru_cache(512)
def fitted(ways: tuple[str, ...], size: float, room: float) -> str:
    """Of several ways to say something, the longest that there is room for."""
    return longest_fitting(ways, font(size), room)


@lru_cache(4096)
def _laid_out(words: str, size: int) -> tuple[QStaticText, QFont, float, float]:
    """Words with their font, width and height."""
    text = QStaticText(words)
    text.setTextFormat(Qt.TextFormat.PlainText)
    text.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    text.prepare(QTransform(), font(size))
    return text, font(size), text.size().width(), text.size().height()
