from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QTextCursor
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.core.beats import parse_beat
from explorer.core.data.dataset import Dataset
from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron
from explorer.views.palette import DARK, LIGHT, Theme
from explorer.views.worksheet import Worksheet

MomentOf = Callable[..., Moment]
LEFT = Qt.MouseButton.LeftButton
TITLES = [
    "Mini-batch", "Forward · hidden 1", "Forward · output", "Cost", "Backward · output",
    "Backward · hidden 1", "Average", "Update",
]  # fmt: skip


@pytest.fixture
def sheet(sized: Callable[[QWidget, int, int], None]) -> Worksheet:
    sheet = Worksheet()
    sized(sheet, 700, 430)
    return sheet


def lines(sheet: Worksheet) -> list[str]:
    return sheet.sheet.toPlainText().replace("\u00a0", " ").split("\n")


def line(sheet: Worksheet, left: str) -> str:
    """The line that begins with a symbol, and the next one where it goes on."""
    found = lines(sheet)
    at = next(n for n, text in enumerate(found) if text.split(" ")[0] == left)
    return found[at] + (found[at + 1].strip() if found[at + 1].startswith(" ") else "")


def shown(value: float, decimals: int = 9) -> str:
    return f"{value:.{decimals}f}".replace("-", "−")


def title_colours(sheet: Worksheet) -> dict[str, str]:
    document = sheet.sheet.document()
    colours = {}
    block = document.begin()
    while block.isValid():
        if block.text() in TITLES:
            cursor = QTextCursor(block)
            cursor.movePosition(QTextCursor.MoveOperation.NextCharacter)
            colours[block.text()] = cursor.charFormat().foreground().color().name()
        block = block.next()
    return colours


def top_of(sheet: Worksheet, title: str) -> float:
    """How far below the upper edge of what is visible a section begins."""
    document = sheet.sheet.document()
    block = document.begin()
    while block.text() != title:
        block = block.next()
    box = document.documentLayout().blockBoundingRect(block)
    return box.top() - sheet.sheet.verticalScrollBar().value()


class TestNumbers:
    def test_sections_stand_in_the_order_of_the_beats(
        self, sheet: Worksheet, moment_of: MomentOf
    ) -> None:
        sheet.show_moment(moment_of())
        assert [text for text in lines(sheet) if text in TITLES] == TITLES

    def test_numbers_are_those_of_the_trace(self, sheet: Worksheet, moment_of: MomentOf) -> None:
        moment = moment_of(example=1)
        sheet.show_moment(moment)
        first, last = moment.trace.layers
        x = moment.trace.inputs[1]
        assert line(sheet, "z¹₁").endswith(
            f"0.8·{shown(x[0]).rstrip('0')} + (−0.4)·({shown(x[1]).rstrip('0')}) + 0.5 = "
            + shown(first.z[1, 0])
        )
        assert line(sheet, "a²₂").endswith(f" = {shown(last.activation[1, 1])}")
        assert line(sheet, "δ¹₃").endswith(f" = {shown(first.delta[1, 2])}")
        assert line(sheet, "∂C_batch/∂w²₁,₂").endswith(f" = {shown(last.weight_gradient[0, 1])}")
        assert line(sheet, "w²₁,₂").endswith(f" = {shown(last.weight_after[0, 1])}")

    def test_another_example(self, sheet: Worksheet, moment_of: MomentOf) -> None:
        for example in (0, 3):
            moment = moment_of(example=example)
            sheet.show_moment(moment)
            activation = moment.trace.layers[0].activation[example, 2]
            assert line(sheet, "a¹₃").endswith(f" = {shown(activation)}")

    @pytest.mark.parametrize("decimals", [4, 5, 8])
    def test_decimals_are_chosen(
        self, qtbot: QtBot, sheet: Worksheet, moment_of: MomentOf, decimals: int
    ) -> None:
        moment = moment_of()
        sheet.show_moment(moment)
        while sheet.decimals.value > decimals:
            qtbot.mouseClick(sheet.decimals.less, LEFT)
        z = float(moment.trace.layers[1].z[0, 0])
        assert line(sheet, "z²₁").endswith(f" = {shown(z, decimals)}")
        assert sheet.decimals.value == decimals

    def test_four_to_nine(self, sheet: Worksheet) -> None:
        assert sheet.decimals.value == 9
        assert not sheet.decimals.more.isEnabled()
        sheet.decimals.set_value(4)
        assert not sheet.decimals.less.isEnabled()

    def test_signed_results_have_their_colour(
        self, sheet: Worksheet, moment_of: MomentOf, theme: Theme
    ) -> None:
        moment = moment_of()
        sheet.set_theme(theme)
        sheet.show_moment(moment)
        for j in range(2):
            delta = float(moment.trace.layers[1].delta[0, j])
            expected = theme.positive if delta > 0 else theme.negative
            result = sheet.sheet.document().find(shown(delta))  # the first is where it results
            assert result.charFormat().foreground().color().name() == expected


