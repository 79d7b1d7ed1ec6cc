"""The curves of the cost plot and their axes: pyqtgraph's part of it."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from pyqtgraph.GraphicsScene.mouseEvents import MouseClickEvent
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPaintEngine, QPainter, QPen, QTransform
from PySide6.QtWidgets import QWidget

from explorer.core.cost_history import CostHistory
from explorer.core.data.dataset import Floats
from explorer.core.numbers import counts, exact, number
from explorer.views.palette import Theme, mix
from explorer.views.theme import font
from explorer.views.updates_axis import EVENLY, LOGARITHMICALLY, UpdatesAxis

_LEAST_COST = 1e-12  # where zero lies on a logarithmic axis, if no cost comes near it
_ROUNDING = 1e-6  # of a cost, a smaller difference is that of two ways to add up
_MARGIN_RIGHT = 1.03  # so that the last tick has room for its number
_PIXELS_PER_TOTAL = 3  # between the measurements of total cost that are drawn
_ROOM_OF_LABEL = 52.0  # pixels, for numbers such as 100,000


class CostCurves(pg.PlotWidget):  # type: ignore[misc]
    """Draws the costs of a run; tells with ``update_pointed`` which one the pointer is over.

    The wheel and dragging look closer; a double click, or another run, shows all of it again.
    """

    update_pointed = Signal(object)  # int or None
    whole_changed = Signal(bool)  # whether all of the run is in view
    ends_moved = Signal()  # where the run begins and ends across, or which update is its last

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            parent, axisItems={"bottom": _UpdateAxis("bottom"), "left": _CostAxis("left")}
        )
        self._costs = CostHistory()
        self._known: tuple[int, int] | None = None
        self._log = self._accuracy = False
        self._axis = EVENLY
        self._whole = True  # whether all of the run is in view
        self._item = self.getPlotItem()
        self._build_axes()
        # Bare curves, as what pyqtgraph wraps around them takes as long again as drawing them.
        self._batch = pg.PlotCurveItem(antialias=False)
        self._train, self._test = _Curve(), _Curve()
        self._batch.setFillLevel("enclosed")  # it goes along the highest costs and back
        self._dots = pg.ScatterPlotItem(pen=None, size=6)  # no line leads through one point
        for item in (self._batch, self._train, self._test, self._dots):
            self._item.vb.addItem(item, ignoreBounds=True)
        self._build_accuracy()
        self._cursor = pg.InfiniteLine(angle=90, movable=False)
        self._cursor.hide()
        self._item.addItem(self._cursor, ignoreBounds=True)
        self._item.vb.disableAutoRange()
        self._item.vb.sigResized.connect(lambda *_: self.ends_moved.emit())
        self._item.vb.sigRangeChangedManually.connect(self._look_closer)
        self._item.scene().sigMouseMoved.connect(self._read)
        self._item.scene().sigMouseClicked.connect(self._on_click)

    def _build_axes(self) -> None:
        self._item.setMenuEnabled(False)
        self._item.hideButtons()
        self._item.setLabel("bottom", "update")
        self._item.setLabel("left", "cost")
        self._item.setLimits(xMin=0)
        self._item.getAxis("left").enableAutoSIPrefix(False)
        self._item.getAxis("bottom").enableAutoSIPrefix(False)

    def _build_accuracy(self) -> None:
        """A second view over the first, with the accuracy's own axis."""
        self._right = pg.ViewBox(enableMenu=False)
        self._right.setMouseEnabled(False, False)
        self._item.showAxis("right")
        self._item.scene().addItem(self._right)
        self._item.getAxis("right").linkToView(self._right)
        self._item.getAxis("right").setLabel("accuracy")
        self._right.setXLink(self._item)
        self._right.setYRange(0, 1, padding=0.1)  # so that there is room for the number 1
        self._accuracies = [_Curve() for _ in range(2)]
        for curve in self._accuracies:
            self._right.addItem(curve)
        self._item.vb.sigResized.connect(self._follow_size)
        self._item.hideAxis("right")
        self._right.hide()

    def show_costs(self, costs: CostHistory, known: tuple[int, int] | None = None) -> None:
        """Draw what has been measured.

        ``known`` names the last mini-batch cost and the last total cost, by their updates, that
        belong to the moment on screen; None for all of them.
        """
        if costs is not self._costs:
            self._set_whole(True)
        self._costs, self._known = costs, known
        for curve, name in ((self._train, "train"), (self._test, "test")):
            updates, values = self._measured(name)
            curve.setData(self._axis.along(updates), self._shown(values))
        if self._accuracy:
            for curve, name in zip(self._accuracies, ("train", "test"), strict=True):
                updates, values = self._measured(f"{name}_accuracy")
                curve.setData(self._axis.along(updates), values)
        self._draw_batch()
        if self._whole:
            self._show_whole()
        self.ends_moved.emit()
        self.scene().prepareForPaint()  # or painting would change it, and have to be done twice

    def hold_painting(self) -> None:
        """Leave it to :meth:`paint_now` when changes are painted."""
        self.setViewportUpdateMode(self.ViewportUpdateMode.NoViewportUpdate)

    def paint_now(self) -> None:
        """Ask for all to be painted, and let changes be painted by themselves again."""
        QCoreApplication.sendPostedEvents(self.scene())  # or it would ask once more, later
        self.setViewportUpdateMode(self.ViewportUpdateMode.MinimalViewportUpdate)
        self.viewport().update()

    def set_log(self, on: bool) -> None:
        """Switch the logarithmic cost axis; all of the run comes into view."""
        self._log = on
        self._item.getAxis("left").setLogMode(on)
        self.show_whole()

    def set_log_updates(self, on: bool) -> None:
        """Switch the logarithmic axis of updates; all of the run comes into view."""
        before, self._axis = self._axis, LOGARITHMICALLY if on else EVENLY
        if self._cursor.isVisible():
            self.show_cursor(round(before.update_at(self._cursor.value())))
        self._item.getAxis("bottom").setLogMode(on)
        self.show_whole()

    def show_whole(self) -> None:
        """Let all of the run come into view, and stay there while it goes on."""
        self._set_whole(True)
        self._draw_again()

    def set_accuracy(self, on: bool) -> None:
        """Switch the accuracy curves."""
        self._accuracy = on
        self._right.setVisible(on)
        self._item.showAxis("right", on)
        self._follow_size()
        self._draw_again()

    def set_theme(self, theme: Theme) -> None:
        """Take another theme's colours."""
        self.setBackground(theme.canvas)
        axis = pg.mkPen(mix(theme.border, theme.muted, 0.35))
        for name in ("left", "bottom", "right"):
            axis_item = self._item.getAxis(name)
            axis_item.setPen(axis)
            axis_item.setTextPen(theme.muted)
            axis_item.setStyle(tickFont=font(11), tickLength=-4)
            axis_item.label.setFont(font(11))
        self._item.showGrid(y=True, alpha=0.12)
        self._batch.setPen(pg.mkPen(mix(theme.muted, theme.canvas, 0.4), width=1))
        self._batch.setBrush(pg.mkBrush(mix(theme.muted, theme.canvas, 0.7)))
        self._train.setPen(pg.mkPen(theme.positive, width=2.2))
        self._test.setPen(pg.mkPen(theme.negative, width=2.2))
        for curve, colour in zip(self._accuracies, (theme.positive, theme.negative), strict=True):
            curve.setPen(pg.mkPen(colour, width=1.4, style=Qt.PenStyle.DashLine))
        self._draw_dots()
        self._cursor.setPen(pg.mkPen(theme.muted, width=1, style=Qt.PenStyle.DotLine))

    def show_cursor(self, update: int) -> None:
        """Point at an update."""
        self._cursor.setValue(float(self._axis.along(update)))
        self._cursor.show()

    def hide_cursor(self) -> None:
        """Point at no update any more."""
        self._cursor.hide()

    @property
    def axis(self) -> UpdatesAxis:
        """How updates lie across."""
        return self._axis

    @property
    def ends(self) -> tuple[float, float] | None:
        """Where the first update and the last lie across, in view or not; None without a run."""
        box = self._item.vb
        if not len(self._costs) or box.width() <= 0:
            return None
        ends = self._axis.along(np.array([1, len(self._costs)])).tolist()
        first, last = (box.mapViewToScene(QPointF(x, 0)).x() for x in ends)
        return float(first), float(last)

    def curve_data(self, name: str) -> tuple[Floats, Floats]:
        """x and y of a curve as drawn: ``batch``, ``train``, ``test`` or the accuracies.

        That of the mini-batches goes along the highest costs, and back along the lowest.
        """
        curve = {
            "batch": self._batch,
            "train": self._train,
            "test": self._test,
            "train accuracy": self._accuracies[0],
            "test accuracy": self._accuracies[1],
        }[name]
        x, y = curve.getData()
        empty = np.empty(0)
        return (empty, empty) if x is None else (np.asarray(x), np.asarray(y))

    @property
    def last_batch(self) -> int:
        """The last update whose mini-batch cost is drawn; 0 for none."""
        return len(self._costs) if self._known is None else min(self._known[0], len(self._costs))

    @property
    def last_total(self) -> float:
        """The last update whose total cost may be drawn."""
        return math.inf if self._known is None else self._known[1]

    def _shown(self, costs: Floats) -> Floats:
        """Costs as the axis has them; on a logarithmic one, 0 lies below all others."""
        if not self._log:
            return costs
        least = min(_LEAST_COST, costs[costs > 0].min(initial=1.0) / 10)
        return np.asarray(np.log10(np.maximum(costs, least)))

    def _measured(self, name: str) -> tuple[Floats, Floats]:
        """Updates and values of the measurements that were made, no denser than can be seen."""
        totals = self._costs.totals
        by_now = totals.column("update") <= self.last_total
        known = np.flatnonzero(np.isfinite(totals.column(name)) & by_now)
        x = self._axis.along(totals.column("update")[known])
        # A power of two, and counted from 0, so that the same ones stay while the run grows.
        most = max(self.width() // _PIXELS_PER_TOTAL, 50)
        apart = 2.0 ** math.ceil(math.log2(x.max(initial=1.0) / most))
        _, first = np.unique(x // apart, return_index=True)
        known = known[np.union1d(first, np.arange(len(known))[-1:])]
        return totals.column("update")[known], totals.column(name)[known]

    def _draw_batch(self) -> None:
        """Draw the visible part of the mini-batch costs, as a band from lowest to highest."""
        first, last = 1, self.last_batch
        if not self._whole:
            low, high = (self._axis.update_at(x) for x in self._item.vb.viewRange()[0])
            first, last = int(low), min(int(high) + 1, last)
        costs = self._costs
        outlined = costs.outline_by_octaves if self._axis.log else costs.outline
        outline = outlined(first, last, max(self.width() // 2, 50))
        x = self._axis.along(np.concatenate([outline.x, outline.x[::-1]]))
        self._batch.setData(x, self._shown(np.concatenate([outline.high, outline.low[::-1]])))
        self._draw_dots()

    def _draw_dots(self) -> None:
        """Draw curves that are a single point still."""
        spots = [
            {"pos": (float(x[0]), float(y[0])), "brush": curve.opts["pen"].color()}
            for curve in (self._batch, self._train, self._test)
            for x, y in [curve.getData()]
            if x is not None and len(x) and x.min() == x.max()
        ]
        if spots:
            self._dots.setData(spots)
        self._dots.setVisible(bool(spots))

    def _show_whole(self) -> None:
        """Let the axes hold all of the run, with room to grow: drawing them anew is dear."""
        updates = max(len(self._costs), 1)
        step = 2 ** max(updates.bit_length() - 4, 0)
        last = float(self._axis.along(-(-updates // step) * step))
        self._item.vb.setXRange(0, last * _MARGIN_RIGHT, padding=0)
        values = np.concatenate([self.curve_data(x)[1] for x in ("batch", "train", "test")])
        if not len(values):
            return
        low, high = float(values.min()), float(values.max())
        bottom, top = self._item.vb.viewRange()[1]
        if not (bottom <= low and high <= top and high - low >= 0.8 * (top - bottom)):
            flat = high - low <= _ROUNDING * abs(high)
            room = 0.05 * (abs(high) if flat else high - low) or 1.0
            self._item.vb.setYRange(low - room, high + room, padding=0)

    def _look_closer(self) -> None:
        """Stay where the user has gone, with as much detail as there is."""
        self._set_whole(False)
        self._draw_batch()
        self.ends_moved.emit()

    def _set_whole(self, whole: bool) -> None:
        if whole != self._whole:
            self._whole = whole
            self.whole_changed.emit(whole)

    def _on_click(self, event: MouseClickEvent) -> None:
        """Go back to all of the run on a double click."""
        if event.double():
            self.show_whole()

    def _draw_again(self) -> None:
        self.show_costs(self._costs, self._known)

    def _follow_size(self) -> None:
        self._right.setGeometry(QRectF(self._item.vb.sceneBoundingRect()))

    def _read(self, where: QPointF) -> None:
        """Say which update is under the pointer."""
        inside = self._item.vb.sceneBoundingRect().contains(where) and self.last_batch
        if not inside:
            self.hide_cursor()
            self.update_pointed.emit(None)
            return
        x = self._axis.update_at(self._item.vb.mapSceneToView(where).x())
        update = int(np.clip(round(x), 1, self.last_batch))
        self.show_cursor(update)
        self.update_pointed.emit(update)


class _Curve(pg.PlotCurveItem):  # type: ignore[misc]
    """A curve as wide as its pen says in points, also in pictures at another scale.

    Where a point is a pixel, a line that is not dashed is drawn as some of one pixel beside each
    other, as Qt draws these ten times faster than one that is wider.
    """

    def paint(self, painter: QPainter, option: object, widget: QWidget | None) -> None:
        """Draw it antialiased."""
        del option, widget
        if self.xData is None:
            return
        placed, pen = painter.worldTransform(), QPen(self.opts["pen"])
        width, scale = pen.widthF(), painter.deviceTransform().m11() / placed.m11()
        raster = painter.paintEngine().type() == QPaintEngine.Type.Raster
        fast = raster and scale == 1 and pen.style() == Qt.PenStyle.SolidLine
        aside = (width - 1) / 2
        offsets = ((0.0, -aside), (0.0, aside), (-aside, 0.0), (aside, 0.0))
        pen.setCosmetic(True)
        pen.setWidthF(1 if fast else width * scale)
        painter.setPen(pen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for x, y in offsets if fast else ((0.0, 0.0),):
            painter.setWorldTransform(placed * QTransform.fromTranslate(x, y))
            painter.drawPath(self.getPath())
        painter.setWorldTransform(placed)


class _UpdateAxis(pg.AxisItem):  # type: ignore[misc]
    """An axis of whole updates."""

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
        """pyqtgraph's spacings, but none below one update."""
        spacings = super().tickSpacing(low, high, size)
        return [(max(spacing, 1.0), offset) for spacing, offset in spacings]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Numbers of updates as they are written elsewhere."""
        if self.logMode:
            return self.logTickStrings(values, scale, spacing)
        return counts(values, scale * spacing)

    def logTickValues(
        self, low: float, high: float, size: float, ticks: object
    ) -> list[tuple[float | None, list[float]]]:
        """Round numbers of updates, those with labels first; all lie where 1 more would."""
        del ticks
        first, last = LOGARITHMICALLY.update_at(low), LOGARITHMICALLY.update_at(high)
        numbers = [
            float(n) for n in sorted({round(n) for n in _round_numbers(max(first, 1), last)})
        ]
        if last > 30 * max(first, 1.0):  # powers of ten
            numbers = [n for n in numbers if n > 1]
            if (high - low) * _ROOM_OF_LABEL > size:
                numbers = [n for n in numbers if round(math.log10(n)) % 2 == 0]
        all_figures = [10.0**p * k for p in range(math.ceil(high)) for k in range(1, 10)]
        between = [n for n in all_figures if max(first, 1.0) <= n <= last]
        return [
            (1.0, LOGARITHMICALLY.along(np.array(numbers)).tolist()),
            (0.0, LOGARITHMICALLY.along(np.array(between)).tolist()),
        ]

    def logTickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Numbers of updates as they are written elsewhere; none beside the ticks in between."""
        del scale
        if not spacing:
            return [""] * len(values)
        updates = [round(LOGARITHMICALLY.update_at(value)) for value in values]
        return [counts([update], update)[0] for update in updates]


class _CostAxis(pg.AxisItem):  # type: ignore[misc]
    """An axis of costs with as many decimals everywhere, whose ticks do not crowd each other."""

    _finest = 1.0  # the spacing of the closest ticks that have numbers

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
        """pyqtgraph's spacings."""
        spacings: list[tuple[float, float]] = super().tickSpacing(low, high, size)
        self._finest = min((spacing for spacing, _ in spacings[:2]), default=1.0)
        return spacings

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """pyqtgraph's numbers; on a logarithmic axis those of this one."""
        finest = spacing if self.logMode else min(spacing, self._finest)
        strings: list[str] = super().tickStrings(values, scale, finest)
        return strings

    def logTickValues(
        self, low: float, high: float, size: float, ticks: object
    ) -> list[tuple[float | None, list[float]]]:
        """Round numbers."""
        del size, ticks
        return [(None, [math.log10(cost) for cost in _round_numbers(10.0**low, 10.0**high)])]

    def logTickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Costs in as few digits as tell neighbours apart, and all alike below 1."""
        del scale, spacing
        costs = [10.0**value for value in values]
        for digits in range(2, 7):
            words = [exact(c, digits) if c < 100 else number(c, digits) for c in costs]
            if len(set(words)) == len(words):
                break
        return words


def _round_numbers(low: float, high: float) -> list[float]:
    """Powers of ten between two numbers; where these are few also 2 and 5, then all figures,
    then an even scale."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for figures in ((1,), (1, 2, 5), range(1, 10)):
        values = [10.0**power * figure for power in powers for figure in figures]
        inside = [value for value in values if low <= value <= high]
        if len(inside) >= 3:
            return inside
    return [float(value) for value in np.linspace(low, high, 5)[1:-1]]
