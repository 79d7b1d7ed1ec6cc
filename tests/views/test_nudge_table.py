from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.core.data.dataset import Dataset
from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron, Weight
from explorer.views.nudge_table import NudgeTable
from explorer.views.palette import DARK, LIGHT, Theme
from explorer.views.theme import MONO, font

Array = np.ndarray[Any, Any]
MomentOf = Callable[..., Moment]
Pixels = Callable[[QWidget], Array]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def table(sized: Callable[[QWidget, int, int], None]) -> NudgeTable:
    table = NudgeTable()
    sized(table, 320, 300)
    return table


@pytest.fixture
def many(moment_of: MomentOf, table_of: Callable[..., Dataset]) -> Callable[..., Moment]:
    """A moment with so many inputs and examples."""

    def build(inputs: int = 30, examples: int = 64, example: int = 0) -> Moment:
        data = table_of(inputs, 1, examples)
        layers = ((2, "tanh"), (1, "linear"))
        return moment_of(
            "average", dataset=data, layers=layers, members=range(examples), example=example
        )

    return build


def wishes_of(moment: Moment, neuron: Neuron) -> Array:
    """−δⱼ, and −δⱼ·a_k for every k, of every example: (1 + m, B)."""
    delta = moment.trace.layers[neuron.layer - 1].delta[:, neuron.index]
    behind = (moment.trace.inputs, moment.trace.layers[0].activation)[neuron.layer - 1]
    return np.array([-delta, *(-delta * a for a in behind.T)])


