from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QWidget

from explorer.core.answers import Comparison
from explorer.views.comparison_card import ComparisonCard, arrows_in
from explorer.views.palette import DARK, LIGHT, Theme, rgb
from explorer.views.theme import font

Array = np.ndarray[Any, Any]
BOX = QRectF(10, 20, 250, 60)
COMPARISON = Comparison(
    update=7,
    cosine=0.5,
    angle=60.0,
    mini_batch_length=0.4,
    full_batch_length=0.2,
    mini_batch_examples=32,
    full_batch_examples=1438,
)


def of(angle: float, mini_batch: float = 0.4, full_batch: float = 0.2) -> Comparison:
    return replace(
        COMPARISON,
        angle=angle,
        cosine=math.cos(math.radians(angle)),
        mini_batch_length=mini_batch,
        full_batch_length=full_batch,
    )


def vector(start: QPointF, end: QPointF | None) -> complex:
    assert end is not None
    return complex(end.x() - start.x(), start.y() - end.y())


class TestArrows:
    @given(angle=st.floats(0, 180), ratio=st.floats(0.13, 7.5), length=st.floats(1e-6, 1e6))
    def test_show_the_angle_and_the_lengths(
        self, angle: float, ratio: float, length: float
    ) -> None:
        arrows = arrows_in(BOX, of(angle, length * ratio, length))
        mini = vector(arrows.origin, arrows.mini_batch)
        full = vector(arrows.origin, arrows.full_batch)
        assert abs(mini) / abs(full) == pytest.approx(ratio, rel=1e-6)
        between = abs(math.degrees(np.angle(mini * full.conjugate())))
        assert between == pytest.approx(angle, abs=1e-3)
        longer = mini if arrows.right == "mini-batch" else full
        assert abs(longer) == max(abs(mini), abs(full))
        assert longer.imag == pytest.approx(0, abs=1e-6)
        assert longer.real > 0
        inside = BOX.adjusted(-1e-6, -1e-6, 1e-6, 1e-6)
        assert all(inside.contains(p) for p in (arrows.mini_batch, arrows.full_batch) if p)

    def test_a_very_short_one_can_still_be_seen(self) -> None:
        arrows = arrows_in(BOX, of(90, 1e-9, 1.0))
        assert abs(vector(arrows.origin, arrows.mini_batch)) > 10

    def test_a_zero_gradient_has_none(self) -> None:
        arrows = arrows_in(BOX, of(math.nan, 0.0, 1.0))
        assert arrows.mini_batch is None
        assert arrows.angle == 0
        assert arrows_in(BOX, of(math.nan, 0.0, 0.0)).full_batch is None


@pytest.fixture
def card(sized: Callable[[QWidget, int, int], None]) -> ComparisonCard:
    card = ComparisonCard()
    sized(card, 300, card.height())
    return card


class TestCard:
    def test_says_the_numbers(self, card: ComparisonCard, words: Any) -> None:
        card.show_comparison(replace(COMPARISON, angle=31.42, cosine=0.85342))
        assert words(card) == [
            "mini-batch",
            "full batch",
            "angle to full-batch −∇C",
            "31.4°",
            "cosine",
            "0.853",
            "lengths",
            "0.400 against 0.200",
            "examples per update",
            "32 of 1,438 (2.2 %)",
        ]

    @pytest.mark.parametrize("angle", [95, 120, 150, 165, 175, 180])
    @pytest.mark.parametrize("ratio", [0.12, 0.2, 0.5, 0.9])
    def test_names_keep_clear_of_the_arc_and_of_each_other(
        self, card: ComparisonCard, texts: Any, angle: float, ratio: float
    ) -> None:
        comparison = of(angle, 0.4, 0.4 * ratio)
        card.show_comparison(comparison)
        box = card.drawing_box.adjusted(6, 16, -6, -16)
        origin, radius = arrows_in(box, comparison).origin, 22.0
        arc = QRectF(origin.x() - radius, origin.y() - radius, 2 * radius, radius)
        mini, full = (
            QRectF(text.x, text.y - 8, QFontMetricsF(font(11)).horizontalAdvance(text.words), 10)
            for text in texts(card)[:2]
        )
        assert not full.intersects(arc)
        assert not full.intersects(mini)
        assert card.drawing_box.contains(full)

    def test_a_narrow_card_says_less(self, card: ComparisonCard, words: Any) -> None:
        card.resize(180, card.height())
        card.show_comparison(replace(COMPARISON, full_batch_examples=60_000))
        assert {"angle", "60.0°", "examples", "32 of 60,000"} <= set(words(card))

    def test_nothing_yet(self, card: ComparisonCard, words: Any) -> None:
        height = card.height()
        assert words(card) == ["Computed at rest"]
        card.show_comparison(COMPARISON)
        assert card.height() == height
        card.show_comparison(None)
        assert words(card) == ["Computed at rest"]

    def test_zero_gradients(self, card: ComparisonCard, words: Any) -> None:
        card.show_comparison(of(math.nan, 0.0, 0.0))
        painted = words(card)
        assert painted.count("none") == 2
        assert "mini-batch" not in painted

    @pytest.mark.parametrize("theme", [DARK, LIGHT])
    @pytest.mark.parametrize("angle", [0.0, 40.0, 90.0, 150.0])
    def test_both_arrows_are_painted(
        self, card: ComparisonCard, pixels: Any, theme: Theme, angle: float
    ) -> None:
        card.set_theme(theme)
        card.show_comparison(of(angle, 0.2, 0.2))
        drawing = card.drawing_box.toRect()
        picture = pixels(card)[drawing.top() : drawing.bottom(), drawing.left() : drawing.right()]
        for colour in (theme.accent, theme.text):
            near = np.abs(picture - np.array(rgb(colour))).max(axis=2) < 40
            assert near.sum() > 60
