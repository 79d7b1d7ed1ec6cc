from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QScrollBar, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from explorer.core.data.dataset import Dataset
from explorer.core.moment import Moment
from explorer.core.nudges import Scope, Wishes
from explorer.core.part_of_network import Neuron, Selectable, Weight
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


def parameter(table: NudgeTable, row: int) -> int:
    """Which parameter of the neuron a row is: 0 the bias, k its k-th weight."""
    part = table.part(row)
    return part.source + 1 if isinstance(part, Weight) else 0


def shown_rows(table: NudgeTable) -> list[tuple[int, int]]:
    """The rows that are seen whole, and which parameter each of them is."""
    return [(r, parameter(table, r)) for r in table.rows]


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


def assert_summaries(
    table: NudgeTable, said: list[Any], heads: list[str], columns: tuple[Array, ...]
) -> None:
    """The columns at the right say these heads and, the largest to three digits, these numbers."""
    for which, (head, column) in enumerate(zip(heads, columns, strict=True)):
        box = table.mean_box(0, which).translated(0, -table.cell_box(0, 0).height())
        assert within(said, box.adjusted(0, 0, -4, 0)) == [head]
        largest = np.abs(column).max()
        decimals = set()
        for r, row in shown_rows(table):
            (words,) = within(said, table.mean_box(r, which))
            assert number(words) == pytest.approx(column[row], abs=5.1e-3 * largest)
            decimals.add(len(words.partition(".")[2]))
        assert len(decimals - {0}) == 1, "all are written alike"


def scroll(table: QWidget, across: int = 0, down: int = 0) -> None:
    """Drag the scroll bars to so many points."""
    for bar in table.findChildren(QScrollBar):
        bar.setValue(across if bar.orientation() == Qt.Orientation.Horizontal else down)


def percentage(words: list[str]) -> float:
    return float(re.search(r"([\d.]+) % as long", " ".join(words))[1])  # type: ignore[index]


