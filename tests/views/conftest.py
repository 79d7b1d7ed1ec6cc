"""Moments made by hand, and ways to read back what a widget has painted.

The network of a moment is worked out here in numpy from the formulas of the field, so that a
picture can be compared with numbers that the program did not make.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from msgspec import Struct
from PySide6.QtCore import QBuffer, QEvent, QIODevice, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from explorer.core.beats import parse_beat
from explorer.core.data.dataset import Dataset, Part
from explorer.core.experiment import (
    Builtin,
    Experiment,
    Layer,
    MiniBatch,
    NetworkSpec,
    Regularization,
    Sgd,
)
from explorer.core.moment import Moment
from explorer.core.trace import LayerTrace, Surface, Trace
from explorer.views.palette import DARK, LIGHT, Theme
from explorer.views.theme import font

Array = np.ndarray[Any, Any]

_erf = np.vectorize(math.erf, otypes=[float])


def _sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def _softmax(z: Array) -> Array:
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


SIGMA: dict[str, Callable[[Array], Array]] = {
    "linear": lambda z: z * 1.0,
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.maximum(z, 0.01 * z),
    "elu": lambda z: np.where(z > 0, z, np.exp(np.minimum(z, 0)) - 1),
    "gelu": lambda z: z * (1 + _erf(z / 2**0.5)) / 2,
    "silu": lambda z: z * _sigmoid(z),
    "softplus": lambda z: np.log(1 + np.exp(z)),
    "softmax": _softmax,
}
SLOPE: dict[str, Callable[[Array], Array]] = {
    "linear": lambda z: np.ones_like(z),
    "sigmoid": lambda z: _sigmoid(z) * (1 - _sigmoid(z)),
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "relu": lambda z: (z > 0) * 1.0,
    "leaky_relu": lambda z: np.where(z > 0, 1.0, 0.01),
    "elu": lambda z: np.where(z > 0, 1.0, np.exp(np.minimum(z, 0))),
    "gelu": lambda z: (1 + _erf(z / 2**0.5)) / 2 + z * np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi),
    "silu": lambda z: _sigmoid(z) * (1 + z * (1 - _sigmoid(z))),
    "softplus": _sigmoid,
}
TERMS: dict[str, Callable[[Array, Array], Array]] = {
    "squared_error": lambda a, y: (a - y) ** 2,
    "half_squared_error": lambda a, y: (a - y) ** 2 / 2,
    "mean_squared_error": lambda a, y: (a - y) ** 2 / y.shape[1],
    "binary_cross_entropy": lambda a, y: -(y * np.log(a) + (1 - y) * np.log(1 - a)) / y.shape[1],
    "cross_entropy": lambda a, y: -y * np.log(a),
}
TERM_SLOPE: dict[str, Callable[[Array, Array], Array]] = {
    "squared_error": lambda a, y: 2 * (a - y),
    "half_squared_error": lambda a, y: a - y,
    "mean_squared_error": lambda a, y: 2 * (a - y) / y.shape[1],
    "binary_cross_entropy": lambda a, y: (a - y) / (a * (1 - a)) / y.shape[1],
    "cross_entropy": lambda a, y: -y / a,
}

# The parameters of the 2-3-2 network: signs of both kinds in every place, sizes apart.
WEIGHTS = (
    ((0.8, -0.4), (-0.6, 0.5), (0.3, 0.9)),
    ((0.7, -0.5, 0.4), (-0.3, 0.6, -0.9)),
)
BIASES = ((0.5, -0.7, 0.2), (-0.4, 0.3))


class Text(Struct, frozen=True):
    """Words painted in one go: where they begin, and their colour."""

    words: str
    x: float
    y: float
    colour: str


# Data sets ------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def plane() -> Dataset:
    """Ten points of two classes, one output for each class."""
    points = np.array(
        [
            (0.25, 0.5), (-0.5, 0.25), (0.75, -0.25), (-0.25, -0.75), (0.125, -0.5),
            (0.5, 0.75), (-0.75, -0.375), (-1.0, 0.5), (1.0, 0.125), (0.0, 0.875),
        ]
    )  # fmt: skip
    classes = np.array([0, 1, 0, 1, 1, 0, 1, 1, 0, 0])
    return Dataset(
        name="circles",
        train=Part(points.copy(), np.eye(2)[classes], classes, points),
        test=Part(np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(0, int), np.zeros((0, 2))),
        input_names=("x", "y"),
        labels=("ring", "disc"),
        about="Ten points.",
    )


@pytest.fixture(scope="session")
def one_output(plane: Dataset) -> Dataset:
    """The points of ``plane`` with one output that says disc."""
    classes = plane.train.classes
    assert classes is not None
    train = Part(plane.train.inputs, classes[:, None] * 1.0, classes, plane.train.points)
    test = Part(np.zeros((0, 2)), np.zeros((0, 1)), np.zeros(0, int), np.zeros((0, 2)))
    return Dataset("circles", train, test, ("x", "y"), ("ring", "disc"), about="Ten points.")


@pytest.fixture(scope="session")
def images_of() -> Callable[[int, int], Dataset]:
    """Build nine images of a size with three labels, every pixel from 0 to 1 by a formula."""

    def build(width: int, height: int) -> Dataset:
        pixel = np.arange(width * height)
        inputs = np.array([((pixel * (k + 3) + 2 * k) % 17) / 16 for k in range(9)])
        classes = np.arange(9) % 3
        return Dataset(
            name="digits",
            train=Part(inputs, np.eye(3)[classes], classes),
            test=Part(np.zeros((0, width * height)), np.zeros((0, 3)), np.zeros(0, int)),
            input_names=tuple(f"pixel {k + 1}" for k in pixel),
            labels=("zero", "one", "two"),
            image_size=(width, height),
            about="Nine images.",
        )

    return build


@pytest.fixture(scope="session")
def table_of() -> Callable[..., Dataset]:
    """Build a table of numbers to predict: so many inputs and outputs, no classes."""

    def build(n_inputs: int, n_outputs: int = 1, examples: int = 10) -> Dataset:
        random = np.random.default_rng(4)
        inputs = random.normal(0, 1, (examples, n_inputs))
        targets = random.uniform(0.1, 0.9, (examples, n_outputs))
        return Dataset(
            name="table",
            train=Part(inputs, targets),
            test=Part(np.zeros((0, n_inputs)), np.zeros((0, n_outputs))),
            input_names=tuple(f"column {k + 1}" for k in range(n_inputs)),
            about="A table.",
        )

    return build


# Moments --------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def moment_of(plane: Dataset) -> Callable[..., Moment]:
    """Build a moment; without arguments of a 2-3-2 network and examples 7, 2, 5 and 0.

    ``weights`` and ``biases`` replace the network's own, ``members`` the examples of the
    mini-batch; ``grid`` is the number of points a side of the decision surface.
    """

    def build(
        beat: str = "mini_batch",
        *,
        dataset: Dataset = plane,
        layers: Sequence[tuple[int, str]] = ((3, "tanh"), (2, "sigmoid")),
        weights: Sequence[Any] | None = None,
        biases: Sequence[Any] | None = None,
        members: Sequence[int] = (7, 2, 5, 0),
        example: int = 0,
        live: bool = False,
        loss: str = "squared_error",
        rate: float = 0.5,
        l2: float = 0.0,
        totals: bool = True,
        grid: int = 21,
        **parts: Any,
    ) -> Moment:
        n = len(dataset.train)
        offset = min(4, n - len(members))
        rest = [i for i in range(n) if i not in members]
        order = np.array([*rest[:offset], *members, *rest[offset:]])
        experiment = Experiment(
            data=Builtin(name="digits" if dataset.image_size else "circles"),
            network=NetworkSpec(tuple(Layer(units, activation) for units, activation in layers)),  # type: ignore[arg-type]
            loss=loss,  # type: ignore[arg-type]
            optimizer=parts.pop("optimizer", Sgd(learning_rate=rate)),
            regularization=Regularization("l2", l2) if l2 else Regularization(),
            mini_batch=MiniBatch(size=len(members)),
        )
        before = _parameters(dataset.n_inputs, layers, weights, biases)
        names = [activation for _, activation in layers]
        inputs, targets = dataset.train.inputs[order], dataset.train.targets[order]
        here = slice(offset, offset + len(members))
        traced, terms = _backpropagated(before, names, inputs[here], targets[here], loss, rate, l2)
        after = [(layer.weight_after, layer.bias_after) for layer in traced]
        costs_after = _costs(after, names, inputs, targets, loss)
        trace = Trace(
            experiment=experiment,
            update=parts.pop("update", 12),
            epoch=parts.pop("epoch", 3),
            mini_batch=2,
            mini_batches=-(-n // len(members)),
            indices=np.array(members),
            order=order,
            offset=offset,
            inputs=inputs[here],
            targets=targets[here],
            layers=tuple(traced),
            loss_terms=terms,
            losses=terms.sum(axis=1),
            batch_cost=float(terms.sum(axis=1).mean()),
            batch_cost_after=float(costs_after[here].mean()),
            total_cost_before=(
                float(_costs(before, names, inputs, targets, loss).mean()) if totals else None
            ),
            total_cost_after=float(costs_after.mean()) if totals else None,
            penalty=l2 / 2 * float(sum((w**2).sum() for w, _ in before)),
            device="cpu",
            dtype="float64",
            surface=_surface(dataset, before, after, names, grid),
        )
        assert not parts, f"not known: {parts}"
        return Moment(dataset, trace, parse_beat(beat, len(layers)), example, live)

    return build


def _parameters(
    n_inputs: int, layers: Sequence[tuple[int, str]], weights: Any, biases: Any
) -> list[tuple[Array, Array]]:
    units = [n_inputs, *(n for n, _ in layers)]
    if units == [2, 3, 2]:
        weights = WEIGHTS if weights is None else weights
        biases = BIASES if biases is None else biases
    random = np.random.default_rng(8)
    if weights is None:
        weights = [random.normal(0, 0.7, (n, m)) for m, n in pairwise(units)]
    if biases is None:
        biases = [random.normal(0, 0.5, n) for n in units[1:]]
    return [(np.array(w, float), np.array(b, float)) for w, b in zip(weights, biases, strict=True)]


def _forward(
    parameters: list[tuple[Array, Array]], names: list[str], inputs: Array
) -> tuple[list[Array], list[Array]]:
    """z of each layer, and a of each layer with the inputs first."""
    sums, activations = [], [inputs]
    for (weight, bias), name in zip(parameters, names, strict=True):
        sums.append(activations[-1] @ weight.T + bias)
        activations.append(SIGMA[name](sums[-1]))
    return sums, activations


def _backpropagated(
    parameters: list[tuple[Array, Array]],
    names: list[str],
    inputs: Array,
    targets: Array,
    loss: str,
    rate: float,
    l2: float,
) -> tuple[list[LayerTrace], Array]:
    """All layers by the four equations of backpropagation, and the terms of the cost."""
    sums, activations = _forward(parameters, names, inputs)
    by_activation = TERM_SLOPE[loss](activations[-1], targets)
    traced: list[LayerTrace] = []
    for at in reversed(range(len(parameters))):
        weight, bias = parameters[at]
        if names[at] == "softmax":
            delta = activations[-1] * targets.sum(axis=1, keepdims=True) - targets
        else:
            delta = by_activation * SLOPE[names[at]](sums[at])
        weight_gradient = delta.T @ activations[at] / len(inputs) + l2 * weight
        bias_gradient = delta.mean(axis=0)
        layer = LayerTrace(
            z=sums[at],
            activation=activations[at + 1].copy(),
            delta=delta,
            activation_gradient=by_activation,
            weight_before=weight.copy(),
            weight_gradient=weight_gradient,
            weight_after=weight - rate * weight_gradient,
            bias_before=bias.copy(),
            bias_gradient=bias_gradient,
            bias_after=bias - rate * bias_gradient,
        )
        traced.insert(0, layer)
        by_activation = delta @ weight
    return traced, TERMS[loss](activations[-1], targets)


def _costs(
    parameters: list[tuple[Array, Array]],
    names: list[str],
    inputs: Array,
    targets: Array,
    loss: str,
) -> Array:
    return TERMS[loss](_forward(parameters, names, inputs)[1][-1], targets).sum(axis=1)


def _surface(
    dataset: Dataset,
    before: list[tuple[Array, Array]],
    after: list[tuple[Array, Array]],
    names: list[str],
    grid: int,
) -> Surface | None:
    if dataset.train.points is None:
        return None
    side = np.linspace(-dataset.extent, dataset.extent, grid)
    points = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    drawn = [
        _forward(parameters, names, points)[1][-1].T.reshape(-1, grid, grid)
        for parameters in (before, after)
    ]
    return Surface(dataset.extent, *drawn)


# Reading back ---------------------------------------------------------------------------------


@pytest.fixture(params=[DARK, LIGHT], ids=["dark", "light"])
def theme(request: pytest.FixtureRequest) -> Theme:
    """Each of the two themes."""
    chosen = request.param
    assert isinstance(chosen, Theme)
    return chosen


@pytest.fixture(scope="session")
def between() -> Callable[[str, str, float], Array]:
    """The colour a share of the way from one ``#rrggbb`` to another: c = a + (b − a)·share."""

    def blend(first: str, second: str, share: float) -> Array:
        a, b = (np.array([int(c[k : k + 2], 16) for k in (1, 3, 5)]) for c in (first, second))
        return np.rint(a + (b - a) * share)

    return blend


