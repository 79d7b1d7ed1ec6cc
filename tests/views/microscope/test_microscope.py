from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.core.answers import GradientCheck, Sweep
from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron, Weight
from explorer.views.microscope.microscope import Microscope
from explorer.views.palette import LIGHT

MomentOf = Callable[..., Moment]
SweepOf = Callable[..., Sweep]
LEFT = Qt.MouseButton.LeftButton
PART = Weight(2, 0, 1)


@pytest.fixture
def microscope(sized: Callable[[QWidget, int, int], None]) -> Microscope:
    microscope = Microscope()
    sized(microscope, 700, 430)
    return microscope


@pytest.fixture
def asked(microscope: Microscope) -> list[object]:
    """The parts that sweeps were asked of."""
    parts: list[object] = []
    microscope.sweep_requested.connect(parts.append)
    return parts


@pytest.fixture
def swept(microscope: Microscope, moment_of: MomentOf, sweep_of: SweepOf) -> Sweep:
    """A weight on screen, with its sweep."""
    moment = moment_of("average")
    microscope.show_moment(moment, PART)
    sweep = sweep_of(moment, PART)
    microscope.show_sweep(sweep)
    return sweep


def shown(microscope: Microscope) -> QWidget:
    pages = (microscope.neuron_page, microscope.parameter_page, microscope.nothing)
    (page,) = [p for p in pages if p.isVisible()]
    return page


def pull(microscope: Microscope, sweep: Sweep, at: int, drag: Any) -> None:
    lines = microscope.parameter_page.lines
    start = lines.place(0, float(sweep.values[microscope.parameter_page.at or sweep.now]))
    drag(lines, start, lines.place(0, float(sweep.values[at])))


