"""A QGraphicsScene with an item for every edge: the usual way to draw a network, in a process.

It is drawn in a process of its own, as Qt comes or without the thread pool that makes it slow on
few cores, which the program does without too and which Qt decides about once.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from itertools import cycle, pairwise
from pathlib import Path

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
from explorer.views.network.network_view import NetworkView
from explorer.views.palette import DARK
from explorer.views.theme import prepare

SIZE = 1600, 1000
_MOMENTS = 7


class Peer:
    """Draws a frame in its process for each line that it is sent.

    Parameters
    ----------
    units
        Of each layer, from the inputs on.
    pool
        Whether Qt may use its thread pool.
    """

    def __init__(self, units: tuple[int, ...], *, pool: bool) -> None:
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
        environment.pop("QT_NO_GUI_THREADPOOL", None)
        if not pool:
            environment["QT_NO_GUI_THREADPOOL"] = "1"
        self._process = subprocess.Popen(
            [sys.executable, "-m", __spec__.name, repr(units)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=Path(__file__).parents[2],
        )

    def frame(self) -> float:
        """One more frame, with new weights."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline()
        return 1

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate("")


def _be_peer(units: tuple[int, ...]) -> None:
    """Draw a frame for each line read, and say so."""
    prepare(QApplication([]))
    view, moments = NetworkView(), moments_of(units)
    view.resize(*SIZE)
    view.show_moment(moments[0])
    layout = view.layout_now
    assert layout is not None
    scene = _Scene(layout)
    for _, moment in zip(sys.stdin, cycle(moments), strict=False):
        scene.show(moment)
        draw(scene.widget)
        print("drawn", flush=True)


class _Scene:
    """An item for every edge and every neuron, with a pen or brush of its own."""

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


def draw(widget: QWidget) -> None:
    """Draw a widget into an image."""
    widget.render(QImage(widget.size(), QImage.Format.Format_RGB32), QPoint())


def moments_of(units: tuple[int, ...]) -> list[Moment]:
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
    return [Moment(dataset, trainer.advance_traced(totals=False), beat, 0) for _ in range(_MOMENTS)]


if __name__ == "__main__":
    _be_peer(ast.literal_eval(sys.argv[1]))
