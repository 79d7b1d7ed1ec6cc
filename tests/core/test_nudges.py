from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from explorer.core import nudges
from explorer.core.experiment import Experiment, Initial, Inline, Regularization
from explorer.core.trace import Trace
from explorer.core.trainer import Trainer

SIGMA: dict[str, Callable[[Tensor], Tensor]] = {
    "linear": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "silu": torch.nn.functional.silu,
    "softmax": lambda z: torch.softmax(z, dim=0),
}
COST: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "squared_error": lambda a, y: ((a - y) ** 2).sum(),
    "half_squared_error": lambda a, y: 0.5 * ((a - y) ** 2).sum(),
    "mean_squared_error": lambda a, y: ((a - y) ** 2).mean(),
    "binary_cross_entropy": lambda a, y: -(y * a.log() + (1 - y) * (1 - a).log()).mean(),
    "cross_entropy": lambda a, y: -(y * a.log()).sum(),
}


@st.composite
def networks(draw: st.DrawFn) -> dict[str, Any]:
    """What ``experiment_of`` takes for a random network on a random mini-batch."""
    loss = draw(st.sampled_from(list(COST)))
    forced = {"cross_entropy": "softmax", "binary_cross_entropy": "sigmoid"}
    hidden = st.tuples(st.integers(1, 4), st.sampled_from(["tanh", "sigmoid", "relu", "silu"]))
    output = forced.get(loss) or draw(st.sampled_from(["linear", "sigmoid", "tanh"]))
    layers = (*draw(st.lists(hidden, max_size=2)), (draw(st.integers(1, 3)), output))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    n, n_inputs = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    targets = random.uniform(0, 1, (n, layers[-1][0]))
    if loss == "cross_entropy":
        targets /= targets.sum(axis=1, keepdims=True)
    return {
        "layers": layers,
        "loss": loss,
        "data": Inline(rows(random.normal(0, 1.5, (n, n_inputs))), rows(targets)),
        "initial": Initial(scheme="torch_default", seed=int(random.integers(2**31))),
        "size": n,
        "shuffle": False,
        "dtype": "float64",
    }


def rows(array: np.ndarray) -> tuple[tuple[float, ...], ...]:
    return tuple(map(tuple, array.tolist()))


class ByAutograd:
    """−∂Cᵢ/∂… of one example alone, from a forward pass written here."""

    def __init__(self, trace: Trace, example: int) -> None:
        experiment: Experiment = trace.experiment
        a = torch.tensor(trace.inputs[example])
        self.activations, self.weights, self.biases = [a], [], []
        for layer, spec in zip(trace.layers, experiment.network.layers, strict=True):
            weight = torch.tensor(layer.weight_before, requires_grad=True)
            bias = torch.tensor(layer.bias_before, requires_grad=True)
            a = SIGMA[spec.activation](weight @ a + bias)
            a.retain_grad()
            self.weights.append(weight)
            self.biases.append(bias)
            self.activations.append(a)
        COST[experiment.loss](a, torch.tensor(trace.targets[example])).backward()

    def wishes(self, of: list[Tensor], layer: int) -> np.ndarray:
        gradient = of[layer].grad
        assert gradient is not None
        return -gradient.numpy()


def close(expected: np.ndarray) -> Any:
    return pytest.approx(expected, rel=1e-7, abs=1e-10)


@settings(deadline=None, max_examples=60)
@given(network=networks())
def test_wishes_are_minus_the_derivatives_of_one_examples_cost(
    network: dict[str, Any], trainer_of: Callable[..., Trainer]
) -> None:
    trace = trainer_of(network.pop("layers"), **network).advance_traced()
    for example in range(trace.batch_size):
        truth = ByAutograd(trace, example)
        for layer in range(1, len(trace.layers) + 1):
            expected = truth.wishes(truth.activations, layer)
            assert nudges.activation_wishes(trace, layer, example) == close(expected)
            expected = truth.wishes(truth.biases, layer - 1)
            assert nudges.bias_wishes(trace, layer, example) == close(expected)
            expected = truth.wishes(truth.weights, layer - 1)
            found = nudges.weight_wishes(trace, layer, example)
            assert found.shape == (trace.units(layer), trace.units(layer - 1))
            assert found == close(expected)


