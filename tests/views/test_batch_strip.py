from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.core.data.dataset import Dataset
from explorer.core.moment import Moment
from explorer.views.batch_strip import BatchStrip
from explorer.views.palette import DARK, LIGHT, Theme

Array = np.ndarray[Any, Any]
MomentOf = Callable[..., Moment]
Pixels = Callable[[QWidget], Array]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def strip(sized: Callable[[QWidget, int, int], None]) -> BatchStrip:
    strip = BatchStrip()
    sized(strip, 400, 38)
    return strip


@pytest.fixture
def many(moment_of: MomentOf, table_of: Callable[..., Dataset]) -> Callable[[int, int], Moment]:
    """A moment of so many examples, one of them in focus."""

    def build(size: int, example: int) -> Moment:
        table = table_of(2, 1, size)
        layers = ((1, "linear"),)
        return moment_of(dataset=table, layers=layers, members=range(size), example=example)

    return build


class TestBoxes:
    def test_there_is_one_for_each_member(self, strip: BatchStrip, moment_of: MomentOf) -> None:
        strip.show_moment(moment_of())
        assert list(strip.boxes()) == [0, 1, 2, 3]

    @pytest.mark.parametrize("width", [60, 200, 411, 900])
    @pytest.mark.parametrize("size", [1, 5, 23, 64, 500])
    def test_they_are_inside_and_apart(
        self, strip: BatchStrip, many: Callable[[int, int], Moment], width: int, size: int
    ) -> None:
        strip.resize(width, 38)
        strip.show_moment(many(size, size // 2))
        boxes = list(strip.boxes().values())
        assert boxes[0].left() >= 0
        assert boxes[-1].right() <= width
        assert all(box.top() >= 0 and box.bottom() <= 38 for box in boxes)
        assert all(a.right() < b.left() for a, b in pairwise(boxes))
        assert all(box.width() == pytest.approx(box.height()) for box in boxes)
        assert all(box.width() >= 14 for box in boxes)

    @pytest.mark.parametrize("example", [0, 7, 250, 499])
    def test_of_a_long_mini_batch_the_one_in_focus_is_shown_and_the_rest_counted(
        self,
        strip: BatchStrip,
        many: Callable[[int, int], Moment],
        words: Callable[[QWidget], list[str]],
        example: int,
    ) -> None:
        strip.show_moment(many(500, example))
        shown = list(strip.boxes())
        assert example in shown
        assert shown == list(range(shown[0], shown[0] + len(shown)))
        assert words(strip)[-1] == f"+{500 - len(shown)}"

    def test_nothing_is_left_out_where_there_is_room_for_all(
        self, strip: BatchStrip, many: Callable[[int, int], Moment]
    ) -> None:
        """There is room for so many squares of 17 points as go into the width."""
        for size in range(1, 24):
            strip.show_moment(many(size, 0))
            assert list(strip.boxes()) == list(range(size)), size

    def test_nothing_is_counted_where_all_are_shown(
        self, strip: BatchStrip, many: Any, words: Callable[[QWidget], list[str]]
    ) -> None:
        strip.show_moment(many(8, 0))
        assert not any(word.startswith("+") for word in words(strip))


class TestPictures:
    def test_images_are_drawn_as_their_pixels(
        self,
        strip: BatchStrip,
        moment_of: MomentOf,
        images_of: Callable[[int, int], Dataset],
        pixels: Pixels,
        between: Any,
    ) -> None:
        """Each of 4×4 pixels is seven points wide; empty + (full − empty)·x."""
        moment = moment_of(dataset=images_of(4, 4), layers=((3, "sigmoid"),))
        strip.show_moment(moment)
        picture = pixels(strip)
        for member, box in strip.boxes().items():
            for k, value in enumerate(moment.trace.inputs[member]):
                row, column = divmod(k, 4)
                x = box.left() + (column + 0.5) * box.width() / 4
                y = box.top() + (row + 0.5) * box.height() / 4
                expected = between(DARK.empty, DARK.full, float(value))
                assert np.abs(picture[int(y), int(x)] - expected).max() <= 2

    def test_points_are_drawn_in_their_plane_in_the_colour_of_their_class(
        self, strip: BatchStrip, moment_of: MomentOf, pixels: Pixels, between: Any, theme: Theme
    ) -> None:
        """Examples 7, 2, 5, 0 are of classes 1, 0, 0, 0 and right or left of zero."""
        strip.set_theme(theme)
        moment = moment_of()
        strip.show_moment(moment)
        picture = pixels(strip)
        for member, box in strip.boxes().items():
            colour = theme.positive if member == 0 else theme.negative
            inside = picture[
                int(box.top()) + 1 : int(box.bottom()), int(box.left()) + 1 : int(box.right())
            ]
            near = np.abs(inside - between(colour, colour, 0)).max(axis=2) < 20
            y, x = np.argwhere(near).mean(axis=0) - np.array(near.shape) / 2
            point = moment.trace.inputs[member]
            assert np.sign(round(x)) == np.sign(point[0])
            assert np.sign(round(-y)) == np.sign(point[1])

    def test_the_one_in_focus_is_framed(
        self, strip: BatchStrip, moment_of: MomentOf, pixels: Pixels
    ) -> None:
        accent = np.array([0xFF, 0xD1, 0x66])
        for example in range(4):
            strip.show_moment(moment_of(example=example))
            framed = np.argwhere(np.abs(pixels(strip) - accent).max(axis=2) < 30)
            box = strip.boxes()[example]
            middle = framed.mean(axis=0)
            assert abs(middle[1] - box.center().x()) < 2
            assert abs(middle[0] - box.center().y()) < 2

    @pytest.mark.parametrize("theme_", [DARK, LIGHT], ids=["dark", "light"])
    def test_clear_leaves_nothing(
        self, strip: BatchStrip, moment_of: MomentOf, pixels: Pixels, theme_: Theme
    ) -> None:
        strip.set_theme(theme_)
        empty = pixels(strip)
        strip.show_moment(moment_of())
        assert not np.array_equal(pixels(strip), empty)
        strip.clear()
        assert np.array_equal(pixels(strip), empty)
        assert strip.boxes() == {}


class TestClicks:
    @pytest.mark.parametrize("member", range(4))
    def test_a_click_asks_for_the_member(
        self, strip: BatchStrip, moment_of: MomentOf, qtbot: QtBot, member: int
    ) -> None:
        strip.show_moment(moment_of())
        where = strip.boxes()[member].center().toPoint()
        with qtbot.waitSignal(strip.example_requested, check_params_cb=lambda m: m == member):
            qtbot.mouseClick(strip, LEFT, pos=where)

    def test_members_are_counted_in_the_mini_batch_not_on_the_strip(
        self, strip: BatchStrip, many: Callable[[int, int], Moment], qtbot: QtBot
    ) -> None:
        strip.show_moment(many(500, 250))
        first, box = next(iter(strip.boxes().items()))
        assert first > 200
        with qtbot.waitSignal(strip.example_requested, check_params_cb=lambda m: m == first):
            qtbot.mouseClick(strip, LEFT, pos=box.center().toPoint())

    def test_a_click_beside_them_asks_for_nothing(
        self, strip: BatchStrip, moment_of: MomentOf, qtbot: QtBot
    ) -> None:
        with qtbot.assertNotEmitted(strip.example_requested):
            qtbot.mouseClick(strip, LEFT, pos=QPoint(20, 19))
            strip.show_moment(moment_of())
            qtbot.mouseClick(strip, LEFT, pos=QPoint(390, 19))

    def test_a_click_moves_no_frame(
        self, strip: BatchStrip, moment_of: MomentOf, qtbot: QtBot, pixels: Pixels
    ) -> None:
        strip.show_moment(moment_of())
        before = pixels(strip)
        qtbot.mouseClick(strip, LEFT, pos=strip.boxes()[2].center().toPoint())
        assert np.array_equal(pixels(strip), before)

    def test_a_click_asks_once_also_where_two_members_meet(
        self, strip: BatchStrip, many: Callable[[int, int], Moment], qtbot: QtBot
    ) -> None:
        """With 20.5 points for each of six members the first two meet at 21."""
        strip.resize(123, 38)
        strip.show_moment(many(6, 0))
        asked: list[int] = []
        strip.example_requested.connect(asked.append)
        for x in range(123):
            asked.clear()
            qtbot.mouseClick(strip, LEFT, pos=QPoint(x, 19))
            assert len(asked) <= 1, x


def test_another_theme_changes_the_thumbnails(
    strip: BatchStrip, moment_of: MomentOf, pixels: Pixels
) -> None:
    strip.show_moment(moment_of())
    dark = pixels(strip)
    strip.set_theme(LIGHT)
    assert not np.array_equal(pixels(strip), dark)
    strip.set_theme(DARK)
    assert np.array_equal(pixels(strip), dark)


def test_the_tip_names_the_member_and_its_cost(
    strip: BatchStrip, moment_of: MomentOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The costs are (a₁ − y₁)² + (a₂ − y₂)², to three figures."""
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QCursor, QHelpEvent
    from PySide6.QtWidgets import QApplication, QToolTip

    moment = moment_of()
    strip.show_moment(moment)
    box = strip.boxes()[2]
    where = strip.mapToGlobal(box.center().toPoint())
    said: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _, text, *__: said.append(text))
    monkeypatch.setattr(QCursor, "pos", lambda *_: where)
    QApplication.sendEvent(
        strip, QHelpEvent(QEvent.Type.ToolTip, QPointF(box.center()).toPoint(), where)
    )
    off = moment.trace.layers[1].activation[2] - (1.0, 0.0)
    assert said == [f"example 3 · label ring · cost {(off**2).sum():.3f}"]
