"""Where steps lead, by granularity: written out by hand and checked for being undone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.beats import beats_of
from explorer.core.walk import Place, Update, back, step

# Two layers: mini-batch, forward 1 and 2, cost, backward 2 and 1, average, update.
UPDATE = Update(beats=8, examples=3)


def test_the_beats_meant_by_name_are_those_of_the_order() -> None:
    kinds = [str(beat) for beat in beats_of(2)]
    assert kinds[UPDATE.last] == "update"
    assert kinds[UPDATE.examined] == "backward:1"


@pytest.mark.parametrize(
    ("granularity", "walked"),
    [
        ("beat", [(1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0), (7, 0), None]),
        ("example", [(5, 0), (5, 1), (5, 2), (6, 2), (7, 2), None]),
        ("mini_batch", [(7, 0), None]),
        ("epoch", [None]),
    ],
)
def test_steps_from_the_first_beat(granularity: str, walked: list[tuple[int, int] | None]) -> None:
    here = Place(0, 0)
    for expected in walked:
        led = step(here, UPDATE, granularity)  # type: ignore[arg-type]
        assert led == (None if expected is None else Place(*expected))
        here = led or here


@pytest.mark.parametrize(
    ("granularity", "walked"),
    [
        ("beat", [(6, 2), (5, 2), (4, 2), (3, 2), (2, 2), (1, 2), (0, 2), None]),
        ("example", [(6, 2), (5, 2), (5, 1), (5, 0), (0, 0), None]),
        ("mini_batch", [None]),
        ("epoch", [None]),
    ],
)
def test_back_from_the_last_beat(granularity: str, walked: list[tuple[int, int] | None]) -> None:
    here = Place(7, 2)
    for expected in walked:
        led = back(here, UPDATE, granularity)  # type: ignore[arg-type]
        assert led == (None if expected is None else Place(*expected))
        here = led or here


@given(
    layers=st.integers(1, 9),
    examples=st.integers(1, 40),
    data=st.data(),
    granularity=st.sampled_from(["beat", "example"]),
)
def test_back_undoes_a_step(
    layers: int, examples: int, data: st.DataObject, granularity: str
) -> None:
    update = Update(len(beats_of(layers)), examples)
    here = Place(0, 0)
    places = [here]
    while (there := step(here, update, granularity)) is not None:  # type: ignore[arg-type]
        here = there
        places.append(here)
    index = data.draw(st.integers(1, len(places) - 1))
    assert back(places[index], update, granularity) == places[index - 1]  # type: ignore[arg-type]
