from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.views.contours import contour, level_texts, levels_of, nice_multiples, resampled

Array = np.ndarray[Any, Any]
X, Y = np.meshgrid(np.arange(21.0), np.arange(15.0))


class TestLevels:
    @given(low=st.floats(-1e3, 1e3), span=st.floats(1e-2, 1e6), most=st.integers(2, 14))
    def test_are_nice_and_few(self, low: float, span: float, most: int) -> None:
        multiples = nice_multiples(low, low + span, most)
        assert 1 <= len(multiples) <= most + 1
        if len(multiples) > 1:
            step = multiples[1] - multiples[0]
            figure = step / 10 ** np.floor(np.log10(step) + 1e-9)
            assert min(abs(figure - nice) for nice in (1, 2, 2.5, 5, 10)) < 1e-2
            assert multiples / step == pytest.approx(np.round(multiples / step), abs=1e-3, rel=0)

    @given(low=st.floats(1e-3, 10), ratio=st.floats(1.01, 1e7), most=st.integers(5, 14))
    def test_lie_between_the_least_and_the_largest(
        self, low: float, ratio: float, most: int
    ) -> None:
        levels = levels_of(np.array([[low, low * ratio]]), most)
        assert 1 <= len(levels) <= most + 1
        assert (levels > low).all()
        assert (levels < low * ratio).all()
        assert (np.diff(levels) > 0).all()

    def test_many_times_higher_at_the_edge(self) -> None:
        levels = levels_of(np.array([[0.3, 4000.0]]), 9)
        assert levels.tolist() == [1, 3, 10, 30, 100, 300, 1000, 3000]

    @pytest.mark.parametrize("value", [0.0, 3.5, np.nan, np.inf])
    def test_a_flat_field_has_none(self, value: float) -> None:
        assert not levels_of(np.full((3, 3), value), 8).size

    def test_what_overflowed_does_not_count(self) -> None:
        assert levels_of(np.array([[0.0, 1.0], [np.inf, np.nan]]), 4).tolist() == [0.25, 0.5, 0.75]

    @pytest.mark.parametrize(
        ("levels", "texts"),
        [
            ([-0.5, 0, 0.5], ["−0.5", "0.0", "0.5"]),
            ([1, 2], ["1", "2"]),
            ([0.891, 0.892], ["0.891", "0.892"]),
            ([1000, 2000], ["1,000", "2,000"]),
            ([1e-6, 2e-6], ["1e-06", "2e-06"]),
            ([], []),
        ],
    )
    def test_texts(self, levels: list[float], texts: list[str]) -> None:
        assert level_texts(np.array(levels, float)) == [t.replace("e-", "e−") for t in texts]


class TestResampled:
    @settings(max_examples=20)
    @given(a=st.floats(-5, 5), b=st.floats(-5, 5), c=st.floats(-5, 5))
    def test_a_plane_stays_a_plane(self, a: float, b: float, c: float) -> None:
        fine = resampled(a * X + b * Y + c, 60, 100)
        rows = (np.arange(60) + 0.5) / 60 * 14
        columns = (np.arange(100) + 0.5) / 100 * 20
        inner = np.ix_((rows > 1) & (rows < 13), (columns > 1) & (columns < 19))
        expected = a * columns[None, :] + b * rows[:, None] + c
        assert fine[inner] == pytest.approx(expected[inner], abs=1e-9)

    def test_from_edge_to_edge(self) -> None:
        field = np.random.default_rng(0).normal(size=(4, 5))
        fine = resampled(field, 31, 41, to_edges=True)
        assert fine[::10, ::10] == pytest.approx(field)

    def test_a_constant_stays_constant(self) -> None:
        assert resampled(np.full((2, 3), 7.0), 11, 13) == pytest.approx(np.full((11, 13), 7.0))


class TestContour:
    def test_of_a_hill_is_closed_and_at_the_level(self) -> None:
        field = (X - 10) ** 2 + (Y - 7) ** 2
        lines = contour(field, 20.3)
        ends = Counter((round(x, 6), round(y, 6)) for x, y in lines.reshape(-1, 2).tolist())
        assert set(ends.values()) == {2}
        for x, y in ends:
            assert np.hypot(x - 10, y - 7) == pytest.approx(20.3**0.5, abs=0.07)
        lengths = np.hypot(lines[:, 0] - lines[:, 2], lines[:, 1] - lines[:, 3])
        assert lengths.sum() == pytest.approx(2 * np.pi * 20.3**0.5, rel=0.02)

    def test_of_a_slope_is_straight(self) -> None:
        lines = contour(X, 3.25)
        assert lines[:, 0::2] == pytest.approx(np.full((14, 2), 3.25))
        assert sorted(lines[:, 1::2].min(axis=1)) == list(range(14))

    def test_a_saddle_has_two_lines(self) -> None:
        lines = contour(np.array([[1.0, 0.0], [0.0, 1.0]]), 0.5)
        assert len(lines) == 2
        ends = {tuple(p) for p in lines.reshape(-1, 2).tolist()}
        assert ends == {(0.5, 0), (1, 0.5), (0.5, 1), (0, 0.5)}

    @pytest.mark.parametrize("level", [-1.0, 1e9])
    def test_nowhere(self, level: float) -> None:
        assert contour(X, level).shape == (0, 4)
