from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from explorer.core.beats import parse_beat
from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron, Selectable, Weight
from explorer.views.validity import is_marked
from explorer.views.value_editor import ValueEditor

MomentOf = Callable[..., Moment]
Key = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier
PART = Weight(1, 1, 0)  # −0.6


@pytest.fixture
def editor(sized: Callable[[QWidget, int, int], None]) -> ValueEditor:
    editor = ValueEditor()
    sized(editor, 290, 100)
    return editor


@pytest.fixture
def asked(editor: ValueEditor) -> list[tuple[Any, float]]:
    requests: list[tuple[Any, float]] = []
    editor.edit_requested.connect(lambda part, value: requests.append((part, value)))
    return requests


@pytest.fixture
def shown(editor: ValueEditor, moment_of: MomentOf) -> Moment:
    moment = moment_of("cost")
    editor.show_part(moment, PART)
    editor.edit.setFocus()
    return moment


def enter(qtbot: QtBot, editor: ValueEditor, text: str) -> None:
    editor.edit.selectAll()
    qtbot.keyClicks(editor.edit, text)
    qtbot.keyClick(editor.edit, Key.Key_Return)


class TestShown:
    @pytest.mark.parametrize(
        ("part", "text", "title"),
        [
            (PART, "−0.6", "weight w₂,₁ · x → hidden 1, 2"),
            (Weight(2, 1, 2), "−0.9", "weight w₂,₃ · hidden 1, 3 → “disc”"),
            (Neuron(1, 2), "0.2", "bias of hidden 1 · neuron 3"),
            (Neuron(2, 0), "−0.4", "bias of output neuron “ring”"),
        ],
        ids=str,
    )
    @pytest.mark.parametrize("beat", ["mini_batch", "forward:1", "cost", "backward:1", "average"])
    def test_the_value_before_the_update(
        self,
        editor: ValueEditor,
        moment_of: MomentOf,
        asked: list[tuple[Any, float]],
        part: Selectable,
        text: str,
        title: str,
        beat: str,
    ) -> None:
        editor.show_part(moment_of(beat), part)
        assert editor.edit.text() == text
        assert editor.title == title
        assert editor.note == "before this update"
        assert editor.edit.isEnabled()
        assert editor.scrubber.value == pytest.approx(float(text.replace("−", "-")))
        assert not asked

    def test_the_value_after_it_is_not_edited(
        self, editor: ValueEditor, moment_of: MomentOf
    ) -> None:
        moment = moment_of("update")
        editor.show_part(moment, PART)
        after = float(moment.trace.layers[0].weight_after[1, 0])
        assert float(editor.edit.text().replace("−", "-")) == pytest.approx(after, rel=1e-9)
        assert not editor.edit.isEnabled()
        assert not editor.scrubber.isEnabled()
        assert editor.note == "after this update"
        assert editor.edit.toolTip() == "Go back a beat to edit the value this update starts from"

    def test_it_can_be_edited_again_a_beat_back(
        self, editor: ValueEditor, moment_of: MomentOf
    ) -> None:
        moment = moment_of("update")
        editor.show_part(moment, PART)
        editor.show_part(replace(moment, beat=parse_beat("average", 2)), PART)
        assert editor.edit.isEnabled()
        assert editor.edit.text() == "−0.6"

    def test_not_while_training_runs(self, editor: ValueEditor, moment_of: MomentOf) -> None:
        editor.show_part(moment_of("cost", live=True), PART)
        assert not editor.edit.isEnabled()
        assert editor.note == "pause to edit"

    @pytest.mark.parametrize("part", [PART, Neuron(1, 0)], ids=["weight", "bias"])
    def test_frozen_ones_say_so(
        self, editor: ValueEditor, moment_of: MomentOf, part: Selectable
    ) -> None:
        moment = moment_of("cost")
        experiment = moment.experiment
        name = "weight1" if isinstance(part, Weight) else "bias1"
        network = msgspec.structs.replace(experiment.network, frozen=(name,))
        trace = replace(
            moment.trace, experiment=msgspec.structs.replace(experiment, network=network)
        )
        editor.show_part(replace(moment, trace=trace), part)
        assert editor.note == "before this update · frozen for the optimizer"
        assert editor.edit.isEnabled()
        editor.show_part(replace(moment, trace=trace), Neuron(2, 0))
        assert editor.note == "before this update"

    @pytest.mark.parametrize("part", [None, Neuron(0, 1)], ids=["nothing", "input"])
    def test_what_has_no_value_hides_it(
        self, editor: ValueEditor, shown: Moment, part: Selectable | None
    ) -> None:
        assert editor.isVisible()
        editor.show_part(shown, part)
        assert not editor.isVisible()

    @pytest.mark.parametrize(("largest", "reach"), [(0.2, 1.0), (0.9, 1.5), (4.0, 7.0)])
    def test_the_ruler_suits_the_layer(
        self, editor: ValueEditor, moment_of: MomentOf, largest: float, reach: float
    ) -> None:
        moment = moment_of(
            "cost", layers=[(2, "sigmoid")], weights=[[[largest, 0.1], [0, -0.1]]], biases=[[0, 0]],
            rate=0.0,
        )  # fmt: skip
        editor.show_part(moment, Weight(1, 1, 1))
        assert editor.scrubber.reach == pytest.approx(reach)

    def test_its_height_is_the_same_in_every_beat(
        self, editor: ValueEditor, moment_of: MomentOf
    ) -> None:
        moment = moment_of("update")
        heights = set()
        for beat in moment.beats:
            editor.show_part(replace(moment, beat=beat), PART)
            heights.add(editor.sizeHint().height())
        assert len(heights) == 1


