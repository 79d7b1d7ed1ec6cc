from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.core.part_of_network import Neuron, Selectable, Weight
from explorer.views.bars import Bar, BarList, Section
from explorer.views.palette import DARK, LIGHT, Theme

Array = np.ndarray[Any, Any]
Pixels = Callable[[QWidget], Array]
LEFT = Qt.MouseButton.LeftButton

SECTIONS = [
    Section(
        "first",
        [
            Bar("whole", "+1.00", 1.0, Weight(1, 0, 0)),
            Bar("half", "+0.50", 0.5, Weight(1, 0, 1)),
            Bar("down", "−0.50", -0.5, Neuron(1, 0)),
            Bar("nothing", "0", 0.0),
        ],
    ),
    Section("", [Bar("sum", "1.00", strong=True), Bar("share", "0.25", 0.25, signed=False)]),
]


@pytest.fixture
def bars(sized: Callable[[QWidget, int, int], None]) -> BarList:
    bars = BarList()
    sized(bars, 300, 200)
    bars.set_sections(SECTIONS)
    return bars


def boxes(bars: BarList) -> dict[str, QRectF]:
    return {bar.name: box for box, bar in bars.row_boxes()}


def extent(picture: Array, box: QRectF, colour: str) -> tuple[int, int] | None:
    """The first and last column in which a row has a colour at its middle."""
    ends = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)])
    row = picture[int(box.center().y()), :240]
    found = np.flatnonzero(np.abs(row - ends).max(axis=1) < 40)
    return (int(found[0]), int(found[-1])) if len(found) else None


class TestRows:
    def test_every_row_has_a_box_below_the_one_before(self, bars: BarList) -> None:
        rows = bars.row_boxes()
        assert [bar for _, bar in rows] == [bar for s in SECTIONS for bar in s.bars]
        tops = [box.top() for box, _ in rows]
        assert tops == sorted(tops)
        assert all(a[0].bottom() <= b[0].top() for a, b in pairwise(rows))

    def test_it_is_as_high_as_its_rows_need(self, bars: BarList) -> None:
        assert bars.height() >= bars.row_boxes()[-1][0].bottom()
        assert bars.height() - bars.row_boxes()[-1][0].bottom() < 20
        before = bars.height()
        bars.set_sections(SECTIONS[:1])
        assert bars.height() < before
        bars.set_sections([])
        assert bars.height() < 20

    def test_names_values_and_titles_are_written_as_given(
        self, bars: BarList, words: Callable[[QWidget], list[str]]
    ) -> None:
        found = words(bars)
        for section in SECTIONS:
            for bar in section.bars:
                assert bar.name in found
                assert bar.value in found
        assert "first" in found

    def test_a_name_too_long_is_shortened_visibly(
        self, bars: BarList, words: Callable[[QWidget], list[str]]
    ) -> None:
        bars.set_sections(
            [Section("", [Bar("a name much too long for its row" * 2, "+1.00", 1.0)])]
        )
        name = next(word for word in words(bars) if word.startswith("a name"))
        assert name.endswith("…")


