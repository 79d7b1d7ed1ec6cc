from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolTip, QWidget
from pytestqt.qtbot import QtBot

from explorer.views.fields import Stepper, ValueSlider
from explorer.views.validity import is_marked

pytestmark = pytest.mark.qt_log_ignore("does not support raise")  # of tips, by the platform

LEFT = Qt.MouseButton.LeftButton
VALUES = [0.1, 0.2, 0.5, 1.0]


@pytest.fixture
def slider(sized: Callable[[QWidget, int, int], None]) -> ValueSlider:
    slider = ValueSlider("Rate", VALUES, most=10.0, tip="how fast")
    sized(slider, 300, 30)
    slider.set_value(0.2)
    return slider


@pytest.fixture
def stepper(sized: Callable[[QWidget, int, int], None]) -> Stepper:
    stepper = Stepper(1, 9, name="Neurons")
    sized(stepper, 120, 30)
    stepper.set_value(4)
    return stepper


@pytest.fixture
def chosen(slider: ValueSlider, stepper: Stepper) -> list[float]:
    """What either field has told."""
    told: list[float] = []
    slider.value_changed.connect(told.append)
    stepper.value_changed.connect(told.append)
    return told


def enter(qtbot: QtBot, field: ValueSlider | Stepper, text: str) -> None:
    """Type in place of what stands there, and press Return."""
    field.edit.selectAll()
    qtbot.keyClicks(field.edit, text)
    qtbot.keyClick(field.edit, Qt.Key.Key_Return)


class TestValueSlider:
    @pytest.mark.parametrize(
        ("value", "place", "text"),
        [(0.1, 0, "0.1"), (0.5, 2, "0.5"), (0.34, 1, "0.34"), (7.0, 3, "7"), (1e-5, 0, "1e-05")],
    )
    def test_a_value_set_is_shown_and_not_told(
        self, slider: ValueSlider, chosen: list[float], value: float, place: int, text: str
    ) -> None:
        """The slider goes to the nearest it has, the number is exact."""
        slider.set_value(value)
        assert slider.value == value
        assert slider.slider.value() == place
        assert slider.edit.text() == text
        assert chosen == []

    @pytest.mark.parametrize(("place", "value"), [(0, 0.1), (2, 0.5), (3, 1.0)])
    def test_the_slider_tells_once(
        self, slider: ValueSlider, chosen: list[float], place: int, value: float
    ) -> None:
        slider.slider.setValue(place)
        assert chosen == [value]
        assert slider.edit.text() == f"{value:g}"
        assert slider.value == value

    def test_the_arrow_keys_go_from_value_to_value(
        self, slider: ValueSlider, chosen: list[float], qtbot: QtBot
    ) -> None:
        for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
            qtbot.keyClick(slider.slider, key)
        assert chosen == [0.5, 1.0, 0.5]

    @pytest.mark.parametrize(
        ("text", "value"), [("0.3", 0.3), ("1", 1.0), ("2.5e-3", 0.0025), ("10", 10.0)]
    )
    def test_a_number_typed_tells_once_and_exactly(
        self,
        slider: ValueSlider,
        chosen: list[float],
        qtbot: QtBot,
        text: str,
        value: float,
    ) -> None:
        enter(qtbot, slider, text)
        slider.edit.clearFocus()
        assert chosen == [value]
        assert slider.value == value

    @pytest.mark.parametrize("text", ["0.2", "0.20", "2e-1"])
    def test_the_number_that_stands_there_tells_nothing(
        self, slider: ValueSlider, chosen: list[float], qtbot: QtBot, text: str
    ) -> None:
        enter(qtbot, slider, text)
        assert chosen == []
        assert slider.value == 0.2

    @pytest.mark.parametrize("text", ["-1", "abc", "nan", "inf", "11", "1e5", "1..5", "1/0"])
    def test_what_is_no_number_of_the_range_is_marked_and_not_taken(
        self, slider: ValueSlider, chosen: list[float], qtbot: QtBot, text: str
    ) -> None:
        slider.edit.setFocus()
        enter(qtbot, slider, text)
        assert chosen == []
        assert slider.edit.text() == text
        assert is_marked(slider.edit)
        assert slider.focusWidget() is slider.edit
        assert QToolTip.text() == slider.edit.toolTip() == "Rate: a number from 0 to 10"
        qtbot.keyClick(slider.edit, Qt.Key.Key_Escape)
        assert slider.edit.text() == "0.2"
        assert not is_marked(slider.edit)
        assert slider.edit.toolTip() == "how fast: 0 to 10"

    def test_what_is_typed_is_marked_until_it_is_a_number(
        self, slider: ValueSlider, chosen: list[float], qtbot: QtBot
    ) -> None:
        slider.edit.selectAll()
        marked = []
        for key in "1e-3":
            qtbot.keyClicks(slider.edit, key)
            marked.append(is_marked(slider.edit))
        assert marked == [False, True, True, False]
        qtbot.keyClick(slider.edit, Qt.Key.Key_Return)
        assert chosen == [0.001]

    @pytest.mark.parametrize(("text", "value"), [("1,5", 1.5), ("1/4", 0.25)])
    def test_numbers_may_be_typed_as_people_write_them(
        self, slider: ValueSlider, chosen: list[float], qtbot: QtBot, text: str, value: float
    ) -> None:
        enter(qtbot, slider, text)
        assert chosen == [value]

    def test_a_value_beyond_what_can_be_typed_is_shown_as_good(self, slider: ValueSlider) -> None:
        """As of an experiment file, which allows more."""
        slider.set_value(25.0)
        assert slider.edit.text() == "25"
        assert not is_marked(slider.edit)

    def test_a_space_is_not_typed(self, slider: ValueSlider, qtbot: QtBot) -> None:
        enter(qtbot, slider, "0. 5")
        assert slider.edit.text() == "0.5"

    def test_an_empty_field_tells_nothing(
        self, slider: ValueSlider, chosen: list[float], qtbot: QtBot
    ) -> None:
        slider.edit.clear()
        qtbot.keyClick(slider.edit, Qt.Key.Key_Return)
        assert chosen == []
        assert slider.value == 0.2

    @pytest.mark.parametrize("text", ["", "11", "1e5"])
    def test_when_the_field_is_left_it_shows_the_value_again(
        self, slider: ValueSlider, qtbot: QtBot, text: str
    ) -> None:
        slider.edit.setFocus()
        slider.edit.selectAll()
        qtbot.keyClick(slider.edit, Qt.Key.Key_Delete)
        qtbot.keyClicks(slider.edit, text)
        slider.slider.setFocus()
        assert float(slider.edit.text()) == slider.value

    def test_a_value_that_restarts_is_told_when_the_slider_is_let_go(self, qtbot: QtBot) -> None:
        slow = ValueSlider("Noise", VALUES, most=1.0, tip="", while_dragging=False)
        qtbot.addWidget(slow)
        told: list[float] = []
        slow.value_changed.connect(told.append)
        slow.slider.setSliderDown(True)
        for place in (1, 2, 3):
            slow.slider.setSliderPosition(place)
        assert told == []
        slow.slider.setSliderDown(False)
        assert told == [1.0]

    def test_a_whole_number_is_shown_as_one(self, qtbot: QtBot) -> None:
        whole = ValueSlider("Size", [1, 2], most=9, tip="", whole=True)
        qtbot.addWidget(whole)
        whole.set_value(7)
        assert whole.edit.text() == "7"


