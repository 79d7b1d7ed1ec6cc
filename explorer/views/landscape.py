"""The cost landscape: a slice through parameter space with two ways down, and how they compare."""

from __future__ import annotations

import math
from typing import get_args

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from explorer.core.answers import Comparison, CostSlice, Plane
from explorer.core.data.dataset import Floats
from explorer.core.numbers import number, percent
from explorer.views.card import draw_card
from explorer.views.fitting import longest_fitting
from explorer.views.palette import DARK, Theme
from explorer.views.relief import Relief, names_of
from explorer.views.theme import font

_HEAD, _LINE, _MARGIN = 30.0, 17.0, 12.0
_SAMPLE, _GAP = 23.0, 14.0  # of the legend: a line with its space, and between two entries
_NEAR = 6.0  # points from a path's dot within which it is read
_STALE = 0.4  # the opacity of what belongs to an earlier update
_TIPS: dict[Plane, str] = {
    "path": "The plane that holds most of the recorded path",
    "gradients": "The plane of the mini-batch and the full-batch gradient",
}


class Landscape(QWidget):
    """Draws the cost on a slice, the mini-batch path and the full-batch path.

    Asks for another plane with ``plane_requested``. What is shown stays, dimmed, while
    :meth:`show_stale` or :meth:`show_progress` say that a newer one is awaited.
    """

    plane_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        self.setMinimumSize(240, 140)
        self.setMouseTracking(True)
        self._theme: Theme = DARK
        self._slice: CostSlice | None = None
        self._comparison: Comparison | None = None
        self._stale = self._comparison_stale = False
        self._progress: float | None = None
        self._relief: Relief | None = None
        self._pointer: QPointF | None = None
        self._buttons: dict[Plane, QToolButton] = {}
        self._build()

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(0, 4, 10, 0)
        head.setSpacing(4)
        head.addStretch(1)
        group = QButtonGroup(self)
        for plane in get_args(Plane):
            button = QToolButton()
            button.setObjectName("flat")
            button.setText(plane)
            button.setToolTip(_TIPS[plane])
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, p=plane: self.plane_requested.emit(p))
            group.addButton(button)
            head.addWidget(button)
            self._buttons[plane] = button
        self._buttons["path"].setChecked(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(head)
        column.addStretch(1)

    def sizeHint(self) -> QSize:
        """A pane beside the cost plot."""
        return QSize(380, 210)

    @property
    def plane(self) -> Plane:
        """The plane asked for."""
        return next(plane for plane, button in self._buttons.items() if button.isChecked())

    def set_plane(self, plane: Plane) -> None:
        """Let the switch stand on a plane, without asking for it."""
        self._buttons[plane].setChecked(True)
        self.update()

    def show_slice(self, cost_slice: CostSlice) -> None:
        """Show a slice that has just been computed."""
        self._slice, self._relief = cost_slice, None
        self._stale, self._progress = False, None
        self.update()

    def show_comparison(self, comparison: Comparison) -> None:
        """Show how the two gradients compare."""
        self._comparison, self._comparison_stale = comparison, False
        self.update()

    def show_progress(self, fraction: float) -> None:
        """Show how far the next slice is, from 0 to 1; the one before is dimmed."""
        self._stale, self._progress = True, fraction
        self.update()

    def show_stale(self) -> None:
        """Dim everything: training has gone on, and nothing newer is being computed yet."""
        self._stale = self._comparison_stale = True
        self._progress = None
        self.update()

    def clear(self) -> None:
        """Show nothing, as for a new run."""
        self._slice = self._comparison = self._relief = self._progress = None
        self._stale = self._comparison_stale = False
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take another theme's colours."""
        self._theme, self._relief = theme, None
        self.update()

    @property
    def picture_box(self) -> QRectF:
        """Where the slice with its axes is drawn."""
        lines = _LINE * 2 + 4
        return QRectF(self.rect()).adjusted(_MARGIN - 4, _HEAD, -_MARGIN + 2, -lines)

    def relief(self) -> Relief | None:
        """The slice as it is drawn."""
        if self._slice is None:
            return None
        box, density = self.picture_box, self.devicePixelRatioF()
        if self._relief is None or (self._relief.box, self._relief.density) != (box, density):
            self._relief = Relief(self._slice, box, self._theme, density)
        return self._relief

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the title, the slice with its paths, the legend and the comparison."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(self._theme.canvas))
        self._draw_title(painter)
        if (relief := self.relief()) is None:
            self._draw_waiting(painter)
        else:
            painter.setOpacity(_STALE if self._stale else 1.0)
            relief.draw(painter)
            draw_paths(painter, relief)
            self._draw_notes(painter, relief)
            self._draw_legend(painter, relief.slice)
        painter.setOpacity(1.0)
        self._draw_progress(painter)
        painter.setOpacity(_STALE if self._comparison_stale else 1.0)
        self._draw_comparison(painter)
        painter.setOpacity(1.0)
        if relief is not None and not self._stale:
            self._draw_reading(painter, relief)

    def _draw_title(self, painter: QPainter) -> None:
        left = self._buttons["path"].x() - _MARGIN - 8
        painter.setPen(QColor(self._theme.text))
        painter.setFont(font(13))
        words = longest_fitting(title_ways(self._slice), painter.font(), left)
        box = QRectF(_MARGIN, 4, left, _HEAD - 8)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)

    def _draw_waiting(self, painter: QPainter) -> None:
        painter.setPen(QColor(self._theme.muted))
        painter.setFont(font(13))
        words = "Computed when training rests"
        if self._progress is not None:
            words = f"Computing the cost surface … {self._progress:.0%}".replace("%", " %")
        painter.drawText(self.picture_box, Qt.AlignmentFlag.AlignCenter, words)

    def _draw_progress(self, painter: QPainter) -> None:
        if self._progress is None:
            return
        box = QRectF(_MARGIN, _HEAD - 1, self.width() - 2 * _MARGIN, 2.5)
        painter.fillRect(box, QColor(self._theme.border))
        box.setWidth(box.width() * min(max(self._progress, 0.0), 1.0))
        painter.fillRect(box, QColor(self._theme.accent))

    def _draw_notes(self, painter: QPainter, relief: Relief) -> None:
        """What the picture would otherwise let one believe."""
        notes = notes_on(relief.slice, self.plane)
        painter.setFont(font(10.5))
        field = relief.field
        for index, ways in enumerate(reversed(notes)):
            words = longest_fitting(ways, painter.font(), field.width() - 16)
            width = painter.fontMetrics().horizontalAdvance(words) + 10.0
            y = field.bottom() - 4 - 17 * (index + 1)
            box = QRectF(field.left() + 4, y, width, 15)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._theme.card))
            painter.drawRoundedRect(box, 4, 4)
            painter.setPen(QColor(self._theme.muted))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)

    def _line_box(self, from_bottom: int) -> QRectF:
        y = self.height() - 3 - _LINE * from_bottom
        return QRectF(_MARGIN, y, self.width() - 2 * _MARGIN, _LINE)

    def _draw_legend(self, painter: QPainter, cost_slice: CostSlice) -> None:
        theme, box = self._theme, self._line_box(2)
        painter.setFont(font(11))
        y = box.center().y()
        lines = ((theme.accent, Qt.PenStyle.SolidLine), (theme.text, Qt.PenStyle.DashLine))
        for (colour, style), words in zip(lines, self._path_names(painter, box), strict=True):
            painter.setPen(QPen(QColor(colour), 1.8, style))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.left() + 18, y))
            box.setLeft(box.left() + _SAMPLE)
            painter.setPen(QColor(colour))
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)
            box.setLeft(box.left() + painter.fontMetrics().horizontalAdvance(words) + _GAP)
        painter.setPen(QColor(theme.muted))
        words = longest_fitting((*updates_ways(cost_slice), ""), painter.font(), box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)

    @staticmethod
    def _path_names(painter: QPainter, box: QRectF) -> tuple[str, str]:
        """What the legend calls the paths, as there is room."""
        names = ("mini-batch steps", "full-batch descent")
        metrics = painter.fontMetrics()
        width = sum(map(metrics.horizontalAdvance, names)) + 2 * _SAMPLE + _GAP
        return names if width <= box.width() else ("mini-batch", "full batch")

    def _draw_comparison(self, painter: QPainter) -> None:
        if self._comparison is None:
            return
        box = self._line_box(1)
        painter.setFont(font(11))
        painter.setPen(QColor(self._theme.muted))
        words = longest_fitting(comparison_ways(self._comparison), painter.font(), box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)

    def _draw_reading(self, painter: QPainter, relief: Relief) -> None:
        """The cost at the computed point nearest to the pointer, or what dot of a path it is at."""
        if self._pointer is None or (at := relief.nearest(self._pointer)) is None:
            return
        row, column = at
        cost_slice = relief.slice
        x, y = float(cost_slice.x[column]), float(cost_slice.y[row])
        title = f"cost {number(float(cost_slice.cost[row, column]), 4)}"
        if (dot := dot_at(relief, self._pointer)) is not None:
            title, x, y = dot
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(self._theme.text), 1.2))
        place = relief.place(x, y)
        painter.drawEllipse(place, 4, 4)
        names = [ways[-1] for ways in names_of(cost_slice.directions)]
        lines = [f"{name}: {number(v)}" for name, v in zip(names, (x, y), strict=True)]
        draw_card(painter, self._theme, title, lines, place, self.size().toSizeF())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read what is pointed at."""
        self._pointer = event.position()
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is pointed at any more."""
        del event
        self._pointer = None
        self.update()


