"""Where the parts of the table of wishes are: names and means stay, the cells between scroll."""

from __future__ import annotations

import math
from functools import cached_property
from typing import NamedTuple

from msgspec import Struct
from PySide6.QtCore import QPointF, QRectF

_MARGIN, _GAP, _BAR = 10.0, 7.0, 10.0
_WIDEST = 1.5  # how much wider than usual cells become where there are few
_SLIVER = 0.51  # points of which nothing is seen; scroll bars know whole points only


class Measures(Struct, frozen=True):
    """Sizes in points; ``letters`` is the height of the numbers."""

    cell_width: float
    cell_height: float
    head: float
    thumbnail: float
    mean_width: float
    letters: float


COMPACT = Measures(31.0, 24.0, 42.0, 22.0, 50.0, 10.0)
LARGE = Measures(45.0, 26.0, 54.0, 32.0, 62.0, 11.0)


class Place(NamedTuple):
    """What lies at a point: a row, and in it or in the head a column, or one of the means."""

    row: int | None
    column: int | None = None
    mean: int | None = None


class TableLayout(Struct, frozen=True, dict=True):
    """The table's boxes for its size, its contents and how far it is scrolled, in points.

    ``means`` counts the columns that stay at the right; ``x`` and ``y`` are scrolled away.
    """

    measures: Measures
    width: float
    height: float
    name_width: float
    note_height: float
    rows: int
    columns: int
    means: int
    x: int = 0
    y: int = 0

    @cached_property
    def cell_width(self) -> float:
        """As usual, or as much wider as makes whole columns fill the room."""
        usual, room = self.measures.cell_width, self._room
        fitting = max(int(room // usual), 1)
        if fitting < self.columns:
            return room / fitting
        return min(max(usual, room / max(self.columns, 1)), usual * _WIDEST)

    @property
    def _room(self) -> float:
        tails = _GAP + self.means * self.measures.mean_width
        return max(self.width - 2 * _MARGIN - self.name_width - tails, 1.0)

    @property
    def across(self) -> float:
        """The width of all columns."""
        return self.columns * self.cell_width

    @property
    def down(self) -> float:
        """The height of all rows."""
        return self.rows * self.measures.cell_height

    @cached_property
    def cells(self) -> QRectF:
        """The window through which the cells are seen."""
        top = _MARGIN + self.measures.head
        room = self.height - top - self.note_height - _BAR - _MARGIN
        row = self.measures.cell_height
        whole = max((room + 1) // row, 1) * row  # a widget's height may be rounded down
        return QRectF(
            _MARGIN + self.name_width, top, min(self._room, self.across), min(whole, self.down)
        )

    @property
    def names(self) -> QRectF:
        """The names at the left."""
        cells = self.cells
        return QRectF(_MARGIN, cells.top(), self.name_width, cells.height())

    @property
    def heads(self) -> QRectF:
        """The head above the cells."""
        cells = self.cells
        return QRectF(cells.left(), _MARGIN, cells.width(), self.measures.head)

    @property
    def tails(self) -> QRectF:
        """The means at the right."""
        cells = self.cells
        width = self.means * self.measures.mean_width
        return QRectF(cells.right() + _GAP, cells.top(), width, cells.height())

    @property
    def note(self) -> QRectF:
        """The lines below, under the room for the scroll bar."""
        top = self.cells.bottom() + _BAR
        return QRectF(_MARGIN, top, self.width - 2 * _MARGIN, self.note_height)

    @property
    def across_bar(self) -> QRectF:
        """Where the scroll bar below the cells is."""
        cells = self.cells
        return QRectF(cells.left(), cells.bottom() + 1, cells.width(), _BAR - 1)

    @property
    def down_bar(self) -> QRectF:
        """Where the scroll bar beside the means is."""
        cells = self.cells
        return QRectF(self.tails.right(), cells.top(), _BAR - 1, cells.height())

    def height_of(self, rows: int) -> float:
        """How high the table is with so many rows."""
        fixed = 2 * _MARGIN + self.measures.head + self.note_height + _BAR
        return fixed + min(rows, self.rows) * self.measures.cell_height

    def visible_rows(self) -> range:
        """The rows of which anything is seen."""
        return _seen(self.y, self.cells.height(), self.measures.cell_height, self.rows)

    def visible_columns(self) -> range:
        """The columns of which anything is seen."""
        return _seen(self.x, self.cells.width(), self.cell_width, self.columns)

    def whole_rows(self) -> range:
        """The rows that are seen whole."""
        return _whole(self.y, self.cells.height(), self.measures.cell_height, self.rows)

    def whole_columns(self) -> range:
        """The columns that are seen whole."""
        return _whole(self.x, self.cells.width(), self.cell_width, self.columns)

    def cell(self, row: int, column: int) -> QRectF:
        """The box of a cell; outside of ``cells`` where it is scrolled away."""
        cells, width, height = self.cells, self.cell_width, self.measures.cell_height
        return QRectF(
            cells.left() + column * width - self.x,
            cells.top() + row * height - self.y,
            width,
            height,
        )

    def name(self, row: int) -> QRectF:
        """The box of a row's name."""
        return QRectF(_MARGIN, self.cell(row, 0).top(), self.name_width, self.measures.cell_height)

    def mean(self, row: int, which: int = 0) -> QRectF:
        """The box of a row's mean, or of another of the columns at the right."""
        width = self.measures.mean_width
        left = self.tails.left() + which * width
        return QRectF(left, self.cell(row, 0).top(), width, self.measures.cell_height)

    def head(self, column: int) -> QRectF:
        """The box of a column's head."""
        box = self.cell(0, column)
        return QRectF(box.left(), _MARGIN, box.width(), self.measures.head)

    def place_at(self, where: QPointF) -> Place | None:
        """What lies at a point."""
        cells, tails = self.cells, self.tails
        column = int((where.x() - cells.left() + self.x) // self.cell_width)
        column = min(column, self.columns - 1)
        if self.heads.contains(where):
            return Place(None, column)
        row = int((where.y() - cells.top() + self.y) // self.measures.cell_height)
        row = min(row, self.rows - 1)
        if cells.contains(where):
            return Place(row, column)
        if self.names.contains(where):
            return Place(row)
        if tails.contains(where):
            which = int((where.x() - tails.left()) // self.measures.mean_width)
            return Place(row, mean=min(which, self.means - 1))
        return None

    def box(self, place: Place) -> QRectF:
        """The box of what lies there."""
        if place.row is None:
            return self.head(place.column or 0)
        if place.column is not None:
            return self.cell(place.row, place.column)
        return self.name(place.row) if place.mean is None else self.mean(place.row, place.mean)


def _seen(scrolled: int, room: float, size: float, count: int) -> range:
    first, last = (scrolled + _SLIVER) / size, (scrolled + room - _SLIVER) / size
    return range(int(first), min(math.ceil(last), count))


def _whole(scrolled: int, room: float, size: float, count: int) -> range:
    first = math.ceil((scrolled - _SLIVER) / size)
    last = min(math.floor((scrolled + room + _SLIVER) / size), count)
    return range(first, max(last, min(first + 1, count)))
