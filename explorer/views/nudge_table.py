"""The table of wishes: a row per parameter, a column per example, the mean last."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QScrollBar, QWidget

from explorer.core.moment import Moment
from explorer.core.nudges import Scope
from explorer.core.part_of_network import Neuron, Selectable
from explorer.views import nudge_words
from explorer.views.nudge_layout import COMPACT, Measures, Place, TableLayout
from explorer.views.nudge_paint import TableContent, draw_table
from explorer.views.painted_card import Tip
from explorer.views.pointed_card import PointedCard
from explorer.views.theme import font

_NOTCH = 48.0  # points that one notch of the wheel scrolls


class NudgeTable(PointedCard):
    """Shows what each example asks of the parameters of a scope, ranked by the mean size.

    Names, head and means stay while the cells scroll, and only the cells that are seen are
    computed. Asks for another focus with ``example_requested`` and selects with
    ``part_requested``; tells with ``part_pointed`` what the pointer is over.
    """

    example_requested = Signal(int)

    def __init__(self, measures: Measures = COMPACT, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._measures = measures
        self._content: TableContent | None = None
        self._subject: tuple[Neuron, Scope, bool] | None = None
        self._fixed_rows: int | None = None
        self._name_width = self._note_height = 0.0
        self._down = QScrollBar(Qt.Orientation.Vertical, self)
        self._across = QScrollBar(Qt.Orientation.Horizontal, self)
        for bar in (self._down, self._across):
            bar.hide()
            bar.valueChanged.connect(self.update)

    # Values in --------------------------------------------------------------------------------

    def show_neuron(self, moment: Moment, neuron: Neuron, rows: int) -> None:
        """Show the wishes for a neuron's bias and weights, as high as up to ``rows`` rows."""
        self._fixed_rows = rows
        self._show(moment, neuron, "neuron", roomy=False)

    def show_scope(self, moment: Moment, neuron: Neuron, scope: Scope) -> None:
        """Show the wishes for a neuron, its layer or the network, in all the room there is."""
        self._fixed_rows = None
        self._show(moment, neuron, scope, roomy=True)

    def _show(self, moment: Moment, neuron: Neuron, scope: Scope, *, roomy: bool) -> None:
        before, subject = self._content, (neuron, scope, roomy)
        if before is not None and before.moment.trace is moment.trace and subject == self._subject:
            self._content = before.at(moment)
        else:
            self._content = TableContent.of(moment, neuron, scope, roomy=roomy)
        self._measure()
        if subject != self._subject:
            self._subject = subject
            self._down.setValue(0)
        if before is None or before.moment.example != moment.example:
            self._reveal(moment.example)
        self.look_again()
        self.update()

    def clear(self) -> None:
        """Show an empty card."""
        self._content = self._subject = None
        self._fit_bars()
        self.update()

    # What is shown ----------------------------------------------------------------------------

    @property
    def content(self) -> TableContent | None:
        """What is shown."""
        return self._content

    @property
    def rows(self) -> range:
        """The rows seen whole, as places in the order by size."""
        return self._layout().whole_rows()

    @property
    def columns(self) -> range:
        """The members of the mini-batch seen whole."""
        return self._layout().whole_columns()

    def part(self, row: int) -> Selectable:
        """The parameter of a row."""
        assert self._content is not None
        return self._content.wishes.part(row)

    def cell_box(self, row: int, column: int) -> QRectF:
        """The box of a cell."""
        return self._layout().cell(row, column)

    def name_box(self, row: int) -> QRectF:
        """The box of a row's name."""
        return self._layout().name(row)

    def mean_box(self, row: int, which: int = 0) -> QRectF:
        """The box of a row's mean, or of one of the columns beside it."""
        return self._layout().mean(row, which)

    def head_box(self, column: int) -> QRectF:
        """The box of a column's head."""
        return self._layout().head(column)

    def sizeHint(self) -> QSize:
        """As high as its rows."""
        return QSize(280, round(self._layout().height_of(self._fixed_rows or 8)))

    def _layout(self) -> TableLayout:
        content = self._content
        return TableLayout(
            self._measures,
            self.width(),
            self.height(),
            self._name_width,
            self._note_height,
            content.wishes.parameters if content else 0,
            content.wishes.examples if content else 0,
            len(content.summaries) if content else 0,
            self._across.value(),
            self._down.value(),
        )

    def _measure(self) -> None:
        """Take the width that names and the height that the note may need, and fit to them."""
        content = self._content
        if content is not None:
            longest = nudge_words.longest_name(content.wishes, content.scope)
            self._name_width = math.ceil(QFontMetricsF(font(12)).horizontalAdvance(longest)) + 7.0
            self._note_height = self._note_room(content)
            if self._fixed_rows is not None:
                self.take_height(self._layout().height_of(self._fixed_rows))
        self._fit_bars()

    def _note_room(self, content: TableContent) -> float:
        layout = self._layout()
        all_rows = self._fixed_rows is not None and layout.rows <= self._fixed_rows
        words = content.longest_note(
            all_rows=all_rows, all_columns=layout.across <= layout.cells.width()
        )
        room = QRect(0, 0, round(layout.note.width()), 1000)
        metrics = QFontMetrics(font(11.5))
        return metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, words).height() + 2.0

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card and what is seen of the table."""
        del event
        painter = self.card_painter()
        if self._content is not None:
            draw_table(painter, self._theme, self._content, self._layout(), self._pointed)

    # Scrolling --------------------------------------------------------------------------------

    def _fit_bars(self) -> None:
        """Let the scroll bars reach as far as the table; hide those that lead nowhere."""
        layout = self._layout()
        for bar, whole, seen, step, box in (
            (
                self._down,
                layout.down,
                layout.cells.height(),
                layout.measures.cell_height,
                layout.down_bar,
            ),
            (
                self._across,
                layout.across,
                layout.cells.width(),
                layout.cell_width,
                layout.across_bar,
            ),
        ):
            hidden = max(round(whole - seen), 0) if self._content else 0
            bar.setRange(0, hidden)
            bar.setPageStep(int(seen))
            bar.setSingleStep(int(step))
            bar.setGeometry(box.toRect())
            bar.setVisible(hidden > 0)

    def _reveal(self, column: int) -> None:
        """Scroll to a column that is not seen whole, so that it is in the middle."""
        layout = self._layout()
        whole = layout.whole_columns()
        if column not in whole:
            first = column - len(whole) // 2
            self._across.setValue(round(first * layout.cell_width))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other rows and columns fit; the one in focus stays."""
        del event
        self._measure()
        if self._content is not None:
            self._reveal(self._content.moment.example)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll by points; at an end leave the wheel to the panel around."""
        by = QPointF(event.pixelDelta())
        if by.isNull():
            by = QPointF(event.angleDelta()) * (_NOTCH / 120)
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            by = QPointF(by.y() or by.x(), 0)
        before = self._across.value(), self._down.value()
        self._across.setValue(round(self._across.value() - by.x()))
        self._down.setValue(round(self._down.value() - by.y()))
        event.setAccepted(before != (self._across.value(), self._down.value()))
        self.tell(self.part_at(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up, Down and the page keys scroll; all other keys are the window's."""
        steps = {
            Qt.Key.Key_Up: -self._down.singleStep(),
            Qt.Key.Key_Down: self._down.singleStep(),
            Qt.Key.Key_PageUp: -self._down.pageStep(),
            Qt.Key.Key_PageDown: self._down.pageStep(),
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            event.ignore()
        else:
            self._down.setValue(self._down.value() + step)

    # Pointing ---------------------------------------------------------------------------------

    def part_at(self, where: QPointF) -> Selectable | None:
        """The parameter of the row there."""
        place = self._layout().place_at(where) if self._content else None
        return None if place is None or place.row is None else self.part(place.row)

    def tip_at(self, where: QPointF) -> Tip | None:
        """The exact value of the cell, the row or the column there."""
        layout = self._layout()
        place = layout.place_at(where)
        if self._content is None or place is None:
            return None
        return Tip(self._words(place), layout.box(place))

    def _words(self, place: Place) -> str:
        assert self._content is not None
        moment, wishes = self._content.moment, self._content.wishes
        if place.row is None:
            assert place.column is not None
            return nudge_words.column_tip(moment, place.column)
        if place.column is None:
            return nudge_words.part_tip(moment, wishes, place.row)
        return nudge_words.wish_tip(moment, wishes.part(place.row), place.column)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask for the example of the column, or the parameter of the row."""
        place = self._layout().place_at(event.position())
        if self._content is not None and place is not None and place.column is not None:
            self.example_requested.emit(place.column)
        else:
            super().mousePressEvent(event)