class TestBars:
    def test_signed_bars_go_to_the_side_of_their_sign_in_its_colour(
        self, bars: BarList, pixels: Pixels, theme: Theme
    ) -> None:
        bars.set_theme(theme)
        picture, row = pixels(bars), boxes(bars)
        whole = extent(picture, row["whole"], theme.positive)
        half = extent(picture, row["half"], theme.positive)
        down = extent(picture, row["down"], theme.negative)
        assert whole is not None
        assert half is not None
        assert down is not None
        assert (half[1] - half[0]) / (whole[1] - whole[0]) == pytest.approx(0.5, abs=0.1)
        assert (down[1] - down[0]) == pytest.approx(half[1] - half[0], abs=2)
        assert abs(whole[0] - half[0]) <= 1, "both begin in the middle"
        assert down[1] <= half[0], "and go to different sides"
        assert extent(picture, row["down"], theme.positive) is None
        assert extent(picture, row["half"], theme.negative) is None

    def test_zero_has_neither_colour(self, bars: BarList, pixels: Pixels) -> None:
        picture, row = pixels(bars), boxes(bars)
        assert extent(picture, row["nothing"], DARK.positive) is None
        assert extent(picture, row["nothing"], DARK.negative) is None

    def test_unsigned_bars_grow_from_the_left(self, bars: BarList, pixels: Pixels) -> None:
        def ends(share: float) -> tuple[int, int]:
            bars.set_sections([Section("", [Bar("", "x", share, signed=False)])])
            found = extent(pixels(bars), bars.row_boxes()[0][0], DARK.full)
            assert found is not None
            return found

        quarter, whole = ends(0.25), ends(1.0)
        assert quarter[0] == whole[0]
        assert (quarter[1] - quarter[0]) / (whole[1] - whole[0]) == pytest.approx(0.25, abs=0.05)

    def test_a_row_without_a_share_has_no_bar(self, bars: BarList, pixels: Pixels) -> None:
        picture, row = pixels(bars), boxes(bars)
        ground = picture[int(row["sum"].center().y()) - 6, 100:230]
        assert (picture[int(row["sum"].center().y()), 100:230] == ground).all()

    def test_a_share_beyond_one_stays_within_its_bar(self, bars: BarList, pixels: Pixels) -> None:
        ends = []
        for share in (1.0, 7.0):
            bars.set_sections([Section("", [Bar("", "x", share)])])
            ends.append(extent(pixels(bars), bars.row_boxes()[0][0], DARK.positive))
        assert ends[0] == ends[1]


class TestPointing:
    def test_a_click_asks_for_the_part_of_the_row(self, bars: BarList, qtbot: QtBot) -> None:
        for box, bar in bars.row_boxes():
            where = QPoint(40, int(box.center().y()))
            if bar.part is None:
                with qtbot.assertNotEmitted(bars.part_requested):
                    qtbot.mouseClick(bars, LEFT, pos=where)
            else:
                with qtbot.waitSignal(
                    bars.part_requested, check_params_cb=lambda p, bar=bar: p == bar.part
                ):
                    qtbot.mouseClick(bars, LEFT, pos=where)

    def test_the_title_is_no_row(self, bars: BarList, qtbot: QtBot) -> None:
        with qtbot.assertNotEmitted(bars.part_requested):
            qtbot.mouseClick(bars, LEFT, pos=QPoint(40, 15))

    def test_what_is_pointed_at_is_told_once(
        self, bars: BarList, hover: Callable[..., None], leave: Callable[[QWidget], None]
    ) -> None:
        told: list[Selectable | None] = []
        bars.part_pointed.connect(told.append)
        for name in ("whole", "whole", "down", "nothing", "nothing", "half"):
            hover(bars, 60, boxes(bars)[name].center().y())
        leave(bars)
        assert told == [Weight(1, 0, 0), Neuron(1, 0), None, Weight(1, 0, 1), None]

    def test_a_part_pointed_at_elsewhere_marks_its_row_only(
        self, bars: BarList, pixels: Pixels, qtbot: QtBot
    ) -> None:
        plain = pixels(bars)
        with qtbot.assertNotEmitted(bars.part_pointed):
            bars.point_at(Neuron(1, 0))
        changed = np.flatnonzero((pixels(bars) != plain).any(axis=(1, 2)))
        box = boxes(bars)["down"]
        assert box.top() - 1 <= changed.min() <= changed.max() <= box.bottom() + 1
        bars.point_at(None)
        assert np.array_equal(pixels(bars), plain)


def test_another_theme_changes_the_card(bars: BarList, pixels: Pixels) -> None:
    dark = pixels(bars)
    bars.set_theme(LIGHT)
    assert (pixels(bars) != dark).any(axis=2).mean() > 0.9
    bars.set_theme(DARK)
    assert np.array_equal(pixels(bars), dark)
