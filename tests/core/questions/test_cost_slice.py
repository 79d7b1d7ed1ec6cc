from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from torch import nn

from explorer.core.experiment import Adam, Builtin, RmsProp, Sgd
from explorer.core.questions.cost_slice import CostSliceQuestion
from explorer.core.trace import Trace
from explorer.core.trainer import Trainer

RunOf = Callable[..., tuple[Trainer, Trace]]
SMALL = CostSliceQuestion(points=6, steps=9)
CURVES: dict[str, Callable[[Any], Any]] = {
    "linear": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + torch.exp(-z)),
    "tanh": torch.tanh,
    "relu": lambda z: torch.where(z > 0, z, 0.0),  # clamp has a slope of 1 at 0, torch's relu of 0
    "leaky_relu": lambda z: torch.where(z > 0, z, 0.01 * z),
    "elu": nn.functional.elu,
    "gelu": lambda z: z * 0.5 * (1 + torch.erf(z / 2**0.5)),
    "silu": lambda z: z / (1 + torch.exp(-z)),
    "softplus": lambda z: torch.log1p(torch.exp(z)),
    "softmax": lambda z: torch.softmax(z, dim=1),
}
LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    "squared_error": lambda a, y: ((a - y) ** 2).sum(dim=1),
    "half_squared_error": lambda a, y: ((a - y) ** 2).sum(dim=1) / 2,
    "mean_squared_error": lambda a, y: ((a - y) ** 2).mean(dim=1),
    "binary_cross_entropy": lambda a, y: -(y * a.log() + (1 - y) * (1 - a).log()).mean(dim=1),
    "cross_entropy": lambda a, y: -(y * a.log()).sum(dim=1),
}


def plain_cost(trainer: Trainer, flat: Any) -> Any:
    """The total cost of parameters (P,), layer by layer in plain torch and float64."""
    train, experiment = trainer.dataset.train, trainer.experiment
    a, start = torch.tensor(train.inputs, dtype=torch.float64), 0
    flat = torch.as_tensor(flat)
    sizes = [train.inputs.shape[1], *(x.units for x in experiment.network.layers)]
    for (m, n), layer in zip(pairwise(sizes), experiment.network.layers, strict=True):
        weight, start = flat[start : start + n * m].reshape(n, m), start + n * m
        bias, start = flat[start : start + n], start + n
        a = CURVES[layer.activation](a @ weight.T + bias)
    targets = torch.tensor(train.targets, dtype=torch.float64)
    return LOSSES[experiment.loss](a, targets).mean()


def recorded(trainer: Trainer, first: int, last: int) -> Any:
    """The parameters of the run as it goes, by a trainer of its own, (U + 1, P)."""
    straight = Trainer(trainer.experiment, trainer.dataset)
    path = [straight.network.flat.numpy().copy()]
    while straight.update < last:
        straight.advance()
        path.append(straight.network.flat.numpy().copy())
    return np.stack(path).astype(float)[first:]


def path_basis(answer: Any, path: Any) -> Any:
    """The directions (2, P) of a plane of the path, from its points and their coordinates.

    With offsets U·S·Vᵀ and coordinates U·S of the two leading ones, least squares give Vᵀ.
    """
    return np.linalg.lstsq(answer.mini_batch_path, path - path[-1], rcond=None)[0]


def gradient_basis(trainer: Trainer, trace: Trace, frozen: Any) -> Any:
    """The directions (2, P) of a plane of the gradients, by autograd and a QR decomposition."""
    layers = trace.layers
    names = [f"{kind}{n + 1}" for n in range(len(layers)) for kind in ("weight", "bias")]

    def joined(kind: str) -> Any:
        pairs = [(getattr(x, f"weight_{kind}"), getattr(x, f"bias_{kind}")) for x in layers]
        return [part.ravel().astype(float) for pair in pairs for part in pair]

    before = torch.tensor(np.concatenate(joined("before")), requires_grad=True)
    (full,) = torch.autograd.grad(plain_cost(trainer, before), before)
    free = np.concatenate(
        [
            np.full(len(part), name not in frozen)
            for name, part in zip(names, joined("before"), strict=True)
        ]
    )
    gradients = -np.stack([np.concatenate(joined("gradient")), full.numpy()]) * free
    q, r = np.linalg.qr(gradients.T)
    return (q * np.sign(np.diag(r))).T


