"""Updates on a device in captured runs: nothing waits for the host between two of them.

Everything that an update touches lies in fixed tensors on the device. A run of updates is captured
once for each size of mini-batch and sent again whole; only its costs come back. Where it cannot be
captured it is sent operation by operation, with the same results.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn.utils import get_total_norm

from explorer.core import losses
from explorer.core.bell import Bell
from explorer.core.data.dataset import Floats
from explorer.core.divergence import SAFE_GRADIENT, bad_update
from explorer.core.engines import Ran
from explorer.core.engines.capture import Capture, Work
from explorer.core.engines.carried import FlatState
from explorer.core.engines.flat_step import factors_fit, flat_step
from explorer.core.experiment import Experiment
from explorer.core.mini_batches import Deals, Deck
from explorer.core.network import Network

_AT_ONCE = 32  # updates in one capture


class CapturedEngine:
    """Autograd and the optimizers' own arithmetic, captured.

    Parameters
    ----------
    inputs, targets : (N, n₀), (N, n_L)
        All training examples, on the device.
    """

    def __init__(self, network: Network, inputs: Tensor, targets: Tensor, capture: Capture) -> None:
        self.holds_gil = False  # as long as all that is done here is to send what is captured
        self._network = network
        self._inputs, self._targets = inputs, targets
        self._capture = capture
        self._count = torch.zeros((), dtype=torch.float64, device=inputs.device)

    def prepare(self) -> None:
        """Nothing is to be done; runs are captured when their mini-batches are known."""

    def attach(self, experiment: Experiment, optimizer: torch.optim.Optimizer | None) -> None:
        """Take up a new or restored optimizer, or other settings of the one there was."""
        self._experiment, self._optimizer = experiment, optimizer
        self._state: FlatState | None = None
        self._captured: dict[tuple[int, int], Work] = {}
        size = min(experiment.mini_batch.size, len(self._inputs))
        device = self._inputs.device
        self._rows = torch.zeros((_AT_ONCE, size), dtype=torch.int64, device=device)
        self._costs = torch.zeros(_AT_ONCE, dtype=self._inputs.dtype, device=device)
        self._largest = torch.zeros(_AT_ONCE, dtype=self._inputs.dtype, device=device)
        self._fits = factors_fit(experiment.optimizer, self._inputs.dtype)

    def run(self, deck: Deck, costs: Floats, bell: Bell) -> Ran:
        """Train on the mini-batches of a deck, and enter the cost before each update.

        A bell is not listened to: the device has been sent a run of updates before one could be
        rung.
        """
        del bell
        if self._state is None:  # not before, for torch carries nothing before the first step
            self._state = FlatState(self._network, self._optimizer, self._experiment.optimizer)
        deals = deck.deal(self._experiment.mini_batch.size, len(costs))
        costs = costs[: deals.updates]
        if not self._fits:
            return self._one_by_one(deals, costs)
        before = self._state.count
        self._count.fill_(before)
        kept = [tensor.clone() for tensor in self._moving()]
        found, largest = [], []
        orders = deals.orders.to(self._inputs.device)
        for rows in _runs(deals._replace(orders=orders)):
            self._send(rows)
            found.append(self._costs[: len(rows)].clone())
            largest.append(self._largest[: len(rows)].clone())
        if not bool((torch.cat(largest) <= SAFE_GRADIENT).all()):  # NaN is not either
            self._bring_back(kept)
            return self._one_by_one(deals._replace(orders=orders), costs)
        costs[:] = torch.cat(found).cpu().numpy()
        self._state.count = before + len(costs)
        return Ran(len(costs), None)

    def _moving(self) -> list[Tensor]:
        """Every tensor that an update changes and the next one builds upon."""
        assert self._state is not None
        return [self._network.flat, self._count, *self._state.slots]

    def _bring_back(self, kept: list[Tensor]) -> None:
        for tensor, before in zip(self._moving(), kept, strict=True):
            tensor.copy_(before)

    def _send(self, rows: Tensor) -> None:
        """Make an update for each row of indices (K, B)."""
        updates, size = rows.shape
        self._rows[:updates, :size].copy_(rows)
        if (updates, size) not in self._captured:
            self._captured[updates, size] = self._made(updates, size)
        self._captured[updates, size]()

    def _made(self, updates: int, size: int) -> Work:
        """The work of so many updates, captured if that can be done."""

        def work() -> None:
            for place in range(updates):
                self._update(place, size)

        kept = [tensor.clone() for tensor in self._moving()]
        try:
            return self._capture(work)
        except RuntimeError:  # torch's word for whatever a device refuses
            self.holds_gil = True
            return work
        finally:
            self._bring_back(kept)

    def _update(self, place: int, size: int) -> tuple[Tensor, list[Tensor]]:
        """One update, of nothing but operations on the device.

        Returns the cost with its penalty, and z of every layer.
        """
        assert self._state is not None
        rows = self._rows[place, :size]
        inputs, targets = self._inputs[rows], self._targets[rows]
        gradient = self._network.flat_gradient
        gradient.zero_()
        values = self._network.values(inputs)
        cost = losses.losses(self._experiment.loss, *values[-1], targets).mean()
        penalty = losses.penalty(self._experiment.regularization, self._network.weights())
        objective, zs = cost + penalty, [z.detach() for z, _ in values]
        objective.backward()  # type: ignore[no-untyped-call]
        with torch.no_grad():
            self._step(gradient)
            self._costs[place].copy_(cost)
            seen = [self._network.flat, gradient, objective, *zs]
            self._largest[place].copy_(get_total_norm(seen, math.inf))
        return objective.detach(), zs

    def _step(self, gradient: Tensor) -> None:
        assert self._state is not None
        self._count.add_(1)
        if not self._fits:
            return
        for start, end in self._state.stretches:
            here = slice(start, end)
            slots = tuple(slot[here] for slot in self._state.slots)
            flat = self._network.flat[here]
            flat_step(self._experiment.optimizer, flat, gradient[here], slots, self._count)

    def _one_by_one(self, deals: Deals, costs: Floats) -> Ran:
        """The same updates again, each looked at; the way to the one that diverged."""
        assert self._state is not None
        self._count.fill_(self._state.count)
        for done, indices in enumerate(deals.mini_batches()):
            self._rows[0, : len(indices)].copy_(indices)
            objective, zs = self._update(0, len(indices))
            bad = bad_update(self._network, self._optimizer, objective, zs, stepped=self._fits)
            if bad is not None:
                return Ran(done, bad)
            costs[done] = float(self._costs[0])
        self._state.count = int(self._count)
        return Ran(len(costs), None)


def _runs(deals: Deals) -> Iterator[Tensor]:
    """The indices of mini-batches of one size that follow each other, (K, B)."""
    left, size = deals.updates, deals.size
    if deals.orders.shape[1] % size == deals.offset % size == 0:  # all whole, over epochs too
        dealt = deals.orders.flatten()[deals.offset :]
        yield from _parts(dealt[: left * size].view(left, size))
        return
    for number, order in enumerate(deals.orders):
        dealt = order[deals.offset if number == 0 else 0 :]
        whole = min(len(dealt) // size, left)
        rows = dealt[: whole * size].view(whole, size)
        yield from _parts(rows)
        left -= whole
        rest = dealt[whole * size :]
        if left and 0 < len(rest) < size:
            yield rest[None]
            left -= 1


def _parts(rows: Tensor) -> Iterator[Tensor]:
    """Parts of as many rows as are captured at once, then of powers of two: few kinds in all."""
    part = _AT_ONCE
    while len(rows):
        while len(rows) < part:
            part //= 2
        yield rows[:part]
        rows = rows[part:]