@settings(deadline=None, max_examples=60)
@given(network=networks())
def test_what_is_handed_back_adds_up_to_the_wishes_of_the_layer_before(
    network: dict[str, Any], trainer_of: Callable[..., Trainer]
) -> None:
    trace = trainer_of(network.pop("layers"), **network).advance_traced()
    for example in range(trace.batch_size):
        for layer in range(1, len(trace.layers) + 1):
            handed = nudges.handed_back(trace, layer, example)
            assert handed.shape == (trace.units(layer), trace.units(layer - 1))
            if layer > 1:
                expected = nudges.activation_wishes(trace, layer - 1, example)
                assert handed.sum(axis=0) == close(expected)


@settings(deadline=None, max_examples=60)
@given(network=networks())
def test_the_mean_of_what_the_examples_ask_is_minus_the_gradient(
    network: dict[str, Any], trainer_of: Callable[..., Trainer]
) -> None:
    trace = trainer_of(network.pop("layers"), **network).advance_traced()
    for layer, values in enumerate(trace.layers, start=1):
        for neuron in range(values.units):
            wishes = nudges.example_wishes(trace, layer, neuron)
            assert wishes.shape == (1 + trace.units(layer - 1), trace.batch_size)
            mean = wishes.mean(axis=1)
            assert mean[0] == close(-values.bias_gradient[neuron])
            assert mean[1:] == close(-values.weight_gradient[neuron])
            for example in range(trace.batch_size):
                column = wishes[:, example]
                assert column[0] == nudges.bias_wishes(trace, layer, example)[neuron]
                assert np.array_equal(
                    column[1:], nudges.weight_wishes(trace, layer, example)[neuron]
                )


def test_regularization_is_nobodys_wish(trainer_of: Callable[..., Trainer]) -> None:
    """It is in the gradient, but no example asks for it."""
    trace = trainer_of(regularization=Regularization("l2", 0.1), dtype="float64").advance_traced()
    for layer, values in enumerate(trace.layers, start=1):
        for neuron in range(values.units):
            mean = nudges.example_wishes(trace, layer, neuron).mean(axis=1)
            pull = -0.1 * values.weight_before[neuron]
            assert mean[1:] + pull == close(-values.weight_gradient[neuron])


class TestAgreement:
    @given(
        st.integers(1, 5).flatmap(
            lambda rows: st.lists(
                st.lists(st.floats(-1e3, 1e3), min_size=rows, max_size=rows),
                min_size=1,
                max_size=8,
            )
        )
    )
    def test_lies_between_0_and_1(self, columns: list[list[float]]) -> None:
        found = nudges.agreement(np.array(columns).T)
        assert 0 <= found <= 1 + 1e-12

    def test_is_1_where_all_ask_the_same(self) -> None:
        wishes = np.outer([0.5, -2.0, 3.0], np.ones(4))
        assert nudges.agreement(wishes) == pytest.approx(1)

    def test_is_0_where_they_cancel(self) -> None:
        assert nudges.agreement(np.array([[1.0, -1.0], [-2.0, 2.0]])) == pytest.approx(0)

    def test_is_a_half_where_one_of_four_opposes_the_rest(self) -> None:
        assert nudges.agreement(np.array([[1.0, 1.0, 1.0, -1.0]])) == pytest.approx(0.5)

    def test_does_not_hang_on_the_scale(self) -> None:
        wishes = np.random.default_rng(0).normal(size=(3, 5))
        assert nudges.agreement(wishes * 1e-9) == pytest.approx(nudges.agreement(wishes))

    def test_of_no_wishes_at_all_is_0(self) -> None:
        assert nudges.agreement(np.zeros((3, 4))) == 0
