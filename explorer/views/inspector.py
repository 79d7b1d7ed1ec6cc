"""The inspector: the selected part's formulas, and what this beat says about it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from explorer.core import nudges
from explorer.core.answers import Comparison
from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron, Selectable
from explorer.core.readings import neuron_title, title_of
from explorer.views.activation_curve import ActivationCurve
from explorer.views.bars import BarList, Section
from explorer.views.column import ScrollColumn
from explorer.views.comparison_card import ComparisonCard
from explorer.views.deck import Deck
from explorer.views.formula import FormulaCard
from explorer.views.formulas import lines_of
from explorer.views.labels import heading, small
from explorer.views.nudge_table import NudgeTable
from explorer.views.painted_card import PaintedCard
from explorer.views.palette import Theme
from explorer.views.search_field import SearchField
from explorer.views.sections import (
    WHOLE,
    cost_terms,
    costs,
    neuron_of,
    sought,
    three_ways,
    weighted_sum,
)
from explorer.views.update_table import UpdateTable
from explorer.views.value_editor import ValueEditor
from explorer.views.wish_sum import WishSum

_ROWS_BESIDE, _ROWS_ALONE = 8, 17


class Inspector(ScrollColumn):
    """Shows a moment from the side of the selected part.

    Asks with ``selection_requested`` and ``example_requested``; tells with ``part_pointed`` what
    the pointer is over, with ``table_enlarged`` that the table is wanted large, and asks with
    ``edit_requested`` for another value of a weight or bias.
    """

    selection_requested = Signal(object)
    example_requested = Signal(int)
    part_pointed = Signal(object)
    table_enlarged = Signal()
    edit_requested = Signal(object, float)

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
        self.editor = ValueEditor()
        self.sum = WishSum()
        self.comparison = ComparisonCard()
        self.search = SearchField("Find weights by number or name")
        self._animated = True
        self._sum_first = False
        self._title = heading()
        self._sum_title = heading()
        self._comparison_title = heading()
        self._beat_title = heading()
        self._later = small("Its turn comes when the wave reaches its layer.")
        self._table_title = heading()
        self.enlarge = _enlarging_button()
        self._table_head = QWidget()
        self._empty = small("Numbers appear here as soon as the network is ready.")
        self._build()
        for view in (self.bars, self.sum, self.table, self.moves):
            view.part_requested.connect(self.selection_requested)
            view.part_pointed.connect(self.part_pointed)
        self.table.example_requested.connect(self.example_requested)
        self.editor.edit_requested.connect(self.edit_requested)
        self.search.textChanged.connect(lambda: self._show())
        self._sum_title.setText("WISHES THAT ADD")
        self._comparison_title.setText("MINI-BATCH AGAINST FULL-BATCH GRADIENT")
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
            self.editor,
            self._beat_title,
            self._later,
            self.deck,
            self.moves,
            self.search,
            self.bars,
            self.curve,
            self._sum_title,
            self.sum,
            self._table_head,
            self.table,
            self._comparison_title,
            self.comparison,
        ):
            self.column.addWidget(widget)
        self.column.addStretch(1)

    def show_moment(self, moment: Moment) -> None:
        """Show another moment."""
        before, self._moment = self._moment, moment
        stepped = (
            before is not None
            and before.trace is moment.trace
            and moment.index == before.index + 1
            and not moment.live
        )
        self._show(stepped=stepped)

    def select(self, part: Selectable | None) -> None:
        """Speak of another part."""
        self._selected = part
        self._show()

    def show_comparison(self, comparison: Comparison | None) -> None:
        """Show the mini-batch gradient beside the full-batch one, where it is known."""
        self.comparison.show_comparison(comparison)

    def set_animated(self, on: bool) -> None:
        """Whether arrows grow on a step, or stand there at once."""
        self._animated = on
        self.finish()

    def finish(self) -> None:
        """Let everything that moves come to its end, as for a picture."""
        self.sum.finish()

    def clear(self) -> None:
        """Show nothing, until the next moment comes."""
        self._moment = None
        self.search.clear()
        for widget in self._parts():
            widget.hide()
        self._empty.show()

    def point_at(self, part: Selectable | None) -> None:
        """Mark the rows of a part that is pointed at elsewhere."""
        for view in (self.bars, self.sum, self.table, self.moves):
            view.point_at(part)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme's colours."""
        for view in self._views():
            view.set_theme(theme)

    def _parts(self) -> tuple[QWidget, ...]:
        headings = (self._title, self._beat_title, self._later, self._table_head)
        return (*headings, self._sum_title, self._comparison_title, self.search, *self._views())

    def _views(self) -> tuple[PaintedCard | ValueEditor, ...]:
        return (
            self.formulas,
            self.editor,
            self.bars,
            self.curve,
            self.sum,
            self.table,
            self.deck,
            self.moves,
            self.comparison,
        )

    def _show(self, *, stepped: bool = False) -> None:
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
        self._later.setVisible(kind in ("forward", "backward") and not sections)
        self.bars.setVisible(bool(sections))
        self.deck.setVisible(kind == "mini_batch")
        if not lit:
            self.curve.hide()
        if kind == "update":
            self.moves.show_update(moment, neuron)
        self.moves.setVisible(kind == "update")
        self._table_head.setVisible(asked)
        self.table.setVisible(asked)
        if part is None:
            self.editor.hide()
        else:
            self.editor.show_part(moment, part)
        self.search.setVisible(kind == "backward" and bool(sections) and _many(moment, neuron))
        self.search.setPlaceholderText(_search_hint(moment, neuron))
        self._show_sum(moment, neuron, stepped=stepped)
        self._comparison_title.setVisible(kind in ("average", "update"))
        self.comparison.setVisible(kind in ("average", "update"))

    def _place_sum(self, *, first: bool) -> None:
        """Where the neuron's own wish comes from stands before the ways to grant it."""
        if first == self._sum_first:
            return
        self._sum_first = first
        for widget in (self._sum_title, self.sum):
            self.column.removeWidget(widget)
        at = self.column.indexOf(self._beat_title) if first else self.column.indexOf(self.curve) + 1
        self.column.insertWidget(at, self._sum_title)
        self.column.insertWidget(at + 1, self.sum)

    def _show_sum(self, moment: Moment, neuron: Neuron, *, stepped: bool) -> None:
        """The wishes that add up in the neuron, or in the one of the layer behind that it moves
        most."""
        receiver = _receiver(moment, neuron)
        self._sum_title.setVisible(receiver is not None)
        self.sum.setVisible(receiver is not None)
        self._place_sum(first=receiver == neuron)
        if receiver is not None:
            self.sum.show_neuron(moment, receiver, animated=stepped and self._animated)

    def _beat_part(self, moment: Moment, neuron: Neuron) -> tuple[str, list[Section]]:
        """The heading and the rows of this beat, for the neuron spoken of."""
        match moment.beat.kind:
            case "mini_batch":
                return "The deck of this epoch", []
            case "forward":
                if not moment.forward_done(neuron.layer):
                    return "", []
                return "The weighted sum", weighted_sum(moment, neuron)
            case "cost":
                return "The cost of this example", cost_terms(moment)
            case "backward":
                if not moment.backward_done(neuron.layer):
                    return "", []
                text = self.search.text() if _many(moment, neuron) else ""
                found = sought(text, moment, neuron)
                return _wish_title(moment, neuron), three_ways(moment, neuron, found)
            case "average":
                return "", []
            case "update":
                return f"How {neuron_title(moment, neuron)} moved", costs(moment)


