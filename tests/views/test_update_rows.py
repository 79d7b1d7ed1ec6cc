from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace

from explorer.core.beats import Beat
from explorer.core.data.dataset import Dataset
from explorer.core.data.load import load
from explorer.core.defaults import default_experiment
from explorer.core.experiment import Adam, Sgd
from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron, Weight
from explorer.core.trace import Carried
from explorer.core.trainer import Trainer
from explorer.views.update_rows import (
    Kept,
    Move,
    captions,
    change_text,
    kept_text,
    move_tip,
    moved_text,
    moves,
)

MomentOf = Callable[..., Moment]


@pytest.fixture(params=[2, 8, 9, 10, 60])
def dense(
    request: pytest.FixtureRequest, moment_of: MomentOf, table_of: Callable[..., Dataset]
) -> Moment:
    """The update of a network with so many inputs."""
    n = request.param
    return moment_of("update", dataset=table_of(n, 2), layers=((3, "tanh"), (2, "sigmoid")))


@pytest.fixture
def carrying(moment_of: MomentOf) -> Moment:
    """An update by an optimizer that carries two numbers for each parameter."""
    moment = moment_of("update", optimizer=Adam(0.02))
    layers = []
    for number, layer in enumerate(moment.trace.layers, start=1):
        weights = tuple(
            Carried(name, layer.weight_before * factor * number, layer.weight_after * factor * 3)
            for name, factor in (("exp_avg", 0.1), ("exp_avg_sq", 1e-6))
        )
        biases = tuple(
            Carried(name, layer.bias_before * factor * number, layer.bias_after * factor * 3)
            for name, factor in (("exp_avg", 0.1), ("exp_avg_sq", 1e-6))
        )
        layers.append(replace(layer, weight_carried=weights, bias_carried=biases))
    return replace(moment, trace=replace(moment.trace, layers=tuple(layers)))


def frozen(moment: Moment, *names: str) -> Moment:
    experiment = moment.experiment
    network = msgspec.structs.replace(experiment.network, frozen=names)
    experiment = msgspec.structs.replace(experiment, network=network)
    return replace(moment, trace=replace(moment.trace, experiment=experiment))


def test_each_row_is_one_parameter_old_and_new(moment_of: MomentOf) -> None:
    """With η = 0.5: Δ is half of −∂C/∂w."""
    moment = moment_of("update")
    layer = moment.trace.layers[1]
    bias, *weights = moves(moment, Neuron(2, 0))
    assert bias.part == Neuron(2, 0)
    assert bias.wish == pytest.approx(-layer.bias_gradient[0])
    assert (bias.old, bias.new) == (layer.bias_before[0], layer.bias_after[0])
    assert {move.part for move in weights} == {Weight(2, 0, k) for k in range(3)}
    for move in weights:
        assert isinstance(move.part, Weight)
        k = move.part.source
        assert move.name == f"w{'₁₂₃'[k]}"
        assert move.wish == pytest.approx(-layer.weight_gradient[0, k])
        assert (move.old, move.new) == (layer.weight_before[0, k], layer.weight_after[0, k])
    for move in (bias, *weights):
        assert move.change == pytest.approx(move.wish / 2)
        assert move.old is not None
        assert move.new == pytest.approx(move.old + move.change)


def test_the_bias_is_first_then_what_moved_most_and_the_rest_is_summed(dense: Moment) -> None:
    layer = dense.trace.layers[0]
    bias, *weights = moves(dense, Neuron(1, 1))
    assert bias.part == Neuron(1, 1)
    listed = [move for move in weights if move.part is not None]
    assert all(abs(a.change) >= abs(b.change) for a, b in pairwise(listed))
    rest = [move for move in weights if move.part is None]
    count = layer.weight_before.shape[1] - len(listed)
    if count:
        assert count >= 2, "nothing is summed that could be listed"
        assert len(listed) == 8
        (others,) = rest
        assert others.name == f"{count} more weights"
        assert max(abs(m.change) for m in listed) <= np.abs(layer.weight_change[1]).max()
    else:
        assert not rest
    assert sum(move.change for move in weights) == pytest.approx(layer.weight_change[1].sum())
    assert sum(move.wish for move in weights) == pytest.approx(-layer.weight_gradient[1].sum())


