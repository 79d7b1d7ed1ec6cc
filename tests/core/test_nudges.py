from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from torch import Tensor

from explorer.core import nudges
from explorer.core.experiment import Experiment, Initial, Inline, Regularization
from explorer.core.nudges import SCOPES, Scope
from explorer.core.part_of_network import Neuron, Selectable, Weight
from explorer.core.trace import Trace
from explorer.core.trainer import Trainer

SIGMA: dict[str, Callable[[Tensor], Tensor]] = {
    "linear": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": lambda z: torch.where(z > 0, z, 0.01 * z),
    "elu": lambda z: torch.where(z > 0, z, z.clamp(max=0).exp() - 1),
    "gelu": lambda z: z * (1 + torch.erf(z / 2**0.5)) / 2,
    "softplus": lambda z: (1 + z.exp()).log(),
    "silu": torch.nn.functional.silu,
    "softmax": lambda z: torch.softmax(z, dim=0),
}
HIDDEN = [name for name in SIGMA if name != "softmax"]
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
    hidden = st.tuples(st.integers(1, 4), st.sampled_from(HIDDEN))
    output = forced.get(loss) or draw(st.sampled_from(HIDDEN))
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
            of_all = nudges.weight_wishes(trace, layer, slice(None))
            assert of_all.shape == (trace.batch_size, *found.shape)
            assert of_all[example] == close(expected)


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


def parts_of(trace: Trace, neuron: Neuron, scope: Scope) -> list[Selectable]:
    """Every parameter of a scope: a neuron for its bias, and its weights."""
    layers = range(1, len(trace.layers) + 1) if scope == "network" else [neuron.layer]
    found: list[Selectable] = []
    for layer in layers:
        for j in [neuron.index] if scope == "neuron" else range(trace.units(layer)):
            found += [Neuron(layer, j)]
            found += [Weight(layer, j, k) for k in range(trace.units(layer - 1))]
    return found


def truths(trace: Trace, parts: list[Selectable]) -> dict[Selectable, list[float]]:
    """What each example asks of each parameter, by autograd."""
    found: dict[Selectable, list[float]] = {part: [] for part in parts}
    for example in range(trace.batch_size):
        truth = ByAutograd(trace, example)
        for part in parts:
            if isinstance(part, Neuron):
                wish = truth.wishes(truth.biases, part.layer - 1)[part.index]
            else:
                wish = truth.wishes(truth.weights, part.layer - 1)[part.target, part.source]
            found[part].append(float(wish))
    return found


@st.composite
def scopes(draw: st.DrawFn, trace: Trace) -> tuple[Neuron, Scope]:
    layer = draw(st.integers(1, len(trace.layers)))
    neuron = Neuron(layer, draw(st.integers(0, trace.units(layer) - 1)))
    return neuron, draw(st.sampled_from(SCOPES))


@settings(deadline=None, max_examples=150)
@given(network=networks(), data=st.data())
def test_the_rows_of_a_scope_are_its_parameters_and_their_cells_what_the_examples_ask(
    network: dict[str, Any], data: st.DataObject, trainer_of: Callable[..., Trainer]
) -> None:
    """With order, means, the largest and the agreement, from the table that autograd gives."""
    trace = trainer_of(network.pop("layers"), **network).advance_traced()
    neuron, scope = data.draw(scopes(trace))
    wishes = nudges.Wishes.of(trace, neuron, scope)
    expected = truths(trace, parts_of(trace, neuron, scope))
    rows, columns = range(wishes.parameters), range(wishes.examples)
    parts = [wishes.part(row) for row in rows]
    assert len(parts) == len(set(parts))
    assert set(parts) == set(expected)
    table = np.array([expected[part] for part in parts])
    assert wishes.cells(rows, columns) == close(table)
    sizes = np.abs(table).mean(axis=1)
    assert (np.diff(sizes) <= 1e-9 * max(sizes.max(), 1e-3)).all(), "ranked by mean size"
    assert wishes.largest == pytest.approx(float(np.abs(table).max()), rel=1e-7, abs=1e-10)
    assert wishes.means(rows) == close(table.mean(axis=1))
    assert wishes.negative_gradients(rows) == close(table.mean(axis=1)), "nothing regularized"
    assert not wishes.pulls(rows).any()
    length = np.linalg.norm(table, axis=0).mean()
    if length > 1e-8:
        together = np.linalg.norm(table.mean(axis=1)) / length
        assert wishes.agreement == pytest.approx(together, rel=1e-5, abs=1e-7)


