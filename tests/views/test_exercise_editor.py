from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QWidget
from pytestqt.qtbot import QtBot

from explorer.core.data.dataset import Part
from explorer.core.defaults import default_experiment
from explorer.core.experiment import (
    ACTIVATIONS,
    Adam,
    Experiment,
    ExperimentError,
    Initial,
    Inline,
    Layer,
    MiniBatch,
    Sgd,
)
from explorer.core.experiment_file import read, write
from explorer.views.exercise_editor import MOST_EXAMPLES, ExerciseEditor
from explorer.views.fields import Stepper

LEFT = Qt.MouseButton.LeftButton
MAZUR = Part(np.array([[0.05, 0.1]]), np.array([[0.01, 0.99]]))


@pytest.fixture
def editor(sized: Callable[[QWidget, int, int], None]) -> ExerciseEditor:
    editor = ExerciseEditor()
    sized(editor, 960, 560)
    editor.show_exercise(default_experiment("mazur"), MAZUR)
    return editor


def step(qtbot: QtBot, stepper: Stepper, to: int) -> None:
    while stepper.value != to:
        qtbot.mouseClick(stepper.more if stepper.value < to else stepper.less, LEFT)


def choose(box: QComboBox, data: str) -> None:
    index = box.findData(data)
    box.setCurrentIndex(index if index >= 0 else box.findText(data))
    box.activated.emit(box.currentIndex())


def entries(box: QComboBox) -> list[str]:
    return [box.itemText(n) for n in range(box.count())]


class TestExperiment:
    def test_mazur(self, editor: ExerciseEditor) -> None:
        """All that the shipped file says, its numbers written out."""
        made, shipped = editor.experiment(), default_experiment("mazur")
        assert editor.refusal() == ""
        assert made.data == Inline(inputs=((0.05, 0.1),), targets=((0.01, 0.99),))
        assert made.network == shipped.network
        assert made.loss == shipped.loss
        assert made.optimizer == Sgd(learning_rate=0.5)
        assert made.mini_batch == MiniBatch(size=1, shuffle=False)
        assert (made.dtype, made.device, made.title) == ("float64", "cpu", "Exercise")
        assert read(write(made)) == made

    def test_every_number_typed_is_in_it(self, qtbot: QtBot, editor: ExerciseEditor) -> None:
        cells = [
            (editor.hidden[0].grid, 1, 0, "-0.7"),
            (editor.hidden[0].grid, 0, 2, "1/8"),
            (editor.output.grid, 0, 1, "1e-3"),
            (editor.examples, 0, 0, "0,75"),
            (editor.examples, 0, 3, "0.5"),
        ]
        for grid, row, column, text in cells:
            grid.cell(row, column).selectAll()
            qtbot.keyClicks(grid.cell(row, column), text)
        for edit, text in ((editor.rate, "0.25"), (editor.momentum, "0.9")):
            edit.selectAll()
            qtbot.keyClicks(edit, text)
        editor.output.frozen.click()
        made = editor.experiment()
        assert made.network.initial.weights == (
            ((0.15, 0.2), (-0.7, 0.3)), ((0.4, 0.001), (0.5, 0.55)),
        )  # fmt: skip
        assert made.network.initial.biases == ((0.125, 0.35), (0.6, 0.6))
        assert made.network.frozen == ("bias1",)
        assert made.data == Inline(inputs=((0.75, 0.1),), targets=((0.01, 0.5),))
        assert made.optimizer == Sgd(learning_rate=0.25, momentum=0.9)

    def test_a_larger_network(self, qtbot: QtBot, editor: ExerciseEditor) -> None:
        step(qtbot, editor.network.inputs, 3)
        step(qtbot, editor.network.hidden_count, 2)
        step(qtbot, editor.network.hidden[0].units, 4)
        step(qtbot, editor.network.hidden[1].units, 1)
        step(qtbot, editor.network.output.units, 3)
        step(qtbot, editor.count, 2)
        choose(editor.network.hidden[1].activation, "relu")
        choose(editor.network.loss, "cross_entropy")
        made = editor.experiment()
        assert made.network.layers == (Layer(4, "sigmoid"), Layer(1, "relu"), Layer(3, "softmax"))
        weights = made.network.initial.weights
        assert isinstance(weights, tuple)
        assert [np.shape(w) for w in weights] == [(4, 3), (1, 4), (3, 1)]
        assert weights[0][0][:2] == (0.15, 0.2)
        assert isinstance(made.data, Inline)
        assert np.shape(made.data.inputs) == (2, 3)
        assert np.shape(made.data.targets) == (2, 3)
        assert made.mini_batch.size == 2

    def test_no_hidden_layer(self, qtbot: QtBot, editor: ExerciseEditor) -> None:
        step(qtbot, editor.network.hidden_count, 0)
        made = editor.experiment()
        assert made.network.layers == (Layer(2, "sigmoid"),)
        assert made.network.frozen == ("bias1",)
        assert not editor.hidden[0].isVisible()

    def test_what_it_made_can_be_shown_again(self, qtbot: QtBot, editor: ExerciseEditor) -> None:
        step(qtbot, editor.network.hidden_count, 3)
        step(qtbot, editor.count, 3)
        choose(editor.network.loss, "binary_cross_entropy")
        editor.hidden[1].frozen.click()
        made = editor.experiment()
        assert isinstance(made.data, Inline)
        other = ExerciseEditor()
        qtbot.addWidget(other)
        other.show_exercise(made, Part(np.array(made.data.inputs), np.array(made.data.targets)))
        assert other.experiment() == made

    def test_drawn_numbers_are_no_exercise(self, editor: ExerciseEditor) -> None:
        with pytest.raises(ValueError, match="written"):
            editor.show_exercise(default_experiment("circles"), MAZUR)