class TestPages:
    def test_a_neuron_shows_sum_curve_and_chain(
        self, microscope: Microscope, moment_of: MomentOf, asked: list[object]
    ) -> None:
        microscope.show_moment(moment_of("average"), Neuron(1, 2))
        assert shown(microscope) is microscope.neuron_page
        assert microscope.title == "Hidden 1 · neuron 3  ·  example 1 of 4 “disc”"
        assert microscope.subjects["neuron"].isChecked()
        assert asked == []

    def test_an_input_says_that_there_is_nothing_to_see(
        self, microscope: Microscope, moment_of: MomentOf, asked: list[object]
    ) -> None:
        microscope.show_moment(moment_of("average"), Neuron(0, 1))
        assert shown(microscope) is microscope.nothing
        assert "This is an input" in microscope.nothing.text()
        assert microscope.title == "Input y"
        assert not any(b.isVisible() for b in microscope.subjects.values())
        assert asked == []

    def test_a_weight_shows_its_way_to_the_cost(
        self, microscope: Microscope, moment_of: MomentOf, asked: list[object]
    ) -> None:
        microscope.show_moment(moment_of("average"), PART)
        assert shown(microscope) is microscope.parameter_page
        assert microscope.title.startswith("Weight w₁,₂ · hidden 1, 2 → ")
        assert microscope.subjects["weight"].text() == "w₁,₂"
        assert asked == [PART]

    def test_the_head_goes_from_neuron_to_bias_and_weight(
        self, microscope: Microscope, moment_of: MomentOf, qtbot: QtBot, asked: list[object]
    ) -> None:
        microscope.show_moment(moment_of("average"), Neuron(2, 1))
        with qtbot.assertNotEmitted(microscope.part_requested):
            qtbot.mouseClick(microscope.subjects["bias"], LEFT)
        assert asked == [Neuron(2, 1)]
        assert shown(microscope) is microscope.parameter_page
        assert microscope.title.startswith("Bias of output neuron “disc”")
        source = microscope.neuron_page.source
        with qtbot.waitSignal(microscope.part_requested) as wanted:
            qtbot.mouseClick(microscope.subjects["weight"], LEFT)
        assert wanted.args == [Weight(2, 1, source)]
        assert asked == [Neuron(2, 1), Weight(2, 1, source)]
        microscope.show_moment(moment_of("average"), Weight(2, 1, source))  # as it is selected
        assert microscope.subjects["weight"].isChecked()
        with qtbot.waitSignal(microscope.part_requested) as wanted:
            qtbot.mouseClick(microscope.subjects["neuron"], LEFT)
        assert wanted.args == [Neuron(2, 1)]
        assert shown(microscope) is microscope.neuron_page

    def test_the_chain_follows_the_row_clicked(
        self,
        microscope: Microscope,
        moment_of: MomentOf,
        words: Callable[[QWidget], list[str]],
        qtbot: QtBot,
    ) -> None:
        """At first the weight with the largest |∂C/∂w|, which has the largest |a_k|."""
        moment = moment_of("average")
        microscope.show_moment(moment, Neuron(2, 1))
        page = microscope.neuron_page
        assert page.source == int(np.argmax(np.abs(moment.trace.layers[0].activation[0])))
        k = page.terms.rows[-1]
        box = page.terms.row_box(2)
        qtbot.mouseClick(page.terms, LEFT, pos=QPoint(40, round(box.center().y())))
        assert page.source == k
        assert any(f"∂Cᵢ/∂w{'₁₂₃'[k]}" in w for w in words(page.chain))
        assert microscope.subjects["weight"].text() == f"w₂,{'₁₂₃'[k]}"
        microscope.show_moment(moment_of("average", example=1), Neuron(2, 1))
        assert page.source == k  # kept from example to example
        microscope.show_moment(moment, Neuron(1, 0))
        assert page.source == int(np.argmax(np.abs(moment.trace.inputs[0])))

    def test_pointing_at_a_row_lights_the_weight_and_its_chain(
        self,
        microscope: Microscope,
        moment_of: MomentOf,
        words: Callable[[QWidget], list[str]],
        qtbot: QtBot,
        hover: Any,
        leave: Any,
    ) -> None:
        microscope.show_moment(moment_of("average"), Neuron(2, 1))
        page = microscope.neuron_page
        k = page.terms.rows[-1]
        with qtbot.waitSignal(microscope.part_pointed) as pointed:
            hover(page.terms, 40, page.terms.row_box(2).center().y())
        assert pointed.args == [Weight(2, 1, k)]
        assert any(f"∂Cᵢ/∂w{'₁₂₃'[k]}" in w for w in words(page.chain))
        with qtbot.waitSignal(microscope.part_pointed) as pointed:
            leave(page.terms)
        assert pointed.args == [None]
        assert any(f"∂Cᵢ/∂w{'₁₂₃'[page.source]}" in w for w in words(page.chain))

    def test_nothing_before_the_first_moment_and_after_clear(
        self, microscope: Microscope, moment_of: MomentOf
    ) -> None:
        assert shown(microscope) is microscope.nothing
        microscope.show_moment(moment_of("average"), Neuron(1, 0))
        microscope.clear()
        assert shown(microscope) is microscope.nothing
        assert microscope.title == "Microscope"

    def test_a_long_title_is_shortened(self, microscope: Microscope, moment_of: MomentOf) -> None:
        microscope.show_moment(moment_of("average"), Weight(1, 0, 1))
        whole = microscope.title
        microscope.resize(420, 430)
        assert microscope.title.endswith("…")
        microscope.resize(900, 430)
        assert microscope.title == whole


class TestSweeps:
    def test_one_is_asked_for_once(
        self, microscope: Microscope, moment_of: MomentOf, sweep_of: SweepOf, asked: list[object]
    ) -> None:
        moment = moment_of("average")
        for beat in ("forward:1", "average"):
            microscope.show_moment(replace(moment, beat=moment_of(beat).beat), PART)
        assert asked == [PART]
        microscope.show_sweep(sweep_of(moment, PART))
        assert microscope.parameter_page.sweep is not None
        microscope.show_moment(moment, PART)
        assert asked == [PART]

    def test_another_example_part_or_update_needs_another(
        self, microscope: Microscope, moment_of: MomentOf, swept: Sweep, asked: list[object]
    ) -> None:
        page = microscope.parameter_page
        assert page.sweep is swept
        for moment, part in (
            (moment_of("average", example=2), PART),
            (moment_of("average"), Weight(2, 0, 2)),
            (moment_of("average", update=13), PART),
        ):
            asked.clear()
            microscope.show_moment(moment, part)
            assert page.sweep is None
            assert asked == [part]
        microscope.show_moment(moment_of("average"), PART)
        assert page.sweep is swept

    def test_a_sweep_of_another_run_is_not_shown(
        self, microscope: Microscope, moment_of: MomentOf, swept: Sweep
    ) -> None:
        """The same update, part and example, and other numbers."""
        microscope.show_moment(moment_of("average", biases=((0, 0, 0), (0, 0))), PART)
        assert microscope.parameter_page.sweep is None
        del swept

    def test_none_is_asked_for_while_training_runs_or_nobody_looks(
        self, microscope: Microscope, moment_of: MomentOf, asked: list[object]
    ) -> None:
        microscope.show_moment(moment_of("average", live=True), PART)
        assert asked == []
        assert "when the picture stands still" in microscope.parameter_page.hint.text()
        microscope.hide()
        microscope.show_moment(moment_of("average"), PART)
        assert asked == []
        microscope.show()
        assert asked == [PART]


