"""The session: the GUI thread's one door to training. Commands in, facts out."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QThread, QTimer, Signal, Slot

from explorer.core import walk
from explorer.core.beats import Beat, Granularity, beats_of
from explorer.core.cost_history import CostHistory, TotalCost
from explorer.core.data.dataset import Dataset, Floats
from explorer.core.experiment import Experiment
from explorer.core.moment import Moment
from explorer.core.trace import Trace
from explorer.core.walk import Place
from explorer.session.speed import FLAT_OUT, Speed
from explorer.session.worker import Opened, Worker

_UNTIL_PAINTED = 6  # milliseconds; Qt waits five before it paints what asked for it


class Session(QObject):
    """Holds what is on screen (a trace, a beat, an example) and drives the worker.

    Facts: ``loading`` (stage, fraction from 0 to 1), ``restarted`` (:class:`Opened`), ``showed``
    (:class:`Moment`), ``costs_changed``, ``playing_changed``, ``adjusted`` (:class:`Experiment`),
    ``failed`` (message).
    """

    loading = Signal(str, float)
    restarted = Signal(object)
    showed = Signal(object)
    costs_changed = Signal()
    playing_changed = Signal(bool)
    adjusted = Signal(object)
    failed = Signal(str)

    _load_asked = Signal()
    _open_asked = Signal(int, object, object)
    _step_asked = Signal(int)
    _retrace_asked = Signal(int, int)
    _adjust_asked = Signal(int, object, bool)
    _play_asked = Signal(int, object, int, bool)
    _pace_asked = Signal(int, object, int)
    _go_on_asked = Signal(int, float)
    _pause_asked = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.experiment: Experiment | None = None
        self.folder = Path()
        self.costs = CostHistory()
        self._stop_at = 0
        self._speed = FLAT_OUT
        self._run = 0
        self._dataset: Dataset | None = None
        self._opened: Opened | None = None
        self._trace: Trace | None = None
        self._place = Place(0, 0)
        self._live = False
        self._awaited_beat: int | None = None  # where the cursor goes when the trace arrives
        self._resume_with_beats = False
        self._playing = False
        self._beats = QTimer(self)
        self._beats.timeout.connect(self._play_beat)
        self._drawing = QTimer(self)
        self._drawing.setSingleShot(True)
        self._drawing.setTimerType(Qt.TimerType.PreciseTimer)
        self._drawing.setInterval(_UNTIL_PAINTED)
        self._drawing.timeout.connect(self._on_drawn)
        self._drawing_since = 0.0
        self._thread = QThread(self)
        self._worker = Worker()
        self._worker.moveToThread(self._thread)
        self._connect()
        self._thread.finished.connect(self._worker.deleteLater)
        self._thread.start()

    def _connect(self) -> None:
        queued = Qt.ConnectionType.QueuedConnection
        worker = self._worker
        self._load_asked.connect(worker.load, queued)
        self._open_asked.connect(worker.open, queued)
        self._step_asked.connect(worker.step, queued)
        self._retrace_asked.connect(worker.retrace, queued)
        self._adjust_asked.connect(worker.adjust, queued)
        self._play_asked.connect(worker.play, queued)
        self._pace_asked.connect(worker.set_pace, queued)
        self._go_on_asked.connect(worker.go_on, queued)
        self._pause_asked.connect(worker.pause, queued)
        worker.loading.connect(self.loading, queued)
        worker.opened.connect(self._on_opened, queued)
        worker.traced.connect(self._on_traced, queued)
        worker.costs_measured.connect(self._on_costs, queued)
        worker.total_measured.connect(self._on_total, queued)
        worker.stopped.connect(self._on_stopped, queued)
        worker.failed.connect(self._on_failed, queued)

    # What is on screen ---------------------------------------------------------------------

    @property
    def moment(self) -> Moment | None:
        """What is on screen; None until the first trace has arrived."""
        if self._trace is None or self._dataset is None:
            return None
        beats = beats_of(len(self._trace.layers))
        beat = beats[self._place.beat]
        return Moment(self._dataset, self._trace, beat, self._place.example, self._live)

    @property
    def playing(self) -> bool:
        """Whether updates, or beats, follow each other by themselves."""
        return self._playing

    @property
    def waiting(self) -> bool:
        """Whether a command has been given whose fact has not arrived yet."""
        return self._awaited_beat is not None

    @property
    def at_start(self) -> bool:
        """Whether there is nothing to go back to."""
        return self._trace is None or (self._trace.update == 1 and self._place.beat == 0)

    # Commands ------------------------------------------------------------------------------

    def open(self, experiment: Experiment, folder: Path | None = None) -> None:
        """Begin a run of this experiment from its first number.

        The first call also lets the worker import torch, so make it once the window is painted.
        """
        if self._run == 0:
            self._load_asked.emit()
        self._set_playing(False)
        self.folder = self.folder if folder is None else folder
        self.experiment = experiment
        self._run += 1
        self._awaited_beat = 0
        self._open_asked.emit(self._run, experiment, self.folder)

    def reset(self) -> None:
        """Begin the same experiment again."""
        if self.experiment is not None:
            self.open(self.experiment)

    def adjust(self, experiment: Experiment) -> None:
        """Go over to a changed experiment.

        Another optimizer, its settings or the mini-batch size hold from the next update on (from
        the update on screen, as long as its parameters have not moved there); anything else
        restarts the run.
        """
        if self._trace is None or self.experiment is None or self.experiment.restarts(experiment):
            self.open(experiment)
            return
        same_size = self.experiment.mini_batch.size == experiment.mini_batch.size
        self.experiment = experiment
        moment = self.moment
        not_yet_moved = moment is not None and not moment.updated
        again = not self._playing and not_yet_moved and (same_size or self._place.beat == 0)
        if again and not self.waiting:
            self._awaited_beat = self._place.beat
        self._adjust_asked.emit(self._run, experiment, again)
        self.adjusted.emit(experiment)

    def step(self, granularity: Granularity = "beat") -> None:
        """Go one beat, example, mini-batch or epoch further."""
        if not self._at_rest():
            return
        place = walk.step(self._place, self._walked, granularity)
        if place is not None:
            self._move(place)
        elif granularity == "epoch":
            self._set_playing(True)
            self._play_asked.emit(self._run, FLAT_OUT, self._stop_at, True)
        else:
            self._awaited_beat = self._walked.last if granularity == "mini_batch" else 0
            if granularity == "example":
                self._place = Place(self._place.beat, 0)
            self._step_asked.emit(self._run)

    def back(self, granularity: Granularity = "beat") -> None:
        """Undo one beat, example, mini-batch or epoch, exactly."""
        if not self._at_rest() or self._trace is None:
            return
        place = walk.back(self._place, self._walked, granularity)
        if place is not None:
            self._move(place)
            return
        updates = self._trace.mini_batch if granularity == "epoch" else 1
        self._retrace(self._trace.update - updates)

    def show_beat(self, beat: Beat) -> None:
        """Show another beat of the same update."""
        if self._at_rest() and self._trace is not None:
            beats = beats_of(len(self._trace.layers))
            self._move(Place(beats.index(beat), self._place.example))

    def focus_example(self, example: int) -> None:
        """Put another member of the mini-batch in focus."""
        if self._trace is not None and 0 <= example < self._trace.batch_size:
            self._move(Place(self._place.beat, example))

    def play(self) -> None:
        """Let updates (or at readable speeds beats) follow each other."""
        if self._playing or not self._ready():
            return
        self._set_playing(True)
        self._start_playing()

    def pause(self) -> None:
        """Stop playing; the last update made comes on screen whole."""
        self._resume_with_beats = False
        if self._playing:
            if self._beats.isActive():
                self._set_playing(False)
            else:
                self._awaited_beat = self._walked.last
                self._pause_asked.emit(self._run)

    def toggle(self) -> None:
        """Play when paused, pause when playing."""
        if self._playing:
            self.pause()
        else:
            self.play()

    def set_speed(self, speed: Speed) -> None:
        """Choose how fast Play goes, also while it goes."""
        self._speed = speed
        if not self._playing:
            return
        if self._beats.isActive():
            by_beats = speed.unit == "beat"
            self._beats.setInterval(round(1000 / speed.per_second) if by_beats else 0)
        elif speed.unit == "update":
            self._pace_asked.emit(self._run, speed, self._stop_at)
        else:
            self.pause()
            self._resume_with_beats = True

    def stop_after(self, update: int) -> None:
        """Let Play stop by itself after this update; 0 for never."""
        self._stop_at = update
        if self._playing:
            self._pace_asked.emit(self._run, self._speed, update)

    def close(self) -> None:
        """End the worker's thread; waits for the update in hand."""
        self._beats.stop()
        self._drawing.stop()
        self._run += 1
        self._thread.quit()
        self._thread.wait()

    # Ways --------------------------------------------------------------------------------

    @property
    def _walked(self) -> walk.Update:
        assert self._trace is not None
        return walk.Update(len(beats_of(len(self._trace.layers))), self._trace.batch_size)

    def _ready(self) -> bool:
        return self._trace is not None and not self.waiting

    def _at_rest(self) -> bool:
        """Whether a step can be made now; a step while playing pauses first."""
        if self._playing:
            self.pause()
        return self._ready()

    def _start_playing(self) -> None:
        if self._speed.unit == "beat":
            self._beats.start(round(1000 / self._speed.per_second))
        else:
            self._play_asked.emit(self._run, self._speed, self._stop_at, False)

    def _move(self, place: Place) -> None:
        self._place = place
        self.showed.emit(self.moment)

    def _retrace(self, update: int) -> None:
        """Show the end of an earlier update, or the very beginning when there is none so early."""
        if update >= 1:
            self._awaited_beat = self._walked.last
        elif self._trace is not None and self._trace.update == 1:
            self._move(Place(0, self._place.example))
            return
        else:
            update, self._awaited_beat = 1, 0
        self._retrace_asked.emit(self._run, update)

    @Slot()
    def _play_beat(self) -> None:
        if not self._ready() or self._trace is None:
            return
        if self._speed.unit == "update":
            self._beats.stop()
            self._start_playing()
        elif self._place.beat < self._walked.last:
            self._move(Place(self._place.beat + 1, self._place.example))
        elif self._trace.update == self._stop_at:
            self._set_playing(False)
        else:
            self._awaited_beat = 0
            self._step_asked.emit(self._run)

    def _set_playing(self, playing: bool) -> None:
        if not playing:
            self._beats.stop()
        if playing != self._playing:
            self._playing = playing
            self.playing_changed.emit(playing)

    # Facts from the worker -------------------------------------------------------------------

    @Slot(int, object)
    def _on_opened(self, run: int, opened: Opened) -> None:
        if run != self._run:
            return
        self._opened = opened
        self._dataset = opened.dataset
        self._trace = None
        self._place, self._live = Place(0, 0), False
        self.costs = CostHistory()
        self.restarted.emit(opened)
        self.costs_changed.emit()

    @Slot(int, object, bool)
    def _on_traced(self, run: int, trace: Trace, live: bool) -> None:
        begun = time.perf_counter()
        if run == self._run:
            self._trace, self._live = trace, live
            beat = self._walked.last if live or self._awaited_beat is None else self._awaited_beat
            self._place = Place(beat, min(self._place.example, trace.batch_size - 1))
            if not live:
                self._awaited_beat = None
            self.costs.forget_after(trace.update)
            self.showed.emit(self.moment)
            self.costs_changed.emit()
        if live:
            self._drawing_since = begun
            self._drawing.start()

    @Slot()
    def _on_drawn(self) -> None:
        self._go_on_asked.emit(self._run, time.perf_counter() - self._drawing_since)

    @Slot(int, int, object)
    def _on_costs(self, run: int, first: int, costs: Floats) -> None:
        if run == self._run:
            self.costs.extend(first, costs)

    @Slot(int, object)
    def _on_total(self, run: int, total: TotalCost) -> None:
        if run == self._run:
            self.costs.measure(total)
            self.costs_changed.emit()

    @Slot(int)
    def _on_stopped(self, run: int) -> None:
        if run != self._run:
            return
        self._awaited_beat = None
        if self._resume_with_beats:
            self._resume_with_beats = False
            self._start_playing()
        else:
            self._set_playing(False)

    @Slot(int, str)
    def _on_failed(self, run: int, message: str) -> None:
        if run != self._run:
            return
        self._set_playing(False)
        if self._opened is not None and self._opened.run != run:
            # A run that could not begin changes nothing: the one before it goes on.
            self.experiment = self._opened.experiment
            self.adjusted.emit(self.experiment)
        self.failed.emit(message)