@pytest.fixture(scope="session")
def share_between() -> Callable[[Any, str, str], float]:
    """How far a pixel lies on the way from one colour to another; fails beside the way."""

    def measure(pixel: Any, first: str, second: str) -> float:
        a, b = (np.array([int(c[k : k + 2], 16) for k in (1, 3, 5)]) for c in (first, second))
        way = (b - a).astype(float)
        share = float((np.asarray(pixel, float) - a) @ way / (way @ way))
        beside = np.abs(a + way * share - pixel).max()
        assert beside <= 6, f"{pixel} is {beside:.1f} beside the way from {first} to {second}"
        return share

    return measure


def array_of(image: QImage) -> Array:
    """The pixels of an image, (H, W, 3)."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


@pytest.fixture(scope="session")
def image_pixels() -> Callable[[QImage], Array]:
    """The pixels of an image, (H, W, 3)."""
    return array_of


@pytest.fixture(scope="session")
def pixels() -> Callable[[QWidget], Array]:
    """The pixels that a widget paints, (H, W, 3), one per point."""

    def grab(widget: QWidget) -> Array:
        picture = array_of(widget.grab().toImage())
        assert picture.shape[:2] == (widget.height(), widget.width())
        return picture

    return grab


@pytest.fixture(scope="session")
def texts() -> Callable[[QWidget], list[Text]]:
    """The words that a widget paints, in order, read from a vector picture of it."""

    def read(widget: QWidget) -> list[Text]:
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setSize(widget.size())
        generator.setViewBox(widget.rect())
        widget.render(generator, QPoint())
        groups = ElementTree.fromstring(buffer.data().data()).iter(f"{_SVG}g")
        return [text for group in groups for text in _texts_of(group)]

    return read


_SVG = "{http://www.w3.org/2000/svg}"


def _texts_of(group: ElementTree.Element) -> list[Text]:
    """The texts of one group; words that follow on each other without a gap are one text."""
    numbers = group.get("transform", "matrix(1,0,0,1,0,0)")[len("matrix(") : -1].split(",")
    a, _, _, d, e, f = map(float, numbers)
    found: list[Text] = []
    end = (-1e9, -1e9)
    for item in group.findall(f"{_SVG}text"):
        x, y = float(item.get("x", 0)), float(item.get("y", 0))
        words = (item.text or "").removeprefix("\n ")
        if abs(end[0] - x) < 2 and abs(end[1] - y) < 1:
            begun = found.pop()
            found.append(Text(begun.words + words, begun.x, begun.y, begun.colour))
        else:
            found.append(Text(words, a * x + e, d * y + f, item.get("fill", "")))
        end = x + QFontMetricsF(_font(item)).horizontalAdvance(words), y
    return found


def _font(item: ElementTree.Element) -> QFont:
    bold = int(item.get("font-weight", "400")) > 400
    return font(float(item.get("font-size", "12")), item.get("font-family", ""), bold=bold)


@pytest.fixture(scope="session")
def words(texts: Callable[[QWidget], list[Text]]) -> Callable[[QWidget], list[str]]:
    """The words that a widget paints, without their places."""
    return lambda widget: [text.words for text in texts(widget)]


@pytest.fixture
def sized(qtbot: QtBot) -> Iterator[Callable[[QWidget, int, int], None]]:
    """Show a widget in a size, within a window, as it is in the program."""
    windows: list[QWidget] = []  # what nobody holds is deleted, and its children with it

    def give(widget: QWidget, width: int, height: int) -> None:
        window = QWidget()
        qtbot.addWidget(window)
        windows.append(window)
        window.resize(width, height)
        widget.setParent(window)
        widget.resize(width, height)
        widget.show()
        window.show()

    yield give
    # Closed by now, and deleted only here: no event loop runs between tests.
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


class _Canvas(QWidget):
    """A widget that is painted by a function."""

    def __init__(self, paint: Callable[[QPainter], object]) -> None:
        super().__init__()
        self._paint = paint

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint(painter)


@pytest.fixture
def canvas_of(qtbot: QtBot) -> Callable[..., QWidget]:
    """Build a widget that a function paints, on the ground of a theme."""

    def build(
        paint: Callable[[QPainter], object], width: int, height: int, theme: Theme = DARK
    ) -> QWidget:
        def on_ground(painter: QPainter) -> None:
            painter.fillRect(0, 0, width, height, QColor(theme.canvas))
            paint(painter)

        widget = _Canvas(on_ground)
        qtbot.addWidget(widget)
        widget.resize(width, height)
        return widget

    return build


# Pointing -------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def hover() -> Callable[[QWidget, float, float], None]:
    """Move the pointer within a widget, no button pressed."""

    def move(widget: QWidget, x: float, y: float) -> None:
        _send(widget, QEvent.Type.MouseMove, QPointF(x, y), Qt.MouseButton.NoButton)

    return move


@pytest.fixture(scope="session")
def drag() -> Callable[[QWidget, QPointF, QPointF], None]:
    """Press the left button, move in two steps, let go."""

    def move(widget: QWidget, start: QPointF, end: QPointF) -> None:
        left = Qt.MouseButton.LeftButton
        _send(widget, QEvent.Type.MouseButtonPress, start, left)
        for where in ((start + end) / 2, end):
            _send(widget, QEvent.Type.MouseMove, where, left)
        _send(widget, QEvent.Type.MouseButtonRelease, end, left)

    return move


@pytest.fixture(scope="session")
def leave() -> Callable[[QWidget], None]:
    """Move the pointer out of a widget."""

    def send(widget: QWidget) -> None:
        QApplication.sendEvent(widget, QEvent(QEvent.Type.Leave))

    return send


@pytest.fixture(scope="session")
def turn_wheel() -> Callable[..., bool]:
    """Turn the wheel over a point, by eighths of a degree; whether the widget took it."""

    def turn(widget: QWidget, by: int, x: float = 20.0, y: float = 20.0) -> bool:
        event = QWheelEvent(
            QPointF(x, y),
            QPointF(widget.mapToGlobal(QPoint(round(x), round(y)))),
            QPoint(),
            QPoint(0, by),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        event.setAccepted(True)
        widget.wheelEvent(event)
        return event.isAccepted()

    return turn


def _send(widget: QWidget, kind: QEvent.Type, where: QPointF, button: Qt.MouseButton) -> None:
    changed = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else button
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else button
    event = QMouseEvent(
        kind,
        where,
        QPointF(widget.mapToGlobal(where.toPoint())),
        changed,
        held,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(widget, event)
