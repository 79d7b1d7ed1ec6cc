from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from explorer.core.data.dataset import Dataset
from explorer.core.experiment import Builtin, Experiment, Layer, NetworkSpec
from explorer.views.fields import Stepper
from explorer.views.layers_editor import MOST_HIDDEN, LayersEditor

LEFT = Qt.MouseButton.LeftButton
HIDDEN = (Layer(4, "tanh"), Layer(2, "relu"))
OUTPUT = Layer(1, "sigmoid")


def experiment(*layers: Layer, loss: str = "squared_error") -> Experiment:
    return Experiment(Builtin("circles"), NetworkSpec(layers), loss=loss)  # type: ignore[arg-type]


@pytest.fixture
def editor(sized: Callable[[QWidget, int, int], None], plane: Dataset) -> LayersEditor:
    editor = LayersEditor()
    sized(editor, 260, 300)
    editor.show_layers(experiment(*HIDDEN, OUTPUT), plane)
    return editor


@pytest.fixture
def asked(editor: LayersEditor) -> list[tuple[Layer, ...]]:
    requests: list[tuple[Layer, ...]] = []
    editor.layers_requested.connect(requests.append)
    return requests


def steppers(editor: LayersEditor) -> list[Stepper]:
    QApplication.processEvents()  # which lets new rows come and old ones go
    return sorted(
        (s for s in editor.findChildren(Stepper) if not s.parentWidget().isHidden()),
        key=lambda s: s.edit.accessibleName(),
    )


def boxes(editor: LayersEditor) -> list[QComboBox]:
    """Activation functions of the hidden layers, by their tips; that of the output has none."""
    found = (b for b in editor.findChildren(QComboBox) if not b.parentWidget().isHidden())
    return sorted(found, key=lambda b: b.toolTip() or "~")


def removers(editor: LayersEditor) -> list[QToolButton]:
    found = (b for b in editor.findChildren(QToolButton) if b.toolTip().startswith("Remove"))
    return sorted((b for b in found if not b.parentWidget().isHidden()), key=lambda b: b.toolTip())


def shown(editor: LayersEditor) -> list[tuple[int, str]]:
    units = [stepper.value for stepper in steppers(editor)]
    return list(zip(units, [box.currentText() for box in boxes(editor)][:-1], strict=True))


def choose(box: QComboBox, text: str) -> None:
    """Choose an entry as a user does, which tells it even where it is the same."""
    box.setCurrentText(text)
    box.activated.emit(box.currentIndex())


class TestShown:
    @pytest.mark.parametrize(
        "layers",
        [
            (OUTPUT,),
            (*HIDDEN, OUTPUT),
            (*[Layer(n + 1, "elu") for n in range(8)], Layer(3, "linear")),
        ],
        ids=len,
    )
    def test_layers_are_shown_and_not_asked_for(
        self,
        editor: LayersEditor,
        asked: list[Any],
        plane: Dataset,
        layers: Sequence[Layer],
    ) -> None:
        editor.show_layers(experiment(*layers), plane)
        assert shown(editor) == [(layer.units, layer.activation) for layer in layers[:-1]]
        assert boxes(editor)[-1].currentText() == layers[-1].activation
        assert asked == []

    def test_the_inputs_and_outputs_are_counted(
        self,
        editor: LayersEditor,
        images_of: Callable[[int, int], Dataset],
        table_of: Callable[..., Dataset],
    ) -> None:
        def labels() -> list[str]:
            return [label.text() for label in editor.findChildren(QLabel)]

        assert "2 inputs" in labels()
        editor.show_layers(experiment(Layer(3, "linear")), images_of(8, 8))
        assert "64 pixels" in labels()
        assert "3" in labels()
        editor.show_layers(experiment(OUTPUT), table_of(1))
        assert "1 input" in labels()

    @pytest.mark.parametrize(
        ("loss", "activation", "allowed"),
        [
            ("cross_entropy", "softmax", {"softmax"}),
            ("binary_cross_entropy", "sigmoid", {"sigmoid"}),
            ("squared_error", "tanh", None),
        ],
    )
    def test_the_output_offers_what_goes_with_the_loss(
        self,
        editor: LayersEditor,
        plane: Dataset,
        loss: str,
        activation: Any,
        allowed: set[str] | None,
    ) -> None:
        editor.show_layers(experiment(Layer(2, activation), loss=loss), plane)
        box = boxes(editor)[-1]
        offered = {box.itemText(k) for k in range(box.count())}
        assert offered == allowed if allowed else "softmax" not in offered and len(offered) > 5
        assert box.currentText() == activation
        assert box.isEnabled() == (allowed is None)

    def test_hidden_layers_do_not_offer_softmax(self, editor: LayersEditor) -> None:
        assert boxes(editor)[0].findText("softmax") == -1


