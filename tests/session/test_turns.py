"""Turns on real timers: what is shown when, and what is not."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from pytestqt.qtbot import QtBot

from explorer.session.turns import TICK, Turn, Turns


def test_what_was_asked_for_is_shown_once(turns: Turns, qtbot: QtBot) -> None:
    shown: list[str] = []
    turn = turns.add(lambda: shown.append("it"), 0.0)
    turn.ask()
    turn.ask()
    assert shown == []  # not before the tick
    qtbot.waitUntil(lambda: not turns.timer.isActive())
    assert shown == ["it"]


def shown_by_ticks(turns: Turns, qtbot: QtBot, seconds: float, rounds: int) -> list[set[str]]:
    """What three turns that take so long are shown in, by the ticks in which one was."""
    ticks: list[set[str]] = [set()]
    turns.timer.timeout.connect(lambda: ticks.append(set()))  # after the turns of this tick

    def show(name: str) -> None:
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            pass
        ticks[-1].add(name)

    several = [turns.add(lambda n=name: show(n), 0.0) for name in "abc"]
    for _ in range(rounds):
        for turn in several:
            turn.ask()
        qtbot.waitUntil(lambda: not any(turn.asked for turn in several))
    return [tick for tick in ticks if tick]


def test_what_takes_long_has_a_tick_of_its_own_and_each_its_turn(
    turns: Turns, qtbot: QtBot
) -> None:
    shown = shown_by_ticks(turns, qtbot, seconds=0.6 * TICK / 1000, rounds=4)
    assert [len(tick) for tick in shown] == [1] * 12
    for first in range(0, 12, 3):
        assert set.union(*shown[first : first + 3]) == set("abc")


def test_what_is_quick_shares_a_tick_once_that_is_known(turns: Turns, qtbot: QtBot) -> None:
    shown = shown_by_ticks(turns, qtbot, seconds=0.0, rounds=4)
    assert shown == [{"a"}, {"b"}, {"c"}, set("abc"), set("abc"), set("abc")]


def test_nothing_is_shown_again_before_its_time(turns: Turns, qtbot: QtBot) -> None:
    times: list[float] = []
    turn = turns.add(lambda: times.append(time.perf_counter()), 0.1)
    while len(times) < 3:
        turn.ask()
        qtbot.waitUntil(lambda: not turn.asked)
    gaps = [later - sooner for sooner, later in pairwise(times)]
    assert min(gaps) >= 0.1 - TICK / 2000 - 0.001


def test_a_slow_one_does_not_keep_a_quick_one_from_its_turn(turns: Turns, qtbot: QtBot) -> None:
    """The one that is asked for again at once waits for the other."""
    shown: list[str] = []
    eager = turns.add(lambda: (shown.append("eager"), eager.ask()), 0.0)
    other = turns.add(lambda: shown.append("other"), 0.0)
    eager.ask()
    qtbot.waitUntil(lambda: len(shown) >= 2)
    other.ask()
    qtbot.waitUntil(lambda: "other" in shown)
    eager.drop()
    assert shown.index("other") <= 4


@pytest.mark.parametrize("all_of_them", [False, True])
def test_what_is_taken_back_is_not_shown(turns: Turns, qtbot: QtBot, all_of_them: bool) -> None:
    shown: list[str] = []
    dropped, kept = (turns.add(lambda n=name: shown.append(n), 0.0) for name in ("no", "yes"))
    dropped.ask()
    if all_of_them:
        turns.stop()
        assert not turns.timer.isActive()
    else:
        dropped.drop()
    kept.ask()
    qtbot.waitUntil(lambda: not turns.timer.isActive())
    assert shown == ["yes"]


def test_it_is_told_when_a_tick_has_shown_all_it_will(turns: Turns, qtbot: QtBot) -> None:
    told: list[str] = []
    turns.over.connect(lambda: told.append("over"))
    several = [turns.add(lambda n=name: told.append(n), 0.0) for name in "ab"]
    for _ in range(2):
        for turn in several:
            turn.ask()
        qtbot.waitUntil(lambda: not any(turn.asked for turn in several))
    assert told == ["a", "over", "b", "over", "a", "b", "over"]


class TestBetweenTicks:
    @pytest.fixture
    def shown(self) -> list[float]:
        """When the turn was shown."""
        return []

    @pytest.fixture
    def turn(self, turns: Turns, shown: list[float], qtbot: QtBot) -> Turn:
        """One that is known to be quick, after a tick with time left before the next."""
        turn = turns.add(lambda: shown.append(time.perf_counter()), 0.0)
        turn.ask()
        qtbot.waitUntil(lambda: len(shown) == 1)
        qtbot.waitUntil(lambda: not turns.timer.isActive())
        turns.timer.start()
        return turn

    def test_what_has_missed_a_tick_is_shown_at_once(
        self, turns: Turns, turn: Turn, shown: list[float]
    ) -> None:
        told: list[int] = []
        turns.over.connect(lambda: told.append(len(shown)))
        turn.ask(between=True)
        assert (len(shown), told) == (2, [2])
        assert not turn.asked

    def test_but_not_sooner_than_it_is_due(self, turns: Turns, qtbot: QtBot) -> None:
        shown: list[float] = []
        turn = turns.add(lambda: shown.append(time.perf_counter()), 0.1)
        turn.ask()
        qtbot.waitUntil(lambda: len(shown) == 1)
        turn.ask(between=True)
        assert len(shown) == 1
        qtbot.waitUntil(lambda: len(shown) == 2)

    def test_nor_when_it_would_make_the_next_tick_late(
        self, turn: Turn, shown: list[float], qtbot: QtBot
    ) -> None:
        turn.takes = 2 * TICK / 1000
        turn.ask(between=True)
        assert len(shown) == 1
        qtbot.waitUntil(lambda: len(shown) == 2)
