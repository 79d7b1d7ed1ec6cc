from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.core.moment import Moment
from explorer.core.nudges import SCOPES, Scope
from explorer.core.part_of_network import Neuron
from explorer.views.palette import LIGHT
from explorer.views.wishes_view import WishesView

MomentOf = Callable[..., Moment]
LEFT = Qt.MouseButton.LeftButton
PARAMETERS: dict[Scope, int] = {"neuron": 4, "layer": 8, "network": 17}


@pytest.fixture
def view(sized: Callable[[QWidget, int, int], None]) -> WishesView:
    view = WishesView()
    sized(view, 760, 520)
    return view


def parameters(view: WishesView) -> int:
    assert view.table.content is not None
    return view.table.content.wishes.parameters


@pytest.mark.parametrize("scope", SCOPES)
def test_a_click_chooses_the_scope(
    view: WishesView, moment_of: MomentOf, qtbot: QtBot, words: Any, scope: Scope
) -> None:
    """Of a 2-3-2 network, output 2 has 4 parameters, its layer 8, the network 17."""
    view.show_moment(moment_of("average"), Neuron(2, 1))
    assert parameters(view) == 4, "the neuron's at first"
    qtbot.mouseClick(view.buttons[scope], LEFT)
    assert view.scope == scope
    assert parameters(view) == PARAMETERS[scope]
    assert [name for name, button in view.buttons.items() if button.isChecked()] == [scope]
    prefix = {"neuron": "w", "layer": "w₂", "network": "L2 · w₂"}[scope]
    assert any(name.startswith(prefix) for name in words(view.table))


def test_the_scope_stays_with_another_moment_and_neuron(
    view: WishesView, moment_of: MomentOf
) -> None:
    view.set_scope("layer")
    view.show_moment(moment_of("average"), Neuron(2, 1))
    assert parameters(view) == 8
    view.show_moment(moment_of("average"), Neuron(1, 0))
    assert parameters(view) == 9


def test_the_table_fills_the_room(view: WishesView, moment_of: MomentOf) -> None:
    view.show_moment(moment_of("average"), Neuron(2, 1))
    assert view.table.width() == 760
    assert view.table.height() > 440


def test_it_passes_on_what_the_table_asks_and_tells(
    view: WishesView, moment_of: MomentOf, qtbot: QtBot, hover: Any
) -> None:
    view.set_scope("network")
    view.show_moment(moment_of("average"), Neuron(2, 1))
    table = view.table
    with qtbot.waitSignal(view.example_requested, check_params_cb=lambda e: e == 2):
        qtbot.mouseClick(table, LEFT, pos=table.head_box(2).center().toPoint())
    with qtbot.waitSignal(view.part_requested, check_params_cb=lambda p: p == table.part(3)):
        qtbot.mouseClick(table, LEFT, pos=table.name_box(3).center().toPoint())
    with qtbot.waitSignal(view.part_pointed, check_params_cb=lambda p: p == table.part(1)):
        hover(table, table.cell_box(1, 1).center().x(), table.cell_box(1, 1).center().y())


def test_a_part_pointed_at_elsewhere_is_marked(
    view: WishesView, moment_of: MomentOf, pixels: Any
) -> None:
    view.show_moment(moment_of("average"), Neuron(2, 1))
    before = pixels(view.table)
    view.point_at(view.table.part(1))
    assert (pixels(view.table) != before).any()


def test_hidden_it_computes_nothing_and_catches_up_when_shown(
    view: WishesView, moment_of: MomentOf, qtbot: QtBot
) -> None:
    view.show_moment(moment_of("average"), Neuron(2, 1))
    with qtbot.waitSignal(view.closed):
        qtbot.keyClick(view, Qt.Key.Key_Escape)
    view.set_scope("network")
    view.show_moment(moment_of("average", example=3), Neuron(1, 0))
    assert parameters(view) == 4
    view.show()
    assert parameters(view) == 17
    assert view.table.content is not None
    assert view.table.content.moment.example == 3


def test_cleared_it_shows_nothing(view: WishesView, moment_of: MomentOf, words: Any) -> None:
    view.show_moment(moment_of("average"), Neuron(2, 1))
    view.clear()
    assert words(view.table) == []
    view.set_scope("network")
    view.hide()
    view.show()
    assert words(view.table) == []


def test_another_theme_changes_the_table(
    view: WishesView, moment_of: MomentOf, pixels: Any
) -> None:
    view.show_moment(moment_of("average"), Neuron(2, 1))
    dark = pixels(view.table)
    view.set_theme(LIGHT)
    assert (pixels(view.table) != dark).any(axis=2).mean() > 0.9
