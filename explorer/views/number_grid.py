"""A grid of number fields with names, filled and walked through as in a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from explorer.core.data.dataset import Floats
from explorer.core.typed_numbers import parse_number, pasted_table
from explorer.views.fields import NumberEdit
from explorer.views.validity import is_marked, mark

_LEAST_WIDTH, _MOST_WIDTH, _GAP = 46, 92, 14

Block: TypeAlias = Literal["left", "right"]


class Place(NamedTuple):
    """Where a number belongs: its row, and its column within the left or the right block."""

    row: int
    block: Block
    column: int


class NumberGrid(QWidget):
    """Two blocks of numbers side by side; ``changed`` tells that any of them is another.

    What was typed stays when the grid shrinks and grows again. Tab goes to the next cell, Enter
    and the arrow keys to those below and beside. Pasted numbers fill the grid from the cell on;
    where they need more rows, ``rows_requested`` asks for so many. ``cell_entered`` tells the field
    that the keyboard went to, for whoever scrolls.

    Parameters
    ----------
    name
        What the numbers are, for those who hear the screen.
    first
        What stands in a cell that nobody has filled yet.
    """

    changed = Signal()
    rows_requested = Signal(int)
    cell_entered = Signal(object)

    def __init__(
        self, name: str, first: Callable[[Place], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._name, self._first = name, first
        self._typed: dict[Place, str] = {}
        self._cells: dict[Place, _Cell] = {}
        self._labels: list[QLabel] = []
        self._order: list[list[Place]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(3)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns, of both blocks together."""
        return len(self._order), len(self._order[0]) if self._order else 0

    def cell(self, row: int, column: int) -> NumberEdit:
        """The field in a row and a column, counted through both blocks."""
        return self._cells[self._order[row][column]]

    def set_names(self, rows: Sequence[str], left: Sequence[str], right: Sequence[str]) -> None:
        """Have a row for each name, and a column for each name of the two blocks."""
        columns: list[tuple[Block, int]] = [("left", k) for k in range(len(left))]
        columns += [("right", k) for k in range(len(right))]
        self._order = [[Place(r, *column) for column in columns] for r in range(len(rows))]
        wanted = {place for row in self._order for place in row}
        for place in [p for p in self._cells if p not in wanted]:
            self._remove(self._cells.pop(place))
        self._name_all(rows, [*left, *right], len(left))
        last: QWidget | None = None
        for r, row in enumerate(self._order):
            for c, place in enumerate(row):
                cell = self._cells.get(place) or self._new_cell(place)
                cell.setAccessibleName(f"{self._name}: {rows[r]}, {[*left, *right][c]}")
                self._grid.addWidget(cell, r + 1, _at(c, len(left)))
                cell.show()  # a layout makes no room for what Qt would show only later
                if last is not None:
                    QWidget.setTabOrder(last, cell)
                last = cell
        self.changed.emit()

    def set_numbers(self, left: Floats, right: Floats) -> None:
        """Fill the grid, each block (rows, columns), and forget all that was typed."""
        self._typed = {}
        for place, cell in self._cells.items():
            value = (left if place.block == "left" else right)[place.row, place.column]
            cell.setText(f"{float(value):.15g}".replace("-", "−"))

    def numbers(self, block: Block) -> Floats | None:
        """The numbers of a block, (rows, columns); None while a field holds none."""
        rows = [
            [parse_number(self._cells[p].text()) for p in row if p.block == block]
            for row in self._order
        ]
        if any(value is None for row in rows for value in row):
            return None
        return np.array(rows, float)

    @property
    def problems(self) -> int:
        """How many fields hold no number."""
        return sum(is_marked(cell) for cell in self._cells.values())

    # Building --------------------------------------------------------------------------------

    def _name_all(self, rows: Sequence[str], columns: Sequence[str], split: int) -> None:
        for label in self._labels:
            self._remove(label)
        self._labels = []
        for column in range(self._grid.columnCount()):
            self._grid.setColumnMinimumWidth(column, 0)
            self._grid.setColumnStretch(column, 0)
        if split < len(columns):
            self._grid.setColumnMinimumWidth(split + 1, _GAP)
        for row, name in enumerate(rows):
            self._put_name(name, row + 1, 0, Qt.AlignmentFlag.AlignLeft)
        for column, name in enumerate(columns):
            self._put_name(name, 0, _at(column, split), Qt.AlignmentFlag.AlignHCenter)
        self._grid.setColumnStretch(_at(len(columns), split), 1)

    def _put_name(self, name: str, row: int, column: int, side: Qt.AlignmentFlag) -> None:
        label = QLabel(name)
        label.setObjectName("small")
        self._labels.append(label)
        self._grid.addWidget(label, row, column, side | Qt.AlignmentFlag.AlignVCenter)
        label.show()

    def _new_cell(self, place: Place) -> _Cell:
        cell = _Cell(self._typed.get(place, self._first(place)))
        cell.textChanged.connect(lambda text: self._keep(place, text))
        cell.left_for.connect(lambda down, across: self._go(place, down, across))
        cell.pasted.connect(lambda text: self._paste(place, text))
        self._cells[place] = cell
        return cell

    def _remove(self, widget: QWidget) -> None:
        self._grid.removeWidget(widget)
        widget.hide()
        widget.deleteLater()

    def _keep(self, place: Place, text: str) -> None:
        self._typed[place] = text
        self.changed.emit()

    # Walking and pasting ---------------------------------------------------------------------

    def _go(self, place: Place, down: int, across: int) -> None:
        """Go to another cell; below the last row is the top of the next column."""
        row, column = place.row + down, self._order[place.row].index(place) + across
        rows, columns = self.shape
        if row == rows and column + 1 < columns:
            row, column = 0, column + 1
        if 0 <= row < rows and 0 <= column < columns:
            self.cell(row, column).setFocus(Qt.FocusReason.TabFocusReason)
            self.cell_entered.emit(self.cell(row, column))
        elif row == rows:
            self.focusNextChild()

    def _paste(self, place: Place, text: str) -> None:
        """Fill the cells from one on; numbers beyond the last column are left out."""
        table = pasted_table(text)
        start = self._order[place.row].index(place)
        if place.row + len(table) > len(self._order):
            self.rows_requested.emit(place.row + len(table))
        for order, texts in zip(self._order[place.row :], table, strict=False):
            for target, number in zip(order[start:], texts, strict=False):
                self._cells[target].setText(number)


