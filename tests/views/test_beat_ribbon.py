from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from explorer.core.beats import KINDS, Beat, Kind, beats_of
from explorer.core.moment import Moment
from explorer.views.beat_ribbon import BeatRibbon

MomentOf = Callable[..., Moment]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def ribbon(sized: Callable[[QWidget, int, int], None]) -> BeatRibbon:
    ribbon = BeatRibbon()
    sized(ribbon, 900, 40)
    return ribbon


def state(ribbon: BeatRibbon) -> list[tuple[str, bool, bool, Any]]:
    """What can be seen of each button."""
    buttons: list[QPushButton] = [ribbon.button(kind) for kind in KINDS]
    return [(b.text(), b.isEnabled(), b.isChecked(), b.property("reached")) for b in buttons]


class TestShown:
    @pytest.mark.parametrize("beat", beats_of(2), ids=str)
    def test_the_beat_is_lit_and_those_before_it_are_reached(
        self, ribbon: BeatRibbon, moment_of: MomentOf, beat: Beat
    ) -> None:
        ribbon.show_moment(replace(moment_of(), beat=beat))
        now = KINDS.index(beat.kind)
        for place, kind in enumerate(KINDS):
            button = ribbon.button(kind)
            assert button.isEnabled()
            assert button.isChecked() == (place == now)
            assert button.property("reached") == (place <= now)

    def test_the_kinds_are_numbered_and_the_layer_of_the_beat_is_told(
        self, ribbon: BeatRibbon, moment_of: MomentOf
    ) -> None:
        ribbon.show_moment(moment_of("backward:2"))
        assert [ribbon.button(kind).text() for kind in KINDS] == [
            "1 Mini-batch",
            "2 Forward",
            "3 Cost",
            "4 Backward · layer 2",
            "5 Average",
            "6 Update",
        ]

    def test_one_beat_after_the_other(self, ribbon: BeatRibbon, moment_of: MomentOf) -> None:
        """The ribbon shows the same whichever way the beat was come to."""
        for beats in (beats_of(2), tuple(reversed(beats_of(2)))):
            for beat in beats:
                ribbon.show_moment(replace(moment_of(), beat=beat))
                fresh = BeatRibbon()
                fresh.show_moment(replace(moment_of(), beat=beat))
                assert state(ribbon) == state(fresh)

    def test_a_network_of_other_depth_has_other_beats(
        self, ribbon: BeatRibbon, moment_of: MomentOf, qtbot: QtBot
    ) -> None:
        ribbon.show_moment(moment_of("cost"))
        deep = moment_of("cost", layers=((3, "tanh"), (3, "tanh"), (3, "tanh"), (2, "sigmoid")))
        ribbon.show_moment(deep)
        with qtbot.waitSignal(
            ribbon.beat_requested, check_params_cb=lambda b: b == Beat("backward", 4)
        ):
            qtbot.mouseClick(ribbon.button("backward"), LEFT)


class TestClicks:
    @pytest.mark.parametrize(
        ("beat", "kind", "wanted"),
        [
            ("mini_batch", "mini_batch", Beat("mini_batch")),
            ("mini_batch", "forward", Beat("forward", 1)),
            ("forward:1", "forward", Beat("forward", 2)),
            ("forward:2", "forward", Beat("forward", 1)),
            ("mini_batch", "cost", Beat("cost")),
            ("cost", "cost", Beat("cost")),
            ("cost", "backward", Beat("backward", 2)),
            ("backward:2", "backward", Beat("backward", 1)),
            ("backward:1", "backward", Beat("backward", 2)),
            ("update", "average", Beat("average")),
            ("update", "mini_batch", Beat("mini_batch")),
            ("mini_batch", "update", Beat("update")),
        ],
    )
    def test_a_click_asks_for_the_first_beat_of_its_kind_or_the_next(
        self,
        ribbon: BeatRibbon,
        moment_of: MomentOf,
        qtbot: QtBot,
        beat: str,
        kind: Kind,
        wanted: Beat,
    ) -> None:
        ribbon.show_moment(moment_of(beat))
        with qtbot.waitSignal(ribbon.beat_requested, check_params_cb=lambda b: b == wanted):
            qtbot.mouseClick(ribbon.button(kind), LEFT)

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("beat", ["mini_batch", "backward:2", "update"])
    def test_a_click_does_not_light_what_no_fact_has_said(
        self, ribbon: BeatRibbon, moment_of: MomentOf, qtbot: QtBot, beat: str, kind: Kind
    ) -> None:
        ribbon.show_moment(moment_of(beat))
        before = state(ribbon)
        qtbot.mouseClick(ribbon.button(kind), LEFT)
        assert state(ribbon) == before

    def test_the_fact_lights_it(
        self, ribbon: BeatRibbon, moment_of: MomentOf, qtbot: QtBot
    ) -> None:
        ribbon.show_moment(moment_of("cost"))
        qtbot.mouseClick(ribbon.button("average"), LEFT)
        ribbon.show_moment(moment_of("average"))
        assert ribbon.button("average").isChecked()
        assert not ribbon.button("cost").isChecked()

    def test_without_a_moment_there_is_nothing_to_click(
        self, ribbon: BeatRibbon, moment_of: MomentOf, qtbot: QtBot
    ) -> None:
        with qtbot.assertNotEmitted(ribbon.beat_requested):
            qtbot.mouseClick(ribbon.button("cost"), LEFT)
            ribbon.show_moment(moment_of("cost"))
            ribbon.clear()
            qtbot.mouseClick(ribbon.button("average"), LEFT)


class TestClear:
    def test_no_beat_is_lit(self, ribbon: BeatRibbon, moment_of: MomentOf) -> None:
        ribbon.show_moment(moment_of("backward:1"))
        ribbon.clear()
        for kind in KINDS:
            assert not ribbon.button(kind).isChecked()
            assert not ribbon.button(kind).isEnabled()
            assert "layer" not in ribbon.button(kind).text()

    def test_nor_reached(self, ribbon: BeatRibbon, moment_of: MomentOf) -> None:
        ribbon.show_moment(moment_of("update"))
        ribbon.clear()
        assert not any(ribbon.button(kind).property("reached") for kind in KINDS)

    def test_the_same_beat_is_lit_again_afterwards(
        self, ribbon: BeatRibbon, moment_of: MomentOf
    ) -> None:
        ribbon.show_moment(moment_of("cost"))
        before = state(ribbon)
        ribbon.clear()
        ribbon.show_moment(moment_of("cost"))
        assert state(ribbon) == before
