"""The cost plot: mini-batch cost thin, total cost on train and test thick, accuracy on demand."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from explorer.core.cost_history import CostHistory, TotalCost
from explorer.core.data.dataset import Floats
from explorer.core.numbers import number
from explorer.views.palette import DARK, Theme, mix
from explorer.views.theme import font

_LEAST_COST = 1e-12  # what zero becomes on a logarithmic axis


class CostPlot(QWidget):
    """Draws the costs of a run; every point is a measurement.

    ``log_changed`` and ``accuracy_changed`` tell how its two switches stand.
    """

    log_changed = Signal(bool)
    accuracy_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(300, 130)
        self._theme: Theme = DARK
        self._costs = CostHistory()
        self._log = False
        self._legend = QLabel()
        self._legend.setTextFormat(Qt.TextFormat.RichText)
        self._legend.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._log_button = _toggle("log", "Logarithmic cost axis")
        self._accuracy_button = _toggle("accuracy", "Show the accuracy as second curves")
        self._log_button.toggled.connect(self._set_log)
        self._accuracy_button.toggled.connect(self._set_accuracy)
        self._build_plot()
        self._build()
        self.set_theme(DARK)

    def _build_plot(self) -> None:
        axes = {"bottom": _UpdateAxis("bottom"), "left": _CostAxis("left")}
        self._plot = pg.PlotWidget(axisItems=axes)
        self._item = self._plot.getPlotItem()
        self._item.setMenuEnabled(False)
        self._item.hideButtons()
        self._item.setLabel("bottom", "update")
        self._item.setLabel("left", "cost")
        self._item.setLimits(xMin=0)
        self._item.getAxis("left").enableAutoSIPrefix(False)
        self._item.getAxis("bottom").enableAutoSIPrefix(False)
        self._batch, self._train, self._test = (
            self._item.plot([], [], antialias=anti) for anti in (False, True, True)
        )
        # A second view over the first, with the accuracy's own axis.
        self._right = pg.ViewBox(enableMenu=False)
        self._right.setMouseEnabled(False, False)
        self._item.showAxis("right")
        self._item.scene().addItem(self._right)
        self._item.getAxis("right").linkToView(self._right)
        self._item.getAxis("right").setLabel("accuracy")
        self._right.setXLink(self._item)
        self._right.setYRange(0, 1, padding=0.02)
        self._accuracies = [pg.PlotCurveItem(antialias=True) for _ in range(2)]
        for curve in self._accuracies:
            self._right.addItem(curve)
        self._item.vb.sigResized.connect(self._follow_size)
        self._cursor = pg.InfiniteLine(angle=90, movable=False)
        self._cursor.hide()
        self._item.addItem(self._cursor, ignoreBounds=True)
        self._item.hideAxis("right")
        self._right.hide()
        self._item.scene().sigMouseMoved.connect(self._read)
        self._item.vb.sigXRangeChanged.connect(self._draw_batch)

    def _build(self) -> None:
        self._title = QLabel("Cost")
        head = QHBoxLayout()
        head.setContentsMargins(14, 6, 10, 0)
        head.setSpacing(8)
        head.addWidget(self._title)
        head.addWidget(self._legend, 1)
        head.addWidget(self._accuracy_button)
        head.addWidget(self._log_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._plot, 1)

    def show_costs(self, costs: CostHistory) -> None:
        """Draw what has been measured by now."""
        self._costs = costs
        totals = costs.totals
        x = np.array([t.update for t in totals], float)
        self._train.setData(*_known(x, np.array([self._shown(t.train) for t in totals])))
        self._test.setData(*_known(x, np.array([self._shown(t.test) for t in totals])))
        if self._accuracy_button.isChecked():
            self._draw_accuracy(x, totals)
        self._draw_batch()
        if not self._cursor.isVisible():
            self._show_values()

    def set_theme(self, theme: Theme) -> None:
        """Take another theme's colours."""
        self._theme = theme
        self._plot.setBackground(theme.canvas)
        axis = pg.mkPen(mix(theme.border, theme.muted, 0.35))
        for name in ("left", "bottom", "right"):
            axis_item = self._item.getAxis(name)
            axis_item.setPen(axis)
            axis_item.setTextPen(theme.muted)
            axis_item.setStyle(tickFont=font(11), tickLength=-4)
            axis_item.label.setFont(font(11))
        self._item.showGrid(y=True, alpha=0.12)
        # Pens wider than a pixel are several times dearer; few points are drawn with these.
        self._batch.setPen(pg.mkPen(mix(theme.muted, theme.canvas, 0.4), width=1))
        self._train.setPen(pg.mkPen(theme.positive, width=2.2))
        self._test.setPen(pg.mkPen(theme.negative, width=2.2))
        for curve, colour in zip(self._accuracies, (theme.positive, theme.negative), strict=True):
            curve.setPen(pg.mkPen(colour, width=1.4, style=Qt.PenStyle.DashLine))
        self._cursor.setPen(pg.mkPen(theme.muted, width=1, style=Qt.PenStyle.DotLine))
        self._legend.setFont(font(12))
        self._show_values()

    def set_log(self, on: bool) -> None:
        """Switch the logarithmic cost axis."""
        self._log_button.setChecked(on)

    def set_accuracy(self, on: bool) -> None:
        """Switch the accuracy curves."""
        self._accuracy_button.setChecked(on)

    def curve_data(self, name: str) -> tuple[Floats, Floats]:
        """x and y of a curve as drawn: ``batch``, ``train``, ``test`` or the accuracies."""
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
    def values_text(self) -> str:
        """The values shown: those under the pointer, or the latest."""
        return self._legend.text()

    def _shown(self, cost: float) -> float:
        return float(np.log10(max(cost, _LEAST_COST))) if self._log and cost == cost else cost

    def _draw_batch(self) -> None:
        """Draw the visible part of the mini-batch costs, two points per pixel at the most."""
        n = len(self._costs)
        buckets = max(self._plot.width() // 2, 50)
        first, last = 1, n
        if not self._item.vb.autoRangeEnabled()[0]:
            low, high = self._item.vb.viewRange()[0]
            first, last = max(int(low), 1), min(int(high) + 1, n)
        outline = self._costs.outline(first, last, buckets)
        x = np.repeat(outline.x, 2)
        y = np.empty(2 * len(outline.x))
        y[0::2], y[1::2] = outline.low, outline.high
        if self._log:
            y = np.log10(np.maximum(y, _LEAST_COST))
        self._batch.setData(x, y)

    def _draw_accuracy(self, x: Floats, totals: list[TotalCost]) -> None:
        for curve, values in zip(
            self._accuracies,
            ([t.train_accuracy for t in totals], [t.test_accuracy for t in totals]),
            strict=True,
        ):
            known_x, known = _known(x, np.array(values, float))
            curve.setData(known_x, known)

    def _set_log(self, on: bool) -> None:
        self._log = on
        self._item.getAxis("left").setLogMode(on)
        self._item.enableAutoRange()
        self.show_costs(self._costs)
        self.log_changed.emit(on)

    def _set_accuracy(self, on: bool) -> None:
        self._right.setVisible(on)
        self._item.showAxis("right", on)
        self._follow_size()
        self.show_costs(self._costs)
        self.accuracy_changed.emit(on)

    def _follow_size(self) -> None:
        self._right.setGeometry(QRectF(self._item.vb.sceneBoundingRect()))

    def _read(self, where: QPointF) -> None:
        """Show the values under the pointer."""
        inside = self._item.vb.sceneBoundingRect().contains(where) and len(self._costs)
        self._cursor.setVisible(bool(inside))
        if not inside:
            self._show_values()
            return
        x = self._item.vb.mapSceneToView(where).x()
        update = int(np.clip(round(x), 1, len(self._costs)))
        self._cursor.setValue(update)
        self._show_values(update)

    def _show_values(self, update: int | None = None) -> None:
        """Let the legend say the values at an update (without one, the latest)."""
        costs, totals, theme = self._costs, self._costs.totals, self._theme
        at = update or len(costs)
        batch = number(float(costs.batch_costs[at - 1])) if 0 < at <= len(costs) else ""
        total = min(totals, key=lambda t: abs(t.update - at)) if totals else None
        wide = self.width() > 640
        self._title.setVisible(self.width() > 500)
        of = "total, " if wide else ""
        entries = [
            ("mini-batch", batch, theme.muted),
            (f"{of}train", _known_text(total and total.train), theme.positive),
            (f"{of}test", _known_text(total and total.test), theme.negative),
        ]
        known = total is not None and total.test_accuracy == total.test_accuracy
        if total is not None and known and self.width() > (680 if update else 560):
            entries.append(("accuracy", f"{total.test_accuracy:.1%}", theme.negative))
        spans = [f"update {update:,}"] if update else []
        spans += [
            f'<span style="color:{colour}">{name} <b>{value}</b></span>'
            for name, value, colour in entries
        ]
        self._legend.setText("&nbsp; ".join(spans))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More room lets the legend use longer names."""
        super().resizeEvent(event)
        self._show_values()

    def leaveEvent(self, event: object) -> None:
        """Show the latest values again."""
        del event
        self._cursor.hide()
        self._show_values()


class _UpdateAxis(pg.AxisItem):  # type: ignore[misc]
    """An axis of whole updates."""

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
        """pyqtgraph's spacings, but none below one update."""
        spacings = super().tickSpacing(low, high, size)
        return [(max(spacing, 1.0), offset) for spacing, offset in spacings]


class _CostAxis(pg.AxisItem):  # type: ignore[misc]
    """An axis of costs whose logarithmic ticks do not crowd each other."""

    def logTickValues(
        self, low: float, high: float, size: float, ticks: object
    ) -> list[tuple[float | None, list[float]]]:
        """Powers of ten; where these are few also 2 and 5, then all figures, then an even scale."""
        del size, ticks
        for steps in ((1,), (1, 2, 5), range(1, 10)):
            powers = range(math.floor(low), math.ceil(high) + 1)
            values = [power + math.log10(step) for power in powers for step in steps]
            inside = [value for value in values if low <= value <= high]
            if len(inside) >= 3:
                return [(None, inside)]
        return [(None, np.log10(np.linspace(10**low, 10**high, 5)[1:-1]).tolist())]

    def logTickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Costs as they are written elsewhere."""
        del scale, spacing
        return [number(10.0**value, 2) for value in values]


def _known_text(value: float | None) -> str:
    return number(value) if value is not None and value == value else "–"


def _known(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """The points that were measured."""
    known = np.isfinite(y)
    return x[known], y[known]


def _toggle(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName("flat")
    button.setText(text)
    button.setToolTip(tip)
    button.setCheckable(True)
    return button
