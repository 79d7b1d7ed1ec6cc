from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from explorer.core.beats import beats_of
from explorer.core.data.dataset import Dataset
from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron, Selectable, Weight
from explorer.views.formulas import lines_of
from explorer.views.inspector import Inspector
from explorer.views.palette import DARK, LIGHT
from explorer.views.sections import cost_terms, costs, three_ways, weighted_sum
from explorer.views.update_rows import moves

MomentOf = Callable[..., Moment]
LEFT = Qt.MouseButton.LeftButton
BEATS = tuple(map(str, beats_of(2)))


@pytest.fixture
def inspector(sized: Callable[[QWidget, int, int], None]) -> Inspector:
    inspector = Inspector()
    sized(inspector, 320, 900)
    return inspector


def headings(inspector: Inspector) -> list[str]:
    labels = inspector.findChildren(QLabel)
    return [label.text() for label in labels if label.isVisibleTo(inspector)]


def shown(inspector: Inspector) -> set[str]:
    views = ("formulas", "bars", "curve", "table", "deck", "moves")
    return {name for name in views if not getattr(inspector, name).isHidden()}


@pytest.mark.parametrize(
    ("beat", "selected", "expected"),
    [
        ("mini_batch", None, {"formulas", "deck"}),
        ("forward:1", None, {"formulas", "bars", "curve"}),
        ("forward:1", Neuron(2, 0), {"formulas"}),
        ("forward:2", Neuron(2, 0), {"formulas", "bars", "curve"}),
        ("cost", None, {"formulas", "bars"}),
        ("backward:2", None, {"formulas", "bars", "table"}),
        ("backward:2", Neuron(1, 0), {"formulas"}),
        ("backward:1", Neuron(1, 0), {"formulas", "bars", "table"}),
        ("average", None, {"formulas", "table"}),
        ("update", None, {"formulas", "bars", "moves"}),
    ],
)
def test_each_beat_shows_what_it_is_about(
    inspector: Inspector,
    moment_of: MomentOf,
    beat: str,
    selected: Selectable | None,
    expected: set[str],
) -> None:
    inspector.select(selected)
    inspector.show_moment(moment_of(beat))
    assert shown(inspector) == expected


@pytest.mark.parametrize("selected", [Neuron(1, 2), Neuron(2, 0), Weight(2, 1, 0)], ids=repr)
def test_it_speaks_of_the_selected_part(
    inspector: Inspector, moment_of: MomentOf, selected: Selectable
) -> None:
    inspector.select(selected)
    neuron = selected if isinstance(selected, Neuron) else Neuron(2, 1)
    for beat in BEATS:
        moment = moment_of(beat)
        inspector.show_moment(moment)
        assert inspector.formulas.lines == lines_of(moment, selected)
        sections = inspector.bars.sections
        if beat == f"forward:{neuron.layer}":
            assert sections == weighted_sum(moment, neuron)
        elif beat == "cost":
            assert sections == cost_terms(moment)
        elif beat == f"backward:{neuron.layer}":
            assert sections == three_ways(moment, neuron)
            assert inspector.table.part(0) in parts_of(moment, neuron)
            assert len(inspector.table.rows) == len(parts_of(moment, neuron))
        elif beat == "update":
            assert sections == costs(moment)
            assert inspector.moves.moves == moves(moment, neuron)


def parts_of(moment: Moment, neuron: Neuron) -> list[Selectable]:
    """A neuron for its bias, and its weights."""
    behind = range(moment.trace.units(neuron.layer - 1))
    return [neuron, *(Weight(neuron.layer, neuron.index, k) for k in behind)]


def test_another_selection_changes_what_is_shown_of_the_same_moment(
    inspector: Inspector, moment_of: MomentOf
) -> None:
    moment = moment_of("cost")
    inspector.show_moment(moment)
    for part in (Neuron(1, 0), Weight(1, 1, 1), Neuron(0, 1)):
        inspector.select(part)
        assert inspector.formulas.lines == lines_of(moment, part)
    inspector.select(None)
    assert inspector.formulas.lines == lines_of(moment, Neuron(2, 1)), "the desired output"


def test_the_heading_names_the_part(inspector: Inspector, moment_of: MomentOf) -> None:
    inspector.show_moment(moment_of("cost"))
    for part, name in (
        (Neuron(2, 1), "DISC"),
        (Neuron(1, 2), "NEURON 3"),
        (Neuron(0, 0), "INPUT X"),
        (Weight(1, 2, 0), "W₃,₁"),
    ):
        inspector.select(part)
        assert any(name in heading for heading in headings(inspector))


