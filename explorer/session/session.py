"""The session: the GUI thread's one door to training. Commands in, facts out."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import QObject, Qt, Signal, Slot

from explorer.core import walk
from explorer.core.answers import Answer
from explorer.core.beats import Beat, Granularity
from explorer.core.cost_history import CostHistory, TotalCost
from explorer.core.data.dataset import Floats
from explorer.core.experiment import Experiment
from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron, Weight
from explorer.core.questions import Question
from explorer.core.trace import Trace
from explorer.core.walk import Place
from explorer.session.looking_back import LookingBack
from explorer.session.photographs import Photographs
from explorer.session.playing import Playing
from explorer.session.run import Opened, Run
from explorer.session.shelf import MOST_SHELVED, Shelf
from explorer.session.speed import Speed
from explorer.session.turns import Turns
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


class _Opening(Struct, frozen=True):
    """A run that is to begin; until it has, the one before stays on screen."""

    run: int
    folder: Path


class Session(QObject):
    """Holds what is on screen (a run, its latest update, a beat, an example); drives the worker.

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
        self._run: Run | None = None
        self._last_run = 0  # the number given last
        self._shelf = Shelf[Run](MOST_SHELVED - 1)
        self._opening: _Opening | None = None
        self._no_costs = CostHistory()
        self._closed = False
        self._looking = False
        self._awaited_beat: int | None = None  # where the cursor goes when the trace arrives
        self._playing = Playing(self)
        self.turns = Turns(self)  # of what the window shows while training runs
        self._photographs = Photographs(
            self.turns,
            self._show_photograph,
            lambda update, took: self._thread.go_on.emit(self.run_number, update, took),
        )
        self._back = LookingBack(
            lambda update: self._thread.look_back.emit(self.run_number, update)
        )
        self._thread = WorkerThread(self)
        self._connect_playing()
        self._connect_facts()
        self._thread.start()

    def _connect_playing(self) -> None:
        playing = self._playing
        playing.changed.connect(self.playing_changed)
        playing.beat_due.connect(self._play_beat)
        playing.train.connect(lambda *how: self._thread.play.emit(self.run_number, *how))
        playing.set_pace.connect(lambda *how: self._thread.set_pace.emit(self.run_number, *how))

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
        return self._run.moment(self._back.trace) if self._run else None

    @property
    def experiment(self) -> Experiment | None:
        """That of the run on screen, as it goes on; None before the first."""
        return self._run.experiment if self._run else None

    @property
    def costs(self) -> CostHistory:
        """The costs of the run on screen."""
        return self._run.costs if self._run else self._no_costs

    @property
    def playing(self) -> bool:
        """Whether updates, or beats, follow each other by themselves."""
        return self._playing.on

    @property
    def unhurried(self) -> bool:
        """Whether the worker trains so slowly that each update can be shown whole."""
        return self._playing.unhurried

    @property
    def ready(self) -> bool:
        """Whether a command would be taken: something is on screen and nothing is awaited."""
        return bool(self.update) and not self.waiting

    @property
    def at_rest(self) -> bool:
        """Whether what is on screen stays there until the next command."""
        return self.ready and not self.playing

    @property
    def waiting(self) -> bool:
        """Whether a command has been given whose fact has not arrived yet."""
        return self._awaited_beat is not None or self._opening is not None

    @property
    def update(self) -> int:
        """The latest update of the run on screen; 0 before the first has come."""
        return self._run.update if self._run else 0

    @property
    def at_start(self) -> bool:
        """Whether there is nothing to go back to."""
        return self._run is None or self._run.at_start

    @property
    def folder(self) -> Path:
        """Where the paths of the data on screen start from."""
        return self._run.opened.folder if self._run else Path()

    @property
    def run_number(self) -> int:
        """The number of the run on screen; 0 before the first."""
        return self._run.number if self._run else 0

    def can_bring_back(self, run: int) -> bool:
        """Whether an earlier run is still there to be brought back."""
        kept = self._shelf.get(run)
        return kept is not None and not kept.live  # else training went on after what is known

    # Commands ------------------------------------------------------------------------------

    def open(self, experiment: Experiment, folder: Path | None = None) -> None:
        """Begin a run of this experiment from its first number.

        Its data's paths start from the folder, by default that of the run before. The first call
        also lets the worker import torch, so make it once the window is painted.
        """
        if self._last_run == 0:
            self._thread.load.emit()
        self._playing.stop()
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
        self._playing.stop()
        back = self._shelf.take(run)
        self._go_over_to(back)
        self._awaited_beat = None
        self._photographs.drop()
        self._thread.bring_back.emit(run)
        self.restarted.emit(back.opened)
        self.adjusted.emit(back.experiment)
        self.showed.emit(self.moment)
        self.costs_changed.emit()
        self._complete()

    def adjust(self, experiment: Experiment) -> None:
        """Go over to a changed experiment.

        Another optimizer, its settings or the mini-batch size hold from the next update on (from
        the update on screen, as long as its parameters have not moved there); anything else
        restarts the run.
        """
        run = self._run
        if self._opening or not run or not run.update or run.experiment.restarts(experiment):
            self.open(experiment)
            return
        self.look_back_no_more()
        same_size = run.experiment.mini_batch.size == experiment.mini_batch.size
        run.experiment = experiment
        not_yet_moved = run.place.beat < run.walked.last
        again = not self.playing and not_yet_moved and (same_size or run.place.beat == 0)
        if again and not self.waiting:
            self._awaited_beat = run.place.beat
        self._thread.adjust.emit(run.number, experiment, again)
        self.adjusted.emit(experiment)

    def step(self, granularity: Granularity = "beat") -> None:
        """Go one beat, example, mini-batch or epoch further."""
        if (run := self._brought_to_rest()) is None:
            return
        place = walk.step(run.place, run.walked, granularity)
        if place is not None:
            self._move(run, place)
        elif granularity == "epoch":
            self._playing.train_to_epoch_end()
        else:
            self._awaited_beat = run.walked.last if granularity == "mini_batch" else 0
            if granularity == "example":
                run.place = Place(run.place.beat, 0)
            self._thread.step.emit(run.number)

    def back(self, granularity: Granularity = "beat") -> None:
        """Undo one beat, example, mini-batch or epoch, exactly."""
        if (run := self._brought_to_rest()) is None or run.trace is None:
            return
        place = walk.back(run.place, run.walked, granularity)
        if place is not None:
            self._move(run, place)
            return
        updates = run.trace.mini_batch if granularity == "epoch" else 1
        self._retrace(run, run.update - updates)

    def rewind_to(self, update: int) -> None:
        """Go back to just after an earlier update, exactly.

        The run goes on from there as another one; as it was, it can be brought back.
        """
        if (run := self._brought_to_rest()) is None or not 1 <= update < run.update:
            return
        before = run.opened
        self._shelf.put(run.number, run.copy())
        self._last_run += 1
        run.opened = replace(before, run=self._last_run)
        self._awaited_beat = run.walked.last
        self._thread.fork.emit(before.run, run.number, update)
        self.rewound.emit(Rewind(update, before, run.opened))

    def train_to(self, update: int) -> None:
        """Train on, flat out, until just after a later update; the latest is shown to its end."""
        if (run := self._brought_to_rest()) is None or update < run.update:
            return
        if update == run.update:
            self._move(run, Place(run.walked.last, run.place.example))
            return
        self.look_back_no_more()
        self._playing.train_to(update)

    def look_back(self, update: int) -> None:
        """Show an earlier update as it was, until told otherwise; the run stays where it is."""
        if not self.at_rest:
            return
        if 1 <= update < self.update:
            self._back.want(update)
        else:
            self.look_back_no_more()

    def look_back_no_more(self) -> None:
        """Show where the run is again, unless it is about to go elsewhere."""
        if self._back.end() and self.ready:
            self.showed.emit(self.moment)

    def show_beat(self, beat: Beat) -> None:
        """Show another beat of the same update."""
        if (run := self._brought_to_rest()) is not None:
            self._move(run, Place(run.beats.index(beat), run.place.example))

    def focus_example(self, example: int) -> None:
        """Put another member of the mini-batch in focus."""
        if (run := self._run) is not None and 0 <= example < run.walked.examples:
            self._move(run, Place(run.place.beat, example))

    def edit(self, part: Weight | Neuron, value: float, update: int | None = None) -> None:
        """Set a weight, or a neuron's bias, by hand, and make an update anew from there.

        It is the update on screen, unless another one is named; what came after that is
        forgotten. ``edited`` tells of the first kind only: the second takes an edit back.
        """
        if (run := self._brought_to_rest()) is None or run.trace is None:
            return
        at = run.update if update is None else update
        if update is None:
            before = run.trace.parameter(part)
            if value == before:
                return
            self.edited.emit(Edit(at, part, before, value))
        self._awaited_beat = run.place.beat
        self._thread.edit.emit(run.number, at, part, value)

    def ask(self, question: Question) -> None:
        """Ask more about the update on screen than its trace holds; ``answered`` brings it.

        A question of the same kind takes the place of one still open; another update ends all.
        """
        if self._run is not None and self.at_rest:
            self._thread.ask.emit(self._run.number, question, self._run.trace)

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
        if not self.at_rest:
            return
        self.look_back_no_more()
        self._playing.start()

    def pause(self) -> None:
        """Stop playing; the last update made comes on screen whole."""
        self._playing.resumes = False
        if self._playing.by_beats:
            self._playing.stop()
        elif self.playing:
            self._awaited_beat = self._run.walked.last if self._run else None
            self._thread.pause.emit(self.run_number)

    def toggle(self) -> None:
        """Play when paused, pause when playing."""
        if self.playing:
            self.pause()
        else:
            self.play()

    def set_speed(self, speed: Speed) -> None:
        """Choose how fast Play goes, also while it goes."""
        if self._playing.set_speed(speed) and not self.waiting:
            self.pause()
            self._playing.resumes = True

    def stop_after(self, update: int) -> None:
        """Let Play stop by itself after this update; 0 for never."""
        self._playing.stop_after(update)

    def close(self) -> None:
        """End the worker's thread; waits for the update in hand."""
        self._playing.close()
        self.turns.stop()
        self._opening, self._closed = None, True  # what still arrives is of no run
        self._thread.close()

    # Ways --------------------------------------------------------------------------------

    def _brought_to_rest(self) -> Run | None:
        """The run, if a step can be made now; a step while playing pauses first."""
        if self.playing:
            self.pause()
        return self._run if self.ready else None

    def _go_over_to(self, run: Run) -> None:
        """Let a run take the place of the one on screen, which is kept to be brought back."""
        left, self._run = self._run, run
        if left is not None and left.update:
            self._shelf.put(left.number, left)
        self._back.end()

    def _move(self, run: Run, place: Place) -> None:
        self._back.end()
        run.place = place
        self.showed.emit(self.moment)
        self.costs_changed.emit()  # those that the moment knows

    def _retrace(self, run: Run, update: int) -> None:
        """Show the end of an earlier update, or the very beginning when there is none so early."""
        if update >= 1:
            self._awaited_beat = run.walked.last
        elif run.update == 1:
            self._move(run, Place(0, run.place.example))
            return
        else:
            update, self._awaited_beat = 1, 0
        self._thread.retrace.emit(run.number, update)

    def _complete(self) -> None:
        """Make the trace on screen again if it lacks what is looked at."""
        run = self._run
        if run is None or not self._looking or not self.at_rest:
            return
        surface = run.trace.surface if run.trace else None
        if surface is not None and not surface.inner_after:
            self._awaited_beat = run.place.beat
            self._thread.retrace.emit(run.number, run.update)

    def _go_on(self, run: Run) -> None:
        """Play on at another speed, unless the update to stop after has been reached."""
        if run.update != self._playing.last:
            self._playing.start()
            return
        self._move(run, Place(run.walked.last, run.place.example))
        self._playing.stop()

    @Slot()
    def _play_beat(self) -> None:
        run = self._run
        if run is None or not self.ready:
            return
        if not self._playing.wants_beats:
            self._go_on(run)
        elif run.place.beat < run.walked.last:
            self._move(run, Place(run.place.beat + 1, run.place.example))
        elif run.update == self._playing.last:
            self._playing.stop()
        else:
            self._awaited_beat = 0
            self._thread.step.emit(run.number)

    # Facts from the worker -------------------------------------------------------------------

    def _named(self, number: int) -> Run | None:
        """The run on screen if it is the one of this number, and still open."""
        return self._run if number == self.run_number and not self._closed else None

    @Slot(int, object)
    def _on_opened(self, number: int, opened: Opened) -> None:
        if self._closed:
            return
        if self._opening is not None and self._opening.run == number:
            self._opening = None
        self._go_over_to(Run(opened))
        self._awaited_beat = 0
        self.restarted.emit(opened)
        self.costs_changed.emit()

    @Slot(int, object, bool)
    def _on_traced(self, number: int, trace: Trace, live: bool) -> None:
        if (run := self._named(number)) is None:
            return
        run.costs.forget_after(trace.update)
        if live:
            self._photographs.arrive(trace)
            return
        self._photographs.drop()
        run.take(trace, self._awaited_beat)
        self._awaited_beat = None
        self._show()

    def _show_photograph(self, trace: Trace) -> None:
        assert self._run is not None
        self._run.take(trace, None, live=True)
        self._show()

    def _show(self) -> None:
        self._back.end()
        self.showed.emit(self.moment)
        self.costs_changed.emit()
        self._complete()

    @Slot(int, object, object)
    def _on_looked_back(self, number: int, update: int, trace: Trace | None) -> None:
        if self._named(number) and self._back.arrive(update, trace):
            self.showed.emit(self.moment)

    @Slot(int, object, object)
    def _on_costs(self, number: int, first: int, costs: Floats) -> None:
        if run := self._named(number):
            run.costs.extend(first, costs)

    @Slot(int, object)
    def _on_total(self, number: int, total: TotalCost) -> None:
        if run := self._named(number):
            run.costs.measure(total)
            self.costs_changed.emit()

    @Slot(int, object)
    def _on_answered(self, number: int, answer: Answer) -> None:
        moment = self.moment
        if self._named(number) and moment is not None and answer.update == moment.trace.update:
            self.answered.emit(answer)

    @Slot(int, object, float)
    def _on_progressed(self, number: int, question: Question, fraction: float) -> None:
        if self._named(number):
            self.progressed.emit(question, fraction)

    @Slot(int)
    def _on_stopped(self, number: int) -> None:
        if (run := self._named(number)) is None:
            return
        self._awaited_beat = None
        if self._playing.resumes:
            self._playing.resumes = False
            self._go_on(run)
        else:
            self._playing.stop()

    @Slot(int, str)
    def _on_failed(self, number: int, message: str) -> None:
        if self._opening is not None and self._opening.run == number:
            self._opening = None
            if self.experiment is not None:  # the run before goes on
                self.adjusted.emit(self.experiment)
        elif number != self.run_number or self._closed:
            return
        self._playing.stop()
        self.look_back_no_more()
        self.failed.emit(message)
