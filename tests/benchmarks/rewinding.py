"""Going back to an earlier update, beside training up to it again from the start.

And looking back at any update of a long run, as dragging the knob below the plot does.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from explorer.core.data.load import load
from explorer.core.defaults import default_experiment
from explorer.core.experiment import BuiltinName
from explorer.core.trainer import Trainer
from explorer.session.worker import SURFACE_POINTS
from tests.benchmarks.race import Contender, Figure, race

_NAMES: tuple[BuiltinName, ...] = ("circles", "digits")
_LONG: dict[BuiltinName, int] = {"circles": 1_000_000, "digits": 100_000}
_LOOKS = 100
_RUN = 20_000
_BACK = (1, 500, _RUN // 2)


def figures(seconds: float) -> Iterator[Figure]:
    """By one update and by many, after a long run."""
    for name in _NAMES:
        experiment = default_experiment(name)
        dataset = load(experiment)
        trainer = Trainer(experiment, dataset)
        trainer.advance_many(_RUN)
        for back in _BACK:
            goal = _RUN - back

            def again(goal: int = goal) -> float:
                Trainer(experiment, dataset).advance_many(goal)  # noqa: B023
                return 1

            def rewound(goal: int = goal) -> float:
                trainer.rewind_to(goal)  # noqa: B023
                return 1

            def forward() -> None:
                trainer.advance_many(_RUN - trainer.update)  # noqa: B023

            contenders = [
                Contender("training again from the start", again),
                Contender("rewinding", rewound, prepare=forward),
            ]
            yield from race("rewinding", f"{name}, by {back:,}", contenders, "ms", seconds)
    for name, run in _LONG.items():
        yield from _looking_back(name, run)


def _looking_back(name: BuiltinName, run: int) -> Iterator[Figure]:
    """At updates from all over a run, each recorded with what it says over the plane."""
    experiment = default_experiment(name)
    trainer = Trainer(experiment, load(experiment))
    trainer.advance_many(run)
    twin, times = trainer.twin(), []
    for update in np.random.default_rng(0).integers(1, run, _LOOKS).tolist():
        begun = time.perf_counter()
        twin.look_back(update, totals=False, surface=SURFACE_POINTS)
        times.append(1e3 * (time.perf_counter() - begun))
    case = f"{name}, to any of {run:,}"
    yield Figure("rewinding", case, "looking back, median", float(np.median(times)), "ms")
    yield Figure("rewinding", case, "looking back, worst", max(times), "ms")
