"""The reference: autograd and ``torch.optim``, on any device."""

from __future__ import annotations

import torch
from msgspec import Struct
from torch import Tensor

from explorer.core import losses
from explorer.core.bell import Bell
from explorer.core.data.dataset import Floats
from explorer.core.divergence import bad_update
from explorer.core.engines import Ran
from explorer.core.experiment import Experiment
from explorer.core.mini_batches import Deck
from explorer.core.network import LayerValues, Network


class Pass(Struct):
    """A mini-batch gone forward and back: every value, its gradient, and the costs."""

    inputs: Tensor
    targets: Tensor
    values: LayerValues
    cost: Tensor
    penalty: Tensor


def forward_and_back(
    network: Network, experiment: Experiment, inputs: Tensor, targets: Tensor
) -> Pass:
    """Let autograd leave the gradient in the network's ``flat_gradient``."""
    network.flat_gradient.zero_()
    values = network.values(inputs)
    for z, a in values:
        z.retain_grad()
        a.retain_grad()
    cost = losses.losses(experiment.loss, *values[-1], targets).mean()
    penalty = losses.penalty(experiment.regularization, network.weights())
    (cost + penalty).backward()  # type: ignore[no-untyped-call]
    return Pass(inputs, targets, values, cost.detach(), penalty.detach())


def step(optimizer: torch.optim.Optimizer | None) -> bool:
    """Let the optimizer move the parameters; whether every factor of its own was finite."""
    try:
        if optimizer is not None:
            optimizer.step()
    except RuntimeError as error:  # so torch refuses a learning rate of 1e39 for float32
        if "without overflow" not in str(error):
            raise
        return False
    return True


class TorchEngine:
    """Updates as PyTorch makes them."""

    holds_gil = True

    def __init__(self, network: Network, inputs: Tensor, targets: Tensor) -> None:
        self._network = network
        self._inputs, self._targets = inputs, targets

    def attach(self, experiment: Experiment, optimizer: torch.optim.Optimizer | None) -> None:
        """Take up a new or restored optimizer, or other settings of the one there was."""
        self._experiment, self._optimizer = experiment, optimizer

    def prepare(self) -> None:
        """Nothing is to be done."""

    def run(self, deck: Deck, costs: Floats, bell: Bell) -> Ran:
        """Train on the mini-batches of a deck, and enter the cost before each update."""
        size = self._experiment.mini_batch.size
        for done in range(len(costs)):
            (indices,) = deck.deal(size).mini_batches()
            rows = indices.to(self._inputs.device)
            passed = forward_and_back(
                self._network, self._experiment, self._inputs[rows], self._targets[rows]
            )
            stepped = step(self._optimizer)
            zs = [z for z, _ in passed.values]
            cost = passed.cost + passed.penalty
            bad = bad_update(self._network, self._optimizer, cost, zs, stepped=stepped)
            if bad is not None:
                return Ran(done, bad)
            costs[done] = float(passed.cost)
            if bell.rung:
                return Ran(done + 1, None)
        return Ran(len(costs), None)
