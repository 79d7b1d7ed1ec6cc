"""The small editors of the setup panel: a slider with a number, a number with − and +."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QDoubleValidator, QFocusEvent, QIntValidator, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSlider, QToolButton, QWidget

from explorer.views.theme import MONO, font


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
        shown: Callable[[float], str] = lambda value: f"{value:g}",
    ) -> None:
        super().__init__()
        self._values = np.array(values, float)
        self._shown = shown
        self._least, self._most = least, most
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
        self.edit = NumberEdit(label, 62, Qt.AlignmentFlag.AlignRight)
        validator = QDoubleValidator(least, most, 12)
        validator.setLocale(self.locale().c())
        self.edit.setValidator(validator)
        for widget in (self, self.slider, self.edit):
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

    def _slid(self, index: int) -> None:
        self._choose(float(self._values[index]))

    def _typed(self) -> None:
        if self.edit.text() != self._shown(self._value):
            self._choose(min(max(float(self.edit.text()), self._least), self._most))

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
        self.edit = NumberEdit(name, width, Qt.AlignmentFlag.AlignHCenter)
        self.edit.setValidator(QIntValidator(least, most))
        self.edit.setToolTip(f"{name}: {least:,} to {most:,}")
        self.less, self.more = (
            _step_button("−", f"{name}: one less"),
            _step_button("+", f"{name}: one more"),
        )
        row.addWidget(self.less)
        row.addWidget(self.edit)
        row.addWidget(self.more)
        self.less.clicked.connect(lambda: self._choose(self._value - 1))
        self.more.clicked.connect(lambda: self._choose(self._value + 1))
        self.edit.editingFinished.connect(lambda: self._choose(int(self.edit.text())))
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
