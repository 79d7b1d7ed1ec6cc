"""The editor of an exercise: a small network with every number typed, to check work by hand."""

from __future__ import annotations

import numpy as np
from msgspec import UNSET
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from explorer.core.data.dataset import Floats, Part
from explorer.core.experiment import (
    Experiment,
    ExperimentError,
    Initial,
    Inline,
    Matrix,
    MiniBatch,
    NetworkSpec,
    Sgd,
)
from explorer.core.experiment_file import checked
from explorer.core.numbers import subscript, superscript
from explorer.core.typed_numbers import parse_number
from explorer.views.exercise_network import MOST_HIDDEN, ExerciseNetwork
from explorer.views.fields import NumberEdit, Stepper
from explorer.views.labels import heading, labelled, small
from explorer.views.number_grid import NumberGrid, Place
from explorer.views.validity import is_marked, mark

MOST_EXAMPLES = 20
TITLE = "Exercise"
_FORM_WIDTH = 270


class ExerciseEditor(QWidget):
    """A form for a network, its starting weights and biases, and its examples.

    ``changed`` tells that something was changed; ``refusal`` then says what is wrong, and
    ``experiment`` gives the exercise as an experiment. ``cell_entered`` tells the field that the
    keyboard went to.
    """

    changed = Signal()
    cell_entered = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settling = False
        self.network = ExerciseNetwork()
        self.rate = _number_edit("Learning rate η")
        self.momentum = _number_edit("Momentum")
        self.hidden = [_LayerCard() for _ in range(MOST_HIDDEN)]
        self.output = _LayerCard()
        self.examples = NumberGrid("Examples", _first_example)
        self.count = Stepper(1, MOST_EXAMPLES, name="Examples", width=34)
        self._build()
        self.network.changed.connect(self._resize)
        self.count.value_changed.connect(self._resize)
        self.examples.rows_requested.connect(self._grow)
        self.examples.changed.connect(self._tell)
        for card in (*self.hidden, self.output):
            card.changed.connect(self._tell)
            card.grid.cell_entered.connect(self.cell_entered)
        self.examples.cell_entered.connect(self.cell_entered)
        for edit in (self.rate, self.momentum):
            edit.textChanged.connect(self._tell)
        self.network.show_network(1, self.network.layers[-1:], "half_squared_error")
        self.rate.setText("0.5")
        self.momentum.setText("0")
        self._resize()

    def show_exercise(self, experiment: Experiment, examples: Part) -> None:
        """Show an experiment with written starting numbers, on these examples.

        Raises
        ------
        ValueError
            When its starting numbers are drawn instead of written, or it is too large.
        """
        spec, optimizer = experiment.network, experiment.optimizer
        weights, biases = spec.initial.weights, spec.initial.biases
        if weights is UNSET or biases is UNSET or len(spec.layers) > MOST_HIDDEN + 1:
            raise ValueError("an exercise has written starting numbers and at most three layers")
        self._settling = True
        self.network.show_network(examples.inputs.shape[1], spec.layers, experiment.loss)
        self.count.set_value(len(examples))
        self.rate.setText(_written(optimizer.learning_rate))
        self.momentum.setText(_written(getattr(optimizer, "momentum", 0.0)))
        self._resize()
        self._settling = True
        for number, (card, weight, bias) in enumerate(
            zip(self._cards(), weights, biases, strict=True), start=1
        ):
            card.grid.set_numbers(np.array(weight), np.array(bias)[:, None])
            card.frozen.setChecked(f"bias{number}" in spec.frozen)
        self.examples.set_numbers(examples.inputs, examples.targets)
        self._settling = False
        self.changed.emit()

    def refusal(self) -> str:
        """Why this cannot be started; empty when it can."""
        problems = sum(card.grid.problems for card in self._cards()) + self.examples.problems
        problems += sum(is_marked(edit) for edit in (self.rate, self.momentum))
        if problems:
            fields = "1 field holds" if problems == 1 else f"{problems} fields hold"
            return f"{fields} no number; see the red marks."
        try:
            self.experiment()
        except ExperimentError as error:
            return str(error)
        return ""

    def experiment(self) -> Experiment:
        """The exercise as an experiment in double precision, one mini-batch of all examples.

        Raises
        ------
        ExperimentError
            When a field holds no number, or the numbers are refused as a file's would be.
        """
        cards = self._cards()
        blocks = [(card.grid.numbers("left"), card.grid.numbers("right")) for card in cards]
        inputs, targets = self.examples.numbers("left"), self.examples.numbers("right")
        rate, momentum = parse_number(self.rate.text()), parse_number(self.momentum.text())
        if inputs is None or targets is None or rate is None or momentum is None:
            raise ExperimentError("a field holds no number")
        weights = tuple(_matrix(weight) for weight, _ in blocks)
        biases = tuple(tuple(row[0] for row in _matrix(bias)) for _, bias in blocks)
        frozen = tuple(f"bias{n}" for n, c in enumerate(cards, start=1) if c.frozen.isChecked())
        return checked(
            Experiment(
                title=TITLE,
                data=Inline(inputs=_matrix(inputs), targets=_matrix(targets)),
                network=NetworkSpec(
                    self.network.layers, Initial(weights=weights, biases=biases), frozen
                ),
                loss=self.network.chosen_loss,
                optimizer=Sgd(learning_rate=rate, momentum=momentum),
                mini_batch=MiniBatch(size=self.count.value, shuffle=False),
                dtype="float64",
                device="cpu",
            )
        )

    # Building --------------------------------------------------------------------------------

    def _build(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(7)
        left.addWidget(heading("NETWORK"))
        left.addWidget(self.network)
        left.addSpacing(4)
        left.addWidget(heading("LEARNING"))
        left.addWidget(self._learning())
        left.addStretch(1)
        right = QVBoxLayout()
        right.setSpacing(7)
        right.addWidget(heading("STARTING WEIGHTS AND BIASES"))
        for card in (*self.hidden, self.output):
            right.addWidget(card)
        right.addSpacing(4)
        right.addWidget(heading("EXAMPLES"))
        right.addWidget(self._example_card())
        right.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addLayout(left)
        row.addLayout(right, 1)
        self.network.setFixedWidth(_FORM_WIDTH)

    def _learning(self) -> QFrame:
        card = QFrame()
        card.setObjectName("card")
        column = QVBoxLayout(card)
        column.setContentsMargins(10, 9, 10, 9)
        column.setSpacing(5)
        for text, edit in (("Learning rate η", self.rate), ("Momentum", self.momentum)):
            column.addLayout(labelled(text, edit))
        words = "Plain stochastic gradient descent; all examples are one mini-batch."
        column.addWidget(small(words))
        card.setFixedWidth(_FORM_WIDTH)
        return card

    def _example_card(self) -> QFrame:
        card = QFrame()
        card.setObjectName("card")
        column = QVBoxLayout(card)
        column.setContentsMargins(10, 8, 10, 10)
        column.setSpacing(6)
        head = QHBoxLayout()
        title = QLabel("Inputs x and targets y, a row for each example")
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(QLabel("examples"))
        head.addWidget(self.count)
        column.addLayout(head)
        column.addWidget(self.examples)
        return card

    def _cards(self) -> list[_LayerCard]:
        """The cards of the layers that there are, the output's last."""
        return [*self.hidden[: self.network.hidden_count.value], self.output]

    def _resize(self) -> None:
        """Give every grid the size that the network asks for."""
        self._settling = True
        behind, before = self.network.inputs.value, "x"
        layers, cards = self.network.layers, self._cards()
        for number, (layer, card) in enumerate(zip(layers, cards, strict=True), start=1):
            title = "output" if card is self.output else f"hidden {number}"
            card.set_shape(title, number, layer.units, behind, before)
            behind, before = layer.units, "a"
        for index, card in enumerate(self.hidden):
            card.setVisible(index < self.network.hidden_count.value)
        self.examples.set_names(
            [str(n) for n in range(1, self.count.value + 1)],
            [f"x{subscript(k)}" for k in range(1, self.network.inputs.value + 1)],
            [f"y{subscript(j)}" for j in range(1, layers[-1].units + 1)],
        )
        self._settling = False
        self.changed.emit()

    def _grow(self, rows: int) -> None:
        self.count.set_value(max(self.count.value, min(rows, MOST_EXAMPLES)))
        self._resize()

    def _tell(self) -> None:
        if not self._settling:
            self.changed.emit()


class _LayerCard(QFrame):
    """One layer's weights and biases, and whether the biases are frozen."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self._title = QLabel()
        self.frozen = QCheckBox("biases frozen")
        self.frozen.setToolTip("Updates leave these biases as they are")
        self.grid = NumberGrid("Weights and biases", _first_parameter)
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self.frozen)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 10)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.grid)
        self.grid.changed.connect(self.changed)
        self.frozen.toggled.connect(self.changed)

    def set_shape(self, title: str, number: int, units: int, behind: int, before: str) -> None:
        """Have weights from so many neurons behind, whose symbol is ``before``."""
        layer = superscript(number)
        self._title.setText(f"{title}: W{layer} ({units} × {behind}) and b{layer}")
        self.grid.set_names(
            [f"to neuron {j}" for j in range(1, units + 1)],
            [f"from {before}{subscript(k)}" for k in range(1, behind + 1)],
            ["bias"],
        )


def _first_parameter(place: Place) -> str:
    """Biases start at 0; weights apart from each other, or all neurons would stay alike."""
    return "0" if place.block == "right" else f"0.{1 + (place.row + 2 * place.column) % 9}"


def _first_example(place: Place) -> str:
    """Inputs of 0, and the first target 1, which every loss takes."""
    return "1" if place.block == "right" and place.column == 0 else "0"


def _number_edit(name: str) -> NumberEdit:
    edit = NumberEdit(name, 74, Qt.AlignmentFlag.AlignRight)

    def check(text: str) -> None:
        valid = parse_number(text) is not None
        mark(edit, "" if valid else f"“{text}” is no number: write 0.5 or 1e-3", name)

    edit.textChanged.connect(check)
    return edit


def _matrix(values: Floats | None) -> Matrix:
    if values is None:
        raise ExperimentError("a field holds no number")
    return tuple(tuple(row) for row in values.tolist())


def _written(value: float) -> str:
    return f"{value:.15g}".replace("-", "−")
