"""Every derivative of a trace against central finite differences of an independent network.

The network below is written in numpy from the formulas of the mathematics alone. Each loss is a
function of the output activations, as in the format's table, also where the core computes it
from z.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy.special import erf

from explorer.core.data.load import load
from explorer.core.experiment import ACTIVATIONS, LOSSES, Experiment, Initial, Regularization
from explorer.core.trace import Trace
from explorer.core.trainer import Trainer

Array = np.ndarray
STEP = 1e-5
CLOSE = 1e-6  # the greatest relative error
RATE = 0.3
KINKED = {"relu", "leaky_relu", "elu"}  # elu's second derivative jumps

SIGMA: dict[str, Callable[[Array], Array]] = {
    "linear": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "relu": lambda z: np.where(z > 0, z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "elu": lambda z: np.where(z > 0, z, np.exp(z) - 1),
    "gelu": lambda z: z * 0.5 * (1 + erf(z / np.sqrt(2))),
    "silu": lambda z: z / (1 + np.exp(-z)),
    "softplus": lambda z: np.log(1 + np.exp(z)),
    "softmax": lambda z: np.exp(z) / np.exp(z).sum(axis=1, keepdims=True),
}

COST: dict[str, Callable[[Array, Array], Array]] = {
    "squared_error": lambda a, y: ((a - y) ** 2).sum(axis=1),
    "half_squared_error": lambda a, y: 0.5 * ((a - y) ** 2).sum(axis=1),
    "mean_squared_error": lambda a, y: ((a - y) ** 2).mean(axis=1),
    "binary_cross_entropy": lambda a, y: -(y * np.log(a) + (1 - y) * np.log(1 - a)).mean(axis=1),
    "cross_entropy": lambda a, y: -(y * np.log(a)).sum(axis=1),
}

PENALTY: dict[str, Callable[[Array], float]] = {
    "none": lambda w: 0 * w.sum(),
    "l1": lambda w: RATE * np.abs(w).sum(),
    "l2": lambda w: RATE * 0.5 * (w**2).sum(),
}

PAIRS = [
    (loss, output)
    for loss in LOSSES
    for output in ACTIVATIONS
    if {"cross_entropy": output == "softmax", "binary_cross_entropy": output == "sigmoid"}.get(
        loss, output != "softmax"
    )
]


class Numbers:
    """Explicit numbers of a 2-4-3-2 network and three examples, away from every kink."""

    def __init__(self, loss: str, hidden: str, output: str) -> None:
        self.activations = (hidden, hidden, output)
        self.cost = COST[loss]
        sizes = (2, 4, 3, 2)
        for seed in range(1000):
            random = np.random.default_rng(seed)
            self.weights = [random.normal(0, 0.8, (n, m)) for m, n in pairwise(sizes)]
            self.biases = [random.normal(0, 0.5, n) for n in sizes[1:]]
            self.inputs = random.normal(0, 1, (3, 2))
            self.targets = random.normal(0, 1, (3, 2))
            if loss == "binary_cross_entropy":
                self.targets = random.uniform(0, 1, (3, 2))
            if loss == "cross_entropy":
                share = random.uniform(0, 1, (3, 1))
                self.targets = np.hstack([share, 1 - share])
            if self._far_from_kinks():
                return
        raise AssertionError("no seed keeps away from the kinks")

    def _far_from_kinks(self) -> bool:
        near_zero = min(np.abs(w).min() for w in self.weights) < 100 * STEP
        values = self.values()
        bent = [z for (z, _), kind in zip(values, self.activations, strict=True) if kind in KINKED]
        alive = [(a != 0).any(axis=0).all() for _, a in values]
        return not near_zero and all(alive) and all(np.abs(z).min() > 100 * STEP for z in bent)

    def values(self) -> list[tuple[Array, Array]]:
        """z and a of every layer."""
        values, a = [], self.inputs
        for weight, bias, kind in zip(self.weights, self.biases, self.activations, strict=True):
            z = a @ weight.T + bias
            a = SIGMA[kind](z)
            values.append((z, a))
        return values

    def costs_after(self, layer: int, a: Array) -> Array:
        """Cᵢ of each example, (B,), when the layer's activations are ``a``."""
        later = zip(self.weights, self.biases, self.activations, strict=True)
        for weight, bias, kind in list(later)[layer + 1 :]:
            a = SIGMA[kind](a @ weight.T + bias)
        return self.cost(a, self.targets)

    def total(self, penalty: Callable[[Array], float]) -> float:
        """What the gradients are of: the mean over the mini-batch, and the penalty."""
        costs = self.costs_after(-1, self.inputs)
        return float(costs.mean() + sum(penalty(w) for w in self.weights))


def difference(of: Callable[[], Any], values: Array, at: Any) -> Any:
    """The central difference of a function when ``values[at]`` moves; leaves it as it was."""
    kept = values[at].copy()
    values[at] = kept + STEP
    above = of()
    values[at] = kept - STEP
    below = of()
    values[at] = kept
    return (above - below) / (2 * STEP)