class TestDragging:
    def test_the_value_is_held_here_until_it_is_kept(
        self, microscope: Microscope, swept: Sweep, drag: Any, qtbot: QtBot
    ) -> None:
        page = microscope.parameter_page
        assert not page.keep.isVisible()
        with qtbot.assertNotEmitted(microscope.edit_requested):
            pull(microscope, swept, 15, drag)
        assert page.at == 15
        assert page.keep.isVisible()
        assert page.drop.isVisible()
        assert "Held here only" in page.hint.text()
        assert float(page.edit.text()) == pytest.approx(swept.values[15], rel=1e-5)
        with qtbot.waitSignal(microscope.edit_requested) as edit:
            qtbot.mouseClick(page.keep, LEFT)
        assert edit.args == [PART, float(swept.values[15])]
        assert page.at is None

    def test_letting_go_returns_to_now(
        self,
        microscope: Microscope,
        swept: Sweep,
        drag: Any,
        qtbot: QtBot,
        pixels: Any,
    ) -> None:
        page = microscope.parameter_page
        before = pixels(microscope)
        pull(microscope, swept, 3, drag)
        assert (pixels(microscope) != before).any()
        with qtbot.assertNotEmitted(microscope.edit_requested):
            qtbot.mouseClick(page.drop, LEFT)
        assert page.at is None
        assert not page.keep.isVisible()
        page.lines.clearFocus()
        curve = self.at(page.curve, microscope)
        assert np.array_equal(pixels(microscope)[curve], before[curve])

    @staticmethod
    def at(widget: QWidget, window: QWidget) -> tuple[slice, slice]:
        """Where a widget lies in the pixels of its window."""
        corner = widget.mapTo(window, QPoint())
        x, y = corner.x(), corner.y()
        return slice(y, y + widget.height()), slice(x, x + widget.width())

    def test_back_at_now_there_is_nothing_to_keep(
        self, microscope: Microscope, swept: Sweep, drag: Any
    ) -> None:
        pull(microscope, swept, 15, drag)
        pull(microscope, swept, swept.now, drag)
        assert microscope.parameter_page.at is None
        assert not microscope.parameter_page.keep.isVisible()

    def test_escape_lets_go_first_and_then_closes(
        self, microscope: Microscope, swept: Sweep, drag: Any, qtbot: QtBot
    ) -> None:
        pull(microscope, swept, 15, drag)
        with qtbot.assertNotEmitted(microscope.closed):
            qtbot.keyClick(microscope.parameter_page.lines, Qt.Key.Key_Escape)
        assert microscope.parameter_page.at is None
        with qtbot.waitSignal(microscope.closed):
            qtbot.keyClick(microscope.parameter_page.lines, Qt.Key.Key_Escape)

    def test_the_room_for_the_buttons_is_kept(
        self, microscope: Microscope, swept: Sweep, drag: Any
    ) -> None:
        page = microscope.parameter_page
        boxes = [w.geometry() for w in (page.lines, page.curve, page.edit, page.check)]
        pull(microscope, swept, 15, drag)
        assert [w.geometry() for w in (page.lines, page.curve, page.edit, page.check)] == boxes


