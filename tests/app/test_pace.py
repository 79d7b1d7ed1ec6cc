from __future__ import annotations

import pytest

from explorer.app.pace import Pace


def test_a_steady_run_has_its_rate_once_a_quarter_of_a_second_has_passed() -> None:
    pace = Pace()
    rates = [pace.note(100 * i, 5.0 + 0.05 * i) for i in range(60)]
    assert rates[:5] == [None] * 5
    assert rates[6:] == pytest.approx([2000.0] * 54)


def test_only_the_last_second_counts() -> None:
    pace = Pace()
    for i in range(40):
        pace.note(10 * i, 0.1 * i)
    for i in range(1, 30):
        rate = pace.note(390 + 1000 * i, 3.9 + 0.1 * i)
    assert rate == pytest.approx(10_000.0)


def test_going_back_and_a_pause_begin_anew() -> None:
    pace = Pace()
    pace.note(1000, 0.0)
    assert pace.note(2000, 0.5) == pytest.approx(2000.0)
    assert pace.note(5, 1.0) is None
    assert pace.note(10, 2.0) == pytest.approx(5.0)
    pace.forget()
    assert pace.note(12, 2.1) is None
