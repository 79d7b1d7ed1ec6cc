"""Photographs on real turns: what is shown, and when the next one is taken."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from explorer.core.trace import Trace
from explorer.session.photographs import Photographs
from explorer.session.session import Session
from explorer.session.turns import TICK, Turns


@pytest.fixture
def trace(opened: Session) -> Callable[[int], Trace]:
    """A trace that is numbered as that of an update."""
    moment = opened.moment
    assert moment is not None
    real = moment.trace
    return lambda update: replace(real, update=update)


class Window:
    """Shows photographs, each for longer than there ever is between two ticks."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.shown: list[int] = []
        self.taken: list[tuple[int, bool]] = []  # after which update, and whether one was drawn
        self.photographs = Photographs(turns, self.show, self.take)

    def show(self, trace: Trace) -> None:
        self.shown.append(trace.update)
        busy(1.5 * TICK / 1000)

    def take(self, update: int, seconds: float) -> None:
        self.taken.append((update, seconds > TICK / 1000))

    def show_first(self, trace: Trace, qtbot: QtBot) -> None:
        """Let one come, and wait until nothing is left to do: the next tick is 16 ms away."""
        self.photographs.arrive(trace)
        qtbot.waitUntil(lambda: not self.turns.timer.isActive())
        assert self.shown[-1] == trace.update
        self.taken.clear()


def busy(seconds: float) -> None:
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        pass


def test_the_next_is_taken_when_one_is_drawn(
    turns: Turns, trace: Callable[[int], Trace], qtbot: QtBot
) -> None:
    window = Window(turns)
    window.photographs.arrive(trace(7))
    qtbot.waitUntil(lambda: (7, True) in window.taken)
    assert window.shown == [7]


def test_while_one_waits_for_its_tick_the_next_is_taken_and_no_more_than_two_wait(
    turns: Turns, trace: Callable[[int], Trace], qtbot: QtBot
) -> None:
    window = Window(turns)
    window.show_first(trace(7), qtbot)
    window.photographs.arrive(trace(8))
    assert window.taken == [(8, False)]
    window.photographs.arrive(trace(9))
    assert window.taken == [(8, False)]
    qtbot.waitUntil(lambda: window.shown == [7, 8, 9])
    assert window.taken == [(8, False), (9, True), (9, True)]


def test_none_is_taken_ahead_that_would_come_after_the_tick(
    turns: Turns, trace: Callable[[int], Trace], qtbot: QtBot
) -> None:
    window = Window(turns)
    for update in range(8):  # each comes later after it was asked for than a tick takes
        window.show_first(trace(update + 1), qtbot)
        busy(TICK / 1000)
    other = turns.add(lambda: None, 0.0)
    other.ask()  # and lets the ticks begin
    busy(0.5 * TICK / 1000)
    window.photographs.arrive(trace(9))
    assert window.taken == []
    qtbot.waitUntil(lambda: window.taken == [(9, True)])


def test_those_that_are_dropped_are_not_shown(
    turns: Turns, trace: Callable[[int], Trace], qtbot: QtBot
) -> None:
    window = Window(turns)
    window.show_first(trace(7), qtbot)
    for update in (8, 9):
        window.photographs.arrive(trace(update))
    window.photographs.drop()
    window.photographs.arrive(trace(10))
    qtbot.waitUntil(lambda: not turns.timer.isActive())
    assert window.shown == [7, 10]
