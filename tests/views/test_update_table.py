from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from explorer.core.data.dataset import Dataset
from explorer.core.experiment import Adam
from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron, Weight
from explorer.core.trace import Carried
from explorer.views.palette import DARK, LIGHT, Theme
from explorer.views.update_table import UpdateTable

MomentOf = Callable[..., Moment]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def table(sized: Callable[[QWidget, int, int], None]) -> UpdateTable:
    table = UpdateTable()
    sized(table, 320, 400)
    return table


@pytest.fixture
def carrying(moment_of: MomentOf) -> Moment:
    """An update by Adam, with what it carries made up."""
    moment = moment_of("update", optimizer=Adam(0.02))
    layers = [
        replace(
            layer,
            weight_carried=(Carried("exp_avg", layer.weight_before / 8, layer.weight_before / 4),),
            bias_carried=(Carried("exp_avg", layer.bias_before / 8, layer.bias_before / 4),),
        )
        for layer in moment.trace.layers
    ]
    return replace(moment, trace=replace(moment.trace, layers=tuple(layers)))


def within(texts: list[Any], box: QRectF) -> list[Any]:
    return [text for text in texts if box.contains(QPointF(text.x, text.y))]


def number(words: str) -> float:
    return float(words.replace("−", "-"))


@pytest.mark.parametrize("width", [240, 292, 330, 600])
def test_a_row_says_gradient_change_old_and_new(
    table: UpdateTable, moment_of: MomentOf, texts: Any, width: int, theme: Theme
) -> None:
    """To three digits; −∂C/∂w times the η above it is the Δ beside it."""
    moment = moment_of("update", rate=0.25)
    table.resize(width, 100)
    table.set_theme(theme)
    table.show_update(moment, Neuron(2, 1))
    said = texts(table)
    every = [text.words for text in said]
    assert every[0] == "Δ = −η · gradient,  η = 0.25"
    assert {"−∂C/∂w", "× 0.25 = Δ", "old → new"} <= set(every)
    layer = moment.trace.layers[1]
    gradients = [layer.bias_gradient[1], *layer.weight_gradient[1]]
    olds = [layer.bias_before[1], *layer.weight_before[1]]
    rows = table.row_boxes()
    assert rows[0][1].part == Neuron(2, 1)
    for box, move in rows:
        row = 0 if not isinstance(move.part, Weight) else move.part.source + 1
        name, wish, change, moved = within(said, box)
        assert name.words == ("b" if row == 0 else f"w{'₀₁₂₃'[row]}")
        assert number(wish.words) == pytest.approx(-gradients[row], rel=5e-3)
        assert number(wish.words) * 0.25 == pytest.approx(number(change.words), rel=1e-2)
        old, new = map(number, moved.words.split(" → "))
        assert old == pytest.approx(olds[row], abs=6e-4)
        assert new - old == pytest.approx(-0.25 * gradients[row], abs=1.1e-3)
        for text in (wish, change):
            value = number(text.words)
            assert text.colour == (theme.positive if value > 0 else theme.negative)


@pytest.mark.parametrize("width", [240, 292, 330])
def test_nothing_overlaps_and_nothing_is_cut(
    table: UpdateTable, carrying: Moment, moment_of: MomentOf, texts: Any, width: int
) -> None:
    """Texts of one line come one after the other, from margin to margin."""
    for moment in (carrying, moment_of("update", rate=1e-4), moment_of("update", rate=300.0)):
        table.resize(width, 100)
        table.show_update(moment, Neuron(2, 0))
        lines: dict[int, list[Any]] = {}
        for text in texts(table):
            lines.setdefault(round(text.y / 4), []).append(text)
            assert 0 < text.x < width
            assert text.y < table.height() - 6
        for line in lines.values():
            line.sort(key=lambda text: text.x)
            for left, right in pairwise(line):
                assert left.x + 5.5 * len(left.words) < right.x + 4


def test_it_becomes_higher_where_old_and_new_need_a_line_of_their_own(
    table: UpdateTable, moment_of: MomentOf
) -> None:
    table.show_update(moment_of("update"), Neuron(2, 0))
    wide = table.height()
    table.resize(220, table.height())
    assert table.height() > wide
    table.resize(320, table.height())
    assert table.height() == wide
    boxes = [box for box, _ in table.row_boxes()]
    assert all(a.bottom() <= b.top() + 1e-6 for a, b in pairwise(boxes))
    assert boxes[-1].bottom() < table.height()


