from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron, Weight
from explorer.views.microscope.chain import HEIGHT, Chain
from explorer.views.palette import Theme
from explorer.views.theme import MONO, font

MomentOf = Callable[..., Moment]
Words = Callable[[QWidget], list[str]]


@pytest.fixture
def chain(sized: Callable[[QWidget, int, int], None]) -> Chain:
    chain = Chain()
    sized(chain, 415, HEIGHT)
    return chain


def plain(words: str) -> float:
    return float(words.replace("−", "-").replace(",", "").lstrip("= "))


def values(said: list[str]) -> list[float]:
    """The numbers in the boxes, in order: what follows on each symbol."""
    symbols = ("∂Cᵢ/∂a", "σ′(z)", "δ = ∂Cᵢ/∂z", "a₁", "a₂", "a₃", "∂Cᵢ/∂w₁", "∂Cᵢ/∂w₂", "∂Cᵢ/∂w₃")
    return [plain(said[n + 1]) for n, word in enumerate(said) if word in symbols]


@pytest.mark.parametrize("source", [0, 1, 2])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "gelu", "relu"])
def test_the_boxes_multiply_out(
    source: int, activation: str, chain: Chain, moment_of: MomentOf, words: Words
) -> None:
    """With the numbers of the four equations of backpropagation, worked out in conftest."""
    moment = moment_of("backward:2", layers=((3, "tanh"), (2, activation)))
    chain.show_moment(moment, Neuron(2, 1), source)
    layer = moment.trace.layers[1]
    behind = moment.trace.layers[0].activation[0, source]
    by_a, slope, a, by_w = values(words(chain))
    assert by_a == pytest.approx(layer.activation_gradient[0, 1], rel=5e-3)
    assert a == pytest.approx(behind, rel=5e-3)
    delta = layer.delta[0, 1]
    assert by_w == pytest.approx(delta * behind, rel=6e-3, abs=1e-4)
    assert by_a * slope == pytest.approx(delta, rel=2e-2, abs=1e-4)
    assert by_a * slope * a == pytest.approx(by_w, rel=3e-2, abs=1e-4)
    told = next(w for w in words(chain) if w.startswith("δ = ∂Cᵢ/∂z = ∂Cᵢ/∂b"))
    assert plain(told.rsplit("= ", 1)[1]) == pytest.approx(delta, rel=6e-3, abs=1e-5)


def test_it_says_what_the_product_means(chain: Chain, moment_of: MomentOf, words: Words) -> None:
    moment = moment_of("backward:2")
    signs = set()
    for j in (0, 1):
        for k in range(3):
            chain.show_moment(moment, Neuron(2, j), k)
            by_w = moment.trace.layers[1].delta[0, j] * moment.trace.layers[0].activation[0, k]
            told = " ".join(words(chain)).split("raising")[1]
            assert ("raises" if by_w > 0 else "lowers") in told
            assert ("lower" if by_w > 0 else "higher") in told.split("example")[1]
            signs.add(by_w > 0)
    assert signs == {True, False}


def test_the_gradient_of_the_mini_batch_comes_with_the_average(
    chain: Chain, moment_of: MomentOf, words: Words
) -> None:
    for beat, shown in (("backward:1", False), ("average", True), ("update", True)):
        moment = moment_of(beat)
        chain.show_moment(moment, Neuron(2, 0), 1)
        said = "".join(words(chain))
        mean = moment.trace.layers[1].weight_gradient[0, 1]
        assert (f"/∂w = {mean:+.4f}".replace("-", "−") in said) == shown


def test_before_the_backward_beat_the_boxes_are_empty(
    chain: Chain, moment_of: MomentOf, words: Words
) -> None:
    for beat in ("mini_batch", "cost", "backward:2"):
        chain.show_moment(moment_of(beat), Neuron(1, 0), 0)
        said = words(chain)
        assert said.count("…") == 4
        assert "comes with its backward beat" in said
        assert not any("raising" in w for w in said)


