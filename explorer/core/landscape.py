"""The cost over a plane of parameters, and the paths that training takes: torch's part of it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from explorer.core import losses
from explorer.core.data.dataset import Floats
from explorer.core.full_batch import full_batch_update
from explorer.core.network import ACTIVATION_FUNCTIONS
from explorer.core.trainer import Trainer

_VALUES_AT_ONCE = 2**17  # activations of one layer: few enough to stay in the processor's cache
_WEIGHTS_AT_ONCE = 2**22
_PRODUCTS_AT_ONCE = 2**25
_WORK_PER_POINT = 2**24  # products, or as much time; of more examples a sample is taken
_FEWEST_EXAMPLES = 64
_SIGMA = 16  # the time of one activation function, in products
_SHORTEST_PATH = 10  # updates
_PATH_PRODUCTS = 2**36  # some seconds of full-batch updates
_PATH_NUMBERS = 2**23  # the most that a path is made of

Parts = list[tuple[Tensor, Tensor]]  # weight (n, m) and bias (n, 1) of each layer


def start_of_path(trainer: Trainer, last: int, steps: int) -> int:
    """The update after which a path of up to ``steps`` updates starts that ends after ``last``.

    Large networks and large data sets have shorter paths, to bound memory and time.
    """
    n_parameters = trainer.network.flat.numel()
    in_time = _PATH_PRODUCTS // (n_parameters * len(trainer.dataset.train))
    in_memory = max(_PATH_NUMBERS // n_parameters, 2)
    return max(last - min(steps, max(in_time, _SHORTEST_PATH), in_memory), trainer.earliest)


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
        yield from full_batch_update(twin)
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
        self._parts = [self._parts_of(vector) for vector in (point, *directions)]
        self._rows = self._sample()
        self.examples = len(self._rows)

    def prepare(self) -> Iterator[None]:
        """What is done once, before the first row; pauses now and then."""
        inputs, targets = self._trainer.training_examples
        weights = torch.cat([weight for (weight, _), *_ in self._parts])  # (3·n₁, n₀)
        biases = torch.cat([bias for (_, bias), *_ in self._parts])
        products = []
        at_once = max(_PRODUCTS_AT_ONCE // weights.numel(), 64)
        for start in range(0, self.examples, at_once):
            products.append(weights @ inputs[self._rows[start : start + at_once]].T)
            yield
        # (n₁, N): examples last, so that what is done to a neuron is done along memory
        self._z = (torch.cat(products, dim=1) + biases).chunk(3)
        self._targets = targets[self._rows].T.contiguous()[None]  # (1, n_L, N)

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

    def _sample(self) -> Tensor:
        """The rows of all training examples, or of as many, the same ones each time, as go in."""
        units = [layer.units for layer in self._trainer.experiment.network.layers]
        products = sum(n * m for n, m in zip(units[1:], units, strict=False))
        most = max(_WORK_PER_POINT // (products + _SIGMA * sum(units)), _FEWEST_EXAMPLES)
        rows = torch.arange(len(self._trainer.dataset.train))
        if len(rows) > most:
            generator = torch.Generator().manual_seed(0)
            rows = torch.randperm(len(rows), generator=generator)[:most].sort().values
        return rows.to(self._trainer.device)


def _parameters(trainer: Trainer) -> Floats:
    return np.array(trainer.network.flat.cpu().numpy(), float)
