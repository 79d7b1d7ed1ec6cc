"""Playing: whether updates, or beats, follow each other by themselves, how fast, and until when."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from explorer.session.speed import FLAT_OUT, UNHURRIED, Speed


class Playing(QObject):
    """Lets beats follow each other by a timer, and updates by telling the worker how to train.

    Facts: ``changed`` (whether it goes on), ``beat_due``, ``train`` (:class:`Speed`, the update to
    stop after or 0 for never, whether to stop at the end of the epoch), ``set_pace``
    (:class:`Speed`, the update to stop after).

    Attributes
    ----------
    on : bool
        Whether it goes on.
    resumes : bool
        Whether it goes on by beats once the worker has come to rest.
    """

    changed = Signal(bool)
    beat_due = Signal()
    train = Signal(object, object, bool)
    set_pace = Signal(object, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.on = self.resumes = False
        self._speed = self._trained_at = FLAT_OUT  # as chosen; as the worker was told last
        self._stop_at = self._trains_to = 0  # updates; 0 for none
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.beat_due)

    @property
    def by_beats(self) -> bool:
        """Whether it goes on beat by beat, of which the worker knows nothing."""
        return self._timer.isActive()

    @property
    def wants_beats(self) -> bool:
        """Whether the speed chosen is one of beats."""
        return self._speed.unit == "beat"

    @property
    def unhurried(self) -> bool:
        """Whether the worker trains so slowly that each update can be shown whole."""
        return self._trained_at.per_second <= UNHURRIED

    @property
    def last(self) -> int:
        """The update to stop after; 0 for none."""
        return self._trains_to or self._stop_at

    def start(self) -> None:
        """Go on at the speed chosen."""
        self._turn(on=True)
        if self.wants_beats:
            self._timer.start(self._interval)
        else:
            self._timer.stop()
            self._train(self._speed)

    def train_to(self, update: int) -> None:
        """Make updates, flat out, up to a later one."""
        self._trains_to = update
        self._turn(on=True)
        self._train(FLAT_OUT)

    def train_to_epoch_end(self) -> None:
        """Make updates, flat out, up to the last of the epoch."""
        self._turn(on=True)
        self._train(FLAT_OUT, to_epoch_end=True)

    def stop(self) -> None:
        """Come to rest, as the worker has if it trained."""
        self._timer.stop()
        self._trains_to, self.resumes = 0, False
        self._turn(on=False)

    def close(self) -> None:
        """Let no more beats follow; nobody is told."""
        self._timer.stop()

    def set_speed(self, speed: Speed) -> bool:
        """Choose a speed, also while it goes on.

        Returns whether the worker has to come to rest first, see :attr:`resumes`.
        """
        self._speed = speed
        if self.by_beats:
            self._timer.setInterval(self._interval)
        elif self.on and not self.wants_beats:
            self._trained_at = speed
            self.set_pace.emit(speed, self.last)
        return self.on and not self.by_beats and self.wants_beats

    def stop_after(self, update: int) -> None:
        """Stop by itself after this update; 0 for never."""
        self._stop_at = update
        if self.on:
            self.set_pace.emit(self._trained_at, self.last)

    @property
    def _interval(self) -> int:
        """Milliseconds from beat to beat; none until a speed of updates is taken up."""
        return round(1000 / self._speed.per_second) if self.wants_beats else 0

    def _train(self, speed: Speed, *, to_epoch_end: bool = False) -> None:
        self._trained_at = speed
        self.train.emit(speed, self.last, to_epoch_end)

    def _turn(self, *, on: bool) -> None:
        if on != self.on:
            self.on = on
            self.changed.emit(on)
