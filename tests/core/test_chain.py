from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from explorer.core import chain
from explorer.core.experiment import ACTIVATIONS, Initial, Inline, Regularization
from explorer.core.part_of_network import Neuron
from explorer.core.trace import Trace
from explorer.core.trainer import Trainer

TrainerOf = Callable[..., Trainer]
ELEMENTWISE = [a for a in ACTIVATIONS if a != "softmax"]


def inline(seed: int, outputs: int = 3, examples: int = 6) -> Inline:
    random = np.random.default_rng(seed)
    targets = random.uniform(0, 1, (examples, outputs))
    return Inline(rows(random.normal(0, 1.5, (examples, 3))), rows(targets / targets.sum()))


def rows(array: np.ndarray) -> Any:
    return tuple(map(tuple, array.tolist()))


def neurons(trace: Trace) -> list[tuple[int, Neuron]]:
    """Every example with every neuron."""
    return [
        (example, Neuron(layer, j))
        for example in range(trace.batch_size)
        for layer in range(1, len(trace.layers) + 1)
        for j in range(trace.units(layer))
    ]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("activation", ELEMENTWISE)
def test_the_factors_multiply_to_what_autograd_recorded(
    activation: str, dtype: str, trainer_of: TrainerOf
) -> None:
    for seed in range(4):
        trace = trainer_of(
            ((5, activation), (4, activation), (3, activation)),
            data=inline(seed),
            initial=Initial(scheme="normal" if seed % 2 else "torch_default", seed=seed),
            size=6,
            dtype=dtype,
        ).advance_traced()
        for example, neuron in neurons(trace):
            delta = float(trace.layers[neuron.layer - 1].delta[example, neuron.index])
            found = chain.factors_of(trace, example, neuron, 1)
            product = found.by_activation * found.slope
            close = {"rel": 1e-6, "abs": 1e-12}
            if dtype == "float32":  # in which torch rounds GELU's slope, a sum, at 1e−7 of 1
                close = {"rel": 1e-5, "abs": 1e-6 * abs(found.by_activation)}
            assert product == pytest.approx(delta, **close)
            assert found.multiply
            assert found.by_bias == found.delta == delta
            behind = trace.activation(neuron.layer - 1)[example, 1]
            assert found.by_weight == pytest.approx(delta * behind, rel=1e-6)


def test_one_examples_factors_are_the_gradient_of_a_mini_batch_of_one(
    trainer_of: TrainerOf,
) -> None:
    """By the format a mini-batch of one has Cᵢ for its cost."""
    trace = trainer_of(((4, "gelu"), (3, "sigmoid")), data=inline(3), size=1).advance_traced()
    for _, neuron in neurons(trace):
        for k in range(trace.units(neuron.layer - 1)):
            found = chain.factors_of(trace, 0, neuron, k)
            assert found.by_weight == pytest.approx(found.mean_by_weight, rel=1e-5)
            assert found.by_bias == pytest.approx(found.mean_by_bias, rel=1e-5)


def test_softmax_terms_sum_to_delta_and_its_own_slope_alone_does_not(
    trainer_of: TrainerOf,
) -> None:
    random = np.random.default_rng(1)
    shares = random.uniform(0, 1, (5, 3))
    data = Inline(
        rows(random.normal(0, 1, (5, 2))), rows(shares / shares.sum(axis=1, keepdims=True))
    )
    trace = trainer_of(
        ((3, "softmax"),), data=data, loss="cross_entropy", size=5, dtype="float64"
    ).advance_traced()
    for example, neuron in neurons(trace):
        by_activation, slopes = chain.softmax_terms(trace, example, neuron.index)
        delta = trace.layers[0].delta[example, neuron.index]
        assert float(by_activation @ slopes) == pytest.approx(delta, rel=1e-9)
        assert not chain.factors_of(trace, example, neuron, 0).multiply


def test_a_product_lost_to_rounding_is_known(trainer_of: TrainerOf) -> None:
    """σ(40) is 1 in float32, so a(1 − a) is 0; torch takes δ = a − y from z."""
    trace = trainer_of(
        ((1, "sigmoid"),),
        data=Inline(((1.0,),), ((0.0,),)),
        initial=Initial(weights=(((40.0,),),), biases=((0.0,),)),
        loss="binary_cross_entropy",
        size=1,
    ).advance_traced()
    found = chain.factors_of(trace, 0, Neuron(1, 0), 0)
    assert found.delta == 1.0
    assert not found.multiply


@pytest.mark.parametrize("kind", ["none", "l2"])
def test_mean_slopes_leave_regularization_out(kind: str, trainer_of: TrainerOf) -> None:
    rate = 0.25
    trace = trainer_of(
        ((4, "tanh"), (3, "sigmoid")),
        data=inline(7),
        regularization=Regularization(kind, rate if kind == "l2" else 0.0),
        size=6,
        dtype="float64",
    ).advance_traced()
    layer = trace.layers[1]
    added = rate * layer.weight_before[2, 1] if kind == "l2" else 0.0
    found = chain.mean_slope(trace, 2, 2, 1)
    assert found == pytest.approx(layer.weight_gradient[2, 1] - added, rel=1e-9)
    assert chain.mean_slope(trace, 2, 2, None) == pytest.approx(layer.bias_gradient[2], rel=1e-9)
    own = [chain.example_slope(trace, i, 2, 2, 1) for i in range(6)]
    assert np.mean(own) == pytest.approx(found, rel=1e-9)


def test_the_costliest_source_has_the_largest_derivative(trainer_of: TrainerOf) -> None:
    trace = trainer_of(((4, "tanh"), (3, "sigmoid")), data=inline(2), size=6).advance_traced()
    for example, neuron in neurons(trace):
        sizes = [
            abs(chain.factors_of(trace, example, neuron, k).by_weight)
            for k in range(trace.units(neuron.layer - 1))
        ]
        assert chain.costliest_source(trace, example, neuron) == int(np.argmax(sizes))