class TestPathPlane:
    @pytest.mark.parametrize("updates", [4, 12, 30])
    def test_keeps_the_most_of_the_path_that_a_plane_can(
        self, run_of: RunOf, answer_to: Any, updates: int
    ) -> None:
        trainer, trace = run_of(updates=updates, optimizer=Sgd(learning_rate=0.5), dtype="float64")
        answer = answer_to(SMALL, trainer, trace)
        assert (answer.plane, answer.directions) == ("path", ("path 1", "path 2"))
        assert answer.first == max(updates - 9, 0)
        path = recorded(trainer, answer.first, updates)
        assert np.array_equal(path[-1], trainer.network.flat.numpy())
        offsets = path - path[-1]
        values = np.linalg.svd(offsets, compute_uv=False)
        assert answer.kept == pytest.approx((values[:2] ** 2).sum() / (values**2).sum(), rel=1e-9)
        assert len(answer.mini_batch_path) == len(path) == len(answer.full_batch_path)
        assert answer.mini_batch_path[-1] == pytest.approx(np.zeros(2), abs=1e-12)
        # Singular vectors: the coordinates along them are uncorrelated, as long as the values.
        products = answer.mini_batch_path.T @ answer.mini_batch_path
        assert products == pytest.approx(np.diag(values[:2] ** 2), rel=1e-6, abs=1e-9)

    def test_one_update_is_no_plane(self, run_of: RunOf, answer_to: Any) -> None:
        answer = answer_to(SMALL, *run_of(updates=1, optimizer=Sgd(learning_rate=0.5)))
        assert answer.plane == "gradients"
        assert answer.directions == ("mini-batch gradient", "full-batch gradient")
        assert answer.kept == pytest.approx(1)  # plain SGD goes along the gradient

    def test_a_path_of_the_full_batch_coincides(self, run_of: RunOf, answer_to: Any) -> None:
        trainer, trace = run_of(size=23, optimizer=Adam(learning_rate=0.05), dtype="float64")
        answer = answer_to(SMALL, trainer, trace)
        assert answer.full_batch_path == pytest.approx(answer.mini_batch_path, abs=1e-9)


class TestFullBatchPath:
    @pytest.mark.parametrize(
        ("spec", "make"),
        [
            (Sgd(0.3, 0.9), lambda p: torch.optim.SGD(p, lr=0.3, momentum=0.9)),
            (Adam(0.02), lambda p: torch.optim.Adam(p, lr=0.02)),
            (RmsProp(0.02), lambda p: torch.optim.RMSprop(p, lr=0.02)),
        ],
    )
    def test_is_torchs_optimizer_on_all_examples(
        self, run_of: RunOf, answer_to: Any, spec: Any, make: Any
    ) -> None:
        """Written out with torch alone, from the initial parameters on."""
        trainer, trace = run_of(updates=7, optimizer=spec, dtype="float64")
        answer = answer_to(SMALL, trainer, trace)
        path = recorded(trainer, 0, 7)
        flat = torch.tensor(path[0])
        cut = (8, 12, 16, 17)  # 2 inputs, 4 hidden, 1 output
        parts = [nn.Parameter(p.clone()) for p in torch.tensor_split(flat, cut[:3]) if p.numel()]
        optimizer = make(parts)
        x, y = (
            torch.tensor(v, dtype=torch.float64)
            for v in (trainer.dataset.train.inputs, trainer.dataset.train.targets)
        )
        expected = [path[0]]
        for _ in range(7):
            optimizer.zero_grad()
            w1, b1, w2, b2 = parts
            a = torch.tanh(torch.tanh(x @ w1.view(4, 2).T + b1) @ w2.view(1, 4).T + b2)
            losses = LOSSES[trainer.experiment.loss](a, y)
            losses.mean().backward()
            optimizer.step()
            expected.append(torch.cat([p.detach() for p in parts]).numpy().copy())
        offsets = np.stack(expected) - path[-1]
        directions = path_basis(answer, path)
        assert directions @ directions.T == pytest.approx(np.eye(2), abs=1e-6)
        assert answer.full_batch_path == pytest.approx(offsets @ directions.T, abs=1e-7)

    def test_starts_where_the_other_does(self, run_of: RunOf, answer_to: Any) -> None:
        answer = answer_to(SMALL, *run_of(updates=40, optimizer=Adam(learning_rate=0.05)))
        assert answer.first == 31
        assert np.array_equal(answer.full_batch_path[0], answer.mini_batch_path[0])
        assert len(answer.full_batch_path) == len(answer.mini_batch_path) == 10

    def test_ends_where_it_diverges(self, run_of: RunOf, answer_to: Any) -> None:
        """A linear layer, most of whose examples are far larger than those dealt first."""
        trainer, trace = run_of(
            [(1, "linear")],
            data=inline_of([[0.01]] * 4 + [[1e5]] * 6),
            loss="squared_error",
            size=1,
            shuffle=False,
            updates=4,
            optimizer=Sgd(learning_rate=0.5),
        )
        answer = answer_to(SMALL, trainer, trace)
        assert len(answer.mini_batch_path) == 5
        assert 1 <= len(answer.full_batch_path) < 5
        assert np.isfinite(answer.full_batch_path).all()
        assert np.isfinite(answer.x).all()


