from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from explorer.core.experiment import Regularization
from explorer.core.trainer import Trainer

TrainerOf = Callable[..., Trainer]

# As the format's documentation lists them.
KEYS = [
    "update",
    "epoch",
    "mini_batch",
    "mini_batches",
    "indices",
    "inputs",
    "targets",
    "layers",
    "losses",
    "batch_cost",
    "batch_cost_after",
    "total_cost_before",
    "total_cost_after",
    "device",
    "dtype",
]
LAYER_KEYS = [
    "z",
    "activation",
    "delta",
    "activation_gradient",
    "weight_before",
    "weight_gradient",
    "weight_after",
    "bias_before",
    "bias_gradient",
    "bias_after",
]


class TestPlain:
    def test_keys_are_the_documented_ones(self, trainer_of: TrainerOf) -> None:
        plain = trainer_of().advance_traced(surface=3).plain()
        assert list(plain) == KEYS
        assert [list(layer) for layer in plain["layers"]] == [LAYER_KEYS] * 2

    def test_regularization_is_reported_apart_from_the_loss(self, trainer_of: TrainerOf) -> None:
        regularized = trainer_of(regularization=Regularization("l2", 0.1), dtype="float64")
        trace = regularized.advance_traced()
        plain = trace.plain()
        assert set(plain) == {*KEYS, "regularization"}
        squares = sum((layer.weight_before**2).sum() for layer in trace.layers)
        assert plain["regularization"] == pytest.approx(0.1 * 0.5 * squares, rel=1e-12)
        free = trainer_of(dtype="float64").advance_traced().plain()
        assert plain["batch_cost"] == free["batch_cost"]

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_numbers_read_back_to_the_same_floats(self, trainer_of: TrainerOf, dtype: str) -> None:
        trainer = trainer_of(dtype=dtype)
        trainer.advance()
        trace = trainer.advance_traced()
        again = json.loads(json.dumps(trace.plain(), allow_nan=False))
        for name in ("inputs", "targets", "losses"):
            assert np.array(again[name], dtype).tobytes() == getattr(trace, name).tobytes(), name
        for layer, values in zip(again["layers"], trace.layers, strict=True):
            for name in LAYER_KEYS:
                found = np.array(layer[name], dtype)
                assert found.shape == getattr(values, name).shape, name
                assert found.tobytes() == getattr(values, name).tobytes(), name
        assert again["indices"] == trace.indices.tolist()
        for name in KEYS[-6:]:
            assert again[name] == getattr(trace, name), name

    def test_totals_that_were_not_measured_are_null(self, trainer_of: TrainerOf) -> None:
        plain = trainer_of().advance_traced(totals=False).plain()
        assert plain["total_cost_before"] is None
        assert plain["total_cost_after"] is None


class TestShapes:
    def test_are_those_of_the_mathematics(self, trainer_of: TrainerOf) -> None:
        trace = trainer_of(((4, "tanh"), (3, "relu"), (1, "tanh"))).advance_traced()
        assert [trace.units(layer) for layer in range(4)] == [2, 4, 3, 1]
        assert trace.batch_size == 5
        assert trace.activation(0) is trace.inputs
        assert trace.activation(2) is trace.layers[1].activation
        for number, layer in enumerate(trace.layers, start=1):
            n, before = trace.units(number), trace.units(number - 1)
            assert layer.units == n
            for name in ("z", "activation", "delta", "activation_gradient"):
                assert getattr(layer, name).shape == (5, n), name
            for name in ("weight_before", "weight_gradient", "weight_after", "weight_change"):
                assert getattr(layer, name).shape == (n, before), name
            for name in ("bias_before", "bias_gradient", "bias_after", "bias_change"):
                assert getattr(layer, name).shape == (n,), name
        assert trace.losses.shape == (5,)
        assert trace.loss_terms.shape == (5, 1)
        assert trace.order.shape == (23,)

    def test_changes_are_what_the_optimizer_applied(self, trainer_of: TrainerOf) -> None:
        trace = trainer_of(dtype="float64").advance_traced()
        for layer in trace.layers:
            assert layer.weight_change == pytest.approx(-0.03 * layer.weight_gradient, abs=1e-15)
            assert layer.bias_change == pytest.approx(-0.03 * layer.bias_gradient, abs=1e-15)


def test_is_frozen(trainer_of: TrainerOf) -> None:
    trace: Any = trainer_of().advance_traced()
    with pytest.raises(AttributeError, match="immutable"):
        trace.update = 7
    with pytest.raises(AttributeError, match="immutable"):
        trace.layers[0].z = trace.inputs
