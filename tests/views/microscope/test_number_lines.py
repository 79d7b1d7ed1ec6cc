from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.core.answers import Sweep
from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron, Weight
from explorer.views.microscope.links import links_of
from explorer.views.microscope.number_lines import NumberLines
from explorer.views.palette import Theme

MomentOf = Callable[..., Moment]
Words = Callable[[QWidget], list[str]]
SweepOf = Callable[..., Sweep]
PART = Weight(1, 2, 0)


@pytest.fixture
def lines(sized: Callable[[QWidget, int, int], None]) -> NumberLines:
    lines = NumberLines()
    sized(lines, 426, 290)
    return lines


@pytest.fixture
def shown(lines: NumberLines, moment_of: MomentOf, sweep_of: SweepOf) -> Sweep:
    moment = moment_of("average")
    sweep = sweep_of(moment, PART)
    lines.show_links(links_of(moment, PART))
    lines.show_sweep(sweep, None)
    return sweep


def numbers(words: str) -> list[float]:
    return [float(w.replace("−", "-").replace(",", "")) for w in words.split(" → ")]


def beside(said: list[str], name: str) -> list[float]:
    return numbers(said[said.index(name) + 1])


def test_each_line_says_its_value_now(lines: NumberLines, shown: Sweep, words: Words) -> None:
    said, now = words(lines), shown.now
    assert beside(said, "w₃,₁") == [pytest.approx(shown.values[now], rel=5e-3)]
    assert beside(said, "z") == [pytest.approx(shown.z[now], rel=5e-3)]
    assert beside(said, "a") == [pytest.approx(shown.activation[now], rel=5e-3)]
    assert beside(said, "Cᵢ") == [pytest.approx(shown.loss[now], rel=5e-3)]
    assert beside(said, "batch") == [pytest.approx(shown.batch_cost[now], rel=5e-3)]


def test_dragging_moves_every_line_to_that_pass(
    lines: NumberLines, shown: Sweep, words: Words
) -> None:
    for at in (0, 7, 20):
        lines.show_sweep(shown, at)
        said = words(lines)
        for name, values in (
            ("w₃,₁", shown.values),
            ("z", shown.z),
            ("a", shown.activation),
            ("Cᵢ", shown.loss),
            ("batch", shown.batch_cost),
        ):
            old, new = beside(said, name)
            assert old == pytest.approx(values[shown.now], rel=5e-3)
            assert new == pytest.approx(values[at], rel=5e-3)


def test_points_stand_where_the_values_are(
    lines: NumberLines, shown: Sweep, pixels: Any, theme: Theme
) -> None:
    lines.set_theme(theme)
    lines.show_sweep(shown, 15)
    accent = [int(theme.accent[k : k + 2], 16) for k in (1, 3, 5)]
    picture = pixels(lines)
    for row, values in enumerate((shown.values, shown.z, shown.activation, shown.loss)):
        left, right = lines.line(row)
        where = lines.place(row, float(values[15]))
        assert left.x() <= where.x() <= right.x()
        inside = 6 if row == 0 else 2  # below the marks of the grip
        dot = picture[round(where.y()) + inside, round(where.x())]
        assert np.abs(dot - accent).max() < 40
    share = (lines.place(1, shown.z[15]).x() - lines.place(1, shown.z[5]).x()) / (
        lines.place(1, shown.z[10]).x() - lines.place(1, shown.z[5]).x()
    )
    assert share == pytest.approx((shown.z[15] - shown.z[5]) / (shown.z[10] - shown.z[5]))


def test_the_hand_holds_only_values_that_were_run(
    lines: NumberLines, shown: Sweep, drag: Any, qtbot: QtBot
) -> None:
    indices: list[int] = []
    lines.dragged.connect(indices.append)
    start = lines.place(0, float(shown.values[shown.now]))
    for at in (3, 17):
        end = lines.place(0, float(shown.values[at])) + QPointF(2.0, 40.0)  # the hand may stray
        with qtbot.waitSignal(lines.released):
            drag(lines, start, end)
        assert indices[-1] == at
    with qtbot.waitSignal(lines.released):
        drag(lines, start, QPointF(5000.0, start.y()))
    assert indices[-1] == len(shown.values) - 1


