"""The worker: owns the trainer, on a thread of its own. Nobody else touches network or data.

Nothing here imports torch when the module is imported: that takes seconds and happens in
:meth:`Worker.load`, beside the first window.
"""

from __future__ import annotations

import math
import time
import traceback
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from explorer.core.answers import Answer
from explorer.core.bell import Bell
from explorer.core.data.dataset import Floats
from explorer.core.experiment import Experiment, ExperimentError
from explorer.core.part_of_network import Neuron, Weight
from explorer.core.preloading import preload_torch
from explorer.core.questions import Question
from explorer.core.trace import Trace
from explorer.session.open_questions import OpenQuestions
from explorer.session.pace import Pace
from explorer.session.run import Opened
from explorer.session.shelf import MOST_SHELVED, Shelf
from explorer.session.speed import Speed
from explorer.session.totals import Totals

if TYPE_CHECKING:
    from explorer.core.trainer import Trainer

SURFACE_POINTS = 60  # per side

P = ParamSpec("P")


def _guarded(
    method: Callable[Concatenate[Worker, P], None],
) -> Callable[Concatenate[Worker, P], None]:
    """Turn an exception in the worker into one message, and stop playing."""

    @wraps(method)
    def guarded(self: Worker, /, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            method(self, *args, **kwargs)
        except (ExperimentError, ArithmeticError) as error:
            self.halt(str(error))
        except Exception as error:
            traceback.print_exc()
            self.halt(f"Training stopped: {type(error).__name__}: {error}")

    return guarded


class Worker(QObject):
    """Commands come in as queued slots, facts go out as signals stamped with the run's number.

    Attributes
    ----------
    bell : Bell
        To be rung, from any thread, once a command is on its way, so that it is soon taken up.
    newest : int
        The latest run that is to be opened, to be set before the command; earlier ones are not
        begun any more.
    """

    loading = Signal(str, float)
    opened = Signal(int, object)  # Opened
    traced = Signal(int, object, bool)  # Trace, live
    looked_back = Signal(int, object, object)  # update, Trace or None if it cannot be recorded
    costs_measured = Signal(int, object, object)  # first update, (U,) costs
    total_measured = Signal(int, object)  # TotalCost
    answered = Signal(int, object)  # Answer
    progressed = Signal(int, object, float)  # Question, fraction done
    stopped = Signal(int)
    failed = Signal(int, str)

    def __init__(self) -> None:
        super().__init__()
        self.bell = Bell()
        self.newest = 0
        self._trainer: Trainer | None = None
        self._totals: Totals | None = None  # of the trainer
        self._run = 0
        self._opening = 0  # the run that is being opened; 0 for none
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._play_on)
        self._playing = False
        self._pace = Pace(to_epoch_end=False)
        self._photographed = -1  # the update of the latest photograph
        self._costs: list[Floats] = []
        self._shelf: Shelf[Trainer] = Shelf(MOST_SHELVED)  # the present one is there too
        self._questions = OpenQuestions()
        self._answering = QTimer(self)
        self._answering.timeout.connect(self._answer)
        self._looking = False
        self._past: Trainer | None = None  # a twin of the trainer, that looks back

    @Slot()
    @_guarded
    def load(self) -> None:
        """Import torch and take its first slow steps before anybody waits for them."""
        self.loading.emit("Loading PyTorch", 0.1)
        preload_torch()
        import torch

        self.loading.emit("Preparing autograd and the optimizers", 0.6)
        from explorer.core.experiment import Sgd
        from explorer.core.optimizers import make_optimizer

        parameter = torch.nn.Parameter(torch.zeros(1))
        optimizer = make_optimizer(Sgd(), [parameter])
        parameter.sum().backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        self.loading.emit("Preparing the compiled engine", 0.7)
        from explorer.core.engines.compiled import prepare

        prepare()

    @Slot(int, object, object)
    @_guarded
    def open(self, run: int, experiment: Experiment, folder: Path) -> None:
        """Begin a run: load its data, build its network, trace its first update.

        The run before comes to rest first. If this one cannot begin, that one goes on.
        """
        if run != self.newest:
            return
        self._opening = run
        if self._playing:
            self._rest()
        self._give_up_questions()
        self.loading.emit("Loading the data", 0.8)
        from explorer.core.data.load import load
        from explorer.core.trainer import Trainer

        dataset = load(experiment, folder)
        trainer = Trainer(experiment, dataset)
        trainer.inner_surfaces = self._looking
        self.loading.emit("Preparing the engine", 0.9)
        trainer.prepare()
        self._opening = 0
        self._go_over_to(run, trainer)
        about = trainer.device_title, trainer.note
        self.opened.emit(run, Opened(run, experiment, folder, dataset, *about))
        self.loading.emit("", 1.0)
        self._measure()
        self._emit_step(trainer.advance_traced(surface=SURFACE_POINTS))

    @Slot(int)
    @_guarded
    def bring_back(self, run: int) -> None:
        """Go on with an earlier run, where it was left."""
        self._stop_timer()
        self._give_up_questions()
        trainer = self._shelf.take(run)
        self._go_over_to(run, trainer)
        self._keep()
        trainer.set_aside(aside=False)
        trainer.inner_surfaces = self._looking
        self._measure()  # as what is known of measuring is of the other run

    @Slot(bool)
    @_guarded
    def look_inside(self, looking: bool) -> None:
        """Whether traces from now on also hold what hidden neurons say over the plane."""
        self._looking = looking
        if self._trainer is not None:
            self._trainer.inner_surfaces = looking

    @Slot(int)
    @_guarded
    def step(self, run: int) -> None:
        """Train and trace one update."""
        if (trainer := self._current(run)) is not None:
            self._emit_step(trainer.advance_traced(surface=SURFACE_POINTS))

    @Slot(int, object)
    @_guarded
    def retrace(self, run: int, update: int) -> None:
        """Go back to just after ``update`` and trace that update."""
        if (trainer := self._current(run)) is not None:
            self._stop_timer()
            self._emit_step(trainer.retrace(update, surface=SURFACE_POINTS))

    @Slot(int, int, object)
    @_guarded
    def fork(self, run: int, new: int, update: int) -> None:
        """Begin a run just after an earlier update of this one, which stays as it is.

        That update is traced.
        """
        if (trainer := self._current(run)) is not None:
            self._go_over_to(new, trainer.twin())
            self._keep()
            self.retrace(new, update)

    @Slot(int, object)
    @_guarded
    def look_back(self, run: int, update: int) -> None:
        """Record an earlier update once more; the run stays where it is.

        With its total costs, unless measuring these takes so long that it would be felt.
        """
        trainer, totals = self._current(run), self._totals
        if trainer is None or totals is None or self._playing:
            return
        if self._past is None:
            self._past = trainer.twin()
        try:
            trace = self._past.look_back(update, totals=totals.quick, surface=SURFACE_POINTS)
        except ArithmeticError:
            self.looked_back.emit(run, update, None)
        else:
            self.looked_back.emit(run, update, trace)

    @Slot(int, object, bool)
    @_guarded
    def adjust(self, run: int, experiment: Experiment, again: bool) -> None:
        """Take up new settings; with ``again``, make the latest update anew under them."""
        trainer = self._current(run)
        if trainer is None:
            return
        if not again:
            trainer.adjust(experiment)
            return
        trainer.rewind_to(trainer.update - 1)
        trainer.adjust(experiment)
        self._emit_step(trainer.advance_traced(surface=SURFACE_POINTS))

    @Slot(int, object, object, float)
    @_guarded
    def edit(self, run: int, update: int, part: Weight | Neuron, value: float) -> None:
        """Set a parameter by hand before ``update``, and make that update anew from there.

        An edit that lies ahead, as the run was gone back over, is trained up to again.
        """
        if (trainer := self._current(run)) is None:
            return
        while trainer.update < update - 1:  # fewer are made than asked for where one diverges
            self._costs.append(trainer.advance_many(update - 1 - trainer.update))
        self._flush_costs()
        trainer.rewind_to(update - 1)
        trainer.edit(part, value)
        self._emit_step(trainer.advance_traced(surface=SURFACE_POINTS))

    @Slot(int, object, object)
    @_guarded
    def ask(self, run: int, question: Question, trace: Trace) -> None:
        """Take up a question about an update; it takes the place of an earlier one of its kind."""
        trainer = self._current(run)
        if trainer is None or trainer.update != trace.update or self._playing:
            return
        self._questions.take_up(question, question.work(trainer, trace))
        self._answering.start()

    @Slot(int, object, object, bool)
    @_guarded
    def play(self, run: int, speed: Speed, stop_at: int, to_epoch_end: bool) -> None:
        """Train on until paused, or until after update ``stop_at`` (0 for never)."""
        if self._current(run) is None:
            return
        self._give_up_questions()
        self._pace = Pace(to_epoch_end=to_epoch_end)
        self.set_pace(run, speed, stop_at)
        self._playing = True
        self._timer.start()

    @Slot(int, object, object)
    @_guarded
    def set_pace(self, run: int, speed: Speed, stop_at: int) -> None:
        """Play at another speed, or up to another update, from now on."""
        if (trainer := self._current(run)) is None:
            return
        now = time.perf_counter()
        self._pace.set(speed.per_second, stop_at, now=now, update=trainer.update)
        self._timer.setInterval(0 if math.isinf(speed.per_second) else 8)

    @Slot(int, object, float)
    @_guarded
    def go_on(self, run: int, update: int, drawing_seconds: float) -> None:
        """Take the next photograph: the last one, of ``update``, has reached the window.

        Drawing one there took so long; 0 seconds if it waits for its turn. Until it is drawn,
        training that holds the GIL does not go on.
        """
        trainer = self._current(run)
        if trainer is None or not self._playing:
            return
        if update != self._photographed or (trainer.holds_gil and not drawing_seconds):
            return  # a later one is on its way, or drawing this one comes first
        self._pace.drawn(time.perf_counter(), drawing_seconds, holds_gil=trainer.holds_gil)
        if trainer.holds_gil:
            self._timer.start()

    @Slot(int)
    @_guarded
    def pause(self, run: int) -> None:
        """Stop playing and trace the last update made."""
        if self._current(run) is not None and self._playing:
            self._rest()

    def halt(self, message: str) -> None:
        """Stop where the last good number is, show that update, and say why.

        What failed is the run that was being opened, or else the one that there is.
        """
        playing, failed = self._playing, self._opening or self._run
        self._opening = 0
        self._stop_timer()
        self._give_up_questions()
        self._flush_costs()
        try:
            if playing and self._trainer is not None:
                self._show_last(self._trainer)
        finally:
            self.loading.emit("", 1.0)
            self.stopped.emit(self._run)
            self.failed.emit(failed, message)

    def _show_last(self, trainer: Trainer) -> None:
        """Show the last update all of whose numbers can be shown.

        A trace holds more than training needs, such as the cost after the update, so it may be
        an earlier one than the last that training got through.
        """
        for update in range(trainer.update, 0, -1):
            try:
                trace = trainer.retrace(update, surface=SURFACE_POINTS)
            except ArithmeticError:
                continue
            self._emit_step(trace)
            return

    def _go_over_to(self, run: int, trainer: Trainer) -> None:
        """Let a run take the place of the one before."""
        self._set_aside(self._trainer)
        self._run = run
        self._trainer, self._totals = trainer, Totals(trainer)

    def _keep(self) -> None:
        """Put the run on the shelf, as soon as there is a trace of it: from then on it may be left.

        The session keeps the same ones, of as many others.
        """
        if self._trainer is not None and self._run not in self._shelf:
            self._shelf.put(self._run, self._trainer)

    @staticmethod
    def _set_aside(trainer: Trainer | None) -> None:
        if trainer is not None:
            trainer.set_aside(aside=True)

    def _current(self, run: int) -> Trainer | None:
        return self._trainer if run == self._run else None

    def _give_up_questions(self) -> None:
        """What was asked about another update is of no use any more; nor is what looks back."""
        self._past = None
        self._questions.give_up()
        self._answering.stop()

    @Slot()
    @_guarded
    def _answer(self) -> None:
        """Work on the questions for a short while; commands come in between."""
        for question, result in self._questions.work_on():
            if isinstance(result, Answer):
                self.answered.emit(self._run, result)
            else:
                self.progressed.emit(self._run, question, result)
        if not self._questions:
            self._answering.stop()

    def _stop_timer(self) -> None:
        self._playing = False
        self._timer.stop()

    @Slot()
    @_guarded
    def _play_on(self) -> None:
        """Train for a short while, then say what happened."""
        trainer, totals = self._trainer, self._totals
        assert trainer is not None
        assert totals is not None
        now, pace = time.perf_counter(), self._pace
        due = pace.due(now, trainer.update) > 0
        photograph = due and pace.photograph_due(now)
        if photograph:
            self._take_photograph(trainer)
        elif due:
            updates = pace.in_one_call(now, trainer.update, trainer.left_in_epoch)
            costs = trainer.advance_many(updates, self.bell)
            self.bell.heard()  # the command has come before it, and is looked at next
            self._costs.append(costs)
            if len(costs) == updates:
                pace.made(updates, time.perf_counter() - now)
        self._flush_costs()
        if pace.over(trainer.update, epoch_over=trainer.epoch_over):
            self._rest()
        elif not photograph and pace.totals_due(now, trainer.update):
            begun = time.perf_counter()
            self._measure()
            took = time.perf_counter() - begun
            pace.measured(begun, took, trainer.update, quick=totals.quick)

    def _take_photograph(self, trainer: Trainer) -> None:
        """Train one update and show it; the next photograph waits for :meth:`go_on`."""
        begun = time.perf_counter()
        # Of a photograph the last beat is shown, in which the parameters have moved.
        trace = trainer.advance_traced(totals=False, surface=SURFACE_POINTS, surface_before=False)
        self._costs.append(np.array([trainer.cost]))
        self._flush_costs()
        self.traced.emit(self._run, trace, True)
        self._photographed = trace.update
        self._pace.photographed(begun)
        if trainer.holds_gil:  # drawing would have to wait for it
            self._timer.stop()

    def _rest(self) -> None:
        """End playing on the whole trace of the last update."""
        assert self._trainer is not None
        self._stop_timer()
        self._flush_costs()
        self._show_last(self._trainer)
        self.stopped.emit(self._run)

    def _flush_costs(self) -> None:
        if self._costs and self._trainer is not None:
            costs = np.concatenate(self._costs, dtype=np.float32)
            first = self._trainer.update - len(costs) + 1
            self._costs.clear()
            self.costs_measured.emit(self._run, first, costs)

    def _emit_step(self, trace: Trace) -> None:
        self._give_up_questions()
        self._keep()
        assert self._trainer is not None
        assert self._totals is not None
        costs = np.array([self._trainer.cost], np.float32)
        self.costs_measured.emit(self._run, trace.update, costs)
        if self._totals.measured_at != trace.update - 1:  # what the beats before the update know
            self._measure(trace)
        self._measure()
        self.traced.emit(self._run, trace, False)

    def _measure(self, before: Trace | None = None) -> None:
        assert self._totals is not None
        self.total_measured.emit(self._run, self._totals.measure(before))
