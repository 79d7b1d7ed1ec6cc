"""Running contenders by turns, so that what slows the machine slows them alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
from msgspec import Struct

_ROUNDS = 7


class Contender(Struct, frozen=True):
    """Something that does work.

    Attributes
    ----------
    run
        Does some of it; returns how many items that were, such as updates or frames.
    prepare
        What comes before each run and is not timed.
    target
        How many times faster than the baseline it shall be.
    """

    name: str
    run: Callable[[], float]
    prepare: Callable[[], object] | None = None
    target: float | None = None


class Figure(Struct, frozen=True):
    """One line of the table; ``ratio`` is how many times better than the baseline it is."""

    section: str
    case: str
    name: str
    value: float
    unit: str
    ratio: float | None = None
    baseline: str = ""
    target: float | None = None


def race(
    section: str, case: str, contenders: Sequence[Contender], unit: str, seconds: float
) -> list[Figure]:
    """Time all contenders, the first of which is the baseline, for about so many seconds each.

    With a unit that ends in ``/s`` the figures are items a second, else milliseconds an item: the
    median over the rounds. A ratio is the median of those within each round.
    """
    for contender in contenders:
        _seconds_per_item(contender, 0.0)  # the first time compiles, allocates and imports
    times = np.array(
        [[_seconds_per_item(c, seconds / _ROUNDS) for c in contenders] for _ in range(_ROUNDS)]
    )
    medians, ratios = np.median(times, axis=0), np.median(times[:, :1] / times, axis=0)
    rate = unit.endswith("/s")
    return [
        Figure(
            section,
            case,
            contender.name,
            float(1 / median if rate else 1e3 * median),
            unit,
            float(ratio) if index else None,
            contenders[0].name if index else "",
            contender.target,
        )
        for index, (contender, median, ratio) in enumerate(
            zip(contenders, medians, ratios, strict=True)
        )
    ]


def _seconds_per_item(contender: Contender, seconds: float) -> float:
    """Run it for so long, and at least once."""
    spent = items = 0.0
    while not items or spent < seconds:
        if contender.prepare is not None:
            contender.prepare()
        begun = time.perf_counter()
        items += contender.run()
        spent += time.perf_counter() - begun
    return spent / items
