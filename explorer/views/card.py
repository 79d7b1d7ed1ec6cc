"""A small painted card of lines, such as the reading beside the pointer."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from explorer.views.palette import Theme
from explorer.views.theme import font

_PADDING, _LINE = 9.0, 19.0


def draw_card(
    painter: QPainter, theme: Theme, title: str, lines: list[str], at: QPointF, room: QSizeF
) -> None:
    """Draw a card beside a point, moved so that it stays whole within ``room``."""
    head, body = font(12, bold=True), font(13)
    widths = [QFontMetricsF(head).horizontalAdvance(title)]
    widths += [QFontMetricsF(body).horizontalAdvance(line) for line in lines]
    width = max(widths) + 2 * _PADDING
    height = _LINE * (len(lines) + 1) + 2 * _PADDING - 4
    x = at.x() + 16 if at.x() + 16 + width < room.width() else at.x() - 12 - width
    y = min(max(at.y() + 14, 4.0), max(room.height() - height - 4, 4.0))
    box = QRectF(min(max(x, 4.0), max(room.width() - width - 4, 4.0)), y, width, height)
    painter.setPen(QPen(QColor(theme.border), 1))
    painter.setBrush(QColor(theme.raised))
    painter.drawRoundedRect(box, 7, 7)
    row = QRectF(box.left() + _PADDING, box.top() + _PADDING - 3, width, _LINE)
    painter.setPen(QColor(theme.muted))
    painter.setFont(head)
    painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, title)
    painter.setPen(QColor(theme.text))
    painter.setFont(body)
    for line in lines:
        row.translate(0, _LINE)
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, line)
