"""Captured runs: the capture itself is a stand-in here, and real where there is CUDA."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from msgspec.structs import replace
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map_only

from explorer.core.data.load import load
from explorer.core.engines.capture import Capture, Work, capture_on_cuda
from explorer.core.engines.captured import CapturedEngine
from explorer.core.experiment import (
    LOSSES,
    Adam,
    AdamW,
    Builtin,
    Experiment,
    MiniBatch,
    OptimizerSpec,
    Regularization,
    Sgd,
)
from explorer.core.trainer import DivergenceError, Trainer

TrainerOf = Callable[..., Trainer]


class Recorder(TorchDispatchMode):
    """Writes down every operation sent to the device, as a CUDA graph does.

    Played again, the operations read and write the same tensors; what Python worked out between
    them is frozen at what it was.
    """

    def __init__(self) -> None:
        super().__init__()
        self.operations: list[tuple[Any, Any, Any, Any]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        self.operations.append((func, args, kwargs or {}, result))
        return result

    def play(self) -> None:
        made: dict[int, torch.Tensor] = {}

        def now(tensor: torch.Tensor) -> torch.Tensor:
            return made.get(id(tensor), tensor)

        with torch.no_grad():
            for func, args, kwargs, before in self.operations:
                result = func(
                    *tree_map_only(torch.Tensor, now, args),
                    **tree_map_only(torch.Tensor, now, kwargs),
                )
                if isinstance(before, torch.Tensor):
                    made[id(before)] = result


def capture_here(work: Work) -> Work:
    """A capture for the CPU, with one warm-up."""
    work()
    with Recorder() as recorder:
        work()
    return recorder.play


def captured(experiment: Experiment, capture: Capture) -> Trainer:
    """A trainer whose updates are captured, also on the CPU."""
    trainer = Trainer(replace(experiment, engine="torch"), load(experiment))
    inputs, targets = trainer.training_examples
    trainer._engine = CapturedEngine(trainer.network, inputs, targets, capture)
    trainer._take_up(trainer._optimizer)
    return trainer


def played_again(experiment: Experiment) -> Trainer:
    """One that has already captured all it needs."""
    return captured(experiment, capture_here)


def test_every_optimizer(
    experiment_of: Any, trainer_of: TrainerOf, assert_same_run: Any, spec: OptimizerSpec
) -> None:
    experiment = experiment_of(
        ((5, "tanh"), (1, "tanh")), optimizer=spec, frozen=("bias1",), dtype="float64"
    )
    reference = trainer_of(replace(experiment, engine="torch"))
    assert_same_run(played_again(experiment), reference, 100)


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss(
    experiment_of: Any, trainer_of: TrainerOf, assert_same_run: Any, loss: str
) -> None:
    output = {"cross_entropy": "softmax", "binary_cross_entropy": "sigmoid"}.get(loss, "tanh")
    experiment = experiment_of(
        ((4, "relu"), (2, output)),
        loss=loss,
        regularization=Regularization("l2", 0.01),
        optimizer=Sgd(0.02),
        dtype="float64",
    )
    reference = trainer_of(replace(experiment, engine="torch"))
    assert_same_run(played_again(experiment), reference, 60)


def test_a_run_is_captured_once_for_each_size(experiment_of: Any) -> None:
    """23 examples by 5: runs of at most four, and one of three examples by itself."""
    captures = []

    def counting(work: Work) -> Work:
        captures.append(work)
        return capture_here(work)

    trainer = captured(experiment_of(optimizer=Adam(0.01)), counting)
    trainer.advance_many(80)
    assert len(captures) == 4
    trainer.advance_many(80)
    assert len(captures) == 4


def test_a_run_reaches_over_epochs_where_all_mini_batches_have_one_size(
    experiment_of: Any, trainer_of: TrainerOf, assert_same_run: Any
) -> None:
    sent = []

    def counting(work: Work) -> Work:
        play = capture_here(work)
        return lambda: (sent.append(work), play())[1]

    experiment = experiment_of(size=23, dtype="float64")
    assert_same_run(captured(experiment, counting), trainer_of(experiment), 68)
    assert len(sent) < 68 / 4


@pytest.mark.parametrize("updates", [1, 2, 40])
def test_another_size_amid_an_epoch_leaves_its_last_mini_batch_smaller(
    experiment_of: Any, trainer_of: TrainerOf, assert_same_run: Any, updates: int
) -> None:
    """Of 24 examples in batches of 5, then of 8: 5, 8, 8, 3, and from then on whole ones."""
    data = Builtin(name="circles", examples=48, test_fraction=0.5, noise=0.1)
    experiment = experiment_of(data=data, dtype="float64")
    pair = played_again(experiment), trainer_of(replace(experiment, engine="torch"))
    for trainer in pair:
        assert trainer.left_in_epoch == 5
        trainer.advance()
        trainer.adjust(replace(experiment, mini_batch=MiniBatch(size=8, seed=11)))
    assert_same_run(*pair, updates)


def accumulator(parameter: torch.Tensor) -> Any:
    """The node of autograd's graph that adds to a parameter's gradient."""
    with torch.enable_grad():
        grown = parameter.expand_as(parameter).grad_fn
    assert grown is not None
    return grown.next_functions[0][0]


def test_no_earlier_graph_of_autograd_is_alive_while_a_run_is_captured(experiment_of: Any) -> None:
    """Its nodes would belong to another stream, which CUDA does not allow."""
    alive: list[bool] = []

    def capture(work: Work) -> Work:
        work()
        alive.extend("marked" in accumulator(p).metadata for p in trainer.network.parameters())
        return work

    def mark(_: torch.Tensor) -> None:
        for parameter in trainer.network.parameters():
            accumulator(parameter).metadata["marked"] = True

    trainer = captured(experiment_of(), capture)
    bias = trainer.network.layers[0].bias
    with bias.register_hook(mark):  # called while autograd goes back for the trace
        trainer.advance_traced()
    assert alive == [False] * 4


@pytest.mark.parametrize("spec", [Sgd(0.02), Adam(0.003)], ids=str)
def test_however_many_at_once_the_numbers_are_the_same_bit_for_bit(
    experiment_of: Any, assert_same_state: Any, spec: OptimizerSpec
) -> None:
    one, many = (played_again(experiment_of(optimizer=spec)) for _ in range(2))
    costs = [one.advance() for _ in range(57)]
    assert costs == np.concatenate([many.advance_many(n) for n in (1, 9, 40, 7)]).tolist()
    assert_same_state(one.state(), many.state())
    many.rewind_to(20)
    many.advance_many(37)
    assert_same_state(one.state(), many.state())


class TestWithoutCapture:
    @pytest.fixture(params=["at once", "after a warm-up", "halfway"])
    def failing(self, request: pytest.FixtureRequest) -> Capture:
        """What a driver may do, with the parameters moved by then."""

        def capture(work: Work) -> Work:
            if request.param != "at once":
                work()
            if request.param == "halfway":
                with Recorder():
                    work()
            raise RuntimeError("CUDA error: operation not permitted when stream is capturing")

        return capture

    def test_the_numbers_are_the_same_bit_for_bit(
        self, experiment_of: Any, assert_same_state: Any, failing: Capture
    ) -> None:
        experiment = experiment_of(optimizer=AdamW(0.01))
        good, bad = played_again(experiment), captured(experiment, failing)
        assert good.advance_many(60).tolist() == bad.advance_many(60).tolist()
        assert_same_state(good.state(), bad.state())
        assert not good.holds_gil
        assert bad.holds_gil

    def test_another_mistake_is_not_covered_up(self, experiment_of: Any) -> None:
        def capture(_: Work) -> Work:
            raise TypeError("a fault put in by the test")

        with pytest.raises(TypeError, match="a fault put in"):
            captured(experiment_of(), capture).advance()


class TestDivergence:
    def test_it_stops_before_the_bad_update_and_names_it(
        self, experiment_of: Any, trainer_of: TrainerOf
    ) -> None:
        layers = ((3, "relu"), (1, "linear"))
        experiment = experiment_of(layers, optimizer=Sgd(5.0), dtype="float64")
        reference = trainer_of(replace(experiment, engine="torch"))
        trainer = played_again(experiment)
        costs = trainer.advance_many(1000)
        assert costs == pytest.approx(reference.advance_many(1000), rel=1e-6)
        assert 2 < len(costs) < 1000
        with pytest.raises(DivergenceError) as found:
            trainer.advance_many(1000)
        with pytest.raises(DivergenceError) as expected:
            reference.advance_many(1000)
        assert str(found.value) == str(expected.value)
        assert torch.isfinite(trainer.network.flat).all()

    def test_a_rate_that_is_no_number_of_the_dtype(self, experiment_of: Any) -> None:
        trainer = played_again(experiment_of(optimizer=Sgd(1e39)))
        start = trainer.network.flat.clone()
        with pytest.raises(DivergenceError, match=r"^update 1 made a factor in the optimizer's "):
            trainer.advance_many(10)
        assert torch.equal(trainer.network.flat, start)

    def test_a_state_of_the_optimizer_that_overflows(
        self, experiment_of: Any, trainer_of: TrainerOf, inline: Any
    ) -> None:
        """While parameters, gradient and cost are finite: only the square of a gradient is not."""
        data = inline([[1e10]], [[-1e12]])
        experiment = experiment_of(((1, "linear"),), data=data, optimizer=Adam(0.01), size=1)
        reference = trainer_of(replace(experiment, engine="torch"))
        with pytest.raises(DivergenceError, match="exp_avg_sq") as expected:
            reference.advance_many(10)
        with pytest.raises(DivergenceError) as found:
            played_again(experiment).advance_many(10)
        assert str(found.value) == str(expected.value)

    def test_a_large_gradient_alone_is_no_divergence(self, experiment_of: Any, inline: Any) -> None:
        data = inline([[1e10]], [[-1e10]])
        experiment = experiment_of(
            ((1, "linear"),), data=data, optimizer=Sgd(1e-22), dtype="float64", size=1
        )
        assert len(played_again(experiment).advance_many(40)) == 40


@pytest.mark.cuda
class TestOnCuda:
    @pytest.fixture(autouse=True)
    def _needs_cuda(self) -> None:
        if not torch.cuda.is_available():
            pytest.skip("torch reports no cuda device on this machine")

    def test_a_graph_does_what_its_operations_do(
        self, experiment_of: Any, trainer_of: TrainerOf, assert_same_state: Any, spec: OptimizerSpec
    ) -> None:
        experiment = experiment_of(optimizer=spec, device="cuda")
        graphs = trainer_of(experiment)
        plain = captured(experiment, lambda work: work)
        assert graphs.advance_many(100).tolist() == plain.advance_many(100).tolist()
        assert_same_state(graphs.state(), plain.state())
        assert not graphs.holds_gil

    def test_a_traced_update_is_captured_too(
        self, trainer_of: TrainerOf, experiment_of: Any
    ) -> None:
        trainer = trainer_of(experiment_of(device="cuda"))
        trainer.advance_traced()
        assert trainer.engine == "captured"
        assert not trainer.holds_gil

    def test_what_cannot_be_captured_leaves_the_stream_as_it_was(self) -> None:
        stream, number = torch.cuda.current_stream(), torch.zeros((), device="cuda")
        with pytest.raises(RuntimeError):
            capture_on_cuda(number.item)
        assert torch.cuda.current_stream() == stream
        assert number.add_(1).item() == 1

    def test_work_is_captured(self) -> None:
        number = torch.zeros((), device="cuda")
        again = capture_on_cuda(lambda: number.add_(1))
        number.zero_()
        for _ in range(3):
            again()
        assert number.item() == 3
