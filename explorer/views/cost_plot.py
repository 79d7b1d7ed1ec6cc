"""The cost plot: mini-batch cost thin, total cost on train and test thick, accuracy on demand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from explorer.core.cost_history import CostHistory
from explorer.core.numbers import number
from explorer.views.palette import DARK, Theme
from explorer.views.rewind_bar import RewindBar
from explorer.views.theme import font

if TYPE_CHECKING:
    from explorer.views.cost_curves import CostCurves

_LONG = ("mini-batch", "total, train", "total, test")
_SHORT = ("mini-batch", "train", "test")
_SHORTEST = ("batch", "train", "test")
_TIP = (
    "mini-batch: the cost of its own examples, before they update the parameters\n"
    "train, test: the total cost, of all examples, after that update"
)


class CostPlot(QWidget):
    """Draws the costs of a run; every point is a measurement.

    ``log_changed``, ``log_updates_changed`` and ``accuracy_changed`` tell how its switches stand;
    ``rewind`` is the bar below the curves. These are built when the first costs come: importing
    pyqtgraph takes longer than painting the first window.
    """

    log_changed = Signal(bool)
    log_updates_changed = Signal(bool)
    accuracy_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(300, 130)
        self._theme: Theme = DARK
        self._costs = CostHistory()
        self._curves: CostCurves | None = None
        self._pointed: int | None = None
        self._past: tuple[int, float] | None = None
        self._legend = QLabel()
        self._legend.setTextFormat(Qt.TextFormat.RichText)
        self._legend.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._legend.setToolTip(_TIP)
        self._log_button = _toggle("log", "Logarithmic cost axis")
        self._log_updates_button = _toggle("log", "Logarithmic axis of updates")
        self._log_updates_button.setFixedHeight(21)
        self._accuracy_button = _toggle("accuracy", "Show the accuracy as second curves")
        self._whole_button = _flat("whole run", "Show all of the run again (double click)")
        self._whole_button.clicked.connect(lambda: self.curves.show_whole())
        self._whole_button.hide()
        self._log_button.toggled.connect(self._set_log)
        self._log_updates_button.toggled.connect(self._set_log_updates)
        self._accuracy_button.toggled.connect(self._set_accuracy)
        self._build()
        self.set_theme(DARK)

    def _build(self) -> None:
        self._title = QLabel("Cost")
        self._head = head = QHBoxLayout()
        head.setContentsMargins(14, 6, 10, 0)
        head.setSpacing(8)
        head.addWidget(self._title)
        head.addWidget(self._legend, 1)
        head.addWidget(self._whole_button)
        head.addWidget(self._accuracy_button)
        head.addWidget(self._log_button)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addLayout(head)
        self._column.addStretch(1)
        self.rewind = RewindBar()
        self.rewind.dragged.connect(self._point_back)
        self.rewind.dropped.connect(self._point_no_more)
        below = QHBoxLayout()
        below.setContentsMargins(6, 0, 0, 0)
        below.setSpacing(0)
        below.addWidget(self._log_updates_button)
        below.addWidget(self.rewind)
        self._column.addLayout(below)

    @property
    def curves(self) -> CostCurves:
        """What is below the legend."""
        if self._curves is None:
            self._curves = self._build_curves()
        return self._curves

    def prepare(self) -> None:
        """Build the curves now, before there are costs to show."""
        self.curves.show()

    def _build_curves(self) -> CostCurves:
        from explorer.views.cost_curves import CostCurves

        curves = CostCurves(self)
        curves.update_pointed.connect(self._point_at)
        curves.whole_changed.connect(self._on_whole_changed)
        curves.ends_moved.connect(self._show_ends)
        curves.set_theme(self._theme)
        curves.set_log(self._log_button.isChecked())
        curves.set_log_updates(self._log_updates_button.isChecked())
        curves.set_accuracy(self._accuracy_button.isChecked())
        self._column.takeAt(1)  # the empty room
        self._column.insertWidget(1, curves, 1)
        self._column.activate()  # so that they have their size before they are drawn
        curves.show()
        return curves

    def show_costs(self, costs: CostHistory, known: tuple[int, int] | None = None) -> None:
        """Draw what has been measured; see :meth:`CostCurves.show_costs`."""
        another, self._costs = costs is not self._costs, costs
        self.curves.show_costs(costs, known)
        if another or (self._pointed or 0) > self.curves.last_batch:  # it has gone
            self._point_no_more()
        else:
            self._show_values()

    def show_past(self, past: tuple[int, float] | None) -> None:
        """Say the total cost on train at an earlier update, which was measured anew to show it."""
        if past != self._past:
            self._past = past
            self._show_values()

    def _show_ends(self) -> None:
        if self._curves is not None:  # which move already while they are built
            ends, aside = self._curves.ends, self.rewind.x()
            self.rewind.show_last(
                len(self._costs),
                (ends[0] - aside, ends[1] - aside) if ends else None,
                self._curves.axis,
            )

    def hold_painting(self) -> None:
        """Let costs that are shown from now on be painted by :meth:`paint_now` alone."""
        self.curves.hold_painting()

    def paint_now(self) -> None:
        """Paint what has changed since, as soon as the window paints."""
        self.curves.paint_now()

    def set_theme(self, theme: Theme) -> None:
        """Take another theme's colours."""
        self._theme = theme
        self.rewind.set_theme(theme)
        if self._curves is not None:
            self._curves.set_theme(theme)
        self._legend.setFont(font(12))
        self._show_values()
        self.update()

    def set_log(self, on: bool) -> None:
        """Switch the logarithmic cost axis."""
        self._log_button.setChecked(on)

    def set_log_updates(self, on: bool) -> None:
        """Switch the logarithmic axis of updates, along which the knob is dragged too."""
        self._log_updates_button.setChecked(on)

    def set_accuracy(self, on: bool) -> None:
        """Switch the accuracy curves."""
        self._accuracy_button.setChecked(on)

    @property
    def values_text(self) -> str:
        """The values shown: those under the pointer, or the latest."""
        return self._legend.text()

    def _set_log(self, on: bool) -> None:
        if self._curves is not None:
            self._curves.set_log(on)
        self.log_changed.emit(on)

    def _set_log_updates(self, on: bool) -> None:
        if self._curves is not None:
            self._curves.set_log_updates(on)
        self.log_updates_changed.emit(on)

    def _set_accuracy(self, on: bool) -> None:
        if self._curves is not None:
            self._curves.set_accuracy(on)
        self.accuracy_changed.emit(on)

    def _point_at(self, update: int | None) -> None:
        self._pointed = update
        self._show_values()

    def _point_back(self, update: int) -> None:
        known = min(update, self.curves.last_batch)  # the latest may not be, amid its update
        self.curves.show_cursor(known)
        self._point_at(known or None)

    def _point_no_more(self) -> None:
        if self._curves is not None:
            self._curves.hide_cursor()
        self._point_at(None)

    def _on_whole_changed(self, whole: bool) -> None:
        self._whole_button.setVisible(not whole)
        self._show_values()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill the room of the curves while there are none."""
        del event
        if self._curves is None:
            below = self.rect().adjusted(0, self._legend.geometry().bottom() + 8, 0, 0)
            QPainter(self).fillRect(below, QColor(self._theme.canvas))

    def _show_values(self) -> None:
        """Let the legend say the values at the update that is pointed at, or the latest."""
        theme, update = self._theme, self._pointed
        last_batch, last_total = (
            (self._curves.last_batch, self._curves.last_total) if self._curves else (0, -1)
        )
        at = update or last_batch
        low, high = self._costs.around(at) if last_batch else (math.nan, math.nan)
        total = self._costs.totals.nearest(at, last_total)
        self._title.setVisible(self.width() > 500)
        about = "≈" if update and total and total.update != update else ""
        train = _known_text(total and total.train, about)
        if self._past is not None and self._past[0] == update:
            train = _known_text(self._past[1])
        costs = [
            (_range_text(low, high), theme.muted),
            (train, theme.positive),
            (_known_text(total and total.test, about), theme.negative),
        ]
        most = [(_most_text(low, high), theme.muted), *costs[1:]]
        accuracy = []
        if total is not None and total.test_accuracy == total.test_accuracy:
            share = f"{about}{100 * total.test_accuracy:.1f}\xa0%"
            accuracy = [("accuracy", share, theme.negative)]
        update_number = f"{update:,}" if update else ""
        update_words = f"update {update_number}" if update else ""
        ways = (
            (update_words, _named(_LONG, costs) + accuracy),
            (update_words, _named(_SHORT, costs) + accuracy),
            (update_words, _named(_SHORT, costs)),
            (update_words, _named(_SHORTEST, costs)),
            (update_words, _named(_SHORTEST, most)),
            (update_words, _named(_SHORTEST, costs)[1:]),
            (update_number, _named(_SHORTEST, costs)[1:]),
            (update_words, _named(_SHORTEST, costs)[1:2]),
            (update_number, _named(_SHORTEST, costs)[1:2]),
        )
        room = self._room_of_legend()
        # Room for other digits lets longer names stay; the shortest take all that there is.
        fitting = (
            way for k, way in enumerate(ways) if _width_of(*way, digits="0.0000" * (k < 3)) <= room
        )
        words, entries = next(fitting, ways[-1])
        spans = [words] if words else []
        spans += [
            f'<span style="color:{colour}">{name} <b>{value}</b></span>'
            for name, value, colour in entries
        ]
        self._legend.setText("&nbsp; ".join(spans))

    def _room_of_legend(self) -> float:
        """The width that the other parts of its row leave to the legend."""
        others: list[QWidget] = [self._accuracy_button, self._log_button]
        others += [x for x in (self._title, self._whole_button) if not x.isHidden()]
        margins = self._head.contentsMargins()
        room = self.width() - margins.left() - margins.right()
        return room - sum(x.sizeHint().width() + self._head.spacing() for x in others)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More room lets the legend use longer names."""
        super().resizeEvent(event)
        self._show_values()

    def leaveEvent(self, event: object) -> None:
        """Show the latest values again."""
        del event
        self._point_no_more()