def test_softmax_shows_its_terms_and_no_product_of_two(
    chain: Chain, moment_of: MomentOf, words: Words
) -> None:
    """With one true class t the one term is (−1/a_t)·a_t(1[t = j] − a_j), which is a_j − y_j."""
    moment = moment_of("average", layers=((3, "tanh"), (2, "softmax")), loss="cross_entropy")
    layer, targets = moment.trace.layers[1], moment.trace.targets[0]
    for j in (0, 1):
        chain.show_moment(moment, Neuron(2, j), 0)
        said = words(chain)
        delta = layer.activation[0, j] - targets[j]
        assert "σ′(z)" not in said
        assert "∂Cᵢ/∂a" not in said
        assert values(said)[0] == pytest.approx(delta, rel=5e-3)
        assert "δ = Σₖ ∂Cᵢ/∂aₖ × ∂aₖ/∂z: softmax mixes all outputs" in said
        terms = [plain(w) for w in said if w.startswith("= ")]
        assert sum(terms) == pytest.approx(delta, rel=5e-3)
        assert "1 more, each 0 as its y is 0" in said


def test_a_dead_relu_is_called_dead(chain: Chain, moment_of: MomentOf, words: Words) -> None:
    moment = moment_of(
        "average", layers=((3, "relu"), (2, "sigmoid")), biases=((-9.0, 0, 0), (0, 0))
    )
    chain.show_moment(moment, Neuron(1, 0), 0)
    said = " ".join(words(chain))
    assert "z < 0 for all 4 examples of this mini-batch: the neuron is dead" in said


def test_a_lost_product_is_not_shown(chain: Chain, moment_of: MomentOf, words: Words) -> None:
    """δ as recorded is 1 while a(1 − a) is 0."""
    moment = moment_of("average")
    layer = replace(moment.trace.layers[1], delta=moment.trace.layers[1].delta * 0 + 1.0)
    spoiled = replace(moment.trace, layers=(moment.trace.layers[0], layer))
    chain.show_moment(replace(moment, trace=spoiled), Neuron(2, 0), 0)
    said = words(chain)
    assert "σ′(z)" not in said
    assert values(said)[0] == 1.0
    assert "lost in rounding" in " ".join(said)


def test_boxes_point_and_ask(
    chain: Chain, moment_of: MomentOf, qtbot: QtBot, hover: Any, leave: Any
) -> None:
    chain.show_moment(moment_of("backward:2"), Neuron(2, 1), 2)
    pointed: list[object] = []
    chain.part_pointed.connect(pointed.append)
    expected = [Neuron(2, 1), Neuron(2, 1), Neuron(1, 2), Weight(2, 1, 2)]
    for (box, _), part in zip(chain.boxes(), expected, strict=True):
        hover(chain, box.center().x(), box.center().y())
        assert pointed[-1] == part
        at = QPoint(round(box.center().x()), round(box.center().y()))
        if part == Neuron(2, 1):
            with qtbot.assertNotEmitted(chain.part_requested):
                qtbot.mouseClick(chain, Qt.MouseButton.LeftButton, pos=at)
        else:
            with qtbot.waitSignal(chain.part_requested) as asked:
                qtbot.mouseClick(chain, Qt.MouseButton.LeftButton, pos=at)
            assert asked.args == [part]
    leave(chain)
    assert pointed[-1] is None


@pytest.mark.parametrize("width", [380, 415, 560])
def test_numbers_stay_in_their_boxes(
    width: int, chain: Chain, moment_of: MomentOf, texts: Any, theme: Theme
) -> None:
    chain.set_theme(theme)
    chain.resize(width, HEIGHT)
    chain.show_moment(moment_of("average"), Neuron(2, 1), 2)
    said = texts(chain)
    metrics = QFontMetricsF(font(15, MONO, bold=True))
    for box, link in chain.boxes():
        within = [t for t in said if box.contains(t.x, t.y)]
        assert len(within) == 3
        assert within[0].words == link.symbol
        assert within[1].x + metrics.horizontalAdvance(within[1].words) <= box.right()
        assert not any("…" in t.words for t in within)
