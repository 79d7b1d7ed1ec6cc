"""The table of wishes: a row per parameter of a neuron, a column per example, the mean last."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from explorer.core import nudges
from explorer.core.data.dataset import Floats, Ints
from explorer.core.moment import Moment
from explorer.core.numbers import subscript
from explorer.core.part_of_network import Neuron, Selectable, Weight
from explorer.views.painted_card import PaintedCard
from explorer.views.palette import diverging, hexadecimal, readable_on
from explorer.views.scale import fitted
from explorer.views.theme import MONO, font

_CELL_WIDTH, _CELL_HEIGHT = 31.0, 24.0
_NAME_WIDTH, _MEAN_WIDTH, _MEAN_GAP, _MARGIN, _HEAD = 32.0, 46.0, 7.0, 10.0, 24.0


class NudgeTable(PaintedCard):
    """Shows what each example asks of one neuron's parameters, ranked by the mean of their sizes.

    Of a long mini-batch the columns around the focused example are shown, and of many
    parameters as many as there are ``rows``; what is left out is counted. Asks for another focus
    with ``example_requested`` and selects with ``part_requested``.
    """

    example_requested = Signal(int)
    part_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._moment: Moment | None = None
        self._neuron = Neuron(1, 0)
        self._wishes: Floats = np.zeros((0, 0))
        self._order: Ints = np.zeros(0, int)
        self._rows = 8
        self._first = 0

    def show_neuron(self, moment: Moment, neuron: Neuron, rows: int) -> None:
        """Show the wishes for a neuron's bias and weights in up to ``rows`` rows."""
        self._moment, self._neuron, self._rows = moment, neuron, rows
        self._wishes = nudges.example_wishes(moment.trace, neuron.layer, neuron.index)
        sizes = np.abs(self._wishes).mean(axis=1)
        self._order = np.argsort(-sizes, kind="stable")
        self._first = min(self._first, max(len(self._order) - rows, 0))
        self.take_height(self._height())
        self.update()

    def sizeHint(self) -> QSize:
        """As high as its rows."""
        return QSize(280, round(self._height()))

    @property
    def rows(self) -> list[int]:
        """Parameters shown, in order: 0 is the bias, k the weight from neuron k (from 1)."""
        return [int(r) for r in self._order[self._first : self._first + self._rows]]

    @property
    def columns(self) -> list[int]:
        """Members of the mini-batch shown, in order."""
        if self._moment is None:
            return []
        size = self._wishes.shape[1]
        room = self.width() - 2 * _MARGIN - _NAME_WIDTH - _MEAN_GAP - _MEAN_WIDTH
        fitting = max(1, int(room // _CELL_WIDTH))
        if size <= fitting:
            return list(range(size))
        first = min(max(self._moment.example - fitting // 2, 0), size - fitting)
        return list(range(first, first + fitting))

    def _height(self) -> float:
        shown = min(self._rows, len(self._order))
        return _HEAD + shown * _CELL_HEIGHT + 2 * _MARGIN + 40

    def cell_box(self, row: int, column: int) -> QRectF:
        """The box of the cell in the row-th shown row and column-th shown column."""
        x = _MARGIN + _NAME_WIDTH + column * _CELL_WIDTH
        return QRectF(x, _MARGIN + _HEAD + row * _CELL_HEIGHT, _CELL_WIDTH, _CELL_HEIGHT)

    def mean_box(self, row: int) -> QRectF:
        """The box of the mean in the row-th shown row."""
        box = self.cell_box(row, len(self.columns)).translated(_MEAN_GAP, 0)
        box.setWidth(_MEAN_WIDTH)
        return box

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card, the cells, the means and what is left out."""
        del event
        theme, painter = self._theme, self.card_painter()
        moment = self._moment
        if moment is None:
            return
        rows, columns = self.rows, self.columns
        means = self._wishes.mean(axis=1)
        shown = self._wishes[np.ix_(rows, columns)]
        scale = fitted(self._wishes[rows])
        for r, row in enumerate(rows):
            self._draw_name(painter, r, row)
            for c in range(len(columns)):
                self._draw_cell(painter, self.cell_box(r, c), float(shown[r, c]), scale, 2)
            self._draw_cell(painter, self.mean_box(r), float(means[row]), scale, 3)
        self._draw_heads(painter, moment, columns)
        self._draw_note(painter, moment, rows, columns)
        if moment.example in columns:
            column = columns.index(moment.example)
            box = self.cell_box(0, column).united(self.cell_box(len(rows) - 1, column))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.accent), 1.6))
            painter.drawRoundedRect(box.adjusted(-0.5, -_HEAD + 4, -0.5, 1), 4, 4)

    def _draw_name(self, painter: QPainter, r: int, row: int) -> None:
        painter.setPen(QColor(self._theme.muted))
        painter.setFont(font(12))
        box = self.cell_box(r, 0)
        box = QRectF(_MARGIN, box.top(), _NAME_WIDTH, box.height())
        name = "b" if row == 0 else f"w{subscript(row)}"
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, name)

    def _draw_cell(
        self, painter: QPainter, box: QRectF, value: float, scale: float, decimals: int
    ) -> None:
        colour = hexadecimal(diverging(np.array(value), scale, self._theme))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        painter.drawRoundedRect(box.adjusted(1, 1, -2, -1), 3, 3)
        painter.setPen(QColor(readable_on(colour)))
        painter.setFont(font(10, MONO))
        painter.drawText(
            box.adjusted(-3, 0, 2, 0),
            Qt.AlignmentFlag.AlignCenter,
            _cell_text(value, scale, decimals),
        )

    def _draw_heads(self, painter: QPainter, moment: Moment, columns: list[int]) -> None:
        painter.setFont(font(11))
        for c, member in enumerate(columns):
            box = self.cell_box(0, c).translated(0, -_HEAD)
            index = int(moment.trace.indices[member])
            label = moment.dataset.label_of(moment.dataset.train, index)
            text = label if 0 < len(label) <= 3 else str(member + 1)
            focused = member == moment.example
            painter.setPen(QColor(self._theme.accent if focused else self._theme.muted))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        painter.setPen(QColor(self._theme.text))
        painter.drawText(
            self.mean_box(0).translated(0, -_HEAD).adjusted(-6, 0, 6, 0),
            Qt.AlignmentFlag.AlignCenter,
            "mean",
        )

    def _draw_note(
        self, painter: QPainter, moment: Moment, rows: list[int], columns: list[int]
    ) -> None:
        parts = []
        if len(rows) < len(self._order):
            parts.append(f"{len(rows)} of {len(self._order)} parameters")
        if len(columns) < self._wishes.shape[1]:
            parts.append(f"{len(columns)} of {self._wishes.shape[1]} examples")
        counted = ", ".join(parts) + ". " if parts else ""
        exponent = _exponent(fitted(self._wishes[rows]))
        unit = f"Numbers × {10.0**exponent:g}. " if exponent else ""
        regularized = moment.experiment.regularization.kind != "none"
        end = "" if regularized else " is −gradient"
        text = f"{counted}{unit}The mean over the mini-batch{end}."
        painter.setPen(QColor(self._theme.muted))
        painter.setFont(font(11.5))
        top = self.cell_box(len(rows), 0).top() + 4
        box = QRectF(_MARGIN, top, self.width() - 2 * _MARGIN, 34)
        painter.drawText(box, Qt.TextFlag.TextWordWrap, text)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask for the example of the column, or the parameter of the row."""
        found = self._cell_at(event.position())
        if found is None:
            return
        row, column = found
        if column is not None:
            self.example_requested.emit(self.columns[column])
        elif row is not None:
            self.part_requested.emit(self._part_of(self.rows[row]))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll through the parameters."""
        most = max(len(self._order) - self._rows, 0)
        first = min(max(self._first - (1 if event.angleDelta().y() > 0 else -1) * 2, 0), most)
        if first == self._first:
            event.ignore()
            return
        self._first = first
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other columns may fit."""
        del event
        self.update()

    def _part_of(self, row: int) -> Selectable:
        if row == 0:
            return self._neuron
        return Weight(self._neuron.layer, self._neuron.index, row - 1)

    def _cell_at(self, where: QPointF) -> tuple[int | None, int | None] | None:
        for c in range(len(self.columns)):
            box = self.cell_box(0, c).united(self.cell_box(len(self.rows) - 1, c))
            if box.adjusted(0, -_HEAD, 0, 0).contains(where):
                return None, c
        for r in range(len(self.rows)):
            box = self.cell_box(r, 0)
            if box.top() <= where.y() < box.bottom():
                return r, None
        return None


def _exponent(scale: float) -> int:
    """The power of ten taken out of cells too small or too large for two decimals."""
    return 0 if 0.1 <= scale < 10 else int(np.floor(np.log10(scale)))


def _cell_text(value: float, scale: float, decimals: int) -> str:
    """A signed number in few signs, without the zero before the point."""
    scaled = value / 10.0 ** _exponent(scale)
    text = f"{abs(scaled):.{decimals}f}"
    if not float(text):
        return "0"
    if text.startswith("0"):
        text = text[1:]
    elif len(text) > decimals + 2:
        text = f"{abs(scaled):.{decimals - 1}f}"
    return ("−" if value < 0 else "+") + text
