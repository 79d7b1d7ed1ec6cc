from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest
from msgspec.structs import replace

from explorer.core.experiment import (
    ACTIVATIONS,
    REAL_SETS,
    TOY_SETS,
    Adam,
    Builtin,
    BuiltinName,
    Experiment,
    Initial,
    Inline,
    Layer,
    MiniBatch,
    NetworkSpec,
    Regularization,
    Sgd,
    parameter_names,
)

CIRCLES = Builtin(name="circles")
HIDDEN = Layer(4)


def on(*layers: Layer, **parts: Any) -> Experiment:
    """An experiment on circles."""
    network = NetworkSpec(
        layers=layers,
        initial=parts.pop("initial", Initial()),
        frozen=parts.pop("frozen", ()),
    )
    return Experiment(data=parts.pop("data", CIRCLES), network=network, **parts)


def test_is_frozen() -> None:
    experiment = on(HIDDEN, Layer(1))
    with pytest.raises(AttributeError):
        experiment.loss = "squared_error"
    with pytest.raises(AttributeError):
        experiment.network.layers[0].units = 2


def test_every_builtin_set_is_generated_real_or_worked_by_hand() -> None:
    assert {*TOY_SETS, *REAL_SETS, "mazur"} == set(get_args(BuiltinName))


def test_output_is_the_last_layer() -> None:
    assert on(HIDDEN, Layer(2, "relu")).output == Layer(2, "relu")


def test_parameter_names_count_layers_from_one() -> None:
    assert parameter_names(NetworkSpec(layers=(HIDDEN, Layer(1)))) == (
        "weight1",
        "bias1",
        "weight2",
        "bias2",
    )


@pytest.mark.parametrize("activation", [a for a in ACTIVATIONS if a != "softmax"])
def test_cross_entropy_takes_softmax_outputs_only(activation: Any) -> None:
    with pytest.raises(
        ValueError, match=rf"^\$\.loss: cross_entropy needs softmax outputs, not {activation}$"
    ):
        on(HIDDEN, Layer(2, activation), loss="cross_entropy")


@pytest.mark.parametrize("activation", [a for a in ACTIVATIONS if a not in ("softmax", "sigmoid")])
def test_binary_cross_entropy_takes_sigmoid_outputs_only(activation: Any) -> None:
    with pytest.raises(ValueError, match=r"^\$\.loss: binary_cross_entropy needs sigmoid outputs"):
        on(HIDDEN, Layer(1, activation), loss="binary_cross_entropy")


@pytest.mark.parametrize(
    "loss", ["squared_error", "half_squared_error", "mean_squared_error", "binary_cross_entropy"]
)
def test_softmax_takes_cross_entropy_only(loss: Any) -> None:
    with pytest.raises(
        ValueError,
        match=rf"^\$\.network\.layers\[1\]\.activation: softmax goes only with .*, not {loss}$",
    ):
        on(HIDDEN, Layer(2, "softmax"), loss=loss)


def test_softmax_is_refused_in_a_hidden_layer_even_with_cross_entropy() -> None:
    with pytest.raises(
        ValueError, match=r"^\$\.network\.layers\[0\]\.activation: softmax is for the output layer"
    ):
        on(Layer(2, "softmax"), Layer(2, "softmax"), loss="cross_entropy")


W1, W2 = ((0.1, 0.2), (0.3, 0.4), (0.5, 0.6)), ((1.0, 2.0, 3.0),)
B1, B2 = (0.0, 0.0, 0.0), (0.0,)


@pytest.mark.parametrize(
    ("weights", "biases", "message"),
    [
        ((W1,), (B1, B2), r"weights: expected 2 layers, got 1"),
        ((W1, W2), (B1,), r"biases: expected 2 layers, got 1"),
        ((W1[:2], W2), (B1, B2), r"weights\[0\]: expected 3 rows, got 2"),
        ((((0.1, 0.2), (0.3,), (0.5, 0.6)), W2), (B1, B2), r"weights\[0\]\[1\]: expected 2 n.*1"),
        ((W1, ((1.0, 2.0),)), (B1, B2), r"weights\[1\]\[0\]: expected 3 numbers, got 2"),
        ((W1, W2), (B1[:2], B2), r"biases\[0\]: expected 3 numbers, got 2"),
        ((W1, W2), (B1, (0.0, 0.0)), r"biases\[1\]: expected 1 numbers, got 2"),
        ((W1, W2), msgspec.UNSET, r"initial: weights and biases go together"),
        (msgspec.UNSET, (B1, B2), r"initial: weights and biases go together"),
    ],
)
def test_explicit_parameters_must_fit_the_layers(weights: Any, biases: Any, message: str) -> None:
    with pytest.raises(ValueError, match=rf"^\$\.network\.(initial\.)?{message}$"):
        on(Layer(3), Layer(1), initial=Initial(weights=weights, biases=biases))


@pytest.mark.parametrize(
    ("weights", "biases", "where"),
    [
        ((W1, ((1.0, -1e39, 3.0),)), (B1, B2), r"weights\[1\]\[0\]\[1\]: -1e\+39"),
        ((W1, W2), ((0.0, 0.0, 3.5e38), B2), r"biases\[0\]\[2\]: 3.5e\+38"),
    ],
)
def test_explicit_parameters_are_numbers_of_the_dtype(
    weights: Any, biases: Any, where: str
) -> None:
    initial = Initial(weights=weights, biases=biases)
    experiment = on(Layer(3), Layer(1), initial=initial, dtype="float64")
    assert experiment.network.initial == initial
    with pytest.raises(ValueError, match=rf"^\$\.network\.initial\.{where} is beyond float32$"):
        msgspec.structs.replace(experiment, dtype="float32")


