"""One parameter under the microscope: the way to the cost, a handle, the gradient's check."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDoubleValidator
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from explorer.core.answers import GradientCheck, Sweep
from explorer.core.chain import example_slope, mean_slope
from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron, Weight, parameter_symbol
from explorer.views.eliding_label import ElidingLabel
from explorer.views.fields import NumberEdit
from explorer.views.microscope.check_row import CheckRow
from explorer.views.microscope.cost_curve import CostCurve, Slopes
from explorer.views.microscope.links import links_of, neuron_of
from explorer.views.microscope.number_lines import NumberLines
from explorer.views.palette import Theme

_MOST = 1e6  # what can be typed, to either side


class ParameterPage(QWidget):
    """Number lines at the left, the cost as a curve at the right, edit and check below.

    What is dragged to is held here only, until ``edit_requested`` asks to keep it.
    """

    edit_requested = Signal(object, float)
    gradient_check_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines = NumberLines()
        self.curve = CostCurve()
        self.check = CheckRow()
        self.hint = ElidingLabel()
        self.hint.setObjectName("small")
        self.hint.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.keep = _button("keep as an edit", "Let the running model go on from this value")
        self.drop = _button("let go", "Back to the value that the model has  (Esc)")
        self.edit_name = QLabel()
        self.edit_name.setObjectName("small")
        self.edit = NumberEdit("the parameter's value", 94, Qt.AlignmentFlag.AlignRight)
        validator = QDoubleValidator(-_MOST, _MOST, 12)
        validator.setLocale(self.locale().c())
        self.edit.setValidator(validator)
        self.edit.setToolTip("Type a value and press Enter to give it to the running model")
        self._moment: Moment | None = None
        self._part: Weight | Neuron = Neuron(1, 0)
        self._sweep: Sweep | None = None
        self._at: int | None = None
        self._build()
        self._connect()

    def _build(self) -> None:
        views = QHBoxLayout()
        views.setSpacing(8)
        views.addWidget(self.lines, 8)
        views.addWidget(self.curve, 5)
        below = QHBoxLayout()
        below.setContentsMargins(12, 0, 4, 0)
        below.setSpacing(8)
        below.addWidget(self.hint, 1)
        for widget in (self.keep, self.drop, self.edit_name, self.edit):
            below.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(views, 1)
        column.addLayout(below)
        column.addWidget(self.check)

    def _connect(self) -> None:
        self.lines.dragged.connect(self._drag)
        self.lines.released.connect(self._release)
        self.keep.clicked.connect(self._keep)
        self.drop.clicked.connect(self.let_go)
        self.edit.returnPressed.connect(self._typed)
        self.edit.left.connect(self._write_value)
        self.check.requested.connect(lambda: self.gradient_check_requested.emit(self._part))

    @property
    def sweep(self) -> Sweep | None:
        """The sweep shown."""
        return self._sweep

    @property
    def at(self) -> int | None:
        """The pass of the sweep dragged to; None where the parameter is as the model has it."""
        return self._at

    def show_moment(
        self,
        moment: Moment,
        part: Weight | Neuron,
        sweep: Sweep | None,
        check: GradientCheck | None,
    ) -> None:
        """Show a parameter with what is known of it."""
        if sweep is not self._sweep:
            self._at = None
        self._moment, self._part, self._sweep = moment, part, sweep
        trace, neuron = moment.trace, neuron_of(part)
        source = part.source if isinstance(part, Weight) else None
        done = moment.backward_done(part.layer)
        averaged = moment.beat.kind in ("average", "update")
        own = example_slope(trace, moment.example, part.layer, neuron.index, source)
        mean = mean_slope(trace, part.layer, neuron.index, source)
        name = parameter_symbol(part)
        self.lines.show_links(links_of(moment, part))
        self.curve.show_slopes(Slopes(name, own if done else None, mean if averaged else None))
        self.check.show_check(check, trace.dtype, ready=done)
        self.edit_name.setText(f"set {name} to")
        self._show()

    def set_theme(self, theme: Theme) -> None:
        """Take another theme's colours."""
        self.lines.set_theme(theme)
        self.curve.set_theme(theme)

    def let_go(self) -> None:
        """Return to the value that the model has."""
        self._at = None
        self._show()

    def _show(self) -> None:
        self.lines.show_sweep(self._sweep, self._at)
        self.curve.show_sweep(self._sweep, self._at)
        for button in (self.keep, self.drop):
            button.setVisible(self._at is not None)
        self.hint.setText(*self._hints())
        self._write_value()

    def _hints(self) -> tuple[str, ...]:
        """What can be done, and shorter ways to say it."""
        name = parameter_symbol(self._part)
        if self._sweep is None:
            live = self._moment is not None and self._moment.live
            return ("Drawn when the picture stands still." if live else "",)
        if self._at is None:
            return f"Drag {name}: every thread is a forward pass.", f"Drag {name} along its line."
        own = f"{name} = {self._own:.4g}".replace("-", "−")
        return f"Held here only: the model has {own}.", f"The model has {own}."

    @property
    def _own(self) -> float:
        """The parameter as the trace has it before the update."""
        assert self._moment is not None
        layer = self._moment.trace.layers[self._part.layer - 1]
        if isinstance(self._part, Weight):
            return float(layer.weight_before[self._part.target, self._part.source])
        return float(layer.bias_before[self._part.index])

    @property
    def _value(self) -> float:
        """The value dragged to, else the parameter's own."""
        if self._sweep is None or self._at is None:
            return self._own
        return float(self._sweep.values[self._at])

    def _write_value(self) -> None:
        if self._moment is not None:
            self.edit.setText(f"{self._value:.6g}")

    def _drag(self, index: int) -> None:
        self._at = index
        self.lines.show_sweep(self._sweep, index)
        self.curve.show_sweep(self._sweep, index)
        self.hint.setText(*self._hints())
        self._write_value()

    def _release(self) -> None:
        """Offer to keep the value, where it is another one."""
        if self._sweep is not None and self._at == self._sweep.now:
            self._at = None
        self._show()

    def _keep(self) -> None:
        value = self._value
        self.let_go()
        self.edit_requested.emit(self._part, value)

    def _typed(self) -> None:
        """Ask for the value typed; where nothing was typed, for that dragged to, digit by digit."""
        if self.edit.text() != f"{self._value:.6g}":
            self.edit_requested.emit(self._part, float(self.edit.text()))
        elif self._at is not None:
            self._keep()


def _button(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    policy = button.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    button.setSizePolicy(policy)
    button.hide()
    return button
