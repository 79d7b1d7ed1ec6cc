"""Going back to an earlier update, beside training up to it again from the start."""

from __future__ import annotations

from collections.abc import Iterator

from explorer.core.data.load import load
from explorer.core.defaults import default_experiment
from explorer.core.experiment import BuiltinName
from explorer.core.trainer import Trainer
from tests.benchmarks.race import Contender, Figure, race

_NAMES: tuple[BuiltinName, ...] = ("circles", "digits")
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
