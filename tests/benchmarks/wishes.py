"""What every example asks of every weight: a gradient of its own for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import func, nn

from explorer.core.nudges import Wishes, weight_wishes
from explorer.core.part_of_network import Neuron
from explorer.core.trace import Trace
from explorer.core.trainer import Trainer
from tests.benchmarks.networks import IMAGES
from tests.benchmarks.race import Contender, Figure, race

_ROWS = 40  # parameters in view


def figures(seconds: float) -> Iterator[Figure]:
    """Against torch's own way, of the same mini-batch and parameters.

    The deltas come with every trace. The program never holds all wishes of all weights.
    """
    trace = Trainer(IMAGES.experiment(), IMAGES.dataset()).advance_traced(totals=False)
    by_torch = _vmapped(trace)
    expected = [-gradient.detach().numpy() for gradient in by_torch()]

    def by_trace() -> float:
        for layer in range(1, len(trace.layers) + 1):
            weight_wishes(trace, layer, slice(None))
        return 1

    for layer, wishes in enumerate(expected, start=1):
        assert np.allclose(weight_wishes(trace, layer, slice(None)), wishes, atol=1e-5)

    def torch_once() -> float:
        by_torch()
        return 1

    def shown() -> float:
        Wishes.of(trace, Neuron(1, 0)).cells(range(_ROWS), range(trace.batch_size))
        return 1

    contenders = [
        Contender("torch.func.vmap(grad), of all weights", torch_once),
        Contender("of all weights, from a trace", by_trace, target=10),
        Contender("of a neuron's, as the table shows them", shown),
    ]
    yield from race("wishes", IMAGES.name, contenders, "ms", seconds)


def _vmapped(trace: Trace) -> Callable[[], list[torch.Tensor]]:
    """The gradients of each example's loss by each weight matrix, (B, n, m)."""
    sigma = {"tanh": nn.Tanh, "sigmoid": nn.Sigmoid}[IMAGES.activation]
    layers: list[nn.Module] = []
    for values in trace.layers:
        linear = nn.Linear(values.weight_before.shape[1], values.units)
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(values.weight_before))
            linear.bias.copy_(torch.tensor(values.bias_before))
        layers += [linear, sigma()]
    model = nn.Sequential(*layers)
    parameters = dict(model.named_parameters())
    inputs, targets = torch.tensor(trace.inputs), torch.tensor(trace.targets)

    def loss(values: dict[str, torch.Tensor], x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        output = func.functional_call(model, values, (x[None],))[0]
        return ((output - y) ** 2).sum() / 2

    gradients = func.vmap(func.grad(loss), in_dims=(None, 0, 0))

    def run() -> list[torch.Tensor]:
        found = gradients(parameters, inputs, targets)
        return [found[name] for name in parameters if name.endswith("weight")]

    return run
