"""How long a frame of the drawing takes, beside a QGraphicsScene with an item for every edge.

Run as ``python -m tests.benchmarks.drawing [FRAMES]`` in the root of the project, or call
`measure` for each network of `NETWORKS`. Only ratios within one run compare: frames of both
kinds are measured in turn, each kind in a process of its own. The peer is measured twice: as Qt
comes, and without the thread pool that makes it slow on few cores, which the program does too.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import time
from contextlib import ExitStack

from msgspec.structs import replace

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
if __name__ != "__main__" or "--pool" not in sys.argv:
    os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")

from itertools import pairwise
from pathlib import Path
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
from explorer.views.network.edges import edges_between
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
        ``edges`` drawn; ``frame_ms`` of ours at rest, ``motion_ms`` of what a frame takes the
        window's thread while training runs, ``hover_ms`` of one in which nothing has changed;
        ``peer_ms`` of the peer as Qt comes, and ``peer_tuned_ms`` without Qt's thread pool;
        ``ratio`` and ``ratio_tuned``, how many of our frames take as long as one of the peer's.
    """
    _application()
    kernels.wait()
    view, moments = NetworkView(), _moments(units, frames + 1)
    view.set_animated(False)
    view.resize(*SIZE)
    view.show()
    names = ("peer_ms", "peer_tuned_ms", "frame_ms", "hover_ms", "motion_ms")
    times: dict[str, list[float]] = {name: [] for name in names}
    with ExitStack() as stack:
        peers = [stack.enter_context(_OtherProcess(units, pool=pool)) for pool in (True, False)]
        for moment in moments:
            times["peer_ms"].append(peers[0].frame())
            times["peer_tuned_ms"].append(peers[1].frame())
            times["frame_ms"].append(_timed(lambda m=moment: view.show_moment(m), view))
            times["hover_ms"].append(_timed(lambda: None, view))
            times["motion_ms"].append(_in_motion(view, moment))
    view.close()
    result = {name: float(np.median(found[1:])) for name, found in times.items()}
    layout = view.layout_now
    assert layout is not None
    result["edges"] = float(edges_between(layout))
    result["ratio"] = result["peer_ms"] / result["frame_ms"]
    result["ratio_tuned"] = result["peer_tuned_ms"] / result["frame_ms"]
    return result


class _OtherProcess:
    """The peer in a process of its own, that draws a frame for each line it is sent."""

    def __init__(self, units: tuple[int, ...], *, pool: bool) -> None:
        environment = dict(os.environ)
        environment.pop("QT_NO_GUI_THREADPOOL", None)
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                __spec__.name,
                "--peer",
                repr(units),
                *(["--pool"] if pool else []),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=Path(__file__).parents[2],
        )

    def frame(self) -> float:
        """Milliseconds of one more frame."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def __enter__(self) -> _OtherProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate("")


def _be_peer(units: tuple[int, ...]) -> None:
    """Draw a frame of the peer, and print its milliseconds, for each line read."""
    _application()
    view, moments = NetworkView(), _moments(units, 5)
    view.resize(*SIZE)
    view.show_moment(moments[0])
    layout = view.layout_now
    assert layout is not None
    peer = Peer(layout)
    for number, _ in enumerate(sys.stdin):
        moment = moments[number % len(moments)]
        print(_timed(lambda m=moment: peer.show(m), peer.widget), flush=True)


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


def _in_motion(view: NetworkView, moment: Moment) -> float:
    """Milliseconds that a frame of the motion takes the window's own thread."""
    live = replace(moment, live=True)
    view.show_moment(live)  # begins the motion
    start = time.perf_counter()
    view.show_moment(live)
    begun = 1e3 * (time.perf_counter() - start)
    while view.ahead.busy:
        QApplication.processEvents()
    return begun + _timed(lambda: None, view)


def _timed(change: Any, widget: QWidget) -> float:
    image = QImage(widget.size(), QImage.Format.Format_RGB32)
    start = time.perf_counter()
    change()
    widget.render(image, QPoint())
    return 1e3 * (time.perf_counter() - start)


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
    if "--peer" in sys.argv:
        _be_peer(ast.literal_eval(sys.argv[2]))
    else:
        for name, units in NETWORKS.items():
            found = measure(units, int(sys.argv[1]) if len(sys.argv) > 1 else 15)
            print(name, {key: round(value, 2) for key, value in found.items()}, flush=True)
