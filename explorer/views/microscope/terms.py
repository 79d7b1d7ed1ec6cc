"""The weighted sum of a neuron, term by term: ranked, scrolled, and summed to z."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.core.data.dataset import Floats, Ints
from explorer.core.moment import Moment
from explorer.core.numbers import exact, number, short, signed, subscript
from explorer.core.part_of_network import Neuron, Selectable, Weight
from explorer.views.microscope.lettering import LATER_FORWARD, colour_of, draw_words
from explorer.views.painted_card import Tip
from explorer.views.palette import mix
from explorer.views.pointed_card import PointedCard
from explorer.views.theme import MONO

_ROW, _MARGIN, _HEAD, _FOOT = 22.0, 12.0, 34.0, 84.0
_WORDS = 250.0  # points, of a row without its bar: a name, two factors with signs, and a value
_RIGHT, _CENTRE = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignHCenter


class TermList(PointedCard):
    """Lists w·a of every neuron behind, largest first; the wheel scrolls.

    The terms out of sight are counted and summed, so that what is written adds up to z. A click
    on a row asks to follow that weight with ``source_requested``.
    """

    source_requested = Signal(int)  # index, from 0, of a neuron of the layer before

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._neuron = Neuron(1, 0)
        self._known = False
        self._weights: Floats = np.zeros(0)
        self._behind: Floats = np.zeros(0)
        self._bias, self._z = 0.0, 0.0
        self._order: Ints = np.zeros(0, int)
        self._source = 0
        self._first = 0

    def show_moment(self, moment: Moment, neuron: Neuron, source: int) -> None:
        """Show a neuron's terms, with the row of neuron ``source`` behind it marked."""
        layer = moment.trace.layers[neuron.layer - 1]
        if neuron != self._neuron:
            self._first = 0
        self._neuron, self._source = neuron, source
        self._known = moment.forward_done(neuron.layer)
        self._weights = layer.weight_before[neuron.index]
        self._behind = moment.trace.activation(neuron.layer - 1)[moment.example]
        self._bias = float(layer.bias_before[neuron.index])
        self._z = float(layer.z[moment.example, neuron.index])
        self._order = np.argsort(-np.abs(self._terms), kind="stable")
        self.update()

    def sizeHint(self) -> QSize:
        """Room for a handful of terms."""
        return QSize(300, 260)

    @property
    def rows(self) -> list[int]:
        """The sources shown, in order."""
        last = max(len(self._order) - self._fitting, 0)
        first = min(self._first, last)
        return [int(k) for k in self._order[first : first + self._fitting]]

    @property
    def _terms(self) -> Floats:
        return np.asarray(self._weights.astype(np.float64) * self._behind)

    @property
    def _fitting(self) -> int:
        return max(1, int((self.height() - _HEAD - _FOOT) // _ROW))

    def row_box(self, row: int) -> QRectF:
        """The box of the row-th shown row."""
        return QRectF(0, _HEAD + row * _ROW, self.width(), _ROW)

    @property
    def _foot(self) -> float:
        """Where the rest, the bias and the sum begin: right below the last term."""
        return _HEAD + min(len(self._order), self._fitting) * _ROW + 10

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the terms in sight, the rest, the bias and the sum."""
        del event
        theme, painter = self._theme, self.card_painter()
        head = QRectF(_MARGIN, 8, self.width() - 2 * _MARGIN, 20)
        draw_words(painter, head, "the weighted sum, largest first", theme.muted, 12.5)
        if not self._known:
            box = QRectF(self.rect()).adjusted(8, 0, -8, 0)
            draw_words(painter, box, LATER_FORWARD, theme.muted, 12.5, align=_CENTRE)
            return
        rows, terms = self.rows, self._terms
        scale = max(float(np.abs(terms).max()), abs(self._bias)) or 1.0
        for place, k in enumerate(rows):
            box = self.row_box(place)
            self._mark(painter, box, Weight(self._neuron.layer, self._neuron.index, k))
            factors = f"{short(self._weights[k])} × {short(self._behind[k])}"
            name = f"w{subscript(k + 1)}·a{subscript(k + 1)}"
            self._draw_row(painter, box, (name, factors), float(terms[k]), scale)
        self._draw_scroll(painter)
        self._draw_foot(painter, float(terms.sum() - terms[rows].sum()), scale)

    def _mark(self, painter: QPainter, box: QRectF, part: Weight | Neuron) -> None:
        """Mark the row that is pointed at, and that which the chain follows."""
        painter.setPen(Qt.PenStyle.NoPen)
        if part == self._pointed:
            painter.setBrush(QColor(self._theme.raised))
            painter.drawRoundedRect(box.adjusted(5, 1, -8, -1), 4, 4)
        if isinstance(part, Weight) and part.source == self._source:
            painter.setBrush(QColor(self._theme.accent))
            painter.drawRoundedRect(QRectF(5, box.top() + 4, 3, box.height() - 8), 1.5, 1.5)

    def _draw_row(
        self, painter: QPainter, box: QRectF, name: tuple[str, str], value: float, scale: float
    ) -> None:
        theme, right = self._theme, box.right() - _MARGIN - 3
        value_box = QRectF(right - 56, box.top(), 56, _ROW)
        bar_width = min(max(self.width() - _WORDS, 14.0), 96.0)
        bar = QRectF(value_box.left() - bar_width - 2, box.center().y() - 4, bar_width, 8)
        draw_words(painter, value_box, signed(value), theme.text, 12, family=MONO, align=_RIGHT)
        self._draw_bar(painter, bar, value / scale)
        head, factors = name
        width = draw_words(
            painter,
            QRectF(_MARGIN + 2, box.top(), bar.left() - _MARGIN - 8, _ROW),
            head,
            theme.text,
            12.5,
        )
        left = _MARGIN + 8 + width
        room = QRectF(left, box.top(), bar.left() - 8 - left, _ROW)
        if factors:
            draw_words(painter, room, factors, theme.muted, 11, family=MONO, align=_RIGHT)

    def _draw_bar(self, painter: QPainter, box: QRectF, share: float) -> None:
        theme, half = self._theme, box.width() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(mix(theme.card, theme.canvas, 0.9)))
        painter.drawRoundedRect(box, 4, 4)
        left = box.center().x() + min(share, 0.0) * half
        painter.setBrush(QColor(theme.positive if share > 0 else theme.negative))
        painter.drawRoundedRect(QRectF(left, box.top(), half * abs(share), box.height()), 2, 2)
        painter.setBrush(QColor(theme.muted))
        painter.drawRect(QRectF(box.center().x() - 0.5, box.top() - 1, 1, box.height() + 2))

    def _draw_foot(self, painter: QPainter, rest: float, scale: float) -> None:
        theme, count = self._theme, len(self._order) - len(self.rows)
        box = QRectF(0, self._foot, self.width(), _ROW)
        painter.setPen(QColor(theme.border))
        painter.drawLine(QPointF(_MARGIN, box.top() - 3), QPointF(self.width() - 12, box.top() - 3))
        if count:
            self._draw_row(painter, box, (f"{count} more, summed", ""), rest, scale)
            box.translate(0, _ROW)
        self._mark(painter, box, self._neuron)
        self._draw_row(painter, box, ("bias b", ""), self._bias, scale)
        box.translate(0, _ROW + 2)
        right = QRectF(box.right() - 135, box.top(), 120, _ROW)
        draw_words(painter, box.adjusted(14, 0, 0, 0), "Σ = z", theme.text, 13, bold=True)
        colour = colour_of(self._z, theme)
        words = number(self._z, 4)
        draw_words(painter, right, words, colour, 13, family=MONO, bold=True, align=_RIGHT)

    def _draw_scroll(self, painter: QPainter) -> None:
        count, fitting = len(self._order), self._fitting
        if count <= fitting:
            return
        room = fitting * _ROW
        length = max(room * fitting / count, 14.0)
        top = _HEAD + (room - length) * min(self._first / (count - fitting), 1.0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(mix(self._theme.border, self._theme.text, 0.2)))
        painter.drawRoundedRect(QRectF(self.width() - 7.0, top, 3, length), 1.5, 1.5)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll through the terms."""
        most = max(len(self._order) - self._fitting, 0)
        by = -3 if event.angleDelta().y() > 0 else 3
        first = min(max(min(self._first, most) + by, 0), most)
        if first == self._first:
            event.ignore()
            return
        self._first = first
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Follow the row's weight."""
        part = self.part_at(event.position())
        if isinstance(part, Weight):
            self.source_requested.emit(part.source)

    def part_at(self, where: QPointF) -> Selectable | None:
        """The weight of the term there, or the neuron in the row of its bias."""
        if not self._known:
            return None
        for place, k in enumerate(self.rows):
            if self.row_box(place).contains(where):
                return Weight(self._neuron.layer, self._neuron.index, k)
        return self._neuron if self._bias_box.contains(where) else None

    @property
    def _bias_box(self) -> QRectF:
        rest = _ROW if len(self._order) > self._fitting else 0.0
        return QRectF(0, self._foot + rest, self.width(), _ROW)

    def tip_at(self, where: QPointF) -> Tip | None:
        """The exact numbers of a term, of the rest, of the bias or of the sum."""
        if not self._known:
            return None
        terms, rows = self._terms, self.rows
        for place, k in enumerate(rows):
            if self.row_box(place).contains(where):
                factors = f"{exact(self._weights[k])} × ({exact(self._behind[k])})"
                name = f"w{subscript(k + 1)}·a{subscript(k + 1)}"
                return Tip(f"{name} = {factors} = {exact(terms[k])}", self.row_box(place))
        bias = self._bias_box
        foot = [(bias, f"b = {exact(self._bias)}")]
        foot.append((bias.translated(0, _ROW + 2), f"z = {exact(self._z)}"))
        if bias.top() > self._foot:
            rest = float(terms.sum() - terms[rows].sum())
            foot.append((bias.translated(0, -_ROW), f"the others, summed = {exact(rest)}"))
        return next((Tip(words, box) for box, words in foot if box.contains(where)), None)