class TestBeat:
    @pytest.mark.parametrize(
        ("beat", "title"),
        [("forward:1", TITLES[1]), ("cost", TITLES[3]), ("backward:2", TITLES[4]),
         ("backward:1", TITLES[5]), ("update", TITLES[7])],
    )  # fmt: skip
    def test_the_beat_is_lit_and_scrolled_to(
        self, sheet: Worksheet, moment_of: MomentOf, theme: Theme, beat: str, title: str
    ) -> None:
        sheet.set_theme(theme)
        moment = moment_of()
        for name in ("mini_batch", beat):
            sheet.show_moment(replace(moment, beat=parse_beat(name, 2)))
        colours = title_colours(sheet)
        assert colours == {t: theme.accent if t == title else theme.text for t in TITLES}
        bar = sheet.sheet.verticalScrollBar()
        assert 0 <= top_of(sheet, title) < 30 or bar.value() == bar.maximum()
        assert top_of(sheet, title) < sheet.sheet.viewport().height()

    def test_the_lit_section_has_the_ground_of_a_card(
        self,
        sheet: Worksheet,
        moment_of: MomentOf,
        theme: Theme,
        pixels: Callable[[QWidget], np.ndarray[Any, Any]],
    ) -> None:
        sheet.set_theme(theme)
        sheet.show_moment(moment_of("cost"))
        painted = pixels(sheet.sheet.viewport())
        y = round(top_of(sheet, "Cost")) + 3
        card = QColor(theme.card)
        assert tuple(painted[y, -40]) == (card.red(), card.green(), card.blue())

    def test_a_beat_moves_the_light_and_keeps_the_text(
        self, sheet: Worksheet, moment_of: MomentOf
    ) -> None:
        moment = moment_of("cost")
        sheet.show_moment(moment)
        before = sheet.sheet.toPlainText()
        sheet.show_moment(replace(moment, beat=parse_beat("update", 2)))
        assert sheet.sheet.toPlainText() == before

    def test_what_is_not_reached_can_be_hidden(self, sheet: Worksheet, moment_of: MomentOf) -> None:
        moment = moment_of("cost")
        sheet.show_moment(moment)
        assert "…" not in line(sheet, "δ²₁")
        sheet.everything.click()
        assert line(sheet, "δ²₁").endswith("= …")
        assert line(sheet, "w²₁,₁").endswith("← …")
        assert line(sheet, "a²₁").endswith(shown(moment.trace.layers[1].activation[0, 0]))
        sheet.show_moment(replace(moment, beat=parse_beat("backward:2", 2)))
        assert line(sheet, "δ²₁").endswith(shown(moment.trace.layers[1].delta[0, 0]))
        assert line(sheet, "δ¹₁").endswith("= …")
        sheet.everything.click()
        assert "= …" not in sheet.sheet.toPlainText()

    def test_other_decimals_keep_the_place(self, sheet: Worksheet, moment_of: MomentOf) -> None:
        sheet.show_moment(moment_of("cost"))
        sheet.sheet.verticalScrollBar().setValue(300)
        sheet.decimals.less.click()
        assert sheet.sheet.verticalScrollBar().value() == 300
        assert title_colours(sheet)["Cost"] == DARK.accent


