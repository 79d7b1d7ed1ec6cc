"""The cost on a plane of parameters: many points at once, beside one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch

from explorer.core.data.load import load
from explorer.core.defaults import default_experiment
from explorer.core.experiment import BuiltinName
from explorer.core.landscape import PlaneCost
from explorer.core.trainer import Trainer
from tests.benchmarks.race import Contender, Figure, race

_NAMES: tuple[BuiltinName, ...] = ("circles", "iris", "digits")
_POINTS = 41


def figures(seconds: float) -> Iterator[Figure]:
    """A row of points of the grid, of a few built-in data sets."""
    for name in _NAMES:
        experiment = default_experiment(name)
        trainer = Trainer(experiment, load(experiment))
        point = trainer.network.flat.cpu().numpy().astype(float)
        random = np.random.default_rng(0)
        directions = random.normal(size=(2, len(point))) / len(point) ** 0.5
        contenders = [
            Contender("one point at a time", _one_by_one(trainer, point, directions)),
            Contender("many at once", _at_once(trainer, point, directions)),
        ]
        yield from race("cost slice", name, contenders, "points/s", seconds)


def _one_by_one(trainer: Trainer, point: np.ndarray, directions: np.ndarray) -> Callable[[], float]:
    flat = trainer.network.flat

    def run() -> float:
        for step in np.linspace(-3, 3, _POINTS):
            flat.copy_(torch.tensor(point + step * directions[0], dtype=flat.dtype))
            trainer.evaluate()
        flat.copy_(torch.tensor(point, dtype=flat.dtype))
        return _POINTS

    return run


def _at_once(trainer: Trainer, point: np.ndarray, directions: np.ndarray) -> Callable[[], float]:
    plane = PlaneCost(trainer, point, directions)
    for _ in plane.prepare():
        pass

    def run() -> float:
        for _ in plane.row(np.linspace(-3, 3, _POINTS), 0.0):
            pass
        return _POINTS

    return run
