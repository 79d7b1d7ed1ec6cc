from __future__ import annotations

import pytest

from explorer.app.rate import Rate


def test_a_steady_run_has_its_rate_once_a_quarter_of_a_second_has_passed() -> None:
    measured = Rate()
    rates = [measured.note(100 * i, 5.0 + 0.05 * i) for i in range(60)]
    assert rates[:5] == [None] * 5
    assert rates[6:] == pytest.approx([2000.0] * 54)


def test_only_the_last_second_counts() -> None:
    measured = Rate()
    for i in range(40):
        measured.note(10 * i, 0.1 * i)
    for i in range(1, 30):
        rate = measured.note(390 + 1000 * i, 3.9 + 0.1 * i)
    assert rate == pytest.approx(10_000.0)


def test_going_back_and_a_pause_begin_anew() -> None:
    measured = Rate()
    measured.note(1000, 0.0)
    assert measured.note(2000, 0.5) == pytest.approx(2000.0)
    assert measured.note(5, 1.0) is None
    assert measured.note(10, 2.0) == pytest.approx(5.0)
    measured.forget()
    assert measured.note(12, 2.1) is None
