"""Short words drawn again and again: laid out once, whatever they are drawn on."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QStaticText, QTransform

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
    text = _laid_out(words, round(size))
    wide, high = text.size().width(), text.size().height()
    x = {_LEFT: 0.0, _RIGHT: box.width() - wide}.get(across, (box.width() - wide) / 2)
    y = 0.0 if top else (box.height() - high) / 2
    painter.setFont(font(size))
    painter.drawStaticText(QPointF(box.x() + x, box.y() + y), text)


def width_of(words: str, size: float) -> float:
    """The width of a line, in points."""
    return _laid_out(words, round(size)).size().width()


@lru_cache(512)
def fitted(words: str, size: float, room: float) -> str:
    """The words, elided where there is not so much room."""
    return longest_fitting((words,), font(size), room)


@lru_cache(4096)
def _laid_out(words: str, size: int) -> QStaticText:
    text = QStaticText(words)
    text.setTextFormat(Qt.TextFormat.PlainText)
    text.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    text.prepare(QTransform(), font(size))
    return text
