"""The table of the update: −∂C/∂w, what the optimizer made of it, and where that led."""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from explorer.core.moment import Moment
from explorer.core.numbers import exact, significant
from explorer.core.part_of_network import Neuron, Selectable
from explorer.views.painted_card import Tip
from explorer.views.pointed_card import PointedCard
from explorer.views.theme import MONO, font
from explorer.views.update_rows import (
    Move,
    captions,
    change_text,
    kept_text,
    move_tip,
    moved_text,
    moves,
)
from explorer.views.update_rule import Rule, rule_of

_MARGIN, _GAP = 12.0, 8.0
_TITLE, _LINE, _HEAD, _ROW, _BELOW, _BETWEEN = 22.0, 17.0, 20.0, 21.0, 16.0, 4.0
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class _Content(Struct, frozen=True, eq=False):
    moment: Moment
    rule: Rule
    moves: list[Move]
    captions: str

    @property
    def heads(self) -> tuple[str, str, str]:
        """What stands above the columns."""
        rate = self.moment.experiment.optimizer.learning_rate
        return "−∂C/∂w", f"× {exact(rate)} = Δ" if self.rule.plain else "Δ", "old → new"


class _Columns(Struct, frozen=True):
    """Right edges of the three columns; the third stands below the others where it must."""

    edges: tuple[float, float, float]
    wrapped: bool