def inline_of(inputs: Any) -> Any:
    from explorer.core.experiment import Inline

    rows = tuple(tuple(map(float, row)) for row in inputs)
    return Inline(inputs=rows, targets=tuple((1.0,) for _ in rows))


class TestGrid:
    @settings(
        deadline=None,
        max_examples=20,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        hidden=st.lists(st.sampled_from([a for a in CURVES if a != "softmax"]), max_size=3),
        ends=st.sampled_from(
            [
                ("linear", "squared_error"),
                ("tanh", "half_squared_error"),
                ("relu", "mean_squared_error"),
                ("sigmoid", "binary_cross_entropy"),
                ("softmax", "cross_entropy"),
                ("gelu", "squared_error"),
            ]
        ),
        plane=st.sampled_from(["path", "gradients"]),
        frozen=st.sampled_from([(), ("weight1",)]),
    )
    def test_against_a_plain_loop(
        self,
        hidden: list[str],
        ends: tuple[str, str],
        plane: Any,
        frozen: Any,
        run_of: RunOf,
        answer_to: Any,
    ) -> None:
        output, loss = ends
        trainer, trace = run_of(
            [*((3, activation) for activation in hidden), (3, output)],
            data=Builtin(name="iris"),
            loss=loss,
            frozen=frozen,
            updates=6,
            dtype="float64",
            optimizer=Sgd(learning_rate=0.1),
        )
        answer = answer_to(CostSliceQuestion(plane, points=6, steps=5), trainer, trace)
        at_now = answer.cost[list(answer.y).index(0), list(answer.x).index(0)]
        assert at_now == pytest.approx(trainer.evaluate().cost, rel=1e-12)
        assert answer.examples == answer.all_examples == len(trainer.dataset.train)
        if answer.directions == ("path 1", "path 2"):
            directions = path_basis(answer, recorded(trainer, answer.first, 6))
        elif answer.directions == ("mini-batch gradient", "full-batch gradient"):
            directions = gradient_basis(trainer, trace, frozen)
        else:
            assume(False)  # dead neurons: the directions cannot be told from outside
        for row, column in ((0, 0), (3, 5), (len(answer.y) - 1, 2)):
            flat = answer.x[column] * directions[0] + answer.y[row] * directions[1]
            expected = float(plain_cost(trainer, trainer.network.flat.numpy() + flat))
            assert answer.cost[row, column] == pytest.approx(expected, rel=1e-7)

    def test_float32_at_the_current_point(self, run_of: RunOf, answer_to: Any) -> None:
        trainer, trace = run_of()
        answer = answer_to(SMALL, trainer, trace)
        at_now = answer.cost[list(answer.y).index(0), list(answer.x).index(0)]
        assert at_now == pytest.approx(trainer.evaluate().cost, rel=1e-5)


class TestTheTrainer:
    @pytest.mark.parametrize("plane", ["path", "gradients"])
    @pytest.mark.parametrize("spec", [Sgd(0.1, 0.9), Adam(0.01)])
    def test_is_as_found_whenever_the_question_pauses(
        self, run_of: RunOf, assert_same_state: Any, spec: Any, plane: Any
    ) -> None:
        trainer, trace = run_of(updates=21, optimizer=spec)
        other, _ = run_of(updates=21, optimizer=spec)
        keyframes = dict(trainer._history._keyframes)
        for _ in CostSliceQuestion(plane, points=6).work(trainer, trace):
            assert_same_state(trainer.state(), other.state())
        assert trainer._history._keyframes == keyframes
        self.go_on_alike(trainer, other, assert_same_state)

    @pytest.mark.parametrize("pieces", [1, 10, 25, 60, 90])
    def test_a_question_given_up_leaves_no_trace(
        self, run_of: RunOf, assert_same_state: Any, pieces: int
    ) -> None:
        trainer, trace = run_of(updates=33)
        other, _ = run_of(updates=33)
        work: Any = CostSliceQuestion(points=6).work(trainer, trace)
        for _ in range(pieces):
            next(work)
        work.close()
        self.go_on_alike(trainer, other, assert_same_state)

    def test_trains_on_while_the_question_is_worked_at(
        self, run_of: RunOf, answer_to: Any, assert_same_state: Any
    ) -> None:
        trainer, trace = run_of(updates=33)
        other, _ = run_of(updates=33)
        undisturbed = answer_to(SMALL, trainer, trace)
        work: Any = SMALL.work(trainer, trace)
        while isinstance(piece := next(work), float):
            trainer.advance()
            other.advance()
        assert_same_state(trainer.state(), other.state())
        assert np.array_equal(piece.cost, undisturbed.cost)
        assert np.array_equal(piece.full_batch_path, undisturbed.full_batch_path)

    @staticmethod
    def go_on_alike(trainer: Trainer, other: Trainer, assert_same_state: Any) -> None:
        for _ in range(50):
            trainer.advance()
            other.advance()
        assert_same_state(trainer.state(), other.state())
        for each in (trainer, other):
            each.rewind_to(9)
        assert_same_state(trainer.state(), other.state())


