"""Moments in motion, whose edges are drawn beside the window before they are shown."""

from __future__ import annotations

import threading
from collections.abc import Callable

from msgspec import Struct
from PySide6.QtCore import QObject, QTimer, Signal

from explorer.core.moment import Moment
from explorer.views.network.edge_picture import Made
from explorer.views.network.picture import Picture

_LOOK_EVERY = 2  # milliseconds


class Drawing(Struct, frozen=True, eq=False):
    """A moment, its values, and its edges once they are drawn."""

    moment: Moment
    picture: Picture
    edges: Made


class Ahead(QObject):
    """Has one moment after the other drawn in a thread, and tells with ``arrived``.

    Of moments that come meanwhile only the last is drawn next. The thread itself tells nothing,
    as the window may be gone before it ends.

    Parameters
    ----------
    prepare : callable
        Called in the window's thread with a moment; what it returns is called in another, and
        holds nothing of the window.
    """

    arrived = Signal(object)  # Drawing

    def __init__(self, prepare: Callable[[Moment], Callable[[], Drawing]], parent: QObject) -> None:
        super().__init__(parent)
        self._prepare = prepare
        self._waiting: Moment | None = None
        self._coming: Moment | None = None
        self._thread: threading.Thread | None = None
        self._done: list[Drawing] = []
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_EVERY)
        self._timer.timeout.connect(self._look)

    @property
    def busy(self) -> bool:
        """Whether a moment is on its way."""
        return self._coming is not None

    def offer(self, moment: Moment) -> None:
        """Draw a moment as soon as the one on its way is there."""
        self._waiting = moment
        if self._coming is None:
            self._begin()

    def drop(self) -> Moment | None:
        """Give up what is on its way; returns the last moment that was."""
        last = self._waiting or self._coming
        if self._thread is not None:
            self._thread.join()
        self._end()
        self._waiting = None
        return last

    def _begin(self) -> None:
        self._coming, self._waiting = self._waiting, None
        if self._coming is None:
            return
        work, done = self._prepare(self._coming), self._done
        self._thread = threading.Thread(target=lambda: done.append(work()), daemon=True)
        self._thread.start()
        self._timer.start()

    def _end(self) -> None:
        self._timer.stop()
        self._thread = self._coming = None
        self._done = []

    def _look(self) -> None:
        if self._thread is not None and not self._thread.is_alive():
            done = self._done
            self._end()
            for drawing in done:  # none, where drawing failed
                self.arrived.emit(drawing)
            self._begin()
