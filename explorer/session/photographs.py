"""Photographs of a run that trains: shown as the window finds time, and taken ahead of it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from explorer.core.trace import Trace
from explorer.session.turns import TICK, Turns

_MOST_WAITING = 2  # for their turn to be shown
_LONGEST = 0.75 * TICK / 1000  # seconds; what took longer was waited for, as at slow speeds
_LEARNS = 0.25  # of what the latest time differs from those before


class Photographs:
    """The photographs that have come and wait to be shown, one in a tick.

    Window and worker want the same interpreter, so that the next one is taken while the window
    waits: for it, or for the next tick, where the one before it has come too late for this tick.

    Parameters
    ----------
    show
        Shows one, the whole window's part of it.
    take
        Has the next one taken, of the update that has come last and the seconds that showing took,
        or 0 if it waits still; see :meth:`Worker.go_on`.
    """

    def __init__(
        self, turns: Turns, show: Callable[[Trace], None], take: Callable[[int, float], None]
    ) -> None:
        self._turns = turns
        self._turn = turns.add(self._show_next, TICK / 1000)
        turns.over.connect(self._on_over)
        self._show, self._take = show, take
        self._waiting: deque[Trace] = deque()
        self._newest = 0  # the update of the latest that has come
        self._took: float | None = None  # to show one, in seconds; not told the worker yet
        self._asked_at: float | None = None  # for the one that is under way
        self._takes = 0.0  # seconds from asking until one has come

    def arrive(self, trace: Trace) -> None:
        """Show one at once, or as soon as there is room."""
        self._waiting.append(trace)
        self._newest = trace.update
        if self._asked_at is not None:
            took = min(time.perf_counter() - self._asked_at, _LONGEST)
            self._takes += _LEARNS * (took - self._takes)
            self._asked_at = None
        self._turn.ask(between=True)
        until_tick = self._turns.timer.remainingTime() / 1000
        if 0 < len(self._waiting) < _MOST_WAITING and self._takes <= until_tick:
            self._ask(0.0)

    def drop(self) -> None:
        """Show none of those that wait."""
        self._waiting.clear()
        self._turn.drop()
        self._took = self._asked_at = None

    def _show_next(self) -> None:
        if not self._waiting:
            return
        begun = time.perf_counter()
        self._show(self._waiting.popleft())
        self._took = time.perf_counter() - begun
        if self._waiting:
            self._turn.ask()

    def _on_over(self) -> None:
        """Have the next one taken when nothing else is shown in this tick.

        Taking one beside that would keep both waiting for the interpreter.
        """
        if self._took is not None:
            self._ask(self._took)
            self._took = None

    def _ask(self, drawing_seconds: float) -> None:
        self._asked_at = self._asked_at or time.perf_counter()
        self._take(self._newest, drawing_seconds)