def test_what_the_optimizer_carries_is_in_the_row_of_its_parameter(carrying: Moment) -> None:
    layer = carrying.trace.layers[0]
    for move in moves(carrying, Neuron(1, 2)):
        before, after = layer.bias_before[2], layer.bias_after[2]
        if isinstance(move.part, Weight):
            before = layer.weight_before[2, move.part.source]
            after = layer.weight_after[2, move.part.source]
        assert [kept.letter for kept in move.kept] == ["m", "v"]
        for kept, factor in zip(move.kept, (0.1, 1e-6), strict=True):
            assert kept.before == pytest.approx(before * factor)
            assert kept.after == pytest.approx(after * factor * 3)
    lines = captions(carrying, Neuron(1, 2), moves(carrying, Neuron(1, 2))).splitlines()
    assert [line.split(": ")[0] for line in lines] == ["m = exp_avg", "v = exp_avg_sq"]


def test_plain_descent_carries_nothing(moment_of: MomentOf) -> None:
    moment = moment_of("update")
    found = moves(moment, Neuron(1, 0))
    assert captions(moment, Neuron(1, 0), found) == ""
    assert not any(move.kept for move in found)


@pytest.mark.parametrize(
    ("optimizer", "words"),
    [
        (Sgd(1e-6), ["Δ is new − old: so small a step is rounded by float32."]),
        (Sgd(0.5), []),
        (Adam(1e-6), []),  # whose Δ is not written as a product
    ],
)
def test_a_step_that_is_rounded_is_said_to_be(optimizer: Sgd | Adam, words: list[str]) -> None:
    """A float32 near 1 has steps of 6e-8 to 1.2e-7."""
    experiment = msgspec.structs.replace(default_experiment("iris"), optimizer=optimizer)
    dataset = load(experiment)
    moment = Moment(dataset, Trainer(experiment, dataset).advance_traced(), Beat("update"), 0)
    lines = captions(moment, Neuron(2, 0), moves(moment, Neuron(2, 0))).splitlines()
    assert [line for line in lines if line.startswith("Δ")] == words


@pytest.mark.parametrize(("name", "biases"), [("bias2", True), ("weight2", False)])
def test_what_is_frozen_says_so(moment_of: MomentOf, name: str, biases: bool) -> None:
    moment = frozen(moment_of("update"), name)
    for move in moves(moment, Neuron(2, 1)):
        held = isinstance(move.part, Neuron) == biases
        assert move.frozen == held
        assert (change_text(move) == "frozen") == held
        assert ("frozen" in move_tip(moment, move)) == held
    assert not any(move.frozen for move in moves(moment, Neuron(1, 1)))


@pytest.mark.parametrize("change", [0.3, -0.02, 0.0021, 0.0019, -1.2e-4, 3e-6, 1.5e-7])
def test_old_and_new_have_so_many_decimals_that_the_move_shows(change: float) -> None:
    for old in (0.12345678, -1.5, 0.0):
        text = moved_text(Move("w₁", Weight(1, 0, 0), 0.1, change, old, old + change))
        before, after = text.replace("−", "-").split(" → ")
        assert before != after
        assert float(before) == pytest.approx(old, abs=5e-4)
        assert float(after) - float(before) == pytest.approx(change, rel=0.51)


def test_what_stays_is_written_once() -> None:
    assert moved_text(Move("b", Neuron(1, 0), 0.1, 0.0, -0.6, -0.6)) == "−0.6"
    assert moved_text(Move("8 more weights", None, 0.1, 0.1)) == ""


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        (0.0, 0.012, "m 0 → 0.0120"),
        (0.0621, 0.0571, "m 0.0621 → 0.0571"),
        (1.81412e-4, 1.81398e-4, "m 0.00018141 → 0.00018140"),
        (-0.5, -0.5, "m −0.500 → −0.500"),
    ],
)
def test_what_is_carried_has_so_many_digits_that_a_change_shows(
    before: float, after: float, text: str
) -> None:
    assert kept_text(Kept("m", before, after)) == text


def test_pointing_tells_exact_numbers_and_what_regularization_asks(moment_of: MomentOf) -> None:
    moment = moment_of("update", l2=0.1)
    layer = moment.trace.layers[1]
    for move in moves(moment, Neuron(2, 0)):
        lines = move_tip(moment, move).replace("−", "-").splitlines()
        told = {
            line.split(" = ")[0].strip(): line.split(" = ")[1] for line in lines if " = " in line
        }
        key = "-∂C/∂b" if move.part == Neuron(2, 0) else "-∂C/∂w"
        assert float(told[key]) == pytest.approx(move.wish, rel=1e-6)
        assert float(told["Δ"]) == pytest.approx(move.change, rel=1e-6)
        asked = [line for line in lines if "L2" in line]
        if isinstance(move.part, Weight):
            pull = -0.1 * layer.weight_before[0, move.part.source]
            assert float(asked[0].split()[-1]) == pytest.approx(pull, rel=1e-6)
        else:
            assert not asked