class TestStepper:
    def test_a_value_set_is_shown_and_not_told(self, stepper: Stepper, chosen: list[float]) -> None:
        stepper.set_value(7)
        assert (stepper.value, stepper.edit.text()) == (7, "7")
        assert chosen == []

    def test_minus_and_plus_tell_once_each(
        self, stepper: Stepper, chosen: list[float], qtbot: QtBot
    ) -> None:
        qtbot.mouseClick(stepper.more, LEFT)
        qtbot.mouseClick(stepper.more, LEFT)
        qtbot.mouseClick(stepper.less, LEFT)
        assert chosen == [5, 6, 5]
        assert stepper.edit.text() == "5"

    def test_at_the_ends_there_is_no_further(
        self, stepper: Stepper, chosen: list[float], qtbot: QtBot
    ) -> None:
        for value, further in ((1, stepper.less), (9, stepper.more)):
            stepper.set_value(value)
            assert not further.isEnabled()
            qtbot.mouseClick(further, LEFT)
        assert chosen == []
        stepper.set_value(5)
        assert stepper.less.isEnabled()
        assert stepper.more.isEnabled()

    @pytest.mark.parametrize(
        ("text", "value"), [("1,000", 1000), ("100,000", 100_000), ("1,5", None), ("1,00", None)]
    )
    def test_commas_part_thousands(
        self,
        sized: Callable[[QWidget, int, int], None],
        qtbot: QtBot,
        text: str,
        value: int | None,
    ) -> None:
        many = Stepper(0, 100_000, name="Stop after")
        sized(many, 160, 30)
        told: list[int] = []
        many.value_changed.connect(told.append)
        assert many.edit.toolTip() == "Stop after: 0 to 100,000"
        enter(qtbot, many, text)
        assert told == ([] if value is None else [value])

    @pytest.mark.parametrize(("text", "value"), [("8", 8), ("1", 1), ("9", 9)])
    def test_a_number_typed_tells_once(
        self, stepper: Stepper, chosen: list[float], qtbot: QtBot, text: str, value: int
    ) -> None:
        enter(qtbot, stepper, text)
        stepper.edit.clearFocus()
        assert chosen == [value]

    @pytest.mark.parametrize("text", ["4", "0", "12", "-3", "4.5", "x", ""])
    def test_what_is_no_other_allowed_number_tells_nothing(
        self, stepper: Stepper, chosen: list[float], qtbot: QtBot, text: str
    ) -> None:
        stepper.edit.clear()
        enter(qtbot, stepper, text)
        assert chosen == []
        assert stepper.value == 4
        assert is_marked(stepper.edit) == (text not in ("4", ""))

    @pytest.mark.parametrize("text", ["", "0"])
    def test_when_the_field_is_left_it_shows_the_value_again(
        self, stepper: Stepper, qtbot: QtBot, text: str
    ) -> None:
        stepper.edit.setFocus()
        stepper.edit.selectAll()
        qtbot.keyClick(stepper.edit, Qt.Key.Key_Delete)
        qtbot.keyClicks(stepper.edit, text)
        stepper.more.setFocus()
        assert stepper.edit.text() == str(stepper.value)


def test_fields_can_be_told_apart_by_a_reader_of_the_screen(
    slider: ValueSlider, stepper: Stepper
) -> None:
    assert slider.slider.accessibleName() == slider.edit.accessibleName() == "Rate"
    assert stepper.edit.accessibleName() == "Neurons"
    assert slider.toolTip() == "how fast"
