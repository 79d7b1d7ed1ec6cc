"""Appending costs to a long run and painting its plot, beside plain pyqtgraph curves."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QApplication, QWidget

from explorer.core.cost_history import CostHistory, TotalCost
from explorer.core.data.dataset import Floats
from explorer.views.cost_plot import CostPlot
from tests.benchmarks.race import Contender, Figure, race

_POINTS = 1_000_000
_APPENDED = 25
_TOTALS = 500
_SIZE = 900, 240


def figures(seconds: float) -> Iterator[Figure]:
    """At a million points, and how much the length matters."""
    costs = _costs(_POINTS)
    contenders = [
        Contender("plain pyqtgraph curve", _curve(costs)),
        Contender("pyqtgraph's downsampling, clipped", _curve(costs, downsampled=True)),
        Contender("cost plot, all curves, axes, legend", _cost_plot(costs), target=25),
    ]
    yield from race("plot", f"{_POINTS:,} points", contenders, "ms", seconds)
    lengths = [
        Contender(f"cost plot of {n:,}", _cost_plot(_costs(n))) for n in (10_000_000, 10_000)
    ]
    yield from race("plot", "of any length", lengths, "ms", seconds)
    history = CostHistory()
    history.extend(1, _costs(10_000_000))
    mebibytes = history.nbytes / 2**20
    yield Figure("plot", "10,000,000 points", "memory of the costs", mebibytes, "MiB")


def _costs(n: int) -> Floats:
    """Falling and noisy."""
    random = np.random.default_rng(0)
    return (np.exp(-3 * np.arange(n) / n) * random.uniform(0.7, 1.3, n)).astype(np.float32)


def _shown(widget: QWidget) -> None:
    widget.resize(*_SIZE)
    widget.show()
    QApplication.processEvents()


def _curve(costs: Floats, *, downsampled: bool = False) -> Callable[[], float]:
    plot = pg.PlotWidget()
    x = np.arange(len(costs), dtype=float)
    curve = plot.plot(x, costs)
    if downsampled:  # set after the curve is in its plot; before, it is ignored
        curve.setDownsampling(auto=True, method="peak")
        curve.setClipToView(True)
    _shown(plot)

    def run() -> float:
        curve.setData(x, costs)
        QApplication.processEvents()
        return plot.isVisible()  # what nobody holds would be deleted

    return run


def _cost_plot(costs: Floats) -> Callable[[], float]:
    history, plot = CostHistory(), CostPlot()
    history.extend(1, costs)
    for update in np.linspace(0, len(costs), _TOTALS).astype(int).tolist():
        cost = float(np.exp(-3 * update / len(costs)))
        history.measure(TotalCost(update, cost, 1.1 * cost, 0.5, 0.5))
    _shown(plot)
    plot.show_costs(history)

    def run() -> float:
        history.extend(len(history) + 1, costs[-_APPENDED:])
        plot.show_costs(history)
        QApplication.processEvents()
        return 1

    return run
