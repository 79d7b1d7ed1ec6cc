from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from explorer.core.experiment import Builtin, Regularization
from explorer.core.questions.comparison import ComparisonQuestion, between
from explorer.core.trace import Trace
from explorer.core.trainer import Trainer

RunOf = Callable[..., tuple[Trainer, Trace]]


def plain_gradients(trainer: Trainer, trace: Trace, rate: float) -> tuple[Any, Any]:
    """Both gradients of a tanh network under ½ squared error with L2, by torch in plain words."""
    weights = [torch.tensor(x.weight_before, requires_grad=True) for x in trace.layers]
    biases = [torch.tensor(x.bias_before, requires_grad=True) for x in trace.layers]

    def gradient(inputs: Any, targets: Any) -> Any:
        a = torch.tensor(inputs, dtype=weights[0].dtype)
        for w, b in zip(weights, biases, strict=True):
            a = torch.tanh(a @ w.T + b)
        errors = a - torch.tensor(targets, dtype=a.dtype)
        cost = (0.5 * errors**2).sum(dim=1).mean() + rate * sum(0.5 * (w**2).sum() for w in weights)
        order = [p for pair in zip(weights, biases, strict=True) for p in pair]
        return [g.numpy().ravel() for g in torch.autograd.grad(cost, order)]

    train = trainer.dataset.train
    rows = trace.indices
    return gradient(train.inputs[rows], train.targets[rows]), gradient(train.inputs, train.targets)


@pytest.mark.parametrize("frozen", [(), ("weight1", "bias2")])
def test_against_autograd_in_plain_torch(run_of: RunOf, answer_to: Any, frozen: Any) -> None:
    trainer, trace = run_of(
        dtype="float64",
        frozen=frozen,
        loss="half_squared_error",
        regularization=Regularization("l2", 0.1),
    )
    answer = answer_to(ComparisonQuestion(), trainer, trace)
    kept = [name not in frozen for name in ("weight1", "bias1", "weight2", "bias2")]
    mini, full = (
        np.concatenate([part for part, k in zip(parts, kept, strict=True) if k])
        for parts in plain_gradients(trainer, trace, 0.1)
    )
    cosine = mini @ full / math.sqrt(mini @ mini * (full @ full))
    assert answer.cosine == pytest.approx(cosine, abs=1e-12)
    assert answer.angle == pytest.approx(math.degrees(math.acos(cosine)), abs=1e-8)
    assert 1 < answer.angle < 179
    assert answer.mini_batch_length == pytest.approx(math.sqrt(mini @ mini), rel=1e-12)
    assert answer.full_batch_length == pytest.approx(math.sqrt(full @ full), rel=1e-12)
    assert answer.mini_batch_examples == trace.batch_size
    assert answer.full_batch_examples == len(trainer.dataset.train)
    assert answer.update == trace.update


def test_many_chunks_are_one_gradient(
    run_of: RunOf, answer_to: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_of(dtype="float64", data=Builtin(name="circles", examples=460))
    whole = answer_to(ComparisonQuestion(), *run)
    monkeypatch.setattr("explorer.core.full_batch._PRODUCTS_AT_ONCE", 1)
    assert len(list(ComparisonQuestion().work(*run))) == 5  # 230 examples, 64 at a time
    parts = answer_to(ComparisonQuestion(), *run)
    assert parts.full_batch_length == pytest.approx(whole.full_batch_length, rel=1e-12)
    assert parts.angle == pytest.approx(whole.angle, rel=1e-9)


def test_a_mini_batch_of_all_is_the_full_batch(run_of: RunOf, answer_to: Any) -> None:
    answer = answer_to(ComparisonQuestion(), *run_of(size=23, dtype="float64"))
    assert answer.angle == pytest.approx(0, abs=1e-10)
    assert answer.cosine == pytest.approx(1)
    assert answer.mini_batch_examples == answer.full_batch_examples == 23


def test_nothing_free_has_no_angle(run_of: RunOf, answer_to: Any) -> None:
    frozen = ("weight1", "bias1", "weight2", "bias2")
    answer = answer_to(ComparisonQuestion(), *run_of(frozen=frozen))
    assert math.isnan(answer.angle)
    assert math.isnan(answer.cosine)
    assert answer.full_batch_length == 0


def test_leaves_the_trainer_as_found(run_of: RunOf, assert_same_state: Any) -> None:
    trainer, trace = run_of()
    before = trainer.state()
    gradient = trainer.network.flat_gradient.clone()
    for _ in ComparisonQuestion().work(trainer, trace):
        assert_same_state(trainer.state(), before)
    assert torch.equal(trainer.network.flat_gradient, gradient)


@pytest.mark.parametrize("degrees", [0, 1e-9, 0.5, 31.4, 90, 179.5, 180])
def test_angles_small_and_large(degrees: float) -> None:
    radians = math.radians(degrees)
    one, other = np.array([3.0, 0]), np.array([math.cos(radians), math.sin(radians)]) * 0.2
    cosine, angle = between(one, other)
    assert angle == pytest.approx(degrees, abs=1e-12)
    assert cosine == pytest.approx(math.cos(radians), abs=1e-12)