class TestTyping:
    def test_enter_gives_the_value_to_the_model(
        self, microscope: Microscope, swept: Sweep, qtbot: QtBot
    ) -> None:
        edit = microscope.parameter_page.edit
        assert float(edit.text()) == pytest.approx(swept.values[swept.now], rel=1e-5)
        edit.selectAll()
        qtbot.keyClicks(edit, "-1.25")
        with qtbot.waitSignal(microscope.edit_requested) as asked:
            qtbot.keyClick(edit, Qt.Key.Key_Return)
        assert asked.args == [PART, -1.25]

    def test_enter_on_the_value_as_it_is_changes_nothing(
        self, microscope: Microscope, swept: Sweep, qtbot: QtBot
    ) -> None:
        del swept
        with qtbot.assertNotEmitted(microscope.edit_requested):
            qtbot.keyClick(microscope.parameter_page.edit, Qt.Key.Key_Return)

    def test_enter_on_a_dragged_value_keeps_it_digit_for_digit(
        self, microscope: Microscope, swept: Sweep, drag: Any, qtbot: QtBot
    ) -> None:
        pull(microscope, swept, 6, drag)
        with qtbot.waitSignal(microscope.edit_requested) as asked:
            qtbot.keyClick(microscope.parameter_page.edit, Qt.Key.Key_Return)
        assert asked.args == [PART, float(swept.values[6])]


class TestGradientCheck:
    CHECK = GradientCheck(
        12, part=PART, autograd=0.5, difference=0.5, step=6e-6, cost_above=1.0, cost_below=1.0
    )

    def test_it_is_asked_for_and_shown(
        self, microscope: Microscope, swept: Sweep, qtbot: QtBot
    ) -> None:
        del swept
        row = microscope.parameter_page.check
        with qtbot.waitSignal(microscope.gradient_check_requested) as asked:
            qtbot.mouseClick(row.button, LEFT)
        assert asked.args == [PART]
        microscope.show_gradient_check(self.CHECK)
        assert "autograd +0.500" in row.numbers.text()
        assert row.verdict.text().startswith("They agree")

    def test_one_of_another_part_or_update_is_not_shown(
        self, microscope: Microscope, moment_of: MomentOf, swept: Sweep
    ) -> None:
        del swept
        row = microscope.parameter_page.check
        for other in (replace(self.CHECK, part=Weight(2, 0, 2)), replace(self.CHECK, update=11)):
            microscope.show_gradient_check(other)
            assert "autograd +" not in row.numbers.text()
        microscope.show_gradient_check(self.CHECK)
        microscope.show_moment(moment_of("cost"), PART)
        assert "autograd +" not in row.numbers.text()
        assert not row.button.isEnabled()


def test_a_held_value_is_dropped_with_its_sweep(
    microscope: Microscope, moment_of: MomentOf, swept: Sweep, drag: Any
) -> None:
    pull(microscope, swept, 15, drag)
    microscope.show_moment(moment_of("average", update=13), PART)
    assert microscope.parameter_page.at is None


@pytest.mark.parametrize("part", [Neuron(2, 1), PART])
def test_another_theme_changes_everything(
    part: Any, microscope: Microscope, moment_of: MomentOf, pixels: Any
) -> None:
    microscope.show_moment(moment_of("average"), part)
    before = pixels(microscope)
    microscope.set_theme(LIGHT)
    assert (pixels(microscope) != before).any(axis=2).mean() > 0.4


@pytest.mark.parametrize("size", [(700, 430), (960, 640)])
@pytest.mark.parametrize("part", [Neuron(1, 2), PART])
def test_it_fits_its_place(
    size: tuple[int, int], part: Any, microscope: Microscope, moment_of: MomentOf
) -> None:
    microscope.resize(*size)
    microscope.show_moment(moment_of("average"), part)
    minimum = microscope.minimumSizeHint()
    assert minimum.width() <= 700
    assert minimum.height() <= 430

    def test_one_from_before_an_edit_is_not_shown(
        self, microscope: Microscope, moment_of: MomentOf, swept: Sweep
    ) -> None:
        del swept
        microscope.show_gradient_check(self.CHECK)
        row = microscope.parameter_page.check
        assert "autograd +" in row.numbers.text()
        microscope.show_moment(moment_of("backward:1"), PART)  # the same update, made anew
        assert "autograd +" not in row.numbers.text()
