"""Every number that the panels show for one update of the digits, read from the real widgets and
held against what the command ``trace`` prints for it, to six digits."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QRectF, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from explorer.app.main import main
from explorer.app.main_window import MainWindow
from explorer.core.defaults import default_experiment
from explorer.core.experiment import Experiment
from explorer.core.part_of_network import Neuron, Weight

Array = np.ndarray[Any, Any]
Show = Callable[[MainWindow, Experiment], None]
TWO = 2  # the output, and the label of the example
NUMBER = re.compile(r"(?<![\w₀-₉⁰-⁹])−?\d[\d,]*\.?\d*(?:e−?\d+)?")


@pytest.fixture
def trace(capsys: pytest.CaptureFixture[str]) -> Any:
    """Update 1 of the digits, as the command line prints it."""
    assert main(["trace", "digits", "--updates", "1"]) == 0
    return json.loads(capsys.readouterr().out)


class Numbers:
    """The printed update, with the values that follow from it by the formulas of the field."""

    def __init__(self, trace: Any, example: int) -> None:
        self.trace, self.i = trace, example
        self.layers = [
            {name: np.array(value, np.float64) for name, value in layer.items()}
            for layer in trace["layers"]
        ]

    def behind(self, layer: int, k: int) -> float:
        rows = self.trace["inputs"] if layer == 1 else self.layers[layer - 2]["activation"]
        return float(rows[self.i][k])

    def weight(self, part: Weight, name: str = "weight_before") -> float:
        return float(self.layers[part.layer - 1][name][part.target, part.source])

    def unit(self, part: Neuron, name: str) -> float:
        values = self.layers[part.layer - 1][name]
        return float(values[self.i, part.index] if values.ndim == 2 else values[part.index])


def said(widget: QWidget, box: QRectF) -> str:
    """What resting the pointer on the middle of a box reads."""
    at = QPoint(round(box.center().x()), round(box.center().y()))
    QToolTip.hideText()
    event = QHelpEvent(QEvent.Type.ToolTip, at, widget.mapToGlobal(at))
    QApplication.sendEvent(widget, event)
    return QToolTip.text()


def numbers_in(text: str) -> list[float]:
    found = NUMBER.findall(text)
    return [float(word.replace("−", "-").replace(",", "")) for word in found]


def agree(got: list[float], expected: list[float]) -> None:
    assert got == pytest.approx(expected, rel=1e-6, abs=1e-12)


def beats(window: MainWindow, qtbot: QtBot) -> Iterator[str]:
    """Step through the update with the key, one beat after the other."""
    while True:
        moment = window.session.moment
        assert moment is not None
        yield str(moment.beat)
        if moment.updated:
            return
        qtbot.keyClick(window, Qt.Key.Key_Right)


def check_formulas(window: MainWindow, n: Numbers, beat: str) -> set[str]:
    neuron = Neuron(3, TWO)
    expected = {
        "b": [n.unit(neuron, "bias_before")],
        "z": [n.unit(neuron, "z")],
        "a": [n.unit(neuron, "activation")],
        "a, y": [n.unit(neuron, "activation"), 1.0],
        "its share of Cᵢ": [(n.unit(neuron, "activation") - 1.0) ** 2],
        "∂Cᵢ/∂a": [n.unit(neuron, "activation_gradient")],
        "δ = ∂Cᵢ/∂z": [n.unit(neuron, "delta")],
    }
    seen = set()
    for box, line in window.inspector.formulas.row_boxes():
        text = said(window.inspector.formulas, box)
        if not text:
            assert line.value == "…"
            assert beat in ("mini_batch", "forward:1", "forward:2")
            continue
        name = "a, y" if ", y" in text else text.rpartition(" = ")[0]
        agree(numbers_in(text), expected[name])
        seen.add(name)
    return seen


def check_bars(window: MainWindow, n: Numbers, beat: str) -> set[str]:
    """The rows of the inspector's list; returns which kinds of row were held against the trace."""
    t, neuron, seen = n.trace, Neuron(3, TWO), set()
    for box, bar in window.inspector.bars.row_boxes():
        got, part = numbers_in(said(window.inspector.bars, box)), bar.part
        delta = n.unit(neuron, "delta")
        if bar.name == "mini-batch":
            agree(got, [t["batch_cost"], t["batch_cost_after"]])
        elif bar.name == "total":
            agree(got, [t["total_cost_before"], t["total_cost_after"]])
        elif bar.name.startswith("sum: cost"):
            agree(got, [t["losses"][n.i]])
        elif bar.name.startswith("mean over"):
            agree(got, [t["batch_cost"]])
        elif bar.name.startswith("sum z"):
            agree(got, [n.unit(neuron, "z")])
        elif bar.name == "bias b":
            agree(got, [n.unit(neuron, "bias_before")])
        elif bar.name == "b":
            agree(got, [-delta])
        elif bar.name.endswith("summed"):
            check_rest(window, n, beat, got)
        elif beat.startswith("forward") and isinstance(part, Weight):
            w, a = n.weight(part), n.behind(3, part.source)
            agree(got, [w, a, w * a])
        elif beat.startswith("backward") and isinstance(part, Weight):
            a = n.behind(3, part.source)
            agree(got, [-delta, a, -delta * a])
        elif beat.startswith("backward") and isinstance(part, Neuron):
            w = n.weight(Weight(3, TWO, part.index))
            agree(got, [-delta, w, -delta * w])
        elif beat == "cost" and isinstance(part, Neuron):
            a, y = n.unit(part, "activation"), t["targets"][n.i][part.index]
            agree(got, [a, y, (a - y) ** 2])
        else:
            raise AssertionError(f"{beat}: a row that nothing is held against: {bar}")
        seen.add(bar.name.split("  ")[0] if part is None else type(part).__name__)
    return seen