def _receiver(moment: Moment, neuron: Neuron) -> Neuron | None:
    """The neuron whose wish is shown as a sum: of a hidden layer, handed its wishes by now."""
    if moment.beat.kind != "backward":
        return None
    focus = moment.beat.layer
    if focus - 1 <= neuron.layer < moment.n_layers:
        return neuron
    if focus == 1:
        return None
    wishes = nudges.activation_wishes(moment.trace, focus - 1, moment.example)
    return Neuron(focus - 1, int(np.argmax(np.abs(wishes))))


def _search_hint(moment: Moment, neuron: Neuron) -> str:
    """What can be looked for: inputs of a table have names, all others only numbers."""
    if neuron.layer == 1 and moment.dataset.image_size is None:
        return f"find by number or name, such as {moment.dataset.input_names[0]}"
    return "find by number, such as 12 or 12, 40"


def _wish_title(moment: Moment, neuron: Neuron) -> str:
    wish = -float(
        moment.trace.layers[neuron.layer - 1].activation_gradient[moment.example, neuron.index]
    )
    ways = "Three ways" if neuron.layer > 1 else "Two ways"
    last = neuron.layer == moment.n_layers
    label = moment.dataset.output_label(neuron.index)
    who = f"output “{label}”" if last else neuron_title(moment, neuron)
    who = who.replace("neuron ", "neuron\u00a0")  # no line for a number alone
    return f"{ways} to {'raise' if wish >= 0 else 'lower'} {who}"


def _many(moment: Moment, neuron: Neuron) -> bool:
    """Whether more weights lead to it than are listed whole."""
    return moment.trace.units(neuron.layer - 1) > WHOLE


def _enlarging_button() -> QToolButton:
    button = QToolButton()
    button.setObjectName("flat")
    button.setText("⤢")
    button.setToolTip("Show the table large")
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
