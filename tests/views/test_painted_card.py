from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget

from explorer.views.painted_card import PaintedCard
from explorer.views.palette import Theme


class Card(PaintedCard):
    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        self.card_painter()


@pytest.mark.parametrize("size", [(280, 60), (120, 300)])
def test_it_is_a_rounded_card_with_a_border(
    sized: Callable[[QWidget, int, int], None],
    pixels: Any,
    between: Any,
    theme: Theme,
    size: tuple[int, int],
) -> None:
    card = Card()
    sized(card, *size)
    card.set_theme(theme)
    picture = pixels(card)
    width, height = size
    inside = between(theme.card, theme.card, 0)
    border = between(theme.border, theme.border, 0)
    assert np.abs(picture[4:-4, 10:-10] - inside).max() <= 1
    for y, x in ((height // 2, 0), (height // 2, width - 1), (0, width // 2), (height - 1, 60)):
        assert np.abs(picture[y, x] - border).max() <= 2
    assert np.abs(picture[0, 0] - border).max() > 2, "the corner is round"
