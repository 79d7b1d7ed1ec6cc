"""The chain rule in linked boxes, with this moment's numbers put in."""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from explorer.core.chain import Factors, activation_of, factors_of, softmax_terms
from explorer.core.moment import Moment
from explorer.core.numbers import bracketed, exact, number, signed, subscript
from explorer.core.part_of_network import Neuron, Selectable, Weight
from explorer.core.saturation import Note, saturation
from explorer.views.microscope.lettering import LATER_BACKWARD, accent_ink, colour_of, draw_words
from explorer.views.painted_card import Tip
from explorer.views.pointed_card import PointedCard
from explorer.views.theme import MONO, font

HEIGHT = 184
_MARGIN, _SIGN, _TOP, _BOX = 14.0, 20.0, 36.0, 62.0
_CENTRE, _RIGHT = Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight
_ROUNDED = Note(
    "∂Cᵢ/∂a × σ′(z) is lost in rounding here, so δ is shown as torch computed it, from z", True
)


class Link(Struct, frozen=True):
    """One box: a symbol, its number, what it is, and the sign before it.

    A ``slope`` is signed on screen; σ′(z) and a_k are plain numbers.
    """

    sign: str
    symbol: str
    value: float
    meaning: str
    part: Selectable
    signed: bool = True


class Chain(PointedCard):
    """Multiplies ∂C/∂a, σ′(z) and a_k for one weight of a neuron, and says what δ is.

    Softmax lets every output's ∂C/∂a in; there δ is shown as the sum of its terms.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT)
        self._moment: Moment | None = None
        self._neuron = Neuron(1, 0)
        self._source = 0

    def show_moment(self, moment: Moment, neuron: Neuron, source: int) -> None:
        """Show the chain to the weight from neuron ``source`` of the layer before."""
        self._moment, self._neuron, self._source = moment, neuron, source
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as four boxes."""
        return QSize(420, HEIGHT)

    @property
    def known(self) -> bool:
        """Whether the layer's backward beat has been reached."""
        return self._moment is not None and self._moment.backward_done(self._neuron.layer)

    @property
    def links(self) -> list[Link]:
        """The boxes, left to right."""
        moment, layer, j, k = self._moment, self._neuron.layer, self._neuron.index, self._source
        if moment is None:
            return []
        factors = factors_of(moment.trace, moment.example, self._neuron, k)
        weight, behind = Weight(layer, j, k), Neuron(layer - 1, k)
        index = subscript(k + 1)
        head = [
            Link("", "∂Cᵢ/∂a", factors.by_activation, "from ahead", self._neuron),
            Link("×", "σ′(z)", factors.slope, "the slope", self._neuron, signed=False),
        ]
        if layer == moment.n_layers:
            head[0] = Link("", "∂Cᵢ/∂a", factors.by_activation, "the cost", self._neuron)
        if not factors.multiply or activation_of(moment.trace, self._neuron) == "softmax":
            head = [Link("", "δ = ∂Cᵢ/∂z", factors.delta, "see below", self._neuron)]
        before = "the input" if layer == 1 else "behind"
        return [
            *head,
            Link("×", f"a{index}", factors.behind, before, behind, signed=False),
            Link("=", f"∂Cᵢ/∂w{index}", factors.by_weight, "its weight", weight),
        ]

    def boxes(self) -> list[tuple[QRectF, Link]]:
        """Every box with its link."""
        links = self.links
        count = max(len(links), 1)
        room = self.width() - 2 * _MARGIN - (count - 1) * _SIGN
        width = min(room / count, 150.0)
        return [
            (QRectF(_MARGIN + n * (width + _SIGN), _TOP, width, _BOX), link)
            for n, link in enumerate(links)
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the boxes, what δ is, and what is to be said about the slope."""
        del event
        theme, painter, moment = self._theme, self.card_painter(), self._moment
        if moment is None:
            return
        head = QRectF(_MARGIN, 8, self.width() - 2 * _MARGIN, 20)
        words = f"the chain rule, back to w{subscript(self._source + 1)}"
        draw_words(painter, head, words, theme.muted, 12.5)
        for box, link in self.boxes():
            self._draw_link(painter, box, link)
        if not self.known:
            below = QRectF(_MARGIN, _TOP + _BOX + 10, head.width(), 22)
            draw_words(painter, below, LATER_BACKWARD, theme.muted, 12.5)
            return
        factors = factors_of(moment.trace, moment.example, self._neuron, self._source)
        if moment.beat.kind in ("average", "update"):
            mean = f"∂C_batch/∂w = {signed(factors.mean_by_weight)}"
            draw_words(painter, head, mean, theme.text, 12.5, align=_RIGHT)
        if activation_of(moment.trace, self._neuron) == "softmax":
            self._draw_softmax(painter, moment)
            return
        note = saturation(moment.trace, moment.example, self._neuron)
        if factors.multiply:
            self._draw_delta(painter, factors)
        else:
            note = _ROUNDED
        self._draw_note(painter, note or self._in_words(factors))

    def _in_words(self, factors: Factors) -> Note:
        """What the product means."""
        name, slope = f"w{subscript(self._source + 1)}", factors.by_weight
        if not slope:
            return Note(f"moving {name} a little leaves the cost of this example as it is", False)
        way, wish = ("raises", "lower") if slope > 0 else ("lowers", "higher")
        times = number(abs(slope))
        return Note(
            f"raising {name} a little {way} Cᵢ {times} times as much: this example wants it {wish}",
            False,
        )

    def _draw_link(self, painter: QPainter, box: QRectF, link: Link) -> None:
        theme, known = self._theme, self.known
        lit = known and link.part == self._pointed
        painter.setPen(QPen(QColor(theme.accent if link.sign == "=" and known else theme.border)))
        painter.setBrush(QColor(theme.raised if lit else theme.canvas))
        painter.drawRoundedRect(box, 6, 6)
        if link.sign:
            sign = QRectF(box.left() - _SIGN, box.top(), _SIGN, box.height())
            draw_words(painter, sign, link.sign, theme.muted, 15, bold=True, align=_CENTRE)
        row = QRectF(box.left(), box.top() + 4, box.width(), 17)
        draw_words(painter, row, link.symbol, theme.muted, 12, align=_CENTRE)
        row.translate(0, 18)
        words = (signed if link.signed else number)(link.value) if known else "…"
        colour = colour_of(link.value, theme) if link.signed else theme.text
        colour = colour if known else theme.muted
        size = 15.0 if len(words) < 9 else 13.0
        draw_words(painter, row, words, colour, size, family=MONO, bold=known, align=_CENTRE)
        row.translate(0, 18)
        draw_words(painter, row, link.meaning, theme.muted, 11, align=_CENTRE)

    def _draw_delta(self, painter: QPainter, factors: Factors) -> None:
        """A brace under the first two boxes, and their product."""
        theme = self._theme
        first, second = self.boxes()[0][0], self.boxes()[1][0]
        left, right, y = first.left() + 6, second.right() - 6, first.bottom() + 4
        middle = (left + right) / 2
        path = QPainterPath(QPointF(left, y))
        path.quadTo(left, y + 6, left + 8, y + 6)
        path.lineTo(middle - 6, y + 6)
        path.quadTo(middle, y + 6, middle, y + 10)
        path.quadTo(middle, y + 6, middle + 6, y + 6)
        path.lineTo(right - 8, y + 6)
        path.quadTo(right, y + 6, right, y)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.muted), 1.2))
        painter.drawPath(path)
        words = f"δ = ∂Cᵢ/∂z = ∂Cᵢ/∂b = {signed(factors.delta)}"
        width = self.width() - 2 * _MARGIN
        row = QRectF(_MARGIN, y + 11, width, 20)
        colour = colour_of(factors.delta, theme)
        draw_words(painter, row, words, colour, 13, bold=True)

    def _draw_note(self, painter: QPainter, note: Note) -> None:
        box = QRectF(_MARGIN, HEIGHT - 50, self.width() - 2 * _MARGIN, 44)
        painter.setFont(font(12))
        painter.setPen(QColor(accent_ink(self._theme) if note.grave else self._theme.muted))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(box, flags, note.text)

    def _draw_softmax(self, painter: QPainter, moment: Moment) -> None:
        """The terms of δ, the largest first, as many as there is room for; the rest summed."""
        theme = self._theme
        by_activation, slopes = softmax_terms(moment.trace, moment.example, self._neuron.index)
        terms = by_activation * slopes
        order = np.argsort(-np.abs(terms), kind="stable")
        counting = int(np.count_nonzero(terms))
        shown = [int(k) for k in order[: min(counting, 2 if len(terms) > 3 else 3)]]
        row = QRectF(_MARGIN, _TOP + _BOX + 5, self.width() - 2 * _MARGIN, 18)
        words = "δ = Σₖ ∂Cᵢ/∂aₖ × ∂aₖ/∂z: softmax mixes all outputs"
        draw_words(painter, row, words, theme.muted, 12)
        for k in shown:
            row.translate(0, 19)
            label = moment.dataset.output_label(k)
            words = f"{signed(float(by_activation[k]))} × {bracketed(float(slopes[k]))}"
            self._draw_term(painter, row, f"k = “{label}”", words, float(terms[k]))
        if len(shown) < len(terms):
            row.translate(0, 19)
            rest = float(np.delete(terms, shown).sum())
            how = "summed" if counting > len(shown) else "each 0 as its y is 0"
            self._draw_term(painter, row, f"{len(terms) - len(shown)} more, {how}", "", rest)

    def _draw_term(
        self, painter: QPainter, row: QRectF, name: str, factors: str, value: float
    ) -> None:
        theme = self._theme
        room = QRectF(row.left(), row.top(), row.width() - 84 - (170 if factors else 0), 18)
        draw_words(painter, room, name, theme.text, 12)
        if factors:
            middle = QRectF(row.right() - 84 - 166, row.top(), 162, 18)
            draw_words(painter, middle, factors, theme.muted, 12, family=MONO, align=_RIGHT)
        end = QRectF(row.right() - 84, row.top(), 84, 18)
        words, colour = f"= {number(value)}", colour_of(value, theme)
        draw_words(painter, end, words, colour, 12, family=MONO, align=_RIGHT)

    def part_at(self, where: QPointF) -> Selectable | None:
        """The part whose number stands there."""
        link = self._link_at(where)
        return link[1].part if link else None

    def tip_at(self, where: QPointF) -> Tip | None:
        """The exact number in the box there."""
        link = self._link_at(where)
        if link is None or not self.known:
            return None
        return Tip(f"{link[1].symbol} = {exact(link[1].value)}", link[0])

    def _link_at(self, where: QPointF) -> tuple[QRectF, Link] | None:
        return next((pair for pair in self.boxes() if pair[0].contains(where)), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask for the part whose number was clicked, unless it is on the page already."""
        if self.part_at(event.position()) != self._neuron:
            super().mousePressEvent(event)
