from __future__ import annotations

import math
import re
from collections.abc import Callable

import numpy as np
import pytest

from explorer.core.beats import beats_of
from explorer.core.data.dataset import Dataset
from explorer.core.experiment import ACTIVATIONS, LOSSES
from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron, Weight
from explorer.views.formula import Line
from explorer.views.formulas import lines_of

MomentOf = Callable[..., Moment]
FORCED = {"cross_entropy": "softmax", "binary_cross_entropy": "sigmoid"}
BEATS = tuple(map(str, beats_of(2)))


def value(line: Line) -> float:
    return float(line.value.split()[0].replace("−", "-").replace(",", ""))


def values(lines: list[Line]) -> dict[str, float]:
    """The numbers by what stands before their first equals sign."""
    return {line.latex.split(" =")[0]: value(line) for line in lines if line.value != "…"}


def assert_near(shown: float, expected: float) -> None:
    """Three figures, or as many as fit into four decimals."""
    assert shown == pytest.approx(expected, rel=5e-3, abs=5e-5)


def evaluated(latex: str, a: float, y: float, k: int) -> float:
    """What a formula of a, y and the number of outputs K comes to."""
    text = re.sub(r"\\t?frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))", latex)
    text = re.sub(r"\\ln a", r"log(a)", text).replace(r"\ln", "log").replace("^", "**")
    text = re.sub(r"(?<=[\w)])(?=\(|log)", "*", text).replace("log*", "log")
    return float(eval(text, {"a": a, "y": y, "K": k, "log": math.log}))


class TestNeurons:
    @pytest.mark.parametrize("beat", BEATS)
    @pytest.mark.parametrize("neuron", [Neuron(1, 1), Neuron(2, 0)], ids=repr)
    def test_numbers_are_those_of_the_trace(
        self, moment_of: MomentOf, beat: str, neuron: Neuron
    ) -> None:
        moment = moment_of(beat, example=2)
        found = values(lines_of(moment, neuron))
        layer, j = moment.trace.layers[neuron.layer - 1], neuron.index
        expected = {
            "b": layer.bias_before[j],
            "z": layer.z[2, j],
            "a": layer.activation[2, j],
            "C": moment.trace.loss_terms[2, 0],
            r"\frac{\partial C}{\partial a}": layer.activation_gradient[2, j],
            r"\delta": layer.delta[2, j],
        }
        assert found
        for name, number in found.items():
            assert_near(number, expected[name])

    @pytest.mark.parametrize(
        ("beat", "names"),
        [
            ("mini_batch", ["b"]),
            ("forward:1", ["b"]),
            ("forward:2", ["z", "a"]),
            ("cost", ["z", "a", "C"]),
            ("backward:2", ["z", "a", "C", r"\frac{\partial C}{\partial a}", r"\delta"]),
            ("update", ["z", "a", "C", r"\frac{\partial C}{\partial a}", r"\delta"]),
        ],
    )
    def test_there_are_as_many_as_the_beat_has_computed(
        self, moment_of: MomentOf, beat: str, names: list[str]
    ) -> None:
        assert list(values(lines_of(moment_of(beat), Neuron(2, 1)))) == names

    def test_a_hidden_neuron_waits_for_its_own_backward_beat(self, moment_of: MomentOf) -> None:
        assert r"\delta" not in values(lines_of(moment_of("backward:2"), Neuron(1, 0)))
        assert r"\delta" in values(lines_of(moment_of("backward:1"), Neuron(1, 0)))

    def test_what_is_not_computed_is_no_number(self, moment_of: MomentOf) -> None:
        lines = lines_of(moment_of("mini_batch"), Neuron(1, 0))
        assert [line.value for line in lines] == ["0.500", "…", "…"]
        assert lines[-1].latex == r"a = \tanh z ="

    def test_the_target_stands_beside_the_output(self, moment_of: MomentOf) -> None:
        line = lines_of(moment_of("cost"), Neuron(2, 1))[1]
        assert line.value.endswith("y = 1.00")

    def test_tones_are_signs(self, moment_of: MomentOf) -> None:
        for beat in BEATS:
            for neuron in (Neuron(1, 0), Neuron(1, 1), Neuron(2, 0), Neuron(2, 1)):
                for line in lines_of(moment_of(beat), neuron):
                    if line.tone in ("positive", "negative"):
                        assert (value(line) > 0) == (line.tone == "positive")

    def test_an_input_is_its_value(self, moment_of: MomentOf) -> None:
        """Example 7 is (−1, 0.5)."""
        assert values(lines_of(moment_of(), Neuron(0, 1))) == {"x": 0.5}

    @pytest.mark.parametrize("activation", ACTIVATIONS)
    def test_every_activation_is_named(self, moment_of: MomentOf, activation: str) -> None:
        loss = "cross_entropy" if activation == "softmax" else "squared_error"
        moment = moment_of("forward:1", layers=((2, activation),), loss=loss)
        latex = lines_of(moment, Neuron(1, 0))[1].latex
        known = {
            "linear": "z",
            "sigmoid": "sigma",
            "relu": "max",
            "leaky_relu": "100",
            "silu": "sigma",
            "softplus": "ln",
        }
        assert known.get(activation, activation) in latex