def draw_paths(painter: QPainter, relief: Relief) -> None:
    """Draw both paths: where they start, each update of the first, and where they are now."""
    theme = relief.theme
    mini_batch, full_batch = (
        [relief.place(x, y) for x, y in path.tolist()]
        for path in (relief.slice.mini_batch_path, relief.slice.full_batch_path)
    )
    painter.save()
    painter.setClipRect(relief.field.adjusted(0.5, 0.5, -0.5, -0.5))
    size = 1.0 if relief.field.height() > 120 else 0.8
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.accent), 2.0 * size))
    painter.drawPolyline(QPolygonF(mini_batch))
    painter.setPen(QPen(QColor(theme.text), 1.6 * size, Qt.PenStyle.DashLine))
    painter.drawPolyline(QPolygonF(full_batch))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.text))
    painter.drawEllipse(full_batch[-1], 3 * size, 3 * size)
    painter.setBrush(QColor(theme.accent))
    for dot in mini_batch:
        painter.drawEllipse(dot, 1.9 * size, 1.9 * size)
    painter.setPen(QPen(QColor(theme.canvas), 1.5))
    painter.drawEllipse(mini_batch[-1], 5.5 * size, 5.5 * size)
    painter.setBrush(QColor(theme.canvas))
    painter.setPen(QPen(QColor(theme.accent), 1.8))
    painter.drawEllipse(mini_batch[0], 4 * size, 4 * size)
    painter.restore()