def nice(value: float) -> float:
    """The next of 1, 1.5, 2, 3, 5 and 7 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value))
    return min(step * power for step in (1, 1.5, 2, 3, 5, 7, 10) if step * power >= value)


def within(texts: list[Any], box: QRectF) -> list[str]:
    """The words that begin in a box, or three points before it."""
    grown = box.adjusted(-4, 0, -4, 0)
    return [text.words for text in texts if grown.contains(QPointF(text.x, text.y))]


def number(words: str) -> float:
    return float(words.replace("−", "-"))


class TestCells:
    def test_every_cell_is_one_examples_wish_for_one_parameter(
        self, table: NudgeTable, moment_of: MomentOf, texts: Any
    ) -> None:
        moment = moment_of("average")
        table.show_neuron(moment, Neuron(2, 1), 8)
        wishes, said = wishes_of(moment, Neuron(2, 1)), texts(table)
        assert sorted(table.rows) == [0, 1, 2, 3]
        assert table.columns == [0, 1, 2, 3]
        for r, row in enumerate(table.rows):
            for c, example in enumerate(table.columns):
                (words,) = within(said, table.cell_box(r, c))
                assert number(words) == pytest.approx(wishes[row, example], abs=0.00501)

    def test_the_last_column_is_their_mean_and_minus_the_gradient(
        self, table: NudgeTable, moment_of: MomentOf, texts: Any
    ) -> None:
        moment = moment_of("average")
        table.show_neuron(moment, Neuron(2, 0), 8)
        said, layer = texts(table), moment.trace.layers[1]
        gradient = np.array([layer.bias_gradient[0], *layer.weight_gradient[0]])
        for r, row in enumerate(table.rows):
            (words,) = within(said, table.mean_box(r))
            assert number(words) == pytest.approx(-gradient[row], abs=0.000501)
        assert "−gradient" in " ".join(text.words for text in said)

    def test_with_regularization_the_mean_is_not_called_the_gradient(
        self, table: NudgeTable, moment_of: MomentOf, texts: Any
    ) -> None:
        table.show_neuron(moment_of("average", l2=0.1), Neuron(2, 0), 8)
        assert "−gradient" not in " ".join(text.words for text in texts(table))

    def test_colours_are_the_wishes_on_a_scale_that_just_holds_them(
        self, table: NudgeTable, moment_of: MomentOf, pixels: Pixels, between: Any, theme: Theme
    ) -> None:
        """zero + (end − zero)·|wish| / scale, above the number."""
        moment = moment_of("average")
        table.set_theme(theme)
        table.show_neuron(moment, Neuron(2, 1), 8)
        wishes, picture = wishes_of(moment, Neuron(2, 1)), pixels(table)
        scale = nice(float(np.abs(wishes).max()))
        cells = [
            (table.cell_box(r, c), wishes[row, example])
            for r, row in enumerate(table.rows)
            for c, example in enumerate(table.columns)
            if example != moment.example
        ]
        cells += [(table.mean_box(r), wishes[row].mean()) for r, row in enumerate(table.rows)]
        for box, wish in cells:
            end = theme.positive if wish > 0 else theme.negative
            expected = between(theme.zero, end, abs(wish) / scale)
            drawn = picture[int(box.top()) + 3, int(box.center().x())]
            assert np.abs(drawn - expected).max() <= 2

    def test_small_wishes_are_written_in_a_unit_that_is_told(
        self, table: NudgeTable, moment_of: MomentOf, texts: Any
    ) -> None:
        """Wishes a thousand times smaller than before."""
        moment = moment_of("average")
        small = [replace(layer, delta=layer.delta * 1e-3) for layer in moment.trace.layers]
        moment = replace(moment, trace=replace(moment.trace, layers=tuple(small)))
        table.show_neuron(moment, Neuron(2, 1), 8)
        wishes, said = wishes_of(moment, Neuron(2, 1)), texts(table)
        note = " ".join(text.words for text in said)
        unit = float(re.search(r"× ([\d.e-]+)\. ", note)[1])  # type: ignore[index]
        for r, row in enumerate(table.rows):
            for c, example in enumerate(table.columns):
                (words,) = within(said, table.cell_box(r, c))
                assert number(words) * unit == pytest.approx(
                    wishes[row, example], abs=0.0051 * unit
                )

    @pytest.mark.parametrize("factor", [1e-4, 1.0, 30.0, 1e3])
    def test_numbers_stay_in_their_cells(
        self, table: NudgeTable, moment_of: MomentOf, texts: Any, factor: float
    ) -> None:
        moment = moment_of("average")
        layers = [replace(layer, delta=layer.delta * factor) for layer in moment.trace.layers]
        moment = replace(moment, trace=replace(moment.trace, layers=tuple(layers)))
        table.show_neuron(moment, Neuron(2, 1), 8)
        metrics, said = QFontMetricsF(font(10, MONO)), texts(table)
        for r in range(len(table.rows)):
            for c in range(len(table.columns)):
                for words in within(said, table.cell_box(r, c)):
                    assert metrics.horizontalAdvance(words) <= table.cell_box(r, c).width()

    def test_no_wish_at_all_is_told_as_zero(
        self, table: NudgeTable, moment_of: MomentOf, texts: Any
    ) -> None:
        moment = moment_of("average", weights=[np.ones((3, 2)), np.zeros((2, 3))])
        table.show_neuron(moment, Neuron(1, 0), 8)
        said = texts(table)
        for r in range(3):
            for c in range(4):
                assert within(said, table.cell_box(r, c)) == ["0"]


class TestRows:
    def test_they_are_named_and_ranked(
        self, table: NudgeTable, moment_of: MomentOf, texts: Any
    ) -> None:
        """In a mini-batch of one the mean is the wish itself."""
        moment = moment_of("average", members=(4,))
        table.show_neuron(moment, Neuron(2, 0), 8)
        sizes = np.abs(wishes_of(moment, Neuron(2, 0))[:, 0])
        assert table.rows == sorted(range(4), key=lambda row: -sizes[row])
        said = texts(table)
        for r, row in enumerate(table.rows):
            name = QRectF(0, table.cell_box(r, 0).top(), 40, table.cell_box(r, 0).height())
            assert within(said, name)[0] == ("b" if row == 0 else f"w{'₀₁₂₃'[row]}")

    def test_so_many_are_shown_and_the_others_counted(
        self, table: NudgeTable, many: Callable[..., Moment], words: Any
    ) -> None:
        table.show_neuron(many(), Neuron(1, 0), 8)
        assert len(table.rows) == 8
        assert "8 of 31 parameters" in " ".join(words(table))
        table.show_neuron(many(), Neuron(1, 0), 40)
        assert sorted(table.rows) == list(range(31))
        assert "parameters" not in " ".join(words(table))

    def test_it_is_as_high_as_its_rows(
        self, table: NudgeTable, many: Callable[..., Moment]
    ) -> None:
        heights = []
        for rows in (3, 8, 17):
            table.show_neuron(many(), Neuron(1, 0), rows)
            heights.append(table.height())
            assert table.cell_box(rows - 1, 0).bottom() < table.height()
        assert heights[1] - heights[0] == 5 * 24
        assert heights[2] - heights[1] == 9 * 24

    def test_the_wheel_goes_through_all_of_them(
        self, table: NudgeTable, many: Callable[..., Moment], turn_wheel: Callable[..., bool]
    ) -> None:
        table.show_neuron(many(), Neuron(1, 0), 8)
        first = table.rows
        assert not turn_wheel(table, 120), "at the top the panel scrolls instead"
        seen = set(first)
        turns = 0
        while turn_wheel(table, -120):
            assert len(table.rows) == 8
            seen |= set(table.rows)
            turns += 1
        assert seen == set(range(31))
        assert turns == 12, "two rows a turn, 23 rows to go"
        while turn_wheel(table, 120):
            pass
        assert table.rows == first

    def test_a_shorter_table_is_not_scrolled_past_its_end(
        self, table: NudgeTable, many: Callable[..., Moment], turn_wheel: Callable[..., bool]
    ) -> None:
        table.show_neuron(many(), Neuron(1, 0), 8)
        while turn_wheel(table, -120):
            pass
        table.show_neuron(many(inputs=5), Neuron(1, 0), 8)
        assert sorted(table.rows) == list(range(6))


class TestColumns:
    def test_of_a_long_mini_batch_those_around_the_focus_are_shown_and_the_others_counted(
        self, table: NudgeTable, many: Callable[..., Moment], words: Any
    ) -> None:
        for example in (0, 3, 31, 63):
            table.show_neuron(many(example=example), Neuron(1, 0), 8)
            columns = table.columns
            assert example in columns
            assert columns == list(range(columns[0], columns[0] + len(columns)))
            assert f"{len(columns)} of 64 examples" in " ".join(words(table))

    @pytest.mark.parametrize("width", [150, 240, 320, 700, 2400])
    def test_as_many_as_fit(
        self, table: NudgeTable, many: Callable[..., Moment], width: int
    ) -> None:
        table.resize(width, 300)
        table.show_neuron(many(), Neuron(1, 0), 8)
        assert 1 <= len(table.columns) <= 64
        assert table.mean_box(0).right() <= width
        if len(table.columns) < 64:
            assert table.mean_box(0).right() > width - 50

    def test_the_column_in_focus_is_framed(
        self, table: NudgeTable, moment_of: MomentOf, pixels: Pixels
    ) -> None:
        accent = np.array([0xFF, 0xD1, 0x66])
        for example in range(4):
            table.show_neuron(moment_of("average", example=example), Neuron(2, 0), 8)
            framed = np.argwhere(np.abs(pixels(table) - accent).max(axis=2) < 24)
            box = table.cell_box(0, example)
            assert box.left() - 3 <= framed[:, 1].min() <= framed[:, 1].max() <= box.right() + 3

    def test_they_are_headed_by_short_labels_or_numbers(
        self,
        table: NudgeTable,
        moment_of: MomentOf,
        images_of: Callable[[int, int], Dataset],
        texts: Any,
    ) -> None:
        def heads() -> list[str]:
            said = texts(table)
            boxes = [table.cell_box(0, c).translated(0, -24) for c in range(4)]
            return [within(said, box.adjusted(0, 0, 8, 0))[-1] for box in boxes]

        table.show_neuron(moment_of("average"), Neuron(2, 0), 8)
        assert heads() == ["1", "2", "3", "4"], "disc and ring are too long"
        labelled = replace(images_of(4, 4), labels=("0", "1", "2"))
        moment = moment_of("average", dataset=labelled, layers=((3, "sigmoid"),))
        table.show_neuron(moment, Neuron(1, 0), 8)
        assert heads() == ["1", "2", "2", "0"], "examples 7, 2, 5 and 0 modulo 3"


class TestClicks:
    @pytest.mark.parametrize("example", range(4))
    def test_a_click_in_a_column_asks_for_its_example(
        self, table: NudgeTable, moment_of: MomentOf, qtbot: QtBot, example: int
    ) -> None:
        table.show_neuron(moment_of("average"), Neuron(2, 0), 8)
        for r in (0, 3):
            where = table.cell_box(r, example).center().toPoint()
            with (
                qtbot.assertNotEmitted(table.part_requested),
                qtbot.waitSignal(table.example_requested, check_params_cb=lambda e: e == example),
            ):
                qtbot.mouseClick(table, LEFT, pos=where)

    def test_examples_are_counted_in_the_mini_batch_not_in_the_table(
        self, table: NudgeTable, many: Callable[..., Moment], qtbot: QtBot
    ) -> None:
        table.show_neuron(many(example=40), Neuron(1, 0), 8)
        first = table.columns[0]
        assert first > 30
        with qtbot.waitSignal(table.example_requested, check_params_cb=lambda e: e == first):
            qtbot.mouseClick(table, LEFT, pos=table.cell_box(2, 0).center().toPoint())

    def test_a_click_on_a_name_or_a_mean_asks_for_the_parameter(
        self, table: NudgeTable, moment_of: MomentOf, qtbot: QtBot
    ) -> None:
        table.show_neuron(moment_of("average"), Neuron(2, 1), 8)
        for r, row in enumerate(table.rows):
            part = Neuron(2, 1) if row == 0 else Weight(2, 1, row - 1)
            y = int(table.cell_box(r, 0).center().y())
            for x in (20, int(table.mean_box(r).center().x())):
                with (
                    qtbot.assertNotEmitted(table.example_requested),
                    qtbot.waitSignal(
                        table.part_requested, check_params_cb=lambda p, part=part: p == part
                    ),
                ):
                    qtbot.mouseClick(table, LEFT, pos=QPoint(x, y))

    def test_a_click_elsewhere_asks_for_nothing(
        self, table: NudgeTable, moment_of: MomentOf, qtbot: QtBot
    ) -> None:
        with (
            qtbot.assertNotEmitted(table.example_requested),
            qtbot.assertNotEmitted(table.part_requested),
        ):
            qtbot.mouseClick(table, LEFT, pos=QPoint(20, 60))
            table.show_neuron(moment_of("average"), Neuron(2, 1), 8)
            qtbot.mouseClick(table, LEFT, pos=QPoint(20, table.height() - 8))
            qtbot.mouseClick(table, LEFT, pos=QPoint(300, 4))


def test_another_theme_changes_the_table(
    table: NudgeTable, moment_of: MomentOf, pixels: Pixels
) -> None:
    table.show_neuron(moment_of("average"), Neuron(2, 1), 8)
    dark = pixels(table)
    table.set_theme(LIGHT)
    assert (pixels(table) != dark).any(axis=2).mean() > 0.9
    table.set_theme(DARK)
    assert np.array_equal(pixels(table), dark)
