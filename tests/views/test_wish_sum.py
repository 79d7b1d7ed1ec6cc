from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.core.moment import Moment
from explorer.core.numbers import Column
from explorer.core.part_of_network import Neuron, Weight
from explorer.views.palette import Theme, rgb
from explorer.views.wish_sum import WishSum

MomentOf = Callable[..., Moment]
Words = Callable[[QWidget], list[str]]


@pytest.fixture
def card(sized: Callable[[QWidget, int, int], None]) -> WishSum:
    card = WishSum()
    sized(card, 330, 300)
    return card


def handed(moment: Moment, neuron: Neuron) -> np.ndarray:
    """−δⱼ·w_jk of every neuron j ahead, from the formula."""
    ahead = moment.trace.layers[neuron.layer]
    delta, weights = ahead.delta[moment.example], ahead.weight_before
    return np.array([-d * w[neuron.index] for d, w in zip(delta, weights, strict=True)])


def test_the_terms_are_the_wishes_of_the_neurons_ahead_and_add_up_to_its_own(
    card: WishSum, moment_of: MomentOf, words: Words
) -> None:
    moment = moment_of("backward:2")
    card.show_neuron(moment, Neuron(1, 1))
    wishes = handed(moment, Neuron(1, 1))
    assert [t.value for t in card.terms] == pytest.approx(wishes)
    assert [t.start for t in card.terms] == pytest.approx([0, *np.cumsum(wishes)[:-1]])
    assert card.total == pytest.approx(wishes.sum())
    assert card.total == pytest.approx(-moment.trace.layers[0].activation_gradient[0, 1])
    painted = words(card)
    column = Column.for_largest(np.abs(wishes).max())
    for value in (*wishes, wishes.sum()):
        assert column.text(float(value), plus=True) in painted


def test_tiny_terms_are_written_like_the_others(
    card: WishSum, moment_of: MomentOf, words: Words
) -> None:
    """Not −1.0e−9 beside +0.30; the exact number is read by pointing."""
    moment = moment_of("backward:2")
    first, last = moment.trace.layers
    delta = last.delta.copy()
    delta[moment.example, 0] = 1e-9
    trace = replace(moment.trace, layers=(first, replace(last, delta=delta)))
    card.show_neuron(replace(moment, trace=trace), Neuron(1, 1))
    assert "e−" not in " ".join(words(card))
    assert "  −0.000 × " in card.terms[0].name
    assert "−0.000" in " ".join(words(card)) or "+0.000" in " ".join(words(card))
    assert "e−" in card.terms[0].exact


@pytest.mark.parametrize("width", [316, 330, 520])
def test_a_product_is_never_cut_and_no_arrow_runs_into_a_number(
    sized: Callable[[QWidget, int, int], None],
    moment_of: MomentOf,
    table_of: Callable[..., Any],
    texts: Any,
    pixels: Callable[[QWidget], np.ndarray],
    width: int,
) -> None:
    """Also not where its factors are small and negative, as late in a run, and the sum is long."""
    layers = ((2, "tanh"), (12, "tanh"), (1, "linear"))
    moment = moment_of("backward:2", dataset=table_of(3, 1, 4), layers=layers, members=(0,))
    first, middle, last = moment.trace.layers
    delta = np.abs(middle.delta) * 2e-7
    middle = replace(middle, delta=delta, weight_before=-1.0 - np.abs(middle.weight_before))
    first = replace(first, activation_gradient=middle.delta @ middle.weight_before)
    card = WishSum()
    sized(card, width, 300)
    trace = replace(moment.trace, layers=(first, middle, last))
    card.show_neuron(replace(moment, trace=trace), Neuron(1, 0))
    assert any("e−" in term.name and "(−1." in term.name for term in card.terms)
    painted = texts(card)
    assert {term.name for term in card.terms} <= {text.words for text in painted}
    picture, number = pixels(card), painted[-1]
    assert number.words.endswith("e−7")
    before = slice(round(number.x) - 3, round(number.x) - 1)
    row = card.row_boxes()[-1]
    beside = picture[round(row.top()) + 3 : round(row.bottom()) - 3, before]
    assert np.ptp(beside.reshape(-1, 3), axis=0).max() == 0


def test_of_many_the_small_ones_are_counted_and_summed(
    card: WishSum, moment_of: MomentOf, table_of: Callable[..., Any], words: Words
) -> None:
    data = table_of(3, 1, 4)
    moment = moment_of(
        "backward:2", dataset=data, layers=((2, "tanh"), (40, "tanh"), (1, "linear")), members=(0,)
    )
    card.show_neuron(moment, Neuron(1, 0))
    wishes = handed(moment, Neuron(1, 0))
    assert len(card.terms) == 16
    assert sum(t.value for t in card.terms) == pytest.approx(wishes.sum())
    assert any("25 more, summed" in text for text in words(card))
    shown = np.sort(np.abs([t.value for t in card.terms[:-1]]))
    assert shown == pytest.approx(np.sort(np.abs(wishes))[-15:])


def test_arrows_lie_end_to_end_in_the_colour_of_their_sign(
    card: WishSum, moment_of: MomentOf, pixels: Callable[[QWidget], Any], theme: Theme
) -> None:
    card.set_theme(theme)
    card.show_neuron(moment_of("backward:2"), Neuron(1, 1))
    image = pixels(card)
    ends = []
    for term, box in zip(card.terms, card.row_boxes(), strict=False):
        colour = rgb(theme.positive if term.value > 0 else theme.negative)
        row = (image[round(box.center().y())] == colour).all(axis=1)
        columns = np.flatnonzero(row)
        assert len(columns) > 3
        ends.append((columns[0], columns[-1]) if term.value > 0 else (columns[-1], columns[0]))
    assert abs(ends[1][0] - ends[0][1]) <= 4  # tips are smoothed


def test_arrows_grow_when_asked_and_stand_whole_once_finished(
    card: WishSum, moment_of: MomentOf, pixels: Callable[[QWidget], Any], qtbot: QtBot
) -> None:
    moment = moment_of("backward:2")
    card.show_neuron(moment, Neuron(1, 1))
    assert not card.growing
    whole = pixels(card)
    card.show_neuron(moment, Neuron(1, 1), animated=True)
    assert card.growing
    assert (pixels(card) != whole).any()
    card.finish()
    assert not card.growing
    assert (pixels(card) == whole).all()
    card.show_neuron(moment, Neuron(1, 1), animated=True)
    qtbot.waitUntil(lambda: not card.growing, timeout=5000)
    assert (pixels(card) == whole).all()


def test_pointing_and_clicking_speak_of_the_weight_an_arrow_came_through(
    card: WishSum, moment_of: MomentOf, hover: Any, qtbot: QtBot, pixels: Any
) -> None:
    card.show_neuron(moment_of("backward:2"), Neuron(1, 2))
    centre = card.row_boxes()[1].center()
    with qtbot.waitSignal(card.part_pointed) as pointed:
        hover(card, centre.x(), centre.y())
    assert pointed.args == [Weight(2, 1, 2)]
    with qtbot.waitSignal(card.part_requested) as requested:
        qtbot.mouseClick(card, Qt.MouseButton.LeftButton, pos=centre.toPoint())
    assert requested.args == [Weight(2, 1, 2)]
    card.point_at(None)
    plain = pixels(card)
    card.point_at(Weight(2, 0, 2))
    assert (pixels(card) != plain).any()
