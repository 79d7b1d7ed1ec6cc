from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from explorer.core.answers import GradientCheck
from explorer.core.part_of_network import Weight
from explorer.views.microscope.check_row import CheckRow, verdict


def check(
    autograd: float, difference: float, *, cost: float = 0.5, kink: bool = False
) -> GradientCheck:
    return GradientCheck(
        3,
        part=Weight(1, 0, 0),
        autograd=autograd,
        difference=difference,
        step=6e-6,
        cost_above=cost,
        cost_below=cost,
        kink=kink,
    )


@pytest.fixture
def row(qtbot: QtBot) -> CheckRow:
    row = CheckRow()
    qtbot.addWidget(row)
    return row


@pytest.mark.parametrize(
    ("found", "dtype", "words"),
    [
        (check(0.25, 0.25 * (1 + 3e-9)), "float64", "They agree to 8 digits"),
        (check(0.25, 0.25), "float64", "They agree to 15 digits"),
        (check(0.25, 0.25 * (1 + 3e-6)), "float32", "They agree to 5 digits"),
        (check(0.25, 0.25 * (1 + 3e-6)), "float64", "They differ"),
        (check(0.25, 0.26), "float32", "They differ"),
        (check(0.25, -0.25), "float32", "They differ"),
        (check(0.0, 0.0), "float64", "Both are zero"),
        (check(0.0, 3e-11), "float64", "Both are zero"),
        (check(2e-8, -3e-8), "float32", "Both are zero"),
        (check(2e-8, -3e-8), "float64", "They differ"),
        (check(2e-8, -3e-8, cost=90.0), "float64", "Both are zero"),
        (check(0.0, -1.0, kink=True), "float64", "The cost has a kink"),
        (check(0.5, 0.5, kink=True), "float64", "They agree"),
    ],
)
def test_the_verdict_is_plain(found: GradientCheck, dtype: str, words: str) -> None:
    assert verdict(found, dtype).startswith(words)


def test_numbers_are_shown_once_there_is_an_answer(row: CheckRow) -> None:
    row.show_check(None, "float32", ready=True)
    assert row.button.isEnabled()
    assert "(C(w + h) − C(w − h)) / 2h" in row.numbers.text()
    assert row.verdict.text() == ""
    row.show_check(check(-0.0123456789, -0.0123456700), "float32", ready=True)
    text = row.numbers.text()
    for part in ("autograd −0.01234568", "difference −0.01234567", "h 6.0e−6", "error 7.2e−7"):
        assert part in text
    assert row.verdict.text().startswith("They agree to 6 digits")


def test_before_the_backward_beat_there_is_nothing_to_check(row: CheckRow) -> None:
    row.show_check(check(1.0, 1.0), "float32", ready=False)
    assert not row.button.isEnabled()
    assert row.verdict.text() == "the gradient comes with its backward beat"
    assert "autograd −" not in row.numbers.text()


def test_the_button_asks(row: CheckRow, qtbot: QtBot) -> None:
    row.show_check(None, "float32", ready=True)
    with qtbot.waitSignal(row.requested):
        qtbot.mouseClick(row.button, Qt.MouseButton.LeftButton)
