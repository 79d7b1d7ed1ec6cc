"""The inspector: the selected part's formulas, and what this beat says about it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron, Selectable
from explorer.core.readings import neuron_title, title_of
from explorer.views.activation_curve import ActivationCurve
from explorer.views.bars import BarList, Section
from explorer.views.column import ScrollColumn
from explorer.views.deck import Deck
from explorer.views.formula import FormulaCard
from explorer.views.formulas import lines_of
from explorer.views.nudge_table import NudgeTable
from explorer.views.palette import Theme
from explorer.views.sections import cost_terms, costs, neuron_of, three_ways, weighted_sum
from explorer.views.update_table import UpdateTable

_LATER = "Its turn comes when the wave reaches its layer"
_ROWS_BESIDE, _ROWS_ALONE = 8, 17


class Inspector(ScrollColumn):
    """Shows a moment from the side of the selected part.

    Asks with ``selection_requested`` and ``example_requested``; tells with ``part_pointed`` what
    the pointer is over, and with ``table_enlarged`` that the table is wanted large.
    """

    selection_requested = Signal(object)
    example_requested = Signal(int)
    part_pointed = Signal(object)
    table_enlarged = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._moment: Moment | None = None
        self._selected: Selectable | None = None
        self.formulas = FormulaCard()
        self.bars = BarList()
        self.curve = ActivationCurve()
        self.table = NudgeTable()
        self.moves = UpdateTable()
        self.deck = Deck()
        self._title = _heading()
        self._beat_title = _heading()
        self._table_title = _heading()
        self.enlarge = _enlarging_button()
        self._table_head = QWidget()
        self._empty = QLabel("Numbers appear here as soon as the network is ready.")
        self._empty.setObjectName("small")
        self._empty.setWordWrap(True)
        self._build()
        for view in (self.bars, self.table, self.moves):
            view.part_requested.connect(self.selection_requested)
            view.part_pointed.connect(self.part_pointed)
        self.table.example_requested.connect(self.example_requested)
        self.enlarge.clicked.connect(self.table_enlarged)
        self.clear()

    def _build(self) -> None:
        row = QHBoxLayout(self._table_head)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._table_title, 1)
        row.addWidget(self.enlarge)
        for widget in (
            self._empty,
            self._title,
            self.formulas,
            self._beat_title,
            self.deck,
            self.moves,
            self.bars,
            self.curve,
            self._table_head,
            self.table,
        ):
            self.column.addWidget(widget)
        self.column.addStretch(1)

    def show_moment(self, moment: Moment) -> None:
        """Show another moment."""
        self._moment = moment
        self._show()

    def select(self, part: Selectable | None) -> None:
        """Speak of another part."""
        self._selected = part
        self._show()

    def clear(self) -> None:
        """Show nothing, until the next moment comes."""
        self._moment = None
        for widget in self._parts():
            widget.hide()
        self._empty.show()

    def point_at(self, part: Selectable | None) -> None:
        """Mark the rows of a part that is pointed at elsewhere."""
        for view in (self.bars, self.table, self.moves):
            view.point_at(part)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme's colours."""
        for view in (self.formulas, self.bars, self.curve, self.table, self.deck, self.moves):
            view.set_theme(theme)

    def _parts(self) -> tuple[QWidget, ...]:
        headings = (self._title, self._beat_title, self._table_head)
        views = (self.formulas, self.bars, self.curve, self.table, self.deck, self.moves)
        return (*headings, *views)

    def _show(self) -> None:
        moment = self._moment
        if moment is None:
            return
        self._empty.hide()
        part = self._selected
        neuron = neuron_of(moment, part)
        subject = neuron if part is None else part
        self._title.setText(title_of(moment, subject).upper())
        self.formulas.set_lines(lines_of(moment, subject))
        kind = moment.beat.kind
        title, sections = self._beat_part(moment, neuron)
        self._beat_title.setText(title.upper())
        self.bars.set_sections(sections)
        if kind == "mini_batch":
            self.deck.show_moment(moment)
        lit = kind == "forward" and moment.forward_done(neuron.layer)
        if lit:
            self.curve.show_neuron(moment, neuron)
        asked = kind == "average" or (kind == "backward" and moment.backward_done(neuron.layer))
        if asked:
            rows = _ROWS_ALONE if kind == "average" else _ROWS_BESIDE
            self.table.show_neuron(moment, neuron, rows)
            self._table_title.setText("WHAT EACH EXAMPLE ASKS")
        self._title.show()
        self.formulas.show()
        self._beat_title.setVisible(bool(title))
        self.bars.setVisible(bool(sections))
        self.deck.setVisible(kind == "mini_batch")
        if not lit:
            self.curve.hide()
        if kind == "update":
            self.moves.show_update(moment, neuron)
        self.moves.setVisible(kind == "update")
        self._table_head.setVisible(asked)
        self.table.setVisible(asked)

    def _beat_part(self, moment: Moment, neuron: Neuron) -> tuple[str, list[Section]]:
        """The heading and the rows of this beat, for the neuron spoken of."""
        match moment.beat.kind:
            case "mini_batch":
                return "The deck of this epoch", []
            case "forward":
                if not moment.forward_done(neuron.layer):
                    return _LATER, []
                return "The weighted sum", weighted_sum(moment, neuron)
            case "cost":
                return "The cost of this example", cost_terms(moment)
            case "backward":
                if not moment.backward_done(neuron.layer):
                    return _LATER, []
                return _wish_title(moment, neuron), three_ways(moment, neuron)
            case "average":
                return "", []
            case "update":
                return f"How {neuron_title(moment, neuron)} moved", costs(moment)


def _wish_title(moment: Moment, neuron: Neuron) -> str:
    wish = -float(
        moment.trace.layers[neuron.layer - 1].activation_gradient[moment.example, neuron.index]
    )
    return "Three ways to raise it" if wish >= 0 else "Three ways to lower it"


def _heading() -> QLabel:
    label = QLabel()
    label.setObjectName("heading")
    label.setWordWrap(True)
    return label


def _enlarging_button() -> QToolButton:
    button = QToolButton()
    button.setObjectName("flat")
    button.setText("⤢")
    button.setToolTip("Show the table large")
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
