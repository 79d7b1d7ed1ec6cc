from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.numbers import (
    Column,
    before_and_after,
    bracketed,
    counts,
    exact,
    nice_ceiling,
    number,
    percent,
    rounded,
    short,
    signed,
    significant,
    subscript,
)

VALUES = st.floats(-1e12, 1e12, allow_nan=False)


def read(text: str) -> float:
    """A number as a person reads it."""
    return float(text.replace("−", "-").replace(",", "").strip("()+"))


class TestNumber:
    @pytest.mark.parametrize(
        ("value", "digits", "text"),
        [
            (0.0, 3, "0"),
            (-0.0, 3, "0"),
            (-0.2504, 3, "−0.250"),
            (1234.5, 3, "1,234"),
            (0.0123, 3, "0.0123"),
            (0.5, 2, "0.50"),
            (0.0004, 3, "4.0e−4"),
            (-2.5e7, 3, "−2.5e7"),
            (1e10, 3, "1.0e10"),
            (math.inf, 3, "∞"),
            (-math.inf, 3, "−∞"),
            (math.nan, 3, "NaN"),
        ],
    )
    def test_as_written(self, value: float, digits: int, text: str) -> None:
        assert number(value, digits) == text

    @given(VALUES)
    def test_reads_back_to_about_the_same(self, value: float) -> None:
        assert read(number(value)) == pytest.approx(value, rel=0.06)
        assert read(number(value, 6)) == pytest.approx(value, rel=1e-4, abs=5e-8)

    @given(VALUES)
    def test_has_a_true_minus_sign_or_none(self, value: float) -> None:
        assert number(value).startswith("−") == (value < 0)
        assert "-" not in number(value)


@given(VALUES)
def test_signs_and_brackets(value: float) -> None:
    assert signed(value) == ("+" if value > 0 else "") + number(value)
    assert bracketed(value) == (f"({number(value)})" if value < 0 else number(value))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.00"),
        (-0.001, "0.00"),
        (-0.5, "−0.50"),
        (9.994, "9.99"),
        (12.34, "12.3"),
        (-123.4, "−123"),
        (12345.0, "12,345"),
        (math.nan, "NaN"),
    ],
)
def test_short(value: float, text: str) -> None:
    assert short(value) == text


@given(st.floats(-9.9e9, 9.9e9))
def test_short_is_short_enough_for_a_neuron(value: float) -> None:
    assert len(short(value)) <= 8


class TestExact:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (0.5, "0.5"),
            (-0.00001234567, "−1.234567e−5"),
            (1e-8, "1e−8"),
            (1234567.8, "1234568"),
            (2.5e20, "2.5e20"),
            (0.0, "0"),
            (-math.inf, "−∞"),
            (math.nan, "NaN"),
        ],
    )
    def test_as_written(self, value: float, text: str) -> None:
        assert exact(value) == text

    @given(VALUES)
    def test_reads_back_to_seven_digits(self, value: float) -> None:
        assert read(exact(value)) == pytest.approx(value, rel=5.1e-7)


class TestSignificant:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (0.0012, "+0.00120"),
            (-0.000012, "−1.20e−5"),
            (0.99999, "+1.00"),
            (9.996, "+10.0"),
            (0.000099999, "+0.000100"),
            (1234.5, "+1,234"),
            (1.234e6, "+1.23e6"),
            (0.0, "0"),
            (math.inf, "∞"),
        ],
    )
    def test_as_written(self, value: float, text: str) -> None:
        assert significant(value, plus=True) == text

    @given(VALUES, st.integers(3, 7), st.booleans())
    def test_reads_back_to_so_many_digits(self, value: float, digits: int, plus: bool) -> None:
        text = significant(value, digits, plus=plus)
        assert read(text) == pytest.approx(value, rel=0.51 * 10.0 ** (1 - digits))
        assert text.startswith("+") == (plus and value > 0)
        assert "-" not in text


@pytest.mark.parametrize(
    ("before", "after", "texts"),
    [
        (0.5, 0.25, ("0.500", "0.250")),
        (0.0021302, 0.0021297, ("0.0021302", "0.0021297")),
        (5.04e-4, 5.03e-4, ("0.000504", "0.000503")),
        (1e-9, 1.001e-9, ("1.000e−9", "1.001e−9")),
        (0.5, 0.5, ("0.500", "0.500")),
        (0.5, 0.5 + 1e-12, ("0.500000000", "0.500000000")),
        (1.1075580e-6, 1.1075584e-6, ("1.1075580e−6", "1.1075584e−6")),
        (0.5, math.nan, ("0.500", "NaN")),
    ],
)
def test_a_change_shows(before: float, after: float, texts: tuple[str, str]) -> None:
    assert before_and_after(before, after) == texts


