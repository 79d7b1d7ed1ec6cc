"""A list of values with bars: signed, ranked, in titled sections. Painted, so it is quick."""

from __future__ import annotations

from msgspec import Struct, field
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from explorer.core.part_of_network import Selectable, linked
from explorer.views.painted_card import Tip
from explorer.views.palette import mix
from explorer.views.pointed_card import PointedCard
from explorer.views.theme import MONO, font

_ROW, _TITLE, _MARGIN = 21.0, 22.0, 12.0


class Bar(Struct, frozen=True):
    """One row: a name, a value in words, the signed share of the bar, and what it stands for.

    ``exact`` is read on pointing at the row: its formula with all digits of its numbers.
    """

    name: str
    value: str
    share: float | None = None
    part: Selectable | None = None
    strong: bool = False
    signed: bool = True
    exact: str = ""


class Section(Struct, frozen=True):
    """A title and its rows."""

    title: str
    bars: list[Bar] = field(default_factory=list)


class BarList(PointedCard):
    """Shows sections; tells which part is pointed at and which was clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sections: list[Section] = []

    def set_sections(self, sections: list[Section]) -> None:
        """Show other rows; the height follows."""
        self._sections = sections
        self.take_height(self._height())
        self.look_again()
        self.update()

    @property
    def sections(self) -> list[Section]:
        """What is shown."""
        return self._sections

    def sizeHint(self) -> QSize:
        """All rows."""
        return QSize(280, round(self._height()))

    def row_boxes(self) -> list[tuple[QRectF, Bar]]:
        """Every row with its box."""
        boxes, y = [], 8.0
        for section in self._sections:
            y += _TITLE if section.title else 0
            for bar in section.bars:
                boxes.append((QRectF(0, y, self.width(), _ROW), bar))
                y += _ROW
            y += 5
        return boxes

    def _height(self) -> float:
        return 12.0 + sum(
            (_TITLE if s.title else 0) + _ROW * len(s.bars) + 5 for s in self._sections
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a card with titles, names, bars and values."""
        del event
        theme, painter = self._theme, self.card_painter()
        y = 8.0
        for section in self._sections:
            if section.title:
                painter.setPen(QColor(theme.muted))
                painter.setFont(font(12.5))
                box = QRectF(_MARGIN, y, self.width() - 2 * _MARGIN, _TITLE)
                painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, section.title)
                y += _TITLE
            y += _ROW * len(section.bars) + 5
        for box, bar in self.row_boxes():
            self._draw_row(painter, box, bar)

    def _draw_row(self, painter: QPainter, box: QRectF, bar: Bar) -> None:
        theme = self._theme
        if linked(bar.part, self._pointed):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.raised))
            painter.drawRoundedRect(box.adjusted(5, 0, -5, 0), 4, 4)
        painter.setFont(font(12, MONO))
        value_width = max(58.0, painter.fontMetrics().horizontalAdvance(bar.value) + 4.0)
        right = box.right() - _MARGIN
        painter.setPen(QColor(theme.text))
        painter.drawText(
            QRectF(right - value_width, box.top(), value_width, _ROW),
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
            bar.value,
        )
        bar_width = min(max(self.width() * 0.17, 48.0), 74.0) if bar.share is not None else 0.0
        bar_left = right - value_width - bar_width - 4
        if bar.share is not None:
            self._draw_bar(painter, QRectF(bar_left, box.center().y() - 4, bar_width, 8), bar)
        painter.setPen(QColor(theme.text))
        painter.setFont(font(13, bold=bar.strong))
        room = int((bar_left if bar_width else right - value_width) - box.left() - _MARGIN - 6)
        name = painter.fontMetrics().elidedText(bar.name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(
            QRectF(box.left() + _MARGIN, box.top(), room + 2, _ROW),
            Qt.AlignmentFlag.AlignVCenter,
            name,
        )

    def _draw_bar(self, painter: QPainter, box: QRectF, bar: Bar) -> None:
        theme = self._theme
        assert bar.share is not None
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(mix(theme.card, theme.canvas, 0.9)))
        painter.drawRoundedRect(box, 4, 4)
        share = min(max(bar.share, -1.0), 1.0)
        filled = QRectF(box.left(), box.top(), box.width() * abs(share), box.height())
        if bar.signed:  # from the middle, to the side of its sign
            half = box.width() / 2
            left = box.left() + half + min(share, 0.0) * half
            filled = QRectF(left, box.top(), half * abs(share), box.height())
        colour = theme.positive if share > 0 else theme.negative
        painter.setBrush(QColor(colour if bar.signed else theme.full))
        if filled.width() > 0.3:
            painter.drawRoundedRect(filled, min(3, filled.width() / 2), 3)
        if bar.signed:
            painter.setBrush(QColor(theme.muted))
            painter.drawRect(QRectF(box.center().x() - 0.5, box.top() - 1, 1, box.height() + 2))

    def part_at(self, where: QPointF) -> Selectable | None:
        """The part of the row there."""
        row = self._row_at(where)
        return row[1].part if row else None

    def tip_at(self, where: QPointF) -> Tip | None:
        """The exact numbers of the row there."""
        row = self._row_at(where)
        return Tip(row[1].exact, row[0]) if row else None

    def _row_at(self, where: QPointF) -> tuple[QRectF, Bar] | None:
        return next((row for row in self.row_boxes() if row[0].contains(where)), None)
