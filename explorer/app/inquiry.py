"""What is asked of the worker by itself: when a run comes to rest, and for what is in sight."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from explorer.core.answers import Answer, Comparison, CostSlice, GradientCheck, Plane, Sweep
from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron, Weight
from explorer.core.questions import Question
from explorer.core.questions.comparison import ComparisonQuestion
from explorer.core.questions.cost_slice import CostSliceQuestion
from explorer.core.questions.gradient_check import GradientCheckQuestion
from explorer.core.questions.sweep import SweepQuestion
from explorer.core.trace import Trace
from explorer.session.session import Session
from explorer.views.landscape import Landscape
from explorer.views.microscope.microscope import Microscope

_AT_REST = 150  # milliseconds without another update, before the landscape is computed


class Inquiry(QObject):
    """Asks for the comparison, the landscape, sweeps and gradient checks, and hands answers on.

    ``compared`` tells of the :class:`Comparison` of the update on screen, None while there is none;
    ``came_to_rest`` that nothing is open any more.
    """

    compared = Signal(object)
    came_to_rest = Signal()

    def __init__(
        self, session: Session, landscapes: Sequence[Landscape], microscope: Microscope
    ) -> None:
        super().__init__(session)
        self._session, self._landscapes, self._microscope = session, landscapes, microscope
        self._plane: Plane = "path"
        self._asked_about: Trace | None = None
        self._drawn: Trace | None = None
        self._open: set[type[Answer]] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_AT_REST)
        self._timer.timeout.connect(self._on_rested)
        session.showed.connect(self._on_showed)
        session.answered.connect(self._on_answered)
        session.progressed.connect(self._on_progressed)
        session.playing_changed.connect(self._on_playing)
        session.restarted.connect(self._on_restarted)
        for landscape in landscapes:
            landscape.plane_requested.connect(self._draw_again)
        microscope.sweep_requested.connect(self._ask_sweep)
        microscope.gradient_check_requested.connect(
            lambda part: self._ask(GradientCheckQuestion(part), GradientCheck)
        )

    def stop(self) -> None:
        """Ask nothing more."""
        self._timer.stop()

    @property
    def at_rest(self) -> bool:
        """Whether everything asked has been answered, and nothing will be asked by itself."""
        return not self._open and not self._timer.isActive()

    def ask_for_landscape(self) -> None:
        """Ask for the slice of the cost surface, where it is in sight and not there yet."""
        moment, seen = self._session.moment, any(x.isVisible() for x in self._landscapes)
        if moment is None or moment.live or not seen or self._drawn is moment.trace:
            return
        if CostSlice not in self._open:
            for landscape in self._landscapes:
                landscape.show_progress(0.0)
            self._ask(CostSliceQuestion(plane=self._plane), CostSlice)

    def _ask(self, question: Question, answer: type[Answer]) -> None:
        if not self._session.playing:  # which would leave the question unanswered
            self._open.add(answer)
            self._session.ask(question)

    def _on_rested(self) -> None:
        self.ask_for_landscape()
        if self.at_rest:
            self.came_to_rest.emit()

    def _draw_again(self, plane: Plane) -> None:
        self._plane, self._drawn = plane, None
        self._open.discard(CostSlice)  # the new question takes the place of the open one
        for landscape in self._landscapes:
            landscape.set_plane(plane)
        self.ask_for_landscape()

    def _ask_sweep(self, part: Weight | Neuron) -> None:
        moment = self._session.moment
        if moment is not None:
            self._ask(SweepQuestion(part, moment.example), Sweep)

    def _on_restarted(self) -> None:
        self._timer.stop()
        self._open.clear()
        self._asked_about = self._drawn = None
        for landscape in self._landscapes:
            landscape.clear()
        self.compared.emit(None)

    def _on_showed(self, moment: Moment) -> None:
        if moment.trace is self._asked_about:
            return
        self._asked_about = moment.trace
        self._open.clear()  # another update ends what was asked about the one before
        for landscape in self._landscapes:
            landscape.show_stale()
        self.compared.emit(None)
        self._timer.stop()
        if not (moment.live or self._session.playing):
            self._ask_at_rest()

    def _on_playing(self, playing: bool) -> None:
        if not playing and self._session.moment is not None:
            self._ask_at_rest()

    def _ask_at_rest(self) -> None:
        self._ask(ComparisonQuestion(), Comparison)
        self._timer.start()

    def _on_answered(self, answer: Answer) -> None:
        if isinstance(answer, Comparison):
            for landscape in self._landscapes:
                landscape.show_comparison(answer)
            self.compared.emit(answer)
        elif isinstance(answer, CostSlice):
            self._drawn = self._asked_about
            for landscape in self._landscapes:
                landscape.show_slice(answer)
        elif isinstance(answer, Sweep):
            self._microscope.show_sweep(answer)
        elif isinstance(answer, GradientCheck):
            self._microscope.show_gradient_check(answer)
        self._open.discard(type(answer))
        if self.at_rest:
            self.came_to_rest.emit()

    def _on_progressed(self, question: Question, fraction: float) -> None:
        if isinstance(question, CostSliceQuestion):
            for landscape in self._landscapes:
                landscape.show_progress(fraction)
