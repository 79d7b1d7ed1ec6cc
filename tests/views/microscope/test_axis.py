from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.views.microscope.axis import Axis, axis_of


@pytest.mark.parametrize(
    ("low", "high", "most", "words"),
    [
        (-2.0, 2.0, 4, ["−2", "−1", "0", "1", "2"]),
        (0.84, 0.91, 4, ["0.84", "0.86", "0.88", "0.90"]),
        (-0.1, 1.1, 3, ["0.0", "0.5", "1.0"]),
        (0.0, 5000.0, 5, ["0", "1,000", "2,000", "3,000", "4,000", "5,000"]),
        (-1e-7, 1e-7, 2, ["−1.0e−7", "0", "1.0e−7"]),
        (-4.5, 2.0, 3, ["−4", "−2", "0", "2"]),  # steps of 5 would leave 0 alone
    ],
)
def test_ticks_are_round_numbers(low: float, high: float, most: int, words: list[str]) -> None:
    found = Axis(low, high).ticks(most)
    assert [w for _, w in found] == words


@given(
    low=st.floats(-1e6, 1e6),
    span=st.floats(1e-3, 1e6),
    most=st.integers(2, 8),
)
def test_ticks_lie_on_the_axis_a_round_step_apart(low: float, span: float, most: int) -> None:
    axis = Axis(low, low + span)
    values = [v for v, _ in axis.ticks(most)]
    slack = 1e-6 * span
    assert all(low - slack <= v <= low + span + slack for v in values)
    assert 2 <= len(values) <= max(most + 1, 5)
    step = values[1] - values[0]
    mantissa = step / 10 ** np.floor(np.log10(step) + 1e-6)
    assert min(abs(mantissa - m) for m in (1, 2, 5, 10)) < 0.01


def test_an_axis_holds_every_finite_value() -> None:
    axis = axis_of(np.array([1.0, np.inf, 3.0]), np.array([-2.0, np.nan]))
    assert (axis.low, axis.high) == (pytest.approx(-2.3), pytest.approx(3.3))
    assert axis.share(-2.3) == pytest.approx(0)
    assert axis.share(3.3) == pytest.approx(1)


@pytest.mark.parametrize("value", [0.0, 5.0, -1e-9, 1e6])
def test_a_flat_axis_has_its_value_in_the_middle(value: float) -> None:
    assert axis_of(np.full(7, value)).share(value) == pytest.approx(0.5)


def test_nothing_finite_still_makes_an_axis() -> None:
    axis = axis_of(np.array([np.inf, np.nan]))
    assert axis.low < 0 < axis.high
