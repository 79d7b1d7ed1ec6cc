from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.core.beats import parse_beat
from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron
from explorer.views.network.network_view import NetworkView
from explorer.views.network.wave import Message, messages_of, travels, way_of

Array = np.ndarray[Any, Any]
MomentOf = Callable[..., Moment]
Pixels = Callable[[QWidget], Array]
Sized = Callable[[QWidget, int, int], None]


@pytest.fixture
def view(sized: Sized) -> NetworkView:
    view = NetworkView()
    sized(view, 740, 330)
    return view


def at(moment: Moment, beat: str) -> Moment:
    return replace(moment, beat=parse_beat(beat, moment.n_layers))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("mini_batch", "forward:1", True),
        ("forward:1", "forward:2", True),
        ("forward:2", "cost", False),
        ("cost", "backward:2", True),
        ("backward:2", "backward:1", True),
        ("backward:1", "average", False),
        ("backward:1", "backward:2", False),
        ("mini_batch", "forward:2", False),
    ],
)
def test_only_one_step_into_a_forward_or_backward_beat_travels(
    moment_of: MomentOf, before: str, after: str, expected: bool
) -> None:
    moment = moment_of()
    assert travels(at(moment, before), at(moment, after)) is expected


def test_another_update_another_example_and_training_do_not_travel(moment_of: MomentOf) -> None:
    moment = at(moment_of(), "mini_batch")
    after = at(moment, "forward:1")
    assert travels(moment, after)
    assert not travels(None, after)
    assert not travels(at(moment_of(), "mini_batch"), after)
    assert not travels(replace(moment, example=1), after)
    assert not travels(moment, replace(after, live=True))


def by_places(messages: list[Message]) -> dict[tuple[float, float, float, float], float]:
    return {(m.line.x1(), m.line.y1(), m.line.x2(), m.line.y2()): m.value for m in messages}


@pytest.mark.parametrize(("beat", "layer"), [("forward:1", 1), ("forward:2", 2), ("backward:2", 2)])
def test_messages_are_the_terms_of_the_sums_and_run_from_neuron_to_neuron(
    view: NetworkView, moment_of: MomentOf, beat: str, layer: int
) -> None:
    moment = at(moment_of(), beat)
    view.show_moment(moment)
    layout = view.layout_now
    assert layout is not None
    trace, i = moment.trace, moment.example
    weight = trace.layers[layer - 1].weight_before
    if beat.startswith("forward"):
        expected = weight * trace.activation(layer - 1)[i]
    else:
        expected = -weight * trace.layers[layer - 1].delta[i][:, None]
    got = by_places(messages_of(moment, layout))
    seen = 0
    for (j, k), value in np.ndenumerate(expected):
        source, target = layout.place(Neuron(layer - 1, k)), layout.place(Neuron(layer, j))
        assert source is not None
        assert target is not None
        ends = (*source, *target) if beat.startswith("forward") else (*target, *source)
        if abs(value) > 0.03 * np.abs(expected).max():
            assert got[ends] == pytest.approx(value, rel=1e-6)
            seen += 1
    assert seen >= 3


def test_nothing_is_handed_to_the_inputs(view: NetworkView, moment_of: MomentOf) -> None:
    moment = at(moment_of(), "backward:1")
    view.show_moment(moment)
    assert view.layout_now is not None
    assert messages_of(moment, view.layout_now) == []


def test_the_front_crosses_a_layer_forward_to_the_right_and_backward_to_the_left(
    view: NetworkView, moment_of: MomentOf
) -> None:
    moment = moment_of()
    view.show_moment(moment)
    layout = view.layout_now
    assert layout is not None
    for beat, layer in (("forward:1", 1), ("forward:2", 2), ("backward:2", 2), ("backward:1", 1)):
        start, end = way_of(at(moment, beat), layout)
        left, right = min(start, end), max(start, end)
        assert left <= layout.columns[layer - 1].x
        assert right >= layout.columns[layer].x + layout.columns[layer].radius
        assert (end > start) == beat.startswith("forward")


def test_a_step_shows_the_old_picture_ahead_of_the_front_and_ends_on_the_new_one(
    view: NetworkView, moment_of: MomentOf, pixels: Pixels, qtbot: QtBot, sized: Sized
) -> None:
    moment = moment_of()
    before, after = at(moment, "forward:1"), at(moment, "forward:2")
    still = NetworkView()
    sized(still, 740, 330)
    still.set_animated(False)
    still.show_moment(before)
    old = pixels(still)
    still.show_moment(after)
    new = pixels(still)
    assert not still.moving
    view.show_moment(before)
    view.show_moment(after)
    assert view.moving
    layout = view.layout_now
    assert layout is not None
    column = layout.columns[2]
    ahead = np.s_[40:280, int(column.x - column.radius) : int(column.x + column.radius)]
    assert (old[ahead] != new[ahead]).any()
    assert (pixels(view)[ahead] == old[ahead]).all()
    qtbot.waitUntil(lambda: not view.moving, timeout=5000)
    assert (pixels(view) == new).all()


def test_the_next_step_a_picture_and_the_switch_end_the_wave(
    view: NetworkView, moment_of: MomentOf
) -> None:
    moment = moment_of()
    view.show_moment(at(moment, "mini_batch"))

    def step() -> None:
        view.show_moment(at(moment, "mini_batch"))
        view.show_moment(at(moment, "forward:1"))
        assert view.moving

    step()
    view.show_moment(at(moment, "cost"))
    assert not view.moving
    step()
    view.set_direct(True)
    assert not view.moving
    view.set_direct(False)
    step()
    view.finish()
    assert not view.moving
    step()
    view.set_animated(False)
    assert not view.moving
    view.show_moment(at(moment, "mini_batch"))
    view.show_moment(at(moment, "forward:1"))
    assert not view.moving
