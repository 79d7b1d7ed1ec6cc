"""The mini-batch gradient against the full-batch gradient: two arrows, their angle, their work."""

from __future__ import annotations

import math

import numpy as np
from msgspec import Struct
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from explorer.core.answers import Comparison
from explorer.core.numbers import exact, number, percent
from explorer.views.fitting import longest_fitting
from explorer.views.painted_card import PaintedCard, Tip
from explorer.views.theme import MONO, font

_DRAWING, _ROW, _MARGIN, _LABEL = 92.0, 21.0, 12.0, 16.0
_SHORTEST = 0.12  # of the longer arrow, so that a short one can be seen
_MOST_RADIUS = 22.0  # points, of the arc between them
_SEEN = 0.02  # radians; the arc of a smaller angle is left out


class ComparisonCard(PaintedCard):
    """Draws minus both gradients from one point, their lengths in proportion, and the numbers.

    The angle is that between them in parameter space; the longer one is laid to the right.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._comparison: Comparison | None = None
        self.take_height(_DRAWING + 4 * _ROW + 20)

    def show_comparison(self, comparison: Comparison | None) -> None:
        """Show how the two compare; None until that is known."""
        if comparison is not self._comparison:
            self._comparison = comparison
            self.update()

    @property
    def known(self) -> bool:
        """Whether there is a comparison to show."""
        return self._comparison is not None

    def sizeHint(self) -> QSize:
        """The drawing above its rows."""
        return QSize(280, self.height())

    def tip_at(self, where: QPointF) -> Tip | None:
        """The exact numbers of the comparison."""
        del where
        one = self._comparison
        return None if one is None else Tip(exact_words(one), QRectF(self.rect()))

    @property
    def drawing_box(self) -> QRectF:
        """Where the arrows and their names are drawn."""
        return QRectF(_MARGIN, 8, self.width() - 2 * _MARGIN, _DRAWING - 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the arrows and the rows."""
        del event
        painter = self.card_painter()
        if self._comparison is None:
            painter.setPen(QColor(self._theme.muted))
            painter.setFont(font(13))
            words = "Computed at rest"
            painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter, words)
            return
        box = self.drawing_box.adjusted(6, _LABEL, -6, -_LABEL)
        self._draw_arrows(painter, arrows_in(box, self._comparison))
        row = QRectF(_MARGIN, _DRAWING + 8, self.width() - 2 * _MARGIN, _ROW)
        for names, values in rows_of(self._comparison):
            self._draw_row(painter, row, names, values)
            row.translate(0, _ROW)

    def _draw_arrows(self, painter: QPainter, arrows: Arrows) -> None:
        theme = self._theme
        if arrows.angle > _SEEN:
            radius = min(_MOST_RADIUS, 0.25 * min(arrows.lengths))
            around = QRectF(0, 0, 2 * radius, 2 * radius)
            around.moveCenter(arrows.origin)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.muted), 1))
            painter.drawArc(around, 0, round(16 * math.degrees(arrows.angle)))
        solid, dashed = QPen(QColor(theme.accent), 2), QPen(QColor(theme.text), 2)
        dashed.setDashPattern([3, 3])  # one that lies on the other leaves it to be seen
        for tip, pen in ((arrows.mini_batch, solid), (arrows.full_batch, dashed)):
            if tip is not None:
                _draw_arrow(painter, arrows.origin, tip, pen)
        painter.setFont(font(11))
        self._draw_name(painter, arrows, arrows.mini_batch, "mini-batch", theme.accent)
        self._draw_name(painter, arrows, arrows.full_batch, "full batch", theme.text)

    def _draw_name(
        self, painter: QPainter, arrows: Arrows, tip: QPointF | None, name: str, colour: str
    ) -> None:
        """Name an arrow: the one to the right below its middle, the other above its tip.

        Where that one lies nearly flat to the left, the arc would run through its name there.
        """
        if tip is None:
            return
        width, box = painter.fontMetrics().horizontalAdvance(name) + 2.0, self.drawing_box
        lies, up = name == arrows.right, arrows.origin.y() - tip.y()
        below = lies or (tip.x() < arrows.origin.x() and up < _MOST_RADIUS + _LABEL)
        middle = (tip.x() + arrows.origin.x()) / 2 if below else tip.x()
        if below and not lies:
            middle = min(middle, arrows.origin.x() - width / 2)
        left = min(max(middle - width / 2, box.left()), box.right() - width)
        top = arrows.origin.y() + 4 if below else tip.y() - _LABEL - 3
        painter.setPen(QColor(colour))
        painter.drawText(QRectF(left, top, width, _LABEL), Qt.AlignmentFlag.AlignCenter, name)

    def _draw_row(
        self, painter: QPainter, box: QRectF, names: tuple[str, ...], values: tuple[str, ...]
    ) -> None:
        """Draw a name and a value, each in the longest way that leaves room for the other."""
        words, figures = font(13), font(12, MONO)
        least = QFontMetricsF(figures).horizontalAdvance(values[-1]) + 10
        name = longest_fitting(names, words, box.width() - least)
        room = box.width() - QFontMetricsF(words).horizontalAdvance(name) - 10
        painter.setFont(words)
        painter.setPen(QColor(self._theme.muted))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, name)
        painter.setFont(figures)
        painter.setPen(QColor(self._theme.text))
        painter.drawText(
            box,
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
            longest_fitting(values, figures, room),
        )


