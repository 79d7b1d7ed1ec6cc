from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QProgressBar, QWidget

from explorer.views.loading import LoadingCard


@pytest.fixture
def card(sized: Callable[[QWidget, int, int], None]) -> LoadingCard:
    card = LoadingCard()
    sized(card, 320, 90)
    return card


@pytest.mark.parametrize(("fraction", "percent"), [(0.0, 0), (0.254, 25), (1.0, 100)])
def test_a_stage_and_how_far_it_is(card: LoadingCard, fraction: float, percent: int) -> None:
    card.show_stage("Loading PyTorch", fraction)
    assert card.text == "Loading PyTorch…"
    assert card.findChild(QProgressBar).value() == percent
    assert not card.isHidden()


def test_it_goes_when_all_is_loaded_and_comes_back(card: LoadingCard) -> None:
    card.show_stage("", 1.0)
    assert card.isHidden()
    card.show_stage("Reading pictures", 0.5)
    assert not card.isHidden()
    assert card.text == "Reading pictures…"
