from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.core.history import History, room_for
from explorer.core.part_of_network import Neuron


def run(history: History[str], updates: int, start: int = 0) -> list[int]:
    """Keep keyframes as a trainer does; returns the updates at which one was due."""
    kept = []
    for update in range(start, updates + 1):
        if history.due(update):
            history.keep(update, f"state {update}")
            kept.append(update)
    return kept


def found(history: History[str], updates: int) -> list[int]:
    """The keyframes that are still there, seen from outside."""
    return sorted({int(history.before(u).split()[1]) for u in range(updates + 1)})


def test_keyframes_are_due_at_every_spacing_once() -> None:
    history: History[str] = History(spacing=4, capacity=1000)
    assert run(history, 20) == [0, 4, 8, 12, 16, 20]
    assert not history.due(8)
    assert not history.due(9)
    assert history.due(24)


def test_before_is_the_latest_keyframe_at_or_before() -> None:
    history: History[str] = History(spacing=4, capacity=1000)
    run(history, 20)
    assert [history.before(u) for u in (0, 3, 4, 11, 20, 23)] == [
        "state 0",
        "state 0",
        "state 4",
        "state 8",
        "state 20",
        "state 20",
    ]


@settings(deadline=None, max_examples=40)
@given(spacing=st.integers(1, 8), capacity=st.integers(8, 40), updates=st.integers(0, 6000))
def test_thinning_keeps_the_start_and_never_strays_far(
    spacing: int, capacity: int, updates: int
) -> None:
    """The distance back to a keyframe grows no faster than the age of the update."""
    history: History[str] = History(spacing, capacity)
    run(history, updates)
    assert history.before(0) == "state 0"
    assert history.earliest == 0
    kept = found(history, updates)
    assert len(kept) <= capacity
    doublings = math.log2(updates / spacing + 2)
    for update in range(0, updates + 1, 7):
        back = update - int(history.before(update).split()[1])
        age = updates - update
        assert back <= 4 * spacing + 4 * (age + back) * doublings / capacity


def test_less_room_is_made_at_once_and_more_is_used_from_then_on() -> None:
    history: History[str] = History(spacing=4, capacity=100)
    run(history, 200)
    history.hold(5)
    kept = found(history, 200)
    assert len(kept) == 5
    assert (kept[0], kept[-1]) == (0, 200)
    history.hold(2)
    assert found(history, 200) == [0, 200]
    history.hold(100)
    run(history, 240, start=201)
    assert found(history, 240) == [0, *range(200, 241, 4)]


def test_without_need_nothing_is_thinned() -> None:
    history: History[str] = History(spacing=8, capacity=100)
    run(history, 99 * 8)
    assert found(history, 99 * 8) == list(range(0, 99 * 8 + 1, 8))


def test_recent_updates_keep_every_keyframe() -> None:
    history: History[str] = History(spacing=8, capacity=64)
    run(history, 10_000)
    assert [u for u in found(history, 10_000) if u > 10_000 - 40] == list(range(9968, 10_001, 8))


def test_a_keyframe_put_between_others_is_found() -> None:
    """As when a thinned stretch is replayed."""
    history: History[str] = History(spacing=4, capacity=1000)
    for update in (0, 20, 40):
        history.keep(update, f"state {update}")
    assert history.due(8)
    history.keep(8, "state 8")
    assert [history.before(u) for u in (7, 8, 19, 20)] == [
        "state 0", "state 8", "state 8", "state 20",
    ]  # fmt: skip


class TestStops:
    def test_the_next_keyframe_or_edit(self) -> None:
        history: History[str] = History(spacing=8, capacity=10)
        assert [history.next_stop(u) for u in (0, 7, 8, 15)] == [8, 8, 16, 16]
        history.note_edit(11, Neuron(1, 0), 0.5)
        assert [history.next_stop(u) for u in (8, 10, 11)] == [11, 11, 16]

    def test_the_next_change_of_settings(self, experiment_of) -> None:
        history: History[str] = History(spacing=8, capacity=10)
        assert history.next_change(0) > 10**15
        history.note_settings(5, experiment_of())
        assert history.next_change(4) == 5
        assert history.next_change(5) > 10**15


class TestRoom:
    def test_a_keyframe_is_a_small_share_of_the_time_between(self) -> None:
        assert room_for(1e-6, 1000).spacing == 8192
        assert room_for(4e-4, 1000).spacing == 16
        assert room_for(1.0, 1000).spacing == 1

    def test_all_keyframes_fit_into_their_memory(self) -> None:
        for size in (100, 10_000, 1_000_000):
            assert room_for(1e-6, size).capacity * size <= 16 * 2**20
        assert room_for(1e-6, 10**9).capacity == 4


class TestForgetAfter:
    @pytest.fixture
    def history(self) -> History[str]:
        history: History[str] = History(spacing=4, capacity=1000)
        run(history, 40)
        return history

    def test_later_keyframes_go_and_are_due_again(self, history: History[str]) -> None:
        history.forget_after(17)
        assert found(history, 40) == [0, 4, 8, 12, 16]
        assert history.due(20)
        assert not history.due(16)

    def test_the_keyframe_at_that_update_stays(self, history: History[str]) -> None:
        history.forget_after(16)
        assert history.before(40) == "state 16"

    def test_settings_noted_there_stay_and_later_ones_go(
        self, history: History[str], experiment_of
    ) -> None:
        one, two = experiment_of(title="one"), experiment_of(title="two")
        history.note_settings(16, one)
        history.note_settings(17, two)
        history.forget_after(16)
        assert history.settings_from(16) is one
        assert history.settings_from(17) is None


def test_settings_noted_again_replace_the_earlier(experiment_of) -> None:
    history: History[str] = History(spacing=8, capacity=10)
    one, two = experiment_of(title="one"), experiment_of(title="two")
    assert history.settings_from(3) is None
    history.note_settings(3, one)
    history.note_settings(3, two)
    assert history.settings_from(3) is two
    assert history.settings_from(4) is None


def test_a_copy_goes_on_apart() -> None:
    history: History[str] = History(spacing=4, capacity=1000)
    run(history, 8)
    twin = history.copy()
    assert found(twin, 20) == found(history, 20) == [0, 4, 8]
    run(twin, 40, start=9)
    twin.forget_after(4)
    assert found(twin, 20) == [0, 4]
    assert found(history, 20) == [0, 4, 8]
    assert history.earliest == twin.earliest == 0
