"""An optimizer's state laid out flat, for the engines that make its step themselves."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from explorer.core.data.dataset import Ints
from explorer.core.experiment import Adagrad, Adam, AdamW, OptimizerSpec, RmsProp, Sgd
from explorer.core.network import Network


def names_of(spec: OptimizerSpec) -> tuple[str, str, str]:
    """torch's names of what an optimizer carries for a parameter; empty for a slot not used."""
    match spec:
        case Sgd():
            return "momentum_buffer" if spec.momentum else "", "", ""
        case Adam() | AdamW():
            return "exp_avg", "exp_avg_sq", "max_exp_avg_sq" if spec.amsgrad else ""
        case RmsProp():
            buffer = "momentum_buffer" if spec.momentum else ""
            return "square_avg", buffer, "grad_avg" if spec.centered else ""
        case Adagrad():
            return "sum", "", ""


class FlatState:
    """What an optimizer carries, laid out as ``Network.flat`` is; torch's tensors are its views.

    Attributes
    ----------
    slots : three tensors, (P,) or empty
        In the order of :func:`names_of`.
    stretches : (S, 2)
        From where to where the parameters are learned.
    count : int
        Steps done.
    """

    def __init__(
        self, network: Network, optimizer: torch.optim.Optimizer | None, spec: OptimizerSpec
    ) -> None:
        self._flat = network.flat
        self._state = optimizer.state if optimizer else {}
        learned = {id(p) for p in optimizer.param_groups[0]["params"]} if optimizer else set()
        self._places = [(p, at) for p, at in _places(network) if id(p) in learned]
        self.stretches = _stretches([at for _, at in self._places])
        names, states = names_of(spec), self._state.values()
        # SGD makes its buffer by another rule in its first step with a momentum.
        self._started = not isinstance(spec, Sgd) or any(names[0] in state for state in states)
        self.slots = tuple(self._laid_out(name) for name in names)
        self._counts = None if isinstance(spec, Sgd) else self._laid_out_counts()

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

    def _laid_out(self, name: str) -> Tensor:
        if not name:
            return self._flat.new_empty(0)
        flat = torch.zeros_like(self._flat)
        for parameter, at in self._places:
            part = flat[at].view_as(parameter)
            state = self._state[parameter]
            if name in state:
                part.copy_(state[name])
            state[name] = part
        return flat

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


def _stretches(places: list[slice]) -> Ints:
    """Places that follow each other without a gap, joined: (S, 2).

    They are unsigned, as indices that may count from the end keep loops from being vectorised.
    """
    joined: list[list[int]] = []
    for place in places:
        if joined and joined[-1][1] == place.start:
            joined[-1][1] = place.stop
        else:
            joined.append([place.start, place.stop])
    return np.array(joined, np.uint64).reshape(-1, 2)