def _named(names: tuple[str, ...], costs: list[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """Name, value and colour of each cost."""
    return [(name, *cost) for name, cost in zip(names, costs, strict=True)]


def _width_of(words: str, entries: list[tuple[str, str, str]], *, digits: str) -> float:
    """How wide a legend is written, in points, with values at least as long as some digits."""
    heavy = QFont(font(12))
    heavy.setBold(True)
    plain, bold = QFontMetricsF(font(12)), QFontMetricsF(heavy)
    least = bold.horizontalAdvance(digits)
    parts = [plain.horizontalAdvance(words)] if words else []
    parts += [
        plain.horizontalAdvance(f"{name} ") + max(bold.horizontalAdvance(value), least)
        for name, value, _ in entries
    ]
    return sum(parts) + (len(parts) - 1) * plain.horizontalAdvance("\xa0 ")


def _known_text(value: float | None, about: str = "") -> str:
    """A value, ``about`` where it was measured only near the update that is meant."""
    return f"{about}{number(value)}" if value is not None and value == value else "–"


def _flat(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName("flat")
    button.setText(text)
    button.setToolTip(tip)
    return button


def _toggle(text: str, tip: str) -> QToolButton:
    button = _flat(text, tip)
    button.setCheckable(True)
    return button


def _range_text(low: float, high: float) -> str:
    """A cost, or between which costs it was, where only that is still known."""
    return f"{number(low)} to {number(high)}" if low < high else _known_text(low)


def _most_text(low: float, high: float) -> str:
    """A cost, or how large it was at the most."""
    return f"≤ {number(high)}" if low < high else _known_text(low)
