"""From one update's tensors to its trace: copied before the parameters move, and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from explorer.core import losses
from explorer.core.data.dataset import Floats
from explorer.core.engines.reference import Pass, forward_and_back
from explorer.core.experiment import Experiment
from explorer.core.network import Network
from explorer.core.tensors import copied, copied_together, parts_of
from explorer.core.trace import Carried, LayerTrace, Surface, Trace

if TYPE_CHECKING:
    from explorer.core.surfaces import Surfaces
    from explorer.core.training import Training


class Recording:
    """The next update's numbers, which autograd goes forward and back for.

    Make it before the update and ask for :meth:`trace` after it.

    Parameters
    ----------
    surfaces
        Where to record the outputs over the plane; None for nowhere.
    inner
        Whether to record there what hidden neurons say, too.
    before
        Whether to record there also what was said before the update.
    totals
        Whether to measure the total cost before and after.
    """

    def __init__(
        self,
        training: Training,
        surfaces: Surfaces | None,
        *,
        inner: bool,
        before: bool,
        totals: bool,
    ) -> None:
        self._surfaces, self._inner, self._totals = surfaces, inner, totals
        self._total = training.evaluate().cost if totals else None
        self._sheets = surfaces.sheets(training.network) if surfaces and before else None
        self._deal = training.next_deal()
        self._passed = _pass(training, self._deal.indices)
        self._parameters = _parts(training.network, training.network.flat)
        self._gradients = _parts(training.network, training.network.flat_gradient)
        self._carried = _carried(training.optimizer)
        self._values = _values(training.experiment, self._passed)
        # Autograd's graph keeps the parameters' nodes of this stream, which no capture may meet.
        self._passed.values = [(z.detach(), a.detach()) for z, a in self._passed.values]

    def trace(self, training: Training) -> Trace:
        """The whole update, once the parameters have moved."""
        deal, passed, experiment = self._deal, self._passed, training.experiment
        loss, (z, a), targets = experiment.loss, passed.values[-1], passed.targets
        return Trace(
            experiment=experiment,
            update=training.update,
            epoch=deal.epoch,
            mini_batch=deal.mini_batch,
            mini_batches=deal.mini_batches,
            indices=copied(deal.indices),
            order=copied(deal.order),
            offset=deal.offset,
            inputs=copied(passed.inputs),
            targets=copied(targets),
            layers=self._layers(training),
            loss_terms=copied(losses.terms(loss, z, a, targets)),
            losses=copied(losses.losses(loss, z, a, targets)),
            batch_cost=float(passed.cost),
            batch_cost_after=_mean_cost(training, passed),
            total_cost_before=self._total,
            total_cost_after=training.evaluate().cost if self._totals else None,
            penalty=float(passed.penalty),
            device=training.device.type,
            dtype=experiment.dtype,
            surface=self._surface(training),
        )

    def _surface(self, training: Training) -> Surface | None:
        if self._surfaces is None:
            return None
        after = self._surfaces.sheets(training.network)
        return self._surfaces.surface(self._sheets, after, inner=self._inner)

    def _layers(self, training: Training) -> tuple[LayerTrace, ...]:
        carried_after = _carried(training.optimizer)

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
                training.network.layers,
                self._values,
                self._parameters,
                self._gradients,
                _parts(training.network, training.network.flat),
                strict=True,
            )
        )


def _pass(training: Training, indices: Tensor) -> Pass:
    rows = indices.to(training.device)
    inputs, targets = training.training_examples
    return forward_and_back(training.network, training.experiment, inputs[rows], targets[rows])


@torch.no_grad()
def _mean_cost(training: Training, passed: Pass) -> float:
    """The cost of the same mini-batch with the parameters as they are now."""
    z, a = training.network.values(passed.inputs)[-1]
    return float(losses.losses(training.experiment.loss, z, a, passed.targets).mean())


def _parts(network: Network, flat: Tensor) -> list[tuple[Floats, Floats]]:
    """A copy of one of the network's flat tensors, as weights and biases of each layer."""
    layers = [(x.out_features, x.in_features) for x in network.layers]
    shapes = [shape for n, m in layers for shape in ((n, m), (n,))]
    parts = parts_of(copied(flat), shapes)
    return list(zip(parts[::2], parts[1::2], strict=True))


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
    values: list[Tensor] = []
    for index, (z, a) in enumerate(passed.values):
        output = index == len(passed.values) - 1
        if output and experiment.loss in losses.FROM_Z:
            by_activation = losses.activation_gradient(experiment.loss, a, passed.targets)
        else:
            by_activation = _present(a.grad) * size
        delta = _present(z.grad) * size
        values += z, a, delta, by_activation
    found = copied_together(values)
    return list(zip(*(found[k::4] for k in range(4)), strict=True))


def _present(gradient: Tensor | None) -> Tensor:
    assert gradient is not None
    return gradient
