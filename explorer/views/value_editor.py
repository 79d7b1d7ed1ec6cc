"""The editor of one weight or bias: its value to type, to nudge and to drag."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QRegularExpressionValidator
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from explorer.core.moment import Moment
from explorer.core.numbers import nice_ceiling
from explorer.core.part_of_network import Neuron, Selectable, Weight
from explorer.core.readings import neuron_title, title_of
from explorer.core.typed_numbers import parse_number
from explorer.views.eliding_label import ElidingLabel
from explorer.views.fields import NumberEdit
from explorer.views.palette import Theme
from explorer.views.scrubber import Scrubber
from explorer.views.validity import mark

_NUDGE, _FAR = 0.01, 0.1
_TIP = (
    "Enter applies the value, Escape restores it; Up and Down change it by 0.01, with Shift by 0.1"
)
_DRAG_TIP = "Drag to change the value; with Shift ten times finer"
_AFTER_TIP = "Go back a beat to edit the value this update starts from"


class ValueEditor(QFrame):
    """Shows the value of the selected weight, or of the selected neuron's bias, at a moment.

    ``edit_requested`` asks for another value of the part before the current update: with Enter,
    when a drag ends, and when an arrow key is let go.
    """

    edit_requested = Signal(object, float)  # Weight or Neuron, the value

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._part: Selectable | None = None
        self._value = 0.0
        self._shown = self._title = ""
        self._name = ElidingLabel()
        self._name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.edit = _ValueEdit()
        self.scrubber = Scrubber()
        self._note = QLabel()
        self._note.setObjectName("small")
        self._note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.scrubber, 1)
        row.addWidget(self.edit)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 9, 10, 8)
        column.setSpacing(5)
        column.addWidget(self._name)
        column.addLayout(row)
        column.addWidget(self._note)
        self.edit.entered.connect(self._enter)
        self.edit.nudged.connect(self._nudge)
        self.edit.nudge_ended.connect(self._ask)
        self.edit.given_up.connect(self._restore)
        self.edit.textEdited.connect(lambda text: mark(self.edit, _problem(text), _TIP))
        self.scrubber.dragged.connect(self._write)
        self.scrubber.released.connect(lambda _: self._ask())
        self.hide()

    def show_part(self, moment: Moment, part: Selectable | None) -> None:
        """Show a weight, or a neuron's bias; inputs and nothing have no value to edit."""
        if part is None or (isinstance(part, Neuron) and part.layer == 0):
            self.clear()
            return
        self._part = part
        weight = isinstance(part, Weight)
        self._title = title_of(moment, part) if weight else f"bias of {_named(moment, part)}"
        self._value = _value_of(moment, part)
        self._shown = _written(self._value, moment.trace.dtype)
        editable = not moment.live and not moment.updated
        for widget in (self.edit, self.scrubber):
            widget.setEnabled(editable)
        self.edit.setAccessibleName(self._title)
        self.scrubber.show_value(self._value, _reach(moment, part))
        self.scrubber.setToolTip(_DRAG_TIP if editable else _AFTER_TIP)
        self._note.setText(_note(moment, part))
        self._note.setToolTip(_AFTER_TIP if moment.updated else "")
        self._restore()
        self._name.setText(self._title)
        self._name.setToolTip(self._title)
        self.show()

    def clear(self) -> None:
        """Show nothing, until the next part comes."""
        self._part = None
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Take another theme's colours."""
        self.scrubber.set_theme(theme)

    @property
    def title(self) -> str:
        """The name of what is edited."""
        return self._title

    @property
    def note(self) -> str:
        """What stands below the value."""
        return self._note.text()

    # Editing ---------------------------------------------------------------------------------

    def _restore(self) -> None:
        self.scrubber.restore()
        self.scrubber.show_value(self._value, self.scrubber.reach)
        self.edit.setText(self._shown)
        self.edit.pending = False
        tip = _TIP if self.edit.isEnabled() else _AFTER_TIP
        mark(self.edit, "", tip)

    def _write(self, value: float) -> None:
        """Show a value that is not asked for yet."""
        self.edit.setText(f"{value:.10g}".replace("-", "−"))
        self.edit.pending = True
        mark(self.edit, "", _TIP)

    def _nudge(self, by: float) -> None:
        now = parse_number(self.edit.text())
        value = round((self._value if now is None else now) + by, 10)
        self._write(value)
        self.scrubber.show_value(value, self.scrubber.reach)

    def _enter(self) -> None:
        if self.edit.text() != self._shown:
            self._ask()

    def _ask(self) -> None:
        value = parse_number(self.edit.text())
        if value is None:
            mark(self.edit, _problem(self.edit.text()), _TIP)
            return
        self.edit.pending = False
        self._shown = self.edit.text()
        if self._part is not None and value != self._value:
            self._value = value
            self.scrubber.show_value(value, self.scrubber.reach)
            self.edit_requested.emit(self._part, value)


