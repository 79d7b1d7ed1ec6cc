from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.cost_pyramid import CostPyramid

Array = np.ndarray[Any, Any]

PIECES = st.lists(
    st.tuples(st.floats(0, 1.2), st.lists(st.floats(-1e6, 1e6, width=32), max_size=150)),
    min_size=1,
    max_size=8,
)


def filled(costs: Array) -> CostPyramid:
    pyramid = CostPyramid()
    pyramid.extend(costs)
    return pyramid


def brute_force(costs: Array, first: int, last: int, most: int) -> list[tuple[float, ...]]:
    """(x, low, high) of the buckets of 2ⁿ updates that hold ``first`` to ``last``."""
    first, last = max(first, 1), min(last, len(costs))
    size = 1
    while (last - 1) // size - (first - 1) // size + 1 > most:
        size *= 2
    buckets = []
    for start in range((first - 1) // size * size, last, size):
        part = costs[start : start + size]
        updates = range(start + 1, start + len(part) + 1)
        buckets.append((np.mean(updates), part.min(), part.max()))
    return buckets


def assert_outline(pyramid: CostPyramid, costs: Array, first: int, last: int, buckets: int) -> None:
    outline = pyramid.outline(first, last, buckets)
    expected = brute_force(costs, first, last, buckets) if first <= last else []
    assert len(outline.x) <= buckets
    assert list(zip(*(part.tolist() for part in outline), strict=True)) == expected


class TestOutline:
    @given(PIECES, st.integers(-5, 600), st.integers(-5, 600), st.integers(1, 60))
    def test_holds_the_extremes_of_every_bucket(
        self, pieces: list[tuple[float, list[float]]], first: int, last: int, buckets: int
    ) -> None:
        """However the costs came: in pieces, some of them in place of later ones."""
        pyramid, costs = CostPyramid(), np.empty(0, np.float32)
        for share, piece in pieces:
            kept = int(share * len(costs))
            pyramid.forget_after(kept)
            pyramid.extend(np.array(piece))
            costs = np.append(costs[:kept], np.array(piece, np.float32))
            assert len(pyramid) == len(costs)
        assert_outline(pyramid, costs, first, min(last, len(costs)), buckets)

    @pytest.mark.parametrize("first", [1, 70_000, 99_000])
    @pytest.mark.parametrize("buckets", [7, 450, 100_000])
    def test_of_a_long_run_is_exact_at_every_depth(self, first: int, buckets: int) -> None:
        costs = np.random.default_rng(0).random(100_000, np.float32)
        assert_outline(filled(costs), costs, first, 100_000, buckets)

    def test_few_costs_are_shown_one_by_one(self) -> None:
        outline = filled(np.array([3, 1, 2])).outline(1, 3, 100)
        assert outline.x.tolist() == [1, 2, 3]
        assert outline.low.tolist() == outline.high.tolist() == [3, 1, 2]

    def test_of_nothing_is_empty(self) -> None:
        outline = CostPyramid().outline(1, 100, 10)
        assert [len(part) for part in outline] == [0, 0, 0]

    def test_buckets_stay_where_they_are_while_the_run_grows(self) -> None:
        costs = np.random.default_rng(0).random(5000)
        pyramid = filled(costs[:4200])
        before = pyramid.outline(1, 4200, 450)
        pyramid.extend(costs[4200:])
        after = pyramid.outline(1, 5000, 450)
        assert np.array_equal(after.low[: len(before.low) - 1], before.low[:-1])


class TestBounds:
    """A small pyramid: 64 exact costs, 32 buckets of each longer kind, at the least."""

    def grown(self, n: int) -> tuple[CostPyramid, Array]:
        costs = np.random.default_rng(n).random(n, np.float32)
        pyramid = CostPyramid(exact=64, buckets=32)
        for start in range(0, n, 25):
            pyramid.extend(costs[start : start + 25])
        return pyramid, costs

    def test_the_latest_costs_are_exact(self) -> None:
        pyramid, costs = self.grown(3000)
        assert_outline(pyramid, costs, 3000 - 63, 3000, 64)

    def test_the_first_costs_are_exact_too_and_after_going_back_there(self) -> None:
        costs = np.random.default_rng(0).normal(size=300_000).astype(np.float32)
        pyramid = CostPyramid(exact=4096, buckets=256)
        pyramid.extend(costs)
        assert_outline(pyramid, costs, 1, 256, 256)
        pyramid.forget_after(15)
        assert_outline(pyramid, costs[:15], 1, 15, 100)
        pyramid.extend(costs[100:120])
        assert_outline(pyramid, np.append(costs[:15], costs[100:120]), 1, 35, 100)

    @pytest.mark.parametrize(("age", "size"), [(400, 16), (2900, 256)])
    def test_older_ones_are_the_extremes_of_as_many_as_are_kept(self, age: int, size: int) -> None:
        """Every bucket's, and of no fewer updates than that."""
        pyramid, costs = self.grown(3000)
        first = (3000 - age) // size * size + 1
        outline = pyramid.outline(first, first + 2 * size - 1, 1000)
        parts = costs[first - 1 : first - 1 + 2 * size].reshape(2, size)
        assert outline.low.tolist() == parts.min(axis=1).tolist()
        assert outline.high.tolist() == parts.max(axis=1).tolist()

    def test_the_whole_run_keeps_its_extremes(self) -> None:
        pyramid, costs = self.grown(20_000)
        outline = pyramid.outline(1, 20_000, 100)
        assert outline.low.min() == costs.min()
        assert outline.high.max() == costs.max()

    @pytest.mark.parametrize("first", [1, 2, 3, 700, 9000])
    def test_octaves_have_as_many_buckets_each(self, first: int) -> None:
        costs = np.random.default_rng(0).normal(size=9000).astype(np.float32)
        outline = filled(costs).outline_by_octaves(first, 20_000, 8 * 14)
        ends = [2**k for k in range(14) if first <= 2**k < 9000] + [9000]
        expected, begin = [], first
        for end in ends:
            octaves = 14 - (first - 1).bit_length() + 1
            expected += brute_force(costs, begin, end, 8 * 14 // octaves)
            begin = end + 1
        assert list(zip(*(part.tolist() for part in outline), strict=True)) == expected

    def test_octaves_that_are_kept_coarsely_show_each_bucket_once(self) -> None:
        pyramid, costs = self.grown(20_000)
        outline = pyramid.outline_by_octaves(1, 20_000, 400)
        assert (np.diff(outline.x) > 0).all()
        assert outline.low.min() == costs.min()
        assert outline.high.max() == costs.max()
        assert [len(part) for part in CostPyramid().outline_by_octaves(1, 9, 400)] == [0, 0, 0]

    @pytest.mark.parametrize("kept", [2999, 2960, 2900, 2816, 2500, 1024, 500, 17, 0])
    def test_what_is_forgotten_is_not_shown_again(self, kept: int) -> None:
        """Costs between two kept buckets may go with it, but nothing of the later ones stays."""
        pyramid, costs = self.grown(3000)
        before = pyramid.outline(1, max(kept - 256, 0), 10_000)
        pyramid.forget_after(kept)
        costs = costs[:kept]
        pyramid.extend(np.full(40, 5.0))
        assert len(pyramid) == kept + 40
        outline = pyramid.outline(1, kept + 40, 10_000)
        known = dict(zip(outline.x.tolist(), outline.low.tolist(), strict=True))
        for x, low in zip(before.x.tolist(), before.low.tolist(), strict=True):
            if x in known:
                assert known[x] == low
        old = outline.high[outline.high < 5]
        assert not len(old) or old.max() <= costs.max()
        assert outline.high[-1] == 5
        assert pyramid.outline(kept + 1, kept + 40, 40).low.tolist() == [5.0] * 40

    def test_memory_does_not_grow_with_the_run(self) -> None:
        pyramid = CostPyramid()
        piece = np.ones(1_000_000, np.float32)
        for _ in range(40):
            pyramid.extend(piece)
        assert len(pyramid) == 40_000_000
        assert pyramid.nbytes < 24 * 2**20