def test_a_wish_says_whose_it_is_and_whether_it_is_up_or_down(
    inspector: Inspector, moment_of: MomentOf
) -> None:
    """Of example 7, a disc, the output for ring shall fall and the one for disc rise."""
    inspector.show_moment(moment_of("backward:2"))
    for part, way in (
        (Neuron(2, 0), "THREE WAYS TO LOWER OUTPUT “RING”"),
        (Neuron(2, 1), "THREE WAYS TO RAISE OUTPUT “DISC”"),
        (Weight(2, 1, 0), "THREE WAYS TO RAISE OUTPUT “DISC”"),
    ):
        inspector.select(part)
        assert way in headings(inspector)


def test_of_the_first_layer_there_are_two_ways(inspector: Inspector, moment_of: MomentOf) -> None:
    """Inputs cannot be moved."""
    inspector.show_moment(moment_of("backward:1"))
    inspector.select(Neuron(1, 2))
    (heading,) = (text for text in headings(inspector) if "WAYS" in text)
    assert re.fullmatch("TWO WAYS TO (RAISE|LOWER) HIDDEN 1 · NEURON\u00a03", heading)
    assert titles(inspector)[-1] == "inputs cannot be moved"


def test_whose_turn_is_later_is_told_in_small_print(
    inspector: Inspector, moment_of: MomentOf
) -> None:
    words = "Its turn comes when the wave reaches its layer."
    for beat, part in (("forward:1", Neuron(2, 0)), ("backward:2", Neuron(1, 0))):
        inspector.show_moment(moment_of(beat))
        inspector.select(part)
        assert words in headings(inspector)
        assert not any("ITS TURN" in text for text in headings(inspector))
    for beat in ("cost", "backward:1", "average", "update"):
        inspector.show_moment(moment_of(beat))
        assert words not in headings(inspector)


class TestRequests:
    def test_a_row_selects(self, inspector: Inspector, moment_of: MomentOf, qtbot: QtBot) -> None:
        inspector.show_moment(moment_of("forward:1"))
        box, bar = inspector.bars.row_boxes()[0]
        with qtbot.waitSignal(
            inspector.selection_requested, check_params_cb=lambda part: part == bar.part
        ):
            qtbot.mouseClick(inspector.bars, LEFT, pos=box.center().toPoint())

    def test_a_row_is_pointed_at(
        self, inspector: Inspector, moment_of: MomentOf, qtbot: QtBot, hover: Any
    ) -> None:
        inspector.show_moment(moment_of("forward:1"))
        box, bar = inspector.bars.row_boxes()[1]
        with qtbot.waitSignal(
            inspector.part_pointed, check_params_cb=lambda part: part == bar.part
        ):
            hover(inspector.bars, box.center().x(), box.center().y())

    def test_the_table_selects_and_asks_for_examples(
        self, inspector: Inspector, moment_of: MomentOf, qtbot: QtBot
    ) -> None:
        inspector.show_moment(moment_of("average"))
        table = inspector.table
        with qtbot.waitSignal(inspector.example_requested, check_params_cb=lambda e: e == 2):
            qtbot.mouseClick(table, LEFT, pos=table.cell_box(1, 2).center().toPoint())
        with qtbot.waitSignal(
            inspector.selection_requested, check_params_cb=lambda p: p == table.part(1)
        ):
            qtbot.mouseClick(table, LEFT, pos=table.mean_box(1).center().toPoint())

    def test_the_table_of_the_update_selects(
        self, inspector: Inspector, moment_of: MomentOf, qtbot: QtBot
    ) -> None:
        inspector.show_moment(moment_of("update"))
        box, move = inspector.moves.row_boxes()[1]
        with qtbot.waitSignal(
            inspector.selection_requested, check_params_cb=lambda p: p == move.part
        ):
            qtbot.mouseClick(inspector.moves, LEFT, pos=box.center().toPoint())

    @pytest.mark.parametrize(("name", "beat"), [("table", "average"), ("moves", "update")])
    def test_rows_of_the_tables_are_pointed_at_both_ways(
        self,
        inspector: Inspector,
        moment_of: MomentOf,
        qtbot: QtBot,
        hover: Any,
        leave: Any,
        pixels: Any,
        name: str,
        beat: str,
    ) -> None:
        inspector.show_moment(moment_of(beat))
        view = getattr(inspector, name)
        box = view.name_box(1) if name == "table" else view.row_boxes()[1][0]
        part = view.part(1) if name == "table" else view.moves[1].part
        with qtbot.waitSignal(inspector.part_pointed, check_params_cb=lambda p: p == part):
            hover(view, box.center().x(), box.center().y())
        leave(view)
        before = pixels(view)
        inspector.point_at(part)
        assert (pixels(view) != before).any()
        inspector.point_at(None)
        assert (pixels(view) == before).all()

    def test_the_table_can_be_wanted_large(
        self, inspector: Inspector, moment_of: MomentOf, qtbot: QtBot
    ) -> None:
        inspector.show_moment(moment_of("cost"))
        assert not inspector.enlarge.isVisible()
        inspector.show_moment(moment_of("average"))
        assert inspector.enlarge.isVisible()
        with qtbot.waitSignal(inspector.table_enlarged):
            qtbot.mouseClick(inspector.enlarge, LEFT)


