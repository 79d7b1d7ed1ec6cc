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
_LEARNS = 0.25  # of what the latest time differs from those before


class Turn:
    """One thing that is shown again and again, when :meth:`ask` has been called since."""

    def __init__(
        self, show: Callable[[], None], seconds: float, wake: Callable[[bool], None]
    ) -> None:
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

    def ask(self, *, between: bool = False) -> None:
        """Let it be shown when it is due.

        It may be shown between two ticks, if it has missed the first and will not make the second
        late.
        """
        self.asked = True
        self._wake(between)

    def drop(self) -> None:
        """Take back what was asked for."""
        self.asked = False

    def take(self) -> None:
        """Show it."""
        first, begun = not self._shown_at, time.perf_counter()
        self.asked, self._shown_at = False, begun
        self._show()
        took = time.perf_counter() - begun
        self.takes = took if first else self.takes + _LEARNS * (took - self.takes)


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

    def _wake(self, between: bool) -> None:
        if not self.timer.isActive():
            self.timer.start()
        if between:
            self._take(time.perf_counter(), self.timer.remainingTime() / 1000)

    def _tick(self) -> None:
        if not self._asked():
            self.timer.stop()
            return
        now = time.perf_counter()
        self._take(now + TICK / 2000, math.inf)  # nearer to this tick than to the next

    def _asked(self) -> list[Turn]:
        return [turn for turn in self._turns if turn.asked]

    def _take(self, due: float, room: float) -> None:
        """Take what is due by then, one turn at the least if there is infinite room."""
        taken = False
        for turn in sorted(self._asked(), key=lambda turn: turn.due_at):
            if turn.due_at <= due and turn.takes <= room:
                room = min(room, _ROOM) - turn.takes
                turn.take()
                taken = True
        if taken:
            self.over.emit()
