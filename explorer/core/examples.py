"""A part of the data on the device, and what a network makes of it."""

from __future__ import annotations

from typing import NamedTuple

import torch

from explorer.core import losses
from explorer.core.data.dataset import Part, decide
from explorer.core.experiment import Loss
from explorer.core.network import Network
from explorer.core.tensors import copied

_EVALUATED_AT_ONCE = 8192  # examples; bounds the memory of a pass over all of them


class Evaluation(NamedTuple):
    """Mean cost over a part of the data, and the share of right answers where it has classes."""

    cost: float
    accuracy: float | None


class Examples:
    """A part of the data on the device, in the run's dtype."""

    def __init__(self, part: Part, dtype: torch.dtype, device: torch.device) -> None:
        self.inputs = torch.tensor(part.inputs, dtype=dtype, device=device)
        self.targets = torch.tensor(part.targets, dtype=dtype, device=device)
        self.classes = part.classes

    @torch.no_grad()
    def evaluate(self, network: Network, loss: Loss, threshold: float) -> Evaluation:
        """The mean cost and the accuracy of a network; an empty part costs NaN."""
        n = len(self.inputs)
        if not n:
            return Evaluation(float("nan"), None)
        total, right = 0.0, 0
        for start in range(0, n, _EVALUATED_AT_ONCE):
            rows = slice(start, start + _EVALUATED_AT_ONCE)
            targets = self.targets[rows]
            values = network.values(self.inputs[rows])
            total += float(losses.losses(loss, *values[-1], targets).sum())
            if self.classes is not None:
                said = decide(copied(values[-1][1]), threshold)
                right += int((said == self.classes[rows]).sum())
        return Evaluation(total / n, None if self.classes is None else right / n)