class TestSizes:
    def test_typed_numbers_stay(self, qtbot: QtBot, editor: ExerciseEditor) -> None:
        before = editor.experiment()
        network = editor.network
        for stepper in (network.inputs, network.hidden[0].units, network.output.units):
            old = stepper.value
            step(qtbot, stepper, 1)
            step(qtbot, stepper, 6)
            step(qtbot, stepper, old)
        step(qtbot, network.hidden_count, 3)
        step(qtbot, network.hidden_count, 1)
        assert editor.experiment() == before

    def test_targets_stay_beside_another_number_of_inputs(
        self, qtbot: QtBot, editor: ExerciseEditor
    ) -> None:
        step(qtbot, editor.network.inputs, 3)
        made = editor.experiment()
        assert made.data == Inline(inputs=((0.05, 0.1, 0.0),), targets=((0.01, 0.99),))

    def test_limits(self, editor: ExerciseEditor) -> None:
        network = editor.network
        steppers = (network.inputs, network.output.units, network.hidden[0].units)
        for stepper in steppers:
            stepper.set_value(6)
            assert not stepper.more.isEnabled()
            stepper.set_value(1)
            assert not stepper.less.isEnabled()
        network.hidden_count.set_value(3)
        assert not network.hidden_count.more.isEnabled()

    def test_pasted_examples_make_their_rows(self, qtbot: QtBot, editor: ExerciseEditor) -> None:
        QGuiApplication.clipboard().setText("0\t0\t0\t1\n0\t1\t1\t0\n1\t0\t1\t0\n1\t1\t0\t1\n")
        qtbot.keyClick(
            editor.examples.cell(0, 0), Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier
        )
        made = editor.experiment()
        assert isinstance(made.data, Inline)
        assert made.data.inputs == ((0, 0), (0, 1), (1, 0), (1, 1))
        assert made.data.targets == ((0, 1), (1, 0), (1, 0), (0, 1))
        assert editor.count.value == made.mini_batch.size == 4

    def test_no_more_rows_than_there_may_be(self, qtbot: QtBot, editor: ExerciseEditor) -> None:
        QGuiApplication.clipboard().setText("1\n" * (MOST_EXAMPLES + 9))
        qtbot.keyClick(
            editor.examples.cell(0, 0), Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier
        )
        assert editor.examples.shape[0] == MOST_EXAMPLES


class TestRules:
    def test_softmax_goes_with_cross_entropy_alone(self, editor: ExerciseEditor) -> None:
        network = editor.network
        others = [a for a in ACTIVATIONS if a != "softmax"]
        assert entries(network.output.activation) == others
        assert entries(network.hidden[0].activation) == others
        choose(network.loss, "cross_entropy")
        assert entries(network.output.activation) == ["softmax"]
        choose(network.loss, "binary_cross_entropy")
        assert entries(network.output.activation) == ["sigmoid"]
        assert network.layers[-1] == Layer(2, "sigmoid")
        choose(network.loss, "squared_error")
        assert entries(network.output.activation) == others

    @pytest.mark.parametrize("activation", [a for a in ACTIVATIONS if a != "softmax"])
    def test_every_activation(self, editor: ExerciseEditor, activation: str) -> None:
        choose(editor.network.output.activation, activation)
        choose(editor.network.hidden[0].activation, activation)
        assert {layer.activation for layer in editor.experiment().network.layers} == {activation}


class TestRefusals:
    def test_a_field_without_a_number(self, editor: ExerciseEditor) -> None:
        editor.output.grid.cell(0, 0).setText("x")
        assert editor.refusal() == "1 field holds no number; see the red marks."
        editor.rate.setText("")
        editor.examples.cell(0, 0).setText("1..")
        assert editor.refusal() == "3 fields hold no number; see the red marks."
        with pytest.raises(ExperimentError, match="no number"):
            editor.experiment()

    def test_one_of_a_layer_that_is_gone_does_not_count(
        self, qtbot: QtBot, editor: ExerciseEditor
    ) -> None:
        editor.hidden[0].grid.cell(0, 0).setText("x")
        step(qtbot, editor.network.hidden_count, 0)
        assert editor.refusal() == ""

    def test_what_a_file_would_be_refused_for(self, editor: ExerciseEditor) -> None:
        editor.rate.setText("-1")
        assert editor.refusal().startswith("$.optimizer.learning_rate: expected a number")
        editor.rate.setText("1")
        assert editor.refusal() == ""

    def test_every_change_is_told(self, qtbot: QtBot, editor: ExerciseEditor) -> None:
        doings: Sequence[Callable[[], Any]] = (
            lambda: editor.rate.setText("3"),
            lambda: editor.hidden[0].grid.cell(0, 0).setText("3"),
            lambda: editor.examples.cell(0, 0).setText("3"),
            lambda: editor.hidden[0].frozen.click(),
            lambda: choose(editor.network.hidden[0].activation, "relu"),
            lambda: choose(editor.network.loss, "squared_error"),
            lambda: step(qtbot, editor.count, 2),
        )
        for do in doings:
            with qtbot.waitSignal(editor.changed):
                do()


def test_momentum_of_another_optimizer_is_none(editor: ExerciseEditor) -> None:
    mazur = default_experiment("mazur")
    adam = msgspec.structs.replace(mazur, optimizer=Adam(learning_rate=0.125))
    editor.show_exercise(adam, MAZUR)
    made: Experiment = editor.experiment()
    assert made.optimizer == Sgd(learning_rate=0.125)
    assert isinstance(made.network.initial, Initial)
