from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.views.scale import SteadyScale, fitted

values = st.lists(st.floats(-1e6, 1e6), max_size=6).map(np.array)


def is_nice(value: float) -> bool:
    """1, 1.5, 2, 3, 5 or 7 times a power of ten."""
    lead = value / 10 ** math.floor(math.log10(value) + 1e-12)
    return any(abs(lead - step) < 1e-6 for step in (1, 1.5, 2, 3, 5, 7, 10))


@pytest.mark.parametrize(
    ("largest", "expected"),
    [
        (0.0, 1e-9),
        (0.3, 0.3),
        (0.31, 0.5),
        (1.0, 1.0),
        (1.01, 1.5),
        (-1.6, 2.0),
        (2.5, 3.0),
        (-6.0, 7.0),
        (7.01, 10.0),
        (123.0, 150.0),
        (0.0042, 0.005),
    ],
)
def test_fitted_is_the_next_nice_number(largest: float, expected: float) -> None:
    assert fitted(np.array([0.0, largest])) == pytest.approx(expected, rel=1e-9)


@given(arrays=st.lists(values, max_size=3))
def test_fitted_holds_every_value_and_wastes_little(arrays: list[np.ndarray]) -> None:
    scale = fitted(*arrays)
    largest = max((float(np.abs(a).max()) for a in arrays if a.size), default=0.0)
    assert largest <= scale * (1 + 1e-9)
    assert is_nice(scale)
    if largest > 1e-9:
        assert scale <= 5 / 3 * largest, "the widest step is from 3 to 5"


def test_fitted_of_nothing_is_the_least() -> None:
    assert fitted(least=0.5) == 0.5
    assert fitted(np.zeros((0, 3)), least=2.0) == 2.0


class TestSteadyScale:
    @given(batches=st.lists(values, max_size=8), least=st.sampled_from([0.1, 1.0, 3.0]))
    def test_never_shrinks_and_holds_all_it_has_seen(
        self, batches: list[np.ndarray], least: float
    ) -> None:
        scale = SteadyScale(least)
        before, largest = scale.value, 0.0
        assert before == least
        for batch in batches:
            largest = max(largest, float(np.abs(batch).max(initial=0.0)))
            returned = scale.include(batch)
            assert returned == scale.value
            assert returned >= before
            assert largest <= returned * (1 + 1e-9)
            assert is_nice(returned)
            before = returned

    def test_keeps_still_while_values_shrink_and_grow_within(self) -> None:
        scale = SteadyScale(1.0)
        assert scale.include(np.array([4.2])) == 5.0
        for size in (0.1, 3.0, -4.9, 0.0):
            assert scale.include(np.array([size])) == 5.0
        assert scale.include(np.array([-5.1])) == 7.0

    def test_a_new_run_begins_with_the_least(self) -> None:
        scale = SteadyScale(1.0)
        scale.include(np.array([80.0]))
        scale.reset()
        assert scale.value == 1.0
