from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.experiment import ACTIVATIONS
from explorer.views.palette import (
    DARK,
    LIGHT,
    THEMES,
    Theme,
    class_colour,
    diverging,
    hexadecimal,
    mix,
    readable_on,
    rgb,
    sequential,
    starts_at_zero,
)

both = pytest.mark.parametrize("colours", [DARK, LIGHT], ids=["dark", "light"])
finite = st.floats(-1e30, 1e30)
scales = st.floats(1e-9, 1e9)
hexes = st.tuples(*[st.integers(0, 255)] * 3).map(lambda c: "#{:02x}{:02x}{:02x}".format(*c))


def triple(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def luminance(colour: str) -> float:
    """Relative luminance of sRGB as in WCAG 2."""
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (v / 255 for v in triple(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


class TestDiverging:
    @both
    def test_its_ends_and_its_middle_are_the_themes(self, colours: Theme) -> None:
        drawn = diverging(np.array([-2.0, 0.0, 2.0]), 2.0, colours)
        expected = [triple(c) for c in (colours.negative, colours.zero, colours.positive)]
        assert drawn.tolist() == expected

    @both
    def test_blue_is_positive_and_orange_negative(self, colours: Theme) -> None:
        negative, positive = diverging(np.array([-1.0, 1.0]), 1.0, colours).astype(int)
        assert positive[2] > positive[0], "more blue than red"
        assert negative[0] > negative[2], "more red than blue"

    @both
    @given(value=finite, scale=scales)
    def test_a_value_and_its_negative_are_equally_far_from_zero(
        self, colours: Theme, value: float, scale: float
    ) -> None:
        """|c(v) − zero| / |end − zero| is the same share |v| / scale on both sides."""
        share = min(abs(value) / scale, 1.0)
        zero = np.array(triple(colours.zero), float)
        for side, end in ((abs(value), colours.positive), (-abs(value), colours.negative)):
            expected = zero + (np.array(triple(end)) - zero) * share
            drawn = diverging(np.array(side), scale, colours)
            assert np.abs(drawn - expected).max() <= 0.5 + 1e-6

    @both
    def test_values_beyond_the_scale_take_its_end(self, colours: Theme) -> None:
        values = np.array([-1e9, -1.0, 1.0, 1e9, np.inf, -np.inf])
        drawn = diverging(values, 1.0, colours).tolist()
        negative, positive = triple(colours.negative), triple(colours.positive)
        assert drawn == [negative, negative, positive, positive, positive, negative]

    def test_a_matrix_of_values_gives_a_matrix_of_colours(self) -> None:
        assert diverging(np.zeros((3, 5)), 1.0, DARK).shape == (3, 5, 3)
        assert diverging(np.zeros((0,)), 1.0, DARK).shape == (0, 3)

    def test_a_scale_of_zero_does_not_divide_by_zero(self) -> None:
        assert diverging(np.array([0.0]), 0.0, DARK).tolist() == [triple(DARK.zero)]


class TestSequential:
    @both
    def test_runs_from_empty_to_full(self, colours: Theme) -> None:
        drawn = sequential(np.array([-1.0, 0.0, 3.0, 9.0]), 3.0, colours).tolist()
        empty, full = triple(colours.empty), triple(colours.full)
        assert drawn == [empty, empty, full, full]

    @both
    @given(value=st.floats(0, 1))
    def test_is_even(self, colours: Theme, value: float) -> None:
        """c(v) = empty + (full − empty) · v."""
        empty, full = (np.array(triple(c), float) for c in (colours.empty, colours.full))
        drawn = sequential(np.array(value), 1.0, colours)
        assert np.abs(drawn - (empty + (full - empty) * value)).max() <= 0.5 + 1e-6

    @both
    @given(pair=st.tuples(st.floats(0, 1), st.floats(0, 1)))
    def test_more_is_never_nearer_to_empty(self, colours: Theme, pair: tuple[float, float]) -> None:
        low, high = sorted(pair)
        empty = np.array(triple(colours.empty), float)
        far = [np.abs(sequential(np.array(v), 1.0, colours) - empty).sum() for v in (low, high)]
        assert far[0] <= far[1]


@pytest.mark.parametrize("colour_of", [diverging, sequential])
@pytest.mark.parametrize("shape", [(), (3,), (2, 2)])
def test_nan_has_no_colour(colour_of: Callable[..., np.ndarray], shape: tuple[int, ...]) -> None:
    values = np.zeros(shape)
    values[...] = 0.5
    values.flat[0] = np.nan
    with pytest.raises(ValueError, match="NaN has no colour"):
        colour_of(values, 1.0, DARK)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activations_that_cannot_be_negative_are_sequential(activation: str) -> None:
    never_negative = {"sigmoid", "relu", "softplus", "softmax"}
    assert starts_at_zero(activation) == (activation in never_negative)  # type: ignore[arg-type]


class TestClassColours:
    @both
    def test_of_two_classes_the_second_is_positive(self, colours: Theme) -> None:
        assert class_colour(0, 2, colours) == colours.negative
        assert class_colour(1, 2, colours) == colours.positive

    @both
    def test_ten_classes_have_ten_colours(self, colours: Theme) -> None:
        assert len({class_colour(k, 10, colours) for k in range(10)}) == 10

    def test_more_classes_begin_again(self) -> None:
        assert class_colour(12, 20, DARK) == class_colour(2, 20, DARK)


@given(colour=hexes)
def test_hexadecimal_undoes_rgb(colour: str) -> None:
    assert list(rgb(colour)) == triple(colour)
    assert hexadecimal(np.array(rgb(colour), np.uint8)) == colour


@given(first=hexes, second=hexes, share=st.floats(0, 1))
def test_mix_goes_a_share_of_the_way(first: str, second: str, share: float) -> None:
    expected = [a + (b - a) * share for a, b in zip(triple(first), triple(second), strict=True)]
    assert np.abs(np.array(triple(mix(first, second, share))) - expected).max() <= 0.5 + 1e-9
    assert mix(first, second, 0.0) == first
    assert mix(first, second, 1.0) == second


@both
def test_numbers_can_be_read_on_every_colour_of_the_maps(colours: Theme) -> None:
    """WCAG 2 contrast for words; of black and white one always reaches it."""
    shares = np.linspace(-1, 1, 101)
    drawn = [*diverging(shares, 1.0, colours), *sequential(shares, 1.0, colours)]
    grounds = {hexadecimal(c) for c in drawn} | {class_colour(k, 10, colours) for k in range(10)}
    assert min(contrast(readable_on(ground), ground) for ground in grounds) >= 4.5


@both
def test_ink_changes_once_on_the_way_to_each_end(colours: Theme) -> None:
    """And only where the other could be read no better."""
    shares = np.linspace(0, 1, 257)
    for side in (shares, -shares):
        grounds = [hexadecimal(c) for c in diverging(side, 1.0, colours)]
        inks = [readable_on(ground) for ground in grounds]
        flips = [k for k, (a, b) in enumerate(pairwise(inks)) if a != b]
        assert len(flips) <= 1
        for k in flips:
            assert contrast(inks[k], grounds[k + 1]) < 4.7


@pytest.mark.parametrize("name", list(THEMES))
def test_the_words_of_a_theme_can_be_read(name: str) -> None:
    """WCAG 2: contrast of at least 4.5 for words, 3 for what is only seen."""
    colours = THEMES[name]  # type: ignore[index]
    assert colours.name == name
    for ground in (colours.canvas, colours.panel, colours.card):
        assert contrast(colours.text, ground) >= 7
        assert contrast(colours.muted, ground) >= 4.5
        assert contrast(colours.positive, ground) >= 3
        assert contrast(colours.negative, ground) >= 3
    assert contrast(colours.on_accent, colours.accent) >= 3