def test_without_a_moment_it_says_so(inspector: Inspector, moment_of: MomentOf) -> None:
    assert shown(inspector) == set()
    assert len(headings(inspector)) == 1
    empty = headings(inspector)
    inspector.show_moment(moment_of("cost"))
    assert empty[0] not in headings(inspector)
    inspector.clear()
    assert shown(inspector) == set()
    assert headings(inspector) == empty
    inspector.select(Neuron(1, 0))
    assert shown(inspector) == set()


@pytest.mark.parametrize("beat", BEATS)
def test_nothing_is_wider_than_the_panel(
    inspector: Inspector, moment_of: MomentOf, beat: str
) -> None:
    inspector.show_moment(moment_of(beat))
    assert inspector.widget().width() <= inspector.viewport().width()
    assert inspector.widget().minimumSizeHint().width() <= 270


@pytest.mark.parametrize("beat", ["mini_batch", "forward:2", "backward:2", "update"])
def test_another_theme_changes_every_card(
    inspector: Inspector, moment_of: MomentOf, pixels: Any, beat: str
) -> None:
    inspector.show_moment(moment_of(beat))
    for name in shown(inspector):
        card = getattr(inspector, name)
        inspector.set_theme(DARK)
        dark = pixels(card)
        inspector.set_theme(LIGHT)
        assert (pixels(card) != dark).any(axis=2).mean() > 0.8, name


@pytest.fixture
def many(moment_of: MomentOf, table_of: Callable[..., Dataset]) -> Moment:
    """The backward beat of the first layer of a network of 30 inputs."""
    moment: Moment = moment_of(
        "backward:1", dataset=table_of(30, 2), layers=((3, "tanh"), (2, "sigmoid"))
    )
    return moment


def listed(inspector: Inspector, title: str = "its weights") -> list[int]:
    """The sources of the weights listed under a title, in order."""
    sections = [s for s in inspector.bars.sections if s.title.startswith(title)]
    weights = (bar.part for section in sections for bar in section.bars)
    return [part.source for part in weights if isinstance(part, Weight)]


def titles(inspector: Inspector) -> list[str]:
    return [section.title for section in inspector.bars.sections]


def test_of_many_weights_the_sought_ones_stand_apart(
    inspector: Inspector, many: Moment, qtbot: QtBot
) -> None:
    inspector.select(Neuron(1, 1))
    inspector.show_moment(many)
    assert inspector.search.isVisibleTo(inspector)
    largest = listed(inspector)
    assert len(largest) < 30
    absent = next(k for k in range(30) if k not in largest)
    qtbot.keyClicks(inspector.search, f"{absent + 1}, {largest[2] + 1}")
    assert titles(inspector)[0] == "found: 2 weights"
    assert listed(inspector, "found") == [absent, largest[2]]
    assert not set(listed(inspector)) & {absent, largest[2]}
    assert [k for k in listed(inspector) if k in largest] == largest[:2] + largest[3:]
    inspector.search.clear()
    assert listed(inspector) == largest


