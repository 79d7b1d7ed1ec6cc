"""The small editors of the setup panel: a slider with a number, a number with − and +."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QValidator
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSlider,
    QToolButton,
    QToolTip,
    QWidget,
)

from explorer.core.typed_numbers import parse_number, parse_whole
from explorer.views.theme import MONO, font
from explorer.views.validity import mark


class NumberEdit(QLineEdit):
    """A line for a number; ``left`` tells that it is no longer edited, whatever stands in it."""

    left = Signal()

    def __init__(self, name: str, width: int, alignment: Qt.AlignmentFlag) -> None:
        super().__init__()
        self.setFont(font(12, MONO))
        self.setFixedWidth(width)
        self.setAlignment(alignment)
        self.setAccessibleName(name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter also gives the keys back to the window, where what was typed is a number."""
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.hasAcceptableInput():
            self.clearFocus()

    def event(self, event: QEvent) -> bool:
        """Undo is the window's as long as nothing has been typed here."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            undo = event.matches(QKeySequence.StandardKey.Undo) and not self.isUndoAvailable()
            redo = event.matches(QKeySequence.StandardKey.Redo) and not self.isRedoAvailable()
            if undo or redo:
                event.ignore()
                return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell it, also of a number that the validator refuses."""
        super().focusOutEvent(event)
        self.left.emit()


class _RangeEdit(NumberEdit):
    """A line for a number of a range; what is none can be typed, and is marked and not taken.

    Parameters
    ----------
    least, most
        The range.
    whole
        Whether it has to be a whole number.
    tip
        What the number means; the range is added.
    """

    def __init__(
        self,
        name: str,
        width: int,
        alignment: Qt.AlignmentFlag,
        least: float,
        most: float,
        *,
        whole: bool = False,
        tip: str,
    ) -> None:
        super().__init__(name, width, alignment)
        self._least, self._most, self._whole = least, most, whole
        span = f"{least:,} to {most:,}" if whole else f"{least:g} to {most:g}"
        self._problem = f"{name}: a {'whole ' if whole else ''}number from {span}"
        self._tip = f"{tip}: {span}"
        self.setValidator(_Allowed(self))
        self.textChanged.connect(self._mark)

    def allowed(self, text: str) -> float | None:
        """The number that a text says; None where it says none of the range."""
        number = parse_whole(text) if self._whole else parse_number(text)
        return number if number is not None and self._least <= number <= self._most else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter says why a number is not taken; Escape gives up what was typed."""
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self.left.emit()
            return
        super().keyPressEvent(event)
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and not self.hasAcceptableInput():
            QToolTip.showText(self.mapToGlobal(self.rect().bottomLeft()), self._problem, self)

    @Slot(str)
    def _mark(self, text: str) -> None:
        # What was set from outside is as it is, as an experiment file allows more.
        wrong = self.isModified() and bool(text) and self.allowed(text) is None
        mark(self, self._problem if wrong else "", self._tip)


class _Allowed(QValidator):
    """Lets everything without a space be typed: Space plays and pauses."""

    def __init__(self, edit: _RangeEdit) -> None:
        super().__init__(edit)
        self._edit = edit

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Whether the number may be taken."""
        state = QValidator.State.Intermediate
        if " " in text:
            state = QValidator.State.Invalid
        elif self._edit.allowed(text) is not None:
            state = QValidator.State.Acceptable
        return state, text, position


class ValueSlider(QWidget):
    """A labelled slider over given values, with the exact value to read and to type.

    ``value_changed`` tells what the user chose; setting a value from outside does not.
    """

    value_changed = Signal(float)

    def __init__(
        self,
        label: str,
        values: Sequence[float],
        *,
        most: float,
        tip: str,
        least: float = 0.0,
        while_dragging: bool = True,
        whole: bool = False,
    ) -> None:
        super().__init__()
        self._values = np.array(values, float)
        self._whole = whole
        self._value = float(values[0])
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        name = QLabel(label)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, len(values) - 1)
        self.slider.setPageStep(1)
        self.slider.setTracking(while_dragging)
        self.slider.setMinimumWidth(40)
        self.slider.setAccessibleName(label)
        self.edit = _RangeEdit(
            label, 66, Qt.AlignmentFlag.AlignRight, least, most, whole=whole, tip=tip
        )
        for widget in (self, self.slider):
            widget.setToolTip(tip)
        row.addWidget(name)
        row.addWidget(self.slider, 1)
        row.addWidget(self.edit)
        self.slider.valueChanged.connect(self._slid)
        self.edit.editingFinished.connect(self._typed)
        self.edit.left.connect(lambda: self.set_value(self._value))

    @property
    def value(self) -> float:
        """The value chosen."""
        return self._value

    def set_value(self, value: float) -> None:
        """Show a value; the slider goes to the nearest it has."""
        self._value = value
        self.slider.blockSignals(True)
        self.slider.setValue(int(np.abs(self._values - value).argmin()))
        self.slider.blockSignals(False)
        self.edit.setText(self._shown(value))

    def _shown(self, value: float) -> str:
        return f"{value:.0f}" if self._whole else f"{value:g}"

    def _slid(self, index: int) -> None:
        self._choose(float(self._values[index]))

    def _typed(self) -> None:
        number = self.edit.allowed(self.edit.text())
        if number is not None and self.edit.text() != self._shown(self._value):
            self._choose(number)

    def _choose(self, value: float) -> None:
        if value != self._value:
            self.set_value(value)
            self.value_changed.emit(value)


class Stepper(QWidget):
    """A whole number between − and +.

    ``value_changed`` tells what the user chose; setting a value from outside does not.
    """

    value_changed = Signal(int)

    def __init__(self, least: int, most: int, *, name: str, width: int = 44) -> None:
        super().__init__()
        self._least, self._most = least, most
        self._value = least
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        middle = Qt.AlignmentFlag.AlignHCenter
        self.edit = _RangeEdit(name, width, middle, least, most, whole=True, tip=name)
        self.less, self.more = (
            _step_button("−", f"{name}: one less"),
            _step_button("+", f"{name}: one more"),
        )
        row.addWidget(self.less)
        row.addWidget(self.edit)
        row.addWidget(self.more)
        self.less.clicked.connect(lambda: self._choose(self._value - 1))
        self.more.clicked.connect(lambda: self._choose(self._value + 1))
        self.edit.editingFinished.connect(self._typed)
        self.edit.left.connect(lambda: self.set_value(self._value))
        self.set_value(least)

    @property
    def value(self) -> int:
        """The value chosen."""
        return self._value

    def set_value(self, value: int) -> None:
        """Show a value."""
        self._value = value
        self.edit.setText(str(value))
        self.less.setEnabled(value > self._least)
        self.more.setEnabled(value < self._most)

    def _typed(self) -> None:
        number = self.edit.allowed(self.edit.text())
        if number is not None:
            self._choose(int(number))

    def _choose(self, value: int) -> None:
        value = min(max(value, self._least), self._most)
        changed = value != self._value
        self.set_value(value)
        if changed:
            self.value_changed.emit(value)


def _step_button(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName("flat")
    button.setText(text)
    button.setToolTip(tip)
    button.setFixedWidth(20)
    button.setAutoRepeat(True)
    return button
