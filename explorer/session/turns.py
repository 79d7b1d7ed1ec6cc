"""Turns: what the window shows while training runs, as much as fits in each sixtieth of a second.

Drawn in one go, the network, the costs and the panels would now and then keep the window longer
than the eye, or a hand on the mouse, takes for at once.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

TICK = 16  # milliseconds
_ROOM = 0.875 * TICK / 1000  # seconds of a tick in which to show more than one thing
_FORGETS = 0.25  # of how much longer an earlier time took


class Turn:
    """One thing that is shown again and again, when :meth:`ask` has been called since."""

    def __init__(self, show: Callable[[], None], seconds: float, wake: Callable[[], None]) -> None:
        self._show = show
        self._seconds = seconds
        self._wake = wake
        self._shown_at = 0.0
        self.takes = TICK / 1000  # seconds, or rather more; it is not known yet
        self.asked = False

    @property
    def due_at(self) -> float:
        """When enough time will have gone by since it was shown."""
        return self._shown_at + self._seconds

    def ask(self) -> None:
        """Let it be shown when it is due."""
        self.asked = True
        self._wake()

    def drop(self) -> None:
        """Take back what was asked for."""
        self.asked = False

    def take(self, now: float) -> None:
        """Show it."""
        first = not self._shown_at
        self.asked, self._shown_at = False, now
        begun = time.perf_counter()
        self._show()
        took = time.perf_counter() - begun
        self.takes = took if first else max(took, self.takes + _FORGETS * (took - self.takes))


class Turns(QObject):
    """Gives each tick to the turn, of those asked for and due, that has waited longest.

    Others follow it in the same tick as long as all of them are likely to fit. ``over`` tells when
    the window has time for others again.
    """

    over = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._turns: list[Turn] = []
        self.timer = QTimer(self)
        self.timer.setTimerType(Qt.TimerType.PreciseTimer)
        self.timer.setInterval(TICK)
        self.timer.timeout.connect(self._tick)

    def add(self, show: Callable[[], None], seconds: float) -> Turn:
        """A turn to show something at most every so many seconds."""
        turn = Turn(show, seconds, self._wake)
        self._turns.append(turn)
        return turn

    def stop(self) -> None:
        """Take back all that was asked for."""
        for turn in self._turns:
            turn.drop()
        self.timer.stop()

    def _wake(self) -> None:
        if not self.timer.isActive():
            self.timer.start()

    def _tick(self) -> None:
        asked = [turn for turn in self._turns if turn.asked]
        if not asked:
            self.timer.stop()
            return
        now = time.perf_counter()
        soon = now + TICK / 2000  # nearer to this tick than to the next
        room = math.inf
        for turn in sorted(asked, key=lambda turn: turn.due_at):
            if turn.due_at <= soon and turn.takes <= room:
                room = min(room, _ROOM) - turn.takes
                turn.take(now)
        self.over.emit()
