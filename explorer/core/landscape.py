"""The cost over a plane of parameters, and the paths that training takes: torch's part of it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from explorer.core import losses
from explorer.core.data.dataset import Floats
from explorer.core.network import ACTIVATION_FUNCTIONS
from explorer.core.trainer import Trainer

_VALUES_AT_ONCE = 2**17  # activations of one layer: few enough to stay in the processor's cache
_WEIGHTS_AT_ONCE = 2**22
_WORK_PER_POINT = 2**24  # products, or as much time; of more examples a sample is taken
_FEWEST_EXAMPLES = 64
_SIGMA = 16  # the time of one activation function, in products
_PATH_NUMBERS = 2**23  # the most that a path is made of

Parts = list[tuple[Tensor, Tensor]]  # weight (n, m) and bias (n, 1) of each layer


def start_of_path(trainer: Trainer, last: int, steps: int) -> int:
    """The update after which a path of up to ``steps`` updates starts that ends after ``last``."""
    fitting = max(_PATH_NUMBERS // trainer.network.flat.numel(), 2)
    return max(last - min(steps, fitting), trainer.earliest)


def mini_batch_path(twin: Trainer, first: int, last: int, path: list[Floats]) -> Iterator[None]:
    """Add to a path the parameters (P,) after ``first`` and each further update to ``last``.

    Pauses after each update. The trainer goes the path itself, so let it be a twin.
    """
    for _ in twin.replay(first, last):
        if twin.update >= first:
            path.append(_parameters(twin))
        yield


def full_batch_path(twin: Trainer, first: int, last: int, path: list[Floats]) -> Iterator[None]:
    """The same, each update on the gradient over all training examples; ends where it diverges."""
    for _ in twin.replay(first, first):
        yield
    path.append(_parameters(twin))
    while twin.update < last:
        yield from twin.full_batch_update()
        if not torch.isfinite(twin.network.flat).all():
            return
        path.append(_parameters(twin))
        yield


class PlaneCost:
    """The total cost, without regularization, at points of a plane in parameter space.

    Along the plane the parameters, and so the first layer's z, are linear in the coordinates:
    what the inputs do to the point and to both directions is computed once, and each point of the
    plane only adds them up.

    Parameters
    ----------
    point : (P,)
        The parameters at (0, 0).
    directions : (2, P)
    """

    def __init__(self, trainer: Trainer, point: Floats, directions: Floats) -> None:
        self._trainer = trainer
        experiment = trainer.experiment
        self._loss = experiment.loss
        self._sigmas = [ACTIVATION_FUNCTIONS[x.activation] for x in experiment.network.layers]
        rows = self._sample()
        inputs, targets = (values[rows] for values in trainer.training_examples)
        self.examples = len(inputs)
        self._targets = targets.T[None]  # (1, n_L, N)
        self._parts = [self._parts_of(vector) for vector in (point, *directions)]
        # (n₁, N): examples last, so that what is done to a neuron is done along memory
        self._z = [weight @ inputs.T + bias for (weight, bias), *_ in self._parts]

    def row(self, x: Floats, y: float) -> Iterator[Floats]:
        """The cost at (x, y) for a row of x, a few points at a time."""
        widest = max(len(bias) for _, bias in self._parts[0])
        by_values = _VALUES_AT_ONCE // (widest * self.examples)
        by_weights = _WEIGHTS_AT_ONCE // self._trainer.network.flat.numel()
        at_once = max(min(by_values, by_weights), 1)
        for start in range(0, len(x), at_once):
            yield self._cost(x[start : start + at_once], y)

    @torch.no_grad()
    def _cost(self, x: Floats, y: float) -> Floats:
        """The cost at K points of a row, (K,)."""
        along = self._z[0].new_tensor(x).view(-1, 1, 1)
        z = torch.addcmul(self._z[0] + y * self._z[2], along, self._z[1])  # (K, n₁, N)
        a = self._sigmas[0](z)
        for sigma, *parts in zip(self._sigmas[1:], *(p[1:] for p in self._parts), strict=True):
            weight, bias = (
                at + y * by_y + along * by_x
                for at, by_x, by_y in zip(*parts, strict=True)  # (K, n, m) and (K, n, 1)
            )
            z = torch.baddbmm(bias, weight, a)
            a = sigma(z)
        targets = self._targets.expand(len(x), -1, -1)
        cost = losses.losses(self._loss, z, a, targets).mean(dim=1)
        return np.asarray(cost.cpu().numpy(), float)

    def _parts_of(self, vector: Floats) -> Parts:
        """A vector in parameter space, cut into the layers' weights and biases."""
        flat = self._trainer.network.flat.new_tensor(vector)
        parts, start = [], 0
        for layer in self._trainer.network.layers:
            n, m = layer.weight.shape
            weight = flat[start : start + n * m].view(n, m)
            bias = flat[start + n * m : start + n * m + n].view(n, 1)
            parts.append((weight, bias))
            start += n * m + n
        return parts

    def _sample(self) -> slice | Tensor:
        """All training examples, or as many of them, the same each time, as time allows."""
        units = [layer.units for layer in self._trainer.experiment.network.layers]
        products = sum(n * m for n, m in zip(units[1:], units, strict=False))
        most = max(_WORK_PER_POINT // (products + _SIGMA * sum(units)), _FEWEST_EXAMPLES)
        n = len(self._trainer.dataset.train)
        if n <= most:
            return slice(None)
        generator = torch.Generator().manual_seed(0)
        chosen = torch.randperm(n, generator=generator)[:most]
        return chosen.sort().values.to(self._trainer.device)


def _parameters(trainer: Trainer) -> Floats:
    return np.array(trainer.network.flat.cpu().numpy(), float)