class TestLosses:
    @pytest.mark.parametrize("loss", [loss for loss in LOSSES if loss != "cross_entropy"])
    def test_with_one_output_the_formula_comes_to_its_number(
        self, moment_of: MomentOf, one_output: Dataset, loss: str
    ) -> None:
        self.check(moment_of, one_output, ((1, "sigmoid"),), loss)

    @pytest.mark.parametrize("loss", LOSSES)
    def test_with_two_outputs_too(self, moment_of: MomentOf, plane: Dataset, loss: str) -> None:
        self.check(moment_of, plane, ((2, FORCED.get(loss, "sigmoid")),), loss)

    def check(
        self, moment_of: MomentOf, data: Dataset, layers: tuple[tuple[int, str]], loss: str
    ) -> None:
        """C of one output, and ∂C/∂a, from a and y as the formula puts them together."""
        for example in range(4):
            moment = moment_of(
                "backward:1", dataset=data, layers=layers, loss=loss, example=example
            )
            k = layers[0][0]
            for j in range(k):
                a = float(moment.trace.layers[0].activation[example, j])
                y = float(moment.trace.targets[example, j])
                lines = lines_of(moment, Neuron(1, j))
                cost = next(line for line in lines if line.latex.startswith("C ="))
                slope = next(line for line in lines if r"\partial a} =" in line.latex)
                for line in (cost, slope):
                    formula = line.latex.split(" = ")[1].removesuffix(" =")
                    assert_near(value(line), evaluated(formula, a, y, k))


class TestWeights:
    @pytest.mark.parametrize("beat", BEATS)
    @pytest.mark.parametrize("weight", [Weight(1, 2, 0), Weight(2, 0, 2)], ids=repr)
    def test_numbers_are_those_of_the_trace(
        self, moment_of: MomentOf, beat: str, weight: Weight
    ) -> None:
        moment = moment_of(beat, example=1)
        layer, j, k = moment.trace.layers[weight.layer - 1], weight.target, weight.source
        a = (moment.trace.inputs, moment.trace.layers[0].activation)[weight.layer - 1][1, k]
        gradient = layer.weight_gradient[j, k]
        old = layer.weight_before[j, k]
        expected = {
            f"w_{{{j + 1},{k + 1}}}": old - 0.5 * gradient if beat == "update" else old,
            "a_k": a,
            r"-\frac{\partial C_i}{\partial w}": -layer.delta[1, j] * a,
            r"-\frac{\partial C}{\partial w}": -gradient,
            r"\Delta w": -0.5 * gradient,
        }
        found = values(lines_of(moment, weight))
        assert found.keys() <= expected.keys() | {r"w\,a_k"}
        for name, number in found.items():
            if name in expected:
                assert_near(number, expected[name])

    @pytest.mark.parametrize("beat", BEATS)
    def test_the_product_is_of_the_factors_above_it(self, moment_of: MomentOf, beat: str) -> None:
        """With a rate that changes the weight plainly."""
        found = values(lines_of(moment_of(beat, rate=20.0, example=1), Weight(2, 0, 2)))
        if r"w\,a_k" in found:
            product = found["w_{1,3}"] * found["a_k"]
            assert found[r"w\,a_k"] == pytest.approx(product, rel=0.02)

    @pytest.mark.parametrize(
        ("beat", "count"),
        [
            ("mini_batch", 1),
            ("forward:1", 3),
            ("cost", 3),
            ("backward:2", 4),
            ("average", 5),
        ],
    )
    def test_there_are_as_many_as_the_beat_has_computed(
        self, moment_of: MomentOf, beat: str, count: int
    ) -> None:
        assert len(lines_of(moment_of(beat), Weight(2, 0, 2))) == count

    def test_the_mean_is_over_the_wishes_of_the_examples(self, moment_of: MomentOf) -> None:
        """Those of one example each, told in its backward beat, have the mean told after it."""
        wishes = [
            values(lines_of(moment_of("backward:2", example=i), Weight(2, 1, 0)))[
                r"-\frac{\partial C_i}{\partial w}"
            ]
            for i in range(4)
        ]
        mean = values(lines_of(moment_of("average"), Weight(2, 1, 0)))
        assert mean[r"-\frac{\partial C}{\partial w}"] == pytest.approx(np.mean(wishes), abs=1e-3)
