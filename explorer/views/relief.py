"""The field of a cost slice: bands between nice levels, contours, axes and the bar of costs."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen

from explorer.core.answers import CostSlice
from explorer.core.data.dataset import Floats
from explorer.views.contours import contour, level_texts, levels_of, nice_multiples, resampled
from explorer.views.fitting import longest_fitting
from explorer.views.landscape_words import names_of
from explorer.views.palette import Bytes, Theme, mix, relief
from explorer.views.theme import font

_BAR, _LINE, _LEAST_GUTTER = 9.0, 14.0, 32.0
_LINE_POINTS = 4.0  # per sample along which contours are followed


class Relief:
    """A slice as it is drawn into a box; made anew when any of its parameters changes.

    Parameters
    ----------
    box
        All that may be painted on: the field, its axes and the bar of costs.
    density
        Device pixels per point.
    """

    def __init__(self, cost_slice: CostSlice, box: QRectF, theme: Theme, density: float) -> None:
        self.slice = cost_slice
        self.box = box
        self.theme = theme
        self.density = density
        self._titled = box.height() >= 130 and box.width() >= 260
        self._cost = _finite(cost_slice.cost)
        self.levels = levels_of(cost_slice.cost, max(5, min(14, round(box.height() / 14))))
        self._level_texts = level_texts(self.levels)
        self._x_ticks = nice_multiples(*_ends(cost_slice.x), max(2, int(box.width() / 70)))
        self._y_ticks = nice_multiples(*_ends(cost_slice.y), max(2, int(box.height() / 26)))

    @cached_property
    def field(self) -> QRectF:
        """Where the cost is drawn."""
        left = 6 + _widest(level_texts(self._y_ticks)) + (_LINE if self._titled else 0)
        right = _BAR + 12 + _widest(self._level_texts)
        return self.box.adjusted(left, 5, -right, -_LINE * (2 if self._titled else 1) - 3)

    def place(self, x: float, y: float) -> QPointF:
        """Where a point of the plane is drawn."""
        field = self.field
        (left, right), (bottom, top) = _ends(self.slice.x), _ends(self.slice.y)
        return QPointF(
            field.left() + (x - left) / (right - left) * field.width(),
            field.bottom() - (y - bottom) / (top - bottom) * field.height(),
        )

    def nearest(self, where: QPointF) -> tuple[int, int] | None:
        """Row and column of the computed point nearest to a place in the field."""
        field = self.field
        if not field.contains(where):
            return None
        rows, columns = self.slice.cost.shape
        column = round((where.x() - field.left()) / field.width() * (columns - 1))
        row = round((field.bottom() - where.y()) / field.height() * (rows - 1))
        return row, column

    def draw(self, painter: QPainter) -> None:
        """Draw the field with its contours, the axes and the bar."""
        painter.drawImage(self.field, self._image)
        painter.setPen(QPen(QColor(mix(self.theme.canvas, self.theme.text, 0.3)), 0.8))
        painter.drawLines(self._contours)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(self.theme.border), 1))
        painter.drawRect(self.field)
        self._draw_axes(painter)
        if self.levels.size:
            self._draw_bar(painter)

    def colours(self, cost: Floats) -> Bytes:
        """RGB of costs, (..., 3): one colour for each band between two levels."""
        bands = np.searchsorted(self.levels, cost, side="right")
        return relief(bands / max(len(self.levels), 1), self.theme)

    @cached_property
    def _image(self) -> QImage:
        width = max(round(self.field.width() * self.density), 1)
        height = max(round(self.field.height() * self.density), 1)
        pixels = np.ascontiguousarray(self.colours(resampled(self._cost, height, width)[::-1]))
        image = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        return image.copy()  # which owns its pixels

    @cached_property
    def _contours(self) -> list[QLineF]:
        field = self.field
        rows, columns = (
            max(round(s / _LINE_POINTS), 2) + 1 for s in (field.height(), field.width())
        )
        fine = resampled(self._cost, rows, columns, to_edges=True)
        lines = np.concatenate([contour(fine, level) for level in (*self.levels, np.inf)])
        x = field.left() + lines[:, 0::2] / (columns - 1) * field.width()
        y = field.bottom() - lines[:, 1::2] / (rows - 1) * field.height()
        ends = np.stack([x[:, 0], y[:, 0], x[:, 1], y[:, 1]], axis=1)
        return [QLineF(*line) for line in ends.tolist()]

    def _draw_axes(self, painter: QPainter) -> None:
        field, theme = self.field, self.theme
        painter.setPen(QColor(theme.muted))
        painter.setFont(_small())
        for value, text in zip(self._x_ticks, level_texts(self._x_ticks), strict=True):
            x = self.place(value, 0).x()
            half = _widest([text], 0) / 2
            if x + half <= self.box.right():
                box = QRectF(x - half - 2, field.bottom() + 3, 2 * half + 4, _LINE)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        for value, text in zip(self._y_ticks, level_texts(self._y_ticks), strict=True):
            box = QRectF(self.box.left(), self.place(0, value).y() - 7, field.left() - 5, _LINE)
            box.setRight(field.left() - 5)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        if self._titled:
            self._draw_titles(painter)

    def _draw_titles(self, painter: QPainter) -> None:
        field = self.field
        x, y = names_of(self.slice.directions)
        below = QRectF(field.left(), field.bottom() + _LINE + 2, field.width(), _LINE)
        words = longest_fitting(x, _small(), field.width())
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, words)
        painter.save()
        painter.translate(self.box.left(), field.bottom())
        painter.rotate(-90)
        beside = QRectF(0, 0, field.height(), _LINE)
        words = longest_fitting(y, _small(), field.height())
        painter.drawText(beside, Qt.AlignmentFlag.AlignCenter, words)
        painter.restore()

    def _draw_bar(self, painter: QPainter) -> None:
        """The bands from the lowest up, as high as each other, with the levels between them."""
        field, theme = self.field, self.theme
        bands = len(self.levels) + 1
        each = field.height() / bands
        colours = relief(np.arange(bands) / (bands - 1), theme)
        bar = QRectF(field.right() + 6, field.top(), _BAR, field.height())
        for band, colour in enumerate(colours.tolist()):
            top = field.bottom() - (band + 1) * each
            painter.fillRect(QRectF(bar.left(), top, _BAR, each), QColor(*colour))
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.drawRect(bar)
        painter.setPen(QColor(theme.muted))
        painter.setFont(_small())
        every = -(-14 // max(int(each), 1))
        for index in range(0, bands - 1, every):
            y = field.bottom() - (index + 1) * each
            box = QRectF(bar.right() + 4, y - 7, self.box.right() - bar.right(), _LINE)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, self._level_texts[index])


def _ends(values: Floats) -> tuple[float, float]:
    return float(values[0]), float(values[-1])


def _finite(cost: Floats) -> Floats:
    """The cost, with the highest finite one where it has overflowed."""
    finite = cost[np.isfinite(cost)]
    return np.where(np.isfinite(cost), cost, finite.max() if finite.size else 0.0)


def _small() -> QFont:
    return font(10.5)


def _widest(texts: list[str], least: float = _LEAST_GUTTER) -> float:
    """The width of the longest text; at least so much, so that axes seldom move."""
    metrics = QFontMetricsF(_small())
    return max([least, *(metrics.horizontalAdvance(text) for text in texts)])
