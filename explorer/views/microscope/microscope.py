"""The microscope: a large view of one neuron, or of one parameter on its way to the cost."""

from __future__ import annotations

from typing import Literal, TypeAlias

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QLabel, QStackedWidget, QToolButton, QWidget

from explorer.core.answers import GradientCheck, Sweep
from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron, Selectable, Weight, parameter_symbol
from explorer.core.readings import neuron_title, title_of
from explorer.core.trace import Trace
from explorer.views.large_view import LargeView
from explorer.views.microscope.lettering import example_name
from explorer.views.microscope.links import neuron_of
from explorer.views.microscope.neuron_page import NeuronPage
from explorer.views.microscope.parameter_page import ParameterPage
from explorer.views.palette import Theme

Subject: TypeAlias = Literal["neuron", "bias", "weight"]
_INPUT = (
    "This is an input: its value comes from the data.\n"
    "It has no weights, no activation function and no gradient to look into.\n\n"
    "Double-click on a neuron of a later layer."
)


class Microscope(LargeView):
    """Shows a neuron, its bias or one of its weights, as the head's buttons say.

    A neuron's page shows what its trace holds. A parameter's page needs a sweep, and asks for one
    with ``sweep_requested`` while it is on screen and training stands still.
    """

    part_pointed = Signal(object)  # Selectable or None: light it elsewhere
    part_requested = Signal(object)  # Selectable: select it
    sweep_requested = Signal(object)  # Weight, or Neuron for its bias
    edit_requested = Signal(object, float)  # Weight, or Neuron for its bias; its new value
    gradient_check_requested = Signal(object)  # Weight, or Neuron for its bias

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Microscope", parent)
        self.neuron_page = NeuronPage()
        self.parameter_page = ParameterPage()
        self.nothing = QLabel()
        self.nothing.setObjectName("muted")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages = QStackedWidget()
        for page in (self.neuron_page, self.parameter_page, self.nothing):
            self._pages.addWidget(page)
        self.body.addWidget(self._pages, 1)
        self.subjects = self._make_subjects()
        self._moment: Moment | None = None
        self._part: Selectable = Neuron(0, 0)
        self._name = ""
        self._title.setMinimumWidth(1)
        self._subject: Subject = "neuron"
        self._sweep: Sweep | None = None
        self._check: tuple[Trace, GradientCheck] | None = None
        self._asked: tuple[Trace, int, Weight | Neuron] | None = None
        self._connect()
        self.clear()

    def _make_subjects(self) -> dict[Subject, QToolButton]:
        """The segments of the head."""
        group = QButtonGroup(self)
        group.setExclusive(True)
        buttons: dict[Subject, QToolButton] = {}
        ends: tuple[tuple[Subject, str, str], ...] = (
            ("neuron", "first", "Its sum, its activation function, the chain rule"),
            ("bias", "middle", "What its bias does to the cost"),
            ("weight", "last", "What this weight does to the cost"),
        )
        for subject, end, tip in ends:
            button = QToolButton()
            button.setObjectName("segment")
            button.setText(subject)
            button.setProperty("end", end)
            button.setToolTip(tip)
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, subject=subject: self._choose(subject))
            group.addButton(button)
            buttons[subject] = button
        self.head.setSpacing(0)
        for button in buttons.values():
            self.head.addWidget(button)
        self.head.addSpacing(8)
        return buttons

    def _connect(self) -> None:
        self.neuron_page.part_pointed.connect(self.part_pointed)
        self.neuron_page.part_requested.connect(self.part_requested)
        self.neuron_page.source_changed.connect(self._name_subjects)
        self.parameter_page.edit_requested.connect(self.edit_requested)
        self.parameter_page.gradient_check_requested.connect(self.gradient_check_requested)

    def show_moment(self, moment: Moment, part: Selectable) -> None:
        """Show a part at a moment: a neuron of layer 1 or later, or a weight."""
        if part != self._part:
            self._subject = "weight" if isinstance(part, Weight) else "neuron"
        self._moment, self._part = moment, part
        self._show()

    def show_sweep(self, sweep: Sweep) -> None:
        """Take a sweep; one of another part, example or update is not shown."""
        self._sweep = sweep
        self._show()

    def show_gradient_check(self, check: GradientCheck) -> None:
        """Take a gradient check; one of another part or update is not shown."""
        self._check = (self._moment.trace, check) if self._moment is not None else None
        self._show()

    def set_theme(self, theme: Theme) -> None:
        """Take another theme's colours."""
        self.neuron_page.set_theme(theme)
        self.parameter_page.set_theme(theme)

    def clear(self) -> None:
        """Show nothing, until the next moment comes."""
        self._moment = self._sweep = self._check = self._asked = None
        for button in self.subjects.values():
            button.hide()
        self._call("Microscope")
        self.nothing.setText("Numbers appear here as soon as the network is ready.")
        self._pages.setCurrentWidget(self.nothing)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape lets a dragged value go first, then closes."""
        if event.key() == Qt.Key.Key_Escape and self.parameter_page.at is not None:
            self.parameter_page.let_go()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for what was not asked for while this was hidden."""
        super().showEvent(event)
        self._ask()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten the title to what room there is."""
        super().resizeEvent(event)
        self._fit_title()

    def _call(self, name: str) -> None:
        self._name = name[:1].upper() + name[1:]
        self._fit_title()

    def _fit_title(self) -> None:
        taken = self.head.sizeHint().width() + 60  # the cross and the gaps
        room, metrics = self.width() - taken, self._title.fontMetrics()
        self.set_title(metrics.elidedText(self._name, Qt.TextElideMode.ElideRight, room))
        self._title.setToolTip(self._name)

    @property
    def parameter(self) -> Weight | Neuron | None:
        """The parameter shown, a bias as its neuron; None on a neuron's page."""
        if self._subject == "neuron" or self._is_input:
            return None
        return self._part if isinstance(self._part, Weight) else neuron_of(self._part)

    @property
    def _is_input(self) -> bool:
        return isinstance(self._part, Neuron) and self._part.layer == 0

    def _show(self) -> None:
        moment, parameter = self._moment, self.parameter
        if moment is None:
            return
        for button in self.subjects.values():
            button.setVisible(not self._is_input)
        if self._is_input:
            self._call(title_of(moment, self._part))
            self.nothing.setText(_INPUT)
            self._pages.setCurrentWidget(self.nothing)
            return
        neuron = neuron_of(self._part)
        self.neuron_page.show_moment(moment, neuron)
        self._name_subjects()
        title = neuron_title(moment, neuron) if parameter is None else self._title_of(parameter)
        self._call(f"{title}  ·  {example_name(moment)}")
        if parameter is None:
            self._pages.setCurrentWidget(self.neuron_page)
            return
        self.parameter_page.show_moment(
            moment, parameter, self._fitting_sweep(), self._fitting_check()
        )
        self._pages.setCurrentWidget(self.parameter_page)
        self._ask()

    def _title_of(self, parameter: Weight | Neuron) -> str:
        assert self._moment is not None
        if isinstance(parameter, Weight):
            return title_of(self._moment, parameter)
        return f"bias of {neuron_title(self._moment, parameter)}"

    def _name_subjects(self) -> None:
        neuron = neuron_of(self._part)
        self.subjects["bias"].setText(parameter_symbol(neuron))
        self.subjects["weight"].setText(parameter_symbol(self._weight))
        self.subjects[self._subject].setChecked(True)

    @property
    def _weight(self) -> Weight:
        """The weight shown, or that which the neuron's page follows."""
        if isinstance(self._part, Weight):
            return self._part
        return Weight(self._part.layer, self._part.index, self.neuron_page.source)

    def _choose(self, subject: Subject) -> None:
        """Go to another page: the same neuron's at once, another part's by asking for it."""
        if subject == self._subject:
            return
        wanted: Selectable = self._weight if subject == "weight" else neuron_of(self._part)
        changed = wanted != self._part
        self._part, self._subject = wanted, subject
        self._show()
        if changed:
            self.part_requested.emit(wanted)

    def _fitting_sweep(self) -> Sweep | None:
        """The sweep held, where it is of what is shown."""
        moment, sweep, part = self._moment, self._sweep, self.parameter
        if moment is None or sweep is None or part is None:
            return None
        about = (sweep.part, sweep.example, sweep.update)
        if about != (part, moment.example, moment.trace.update):
            return None
        # An answer from before a restart may name the same update of another run.
        layer, neuron = moment.trace.layers[part.layer - 1], neuron_of(part)
        same = layer.z[moment.example, neuron.index] == sweep.z[sweep.now]
        return sweep if same else None

    def _fitting_check(self) -> GradientCheck | None:
        if self._moment is None or self._check is None:
            return None
        (trace, check), shown = self._check, self._moment.trace
        # An edit makes the same update anew: what was checked before it is of no use.
        fits = trace is shown and (check.part, check.update) == (self.parameter, shown.update)
        return check if fits else None

    def _ask(self) -> None:
        """Ask once for the sweep that the shown part, example and update need."""
        moment, part = self._moment, self.parameter
        if moment is None or part is None or moment.live or not self.isVisible():
            return
        if self._fitting_sweep() is not None:
            return
        wanted = (moment.trace, moment.example, part)
        if (
            self._asked is not None
            and self._asked[0] is wanted[0]
            and self._asked[1:] == wanted[1:]
        ):
            return
        self._asked = wanted
        self.sweep_requested.emit(part)