def test_only_the_first_line_is_taken(
    lines: NumberLines, shown: Sweep, drag: Any, qtbot: QtBot
) -> None:
    with qtbot.assertNotEmitted(lines.dragged), qtbot.assertNotEmitted(lines.released):
        drag(lines, lines.place(1, float(shown.z[3])), lines.place(1, float(shown.z[9])))


def test_the_cursor_shows_where_it_can_be_taken(
    lines: NumberLines, shown: Sweep, hover: Any
) -> None:
    at = lines.place(0, float(shown.values[4]))
    hover(lines, at.x(), at.y())
    assert lines.cursor().shape() == Qt.CursorShape.OpenHandCursor
    hover(lines, at.x(), at.y() + 60)
    assert lines.cursor().shape() == Qt.CursorShape.ArrowCursor


def test_arrow_keys_move_by_one_pass(lines: NumberLines, shown: Sweep, qtbot: QtBot) -> None:
    for at, key, expected in (
        (None, Qt.Key.Key_Right, 11),
        (4, Qt.Key.Key_Left, 3),
        (0, Qt.Key.Key_Left, 0),
        (20, Qt.Key.Key_Right, 20),
    ):
        lines.show_sweep(shown, at)
        with qtbot.waitSignal(lines.dragged) as asked, qtbot.waitSignal(lines.released):
            qtbot.keyClick(lines, key)
        assert asked.args == [expected]


def test_without_a_sweep_the_lines_wait(
    lines: NumberLines, moment_of: MomentOf, words: Words, drag: Any, qtbot: QtBot
) -> None:
    lines.show_links(links_of(moment_of("average"), PART))
    lines.show_sweep(None, None)
    assert words(lines).count("…") == 5
    with qtbot.assertNotEmitted(lines.dragged):
        drag(lines, QPointF(250, 26), QPointF(300, 26))


def test_a_pass_that_overflows_stands_at_the_end(lines: NumberLines, shown: Sweep) -> None:
    loss = shown.loss.copy()
    loss[-1] = np.inf
    lines.show_sweep(replace(shown, loss=loss), None)
    assert lines.place(3, float("inf")) == lines.line(3)[1]
    lines.grab()


class TestLinks:
    def test_slopes_come_with_the_backward_beat(self, moment_of: MomentOf) -> None:
        done = links_of(moment_of("backward:1"), PART)
        layer = moment_of().trace.layers[0]
        x, z = moment_of().trace.inputs[0, 0], layer.z[0, 2]
        assert done.to_z[1] == f"∂z/∂w = a₁ = {x:.2f}".replace("-", "−")
        assert done.to_a == ("a = tanh z", f"∂a/∂z = σ′(z) = {1 - np.tanh(z) ** 2:.3f}")
        by_a = layer.activation_gradient[0, 2]
        assert done.to_cost[0] == "through the layer ahead"
        assert float(done.to_cost[1].split("= ")[1].replace("−", "-")) == pytest.approx(
            by_a, rel=6e-3
        )
        early = links_of(moment_of("cost"), PART)
        assert early.to_a[1] == "∂a/∂z = σ′(z)"
        assert early.to_cost[1] == ""

    def test_a_bias_has_slope_1(self, moment_of: MomentOf) -> None:
        links = links_of(moment_of("average"), Neuron(2, 1))
        assert (links.parameter, links.to_z[1]) == ("b₂", "∂z/∂b = 1")
        assert links.to_cost[0] == "straight into the cost"

    def test_softmax_goes_with_all_other_outputs(self, moment_of: MomentOf) -> None:
        moment = moment_of("average", layers=((3, "tanh"), (2, "softmax")), loss="cross_entropy")
        links = links_of(moment, Weight(2, 0, 1))
        a = moment.trace.layers[1].activation[0, 0]
        assert links.to_a[1] == f"∂a/∂z = a(1 − a) = {a * (1 - a):.3f}"
        assert links.to_cost[0] == "with all other outputs"
        assert links.to_cost[1].startswith("∂Cᵢ/∂z = ")
