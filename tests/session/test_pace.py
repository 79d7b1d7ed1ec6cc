"""The pace of playing, with a clock of the test's own."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.session.pace import CHUNK_SECONDS, Pace

EPOCH = 10**9


def paced(per_second: float = math.inf, stop_at: int = 0, *, to_epoch_end: bool = False) -> Pace:
    pace = Pace(to_epoch_end=to_epoch_end)
    pace.set(per_second, stop_at, now=100.0, update=50)
    return pace


def test_a_speed_is_kept_over_calls_of_whatever_length() -> None:
    pace, update = paced(per_second=1000), 50
    for now in (100.001, 100.02, 100.0201, 100.5, 101.0):
        while pace.due(now, update) > 0:
            made = pace.in_one_call(now, update, EPOCH)
            assert made >= 1
            update += made
            pace.made(made, made * 1e-7)
        assert update - 50 == pytest.approx((now - 100.0) * 1000, abs=1)
        assert pace.due(now, update) == 0


def test_flat_out_the_calls_grow_to_the_time_they_may_take() -> None:
    pace, calls = paced(), []
    pace.photographed(100.0)
    for _ in range(20):
        calls.append(pace.in_one_call(100.0, 50, EPOCH))
        pace.made(calls[-1], calls[-1] * 1e-6)
    assert calls[0] == 1
    assert all(late <= 4 * early for early, late in pairwise(calls))
    assert calls[-1] == pytest.approx(CHUNK_SECONDS / 1e-6, rel=1e-6)


def test_one_slow_call_shortens_the_next() -> None:
    pace = paced()
    for _ in range(20):
        pace.made(1000, 1e-3)
    pace.made(1000, 1.0)
    assert pace.in_one_call(0.0, 50, EPOCH) <= CHUNK_SECONDS / 1e-3


@given(stop_at=st.integers(51, 10**6), left=st.integers(1, 10**6), made=st.floats(1e-9, 1e-2))
def test_no_call_goes_beyond_the_end(stop_at: int, left: int, made: float) -> None:
    pace = paced(stop_at=stop_at, to_epoch_end=True)
    for _ in range(30):
        pace.made(1, made)
    updates = pace.in_one_call(200.0, 50, left)
    assert 1 <= updates <= min(stop_at - 50, left)


def test_it_ends_at_the_update_or_with_the_epoch() -> None:
    assert paced(stop_at=70).over(70, epoch_over=False)
    assert not paced(stop_at=70).over(69, epoch_over=True)
    assert not paced(stop_at=0).over(70, epoch_over=True)
    assert paced(to_epoch_end=True).over(70, epoch_over=True)
    assert not paced(to_epoch_end=True).over(70, epoch_over=False)


def test_an_end_that_lies_behind_is_none() -> None:
    pace = paced(stop_at=40)
    for _ in range(30):
        pace.made(1, 1e-6)
    assert pace.in_one_call(200.0, 50, EPOCH) > 40
    assert not pace.over(51, epoch_over=False)


class TestPhotographs:
    def test_the_first_is_due_at_once_and_the_next_when_it_is_drawn(self) -> None:
        pace = paced()
        assert pace.photograph_due(100.0)
        pace.photographed(100.0)
        assert not pace.photograph_due(1e9)
        pace.drawn(100.02, 0.01, holds_gil=False)
        assert pace.photograph_due(100.02)

    def test_beside_training_that_holds_the_gil_there_are_thirty_a_second(self) -> None:
        pace = paced()
        pace.photographed(100.0)
        pace.drawn(100.005, 0.005, holds_gil=True)
        assert not pace.photograph_due(100.033)
        assert pace.photograph_due(100.034)

    def test_training_that_holds_the_gil_has_as_much_time_as_drawing(self) -> None:
        slow, other = paced(), paced()
        slow.drawn(100.0, 0.5, holds_gil=True)
        other.drawn(100.0, 0.5, holds_gil=False)
        assert not slow.photograph_due(100.49)
        assert slow.photograph_due(100.51)
        assert other.photograph_due(100.01)

    def test_calls_are_shorter_when_one_is_nearly_due(self) -> None:
        pace = paced()
        for _ in range(20):
            pace.made(1000, 1e-3)
        pace.photographed(100.0)
        pace.drawn(100.0, 0.0, holds_gil=True)  # due at 100.033
        long, short, least = (pace.in_one_call(now, 50, EPOCH) for now in (100.0, 100.027, 100.033))
        assert long > short > least > 0


def test_totals_are_measured_for_a_tenth_of_the_time_at_most() -> None:
    pace = paced()
    assert pace.totals_due(100.0, 5)
    pace.measured(100.0, 0.03, 5, quick=False)
    assert not pace.totals_due(100.29, 6000)
    assert pace.totals_due(100.31, 6000)
    pace.measured(100.0, 0.5, 6000, quick=False)
    assert not pace.totals_due(104.9, 10**9)
    assert pace.totals_due(105.1, 6001)


def test_totals_that_are_quickly_measured_follow_the_growth_of_a_run() -> None:
    pace = paced()
    for _ in range(10):
        pace.made(100, 0.0001)
    pace.measured(100.0, 0.001, 40, quick=True)
    assert not pace.totals_due(100.001, 59)
    assert pace.totals_due(100.001, 60)
    assert pace.in_one_call(100.001, 50, EPOCH) == 10
    assert pace.in_one_call(100.001, 60, EPOCH) == 1  # while it has not been measured yet
    pace.measured(100.001, 0.001, 61, quick=True)
    assert pace.in_one_call(100.001, 61, EPOCH) == 31
