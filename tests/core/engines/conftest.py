"""The optimizers that the engines are held against each other with, and how closely."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from explorer.core.experiment import Adagrad, Adam, AdamW, OptimizerSpec, RmsProp, Sgd
from explorer.core.trainer import Trainer

# Modest rates: with large ones two runs part from their last bits, whatever makes them.
OPTIMIZERS: list[OptimizerSpec] = [
    Sgd(0.02),
    Sgd(0.02, weight_decay=0.05),
    Sgd(0.005, momentum=0.9),
    Sgd(0.01, momentum=0.8, dampening=0.3, weight_decay=0.01),
    Sgd(0.005, momentum=0.9, nesterov=True),
    Adam(0.003),
    Adam(0.003, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1, amsgrad=True),
    AdamW(0.003),
    AdamW(0.003, weight_decay=0.3, amsgrad=True),
    RmsProp(0.001),
    RmsProp(0.001, alpha=0.9, eps=1e-4, weight_decay=0.05, momentum=0.5),
    RmsProp(0.001, centered=True, eps=1e-3, momentum=0.5),
    Adagrad(0.01),
    Adagrad(0.01, lr_decay=0.05, weight_decay=0.1, initial_accumulator_value=0.5, eps=1e-5),
]


CLOSE = {"float32": 1e-5, "float64": 1e-12}


@pytest.fixture(params=OPTIMIZERS, ids=str)
def spec(request: pytest.FixtureRequest) -> OptimizerSpec:
    """Each optimizer, with each of its settings in use."""
    return request.param


@pytest.fixture(scope="session")
def optimizers() -> list[OptimizerSpec]:
    """All of them, to draw from."""
    return OPTIMIZERS


@pytest.fixture(scope="session")
def assert_same_run() -> Callable[[Trainer, Trainer, int], None]:
    """Train two trainers and compare costs, parameters and what the optimizers carry."""
    return _assert_same_run


def _assert_close(found: Any, expected: Any, dtype: str, *, times: float = 1.0) -> None:
    """Equal within rounding, relative to the size of the numbers but at least to 1."""
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.dtype == expected.dtype
    size = max(1.0, float(np.abs(expected).max(initial=0.0)))
    assert np.abs(found - expected).max(initial=0.0) <= times * CLOSE[dtype] * size


def _assert_same_run(found_by: Trainer, reference: Trainer, updates: int) -> None:
    """Costs, parameters and everything that the optimizer carries, after so many updates."""
    dtype = found_by.experiment.dtype
    costs = found_by.advance_many(updates)
    _assert_close(costs, reference.advance_many(updates), dtype)
    _assert_close(found_by.network.flat, reference.network.flat, dtype)
    left, right = found_by.state().optimizer, reference.state().optimizer
    assert left.keys() == right.keys()
    assert left["state"].keys() == right["state"].keys()
    for key, expected in right["state"].items():
        found = left["state"][key]
        assert found.keys() == expected.keys()
        for name, tensor in expected.items():
            assert found[name].shape == tensor.shape
            # A learning rate divides how far the parameters part, but not these.
            _assert_close(found[name], tensor, dtype, times=10)
