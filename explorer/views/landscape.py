"""The cost landscape: a slice through parameter space with two ways down, and how they compare."""

from __future__ import annotations

from typing import get_args

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from explorer.core.answers import Comparison, CostSlice, Plane
from explorer.core.numbers import number
from explorer.views.card import draw_card
from explorer.views.fitting import longest_fitting
from explorer.views.landscape_words import (
    comparison_ways,
    names_of,
    notes_on,
    title_ways,
    updates_ways,
)
from explorer.views.palette import DARK, Theme
from explorer.views.paths import dot_at, draw_paths
from explorer.views.relief import Relief
from explorer.views.theme import font

_HEAD, _LINE, _MARGIN = 30.0, 17.0, 12.0
_SAMPLE, _GAP = 23.0, 14.0  # of the legend: a line with its space, and between two entries
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
        notes = _LINE if self._slice is not None and notes_on(self._slice, self.plane) else 0.0
        return QRectF(self.rect()).adjusted(_MARGIN - 4, _HEAD + notes, -_MARGIN + 2, -lines)

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
            self._draw_notes(painter, relief.slice)
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
        words = "Computed at rest"
        if self._progress is not None:
            words = f"Computing the cost surface … {100 * self._progress:.0f} %"
        painter.drawText(self.picture_box, Qt.AlignmentFlag.AlignCenter, words)

    def _draw_progress(self, painter: QPainter) -> None:
        if self._progress is None:
            return
        box = QRectF(_MARGIN, _HEAD - 1, self.width() - 2 * _MARGIN, 2.5)
        painter.fillRect(box, QColor(self._theme.border))
        box.setWidth(box.width() * min(max(self._progress, 0.0), 1.0))
        painter.fillRect(box, QColor(self._theme.accent))

    def _draw_notes(self, painter: QPainter, cost_slice: CostSlice) -> None:
        """What the picture below would otherwise let one believe."""
        painter.setFont(font(11))
        painter.setPen(QColor(self._theme.muted))
        box = QRectF(_MARGIN, _HEAD - 3, self.width() - 2 * _MARGIN, _LINE)
        notes = notes_on(cost_slice, self.plane)
        for ways in notes:
            words = longest_fitting(ways, painter.font(), box.width() / len(notes) - _GAP)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)
            box.setLeft(box.left() + painter.fontMetrics().horizontalAdvance(words) + _GAP)

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