class TestLarge:
    def test_one_neuron_of_a_large_network(
        self, sheet: Worksheet, moment_of: MomentOf, images_of: Callable[[int, int], Dataset]
    ) -> None:
        layers = ((12, "tanh"), (3, "sigmoid"))
        moment = moment_of("backward:1", dataset=images_of(8, 8), layers=layers)
        sheet.show_moment(moment, Neuron(1, 4))
        text = sheet.sheet.toPlainText()
        assert "Only hidden 1 · neuron 5 is worked out" in text
        assert line(sheet, "δ¹₅").endswith(shown(moment.trace.layers[0].delta[0, 4]))
        assert "z¹₄" not in text
        sheet.show_moment(moment, Neuron(2, 1))
        assert "z²₂" in sheet.sheet.toPlainText()
        assert "z¹₅" not in sheet.sheet.toPlainText()

    def test_a_long_sum_tells_beside_its_last_number_how_many_it_holds(
        self, sheet: Worksheet, moment_of: MomentOf, images_of: Callable[[int, int], Dataset]
    ) -> None:
        layers = ((12, "tanh"), (3, "sigmoid"))
        moment = moment_of("forward:1", dataset=images_of(8, 8), layers=layers)
        sheet.show_moment(moment, Neuron(1, 4))
        document = sheet.sheet.document()
        text = document.find("49", document.find("49")).block().text()  # below the symbols
        assert re.search(r"[\d)]\u00a0\(49\u00a0more,\u00a0summed\) \+", text), "in one line"
        assert "(49 more, summed)" in sheet.text()


class TestCopying:
    def test_the_text_is_told(self, qtbot: QtBot, sheet: Worksheet, moment_of: MomentOf) -> None:
        moment = moment_of()
        sheet.show_moment(moment)
        with qtbot.waitSignal(sheet.copied) as told:
            qtbot.mouseClick(sheet.copy, LEFT)
        text = str(told.args[0])
        assert text.startswith("Update 12, mini-batch 2 of 3, epoch 3\n\nMini-batch\n")
        assert "\u00a0" not in text
        written = [row.replace("\u00a0", " ") for row in lines(sheet) if row.strip()]
        assert [row for row in text.split("\n")[2:] if row] == written

    def test_a_part_can_be_selected(self, sheet: Worksheet, moment_of: MomentOf) -> None:
        sheet.show_moment(moment_of())
        sheet.sheet.selectAll()
        assert "Backward · output" in sheet.sheet.textCursor().selection().toPlainText()


class TestView:
    def test_nothing_is_worked_out_unseen(self, sheet: Worksheet, moment_of: MomentOf) -> None:
        sheet.close_view()
        sheet.show_moment(moment_of())
        assert sheet.sheet.toPlainText() == ""
        sheet.show()
        assert "z¹₁" in sheet.sheet.toPlainText()

    def test_escape_in_the_text_closes(self, qtbot: QtBot, sheet: Worksheet) -> None:
        with qtbot.waitSignal(sheet.closed):
            qtbot.keyClick(sheet.sheet, Qt.Key.Key_Escape)
        assert not sheet.isVisible()

    def test_cleared(self, sheet: Worksheet, moment_of: MomentOf) -> None:
        moment = moment_of()
        sheet.show_moment(moment)
        sheet.clear()
        assert sheet.sheet.toPlainText() == ""
        assert sheet.text() == ""
        sheet.show_moment(moment)
        assert title_colours(sheet)["Mini-batch"] == DARK.accent

    def test_the_theme_can_change(self, sheet: Worksheet, moment_of: MomentOf) -> None:
        sheet.show_moment(moment_of("update"))
        sheet.set_theme(LIGHT)
        assert title_colours(sheet)["Update"] == LIGHT.accent
        assert title_colours(sheet)["Cost"] == LIGHT.text

    def test_long_lines_wrap_within_the_view(
        self, sheet: Worksheet, moment_of: MomentOf, table_of: Callable[..., Dataset]
    ) -> None:
        data = table_of(12, 1)
        layers = ((6, "tanh"), (1, "linear"))
        sheet.show_moment(moment_of("average", dataset=data, layers=layers, members=range(8)))
        assert sheet.sheet.horizontalScrollBar().maximum() == 0
