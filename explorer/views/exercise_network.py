"""The form for the shape of a small network: inputs, hidden layers, outputs and cost."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from explorer.core.defaults import with_loss
from explorer.core.experiment import (
    ACTIVATIONS,
    LOSSES,
    Activation,
    Builtin,
    Experiment,
    Layer,
    Loss,
    NetworkSpec,
)
from explorer.views.fields import Stepper
from explorer.views.labels import labelled
from explorer.views.layers_editor import output_activations

MOST_UNITS, MOST_HIDDEN = 6, 3
_NEW = Layer(2, "sigmoid")


class ExerciseNetwork(QFrame):
    """Shows the shape and changes it itself; ``changed`` tells that it is another.

    Softmax is offered only with cross-entropy, and binary cross-entropy only with sigmoid.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.inputs = Stepper(1, MOST_UNITS, name="Inputs", width=34)
        self.hidden_count = Stepper(0, MOST_HIDDEN, name="Hidden layers", width=34)
        self.hidden = [_LayerRow(f"hidden {n}", _hidden()) for n in range(1, MOST_HIDDEN + 1)]
        self.output = _LayerRow("output", ACTIVATIONS)
        self.loss = QComboBox()
        self.loss.setAccessibleName("Cost")
        for loss in LOSSES:
            self.loss.addItem(loss.replace("_", " "), loss)
        self._loss: Loss = "half_squared_error"
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 9, 10, 9)
        column.setSpacing(5)
        column.addLayout(labelled("Inputs", self.inputs))
        column.addLayout(labelled("Hidden layers", self.hidden_count))
        for row in (*self.hidden, self.output):
            column.addWidget(row)
            row.changed.connect(self.changed)
        column.addLayout(labelled("Cost", self.loss))
        self.inputs.value_changed.connect(self.changed)
        self.hidden_count.value_changed.connect(self._change_depth)
        self.loss.activated.connect(self._change_loss)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Hidden layers and, last, the output layer."""
        return (*(row.layer for row in self.hidden[: self.hidden_count.value]), self.output.layer)

    def show_network(self, n_inputs: int, layers: tuple[Layer, ...], loss: Loss) -> None:
        """Show a network of at most three hidden layers and six neurons in each."""
        self.inputs.set_value(n_inputs)
        self.hidden_count.set_value(len(layers) - 1)
        for row, layer in zip(self.hidden, (*layers[:-1], *[_NEW] * MOST_HIDDEN), strict=False):
            row.show_layer(layer)
        self._show_output(layers[-1], loss)
        self._show_depth()

    @property
    def chosen_loss(self) -> Loss:
        """The loss."""
        return self._loss

    def _show_depth(self) -> None:
        for row, number in zip(self.hidden, range(1, MOST_HIDDEN + 1), strict=True):
            row.setVisible(number <= self.hidden_count.value)

    def _show_output(self, layer: Layer, loss: Loss) -> None:
        self._loss = loss
        self.loss.setCurrentIndex(self.loss.findData(loss))
        self.output.offer(output_activations(_spare(layer, loss)))
        self.output.show_layer(layer)

    def _change_depth(self) -> None:
        self._show_depth()
        self.changed.emit()

    def _change_loss(self) -> None:
        loss = cast("Loss", self.loss.currentData())
        if loss != self._loss:
            spare = with_loss(_spare(self.output.layer, self._loss), loss, 0)
            self._show_output(spare.output, loss)
            self.changed.emit()


class _LayerRow(QWidget):
    """One layer: its name, − n +, its activation function."""

    changed = Signal()

    def __init__(self, name: str, activations: tuple[Activation, ...]) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(5)
        self.units = Stepper(1, MOST_UNITS, name=f"Neurons of {name}", width=34)
        self.activation = QComboBox()
        self.activation.setFixedWidth(98)
        self.activation.setAccessibleName(f"Activation function of {name}")
        self.activation.setToolTip(f"Activation function of {name}")
        self.offer(activations)
        row.addWidget(QLabel(name))
        row.addStretch(1)
        row.addWidget(self.units)
        row.addWidget(self.activation)
        self.units.value_changed.connect(self.changed)
        self.activation.activated.connect(self.changed)

    @property
    def layer(self) -> Layer:
        """The layer."""
        return Layer(self.units.value, cast("Activation", self.activation.currentText()))

    def offer(self, activations: tuple[Activation, ...]) -> None:
        """Let one of these be chosen."""
        self.activation.clear()
        self.activation.addItems(list(activations))
        self.activation.setEnabled(len(activations) > 1)

    def show_layer(self, layer: Layer) -> None:
        """Show a layer."""
        self.units.set_value(layer.units)
        self.activation.setCurrentText(layer.activation)


def _hidden() -> tuple[Activation, ...]:
    return tuple(a for a in ACTIVATIONS if a != "softmax")


def _spare(output: Layer, loss: Loss) -> Experiment:
    """An experiment that only says which output goes with which loss."""
    return Experiment(data=Builtin("mazur"), network=NetworkSpec((output,)), loss=loss)
