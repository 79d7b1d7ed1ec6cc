"""Wishes that add: arrows end to end, one from each neuron ahead, and their sum."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from msgspec import Struct
from PySide6.QtCore import (
    QAbstractAnimation,
    QEasingCurve,
    QPointF,
    QRectF,
    QSize,
    Qt,
    QVariantAnimation,
)
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from explorer.core import nudges
from explorer.core.moment import Moment
from explorer.core.numbers import Column, exact
from explorer.core.part_of_network import Neuron, Selectable, Weight
from explorer.core.readings import neuron_title
from explorer.views.painted_card import Tip
from explorer.views.palette import mix
from explorer.views.pointed_card import PointedCard
from explorer.views.theme import MONO, font

_ROW, _TITLE, _MARGIN = 20.0, 24.0, 12.0
_GAP, _LEAST_FIELD = 8.0, 24.0  # points across
_MOST_ROWS = 16
_MILLISECONDS = 520


class Term(Struct, frozen=True):
    """One arrow: from ``start`` to ``start + value``, and what it stands for."""

    name: str
    start: float
    value: float
    part: Selectable | None
    exact: str = ""


def terms_of(moment: Moment, neuron: Neuron) -> list[Term]:
    """The wishes −δⱼ·w_jk handed to a neuron, end to end; the small rest of very many as one."""
    ahead = neuron.layer + 1
    delta = moment.trace.layers[ahead - 1].delta[moment.example]
    weights = moment.trace.layers[ahead - 1].weight_before[:, neuron.index]
    wishes = nudges.handed_back(moment.trace, ahead, moment.example)[:, neuron.index]
    shown = np.arange(len(wishes))
    if len(wishes) > _MOST_ROWS:
        largest = np.argsort(-np.abs(wishes), kind="stable")[: _MOST_ROWS - 1]
        shown = np.sort(largest)
    given, weighed = (
        Column.for_largest(float(np.abs(values[shown]).max()), digits)
        for values, digits in ((delta, 3), (weights, 2))
    )
    terms, at = [], 0.0
    for j in shown.tolist():
        value, d, w = float(wishes[j]), float(delta[j]), float(weights[j])
        who = _name(moment, Neuron(ahead, j))
        name = f"{who}  {given.text(-d)} × {weighed.bracketed(w)}"
        product = f"from {who}: −δⱼ·wⱼ = −({exact(d)}) × ({exact(w)}) = {exact(value)}"
        terms.append(Term(name, at, value, Weight(ahead, j, neuron.index), product))
        at += value
    if len(shown) < len(wishes):
        rest = float(np.delete(wishes, shown).sum(dtype=np.float64))
        name = f"{len(wishes) - len(shown)} more, summed"
        terms.append(Term(name, at, rest, None, f"{name} = {exact(rest)}"))
    return terms


class WishSum(PointedCard):
    """Shows how the wishes of the layer ahead add up in one neuron.

    Tells which part is pointed at with ``part_pointed``, and asks to select it with
    ``part_requested``.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._terms: list[Term] = []
        self._total = 0.0
        self._title = ""
        self._column = Column(3)
        self._names = self._values = 0  # the width of the widest of them, in points
        self._growth = QVariantAnimation(self)
        self._growth.setDuration(_MILLISECONDS)
        self._growth.setStartValue(0.0)
        self._growth.setEndValue(1.0)
        self._growth.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._growth.valueChanged.connect(self.update)

    def show_neuron(self, moment: Moment, neuron: Neuron, *, animated: bool = False) -> None:
        """Show what a neuron of a hidden layer is handed; ``animated`` lets the arrows grow."""
        self._terms = terms_of(moment, neuron)
        wish = nudges.activation_wishes(moment.trace, neuron.layer, moment.example)[neuron.index]
        self._total = float(wish)
        self._column = Column.for_largest(max(abs(t.value) for t in self._terms))
        self._names = _widest((t.name for t in self._terms), font(12.5))
        values = (*(t.value for t in self._terms), self._total)
        self._values = _widest(map(self._value_text, values), font(12, MONO))
        self._title = f"handed to {neuron_title(moment, neuron)}: −δⱼ × wⱼ"
        self.take_height(self._height())
        self.finish()
        if animated:
            self._growth.start()
        self.look_again()
        self.update()

    @property
    def terms(self) -> list[Term]:
        """What is added, in order."""
        return self._terms

    @property
    def total(self) -> float:
        """The sum, −∂Cᵢ/∂a of the neuron, as the trace has it."""
        return self._total

    @property
    def growing(self) -> bool:
        """Whether the arrows are still on their way."""
        return self._growth.state() == QAbstractAnimation.State.Running

    def finish(self) -> None:
        """Let every arrow have its whole length at once."""
        self._growth.stop()
        self.update()

    def sizeHint(self) -> QSize:
        """All rows."""
        return QSize(280, round(self._height()))

    def row_boxes(self) -> list[QRectF]:
        """The box of every term, and last of the sum."""
        rows = len(self._terms) + 1
        return [QRectF(0, 8 + _TITLE + i * _ROW, self.width(), _ROW) for i in range(rows)]

    def _height(self) -> float:
        return 8 + _TITLE + (len(self._terms) + 1) * _ROW + 8

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the title, the arrows end to end, the zero line and the sum."""
        del event
        theme, painter = self._theme, self.card_painter()
        if not self._terms:
            return
        painter.setPen(QColor(theme.muted))
        painter.setFont(font(12.5))
        box = QRectF(_MARGIN, 8, self.width() - 2 * _MARGIN, _TITLE)
        title = painter.fontMetrics().elidedText(
            self._title, Qt.TextElideMode.ElideRight, int(box.width())
        )
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, title)
        boxes = self.row_boxes()
        field = self._field()
        painter.setPen(QPen(QColor(mix(theme.muted, theme.card, 0.5)), 1, Qt.PenStyle.DotLine))
        zero = self._place(0.0, field)
        painter.drawLine(QPointF(zero, boxes[0].top()), QPointF(zero, boxes[-1].bottom()))
        grown = self._growth.currentValue() if self.growing else 1.0
        arrived = float(grown) * (len(self._terms) + 1)
        for i, (term, row) in enumerate(zip(self._terms, boxes, strict=False)):
            self._draw_row(painter, row, term, field, min(max(arrived - i, 0.0), 1.0))
        share = min(max(arrived - len(self._terms), 0.0), 1.0)
        total = Term("sum: wish −∂C/∂a", 0.0, self._total, None)
        painter.setPen(QPen(QColor(theme.border), 1))
        line = boxes[-1].top()
        painter.drawLine(QPointF(_MARGIN, line), QPointF(self.width() - _MARGIN, line))
        self._draw_row(painter, boxes[-1], total, field, share, strong=True)

    def _field(self) -> QRectF:
        """Where the arrows have room, between names and values; names that fit are never cut."""
        right = self.width() - _MARGIN - self._values - _GAP / 2
        left = right - max(self.width() * 0.17, 46.0)
        beside = _MARGIN + self._names + _GAP
        left = min(max(left, beside), right - _LEAST_FIELD)
        return QRectF(left, 0, right - left, 1)

    def _value_text(self, value: float) -> str:
        return self._column.text(value, plus=True)

    def _place(self, value: float, field: QRectF) -> float:
        ends = [0.0, self._total]
        for term in self._terms:
            ends += [term.start, term.start + term.value]
        low, high = min(ends), max(ends)
        return field.left() + (value - low) / ((high - low) or 1.0) * field.width()

    def _draw_row(
        self,
        painter: QPainter,
        box: QRectF,
        term: Term,
        field: QRectF,
        share: float,
        *,
        strong: bool = False,
    ) -> None:
        theme = self._theme
        if term.part is not None and term.part == self._pointed:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.raised))
            painter.drawRoundedRect(box.adjusted(5, 0, -5, 0), 4, 4)
        painter.setPen(QColor(theme.text))
        painter.setFont(font(12.5, bold=strong))
        room = field.left() - _MARGIN - _GAP
        name = painter.fontMetrics().elidedText(term.name, Qt.TextElideMode.ElideRight, int(room))
        painter.drawText(
            QRectF(_MARGIN, box.top(), room, _ROW), Qt.AlignmentFlag.AlignVCenter, name
        )
        painter.setFont(font(12, MONO))
        painter.drawText(
            QRectF(field.right(), box.top(), self.width() - _MARGIN - field.right(), _ROW),
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
            self._value_text(term.value),
        )
        start, end = self._place(term.start, field), self._place(term.start + term.value, field)
        y = box.center().y()
        colour = theme.positive if term.value > 0 else theme.negative
        _draw_arrow(painter, start, start + (end - start) * share, y, colour, 4.6 if strong else 3)

    def part_at(self, where: QPointF) -> Selectable | None:
        """The weight that the arrow there came through."""
        rows = zip(self._terms, self.row_boxes(), strict=False)
        return next((term.part for term, box in rows if box.contains(where)), None)

    def tip_at(self, where: QPointF) -> Tip | None:
        """The exact numbers of a term, or of the sum."""
        words = [*(term.exact for term in self._terms), f"−∂Cᵢ/∂a = {exact(self._total)}"]
        rows = zip(words, self.row_boxes(), strict=True)
        return next((Tip(text, box) for text, box in rows if box.contains(where)), None)


def _widest(words: Iterable[str], letters: QFont) -> int:
    """The width of the widest of some words, in points."""
    metrics = QFontMetricsF(letters)
    return math.ceil(max(map(metrics.horizontalAdvance, words)))


def _draw_arrow(
    painter: QPainter, start: float, end: float, y: float, colour: str, width: float
) -> None:
    """A horizontal arrow; a dot where it has no length."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    length = abs(end - start)
    if length < 1.0:
        painter.drawEllipse(QPointF(end, y), 1.6, 1.6)
        return
    way = 1.0 if end > start else -1.0
    head = min(width * 1.6 + 1, length)
    neck = end - way * head
    painter.drawRect(QRectF(min(start, neck), y - width / 2, abs(neck - start), width))
    half = width * 0.9 + 1.4
    painter.drawPolygon(
        QPolygonF([QPointF(end, y), QPointF(neck, y - half), QPointF(neck, y + half)])
    )


def _name(moment: Moment, neuron: Neuron) -> str:
    if neuron.layer == moment.n_layers:
        return f"“{moment.dataset.output_label(neuron.index)}”"
    return f"neuron {neuron.index + 1}"
