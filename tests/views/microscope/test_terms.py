from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.core.data.dataset import Dataset
from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron, Weight
from explorer.views.microscope.terms import TermList
from explorer.views.palette import Theme

MomentOf = Callable[..., Moment]
Words = Callable[[QWidget], list[str]]


@pytest.fixture
def terms(sized: Callable[[QWidget, int, int], None]) -> TermList:
    terms = TermList()
    sized(terms, 276, 380)
    return terms


@pytest.fixture
def wide(moment_of: MomentOf, table_of: Callable[..., Dataset]) -> Moment:
    """A neuron with 784 inputs."""
    return moment_of("forward:1", dataset=table_of(784), layers=((2, "tanh"), (1, "linear")))


def plain(words: str) -> float:
    return float(words.replace("−", "-").replace(",", ""))


def test_each_term_is_a_weight_times_what_stands_behind_it(
    terms: TermList, moment_of: MomentOf, words: Words
) -> None:
    """z of output 2: −0.3 a₁ + 0.6 a₂ − 0.9 a₃ + 0.3."""
    moment = moment_of("forward:2")
    terms.show_moment(moment, Neuron(2, 1), 0)
    a = moment.trace.layers[0].activation[0]
    products = np.array([-0.3, 0.6, -0.9]) * a
    order = np.argsort(-np.abs(products))
    assert terms.rows == order.tolist()
    said = words(terms)
    values = [plain(w) for w in said if w[0] in "+−" and "×" not in w]
    expected = [*products[order], 0.3]
    assert values[:4] == [pytest.approx(v, rel=5e-3) for v in expected]
    assert [w for w in said if "×" in w] == [
        f"{w:.2f} × {v:.2f}".replace("-", "−")
        for w, v in zip(np.array([-0.3, 0.6, -0.9])[order], a[order], strict=True)
    ]
    assert plain(said[-1]) == pytest.approx(products.sum() + 0.3, rel=1e-3)
    assert said[-2] == "Σ = z"


def test_what_is_out_of_sight_is_counted_and_summed(
    terms: TermList, wide: Moment, words: Words, turn_wheel: Any
) -> None:
    neuron = Neuron(1, 1)
    terms.show_moment(wide, neuron, 0)
    products = wide.trace.layers[0].weight_before[1] * wide.trace.inputs[0]
    order = np.argsort(-np.abs(products), kind="stable")
    for first in (0, 3):
        shown = terms.rows
        assert shown == order[first : first + len(shown)].tolist()
        assert 5 < len(shown) < 20
        said = words(terms)
        place = said.index(f"{784 - len(shown)} more, summed")
        rest = np.delete(products, shown).sum()
        assert plain(said[place - 1]) == pytest.approx(rest, rel=5e-3)
        assert turn_wheel(terms, -120)
    assert turn_wheel(terms, 120)
    assert turn_wheel(terms, 120)
    assert not turn_wheel(terms, 120)  # at the top


def test_the_end_can_be_reached(terms: TermList, wide: Moment, turn_wheel: Any) -> None:
    terms.show_moment(wide, Neuron(1, 0), 0)
    for _ in range(400):
        turn_wheel(terms, -120)
    products = wide.trace.layers[0].weight_before[0] * wide.trace.inputs[0]
    assert terms.rows[-1] == int(np.argsort(-np.abs(products), kind="stable")[-1])
    assert not turn_wheel(terms, -120)


def test_nothing_is_said_before_the_forward_beat(
    terms: TermList, moment_of: MomentOf, words: Words
) -> None:
    terms.show_moment(moment_of("forward:1"), Neuron(2, 0), 0)
    assert words(terms) == ["the weighted sum, largest first", "comes in the forward beats"]


def test_a_click_on_a_row_follows_its_weight(
    terms: TermList, moment_of: MomentOf, qtbot: QtBot, hover: Any, leave: Any
) -> None:
    terms.show_moment(moment_of("forward:2"), Neuron(2, 1), 0)
    pointed: list[object] = []
    terms.part_pointed.connect(pointed.append)
    for place, k in enumerate(terms.rows):
        centre = terms.row_box(place).center()
        with qtbot.waitSignal(terms.source_requested) as asked:
            at = QPoint(round(centre.x()), round(centre.y()))
            qtbot.mouseClick(terms, Qt.MouseButton.LeftButton, pos=at)
        assert asked.args == [k]
        hover(terms, centre.x(), centre.y())
        assert pointed[-1] == Weight(2, 1, k)
    bias = terms.row_box(3).center()
    hover(terms, bias.x(), bias.y() + 10)
    assert pointed[-1] == Neuron(2, 1)
    leave(terms)
    assert pointed[-1] is None


def test_the_followed_row_is_marked(
    terms: TermList, moment_of: MomentOf, pixels: Any, theme: Theme
) -> None:
    terms.set_theme(theme)
    terms.show_moment(moment_of("forward:2"), Neuron(2, 1), 2)
    accent = [int(theme.accent[k : k + 2], 16) for k in (1, 3, 5)]
    picture = pixels(terms)
    for place, k in enumerate(terms.rows):
        y = round(terms.row_box(place).center().y())
        assert (np.abs(picture[y, 6] - accent).max() < 12) == (k == 2)
