from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.cost_history import CostHistory, TotalCost

COSTS = st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=200)


def filled(costs: list[float]) -> CostHistory:
    history = CostHistory()
    history.extend(1, np.array(costs, np.float32))
    return history


def costs_of(history: CostHistory) -> list[float]:
    return history.outline(1, len(history), max(len(history), 1)).low.tolist()


def updates_of(history: CostHistory) -> list[float]:
    return history.totals.column("update").tolist()


def total(update: int, train: float = 0.0) -> TotalCost:
    return TotalCost(update, train, math.nan, 0.5, math.nan)


class TestBatchCosts:
    @given(st.lists(COSTS, min_size=1, max_size=8))
    def test_pieces_follow_each_other(self, pieces: list[list[float]]) -> None:
        history = CostHistory()
        for piece in pieces:
            history.extend(len(history) + 1, np.array(piece))
        together = [cost for piece in pieces for cost in piece]
        assert costs_of(history) == together
        assert len(history) == len(together)

    def test_each_can_be_read(self) -> None:
        history = filled([3, 1, 2])
        assert [history.around(update) for update in (1, 2, 3)] == [(3, 3), (1, 1), (2, 2)]
        assert math.isnan(history.around(4)[0])

    def test_entering_an_update_again_forgets_what_followed(self) -> None:
        history = filled([1, 2, 3, 4, 5])
        for update in (1, 3, 5):
            history.measure(total(update))
        history.extend(3, np.array([30.0]))
        assert costs_of(history) == [1, 2, 30]
        assert updates_of(history) == [1]

    def test_forget_after(self) -> None:
        history = filled([1, 2, 3])
        for update in (0, 2, 3):
            history.measure(total(update))
        history.forget_after(2)
        assert costs_of(history) == [1, 2]
        assert updates_of(history) == [0, 2]
        history.forget_after(10)
        assert len(history) == 2
        history.forget_after(0)
        assert len(history) == 0
        assert updates_of(history) == [0]


class TestTotals:
    def test_stand_in_the_order_of_updates(self) -> None:
        history = CostHistory()
        for update in (0, 5, 9):
            history.measure(total(update))
        assert updates_of(history) == [0, 5, 9]

    def test_a_measurement_replaces_that_of_the_same_update_and_later_ones(self) -> None:
        history = CostHistory()
        for update, cost in ((0, 1.0), (5, 2.0), (9, 3.0), (5, 4.0)):
            history.measure(total(update, cost))
        assert updates_of(history) == [0, 5]
        assert history.totals.column("train").tolist() == [1, 4]

    def test_of_many_a_thousand_stay(self) -> None:
        """Evenly, but for the first, which all stay, and the latest two; all as they were."""
        history = CostHistory()
        for update in range(0, 30_000, 3):
            history.measure(total(update, update / 2))
        updates = history.totals.column("update")
        assert 1000 < len(updates) <= 2048
        assert updates[:128].tolist() == list(range(0, 384, 3))
        assert updates[-2:].tolist() == [29_994, 29_997]
        assert set(np.diff(updates[127:])[1:-2]) == {24}
        assert updates[-2] - updates[-3] <= 24
        assert np.array_equal(history.totals.column("train"), updates / 2)
        history.forget_after(20_000)
        for update in range(20_001, 40_000):
            history.measure(total(update))
        updates = history.totals.column("update")
        assert updates[-1] == 39_999
        assert 1000 < len(updates) <= 2048
        assert (np.diff(updates) > 0).all()

    def test_the_nearest_measurement(self) -> None:
        history = CostHistory()
        assert history.totals.nearest(3) is None
        for update in (0, 5, 9):
            history.measure(TotalCost(update, update * 2.0, 0.1, 0.2, 0.3))
        assert history.totals.nearest(6) == TotalCost(5, 10.0, 0.1, 0.2, 0.3)
        assert history.totals.nearest(100) == TotalCost(9, 18.0, 0.1, 0.2, 0.3)


def test_a_whole_history_stays_small() -> None:
    history = CostHistory()
    for update in range(20):
        history.extend(len(history) + 1, np.ones(1_000_000, np.float32))
        history.measure(total(update * 1_000_000))
    assert history.nbytes < 24 * 2**20
