"""From one update's tensors to its trace: copied before the parameters move, and after."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from explorer.core import losses
from explorer.core.data.dataset import Floats
from explorer.core.engines.reference import Pass
from explorer.core.experiment import Experiment
from explorer.core.network import Network
from explorer.core.trace import Carried, LayerTrace


class Recording:
    """The numbers of one update, which autograd has gone forward and back for.

    Make it before the update and ask for :meth:`layers` after it.
    """

    def __init__(
        self,
        network: Network,
        optimizer: torch.optim.Optimizer | None,
        experiment: Experiment,
        passed: Pass,
    ) -> None:
        self._network, self._optimizer = network, optimizer
        self._before = _parameters(network)
        self._gradients = [
            (copied(_present(x.weight.grad)), copied(_present(x.bias.grad))) for x in network.layers
        ]
        self._carried = _carried(optimizer)
        self._values = _values(experiment, passed)

    def layers(self) -> tuple[LayerTrace, ...]:
        """Every layer, once the parameters have moved."""
        carried_after = _carried(self._optimizer)

        def carried_by(parameter: Tensor) -> tuple[Carried, ...]:
            earlier = self._carried.get(parameter, {})
            return tuple(
                Carried(name, earlier.get(name, np.zeros_like(now)), now)
                for name, now in carried_after.get(parameter, {}).items()
            )

        return tuple(
            LayerTrace(
                *values,
                weight_before=before[0],
                weight_gradient=gradient[0],
                weight_after=after[0],
                bias_before=before[1],
                bias_gradient=gradient[1],
                bias_after=after[1],
                weight_carried=carried_by(layer.weight),
                bias_carried=carried_by(layer.bias),
            )
            for layer, values, before, gradient, after in zip(
                self._network.layers,
                self._values,
                self._before,
                self._gradients,
                _parameters(self._network),
                strict=True,
            )
        )


def copied(tensor: Tensor) -> Floats:
    """A copy in numpy; ``.numpy()`` alone would share memory with the live tensor."""
    return np.array(tensor.detach().cpu().numpy(), copy=True)


def _present(gradient: Tensor | None) -> Tensor:
    assert gradient is not None
    return gradient


def _parameters(network: Network) -> list[tuple[Floats, Floats]]:
    return [(copied(x.weight), copied(x.bias)) for x in network.layers]


def _carried(optimizer: torch.optim.Optimizer | None) -> dict[Tensor, dict[str, Floats]]:
    """What the optimizer carries for each parameter, without its count of steps."""
    states = optimizer.state if optimizer else {}
    return {
        parameter: {
            name: copied(value)
            for name, value in state.items()
            if isinstance(value, Tensor) and value.shape == parameter.shape
        }
        for parameter, state in states.items()
    }


def _values(experiment: Experiment, passed: Pass) -> list[tuple[Floats, Floats, Floats, Floats]]:
    """z, a, δ and ∂C/∂a of every layer."""
    size = len(passed.inputs)  # torch differentiates the mean over the batch
    values = []
    for index, (z, a) in enumerate(passed.values):
        output = index == len(passed.values) - 1
        if output and experiment.loss in losses.FROM_Z:
            by_activation = losses.activation_gradient(experiment.loss, a, passed.targets)
        else:
            by_activation = _present(a.grad) * size
        delta = _present(z.grad) * size
        values.append((copied(z), copied(a), copied(delta), copied(by_activation)))
    return values