@pytest.mark.usefixtures("shown")
class TestTyped:
    @pytest.mark.parametrize(
        ("text", "value"), [("0.25", 0.25), ("-1e-3", -0.001), ("1/4", 0.25), ("0,5", 0.5)]
    )
    def test_enter_asks(
        self, qtbot: QtBot, editor: ValueEditor, asked: list[tuple[Any, float]],
        text: str, value: float,
    ) -> None:  # fmt: skip
        enter(qtbot, editor, text)
        assert asked == [(PART, value)]
        assert editor.scrubber.value == value

    def test_a_bias(
        self, qtbot: QtBot, editor: ValueEditor, shown: Moment, asked: list[tuple[Any, float]]
    ) -> None:
        editor.show_part(shown, Neuron(2, 1))
        enter(qtbot, editor, "2")
        assert asked == [(Neuron(2, 1), 2.0)]

    def test_the_same_is_not_asked_for(
        self, qtbot: QtBot, editor: ValueEditor, asked: list[tuple[Any, float]]
    ) -> None:
        qtbot.keyClick(editor.edit, Key.Key_Return)
        enter(qtbot, editor, "-0.60")
        assert not asked

    def test_what_is_no_number_is_marked(
        self, qtbot: QtBot, editor: ValueEditor, asked: list[tuple[Any, float]]
    ) -> None:
        enter(qtbot, editor, "0.2x")
        assert is_marked(editor.edit)
        assert "0.2x" in editor.edit.toolTip()
        assert not asked
        enter(qtbot, editor, "0.2")
        assert not is_marked(editor.edit)
        assert asked == [(PART, 0.2)]

    def test_escape_restores(
        self, qtbot: QtBot, editor: ValueEditor, asked: list[tuple[Any, float]]
    ) -> None:
        editor.edit.selectAll()
        qtbot.keyClicks(editor.edit, "7q")
        qtbot.keyClick(editor.edit, Key.Key_Escape)
        assert editor.edit.text() == "−0.6"
        assert not is_marked(editor.edit)
        assert not asked

    def test_what_was_not_entered_is_given_up_with_the_focus(
        self, qtbot: QtBot, editor: ValueEditor, asked: list[tuple[Any, float]]
    ) -> None:
        qtbot.waitUntil(editor.edit.hasFocus)
        editor.edit.selectAll()
        qtbot.keyClicks(editor.edit, "7")
        editor.edit.clearFocus()
        assert editor.edit.text() == "−0.6"
        assert not asked


@pytest.mark.usefixtures("shown")
class TestNudged:
    @pytest.mark.parametrize(
        ("key", "modifier", "value"),
        [
            (Key.Key_Up, Qt.KeyboardModifier.NoModifier, -0.59),
            (Key.Key_Down, Qt.KeyboardModifier.NoModifier, -0.61),
            (Key.Key_Up, SHIFT, -0.5),
            (Key.Key_Down, SHIFT, -0.7),
        ],
    )
    def test_arrows(
        self, qtbot: QtBot, editor: ValueEditor, asked: list[tuple[Any, float]],
        key: Qt.Key, modifier: Qt.KeyboardModifier, value: float,
    ) -> None:  # fmt: skip
        qtbot.keyClick(editor.edit, key, modifier)
        assert asked == [(PART, value)]

    def test_a_held_arrow_asks_when_it_is_let_go(
        self, qtbot: QtBot, editor: ValueEditor, asked: list[tuple[Any, float]]
    ) -> None:
        none = Qt.KeyboardModifier.NoModifier
        for _ in range(5):
            qtbot.keyPress(editor.edit, Key.Key_Up)
            repeated = QKeyEvent(QEvent.Type.KeyRelease, Key.Key_Up, none, "", True)
            QApplication.sendEvent(editor.edit, repeated)
        assert not asked
        assert editor.edit.text() == "−0.55"
        assert editor.scrubber.value == -0.55
        qtbot.keyRelease(editor.edit, Key.Key_Up)
        assert asked == [(PART, -0.55)]


@pytest.mark.usefixtures("shown")
class TestDragged:
    def test_it_is_asked_for_when_let_go(
        self, editor: ValueEditor, asked: list[tuple[Any, float]],
        drag: Callable[[QWidget, QPointF, QPointF], None],
    ) -> None:  # fmt: skip
        scrubber = editor.scrubber
        texts: list[str] = []
        scrubber.dragged.connect(lambda _: texts.append(editor.edit.text()))
        width = scrubber.place_of(scrubber.reach) - scrubber.place_of(0)
        start = scrubber.place_of(0)
        drag(scrubber, QPointF(start, 10), QPointF(start + width / 2, 10))
        assert [part for part, _ in asked] == [PART]
        assert asked[0][1] == pytest.approx(-0.6 + scrubber.reach / 2, abs=0.02)
        assert texts[-1] == editor.edit.text() == f"{asked[0][1]:.10g}"
