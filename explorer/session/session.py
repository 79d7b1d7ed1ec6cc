"""The session: the GUI thread's one door to training. Commands in, facts out."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from explorer.core import walk
from explorer.core.answers import Answer
from explorer.core.beats import Beat, Granularity, beats_of
from explorer.core.cost_history import CostHistory, TotalCost
from explorer.core.data.dataset import Dataset, Floats
from explorer.core.experiment import Experiment
from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron, Weight
from explorer.core.questions import Question
from explorer.core.trace import Trace
from explorer.core.walk import Place
from explorer.session.looking_back import LookingBack
from explorer.session.photographs import Photographs
from explorer.session.speed import FLAT_OUT, UNHURRIED, Speed
from explorer.session.turns import Turns
from explorer.session.worker import MOST_SHELVED, Opened
from explorer.session.worker_thread import WorkerThread


class Edit(Struct, frozen=True):
    """A parameter that was set by hand before an update."""

    update: int
    part: Weight | Neuron
    before: float
    after: float


class Rewind(Struct, frozen=True):
    """A run that was gone back over to just after ``update``: as it was, and as it goes on."""

    update: int
    before: Opened
    after: Opened


class _Shelved(Struct, frozen=True):
    """A run as it was left, to be brought back."""

    opened: Opened
    experiment: Experiment
    costs: CostHistory
    trace: Trace
    place: Place


class _Opening(Struct, frozen=True):
    """A run that is to begin; until it has, the one before stays on screen."""

    run: int
    folder: Path


class Session(QObject):
    """Holds what is on screen (a trace, a beat, an example) and drives the worker.

    Facts: ``loading`` (stage, fraction from 0 to 1), ``restarted`` (:class:`Opened`), ``showed``
    (:class:`Moment`), ``costs_changed``, ``playing_changed``, ``adjusted`` (:class:`Experiment`),
    ``edited`` (:class:`Edit`), ``rewound`` (:class:`Rewind`), ``answered`` (:class:`Answer`),
    ``progressed`` (:class:`Question`, fraction from 0 to 1), ``failed`` (message).
    """

    loading = Signal(str, float)
    restarted = Signal(object)
    showed = Signal(object)
    costs_changed = Signal()
    playing_changed = Signal(bool)
    adjusted = Signal(object)
    edited = Signal(object)
    rewound = Signal(object)
    answered = Signal(object)
    progressed = Signal(object, float)
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.experiment: Experiment | None = None
        self.costs = CostHistory()
        self._stop_at = 0
        self._speed = FLAT_OUT
        self._run = self._last_run = 0
        self._shelf: dict[int, _Shelved] = {}  # by when they were left
        self._dataset: Dataset | None = None
        self._opened: Opened | None = None
        self._opening: _Opening | None = None
        self._trace: Trace | None = None
        self._place = Place(0, 0)
        self._live = False
        self._looking = False
        self._awaited_beat: int | None = None  # where the cursor goes when the trace arrives
        self._resume_with_beats = False
        self._playing = False
        self._beats = QTimer(self)
        self._beats.timeout.connect(self._play_beat)
        self.turns = Turns(self)  # of what the window shows while training runs
        self._photographs = Photographs(
            self.turns,
            self._show_photograph,
            lambda update, took: self._thread.go_on.emit(self._run, update, took),
        )
        self._back = LookingBack(lambda update: self._thread.look_back.emit(self._run, update))
        self._thread = WorkerThread(self)
        self._connect_facts()
        self._thread.start()

    def _connect_facts(self) -> None:
        worker, queued = self._thread.worker, Qt.ConnectionType.QueuedConnection
        worker.loading.connect(self.loading, queued)
        worker.opened.connect(self._on_opened, queued)
        worker.traced.connect(self._on_traced, queued)
        worker.looked_back.connect(self._on_looked_back, queued)
        worker.costs_measured.connect(self._on_costs, queued)
        worker.total_measured.connect(self._on_total, queued)
        worker.answered.connect(self._on_answered, queued)
        worker.progressed.connect(self._on_progressed, queued)
        worker.stopped.connect(self._on_stopped, queued)
        worker.failed.connect(self._on_failed, queued)

    # What is on screen ---------------------------------------------------------------------

    @property
    def moment(self) -> Moment | None:
        """What is on screen; None until the first trace has arrived."""
        if self._trace is None or self._dataset is None:
            return None
        beats, example = beats_of(len(self._trace.layers)), self._place.example
        if (past := self._back.trace) is not None:
            example = min(example, past.batch_size - 1)
            return Moment(self._dataset, past, beats[-1], example, live=True, past=True)
        return Moment(self._dataset, self._trace, beats[self._place.beat], example, self._live)

    @property
    def playing(self) -> bool:
        """Whether updates, or beats, follow each other by themselves."""
        return self._playing

    @property
    def unhurried(self) -> bool:
        """Whether Play goes so slowly that each update can be shown whole."""
        return self._speed.per_second <= UNHURRIED

    @property
    def ready(self) -> bool:
        """Whether a command would be taken: something is on screen and nothing is awaited."""
        return self._ready()

    @property
    def waiting(self) -> bool:
        """Whether a command has been given whose fact has not arrived yet."""
        return self._awaited_beat is not None or self._opening is not None

    @property
    def at_start(self) -> bool:
        """Whether there is nothing to go back to."""
        return self._trace is None or (self._trace.update == 1 and self._place.beat == 0)

    @property
    def folder(self) -> Path:
        """Where the paths of the data on screen start from."""
        return self._opened.folder if self._opened else Path()

    @property
    def run(self) -> int:
        """The number of the run on screen."""
        return self._run

    def can_bring_back(self, run: int) -> bool:
        """Whether an earlier run is still there to be brought back."""
        return run in self._shelf

    # Commands ------------------------------------------------------------------------------

    def open(self, experiment: Experiment, folder: Path | None = None) -> None:
        """Begin a run of this experiment from its first number.

        Its data's paths start from the folder, by default that of the run before. The first call
        also lets the worker import torch, so make it once the window is painted.
        """
        if self._last_run == 0:
            self._thread.load.emit()
        self._resume_with_beats = False
        self._set_playing(False)
        self._last_run += 1
        before = self._opening.folder if self._opening else self.folder
        self._opening = _Opening(self._last_run, before if folder is None else folder)
        self._thread.worker.newest = self._last_run
        self._thread.open.emit(self._last_run, experiment, self._opening.folder)

    def reset(self) -> None:
        """Begin the same experiment again."""
        if self.experiment is not None and self._opening is None:
            self.open(self.experiment)

    def bring_back(self, run: int) -> None:
        """Go on with an earlier run where it was left; see :meth:`can_bring_back`."""
        self._set_playing(False)
        shelved = self._shelf.pop(run)
        self._put_on_shelf()
        self._run = run
        self._awaited_beat = None
        self._back.end()
        self._photographs.drop()
        self._opened, self._dataset = shelved.opened, shelved.opened.dataset
        self.experiment = shelved.experiment
        self.costs, self._trace = shelved.costs, shelved.trace
        self._place, self._live = shelved.place, False
        self._thread.bring_back.emit(run)
        self.restarted.emit(shelved.opened)
        self.adjusted.emit(shelved.experiment)
        self.showed.emit(self.moment)
        self.costs_changed.emit()
        self._complete()

    def adjust(self, experiment: Experiment) -> None:
        """Go over to a changed experiment.

        Another optimizer, its settings or the mini-batch size hold from the next update on (from
        the update on screen, as long as its parameters have not moved there); anything else
        restarts the run.
        """
        if (
            self._opening is not None
            or self._trace is None
            or self.experiment is None
            or self.experiment.restarts(experiment)
        ):
            self.open(experiment)
            return
        self.look_back_no_more()
        same_size = self.experiment.mini_batch.size == experiment.mini_batch.size
        self.experiment = experiment
        moment = self.moment
        not_yet_moved = moment is not None and not moment.updated
        again = not self._playing and not_yet_moved and (same_size or self._place.beat == 0)
        if again and not self.waiting:
            self._awaited_beat = self._place.beat
        self._thread.adjust.emit(self._run, experiment, again)
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
            self._thread.play.emit(self._run, FLAT_OUT, self._stop_at, True)
        else:
            self._awaited_beat = self._walked.last if granularity == "mini_batch" else 0
            if granularity == "example":
                self._place = Place(self._place.beat, 0)
            self._thread.step.emit(self._run)

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

    def rewind_to(self, update: int) -> None:
        """Go back to just after an earlier update, exactly.

        The run goes on from there as another one; as it was, it can be brought back.
        """
        if not self._at_rest() or self._trace is None or self._opened is None:
            return
        if not 1 <= update < self._trace.update:
            return
        before, costs = self._opened, self.costs
        self.costs = costs.copy()
        self._put_on_shelf()
        self._last_run += 1
        self._run, self.costs = self._last_run, costs
        self._opened = replace(before, run=self._run)
        self._awaited_beat = self._walked.last
        self._thread.fork.emit(before.run, self._run, update)
        self.rewound.emit(Rewind(update, before, self._opened))

    def look_back(self, update: int) -> None:
        """Show an earlier update as it was, until told otherwise; the run stays where it is."""
        if self._playing or not self._ready() or self._trace is None:
            return
        if 1 <= update < self._trace.update:
            self._back.want(update)
        else:
            self.look_back_no_more()

    def look_back_no_more(self) -> None:
        """Show where the run is again, unless it is about to go elsewhere."""
        if self._back.end() and self._ready():
            self.showed.emit(self.moment)

    def show_beat(self, beat: Beat) -> None:
        """Show another beat of the same update."""
        if self._at_rest() and self._trace is not None:
            beats = beats_of(len(self._trace.layers))
            self._move(Place(beats.index(beat), self._place.example))

    def focus_example(self, example: int) -> None:
        """Put another member of the mini-batch in focus."""
        if self._trace is not None and 0 <= example < self._trace.batch_size:
            self._move(Place(self._place.beat, example))

    def edit(self, part: Weight | Neuron, value: float, update: int | None = None) -> None:
        """Set a weight, or a neuron's bias, by hand, and make an update anew from there.

        It is the update on screen, unless another one is named; what came after that is
        forgotten. ``edited`` tells of the first kind only: the second takes an edit back.
        """
        if not self._at_rest() or self._trace is None:
            return
        at = self._trace.update if update is None else update
        if update is None:
            before = self._trace.parameter(part)
            if value == before:
                return
            self.edited.emit(Edit(at, part, before, value))
        self._awaited_beat = self._place.beat
        self._thread.edit.emit(self._run, at, part, value)

    def ask(self, question: Question) -> None:
        """Ask more about the update on screen than its trace holds; ``answered`` brings it.

        A question of the same kind takes the place of one still open; another update ends all.
        """
        if self._trace is not None and not self._playing and not self.waiting:
            self._thread.ask.emit(self._run, question, self._trace)

    def look_inside(self, looking: bool) -> None:
        """Let traces of two-dimensional data also hold what hidden neurons say over the plane.

        The trace on screen is made again with it. It costs time at every trace, so ask for it
        only while somebody looks.
        """
        if looking != self._looking:
            self._looking = looking
            self._thread.look_inside.emit(looking)
            self._complete()

    def play(self) -> None:
        """Let updates (or at readable speeds beats) follow each other."""
        if self._playing or not self._ready():
            return
        self.look_back_no_more()
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
                self._thread.pause.emit(self._run)

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
            self._thread.set_pace.emit(self._run, speed, self._stop_at)
        elif not self.waiting:  # to come to rest, where it may or may not go on
            self.pause()
            self._resume_with_beats = True

    def stop_after(self, update: int) -> None:
        """Let Play stop by itself after this update; 0 for never."""
        self._stop_at = update
        if self._playing:
            self._thread.set_pace.emit(self._run, self._speed, update)

    def close(self) -> None:
        """End the worker's thread; waits for the update in hand."""
        self._beats.stop()
        self.turns.stop()
        self._run, self._opening = -1, None  # what still arrives is of no run
        self._thread.close()

    def _put_on_shelf(self) -> None:
        """Keep the run on screen, so that it can be brought back."""
        if self._opened is None or self._trace is None or self.experiment is None:
            return
        if self._live:  # a photograph: training went on after it
            return
        self._shelf[self._run] = _Shelved(
            self._opened, self.experiment, self.costs, self._trace, self._place
        )
        for old in list(self._shelf)[: 1 - MOST_SHELVED]:
            del self._shelf[old]

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
            self._thread.play.emit(self._run, self._speed, self._stop_at, False)

    def _move(self, place: Place) -> None:
        self._back.end()
        self._place = place
        self.showed.emit(self.moment)
        self.costs_changed.emit()  # those that the moment knows

    def _retrace(self, update: int) -> None:
        """Show the end of an earlier update, or the very beginning when there is none so early."""
        if update >= 1:
            self._awaited_beat = self._walked.last
        elif self._trace is not None and self._trace.update == 1:
            self._move(Place(0, self._place.example))
            return
        else:
            update, self._awaited_beat = 1, 0
        self._thread.retrace.emit(self._run, update)

    def _complete(self) -> None:
        """Make the trace on screen again if it lacks what is looked at."""
        surface = self._trace.surface if self._trace is not None else None
        lacking = self._looking and surface is not None and not surface.inner_after
        if lacking and not self._playing and self._ready() and self._trace is not None:
            self._awaited_beat = self._place.beat
            self._thread.retrace.emit(self._run, self._trace.update)

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
            self._thread.step.emit(self._run)

    def _set_playing(self, playing: bool) -> None:
        if not playing:
            self._beats.stop()
        if playing != self._playing:
            self._playing = playing
            self.playing_changed.emit(playing)

    # Facts from the worker -------------------------------------------------------------------

    @Slot(int, object)
    def _on_opened(self, run: int, opened: Opened) -> None:
        if self._run < 0:  # closed
            return
        self._put_on_shelf()
        if self._opening is not None and self._opening.run == run:
            self._opening = None
        self._run = run
        self.experiment = opened.experiment
        self._opened = opened
        self._dataset = opened.dataset
        self._back.end()
        self._trace, self._awaited_beat = None, 0
        self._place, self._live = Place(0, 0), False
        self.costs = CostHistory()
        self.restarted.emit(opened)
        self.costs_changed.emit()

    @Slot(int, object, bool)
    def _on_traced(self, run: int, trace: Trace, live: bool) -> None:
        if run != self._run:
            return
        self.costs.forget_after(trace.update)
        if live:
            self._photographs.arrive(trace)
            return
        self._photographs.drop()
        self._take(trace, live=False)
        self._awaited_beat = None
        self._show()

    def _take(self, trace: Trace, *, live: bool) -> None:
        """Put a trace on screen."""
        self._back.end()
        self._trace, self._live = trace, live
        beat = self._walked.last if live or self._awaited_beat is None else self._awaited_beat
        self._place = Place(beat, min(self._place.example, trace.batch_size - 1))

    def _show(self) -> None:
        self.showed.emit(self.moment)
        self.costs_changed.emit()
        self._complete()

    def _show_photograph(self, trace: Trace) -> None:
        self._take(trace, live=True)
        self._show()

    @Slot(int, int, object)
    def _on_looked_back(self, run: int, update: int, trace: Trace | None) -> None:
        if run == self._run and self._back.arrive(update, trace):
            self.showed.emit(self.moment)

    @Slot(int, object, object)
    def _on_costs(self, run: int, first: int, costs: Floats) -> None:
        if run == self._run:
            self.costs.extend(first, costs)

    @Slot(int, object)
    def _on_total(self, run: int, total: TotalCost) -> None:
        if run == self._run:
            self.costs.measure(total)
            self.costs_changed.emit()

    @Slot(int, object)
    def _on_answered(self, run: int, answer: Answer) -> None:
        moment = self.moment
        if run == self._run and moment is not None and answer.update == moment.trace.update:
            self.answered.emit(answer)

    @Slot(int, object, float)
    def _on_progressed(self, run: int, question: Question, fraction: float) -> None:
        if run == self._run:
            self.progressed.emit(question, fraction)

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
        if self._opening is not None and self._opening.run == run:
            self._opening = None
            if self.experiment is not None:  # the run before goes on
                self.adjusted.emit(self.experiment)
        elif run != self._run:
            return
        self._set_playing(False)
        self.look_back_no_more()
        self.failed.emit(message)
