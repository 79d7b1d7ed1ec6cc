"""The editor of the network's layers: neurons and activation function of each."""

from __future__ import annotations

from typing import cast

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from explorer.core.data.dataset import Dataset
from explorer.core.experiment import ACTIVATIONS, Activation, Experiment, Layer
from explorer.views.fields import Stepper

MOST_HIDDEN, MOST_UNITS = 8, 128


class LayersEditor(QFrame):
    """Shows the layers; asks for others with ``layers_requested`` (a tuple of layers)."""

    layers_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._layers: tuple[Layer, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(9, 8, 7, 8)
        self._column.setSpacing(4)
        self._input = QLabel()
        self._output_units = QLabel()
        self._output = _activations(ACTIVATIONS)
        self._rows: list[_HiddenRow] = []
        self._column.addLayout(_row("Input", self._input))
        self._hidden = QVBoxLayout()
        self._hidden.setSpacing(4)
        self._column.addLayout(self._hidden)
        self._column.addLayout(_row("Output", self._output_units, self._output))
        self.add = QPushButton("+ add a hidden layer")
        self.add.setFlat(True)
        self._column.addWidget(self.add)
        self.add.clicked.connect(self._add)
        self._output.activated.connect(self._change_output)

    def show_layers(self, experiment: Experiment, dataset: Dataset | None) -> None:
        """Show the layers of an experiment; its inputs are known with the data set."""
        self._layers = experiment.network.layers
        if dataset is not None:
            unit = "pixels" if dataset.image_size else "inputs"
            self._input.setText(f"{dataset.n_inputs} {unit if dataset.n_inputs > 1 else 'input'}")
        hidden = self._layers[:-1]
        if len(self._rows) != len(hidden):
            self._rebuild(len(hidden))
        for row, layer in zip(self._rows, hidden, strict=True):
            row.show_layer(layer)
        allowed = output_activations(experiment)
        self._output.clear()
        self._output.addItems(list(allowed))
        self._output.setCurrentText(self._layers[-1].activation)
        self._output.setEnabled(len(allowed) > 1)
        self._output_units.setText(str(self._layers[-1].units))
        self.add.setEnabled(len(hidden) < MOST_HIDDEN)

    def _rebuild(self, count: int) -> None:
        for row in self._rows:
            self._hidden.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = [_HiddenRow(number) for number in range(1, count + 1)]
        for index, row in enumerate(self._rows):
            row.changed.connect(lambda layer, index=index: self._change(index, layer))
            row.removed.connect(lambda index=index: self._remove(index))
            self._hidden.addWidget(row)

    def _add(self) -> None:
        hidden = self._layers[:-1]
        new = hidden[-1] if hidden else Layer(4, "tanh")
        self.layers_requested.emit((*hidden, new, self._layers[-1]))

    def _change(self, index: int, layer: Layer) -> None:
        layers = list(self._layers)
        layers[index] = layer
        self.layers_requested.emit(tuple(layers))

    def _remove(self, index: int) -> None:
        self.layers_requested.emit((*self._layers[:index], *self._layers[index + 1 :]))

    def _change_output(self) -> None:
        activation = cast("Activation", self._output.currentText())
        output = msgspec.structs.replace(self._layers[-1], activation=activation)
        if output != self._layers[-1]:
            self.layers_requested.emit((*self._layers[:-1], output))


class _HiddenRow(QWidget):
    """One hidden layer: − n +, its activation function, and a way to remove it."""

    changed = Signal(object)  # Layer
    removed = Signal()

    def __init__(self, number: int) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self.units = Stepper(1, MOST_UNITS, name=f"Neurons of hidden layer {number}", width=38)
        self.activation = _activations(tuple(a for a in ACTIVATIONS if a != "softmax"))
        self.activation.setToolTip(f"Activation function of hidden layer {number}")
        remove = QToolButton()
        remove.setObjectName("flat")
        remove.setText("✕")
        remove.setFixedWidth(20)
        remove.setToolTip(f"Remove hidden layer {number}")
        row.addWidget(self.units)
        row.addStretch(1)
        row.addWidget(self.activation)
        row.addWidget(remove)
        self._layer = Layer(1)
        self.units.value_changed.connect(self._tell)
        self.activation.activated.connect(self._tell)
        remove.clicked.connect(self.removed)

    def show_layer(self, layer: Layer) -> None:
        """Show a layer."""
        self._layer = layer
        self.units.set_value(layer.units)
        self.activation.setCurrentText(layer.activation)

    def _tell(self) -> None:
        layer = Layer(self.units.value, cast("Activation", self.activation.currentText()))
        if layer != self._layer:
            self._layer = layer
            self.changed.emit(layer)


def output_activations(experiment: Experiment) -> tuple[Activation, ...]:
    """The output activations that go with the loss."""
    if experiment.loss == "cross_entropy":
        return ("softmax",)
    if experiment.loss == "binary_cross_entropy":
        return ("sigmoid",)
    return tuple(a for a in ACTIVATIONS if a != "softmax")


def _activations(names: tuple[Activation, ...]) -> QComboBox:
    box = QComboBox()
    box.setMinimumWidth(84)
    box.addItems(list(names))
    return box


def _row(label: str, *widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addWidget(QLabel(label))
    row.addStretch(1)
    for widget in widgets:
        row.addWidget(widget)
    return row
