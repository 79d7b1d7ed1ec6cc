from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget

from explorer.core.beats import beats_of
from explorer.core.experiment import ACTIVATIONS, LOSSES
from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron, Weight
from explorer.views.formula import FormulaCard, Line
from explorer.views.formulas import lines_of
from explorer.views.palette import DARK, LIGHT, Theme

Array = np.ndarray[Any, Any]
Pixels = Callable[[QWidget], Array]
FORCED = {"cross_entropy": "softmax", "binary_cross_entropy": "sigmoid"}


@pytest.fixture
def card(sized: Callable[[QWidget, int, int], None]) -> FormulaCard:
    card = FormulaCard()
    sized(card, 300, 60)
    return card


def ink(picture: Array) -> Array:
    """Which pixels differ from the card's ground."""
    return np.asarray(np.abs(picture - picture[picture.shape[0] // 2, 4]).max(axis=2) > 40)


def assert_drawn(card: FormulaCard, pixels: Pixels, texts: Callable[[QWidget], list[Any]]) -> None:
    """Left of each number stands a formula, and all is within the card."""
    picture, values = ink(pixels(card)), texts(card)
    lines = card.lines
    assert [text.words for text in values] == [line.value for line in lines]
    height = card.height() / len(lines)
    for text in values:
        row = picture[max(round(text.y - height / 2), 3) : round(text.y + 4), 10 : int(text.x) - 3]
        assert row.sum() > 8, f"nothing stands before {text.words}"
    assert not picture[3:-3, -6:-2].any(), "cut at the right"


def test_a_line_is_a_formula_and_its_number(
    card: FormulaCard, pixels: Pixels, texts: Callable[[QWidget], list[Any]]
) -> None:
    card.set_lines([Line(r"z = \sum_k w_k a_k + b =", "−0.500"), Line("a =", "0.25")])
    assert_drawn(card, pixels, texts)


def test_numbers_take_the_colour_of_their_tone(
    card: FormulaCard, texts: Callable[[QWidget], list[Any]], theme: Theme
) -> None:
    card.set_theme(theme)
    card.set_lines(
        [
            Line("a =", "1", "plain"),
            Line("b =", "2", "strong"),
            Line("c =", "3", "positive"),
            Line("d =", "4", "negative"),
        ]
    )
    expected = [theme.muted, theme.text, theme.positive, theme.negative]
    assert [text.colour for text in texts(card)] == expected


def test_more_lines_make_a_higher_card(card: FormulaCard) -> None:
    heights = []
    for n in (1, 2, 5):
        card.set_lines([Line("a =", "1")] * n)
        heights.append(card.height())
    assert heights[0] < heights[1] < heights[2]
    assert card.sizeHint().height() == heights[2]


def test_the_same_lines_again_change_nothing(card: FormulaCard, pixels: Pixels) -> None:
    card.set_lines([Line("a =", "1")])
    before = pixels(card)
    card.set_lines([Line("a =", "1")])
    assert np.array_equal(pixels(card), before)


def test_a_formula_too_wide_is_made_smaller_not_cut(
    card: FormulaCard, pixels: Pixels, texts: Callable[[QWidget], list[Any]]
) -> None:
    wide = r"\delta = \frac{\partial C}{\partial z} = \frac{\partial C}{\partial a}\,\sigma'(z) ="
    card.set_lines([Line(wide, "−0.0123    y = 1.00")])
    card.resize(230, card.height())
    assert_drawn(card, pixels, texts)


def test_another_theme_changes_formulas_and_numbers(card: FormulaCard, pixels: Pixels) -> None:
    card.set_lines([Line("a =", "1")])
    dark = pixels(card)
    card.set_theme(LIGHT)
    light = pixels(card)
    assert light.mean() > dark.mean() + 100
    assert ink(light).sum() > 20
    card.set_theme(DARK)
    assert np.array_equal(pixels(card), dark)


@pytest.mark.parametrize("loss", LOSSES)
def test_the_formulas_of_every_loss_can_be_set(
    card: FormulaCard,
    moment_of: Callable[..., Moment],
    pixels: Pixels,
    texts: Callable[[QWidget], list[Any]],
    theme: Theme,
    loss: str,
) -> None:
    layers = ((3, "tanh"), (2, FORCED.get(loss, "tanh")))
    card.set_theme(theme)
    for beat in beats_of(2):
        moment = moment_of(str(beat), loss=loss, layers=layers)
        for part in (Neuron(2, 0), Weight(2, 1, 1)):
            card.set_lines(lines_of(moment, part))
            assert_drawn(card, pixels, texts)


@pytest.mark.parametrize("activation", [a for a in ACTIVATIONS if a != "softmax"])
def test_the_formulas_of_every_activation_can_be_set(
    card: FormulaCard,
    moment_of: Callable[..., Moment],
    pixels: Pixels,
    texts: Callable[[QWidget], list[Any]],
    theme: Theme,
    activation: str,
) -> None:
    card.set_theme(theme)
    for beat in beats_of(2):
        moment = moment_of(str(beat), layers=((3, activation), (2, activation)))
        for part in (Neuron(0, 1), Neuron(1, 2), Neuron(2, 1), Weight(1, 0, 0)):
            card.set_lines(lines_of(moment, part))
            assert_drawn(card, pixels, texts)
