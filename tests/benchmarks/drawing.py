"""How long a frame of the drawing takes, beside a QGraphicsScene with an item for every edge.

Run as ``python tests/benchmarks/drawing.py`` (``QT_QPA_PLATFORM=offscreen`` and
``QT_NO_GUI_THREADPOOL=1`` are set where they are not), or call `measure` for each network of
`NETWORKS`. Only ratios within one run compare: both kinds of frame are measured in turn.
"""

from __future__ import annotations

import os
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")

from itertools import pairwise
from typing import Any

import numpy as np
from PySide6.QtCore import QLineF, QPoint, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QApplication, QFrame, QGraphicsScene, QGraphicsView, QWidget

from explorer.core.beats import parse_beat
from explorer.core.data.dataset import Dataset, Part
from explorer.core.experiment import Builtin, Experiment, Layer, NetworkSpec
from explorer.core.moment import Moment
from explorer.core.trainer import Trainer
from explorer.views.network import ink
from explorer.views.network.geometry import Layout
from explorer.views.network.kernels import kernels
from explorer.views.network.network_view import NetworkView
from explorer.views.palette import DARK
from explorer.views.theme import prepare

NETWORKS: dict[str, tuple[int, ...]] = {
    "6 x 8 units": (2, 8, 8, 8, 8, 8, 8, 1),
    "784-16-16-10": (784, 16, 16, 10),
    "784-128-64-10": (784, 128, 64, 10),
}
SIZE = 1600, 1000


def measure(units: tuple[int, ...], frames: int = 15) -> dict[str, float]:
    """Median milliseconds of a frame that shows new weights, ours and of an item for every edge.

    Returns
    -------
    dict
        ``edges`` drawn, ``peer_ms``, ``ours_ms`` at rest and ``live_ms`` while training runs,
        ``hover_ms`` of a frame in which nothing has changed, and ``ratio``, how many of our
        frames (at rest) take as long as one of the peer's.
    """
    _application()
    kernels.wait()
    view, moments = NetworkView(), _moments(units, frames + 1)
    view.set_animated(False)
    view.resize(*SIZE)
    view.show_moment(moments[0])
    layout = view.layout_now
    assert layout is not None
    peer = Peer(layout)
    times: dict[str, list[float]] = {"peer_ms": [], "ours_ms": [], "live_ms": [], "hover_ms": []}
    for moment in moments:
        live = Moment(moment.dataset, moment.trace, moment.beat, 0, live=True)
        times["peer_ms"].append(_timed(lambda m=moment: peer.show(m), peer.widget))
        times["live_ms"].append(_timed(lambda m=live: view.show_moment(m), view))
        times["ours_ms"].append(_timed(lambda m=moment: view.show_moment(m), view))
        times["hover_ms"].append(_timed(lambda: None, view))
    result = {name: 1e3 * float(np.median(found[1:])) for name, found in times.items()}
    result["edges"] = float(len(peer.lines))
    result["ratio"] = result["peer_ms"] / result["ours_ms"]
    return result


class Peer:
    """The usual way: an item for every edge and every neuron, with a pen or brush of its own."""

    def __init__(self, layout: Layout) -> None:
        self._scene = QGraphicsScene()
        self._layout = layout
        self._view = QGraphicsView(self._scene)
        self._view.setFrameShape(QFrame.Shape.NoFrame)
        self._view.resize(*SIZE)
        self._view.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._view.setSceneRect(QRectF(0, 0, *SIZE))
        self._view.setBackgroundBrush(QColor(DARK.canvas))
        self.lines = []
        for layer in range(1, len(layout.columns)):
            (x0, y0, _), (x1, y1, _) = layout.ends(layer - 1), layout.ends(layer)
            for t, s in np.ndindex(len(x1), len(x0)):
                line = QLineF(float(x0[s]), float(y0[s]), float(x1[t]), float(y1[t]))
                self.lines.append(self._scene.addLine(line))
        for layer, column in enumerate(layout.columns):
            r = column.radius if layer or layout.grid is None else layout.grid.cell / 2
            for x, y in zip(*layout.ends(layer)[:2], strict=True):
                self._scene.addEllipse(x - r, y - r, 2 * r, 2 * r, QPen(), QColor(DARK.full))

    @property
    def widget(self) -> QWidget:
        """What is painted."""
        return self._view.viewport()

    def show(self, moment: Moment) -> None:
        """Give every edge the pen of its new weight."""
        lines = iter(self.lines)
        for (before, column), values in zip(
            pairwise(self._layout.columns), moment.trace.layers, strict=True
        ):
            shown = values.weight_after[np.ix_(column.shown, before.shown)].ravel()
            shares = np.minimum(np.abs(shown), 1.0)
            alphas = ink.opacity(shares, ink.PLAIN, quiet=False).tolist()
            widths = ink.width(shares, chosen=False, quiet=False).tolist()
            for value, alpha, width in zip(shown.tolist(), alphas, widths, strict=True):
                colour = QColor(DARK.positive if value > 0 else DARK.negative)
                colour.setAlphaF(alpha)
                next(lines).setPen(QPen(colour, width))


def _timed(change: Any, widget: QWidget) -> float:
    image = QImage(widget.size(), QImage.Format.Format_RGB32)
    start = time.perf_counter()
    change()
    widget.render(image, QPoint())
    return time.perf_counter() - start


def _moments(units: tuple[int, ...], count: int) -> list[Moment]:
    """Moments of a real run on random examples; of images, where there are 784 inputs."""
    random = np.random.default_rng(0)
    inputs = random.uniform(0, 1, (64, units[0]))
    classes = np.arange(64) % max(units[-1], 2)
    targets = np.eye(max(units[-1], 2))[classes][:, : units[-1]]
    dataset = Dataset(
        name="digits",
        train=Part(inputs, targets, classes),
        test=Part(inputs[:1], targets[:1], classes[:1]),
        input_names=tuple(f"{k + 1}" for k in range(units[0])),
        labels=tuple(f"{k}" for k in range(max(units[-1], 2))),
        image_size=(28, 28) if units[0] == 784 else None,
        about="",
    )
    layers = tuple(Layer(n, "sigmoid") for n in units[1:])
    trainer = Trainer(Experiment(data=Builtin("digits"), network=NetworkSpec(layers)), dataset)
    beat = parse_beat("update", len(layers))
    return [Moment(dataset, trainer.advance_traced(totals=False), beat, 0) for _ in range(count)]


def _application() -> None:
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    prepare(app)


if __name__ == "__main__":
    for name, units in NETWORKS.items():
        found = measure(units)
        print(name, {key: round(value, 2) for key, value in found.items()})