class TestAsked:
    def test_another_number_of_neurons(
        self, editor: LayersEditor, asked: list[Any], qtbot: QtBot
    ) -> None:
        qtbot.mouseClick(steppers(editor)[1].more, LEFT)
        assert asked == [(HIDDEN[0], Layer(3, "relu"), OUTPUT)]

    def test_a_number_of_neurons_typed(
        self, editor: LayersEditor, asked: list[Any], qtbot: QtBot
    ) -> None:
        edit = steppers(editor)[0].edit
        edit.selectAll()
        qtbot.keyClicks(edit, "12")
        qtbot.keyClick(edit, Qt.Key.Key_Return)
        assert asked == [(Layer(12, "tanh"), HIDDEN[1], OUTPUT)]

    def test_another_activation(self, editor: LayersEditor, asked: list[Any]) -> None:
        choose(boxes(editor)[0], "gelu")
        assert asked == [(Layer(4, "gelu"), HIDDEN[1], OUTPUT)]

    def test_the_same_activation_again(self, editor: LayersEditor, asked: list[Any]) -> None:
        choose(boxes(editor)[0], "tanh")
        choose(boxes(editor)[-1], "sigmoid")
        assert asked == []

    def test_another_activation_of_the_output(self, editor: LayersEditor, asked: list[Any]) -> None:
        choose(boxes(editor)[-1], "linear")
        assert asked == [(*HIDDEN, Layer(1, "linear"))]

    @pytest.mark.parametrize(("at", "left"), [(0, HIDDEN[1]), (1, HIDDEN[0])])
    def test_a_layer_less(
        self, editor: LayersEditor, asked: list[Any], qtbot: QtBot, at: int, left: Layer
    ) -> None:
        qtbot.mouseClick(removers(editor)[at], LEFT)
        assert asked == [(left, OUTPUT)]

    def test_a_layer_more_is_like_the_last(
        self, editor: LayersEditor, asked: list[Any], qtbot: QtBot
    ) -> None:
        qtbot.mouseClick(editor.add, LEFT)
        assert asked == [(*HIDDEN, HIDDEN[1], OUTPUT)]

    def test_a_first_hidden_layer(
        self, editor: LayersEditor, asked: list[Any], qtbot: QtBot, plane: Dataset
    ) -> None:
        editor.show_layers(experiment(OUTPUT), plane)
        qtbot.mouseClick(editor.add, LEFT)
        assert asked == [(Layer(4, "tanh"), OUTPUT)]

    def test_there_is_a_most_of_hidden_layers(
        self, editor: LayersEditor, asked: list[Any], qtbot: QtBot, plane: Dataset
    ) -> None:
        editor.show_layers(experiment(*[HIDDEN[0]] * MOST_HIDDEN, OUTPUT), plane)
        qtbot.mouseClick(editor.add, LEFT)
        assert asked == []
        editor.show_layers(experiment(*[HIDDEN[0]] * (MOST_HIDDEN - 1), OUTPUT), plane)
        qtbot.mouseClick(editor.add, LEFT)
        assert len(asked) == 1

    def test_the_rows_of_layers_gone_ask_for_nothing_more(
        self, editor: LayersEditor, asked: list[Any], qtbot: QtBot, plane: Dataset
    ) -> None:
        editor.show_layers(experiment(HIDDEN[0], OUTPUT), plane)
        qtbot.mouseClick(steppers(editor)[0].more, LEFT)
        assert asked == [(Layer(5, "tanh"), OUTPUT)]
        assert len(steppers(editor)) == 1
