"""Turns on real timers: what is shown when, and what is not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise

import pytest
from pytestqt.qtbot import QtBot

from explorer.session.turns import TICK, Turns


@pytest.fixture
def turns(qapp: object) -> Iterator[Turns]:
    del qapp
    made = Turns()
    yield made
    made.stop()


def test_what_was_asked_for_is_shown_once(turns: Turns, qtbot: QtBot) -> None:
    shown: list[str] = []
    turn = turns.add(lambda: shown.append("it"), 0.0)
    turn.ask()
    turn.ask()
    assert shown == []  # not before the tick
    qtbot.waitUntil(lambda: not turns.timer.isActive())
    assert shown == ["it"]


def test_one_thing_is_shown_a_tick_and_each_has_its_turn(turns: Turns, qtbot: QtBot) -> None:
    shown: list[tuple[str, int]] = []
    ticks = [0]
    turns.timer.timeout.connect(lambda: ticks.__setitem__(0, ticks[0] + 1))
    several = [turns.add(lambda n=name: shown.append((n, ticks[0])), 0.0) for name in "abc"]
    for _ in range(4):
        for turn in several:
            turn.ask()
        qtbot.waitUntil(lambda: not any(turn.asked for turn in several))
    assert sorted(name for name, _ in shown) == sorted("abc" * 4)
    assert len({tick for _, tick in shown}) == len(shown)
    for first in range(0, 12, 3):
        assert {name for name, _ in shown[first : first + 3]} == set("abc")


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
