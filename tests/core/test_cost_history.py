from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.cost_history import CostHistory, TotalCost

COSTS = st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=200)


def filled(costs: list[float]) -> CostHistory:
    history = CostHistory()
    history.extend(1, np.array(costs, np.float32))
    return history


def total(update: int, train: float = 0.0) -> TotalCost:
    return TotalCost(update, train, math.nan, 0.5, math.nan)


class TestBatchCosts:
    @given(st.lists(COSTS, min_size=1, max_size=8))
    def test_pieces_follow_each_other(self, pieces: list[list[float]]) -> None:
        history = CostHistory()
        for piece in pieces:
            history.extend(len(history) + 1, np.array(piece))
        together = [cost for piece in pieces for cost in piece]
        assert history.batch_costs.tolist() == together
        assert len(history) == len(together)

    def test_grows_beyond_its_first_memory(self) -> None:
        costs = np.arange(10_000, dtype=np.float32)
        history = CostHistory()
        for start in range(0, 10_000, 7):
            history.extend(start + 1, costs[start : start + 7])
        assert np.array_equal(history.batch_costs, costs)
        at_once = CostHistory()
        at_once.extend(1, costs)
        assert np.array_equal(at_once.batch_costs, costs)

    def test_entering_an_update_again_forgets_what_followed(self) -> None:
        history = filled([1, 2, 3, 4, 5])
        for update in (1, 3, 5):
            history.measure(total(update))
        history.extend(3, np.array([30.0]))
        assert history.batch_costs.tolist() == [1, 2, 30]
        assert [t.update for t in history.totals] == [1]

    def test_forget_after(self) -> None:
        history = filled([1, 2, 3])
        for update in (0, 2, 3):
            history.measure(total(update))
        history.forget_after(2)
        assert history.batch_costs.tolist() == [1, 2]
        assert [t.update for t in history.totals] == [0, 2]
        history.forget_after(10)
        assert len(history) == 2
        history.forget_after(0)
        assert len(history) == 0
        assert [t.update for t in history.totals] == [0]


class TestTotals:
    def test_stand_in_the_order_of_updates(self) -> None:
        history = CostHistory()
        for update in (0, 5, 9):
            history.measure(total(update))
        assert [t.update for t in history.totals] == [0, 5, 9]

    def test_a_measurement_replaces_that_of_the_same_update_and_later_ones(self) -> None:
        history = CostHistory()
        for update, cost in ((0, 1.0), (5, 2.0), (9, 3.0), (5, 4.0)):
            history.measure(total(update, cost))
        assert [(t.update, t.train) for t in history.totals] == [(0, 1.0), (5, 4.0)]


class TestOutline:
    @given(
        COSTS,
        st.integers(-5, 220),
        st.integers(-5, 220),
        st.integers(1, 60),
    )
    def test_holds_the_extremes_of_every_bucket(
        self, costs: list[float], first: int, last: int, buckets: int
    ) -> None:
        outline = filled(costs).outline(first, last, buckets)
        shown = [(u, c) for u, c in enumerate(costs, start=1) if first <= u <= last]
        assert len(outline.x) == len(outline.low) == len(outline.high) <= buckets
        if not shown:
            assert len(outline.x) == 0
            return
        # Brute force: equal buckets, only the last may be smaller.
        size = math.ceil(len(shown) / buckets)
        for k, start in enumerate(range(0, len(shown), size)):
            updates, values = zip(*shown[start : start + size], strict=True)
            assert outline.x[k] == pytest.approx((updates[0] + updates[-1]) / 2)
            assert outline.low[k] == min(values)
            assert outline.high[k] == max(values)
        assert k == len(outline.x) - 1

    def test_few_costs_are_shown_one_by_one(self) -> None:
        outline = filled([3, 1, 2]).outline(1, 3, 100)
        assert outline.x.tolist() == [1, 2, 3]
        assert outline.low.tolist() == outline.high.tolist() == [3, 1, 2]

    def test_of_nothing_is_empty(self) -> None:
        outline = CostHistory().outline(1, 100, 10)
        assert [len(part) for part in outline] == [0, 0, 0]
