from __future__ import annotations

import pytest
from PySide6.QtGui import QFontMetricsF

from explorer.views.fitting import longest_fitting
from explorer.views.theme import font

WAYS = ("a rather long way to say it", "a shorter way", "short")


@pytest.mark.usefixtures("qapp")
class TestLongestFitting:
    @pytest.mark.parametrize("index", [0, 1, 2])
    def test_takes_the_first_that_fits(self, index: int) -> None:
        room = QFontMetricsF(font(13)).horizontalAdvance(WAYS[index])
        assert longest_fitting(WAYS, font(13), room) == WAYS[index]

    def test_elides_the_last_where_none_fits(self) -> None:
        words = longest_fitting(WAYS, font(13), 24)
        assert words.startswith("s")
        assert words.endswith("…")
        assert QFontMetricsF(font(13)).horizontalAdvance(words) <= 24

    def test_of_nothing_is_nothing(self) -> None:
        assert longest_fitting((), font(13), 100) == ""