def test_explicit_parameters_that_fit_are_taken() -> None:
    initial = Initial(weights=(W1, W2), biases=(B1, B2))
    assert on(Layer(3), Layer(1), initial=initial).network.initial.explicit
    assert not Initial().explicit


@pytest.mark.parametrize("name", ["weight3", "bias0", "weight", "Weight1", "w1", ""])
def test_frozen_names_must_exist(name: str) -> None:
    with pytest.raises(
        ValueError,
        match=r"^\$\.network\.frozen\[1\]: expected one of weight1, bias1, weight2, bias2, got ",
    ):
        on(HIDDEN, Layer(1), frozen=("bias1", name))


@pytest.mark.parametrize("name", [*REAL_SETS, "mazur"])
def test_sets_that_are_not_generated_have_neither_noise_nor_features(name: Any) -> None:
    with pytest.raises(ValueError, match=r"^\$\.data\.noise: "):
        on(Layer(1), data=Builtin(name=name, noise=0.5))
    with pytest.raises(ValueError, match=r"^\$\.data\.features: only two-dimensional"):
        on(Layer(1), data=Builtin(name=name, features=("x", "xy")))


def test_a_feature_stands_once() -> None:
    with pytest.raises(ValueError, match=r"^\$\.data\.features: each feature once$"):
        on(Layer(1), data=Builtin(name="xor", features=("x", "xy", "x")))


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"inputs": ((),), "targets": ((),)}, r"inputs\[0\]: expected at least one number"),
        ({"inputs": ((1.0,), (2.0, 3.0))}, r"inputs\[1\]: expected 1 numbers, got 2"),
        ({"targets": ((1.0,), (2.0, 3.0))}, r"targets\[1\]: expected 1 numbers, got 2"),
        ({"targets": ((1.0,),)}, r"targets: expected 2 rows as in inputs, got 1"),
        ({"test_inputs": ((1.0,),)}, r"test_targets: expected 1 rows as in test_inputs, got 0"),
        (
            {"test_inputs": ((1.0, 2.0),), "test_targets": ((1.0,),)},
            r"test_inputs\[0\]: expected 1 numbers, got 2",
        ),
        (
            {"test_inputs": ((1.0,),), "test_targets": ((1.0, 0.0),)},
            r"test_targets\[0\]: expected 1 numbers, got 2",
        ),
        ({"labels": ("a", "b", "c")}, r"labels: expected 1 labels, one per output, got 3"),
    ],
)
def test_inline_examples_must_fit_each_other(parts: Any, message: str) -> None:
    good = {"inputs": ((1.0,), (2.0,)), "targets": ((0.0,), (1.0,))}
    on(Layer(1), data=Inline(**good))
    with pytest.raises(ValueError, match=rf"^\$\.data\.{message}"):
        on(Layer(1), data=Inline(**{**good, **parts}))


@pytest.mark.parametrize(
    "optimizer",
    [
        Sgd(nesterov=True),
        Sgd(nesterov=True, momentum=0.9, dampening=0.1),
    ],
)
def test_nesterov_needs_momentum_without_dampening(optimizer: Sgd) -> None:
    with pytest.raises(ValueError, match=r"^\$\.optimizer\.nesterov: "):
        on(Layer(1), optimizer=optimizer)


class TestSettings:
    """What a running experiment can take up, and what needs a new run."""

    base = on(HIDDEN, Layer(1))

    @pytest.mark.parametrize(
        "other",
        [
            {"optimizer": Sgd(learning_rate=0.5, momentum=0.9)},
            {"optimizer": Adam()},
            {"mini_batch": MiniBatch(size=3)},
            {"title": "another"},
            {},
        ],
    )
    def test_optimizer_batch_size_and_title_are_taken_up(self, other: Any) -> None:
        changed = replace(self.base, **other)
        assert not self.base.restarts(changed)
        assert self.base.with_settings_of(changed) == changed

    @pytest.mark.parametrize(
        "other",
        [
            {"mini_batch": MiniBatch(size=10, shuffle=False)},
            {"mini_batch": MiniBatch(size=10, seed=1)},
            {"data": Builtin(name="xor")},
            {"network": NetworkSpec(layers=(Layer(5), Layer(1)))},
            {"network": NetworkSpec(layers=(HIDDEN, Layer(1)), initial=Initial(seed=1))},
            {"network": NetworkSpec(layers=(HIDDEN, Layer(1)), frozen=("bias1",))},
            {"loss": "squared_error"},
            {"regularization": Regularization("l2", 0.1)},
            {"dtype": "float64"},
            {"device": "cpu"},
            {"engine": "torch"},
        ],
    )
    def test_everything_else_restarts(self, other: Any) -> None:
        changed = replace(self.base, **other)
        assert self.base.restarts(changed)
        assert self.base.with_settings_of(changed) == self.base

    def test_a_restart_is_seen_beside_new_settings(self) -> None:
        changed = replace(self.base, optimizer=Adam(), loss="squared_error")
        assert self.base.restarts(changed)