def dot_at(relief: Relief, where: QPointF) -> tuple[str, float, float] | None:
    """What dot of a path is at a place: its name, with the update, and its coordinates."""
    cost_slice = relief.slice
    best: tuple[float, str, float, float] = (_NEAR, "", 0.0, 0.0)
    paths: tuple[tuple[str, Floats], ...] = (
        ("mini-batch", cost_slice.mini_batch_path),
        ("full-batch", cost_slice.full_batch_path),
    )
    for name, path in paths:
        for step, (x, y) in enumerate(path.tolist()):
            away = relief.place(x, y) - where
            distance = math.hypot(away.x(), away.y())
            if distance < best[0]:
                best = distance, f"{name} after update {cost_slice.first + step:,}", x, y
    return best[1:] if best[1] else None


def title_ways(cost_slice: CostSlice | None) -> tuple[str, ...]:
    """The title, longest first: that it is a slice, and how much of the path lies in it."""
    if cost_slice is None:
        return ("Cost on a slice through parameter space", "Cost on a slice", "Slice")
    kept = percent(cost_slice.kept)
    return (
        f"Cost on a slice through parameter space · {kept} of the path lies in it",
        f"Cost on a slice · {kept} of the path lies in it",
        f"Cost on a slice · {kept} of path in it",
        f"Slice with {kept} of the path",
        f"Slice · {kept} of path",
        f"Slice · {kept}",
        "Slice",
    )


def updates_ways(cost_slice: CostSlice) -> tuple[str, ...]:
    """Which updates the paths are made of, longest first."""
    first, last = cost_slice.first + 1, cost_slice.update
    if first >= last:
        return (f"update {last:,}",)
    return f"updates {first:,} to {last:,}", f"{first:,} to {last:,}"


def notes_on(cost_slice: CostSlice, asked: Plane) -> list[tuple[str, ...]]:
    """What has to be said on the picture, each longest first."""
    notes: list[tuple[str, ...]] = []
    if cost_slice.plane != asked and asked == "path":
        notes.append(
            (
                "The path has no two directions yet: plane of the gradients",
                "no two directions yet: gradients",
                "plane of the gradients",
            )
        )
    if cost_slice.examples < cost_slice.all_examples:
        some, all_of_them = f"{cost_slice.examples:,}", f"{cost_slice.all_examples:,}"
        notes.append(
            (
                f"cost of a sample: {some} of {all_of_them} examples",
                f"{some} of {all_of_them} examples",
                "sample",
            )
        )
    return notes


def comparison_ways(comparison: Comparison) -> tuple[str, ...]:
    """The comparison in a line, longest first."""
    some, everything = comparison.mini_batch_examples, comparison.full_batch_examples
    work = f"{some:,} of {everything:,} examples"
    share = f"{work} ({percent(some / everything)})"
    if math.isnan(comparison.angle):
        return (f"no angle: a gradient is zero · {share}", f"a gradient is zero · {work}", work)
    angle = f"{comparison.angle:.1f}°"
    return (
        f"angle to full-batch −∇C {angle} · cosine {number(comparison.cosine)} · {share}",
        f"angle to full-batch −∇C {angle} · {share}",
        f"angle to −∇C {angle} · {share}",
        f"angle to −∇C {angle} · {work}",
        f"{angle} · {work}",
    )