def test_what_the_optimizer_carries_is_told_and_explained(
    table: UpdateTable, carrying: Moment, texts: Any
) -> None:
    table.show_update(carrying, Neuron(2, 0))
    said, layer = texts(table), carrying.trace.layers[1]
    words = " ".join(text.words for text in said)
    assert "Δ applied by Adam,  η = 0.02" in words
    assert "m = exp_avg" in words
    assert "× 0.02" not in words, "Δ is not η times the gradient"
    for box, move in table.row_boxes():
        value = (
            layer.weight_before[0, move.part.source]
            if isinstance(move.part, Weight)
            else layer.bias_before[0]
        )
        (kept,) = [t.words for t in within(said, box) if t.words.startswith("m ")]
        before, after = (number(n) for n in kept[2:].split(" → "))
        assert before == pytest.approx(value / 8, rel=5e-3)
        assert after == pytest.approx(value / 4, rel=5e-3)


def test_what_is_not_listed_is_counted_and_summed(
    table: UpdateTable, moment_of: MomentOf, table_of: Callable[..., Dataset], texts: Any
) -> None:
    moment = moment_of("update", dataset=table_of(60, 2), layers=((2, "sigmoid"),))
    table.show_update(moment, Neuron(1, 0))
    box, _ = table.row_boxes()[-1]
    name, total = within(texts(table), box)
    changes = np.sort(np.abs(moment.trace.layers[0].weight_change[0]))
    assert name.words == "52 more weights"
    smallest = moment.trace.layers[0].weight_change[0][
        np.abs(moment.trace.layers[0].weight_change[0]) <= changes[51]
    ]
    assert total.words.startswith("Σ Δ ")
    assert number(total.words[4:]) == pytest.approx(smallest.sum(), rel=6e-3)


class TestPointing:
    def test_a_row_is_told_and_asked_for(
        self, table: UpdateTable, moment_of: MomentOf, qtbot: QtBot, hover: Any, leave: Any
    ) -> None:
        table.show_update(moment_of("update"), Neuron(2, 0))
        parts = [move.part for _, move in table.row_boxes()]
        assert set(parts) == {Neuron(2, 0), *(Weight(2, 0, k) for k in range(3))}
        for box, move in table.row_boxes():
            for signal, act in (
                (table.part_pointed, lambda at: hover(table, at.x(), at.y())),
                (table.part_requested, lambda at: qtbot.mouseClick(table, LEFT, pos=at.toPoint())),
            ):
                with qtbot.waitSignal(signal, check_params_cb=lambda p, move=move: p == move.part):
                    act(box.center())
        with qtbot.waitSignal(table.part_pointed, check_params_cb=lambda p: p is None):
            leave(table)

    def test_the_rule_and_the_sum_are_no_parameters(
        self,
        table: UpdateTable,
        moment_of: MomentOf,
        table_of: Callable[..., Dataset],
        qtbot: QtBot,
    ) -> None:
        moment = moment_of("update", dataset=table_of(60, 2), layers=((2, "sigmoid"),))
        table.show_update(moment, Neuron(1, 0))
        rest = table.row_boxes()[-1][0].center().toPoint()
        with qtbot.assertNotEmitted(table.part_requested):
            qtbot.mouseClick(table, LEFT, pos=QPointF(60, 12).toPoint())
            qtbot.mouseClick(table, LEFT, pos=rest)

    def test_a_part_pointed_at_elsewhere_is_marked_and_not_told(
        self, table: UpdateTable, moment_of: MomentOf, pixels: Any, qtbot: QtBot
    ) -> None:
        table.show_update(moment_of("update"), Neuron(2, 0))
        before = pixels(table)
        box, move = table.row_boxes()[2]
        with qtbot.assertNotEmitted(table.part_pointed):
            table.point_at(move.part)
        changed = np.argwhere((pixels(table) != before).any(axis=2))[:, 0]
        assert box.top() - 1 <= changed.min() <= changed.max() <= box.bottom() + 1
        table.point_at(None)
        assert np.array_equal(pixels(table), before)

    def test_it_tells_the_exact_numbers(
        self, table: UpdateTable, moment_of: MomentOf, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        said: list[str] = []
        monkeypatch.setattr(QToolTip, "showText", lambda _, text, *__: said.append(text))
        table.show_update(moment_of("update"), Neuron(2, 0))
        for box, move in table.row_boxes():
            at = box.center().toPoint()
            event = QHelpEvent(QEvent.Type.ToolTip, at, table.mapToGlobal(at))
            QApplication.sendEvent(table, event)
            (line,) = [line for line in said[-1].splitlines() if line.startswith("Δ = ")]
            assert number(line[4:]) == pytest.approx(move.change, rel=1e-6)


def test_another_theme_changes_the_table(
    table: UpdateTable, moment_of: MomentOf, pixels: Any
) -> None:
    table.show_update(moment_of("update"), Neuron(2, 1))
    dark = pixels(table)
    table.set_theme(LIGHT)
    assert (pixels(table) != dark).any(axis=2).mean() > 0.9
    table.set_theme(DARK)
    assert np.array_equal(pixels(table), dark)