def check_rest(window: MainWindow, n: Numbers, beat: str, got: list[float]) -> None:
    """The terms not listed, counted and summed."""
    listed = [bar.part for _, bar in window.inspector.bars.row_boxes()]
    sources = {part.source for part in listed if isinstance(part, Weight)}
    assert beat.startswith("forward")  # all 16 weights stand in the backward beats
    rest = [k for k in range(16) if k not in sources]
    terms = [n.weight(Weight(3, TWO, k)) * n.behind(3, k) for k in rest]
    agree(got, [len(rest), sum(terms)])


def check_sum(window: MainWindow, n: Numbers) -> bool:
    """The wishes that add up in the neuron of the layer behind that is moved most."""
    card = window.inspector.sum
    if not card.isVisible():
        return False
    rows = card.row_boxes()
    for term, box in zip(card.terms, rows, strict=False):
        assert isinstance(term.part, Weight)
        delta = n.unit(Neuron(term.part.layer, term.part.target), "delta")
        w = n.weight(term.part)
        agree(numbers_in(said(card, box))[-3:], [delta, w, -delta * w])
    part = card.terms[0].part
    assert isinstance(part, Weight)
    receiver = Neuron(part.layer - 1, part.source)
    agree(numbers_in(said(card, rows[-1])), [-n.unit(receiver, "activation_gradient")])
    return True


def check_table(window: MainWindow, n: Numbers) -> bool:
    """What each example asks: every cell and mean in sight."""
    table = window.inspector.table
    if not table.isVisible():
        return False
    layer = n.layers[2]
    behind = n.layers[1]["activation"]
    cells = 0
    for row in table.rows:
        part = table.part(row)
        for column in table.columns:
            box = table.cell_box(row, column)
            delta = layer["delta"][column, TWO]
            expected = [-delta]
            if isinstance(part, Weight):
                a = behind[column, part.source]
                expected = [delta, a, -delta * a]
            agree(numbers_in(said(table, box).rpartition("δ")[2])[-len(expected) :], expected)
            cells += 1
    assert cells > 20
    return True


def check_moves(window: MainWindow, n: Numbers) -> bool:
    table = window.inspector.moves
    if not table.isVisible():
        return False
    layer = n.layers[2]
    for box, move in table.row_boxes():
        text = said(table, box)
        if move.part is None:
            continue
        kind = "bias" if isinstance(move.part, Neuron) else "weight"
        at = (TWO,) if isinstance(move.part, Neuron) else (TWO, move.part.source)
        gradient, before, after = (
            float(layer[f"{kind}_{name}"][at]) for name in ("gradient", "before", "after")
        )
        wish, change, values = text.splitlines()[1:4]
        agree(numbers_in(wish), [-gradient])
        assert numbers_in(change) == pytest.approx([after - before], rel=1e-6, abs=1e-9)
        agree(numbers_in(values), [before, after])
    return True


