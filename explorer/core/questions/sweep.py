"""What if one parameter had other values: a sweep of real forward passes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from explorer.core.answers import Answer, Sweep
from explorer.core.data.dataset import Floats
from explorer.core.part_of_network import Neuron, Weight
from explorer.core.questions.parameter import entry_of
from explorer.core.trace import Trace

if TYPE_CHECKING:
    from torch import Tensor

    from explorer.core.network import Network
    from explorer.core.trainer import Trainer

_PASSES_PER_YIELD = 10


class SweepQuestion(Struct, frozen=True):
    """Ask for z, a and the costs at ``points`` values of a parameter, as it was before the update.

    The values are evenly spaced, symmetric about the parameter's own, and reach max(2, 2|w|) to
    both sides of it. They are of the run's dtype, and every number is what the running model
    would compute: at the parameter's own value those of the trace, bit for bit on the CPU.

    Parameters
    ----------
    part : Weight, or Neuron for its bias
    example : int
        The member of the mini-batch, from 0.
    points : int
        Odd, so that the parameter's own value is the middle one.
    """

    part: Weight | Neuron
    example: int
    points: int = 201

    def __post_init__(self) -> None:
        if self.points < 3 or self.points % 2 == 0:
            raise ValueError(f"points: expected an odd number from 3 up, got {self.points}")

    def work(self, trainer: Trainer, trace: Trace) -> Iterator[float | Answer]:
        """Run the layers from the parameter's own on, once for each value."""
        import torch

        network = trainer.network_at(trace)
        entry = entry_of(network, self.part)
        values = _values(np.array(entry.cpu().numpy()), self.points)
        behind, targets = self._held(network, trace)
        rows = []
        # One pass at a time, in the shapes of training: that keeps the last bits the same.
        for done, value in enumerate(values.tolist(), start=1):
            entry.fill_(value)
            rows.append(self._pass(network, trace, behind, targets))
            if done % _PASSES_PER_YIELD == 0:
                yield done / self.points
        z, activation, loss, batch_cost = np.array(torch.stack(rows, dim=1).cpu().numpy())
        yield Sweep(
            trace.update,
            part=self.part,
            example=self.example,
            values=values,
            now=self.points // 2,
            z=z,
            activation=activation,
            loss=loss,
            batch_cost=batch_cost,
        )

    def _held(self, network: Network, trace: Trace) -> tuple[Tensor, Tensor]:
        """What the parameter does not change: the activations behind it and the targets."""
        import torch

        dtype, device = network.flat.dtype, network.flat.device
        behind = torch.tensor(trace.inputs, dtype=dtype, device=device)
        with torch.no_grad():
            if self.part.layer > 1:
                behind = network.values(behind)[self.part.layer - 2][1]
        return behind, torch.tensor(trace.targets, dtype=dtype, device=device)

    def _pass(self, network: Network, trace: Trace, behind: Tensor, targets: Tensor) -> Tensor:
        """z and a of the parameter's neuron, Cᵢ and C_batch, (4,)."""
        import torch

        from explorer.core import losses

        with torch.no_grad():
            values = network.values(behind, first=self.part.layer)
            costs = losses.losses(trace.experiment.loss, *values[-1], targets)
            neuron = self.part.target if isinstance(self.part, Weight) else self.part.index
            own = [of_layer[self.example, neuron] for of_layer in values[0]]
            return torch.stack([*own, costs[self.example], costs.mean()])


def _values(own: Floats, points: int) -> Floats:
    """The parameter's values, ascending, (S,); the middle one is its own, bit for bit."""
    reach = max(2.0, 2.0 * abs(float(own)))
    shares = np.arange(points, dtype=np.float64) / (points // 2) - 1
    values = np.asarray((float(own) + reach * shares).astype(own.dtype))
    values[points // 2] = own
    return values
