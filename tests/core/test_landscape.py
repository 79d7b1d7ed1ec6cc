from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from explorer.core.experiment import Builtin
from explorer.core.landscape import PlaneCost
from explorer.core.trainer import Trainer

TrainerOf = Callable[..., Trainer]


@pytest.mark.parametrize(
    ("data", "layers", "loss"),
    [
        (
            Builtin(name="circles"),
            ((4, "tanh"), (2, "tanh"), (1, "sigmoid")),
            "binary_cross_entropy",
        ),
        (Builtin(name="iris"), ((3, "softmax"),), "cross_entropy"),
        (
            Builtin(name="digits"),
            ((16, "sigmoid"), (16, "relu"), (10, "sigmoid")),
            "squared_error",
        ),
    ],
)
def test_many_points_at_once_cost_what_they_cost_one_by_one(
    trainer_of: TrainerOf, data: Builtin, layers: Any, loss: str
) -> None:
    """Against the trainer's own evaluation with the parameters of each point put in."""
    trainer = trainer_of(layers, data=data, loss=loss, dtype="float64")
    point = trainer.network.flat.numpy().copy()
    random = np.random.default_rng(0)
    directions = random.normal(size=(2, len(point))) / len(point) ** 0.5
    plane = PlaneCost(trainer, point, directions)
    assert plane.examples == len(trainer.dataset.train)
    for _ in plane.prepare():
        pass
    x = np.linspace(-3, 3, 9)
    for y in (-2.0, 0.0, 1.5):
        together = np.concatenate(list(plane.row(x, y)))
        one_by_one = []
        for step in x:
            trainer.network.flat.copy_(
                torch.tensor(point + step * directions[0] + y * directions[1])
            )
            one_by_one.append(trainer.evaluate().cost)
        assert together == pytest.approx(one_by_one, rel=1e-12)