def check_comparison(window: MainWindow, n: Numbers) -> None:
    """The length of the mini-batch gradient, beside the full-batch one."""
    text = said(window.inspector.comparison, QRectF(window.inspector.comparison.rect()))
    line = next(line for line in text.splitlines() if "mini-batch" in line)
    names = ("weight_gradient", "bias_gradient")
    squares = [float((layer[name] ** 2).sum()) for layer in n.layers for name in names]
    agree(numbers_in(line), [sum(squares) ** 0.5])


def check_microscope(window: MainWindow, n: Numbers) -> None:
    """The weighted sum term by term, and the chain to the weight that it follows."""
    page = window.large.microscope.neuron_page
    terms, neuron = page.terms, Neuron(3, TWO)
    for place, k in enumerate(terms.rows):
        w, a = n.weight(Weight(3, TWO, k)), n.behind(3, k)
        agree(numbers_in(said(terms, terms.row_box(place))), [w, a, w * a])
    gradient, a = n.unit(neuron, "activation_gradient"), n.unit(neuron, "activation")
    behind, delta = n.behind(3, page.source), n.unit(neuron, "delta")
    values = [numbers_in(said(page.chain, box)) for box, _ in page.chain.boxes()]
    for got, expected in zip(values, [gradient, a * (1 - a), behind, delta * behind], strict=True):
        agree(got, [expected])


def check_plot(window: MainWindow, n: Numbers) -> None:
    """The point on the activation function, with its slope by the formula for the sigmoid."""
    plot = window.large.microscope.neuron_page.plot
    z, a = (n.unit(Neuron(3, TWO), name) for name in ("z", "activation"))
    agree(numbers_in(said(plot, QRectF(plot.rect()))), [z, a, a * (1 - a)])


def check_weight(window: MainWindow, n: Numbers, weight: Weight) -> None:
    """The number lines from a weight to the cost, and the slopes of the cost."""
    page, neuron, layer = window.large.microscope.parameter_page, Neuron(3, TWO), n.layers[2]
    expected = [n.weight(weight), n.unit(neuron, "z"), n.unit(neuron, "activation")]
    expected += [n.trace["losses"][n.i], n.trace["batch_cost"]]
    lines = said(page.lines, QRectF(page.lines.rect())).splitlines()
    agree([numbers_in(line)[-1] for line in lines], expected)
    slopes = said(page.curve, QRectF(page.curve.rect())).splitlines()
    by_example = n.unit(neuron, "delta") * n.behind(3, weight.source)
    by_batch = layer["weight_gradient"][TWO, weight.source]
    agree([numbers_in(line)[-1] for line in slopes], [by_example, by_batch])


# QToolTip raises its label, which the offscreen platform cannot do.
@pytest.mark.qt_log_ignore("does not support raise")
def test_every_number_of_the_panels_is_the_printed_one(
    window: MainWindow, show: Show, qtbot: QtBot, trace: Any
) -> None:
    show(window, default_experiment("digits"))
    moment = window.session.moment
    assert moment is not None
    assert [len(layer["bias_before"]) for layer in trace["layers"]] == [16, 16, 10]
    labels = np.argmax(trace["targets"], axis=1)
    example = int(np.flatnonzero(labels == TWO)[0])
    window.session.focus_example(example)
    window.select(Neuron(3, TWO))
    n = Numbers(trace, example)
    formulas, bars, seen, tables, summed, moved = set(), set(), [], 0, 0, 0
    for beat in beats(window, qtbot):
        seen.append(beat)
        formulas |= check_formulas(window, n, beat)
        if window.inspector.bars.isVisible():
            bars |= check_bars(window, n, beat)
        summed += check_sum(window, n)
        tables += check_table(window, n)
        moved += check_moves(window, n)
        if beat == "average":
            qtbot.waitUntil(lambda: window.inspector.comparison.known, timeout=30_000)
            check_comparison(window, n)
    window.actions_["microscope"].trigger()
    check_microscope(window, n)
    check_plot(window, n)
    weight = Weight(3, TWO, 4)
    window.select(weight)
    window.large.microscope.subjects["weight"].click()
    qtbot.waitUntil(lambda: window.inquiry.at_rest, timeout=30_000)
    check_weight(window, n, weight)
    assert len(seen) == 1 + 3 + 1 + 3 + 1 + 1
    assert formulas == {"b", "z", "a", "a, y", "its share of Cᵢ", "∂Cᵢ/∂a", "δ = ∂Cᵢ/∂z"}
    assert bars >= {"Weight", "Neuron", "sum z", "mini-batch", "total"}
    assert (tables, moved) == (4, 1)
    assert summed == 2
