"""The gradient check: a button, autograd beside the difference, and what to make of it."""

from __future__ import annotations

import math

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from explorer.core.answers import GradientCheck
from explorer.core.numbers import number, signed
from explorer.views.eliding_label import ElidingLabel
from explorer.views.microscope.lettering import LATER_BACKWARD
from explorer.views.theme import MONO, font

_AGREE = {"float32": 1e-3, "float64": 1e-6}  # the largest relative error that rounding explains
_NOTHING = {"float32": 1e-6, "float64": 1e-9}  # of a cost near 1, no slope below this is sure
_EXPLAINED = (
    "Autograd against (C(w + h) − C(w − h)) / 2h, in float64, for the cost of the mini-batch.",
    "Autograd against (C(w + h) − C(w − h)) / 2h for the mini-batch, in float64.",
)


class CheckRow(QWidget):
    """Asks for a check with ``requested``; shows its numbers and a verdict in words."""

    requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = QToolButton()
        self.button.setText("check by central differences")
        self.button.setToolTip("Compare the gradient with a difference of two costs")
        self.button.clicked.connect(self.requested)
        self.verdict, self.numbers = ElidingLabel(), ElidingLabel()
        self.verdict.setObjectName("small")
        self.numbers.setObjectName("small")
        self.numbers.setIndent(2)
        for label in (self.verdict, self.numbers):
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.button)
        row.addWidget(self.verdict, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 0, 4, 0)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self.numbers)

    def show_check(self, check: GradientCheck | None, dtype: str, *, ready: bool) -> None:
        """Show an answer, or what the button would ask; ``ready`` once backprop is done."""
        self.button.setEnabled(ready)
        if not ready or check is None:
            self.verdict.setText("" if ready else f"the gradient {LATER_BACKWARD}")
            self.numbers.setFont(font(12))
            self.numbers.setText(*_EXPLAINED)
            return
        self.verdict.setText(verdict(check, dtype))
        slopes = f"autograd {signed(check.autograd, 7)}   difference {signed(check.difference, 7)}"
        with_step = f"{slopes}   h {number(check.step, 3)}"
        error = f"error {number(check.relative_error, 3)}"
        self.numbers.setFont(font(11.5, MONO))
        self.numbers.setText(f"{with_step}   relative {error}", f"{with_step}   {error}", slopes)


def verdict(check: GradientCheck, dtype: str) -> str:
    """What a check says, in words.

    Autograd has rounded in the run's ``dtype``, so float32 may part them at 1e−3 of a small
    gradient; float64 only at 1e−6. Two slopes below 1e−6 (1e−9) of the cost both count as zero.
    """
    error = check.relative_error
    largest = max(abs(check.autograd), abs(check.difference))
    cost = max(abs(check.cost_above), abs(check.cost_below), 1.0)
    if largest <= _NOTHING[dtype] * cost:
        return "Both are zero to within rounding: they agree."
    if error <= _AGREE[dtype]:
        digits = min(math.floor(-math.log10(error)), 15) if error else 15
        return f"They agree to {digits} digits: backpropagation found the slope of the cost."
    if check.kink:
        return "The cost has a kink within h here (ReLU or L1): at a kink the two may differ."
    return "They differ: this gradient is not the slope of the cost."