class Arrows(Struct, frozen=True):
    """Where two arrows go from one point; None for a gradient that is zero.

    ``right`` names the longer one, which lies to the right; the other is turned from it by
    ``angle``, in radians, 0 where there is none. ``lengths`` are those drawn.
    """

    origin: QPointF
    mini_batch: QPointF | None
    full_batch: QPointF | None
    right: str
    angle: float
    lengths: tuple[float, float]


def arrows_in(box: QRectF, comparison: Comparison) -> Arrows:
    """The two arrows as large as goes into a box."""
    lengths = np.array([comparison.mini_batch_length, comparison.full_batch_length])
    shares = np.where(lengths > 0, np.maximum(lengths / (lengths.max() or 1.0), _SHORTEST), 0.0)
    angle = math.radians(comparison.angle) if math.isfinite(comparison.angle) else 0.0
    directions = np.array([[1.0, 0.0], [math.cos(angle), -math.sin(angle)]])
    right = "mini-batch" if lengths[0] > lengths[1] else "full batch"
    if right == "full batch":
        directions = directions[::-1]
    ends = directions * shares[:, None]
    low, high = np.minimum(ends.min(axis=0), 0), np.maximum(ends.max(axis=0), 0)
    width, height = np.maximum(high - low, 1e-9)
    scale = float(min(box.width() / width, box.height() / height))
    origin = box.center() - QPointF(*(scale * (low + high) / 2).tolist())
    tips = [
        origin + QPointF(*(scale * end).tolist()) if length > 0 else None
        for end, length in zip(ends, lengths, strict=True)
    ]
    drawn = (float(scale * shares[0]), float(scale * shares[1]))
    return Arrows(origin, tips[0], tips[1], right, angle, drawn)


def rows_of(comparison: Comparison) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Names and values of the rows, each longest first."""
    some, everything = comparison.mini_batch_examples, comparison.full_batch_examples
    known = math.isfinite(comparison.angle)
    work, share = f"{some:,} of {everything:,}", percent(some / everything)
    lengths = number(comparison.mini_batch_length), number(comparison.full_batch_length)
    return [
        (
            ("angle to full-batch −∇C", "angle"),
            (f"{comparison.angle:.1f}°" if known else "none",),
        ),
        (("cosine",), (number(comparison.cosine) if known else "none",)),
        (("lengths",), (f"{lengths[0]} against {lengths[1]}", f"{lengths[0]} : {lengths[1]}")),
        (("examples per update", "examples"), (f"{work} ({share})", work, share)),
    ]


def exact_words(comparison: Comparison) -> str:
    """All numbers of a comparison with all their digits, one a line."""
    words = (
        ("cosine", exact(comparison.cosine)),
        ("angle", f"{exact(comparison.angle)}°"),
        ("length of −∇C, mini-batch", exact(comparison.mini_batch_length)),
        ("length of −∇C, full batch", exact(comparison.full_batch_length)),
    )
    return "\n".join(f"{name} = {value}" for name, value in words)


def _draw_arrow(painter: QPainter, start: QPointF, tip: QPointF, pen: QPen) -> None:
    way = tip - start
    length = math.hypot(way.x(), way.y())
    along = way / length
    across = QPointF(-along.y(), along.x())
    head = min(9.0, 0.5 * length)
    back = tip - along * head
    painter.setPen(pen)
    painter.drawLine(start, back)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(pen.color())
    painter.drawPolygon(QPolygonF([tip, back + across * head / 2, back - across * head / 2]))