class TestCells:
    def test_every_cell_is_one_examples_wish_for_one_parameter(
        self, table: NudgeTable, moment_of: MomentOf, texts: Any
    ) -> None:
        moment = moment_of("average")
        table.show_neuron(moment, Neuron(2, 1), 8)
        wishes, said = wishes_of(moment, Neuron(2, 1)), texts(table)
        assert table.rows == table.columns == range(4)
        assert sorted(parameter(table, r) for r in table.rows) == [0, 1, 2, 3]
        for r, row in shown_rows(table):
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
        for r, row in shown_rows(table):
            (words,) = within(said, table.mean_box(r))
            assert number(words) == pytest.approx(-gradient[row], abs=0.000501)
        assert "−gradient" in " ".join(text.words for text in said)

    def test_with_regularization_the_mean_is_not_called_the_gradient(
        self, table: NudgeTable, moment_of: MomentOf, texts: Any
    ) -> None:
        """−gradient has a column of its own; in a roomy table what L2 asks as well."""
        moment = moment_of("average", l2=0.1)
        wishes, layer = wishes_of(moment, Neuron(2, 0)), moment.trace.layers[1]
        gradient = np.array([layer.bias_gradient[0], *layer.weight_gradient[0]])
        pull = -0.1 * np.array([0, *layer.weight_before[0]])
        compact = (wishes.mean(axis=1), -gradient)
        table.show_neuron(moment, Neuron(2, 0), 8)
        assert_summaries(table, texts(table), ["mean", "−∂C/∂w"], compact)
        table.resize(700, 400)
        table.show_scope(moment, Neuron(2, 0), "neuron")
        roomy = (wishes.mean(axis=1), pull, -gradient)
        assert_summaries(table, texts(table), ["mean", "L2", "−∂C/∂w"], roomy)
        note = " ".join(text.words for text in texts(table))
        assert "is −gradient" not in note
        assert "L2’s pull −0.1·w add up to −gradient" in note

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
            for r, row in shown_rows(table)
            for c, example in enumerate(table.columns)
            if example != moment.example
        ]
        cells += [(table.mean_box(r), wishes[row].mean()) for r, row in shown_rows(table)]
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
        power = re.search(r"Numbers × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)\. ", note)[1]  # type: ignore[index]
        unit = 10.0 ** int(power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")))
        for r, row in shown_rows(table):
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

    def test_means_that_nearly_cancel_are_written_like_the_others(
        self, table: NudgeTable, moment_of: MomentOf, texts: Any
    ) -> None:
        """Of one weight the wishes cancel but for the ten-thousandth part: no 1.00e−5 there."""
        moment = moment_of("average")
        first, last = moment.trace.layers
        behind = first.activation.copy()
        others = last.delta[1:, 0] @ behind[1:, 1]
        behind[0, 1] = (1e-4 - others) / last.delta[0, 0]
        layers = (replace(first, activation=behind), last)
        moment = replace(moment, trace=replace(moment.trace, layers=layers))
        table.show_neuron(moment, Neuron(2, 0), 8)
        said = texts(table)
        means = {row: within(said, table.mean_box(r))[0] for r, row in shown_rows(table)}
        assert number(means[2]) == pytest.approx(-2.5e-5, abs=5e-4)
        assert len({len(text.partition(".")[2]) for text in means.values()}) == 1
        assert not any("e" in text for text in means.values())

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
        assert [row for _, row in shown_rows(table)] == sorted(range(4), key=lambda k: -sizes[k])
        said = texts(table)
        for r, row in shown_rows(table):
            name = QRectF(0, table.cell_box(r, 0).top(), 40, table.cell_box(r, 0).height())
            assert within(said, name)[0] == ("b" if row == 0 else f"w{'₀₁₂₃'[row]}")

    def test_so_many_are_shown_and_the_others_counted(
        self, table: NudgeTable, many: Callable[..., Moment], words: Any
    ) -> None:
        table.show_neuron(many(), Neuron(1, 0), 8)
        assert len(table.rows) == 8
        assert "8 of 31 parameters" in " ".join(words(table))
        table.show_neuron(many(), Neuron(1, 0), 40)
        assert sorted(parameter(table, r) for r in table.rows) == list(range(31))
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
        assert table.rows == range(6)


class TestColumns:
    def test_of_a_long_mini_batch_those_around_the_focus_are_shown_and_the_others_counted(
        self, table: NudgeTable, many: Callable[..., Moment], words: Any
    ) -> None:
        for example in (0, 3, 31, 63):
            table.show_neuron(many(example=example), Neuron(1, 0), 8)
            columns = table.columns
            assert example in columns
            assert f"{columns.start + 1}–{columns.stop} of 64 examples" in " ".join(words(table))

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

    @pytest.mark.parametrize("width", range(240, 340, 7))
    @pytest.mark.parametrize("example", [0, 40])
    def test_at_rest_only_whole_columns_are_seen(
        self, table: NudgeTable, many: Callable[..., Moment], words: Any, width: int, example: int
    ) -> None:
        table.resize(width, 300)
        table.show_neuron(many(example=example), Neuron(1, 0), 8)
        first, last = table.columns.start, table.columns.stop - 1
        left, right = table.name_box(0).right(), table.mean_box(0).left() - 7
        assert table.cell_box(0, first).left() == pytest.approx(left, abs=0.6)
        assert table.cell_box(0, last).right() == pytest.approx(right, abs=0.6)
        assert f"{first + 1}–{last + 1} of 64 examples" in " ".join(words(table))

    def test_half_a_column_is_counted_as_seen(
        self, table: NudgeTable, many: Callable[..., Moment], words: Any
    ) -> None:
        table.show_neuron(many(), Neuron(1, 0), 8)
        scroll(table, across=15)
        whole = table.columns
        assert f"{whole.start}–{whole.stop + 1} of 64 examples" in " ".join(words(table))

    @pytest.mark.parametrize("height", range(240, 300, 7))
    def test_a_large_table_ends_with_a_whole_row(
        self, table: NudgeTable, many: Callable[..., Moment], words: Any, height: int
    ) -> None:
        table.resize(400, height)
        table.show_scope(many(), Neuron(1, 0), "layer")
        names = [word for word in words(table) if re.fullmatch("b[₁₂]|w[₁₂],.*", word)]
        assert len(names) == len(table.rows)

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
            qtbot.mouseClick(table, LEFT, pos=table.cell_box(2, first).center().toPoint())

    def test_a_click_on_a_name_or_a_mean_asks_for_the_parameter(
        self, table: NudgeTable, moment_of: MomentOf, qtbot: QtBot
    ) -> None:
        table.show_neuron(moment_of("average"), Neuron(2, 1), 8)
        for r, row in shown_rows(table):
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


class TestScopes:
    @pytest.mark.parametrize("scope", ["neuron", "layer", "network"])
    def test_every_parameter_of_the_scope_can_be_scrolled_to_and_read(
        self, table: NudgeTable, many: Callable[..., Moment], texts: Any, scope: Scope
    ) -> None:
        """Names, cells and means of all, against wishes worked out here."""
        moment = many(inputs=9, examples=5)
        table.resize(400, 260)
        table.show_scope(moment, Neuron(1, 1), scope)
        names, table_of = named_wishes(moment, Neuron(1, 1), scope)
        seen = set()
        for down in range(0, 1000, 60):
            scroll(table, down=down)
            said = texts(table)
            for r in table.rows:
                (name,) = within(said, table.name_box(r))
                part = table.part(r)
                assert name == names[part]
                for c in table.columns:
                    (words,) = within(said, table.cell_box(r, c))
                    assert number(words) == pytest.approx(table_of[part][c], abs=0.000501)
                (words,) = within(said, table.mean_box(r))
                assert number(words) == pytest.approx(float(np.mean(table_of[part])), abs=0.000501)
                seen.add(part)
        assert seen == set(names)

    @pytest.mark.parametrize("scope", ["neuron", "layer", "network"])
    def test_the_note_says_how_far_the_examples_agree(
        self, table: NudgeTable, many: Callable[..., Moment], words: Any, scope: Scope
    ) -> None:
        moment = many(inputs=9, examples=5)
        table.resize(400, 260)
        table.show_scope(moment, Neuron(1, 1), scope)
        wishes = np.array(list(named_wishes(moment, Neuron(1, 1), scope)[1].values()))
        mean = np.linalg.norm(wishes.mean(axis=1))
        length = np.linalg.norm(wishes, axis=0).mean()
        assert percentage(words(table)) == pytest.approx(100 * mean / length, abs=0.51)
        assert f"over the {scope} the mean is" in " ".join(words(table))

    def test_another_scope_begins_at_the_top(
        self, table: NudgeTable, many: Callable[..., Moment]
    ) -> None:
        moment = many()
        table.resize(400, 260)
        table.show_scope(moment, Neuron(1, 0), "layer")
        scroll(table, down=300)
        table.show_scope(replace(moment, example=1), Neuron(1, 0), "layer")
        assert table.rows.start > 5, "another example leaves the rows where they are"
        table.show_scope(moment, Neuron(1, 0), "network")
        assert table.rows.start == 0


def named_wishes(
    moment: Moment, neuron: Neuron, scope: Scope
) -> tuple[dict[Selectable, str], dict[Selectable, Array]]:
    """The name of each parameter of a scope, and what each example asks of it."""
    names: dict[Selectable, str] = {}
    wishes: dict[Selectable, Array] = {}
    for layer in (1, 2) if scope == "network" else (neuron.layer,):
        units = moment.trace.units(layer)
        for j in (neuron.index,) if scope == "neuron" else range(units):
            table = wishes_of(moment, Neuron(layer, j))
            for k, row in enumerate(table):
                part = Weight(layer, j, k - 1) if k else Neuron(layer, j)
                target = f"{'₁₂₃'[j]}" if scope != "neuron" else ""
                source = f"{'₁₂₃₄₅₆₇₈₉'[k - 1]}" if k else ""
                comma = "," if target and source else ""
                name = ("w" if k else "b") + target + comma + source
                names[part] = f"L{layer} · {name}" if scope == "network" else name
                wishes[part] = row
    return names, wishes


class TestScrolling:
    def test_names_heads_and_means_stay_where_they_are(
        self, table: NudgeTable, many: Callable[..., Moment], texts: Any
    ) -> None:
        table.show_neuron(many(), Neuron(1, 0), 8)
        name, mean, head = table.name_box(0), table.mean_box(0), table.head_box(0)
        scroll(table, across=round(40 * table.cell_box(0, 0).width()), down=24 * 9)
        assert table.rows == range(9, 17)
        assert table.name_box(9) == name
        assert table.mean_box(9) == mean
        assert table.columns.start == 40
        assert table.head_box(40).left() == pytest.approx(head.left(), abs=0.51)
        said = texts(table)
        assert within(said, head.adjusted(0, 0, 8, 0))[-1] == "41"

    def test_what_is_scrolled_away_is_not_painted_over_what_stays(
        self, table: NudgeTable, many: Callable[..., Moment], pixels: Pixels
    ) -> None:
        """Half a cell under the names, the head and the means."""
        table.show_neuron(many(example=20), Neuron(1, 0), 8)
        scroll(table, across=0, down=0)
        before = pixels(table)
        scroll(table, across=15)
        after = pixels(table)
        left, right = int(table.name_box(0).right()), int(table.mean_box(0).left())
        bottom = int(table.cell_box(7, 0).bottom())
        assert np.array_equal(before[:bottom, : left - 1], after[:bottom, : left - 1])
        assert np.array_equal(before[:bottom, right:], after[:bottom, right:])
        assert not np.array_equal(before[:bottom, left:right], after[:bottom, left:right])

    def test_colours_do_not_change_while_scrolling(
        self, table: NudgeTable, many: Callable[..., Moment], pixels: Pixels
    ) -> None:
        table.show_neuron(many(), Neuron(1, 0), 8)
        scroll(table, down=0)
        first = cell_picture(table, pixels, 5, 3)
        scroll(table, down=24 * 5)
        assert np.array_equal(first, cell_picture(table, pixels, 5, 3))

    def test_the_wheel_scrolls_by_points(
        self, table: NudgeTable, many: Callable[..., Moment], turn_wheel: Callable[..., bool]
    ) -> None:
        table.show_neuron(many(), Neuron(1, 0), 8)
        top = table.cell_box(0, 0).top()
        assert turn_wheel(table, -15)
        assert table.cell_box(0, 0).top() == top - 6

    def test_bars_are_there_only_where_they_lead_somewhere(
        self, table: NudgeTable, many: Callable[..., Moment], moment_of: MomentOf
    ) -> None:
        bars = table.findChildren(QScrollBar)
        table.show_neuron(moment_of("average"), Neuron(2, 0), 8)
        assert not any(bar.isVisible() for bar in bars)
        table.show_neuron(many(), Neuron(1, 0), 8)
        assert all(bar.isVisible() for bar in bars)
        for bar in bars:
            assert table.rect().contains(bar.geometry())
            bar.setValue(bar.maximum())
        assert table.rows.stop == 31
        assert table.columns.stop == 64
        table.clear()
        assert not any(bar.isVisible() for bar in bars)

    def test_up_down_and_the_page_keys_scroll(
        self, table: NudgeTable, many: Callable[..., Moment], qtbot: QtBot
    ) -> None:
        table.show_neuron(many(), Neuron(1, 0), 8)
        steps = (("Down", 1), ("PageDown", 9), ("Up", 8), ("PageUp", 0))
        for key, first in steps:
            qtbot.keyClick(table, Qt.Key[f"Key_{key}"])
            assert table.rows == range(first, first + 8)

    @pytest.mark.parametrize("key", ["Left", "Right", "Space", "Home", "Escape"])
    def test_other_keys_are_the_windows(
        self, table: NudgeTable, many: Callable[..., Moment], key: str
    ) -> None:
        table.show_neuron(many(), Neuron(1, 0), 8)
        for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
            event = QKeyEvent(kind, Qt.Key[f"Key_{key}"], Qt.KeyboardModifier.NoModifier)
            event.ignore()
            table.event(event)
            assert not event.isAccepted()

    def test_only_what_is_seen_is_computed(
        self, table: NudgeTable, many: Callable[..., Moment], monkeypatch: Any, pixels: Pixels
    ) -> None:
        computed = []
        cells = Wishes.cells

        def counted(wishes: Wishes, rows: range, columns: range) -> Any:
            computed.append((len(rows), len(columns)))
            return cells(wishes, rows, columns)

        monkeypatch.setattr(Wishes, "cells", counted)
        table.show_neuron(many(inputs=400), Neuron(1, 0), 8)
        for down in (0, 13, 5000):
            scroll(table, across=100, down=down)
            pixels(table)
        assert computed
        assert all(rows <= 9 and columns <= 8 for rows, columns in computed)

    def test_the_focus_stays_in_sight_when_the_table_becomes_narrower(
        self, table: NudgeTable, many: Callable[..., Moment]
    ) -> None:
        table.resize(900, 300)
        table.show_neuron(many(example=20), Neuron(1, 0), 8)
        table.resize(250, 300)
        assert 20 in table.columns


def cell_picture(table: NudgeTable, pixels: Pixels, row: int, column: int) -> Array:
    box = table.cell_box(row, column).toRect()
    return pixels(table)[box.top() : box.bottom(), box.left() : box.right()]


class TestPointing:
    @pytest.fixture
    def tip(self, table: NudgeTable, monkeypatch: pytest.MonkeyPatch) -> Callable[[QRectF], str]:
        """What pointing at a box for a while tells."""
        said: list[str] = []
        monkeypatch.setattr(QToolTip, "showText", lambda _, text, *__: said.append(text))
        monkeypatch.setattr(QToolTip, "hideText", lambda: said.append(""))

        def point(box: QRectF) -> str:
            at = box.center().toPoint()
            event = QHelpEvent(QEvent.Type.ToolTip, at, table.mapToGlobal(at))
            QApplication.sendEvent(table, event)
            return said[-1]

        return point

    def test_a_row_is_told_wherever_it_is_pointed_at(
        self, table: NudgeTable, moment_of: MomentOf, qtbot: QtBot, hover: Any, leave: Any
    ) -> None:
        table.show_neuron(moment_of("average"), Neuron(2, 1), 8)
        for r in table.rows:
            boxes = (table.name_box(r), table.cell_box(r, 2), table.mean_box(r))
            for box in boxes:
                with qtbot.waitSignal(
                    table.part_pointed, check_params_cb=lambda p, r=r: p == table.part(r)
                ):
                    hover(table, box.center().x(), box.center().y())
                with qtbot.waitSignal(table.part_pointed, check_params_cb=lambda p: p is None):
                    leave(table)

    def test_the_head_is_no_parameter(
        self, table: NudgeTable, moment_of: MomentOf, qtbot: QtBot, hover: Any
    ) -> None:
        table.show_neuron(moment_of("average"), Neuron(2, 1), 8)
        hover(table, table.cell_box(0, 0).center().x(), table.cell_box(0, 0).center().y())
        with qtbot.waitSignal(table.part_pointed, check_params_cb=lambda p: p is None):
            hover(table, table.head_box(0).center().x(), table.head_box(0).center().y())

    def test_scrolling_under_the_pointer_points_at_another_row(
        self, table: NudgeTable, many: Callable[..., Moment], qtbot: QtBot, turn_wheel: Any
    ) -> None:
        table.show_neuron(many(), Neuron(1, 0), 8)
        where = table.name_box(0).center()
        with qtbot.waitSignal(table.part_pointed, check_params_cb=lambda p: p == table.part(2)):
            turn_wheel(table, -120, where.x(), where.y())

    def test_a_part_pointed_at_elsewhere_is_marked_and_not_told(
        self, table: NudgeTable, moment_of: MomentOf, pixels: Pixels, qtbot: QtBot
    ) -> None:
        table.show_neuron(moment_of("average"), Neuron(2, 1), 8)
        before = pixels(table)
        with qtbot.assertNotEmitted(table.part_pointed):
            table.point_at(table.part(2))
        changed = np.argwhere((pixels(table) != before).any(axis=2))[:, 0]
        box = table.name_box(2)
        assert box.top() - 1 <= changed.min() <= changed.max() <= box.bottom() + 1
        table.point_at(None)
        assert np.array_equal(pixels(table), before)

    def test_pointing_tells_the_exact_numbers(
        self, table: NudgeTable, moment_of: MomentOf, tip: Callable[[QRectF], str]
    ) -> None:
        """To six digits at the least: a cell, the mean, and the cost of an example."""
        moment = moment_of("average", l2=0.1)
        table.show_neuron(moment, Neuron(2, 1), 8)
        wishes, layer = wishes_of(moment, Neuron(2, 1)), moment.trace.layers[1]
        gradient = np.array([layer.bias_gradient[1], *layer.weight_gradient[1]])
        pull = -0.1 * np.array([0, *layer.weight_before[1]])
        for r, row in shown_rows(table):
            for c in table.columns:
                assert near(numbers_of(tip(table.cell_box(r, c)))[-1], wishes[row, c])
            mean, asked, total = numbers_of(tip(table.mean_box(r)))[-3:]
            assert near(mean, wishes[row].mean())
            assert near(asked, pull[row])
            assert near(total, -gradient[row])
        for c in table.columns:
            words = tip(table.head_box(c))
            assert near(numbers_of(words)[-1], moment.trace.losses[c])
            assert moment.dataset.label_of(moment.dataset.train, (7, 2, 5, 0)[c]) in words

    def test_beside_the_table_nothing_is_told(
        self, table: NudgeTable, moment_of: MomentOf, tip: Callable[[QRectF], str]
    ) -> None:
        assert tip(QRectF(10, 10, 2, 2)) == ""
        table.show_neuron(moment_of("average"), Neuron(2, 1), 8)
        assert tip(QRectF(1, 1, 2, 2)) == ""


def numbers_of(words: str) -> list[float]:
    """The numbers behind equals signs."""
    found = re.findall(r"= (−?[\d.]+(?:e−?\d+)?)(?:\n|$)", words)
    return [number(text) for text in found]


def near(told: float, expected: float) -> bool:
    return told == pytest.approx(expected, rel=1e-6, abs=1e-12)


def test_another_theme_changes_the_table(
    table: NudgeTable, moment_of: MomentOf, pixels: Pixels
) -> None:
    table.show_neuron(moment_of("average"), Neuron(2, 1), 8)
    dark = pixels(table)
    table.set_theme(LIGHT)
    assert (pixels(table) != dark).any(axis=2).mean() > 0.9
    table.set_theme(DARK)
    assert np.array_equal(pixels(table), dark)