@pytest.mark.parametrize(("count", "rows"), [(1, 1), (10, 10), (17, 17), (18, 17), (25, 17)])
def test_all_that_is_found_is_listed_or_counted(
    inspector: Inspector, many: Moment, count: int, rows: int
) -> None:
    """Of very many those of the largest wish, and the others in a row with their sum."""
    inspector.select(Neuron(1, 1))
    inspector.show_moment(many)
    inspector.search.setText(",".join(str(k + 1) for k in range(count)))
    first = inspector.bars.sections[0]
    assert first.title == f"found: {count} weight{'s' if count > 1 else ''}"
    assert len(listed(inspector, "found")) == rows
    layer = many.trace.layers[0]
    wishes = -layer.delta[many.example, 1] * many.trace.inputs[many.example, :count]
    sizes = sorted(np.abs(wishes), reverse=True)[:rows]
    listed_sizes = sorted(np.abs(wishes[listed(inspector, "found")]), reverse=True)
    assert listed_sizes == pytest.approx(sizes)
    counted = [bar for bar in first.bars if bar.part is None]
    assert [bar.name for bar in counted] == [f"{count - rows} more found, summed"] * (count > rows)
    if counted:
        rest = float(np.delete(wishes, listed(inspector, "found")).sum())
        assert float(counted[0].value.replace("−", "-")) == pytest.approx(rest, rel=6e-3, abs=1e-4)


def test_found_neurons_behind_stand_apart_too(
    inspector: Inspector, moment_of: MomentOf, table_of: Callable[..., Dataset]
) -> None:
    layers = ((30, "tanh"), (2, "sigmoid"))
    inspector.select(Neuron(2, 1))
    inspector.show_moment(moment_of("backward:2", dataset=table_of(3, 2), layers=layers))
    inspector.search.setText("7, 9")
    assert titles(inspector)[:3] == ["found: 2 weights", "found: 2 activations", "its bias  (−δ)"]
    found, handed = inspector.bars.sections[1], inspector.bars.sections[-1]
    assert [bar.part for bar in found.bars] == [Neuron(1, 6), Neuron(1, 8)]
    assert not {bar.part for bar in found.bars} & {bar.part for bar in handed.bars}


def test_inputs_are_found_by_name_too(inspector: Inspector, many: Moment, qtbot: QtBot) -> None:
    names = many.dataset.input_names
    inspector.select(Neuron(1, 1))
    inspector.show_moment(many)
    assert names[0] in inspector.search.placeholderText()
    largest = listed(inspector)
    absent = next(k for k in reversed(range(30)) if k not in largest)
    qtbot.keyClicks(inspector.search, names[absent].upper())
    assert absent in listed(inspector, "found")
    bars = inspector.bars.sections[0].bars
    assert any(names[absent] in bar.name for bar in bars)


@pytest.mark.parametrize("text", ["0", "31", "999999999", "no such name", "-3", "1.5"])
def test_what_is_not_there_is_not_found(
    inspector: Inspector, many: Moment, qtbot: QtBot, text: str
) -> None:
    inspector.select(Neuron(1, 1))
    inspector.show_moment(many)
    largest = listed(inspector)
    assert "nothing found" not in titles(inspector)
    qtbot.keyClicks(inspector.search, text)
    assert listed(inspector) == largest
    assert titles(inspector)[0] == "nothing found"


@pytest.mark.parametrize("text", [",", " , ,"])
def test_commas_alone_look_for_nothing(inspector: Inspector, many: Moment, text: str) -> None:
    inspector.show_moment(many)
    before = inspector.bars.sections
    inspector.search.setText(text)
    assert inspector.bars.sections == before


def test_another_run_begins_without_a_search(inspector: Inspector, many: Moment) -> None:
    inspector.show_moment(many)
    inspector.search.setText("3")
    inspector.clear()
    assert inspector.search.text() == ""


def test_what_cannot_be_seen_is_not_looked_for(
    inspector: Inspector, many: Moment, moment_of: MomentOf
) -> None:
    """The field is there only where it is needed."""
    inspector.show_moment(many)
    inspector.search.setText("2")
    moment = moment_of("backward:1")
    inspector.select(Neuron(1, 0))
    inspector.show_moment(moment)
    assert inspector.bars.sections == three_ways(moment, Neuron(1, 0))


def test_few_weights_need_no_search(inspector: Inspector, moment_of: MomentOf) -> None:
    inspector.show_moment(moment_of("backward:1"))
    assert not inspector.search.isVisibleTo(inspector)
    assert len(listed(inspector)) == 2


def test_the_sum_stands_before_the_ways_of_the_neuron_it_is_of(
    inspector: Inspector, moment_of: MomentOf
) -> None:
    inspector.select(Neuron(1, 1))
    inspector.show_moment(moment_of("backward:1"))
    inspector.column.activate()
    assert inspector.sum.y() < inspector.bars.y()
    inspector.select(Neuron(2, 1))
    inspector.show_moment(moment_of("backward:2"))
    inspector.column.activate()
    assert inspector.bars.y() < inspector.sum.y()
