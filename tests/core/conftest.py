"""Builders shared by the tests of the core, and the comparisons of whole states."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from explorer.core.data.load import load
from explorer.core.experiment import (
    Builtin,
    Data,
    Experiment,
    Initial,
    Inline,
    Layer,
    MiniBatch,
    NetworkSpec,
)
from explorer.core.experiment_file import checked
from explorer.core.trace import Trace
from explorer.core.trainer import Trainer, TrainerState

TOY = Builtin(name="circles", examples=46, test_fraction=0.5, noise=0.1)


@pytest.fixture(scope="session")
def experiment_of() -> Callable[..., Experiment]:
    """Build a checked experiment from (units, activation) pairs; 23 circles in batches of 5."""

    def build(
        layers: Sequence[tuple[int, str]] = ((4, "tanh"), (1, "tanh")),
        *,
        data: Data = TOY,
        initial: Initial | None = None,
        frozen: Sequence[str] = (),
        size: int = 5,
        shuffle: bool = True,
        **parts: Any,
    ) -> Experiment:
        return checked(
            Experiment(
                data=data,
                network=NetworkSpec(
                    layers=tuple(Layer(units, activation) for units, activation in layers),
                    initial=initial or Initial(seed=3),
                    frozen=tuple(frozen),
                ),
                mini_batch=MiniBatch(size=size, shuffle=shuffle, seed=11),
                device=parts.pop("device", "cpu"),
                **parts,
            )
        )

    return build


@pytest.fixture(scope="session")
def inline() -> Callable[..., Inline]:
    """Inline data from arrays."""

    def build(inputs: Any, targets: Any, test_inputs: Any = (), test_targets: Any = ()) -> Inline:
        rows = [
            tuple(tuple(float(v) for v in row) for row in part)
            for part in (inputs, targets, test_inputs, test_targets)
        ]
        return Inline(inputs=rows[0], targets=rows[1], test_inputs=rows[2], test_targets=rows[3])

    return build


@pytest.fixture(scope="session")
def trainer_of(experiment_of: Callable[..., Experiment]) -> Callable[..., Trainer]:
    """Build a trainer from an experiment, or from what ``experiment_of`` takes."""

    def build(experiment: Experiment | Any = None, *, folder: Path = Path(), **parts: Any) -> Any:
        if not isinstance(experiment, Experiment):
            given = () if experiment is None else (experiment,)
            experiment = experiment_of(*given, **parts)
        return Trainer(experiment, load(experiment, folder))

    return build


@pytest.fixture(scope="session")
def assert_same_state() -> Callable[[TrainerState, TrainerState], None]:
    """Compare everything that decides how training goes on, bit for bit."""

    def check(left: TrainerState, right: TrainerState) -> None:
        assert left.update == right.update
        assert left.experiment == right.experiment
        assert torch.equal(left.parameters, right.parameters)
        assert _same(left.optimizer, right.optimizer)
        assert torch.equal(left.deck.generator, right.deck.generator)
        for name in ("offset", "epoch", "mini_batch"):
            assert getattr(left.deck, name) == getattr(right.deck, name), name

    return check


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, torch.Tensor):
        return isinstance(right, torch.Tensor) and torch.equal(left, right)
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(_same(left[k], right[k]) for k in left)
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(_same, left, right))
    return bool(left == right)


@pytest.fixture(scope="session")
def assert_same_trace() -> Callable[[Trace, Trace], None]:
    """Compare two traces field by field, arrays with their types, bit for bit."""

    def check(left: Any, right: Any) -> None:
        assert type(left) is type(right)
        for name in left.__struct_fields__:
            a, b = getattr(left, name), getattr(right, name)
            if name == "layers" or name.endswith("_carried"):
                assert len(a) == len(b)
                for one, other in zip(a, b, strict=True):
                    check(one, other)
            elif name == "surface" and a is not None:
                check(a, b)
            elif isinstance(a, np.ndarray):
                assert a.dtype == b.dtype, name
                assert a.tobytes() == b.tobytes(), name
            else:
                assert a == b, name

    return check


@pytest.fixture(scope="session")
def arrays_of() -> Callable[[Trace], Iterable[tuple[str, np.ndarray]]]:
    """Every array of a trace, by name."""

    def arrays(trace: Trace) -> Iterable[tuple[str, np.ndarray]]:
        parts = [trace, *trace.layers, *([trace.surface] if trace.surface is not None else [])]
        for layer in trace.layers:
            parts += [*layer.weight_carried, *layer.bias_carried]
        for part in parts:
            for name in part.__struct_fields__:
                value = getattr(part, name)
                if isinstance(value, np.ndarray):
                    yield name, value

    return arrays


@pytest.fixture
def minimal() -> dict[str, Any]:
    """The smallest experiment file, as JSON values that a test may spoil."""
    return {
        "data": {"kind": "builtin", "name": "circles"},
        "network": {"layers": [{"units": 4}, {"units": 1}]},
    }


@pytest.fixture
def experiment_file(tmp_path: Path) -> Callable[[dict[str, Any]], Path]:
    """Write JSON values as an experiment file."""

    def write(values: dict[str, Any]) -> Path:
        path = tmp_path / "experiment.json"
        path.write_text(json.dumps(values), encoding="utf-8")
        return path

    return write


def _available() -> dict[str, bool]:
    return {"cpu": True, "cuda": torch.cuda.is_available()}


@pytest.fixture(params=["cpu", "cuda"])
def device(request: pytest.FixtureRequest) -> str:
    """Each device that the core runs on, skipped where this machine has none."""
    name = str(request.param)
    if not _available()[name]:
        pytest.skip(f"torch reports no {name} device on this machine")
    return name