class UpdateTable(PointedCard):
    """Shows how the update moved a neuron's parameters; asks and tells as a list of bars does."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content: _Content | None = None
        self._measured: tuple[_Content, int, _Columns] | None = None

    def show_update(self, moment: Moment, neuron: Neuron) -> None:
        """Show the moves of a neuron's bias and weights, and the rule of the optimizer."""
        found = moves(moment, neuron)
        rule = rule_of(moment.experiment.optimizer)
        words = captions(moment, neuron, found)
        self._content = _Content(moment, rule, found, words)
        self.take_height(self._height())
        self.look_again()
        self.update()

    @property
    def moves(self) -> list[Move]:
        """What is shown."""
        return self._content.moves if self._content else []

    def sizeHint(self) -> QSize:
        """All rows."""
        return QSize(280, round(self._height()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width may need another height."""
        del event
        self.take_height(self._height())

    def row_boxes(self) -> list[tuple[QRectF, Move]]:
        """Every row with its box."""
        content = self._content
        if content is None:
            return []
        wrapped = self._columns(content).wrapped
        boxes, y = [], self._top(content) + _HEAD + (_BELOW if wrapped else 0)
        for move in content.moves:
            below = len(move.kept) + (wrapped and move.part is not None)
            height = _ROW + below * _BELOW
            boxes.append((QRectF(0, y, self.width(), height), move))
            y += height + (_BETWEEN if below else 0)
        return boxes

    def _top(self, content: _Content) -> float:
        return 8.0 + _TITLE + len(content.rule.formulas) * _LINE + 2

    def _height(self) -> float:
        boxes = self.row_boxes()
        if self._content is None or not boxes:
            return 40.0
        return boxes[-1][0].bottom() + self._captions_height(self._content) + 10

    def _captions_height(self, content: _Content) -> float:
        if not content.captions:
            return 0.0
        room = QRect(0, 0, round(self.width() - 2 * _MARGIN), 1000)
        metrics = QFontMetrics(font(11.5))
        return metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, content.captions).height() + 8.0

    def _columns(self, content: _Content) -> _Columns:
        """The columns, measured once for each content and width."""
        if self._measured is None or self._measured[:2] != (content, self.width()):
            self._measured = content, self.width(), self._measure(content)
        return self._measured[2]

    def _measure(self, content: _Content) -> _Columns:
        number, head = QFontMetricsF(font(11, MONO)), QFontMetricsF(font(11))
        rows = [m for m in content.moves if m.part is not None]
        widths = [
            max(head.horizontalAdvance(top), *map(number.horizontalAdvance, words))
            for top, words in zip(content.heads, zip(*map(_texts, rows), strict=True), strict=True)
        ]
        names = max(QFontMetricsF(font(12.5)).horizontalAdvance(m.name) for m in rows)
        right, room = self.width() - _MARGIN, self.width() - 2 * _MARGIN
        spare = room - names - sum(widths) - 3 * _GAP
        if spare < 0:
            return _Columns((right - max(widths[1] + _GAP, room * 0.4), right, right), True)
        gap = _GAP + min(spare / 3, 14.0)
        second = right - widths[2] - gap
        return _Columns((second - widths[1] - gap, second, right), False)

    # Drawing ----------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rule, the heads, the rows and what the letters are."""
        del event
        painter, content = self.card_painter(), self._content
        if content is None:
            return
        self._draw_rule(painter, content)
        columns = self._columns(content)
        self._draw_heads(painter, content, columns)
        boxes = self.row_boxes()
        for box, move in boxes:
            self._draw_row(painter, box, move, columns)
        painter.setPen(QColor(self._theme.muted))
        painter.setFont(font(11.5))
        below = QRectF(_MARGIN, boxes[-1][0].bottom() + 6, self.width() - 2 * _MARGIN, 1000)
        painter.drawText(below, Qt.TextFlag.TextWordWrap, content.captions)

    def _draw_rule(self, painter: QPainter, content: _Content) -> None:
        line = QRectF(_MARGIN, 8, self.width() - 2 * _MARGIN, _TITLE)
        painter.setPen(QColor(self._theme.text))
        painter.setFont(font(13, bold=True))
        painter.drawText(line, _LEFT, content.rule.title)
        painter.setFont(font(12))
        line = QRectF(_MARGIN, line.bottom(), line.width(), _LINE)
        for formula in content.rule.formulas:  # that of Δ first, then what its letters are
            painter.drawText(line, _LEFT, formula)
            painter.setPen(QColor(self._theme.muted))
            line.translate(0, _LINE)

    def _draw_heads(self, painter: QPainter, content: _Content, columns: _Columns) -> None:
        painter.setPen(QColor(self._theme.muted))
        painter.setFont(font(11))
        top = self._top(content)
        for column, (edge, head) in enumerate(zip(columns.edges, content.heads, strict=True)):
            below = _BELOW if columns.wrapped and column == 2 else 0.0
            painter.drawText(QRectF(0, top + below, edge, _HEAD), _RIGHT, head)

    def _draw_row(self, painter: QPainter, box: QRectF, move: Move, columns: _Columns) -> None:
        theme = self._theme
        if move.part is not None and move.part == self._pointed:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.raised))
            painter.drawRoundedRect(box.adjusted(5, 0, -5, 0), 4, 4)
        line = QRectF(_MARGIN, box.top(), box.width() - 2 * _MARGIN, _ROW)
        painter.setPen(QColor(theme.muted if move.part is None else theme.text))
        painter.setFont(font(12.5))
        painter.drawText(line, _LEFT, move.name)
        painter.setFont(font(11, MONO))
        if move.part is None:
            painter.drawText(line, _RIGHT, f"Σ Δ {significant(move.change, plus=True)}")
            return
        wish, change, moved = _texts(move)
        for edge, words, value in (
            (columns.edges[0], wish, move.wish),
            (columns.edges[1], change, 0.0 if move.frozen else move.change),
        ):
            painter.setPen(QColor(self._colour(value)))
            painter.drawText(QRectF(0, box.top(), edge, _ROW), _RIGHT, words)
        painter.setPen(QColor(theme.text))
        below = QRectF(0, box.top(), columns.edges[2], _ROW)
        if columns.wrapped:
            below = QRectF(0, line.bottom(), columns.edges[2], _BELOW)
        painter.drawText(below, _RIGHT, moved)
        painter.setPen(QColor(theme.muted))
        below = QRectF(0, below.bottom(), columns.edges[2], _BELOW)
        for kept in move.kept:
            painter.drawText(below, _RIGHT, kept_text(kept))
            below.translate(0, _BELOW)

    def _colour(self, value: float) -> str:
        theme = self._theme
        return theme.positive if value > 0 else theme.negative if value < 0 else theme.muted

    # Pointing ---------------------------------------------------------------------------------

    def _row_at(self, where: QPointF) -> tuple[QRectF, Move] | None:
        return next((row for row in self.row_boxes() if row[0].contains(where)), None)

    def part_at(self, where: QPointF) -> Selectable | None:
        """The parameter of the row there."""
        row = self._row_at(where)
        return row[1].part if row else None

    def tip_at(self, where: QPointF) -> Tip | None:
        """The exact numbers of the row there."""
        row = self._row_at(where)
        if row is None or self._content is None:
            return None
        return Tip(move_tip(self._content.moment, row[1]), row[0])


def _texts(move: Move) -> tuple[str, str, str]:
    return significant(move.wish, plus=True), change_text(move), moved_text(move)