def by_parameter(numbers: Numbers, values: Array, penalty: Callable[[Array], float]) -> Array:
    gradient = np.empty_like(values)
    for at in np.ndindex(values.shape):
        gradient[at] = difference(lambda: numbers.total(penalty), values, at)
    return gradient


def by_activation(numbers: Numbers, layer: int) -> Array:
    """∂Cᵢ/∂a: example i's cost hangs on its own row only, so all rows move at once."""
    a = numbers.values()[layer][1]
    columns = [
        difference(lambda: numbers.costs_after(layer, a), a, (slice(None), j))
        for j in range(a.shape[1])
    ]
    return np.stack(columns, axis=1)


def by_z(numbers: Numbers, layer: int) -> Array:
    z = numbers.values()[layer][0]
    sigma = SIGMA[numbers.activations[layer]]
    columns = [
        difference(lambda: numbers.costs_after(layer, sigma(z)), z, (slice(None), j))
        for j in range(z.shape[1])
    ]
    return np.stack(columns, axis=1)


def relative_error(found: Array, expected: Array) -> float:
    assert found.shape == expected.shape
    assert np.abs(expected).max() > 1e-4
    return float(np.abs(found - expected).max() / np.abs(expected).max())


def rows(array: Array) -> Any:
    return tuple(map(tuple, array.tolist()))


def traced(numbers: Numbers, loss: str, kind: str, experiment_of: Any, inline: Any) -> Trace:
    units = [len(b) for b in numbers.biases]
    experiment: Experiment = experiment_of(
        list(zip(units, numbers.activations, strict=True)),
        data=inline(numbers.inputs, numbers.targets),
        initial=Initial(
            weights=tuple(map(rows, numbers.weights)),
            biases=tuple(tuple(b.tolist()) for b in numbers.biases),
        ),
        loss=loss,
        regularization=Regularization(kind, RATE),
        size=3,
        shuffle=False,
        dtype="float64",
    )
    return Trainer(experiment, load(experiment)).advance_traced()


@pytest.mark.parametrize("hidden", [a for a in ACTIVATIONS if a != "softmax"])
@pytest.mark.parametrize(("loss", "output"), PAIRS)
def test_derivatives_agree_with_finite_differences(
    loss: str, output: str, hidden: str, experiment_of: Any, inline: Any
) -> None:
    numbers = Numbers(loss, hidden, output)
    for kind, penalty in PENALTY.items():
        trace = traced(numbers, loss, kind, experiment_of, inline)
        for layer, found in enumerate(trace.layers):
            z, a = numbers.values()[layer]
            assert found.z == pytest.approx(z, rel=1e-12)
            assert found.activation == pytest.approx(a, rel=1e-12)
            weight = by_parameter(numbers, numbers.weights[layer], penalty)
            assert relative_error(found.weight_gradient, weight) < CLOSE
            bias = by_parameter(numbers, numbers.biases[layer], penalty)
            assert relative_error(found.bias_gradient, bias) < CLOSE
            if kind == "none":  # of one example alone, so regularization has no part in them
                assert relative_error(found.delta, by_z(numbers, layer)) < CLOSE
                expected = by_activation(numbers, layer)
                assert relative_error(found.activation_gradient, expected) < CLOSE
        costs = numbers.costs_after(-1, numbers.inputs)
        assert trace.losses == pytest.approx(costs, rel=1e-12)
        assert trace.batch_cost == pytest.approx(costs.mean(), rel=1e-12)
        assert trace.penalty == pytest.approx(sum(penalty(w) for w in numbers.weights), abs=1e-12)


@pytest.mark.parametrize("kind", ["l1", "l2"])
def test_regularization_leaves_the_derivatives_of_examples_alone(
    kind: str, experiment_of: Any, inline: Any
) -> None:
    numbers = Numbers("squared_error", "tanh", "linear")
    plain = traced(numbers, "squared_error", "none", experiment_of, inline)
    other = traced(numbers, "squared_error", kind, experiment_of, inline)
    for one, two in zip(plain.layers, other.layers, strict=True):
        assert two.delta == pytest.approx(one.delta, rel=1e-12)
        assert two.activation_gradient == pytest.approx(one.activation_gradient, rel=1e-12)
        assert two.bias_gradient == pytest.approx(one.bias_gradient, rel=1e-12)
        assert np.abs(two.weight_gradient - one.weight_gradient).min() > 1e-5


def test_the_smallest_bend_of_relu_has_slope_0(experiment_of: Any, inline: Any) -> None:
    """At z = 0 exactly the convention of the format decides."""
    experiment = experiment_of(
        ((1, "relu"), (1, "linear")),
        data=inline([[1.0]], [[1.0]]),
        initial=Initial(weights=(((0.0,),), ((2.0,),)), biases=((0.0,), (0.0,))),
        size=1,
        dtype="float64",
    )
    first = Trainer(experiment, load(experiment)).advance_traced().layers[0]
    assert first.activation_gradient.tolist() == [[-2.0]]
    assert first.delta.tolist() == [[0.0]]
    assert first.weight_gradient.tolist() == [[0.0]]