class TestColumn:
    @pytest.mark.parametrize(
        ("largest", "value", "text"),
        [
            (0.0607, 0.0607, "+0.0607"),
            (0.0607, -8e-9, "−0.0000"),
            (0.0607, 8e-9, "+0.0000"),
            (0.0607, 0.0, "0"),
            (2.5, 2.5, "+2.500"),
            (25.0, -0.25, "−0.25"),
            (1234.5, 1234.5, "+1,234"),
            (3e-6, 3e-6, "+3.00e−6"),
            (3e-6, -2e-8, "−0.02e−6"),
            (4e7, 5e6, "+0.50e7"),
            (0.0, 0.0, "0"),
            (math.inf, math.inf, "∞"),
            (math.inf, 0.5, "+0.500"),
        ],
    )
    def test_as_written(self, largest: float, value: float, text: str) -> None:
        assert Column.for_largest(largest).text(value, plus=True) == text

    @given(st.lists(VALUES, min_size=1, max_size=9), st.integers(2, 5))
    def test_one_form_for_all(self, values: list[float], digits: int) -> None:
        """As many decimals and the same power; the largest to so many digits."""
        column = Column.for_largest(max(map(abs, values)), digits)
        texts = [column.text(v) for v in values if v]
        assert len({(len(t.partition(".")[2]), t.partition("e")[2]) for t in texts}) <= 1
        largest = max(values, key=abs)
        assert read(column.text(largest)) == pytest.approx(largest, rel=0.51 * 10.0 ** (1 - digits))
        assert column.bracketed(-1.0).startswith("(−")


def test_subscripts() -> None:
    assert subscript(3) == "₃"
    assert subscript(3, 12) == "₃,₁₂"
    assert subscript(1234567890) == "₁₂₃₄₅₆₇₈₉₀"


class TestNiceCeiling:
    @pytest.mark.parametrize(
        ("value", "nice"),
        [(1, 1), (1.01, 1.5), (1.6, 2), (2.1, 3), (4, 5), (6.9, 7), (7.1, 10), (0.031, 0.05)],
    )
    def test_steps(self, value: float, nice: float) -> None:
        assert nice_ceiling(value) == pytest.approx(nice)

    @given(st.floats(1e-30, 1e30))
    def test_is_not_below_and_not_far_above(self, value: float) -> None:
        nice = nice_ceiling(value)
        assert value <= nice * (1 + 1e-8)
        assert nice <= 1.7 * value
        assert nice_ceiling(nice) == pytest.approx(nice)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"),
        (0.0222, "2.2 %"),
        (0.0005, "under 0.1 %"),
        (0.1249, "12 %"),
        (0.9, "90 %"),
        (0.9999, "99.9 %"),
        (1, "100 %"),
    ],
)
def test_percent(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (12.34, "12.3"),
        (999.4, "999"),
        (999.6, "1.00 k"),
        (2270.0, "2.27 k"),
        (123456.0, "123 k"),
        (999_600.0, "1.00 M"),
        (2_330_000.0, "2.33 M"),
    ],
)
def test_rounded(value: float, text: str) -> None:
    assert rounded(value) == text


class TestCounts:
    @given(
        first=st.integers(0, 10**6), mantissa=st.sampled_from([1, 2, 5]), power=st.integers(0, 9)
    )
    def test_they_are_the_numbers_and_no_two_alike(
        self, first: int, mantissa: int, power: int
    ) -> None:
        spacing = mantissa * 10**power
        values = [(first + k) * spacing for k in range(5)]
        words = counts([float(value) for value in values], spacing)
        assert len(set(words)) == 5
        for value, word in zip(values, words, strict=True):
            digits, _, millions = word.replace(",", "").partition(" ")
            assert float(digits) * (10**6 if millions else 1) == pytest.approx(value, rel=1e-11)

    def test_a_long_run_is_counted_in_millions_and_a_short_one_is_not(self) -> None:
        assert counts([0, 1e6, 2e6], 1e6) == ["0", "1 M", "2 M"]
        assert counts([0, 100_000, 200_000], 100_000) == ["0", "100,000", "200,000"]
        assert counts([3_000_000, 3_000_001], 1) == ["3,000,000", "3,000,001"]
