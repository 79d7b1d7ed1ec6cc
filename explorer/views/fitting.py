"""Words that fit: of several ways to say something, the longest that there is room for."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF


def longest_fitting(ways: Sequence[str], font: QFont, room: float) -> str:
    """The first of ``ways``, longest first, that fits; the last one elided where none does."""
    metrics = QFontMetricsF(font)
    for words in ways:
        if metrics.horizontalAdvance(words) <= room:
            return words
    return metrics.elidedText(ways[-1], Qt.TextElideMode.ElideRight, room) if ways else ""
