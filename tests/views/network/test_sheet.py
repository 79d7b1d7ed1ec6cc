"""The kept picture against one that is drawn from nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QWidget

from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron, Weight
from explorer.views.network import sheet
from explorer.views.network.network_view import NetworkView
from explorer.views.palette import DARK, LIGHT

Pixels = Callable[[QWidget], np.ndarray[Any, Any]]
MomentOf = Callable[..., Moment]
Change = Callable[[NetworkView, MomentOf], None]

CHANGES: dict[str, Change] = {
    "moment": lambda view, moment_of: view.show_moment(moment_of("backward:2")),
    "example": lambda view, moment_of: view.show_moment(moment_of("forward:1", example=1)),
    "theme": lambda view, _: view.set_theme(LIGHT),
    "selection": lambda view, _: view.select(Neuron(1, 1)),
    "zoom": lambda view, _: view.zoom(2.0, QPointF(200, 100)),
    "size": lambda view, _: view.resize(800, 400),
    "pointed edge": lambda view, _: view.point_at(Weight(2, 0, 1)),
    "pointed neuron": lambda view, _: view.point_at(Neuron(1, 0)),
    "nothing to show": lambda view, _: view.clear(),
}


def view_of(moment_of: MomentOf, sized: Callable[[QWidget, int, int], None]) -> NetworkView:
    view = NetworkView()
    sized(view, 740, 330)
    view.set_animated(False)
    view.set_theme(DARK)
    view.show_moment(moment_of("forward:1"))
    return view


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_is_seen(
    name: str, moment_of: MomentOf, sized: Callable[[QWidget, int, int], None], pixels: Pixels
) -> None:
    """After a picture was kept, as in a view that never kept one."""
    used, fresh = view_of(moment_of, sized), view_of(moment_of, sized)
    before = pixels(used)
    for view in (used, fresh):
        CHANGES[name](view, moment_of)
    after = pixels(used)
    assert after.shape != before.shape or not np.array_equal(after, before)
    assert np.array_equal(after, pixels(fresh))


def test_nothing_new_is_not_drawn_again(
    moment_of: MomentOf,
    sized: Callable[[QWidget, int, int], None],
    pixels: Pixels,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also while the pointer moves over neurons; a new moment is drawn once."""
    drawn = []
    draw = sheet.draw_neurons
    monkeypatch.setattr(sheet, "draw_neurons", lambda *a: (drawn.append(1), draw(*a)))
    view = view_of(moment_of, sized)
    first = pixels(view)
    assert len(drawn) == 1
    view.point_at(Neuron(1, 0))
    assert not np.array_equal(pixels(view), first)
    view.point_at(None)
    assert np.array_equal(pixels(view), first)
    assert len(drawn) == 1
    view.show_moment(moment_of("backward:1"))
    assert not np.array_equal(pixels(view), first)
    assert len(drawn) == 2
