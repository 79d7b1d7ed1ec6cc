"""Threads that share out the parts of a piece of work. No Qt here."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import TypeAlias

Part: TypeAlias = tuple[int, int]
_Work: TypeAlias = tuple[Callable[[int, int], None], deque[Part], SimpleQueue[None]]


class Crew:
    """So many threads, the caller's among them, for work that lets go of the GIL.

    Each takes the next part when it is done with one, so that nobody waits for a thread that
    the machine has no time for.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._offers: SimpleQueue[_Work] = SimpleQueue()
        self._hired = 1

    def share(self, work: Callable[[int, int], None], parts: Sequence[Part]) -> None:
        """Do all parts of the work; returns when all are done."""
        todo, done = deque(parts), SimpleQueue[None]()
        for _ in range(min(self.size, len(parts)) - 1):
            self._offers.put((work, todo, done))
        while self._hired < min(self.size, len(parts)):
            self._hired += 1
            threading.Thread(target=self._serve, name="drawing", daemon=True).start()
        _take_part(work, todo, done)
        for _ in parts:
            done.get()

    def _serve(self) -> None:
        while True:
            _take_part(*self._offers.get())


def _take_part(
    work: Callable[[int, int], None], todo: deque[Part], done: SimpleQueue[None]
) -> None:
    while True:
        try:
            part = todo.popleft()
        except IndexError:
            return
        try:
            work(*part)
        finally:
            done.put(None)
