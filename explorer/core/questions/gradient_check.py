"""Is the gradient right? Central differences of the cost, beside what autograd found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from explorer.core.answers import Answer, GradientCheck
from explorer.core.experiment import Activation
from explorer.core.part_of_network import Neuron, Weight
from explorer.core.questions.parameter import entry_of
from explorer.core.trace import Trace

if TYPE_CHECKING:
    from torch import Tensor

    from explorer.core.network import LayerValues, Network
    from explorer.core.trainer import Trainer

_KINKED: frozenset[Activation] = frozenset({"relu", "leaky_relu"})
_STEP = float(np.cbrt(np.finfo(np.float64).eps))  # where truncation and rounding are even


class GradientCheckQuestion(Struct, frozen=True):
    """Ask whether ∂C_batch/∂w agrees with (C(w + h) − C(w − h)) / 2h, at w before the update.

    The costs are computed in float64 at the trace's parameters, regularization included; autograd
    has computed in the run's dtype. Where the cost bends between w − h and w + h (a ReLU goes on
    or off, an L1 weight changes its sign) the answer says so, for there the two need not agree.

    Parameters
    ----------
    part : Weight, or Neuron for its bias
    """

    part: Weight | Neuron

    def work(self, trainer: Trainer, trace: Trace) -> Iterator[float | Answer]:
        """Two forward passes of the mini-batch."""
        import torch

        # On the CPU, for not every device has float64.
        cpu = torch.device("cpu")
        network = trainer.network_at(trace, dtype=torch.float64, device=cpu)
        entry = entry_of(network, self.part)
        own = float(entry)
        # So that w + h and w − h are numbers, and the distance between them is 2h exactly.
        step = (abs(own) + _STEP * max(1.0, abs(own))) - abs(own)
        entry.fill_(own + step)
        cost_above, on_above = _cost(network, trace)
        yield 0.5
        entry.fill_(own - step)
        cost_below, on_below = _cost(network, trace)
        bends = not torch.equal(on_above, on_below)
        lone = isinstance(self.part, Weight) and trace.experiment.regularization.kind == "l1"
        yield GradientCheck(
            trace.update,
            part=self.part,
            autograd=self._autograd(trace),
            difference=(cost_above - cost_below) / (2 * step),
            step=step,
            cost_above=cost_above,
            cost_below=cost_below,
            kink=bends or (lone and abs(own) <= step),
        )

    def _autograd(self, trace: Trace) -> float:
        layer = trace.layers[self.part.layer - 1]
        if isinstance(self.part, Weight):
            return float(layer.weight_gradient[self.part.target, self.part.source])
        return float(layer.bias_gradient[self.part.index])


def _cost(network: Network, trace: Trace) -> tuple[float, Tensor]:
    """C_batch with its penalty, and which kinked neurons are on."""
    import torch

    from explorer.core import losses

    flat = network.flat
    inputs = torch.tensor(trace.inputs, dtype=flat.dtype, device=flat.device)
    targets = torch.tensor(trace.targets, dtype=flat.dtype, device=flat.device)
    with torch.no_grad():
        values = network.values(inputs)
        cost = losses.losses(trace.experiment.loss, *values[-1], targets).mean()
        penalty = losses.penalty(trace.experiment.regularization, network.weights())
        return float(cost + penalty), _switches(network, values)


def _switches(network: Network, values: LayerValues) -> Tensor:
    """The sign of z of every neuron whose activation function has a kink at 0, flat."""
    import torch

    signs = [
        z.sign().reshape(-1)
        for activation, (z, _) in zip(network.activations, values, strict=True)
        if activation in _KINKED
    ]
    return torch.cat(signs) if signs else torch.zeros(0)
