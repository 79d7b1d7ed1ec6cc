from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from PySide6.QtWidgets import QWidget

from explorer.core.data.dataset import Dataset
from explorer.core.moment import Moment
from explorer.views.deck import Deck, rows_of
from explorer.views.palette import DARK, LIGHT, Theme

Array = np.ndarray[Any, Any]
MomentOf = Callable[..., Moment]
Pixels = Callable[[QWidget], Array]
Words = Callable[[QWidget], list[str]]
Sized = Callable[[QWidget, int, int], None]


@pytest.fixture(scope="module")
def dealt(moment_of: MomentOf) -> Callable[[int, int, int], Moment]:
    """A moment in an epoch of n examples, in mini-batches of a size, one at an offset."""
    base = moment_of()

    def build(n: int, size: int, offset: int) -> Moment:
        mini_batch = msgspec.structs.replace(base.experiment.mini_batch, size=size)
        experiment = msgspec.structs.replace(base.experiment, mini_batch=mini_batch)
        trace = replace(base.trace, experiment=experiment, order=np.arange(n), offset=offset)
        return replace(base, trace=trace)

    return build


@pytest.fixture
def deck(sized: Sized) -> Deck:
    deck = Deck()
    sized(deck, 300, 420)
    return deck


class TestRows:
    @given(
        epoch=st.integers(1, 3000).flatmap(
            lambda n: st.tuples(st.just(n), st.integers(1, 400), st.integers(0, n - 1))
        )
    )
    def test_they_go_through_the_epoch_once_and_hold_the_mini_batch(
        self, dealt: Callable[[int, int, int], Moment], epoch: tuple[int, int, int]
    ) -> None:
        n, size, offset = epoch
        rows = rows_of(dealt(n, size, offset))
        assert (offset, min(offset + size, n)) in rows
        assert all(0 <= start < end <= n for start, end in rows)
        assert all(end - start <= size for start, end in rows)
        assert all(a[1] == b[0] for a, b in pairwise(rows)), "no example twice, none left out"
        needed = -(-offset // size) + -(-(n - offset) // size)
        assert len(rows) == min(needed, 45)
        if needed <= 45:
            assert (rows[0][0], rows[-1][1]) == (0, n)

    @pytest.mark.parametrize(
        ("n", "size", "offset", "expected"),
        [
            (10, 4, 4, [(0, 4), (4, 8), (8, 10)]),
            (10, 4, 0, [(0, 4), (4, 8), (8, 10)]),
            (10, 4, 8, [(0, 4), (4, 8), (8, 10)]),
            (10, 10, 0, [(0, 10)]),
            (3, 100, 0, [(0, 3)]),
            (10, 4, 5, [(0, 1), (1, 5), (5, 9), (9, 10)]),
        ],
    )
    def test_examples(
        self,
        dealt: Callable[[int, int, int], Moment],
        n: int,
        size: int,
        offset: int,
        expected: list[tuple[int, int]],
    ) -> None:
        """In the last the size was changed after five examples."""
        assert rows_of(dealt(n, size, offset)) == expected


class TestPicture:
    def test_examples_are_laid_out_in_their_order_and_the_current_row_is_lit(
        self, deck: Deck, moment_of: MomentOf, pixels: Pixels, share_between: Any, theme: Theme
    ) -> None:
        """Ten in rows of four, four and two; of each the colour of its class."""
        moment = moment_of()
        deck.set_theme(theme)
        deck.show_moment(moment)
        picture = pixels(deck)
        classes = moment.dataset.train.classes
        assert classes is not None
        for row, (start, end) in enumerate(rows_of(moment)):
            box = deck.row_box(row)
            side = box.width() / (end - start)
            assert side == pytest.approx(box.height())
            for column, index in enumerate(moment.trace.order[start:end]):
                x, y = box.left() + (column + 0.5) * side, box.center().y()
                colour = theme.positive if classes[index] else theme.negative
                share = share_between(picture[int(y), int(x)], theme.card, colour)
                assert share == pytest.approx(1.0 if start == 4 else 0.4, abs=0.03)

    def test_images_are_drawn_as_their_pixels(
        self,
        sized: Sized,
        moment_of: MomentOf,
        images_of: Callable[[int, int], Dataset],
        pixels: Pixels,
        between: Any,
    ) -> None:
        """empty + (full − empty)·x in the row that is lit; 6 pixels a side with the gap."""
        deck = Deck()
        sized(deck, 300, 420)
        moment = moment_of(dataset=images_of(4, 4), layers=((3, "sigmoid"),))
        deck.show_moment(moment)
        picture, box = pixels(deck), deck.row_box(1)
        for member in range(4):
            for k, value in enumerate(moment.trace.inputs[member]):
                row, column = divmod(k, 4)
                x = box.left() + (member + (column + 1.5) / 6) * box.height()
                y = box.top() + (row + 1.5) / 6 * box.height()
                expected = between(DARK.empty, DARK.full, float(value))
                assert np.abs(picture[int(y), int(x)] - expected).max() <= 2

    def test_the_current_row_is_framed(
        self, deck: Deck, dealt: Callable[[int, int, int], Moment], pixels: Pixels, plane: Dataset
    ) -> None:
        accent = np.array([0xFF, 0xD1, 0x66])
        for offset in (0, 3, 9):
            deck.show_moment(dealt(10, 3, offset))
            framed = np.argwhere(np.abs(pixels(deck) - accent).max(axis=2) < 24)
            box = deck.row_box(offset // 3)
            assert abs(framed[:, 0].mean() - box.center().y()) < 2
            assert abs((framed[:, 1].min() + framed[:, 1].max()) / 2 - box.center().x()) < 2
        assert len(plane.train) == 10

    def test_it_says_where_in_the_epoch_the_mini_batch_is(
        self, deck: Deck, moment_of: MomentOf, words: Words
    ) -> None:
        deck.show_moment(moment_of())
        assert words(deck) == ["mini-batch 2 of 3", "epoch 3", "10 training examples"]

    def test_mini_batches_that_find_no_room_are_counted(
        self, deck: Deck, moment_of: MomentOf, table_of: Callable[..., Dataset], words: Words
    ) -> None:
        table = table_of(2, 1, 4000)
        deck.show_moment(moment_of(dataset=table, layers=((1, "linear"),), members=(3, 5)))
        assert words(deck)[-1] == "4,000 training examples, 315 of 2,000 mini-batches shown"

    def test_very_many_small_mini_batches_stand_side_by_side(
        self, deck: Deck, moment_of: MomentOf, table_of: Callable[..., Dataset], words: Words
    ) -> None:
        """Seven of two examples in a width of 276, with gaps between; each once, in order."""
        table = table_of(2, 1, 400)
        deck.show_moment(moment_of(dataset=table, layers=((1, "linear"),), members=(3, 5)))
        boxes = [deck.row_box(k) for k in range(200)]
        assert "shown" not in words(deck)[-1]
        for k, (left, right) in enumerate(pairwise(boxes), start=1):
            if k % 7:
                assert left.right() < right.left()
                assert left.top() == right.top()
            else:
                assert right.left() == boxes[0].left()
                assert right.top() == left.bottom()
        assert max(box.right() for box in boxes) <= deck.width() - 12

    def test_a_few_mini_batches_have_a_row_each(
        self, deck: Deck, moment_of: MomentOf, table_of: Callable[..., Dataset]
    ) -> None:
        table = table_of(2, 1, 45)
        deck.show_moment(moment_of(dataset=table, layers=((1, "linear"),), members=(3,)))
        assert len({deck.row_box(k).top() for k in range(45)}) == 45

    @pytest.mark.parametrize("size", [1, 4, 64, 1000])
    def test_everything_is_within_the_deck(
        self,
        deck: Deck,
        moment_of: MomentOf,
        table_of: Callable[..., Dataset],
        size: int,
        texts: Any,
    ) -> None:
        table = table_of(2, 1, 1000)
        moment = moment_of(dataset=table, layers=((1, "linear"),), members=range(size))
        deck.show_moment(moment)
        last = deck.row_box(len(rows_of(moment)) - 1)
        assert last.right() <= deck.width()
        assert last.bottom() < texts(deck)[-1].y < deck.height()

    @pytest.mark.parametrize("width", [150, 600])
    def test_also_when_its_width_is_changed(
        self, deck: Deck, moment_of: MomentOf, table_of: Callable[..., Dataset], width: int
    ) -> None:
        """As high as if it had been shown at that width."""
        table = table_of(2, 1, 1000)
        moment = moment_of(dataset=table, layers=((1, "linear"),), members=range(32))
        deck.show_moment(moment)
        deck.resize(width, deck.height())
        height = deck.height()
        deck.show_moment(moment)
        assert deck.height() == height

    def test_without_a_moment_it_is_an_empty_card(self, deck: Deck, words: Words) -> None:
        assert words(deck) == []

    def test_another_theme_changes_it(
        self, deck: Deck, moment_of: MomentOf, pixels: Pixels
    ) -> None:
        deck.show_moment(moment_of())
        dark = pixels(deck)
        deck.set_theme(LIGHT)
        assert (pixels(deck) != dark).any(axis=2).mean() > 0.9
        deck.set_theme(DARK)
        assert np.array_equal(pixels(deck), dark)
