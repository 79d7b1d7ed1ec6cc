from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.core.history import History


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
    history: History[str] = History(spacing=4, recent=16)
    assert run(history, 20) == [0, 4, 8, 12, 16, 20]
    assert not history.due(8)
    assert not history.due(9)
    assert history.due(24)


def test_before_is_the_latest_keyframe_at_or_before() -> None:
    history: History[str] = History(spacing=4, recent=1000)
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
@given(spacing=st.integers(1, 8), factor=st.integers(2, 8), updates=st.integers(0, 6000))
def test_thinning_keeps_the_start_and_never_strays_far(
    spacing: int, factor: int, updates: int
) -> None:
    """The distance back to a keyframe grows no faster than the age of the update."""
    recent = spacing * factor
    history: History[str] = History(spacing, recent)
    run(history, updates)
    assert history.before(0) == "state 0"
    for update in range(0, updates + 1, 7):
        back = update - int(history.before(update).split()[1])
        age = updates - update
        assert back < max(spacing, 4 * spacing * (age + recent) / recent)


def test_the_number_of_keyframes_grows_with_the_logarithm() -> None:
    counts = {}
    for updates in (1_000, 10_000, 100_000):
        history: History[str] = History(spacing=8, recent=256)
        run(history, updates)
        counts[updates] = len(history._keyframes)
    for updates, count in counts.items():
        assert count <= 3 * 256 / 8 + 64 * math.log2(updates / 256 + 1)
    assert counts[100_000] < 3 * counts[1_000]


def test_recent_updates_keep_every_keyframe() -> None:
    history: History[str] = History(spacing=8, recent=256)
    run(history, 10_000)
    assert [u for u in found(history, 10_000) if u > 10_000 - 256] == list(
        range(9744 + 8, 10_001, 8)
    )


class TestForgetAfter:
    @pytest.fixture
    def history(self) -> History[str]:
        history: History[str] = History(spacing=4, recent=1000)
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
    history: History[str] = History()
    one, two = experiment_of(title="one"), experiment_of(title="two")
    assert history.settings_from(3) is None
    history.note_settings(3, one)
    history.note_settings(3, two)
    assert history.settings_from(3) is two
    assert history.settings_from(4) is None


def test_a_copy_goes_on_apart() -> None:
    history: History[str] = History(spacing=4, recent=1000)
    run(history, 8)
    twin = history.copy()
    assert found(twin, 20) == found(history, 20) == [0, 4, 8]
    run(twin, 40, start=9)
    twin.forget_after(4)
    assert found(twin, 20) == [0, 4]
    assert found(history, 20) == [0, 4, 8]
    assert history.earliest == twin.earliest == 0