def test_settings_of_the_time_hold_on_both_paths(run_of: RunOf, answer_to: Any) -> None:
    """Full batches, so that the paths must coincide, through a change of the optimizer."""
    from msgspec.structs import replace

    trainer, _ = run_of(size=23, updates=5, optimizer=Sgd(0.3, 0.9), dtype="float64")
    trainer.adjust(replace(trainer.experiment, optimizer=Adam(0.1)))
    for _ in range(4):
        trainer.advance()
    answer = answer_to(CostSliceQuestion(points=6), trainer, trainer.advance_traced())
    assert answer.first == 0
    assert answer.full_batch_path == pytest.approx(answer.mini_batch_path, abs=1e-9)


def test_an_earlier_update_of_the_run(run_of: RunOf, answer_to: Any) -> None:
    trainer, trace = run_of(updates=12)
    early = answer_to(SMALL, trainer, trace)
    for _ in range(20):
        trainer.advance()
    late = answer_to(SMALL, trainer, trace)
    assert np.array_equal(early.cost, late.cost)
    assert late.update == 12


def test_of_many_examples_a_sample_that_is_told(
    run_of: RunOf, answer_to: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explorer.core.landscape._WORK_PER_POINT", 0)
    run = run_of(data=Builtin(name="circles", examples=400, test_fraction=0.5))
    one, two = (answer_to(SMALL, *run) for _ in range(2))
    assert (one.examples, one.all_examples) == (64, 200)
    assert np.array_equal(one.cost, two.cost)


def test_in_small_pieces_it_is_the_same(
    run_of: RunOf, answer_to: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_of(data=Builtin(name="circles", examples=400), dtype="float64")
    whole = answer_to(SMALL, *run)
    for name in ("_PRODUCTS_AT_ONCE", "_VALUES_AT_ONCE", "_WEIGHTS_AT_ONCE"):
        monkeypatch.setattr(f"explorer.core.landscape.{name}", 1)
    pieces = answer_to(SMALL, *run)
    assert pieces.cost == pytest.approx(whole.cost, rel=1e-12)


def test_large_networks_have_shorter_paths(
    run_of: RunOf, answer_to: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_of(updates=25)
    for name, length in (("_PATH_PRODUCTS", 10), ("_PATH_NUMBERS", 2)):
        monkeypatch.setattr(f"explorer.core.landscape.{name}", 1)
        answer = answer_to(CostSliceQuestion(points=6), *run)
        assert (answer.first, len(answer.mini_batch_path)) == (25 - length, length + 1)


@pytest.mark.parametrize("spec", [Sgd(0.0), Sgd(0.1)])
def test_a_path_that_stands_still(run_of: RunOf, answer_to: Any, spec: Any) -> None:
    frozen = () if spec.learning_rate == 0 else ("weight1", "bias1", "weight2", "bias2")
    answer = answer_to(SMALL, *run_of(optimizer=spec, frozen=frozen))
    assert (answer.plane, answer.kept) == ("gradients", 1.0)
    assert not answer.mini_batch_path.any()
    assert np.ptp(answer.x) > 0
    assert np.isfinite(answer.cost).all()


def test_on_any_device(run_of: RunOf, answer_to: Any, device: str) -> None:
    here = answer_to(SMALL, *run_of(dtype="float64"))
    there = answer_to(SMALL, *run_of(dtype="float64", device=device))
    assert there.cost == pytest.approx(here.cost, rel=1e-9)
    assert there.mini_batch_path == pytest.approx(here.mini_batch_path, abs=1e-9)
