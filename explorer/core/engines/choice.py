"""Which engine makes a run's updates: settled by the experiment and the device alone."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

import torch
from torch import Tensor

from explorer.core.engines import Engine
from explorer.core.engines.capture import capture_on_cuda
from explorer.core.engines.captured import CapturedEngine
from explorer.core.engines.reference import TorchEngine
from explorer.core.experiment import Experiment
from explorer.core.network import Network

EngineName: TypeAlias = Literal["torch", "captured", "compiled"]


# Seconds; not measured where it runs, so that a run keeps the same keyframes everywhere.
# Of an update, and of a multiplication in it.
_SECONDS: dict[EngineName, tuple[float, float]] = {
    "torch": (4e-4, 2.5e-11),
    "captured": (5e-5, 1e-12),
    "compiled": (6e-7, 2.5e-11),
}


class Choice(NamedTuple):
    """The engine of a run, and what there is to say about it."""

    engine: EngineName
    note: str = ""


def choose_engine(experiment: Experiment, device: torch.device) -> Choice:
    """The engine that an experiment asks for, or the fastest that its device has."""
    if experiment.engine == "torch":
        return Choice("torch")
    if device.type == "cpu":
        return Choice("compiled")
    if experiment.engine == "auto":
        return Choice("captured" if device.type == "cuda" else "torch")
    return Choice("torch", "the compiled engine runs on the CPU only; torch trains this run")


def estimated_seconds(name: EngineName, parameters: int, size: int) -> float:
    """About how long an update takes: a fixed cost, and that of its multiplications."""
    per_update, per_multiplication = _SECONDS[name]
    return per_update + per_multiplication * 3 * parameters * size


def make_engine(name: EngineName, network: Network, inputs: Tensor, targets: Tensor) -> Engine:
    """An engine over a network and all training examples, (N, n₀) and (N, n_L)."""
    if name == "captured":
        return CapturedEngine(network, inputs, targets, capture_on_cuda)
    if name == "torch":
        return TorchEngine(network, inputs, targets)
    # Numba takes its time to be imported, so that waits until it is needed.
    from explorer.core.engines.compiled import CompiledEngine

    return CompiledEngine(network, inputs, targets)