@settings(deadline=None, max_examples=40)
@given(network=networks(), data=st.data())
def test_a_few_cells_are_those_of_the_whole_table(
    network: dict[str, Any], data: st.DataObject, trainer_of: Callable[..., Trainer]
) -> None:
    trace = trainer_of(network.pop("layers"), **network).advance_traced()
    wishes = nudges.Wishes.of(trace, *data.draw(scopes(trace)))
    every = range(wishes.parameters)
    whole = wishes.cells(every, range(wishes.examples))
    first = data.draw(st.integers(0, wishes.parameters - 1))
    rows = range(first, data.draw(st.integers(first, wishes.parameters)))
    left = data.draw(st.integers(0, wishes.examples - 1))
    columns = range(left, data.draw(st.integers(left, wishes.examples)))
    assert np.array_equal(
        wishes.cells(rows, columns), whole[first : rows.stop, left : columns.stop]
    )
    assert np.array_equal(wishes.means(rows), wishes.means(every)[first : rows.stop])


@pytest.mark.parametrize(("kind", "of"), [("l1", np.sign), ("l2", lambda w: w)], ids=["l1", "l2"])
def test_regularization_is_nobodys_wish(
    trainer_of: Callable[..., Trainer], kind: str, of: Callable[[Any], Any]
) -> None:
    """It is in the gradient, but no example asks for it: what it asks stands apart."""
    trace = trainer_of(regularization=Regularization(kind, 0.1), dtype="float64").advance_traced()  # type: ignore[arg-type]
    wishes = nudges.Wishes.of(trace, Neuron(1, 0), "network")
    rows = range(wishes.parameters)
    pulls = wishes.pulls(rows)
    for row in rows:
        part, layer = wishes.part(row), trace.layers[wishes.part(row).layer - 1]
        if isinstance(part, Neuron):
            assert pulls[row] == 0
        else:
            assert pulls[row] == close(-0.1 * of(layer.weight_before[part.target, part.source]))
    assert np.abs(pulls).max() > 1e-3
    assert wishes.means(rows) + pulls == close(wishes.negative_gradients(rows))


@pytest.fixture(scope="module")
def of(trainer_of: Callable[..., Trainer]) -> Callable[..., float]:
    """How far examples agree that ask so of one bias and one weight: (B,) δ, (B,) a."""
    trace = trainer_of(((1, "linear"),)).advance_traced()

    def agreement(delta: Any, behind: Any) -> float:
        delta, behind = np.array(delta, float)[:, None], np.array(behind, float)[:, None]
        layer = replace(trace.layers[0], delta=delta)
        shown = replace(trace, layers=(layer,), inputs=behind, indices=np.arange(len(delta)))
        return nudges.Wishes.of(shown, Neuron(1, 0)).agreement

    return agreement


class TestAgreement:
    @given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=1, max_size=8))
    def test_lies_between_0_and_1(
        self, of: Callable[..., float], pairs: list[tuple[float, float]]
    ) -> None:
        assert 0 <= of(*zip(*pairs, strict=True)) <= 1 + 1e-9

    def test_is_1_where_all_ask_the_same(self, of: Callable[..., float]) -> None:
        assert of([-2.0] * 4, [3.0] * 4) == pytest.approx(1)

    def test_is_0_where_they_cancel(self, of: Callable[..., float]) -> None:
        assert of([1.0, -1.0], [2.0, 2.0]) == pytest.approx(0)

    def test_is_a_half_where_one_of_four_opposes_the_rest(self, of: Callable[..., float]) -> None:
        assert of([1.0, 1.0, 1.0, -1.0], [0.5] * 4) == pytest.approx(0.5)

    def test_does_not_hang_on_the_scale(self, of: Callable[..., float]) -> None:
        delta, behind = np.random.default_rng(0).normal(size=(2, 5))
        assert of(delta * 1e-9, behind) == pytest.approx(of(delta, behind))

    def test_of_no_wishes_at_all_is_0(self, of: Callable[..., float]) -> None:
        assert of([0.0] * 4, [1.0] * 4) == 0


def test_numbers_are_summed_in_double_precision(trainer_of: Callable[..., Trainer]) -> None:
    """2 ** 24 and 1 in float32 are 2 ** 24 together."""
    trace = trainer_of(((1, "linear"),), dtype="float32").advance_traced()
    delta = np.array([[2.0**24], [1.0], [-(2.0**24)]], np.float32)
    shown = replace(
        trace,
        layers=(replace(trace.layers[0], delta=delta),),
        inputs=np.ones((3, 1), np.float32),
        indices=np.arange(3),
    )
    assert nudges.Wishes.of(shown, Neuron(1, 0)).means(range(2)) == pytest.approx([-1 / 3] * 2)