class _ValueEdit(NumberEdit):
    """A line for the value; tells what its keys ask for."""

    entered = Signal()
    nudged = Signal(float)
    nudge_ended = Signal()
    given_up = Signal()

    def __init__(self) -> None:
        super().__init__("Value", 104, Qt.AlignmentFlag.AlignRight)
        self.pending = False
        # Any number, also 1/3, has no space in it: Space plays and pauses.
        self.setValidator(QRegularExpressionValidator(r"\S*"))
        self.textEdited.connect(self._note_edit)

    def _note_edit(self) -> None:
        self.pending = True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter applies, arrows nudge, Escape restores what is pending."""
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
            if not self.pending:
                self.clearFocus()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            step = _FAR if shift else _NUDGE
            self.nudged.emit(step if key == Qt.Key.Key_Up else -step)
        elif key == Qt.Key.Key_Escape and self.pending:
            self.given_up.emit()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """An arrow key let go applies what it has nudged."""
        arrow = event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down)
        if arrow and self.pending and not event.isAutoRepeat():
            self.nudge_ended.emit()
        else:
            super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """What was not applied is given up."""
        super().focusOutEvent(event)
        if self.pending:
            self.given_up.emit()


def _named(moment: Moment, part: Selectable) -> str:
    assert isinstance(part, Neuron)
    return neuron_title(moment, part)


def _value_of(moment: Moment, part: Selectable) -> float:
    """The parameter as this beat has it: before the update, or in its last beat after it."""
    layer = moment.trace.layers[part.layer - 1]
    if isinstance(part, Weight):
        weights = layer.weight_after if moment.updated else layer.weight_before
        return float(weights[part.target, part.source])
    biases = layer.bias_after if moment.updated else layer.bias_before
    return float(biases[part.index])


def _reach(moment: Moment, part: Selectable) -> float:
    """Half as far again as the layer's largest parameter of the kind, in a round number."""
    layer = moment.trace.layers[part.layer - 1]
    arrays = (
        (layer.weight_before, layer.weight_after)
        if isinstance(part, Weight)
        else (layer.bias_before, layer.bias_after)
    )
    return nice_ceiling(max(1.0, *(1.5 * float(np.abs(x).max()) for x in arrays)))


def _written(value: float, dtype: str) -> str:
    """A value in as many digits as its type carries."""
    return f"{value:.{7 if dtype == 'float32' else 10}g}".replace("-", "−")


def _note(moment: Moment, part: Selectable) -> str:
    kind = "weight" if isinstance(part, Weight) else "bias"
    frozen = f"{kind}{part.layer}" in moment.experiment.network.frozen
    end = " · frozen for the optimizer" if frozen else ""
    if moment.live:
        return f"{'at that time' if moment.past else 'pause to edit'}{end}"
    return f"{'after' if moment.updated else 'before'} this update{end}"


def _problem(text: str) -> str:
    return "" if parse_number(text) is not None else f"“{text}” is no number, such as 0.15 or 1e-3"
