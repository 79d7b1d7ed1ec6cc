"""An optimizer as the kernel wants it: code, settings, and its state laid out flat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from explorer.core.data.dataset import Floats
from explorer.core.engines import steps
from explorer.core.experiment import Adagrad, Adam, AdamW, OptimizerSpec, RmsProp, Sgd
from explorer.core.network import Network

_SLOTS = 3


@dataclass(frozen=True)
class Step:
    """An optimizer's step: its code and settings for the kernel, and the names of its state."""

    code: np.uint64
    settings: tuple[float, ...]
    names: tuple[str, ...]  # by slot; empty for one that is not used
    counts: bool

    @property
    def starts_afresh_without(self) -> str:
        """The state that its first step has to make by another rule; empty for none."""
        return self.names[0] if self.code == steps.SGD else ""


def step_of(spec: OptimizerSpec) -> Step:
    """The step of an optimizer, as in torch.optim."""
    first = (spec.learning_rate, spec.weight_decay)
    settings: tuple[float, ...]
    names: tuple[str, ...]
    match spec:
        case Sgd():
            names = ("momentum_buffer" if spec.momentum else "",)
            settings = (*first, spec.momentum, spec.dampening, float(spec.nesterov))
            return Step(steps.SGD, settings, names, counts=False)
        case Adam() | AdamW():
            code = steps.ADAM if isinstance(spec, Adam) else steps.ADAMW
            settings = (*first, *spec.betas, spec.eps, float(spec.amsgrad))
            names = ("exp_avg", "exp_avg_sq", "max_exp_avg_sq" if spec.amsgrad else "")
            return Step(code, settings, names, counts=True)
        case RmsProp():
            settings = (*first, spec.alpha, spec.eps, spec.momentum, float(spec.centered))
            names = (
                "square_avg",
                "momentum_buffer" if spec.momentum else "",
                "grad_avg" if spec.centered else "",
            )
            return Step(steps.RMSPROP, settings, names, counts=True)
        case Adagrad():
            settings = (*first, spec.lr_decay, spec.eps)
            return Step(steps.ADAGRAD, settings, ("sum",), counts=True)


class FlatState:
    """What an optimizer carries, laid out as ``Network.flat`` is; torch's tensors are its views.

    Attributes
    ----------
    slots : three arrays, (P,) or empty
    stretches : (S, 2)
        From where to where the parameters are learned.
    count : int
        Steps done.
    """

    def __init__(
        self, network: Network, optimizer: torch.optim.Optimizer | None, step: Step
    ) -> None:
        self._flat = network.flat
        self._state = optimizer.state if optimizer else {}
        learned = {id(p) for p in optimizer.param_groups[0]["params"]} if optimizer else set()
        self._places = [(p, at) for p, at in _places(network) if id(p) in learned]
        self.stretches = _stretches([at for _, at in self._places])
        fresh = step.starts_afresh_without
        self._started = not fresh or any(fresh in state for state in self._state.values())
        empty = np.empty(0, self._flat.numpy().dtype)
        names = (*step.names, *[""] * (_SLOTS - len(step.names)))
        self.slots = tuple(self._laid_out(name) if name else empty for name in names)
        self._counts = self._laid_out_counts() if step.counts else None

    @property
    def count(self) -> int:
        """Steps done; 0 where the next one is the first of its kind."""
        if self._counts is not None:
            return int(self._counts[0]) if len(self._counts) else 0
        return int(self._started)

    @count.setter
    def count(self, count: int) -> None:
        if self._counts is not None:
            self._counts.fill_(count)
        self._started = self._started or count > 0

    def _laid_out(self, name: str) -> Floats:
        flat = torch.zeros_like(self._flat)
        for parameter, at in self._places:
            part = flat[at].view_as(parameter)
            state = self._state[parameter]
            if name in state:
                part.copy_(state[name])
            state[name] = part
        return flat.numpy()

    def _laid_out_counts(self) -> Tensor:
        counts = torch.zeros(len(self._places))
        for count, (parameter, _) in zip(counts, self._places, strict=True):
            state = self._state[parameter]
            if "step" in state:
                count.copy_(state["step"])
            state["step"] = count
        return counts


def _places(network: Network) -> list[tuple[nn.Parameter, slice]]:
    """Every parameter with its place in ``Network.flat``."""
    places, start = [], 0
    for _, parameter in network.named():
        places.append((parameter, slice(start, start + parameter.numel())))
        start += parameter.numel()
    return places


def _stretches(places: list[slice]) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Places that follow each other without a gap, joined: (S, 2)."""
    joined: list[list[int]] = []
    for place in places:
        if joined and joined[-1][1] == place.start:
            joined[-1][1] = place.stop
        else:
            joined.append([place.start, place.stop])
    return np.array(joined, np.int64).reshape(-1, 2)