class _Cell(NumberEdit):
    """One field; tells where the keyboard leaves it for, and what is pasted into it."""

    left_for = Signal(int, int)  # rows down, columns across
    pasted = Signal(str)

    def __init__(self, text: str) -> None:
        super().__init__("", _LEAST_WIDTH, Qt.AlignmentFlag.AlignRight)
        self.setMinimumWidth(_LEAST_WIDTH)
        self.setMaximumWidth(_MOST_WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.textChanged.connect(self._check)
        self.setText(text)

    def _check(self, text: str) -> None:
        valid = parse_number(text) is not None
        mark(self, "" if valid else f"“{text}” is no number: write 0.15, −0.3, 1e-3 or 1/3", text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and arrows leave the cell, except within a text that is being edited."""
        if event.matches(QKeySequence.StandardKey.Paste):
            self.pasted.emit(QGuiApplication.clipboard().text())
            return
        whole = self.selectedText() == self.text()
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Down:
                self.left_for.emit(1, 0)
            case Qt.Key.Key_Up:
                self.left_for.emit(-1, 0)
            case Qt.Key.Key_Left if whole or self.cursorPosition() == 0:
                self.left_for.emit(0, -1)
            case Qt.Key.Key_Right if whole or self.cursorPosition() == len(self.text()):
                self.left_for.emit(0, 1)
            case _:
                super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """What is typed next takes the place of the number."""
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.MouseFocusReason:
            self.selectAll()


def _at(column: int, split: int) -> int:
    """The column of the layout: the names stand before all, a gap before the right block."""
    return column + 1 + (column >= split)
