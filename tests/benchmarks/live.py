"""The window drawing while training flat out, beside the same training without a window."""

from __future__ import annotations

import struct
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer

from explorer.app.main_window import MainWindow
from explorer.core.data.load import load
from explorer.core.experiment import Builtin, Experiment, Idx
from explorer.core.moment import Moment
from explorer.core.trainer import Trainer
from explorer.session.speed import FLAT_OUT
from explorer.session.turns import TICK
from tests.benchmarks.networks import DEEP, IMAGES, SMALL, Case
from tests.benchmarks.race import Contender, Figure, race

_SIZE = 1600, 1000
_AT_ONCE = {SMALL: 20_000, DEEP: 2000, IMAGES: 100}


def figures(seconds: float) -> Iterator[Figure]:
    """Updates a second, frames a second, and how late the window's timer comes."""
    with tempfile.TemporaryDirectory() as folder:
        _write_images(Path(folder))
        for case, at_once in _AT_ONCE.items():
            yield from _of(case, at_once, Path(folder), seconds)


def _of(case: Case, at_once: int, folder: Path, seconds: float) -> Iterator[Figure]:
    data = Idx(images="images", labels="labels") if case is IMAGES else Builtin(name="circles")
    experiment = msgspec.structs.replace(case.experiment(), data=data)
    live = _Live(experiment, folder)
    trainer = Trainer(experiment, load(experiment, folder))
    live.warm_up(seconds / 3)
    contenders = [
        Contender("bare training loop", lambda: len(trainer.advance_many(at_once))),
        Contender("beside the window", lambda: live.play(max(seconds / 3, 0.2))),
    ]
    yield from race("live", case.name, contenders, "updates/s", seconds)
    live.window.close()
    rate = 1 / float(np.mean(live.between_frames))
    yield Figure("live", case.name, "frames drawn", rate, "frames/s")
    for watch, name in ((live.own, "the window's ticks"), (live.other, "another timer's ticks")):
        late = float(np.percentile(watch.gaps, 95))
        yield Figure("live", case.name, f"{name} of {TICK} ms, 95 of 100", 1e3 * late, "ms")


class _Live:
    """A window that can be let play for a while.

    Attributes
    ----------
    between_frames : list of float
        Seconds from one photograph to the next, those of starting and pausing left out.
    """

    def __init__(self, experiment: Experiment, folder: Path) -> None:
        self.between_frames: list[float] = []
        self._frame_at: float | None = None
        self.window = MainWindow()
        self._session = self.window.session
        self._session.failed.connect(_fail)
        self.window.resize(*_SIZE)
        self.window.show()
        self.window.spread()
        self._loop = QEventLoop()
        self._session.showed.connect(self._loop.quit)
        self.window.experiments.open(experiment, folder)
        self._loop.exec()
        self._session.showed.disconnect(self._loop.quit)
        self._session.set_speed(FLAT_OUT)
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self.own, self.other = _Watch(self._session.turns.timer), _Watch(self._timer)

    def warm_up(self, seconds: float) -> None:
        """Play and forget what was measured: the first frames find nothing where it was."""
        self.play(max(seconds, 0.2))
        for measured in (self.between_frames, self.own.gaps, self.other.gaps):
            measured.clear()

    def play(self, seconds: float) -> float:
        """Play for so long; returns the updates made."""
        before = self._update()
        self.own.last = self.other.last = self._frame_at = None
        self._session.showed.connect(self._count)
        self._timer.start(TICK)
        self._session.play()
        QTimer.singleShot(round(1e3 * seconds), self._session.pause)
        self._session.playing_changed.connect(self._loop.quit)
        while self._session.playing:
            self._loop.exec()
        self._session.playing_changed.disconnect(self._loop.quit)
        self._timer.stop()
        self._session.showed.disconnect(self._count)
        return self._update() - before

    def _update(self) -> int:
        moment = self._session.moment
        assert moment is not None
        return moment.trace.update

    def _count(self, moment: Moment) -> None:
        if moment.live:
            now = time.perf_counter()
            if self._frame_at is not None:
                self.between_frames.append(now - self._frame_at)
            self._frame_at = now


class _Watch(QObject):
    """Measures when a timer's ticks reach the window, before anything is done about them."""

    def __init__(self, timer: QTimer) -> None:
        super().__init__(timer)
        self.gaps: list[float] = []
        self.last: float | None = None
        timer.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the time since the tick before."""
        if event.type() == QEvent.Type.Timer:
            now = time.perf_counter()
            if self.last is not None:
                self.gaps.append(now - self.last)
            self.last = now
        return super().eventFilter(watched, event)


def _fail(message: str) -> None:
    raise RuntimeError(message)


def _write_images(folder: Path) -> None:
    """512 random pictures of 28 × 28 with ten classes, in MNIST's format."""
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (512, 28, 28), dtype=np.uint8)
    labels = (np.arange(512) % 10).astype(np.uint8)
    (folder / "images").write_bytes(struct.pack(">4i", 0x803, *pixels.shape) + pixels.tobytes())
    (folder / "labels").write_bytes(struct.pack(">2i", 0x801, 512) + labels.tobytes())
