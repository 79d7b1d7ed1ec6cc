"""The compiled engine: whole runs of updates in one kernel, on the CPU and without the GIL.

It works on the memory of the network's own parameters and of the optimizer's own state, so both
remain what torch knows.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import scipy.linalg.cython_blas  # noqa: F401  loads the library that the next line limits
import torch
from numba import typeof
from threadpoolctl import threadpool_limits
from torch import Tensor

from explorer.core.bell import SILENT, Bell
from explorer.core.data.dataset import Floats, Ints
from explorer.core.divergence import bad_update
from explorer.core.engines import Ran, kernel, steps
from explorer.core.engines.carried import FlatState
from explorer.core.engines.lanes import WIDTH
from explorer.core.experiment import (
    ACTIVATIONS,
    LOSSES,
    Builtin,
    Experiment,
    Layer,
    NetworkSpec,
)
from explorer.core.mini_batches import Deck
from explorer.core.network import Network

# Two threads are slower at these sizes, and sum in another order than one.
threadpool_limits(1, user_api="blas")

_REGULARIZATIONS = {"none": np.uint64(0), "l1": kernel.L1, "l2": kernel.L2}


class CompiledEngine:
    """Updates by the kernel of :mod:`explorer.core.engines.kernel`.

    Parameters
    ----------
    inputs, targets : (N, n₀), (N, n_L)
        All training examples, on the CPU, in the network's dtype.
    """

    holds_gil = False

    def __init__(self, network: Network, inputs: Tensor, targets: Tensor) -> None:
        self._network = network
        self._inputs, self._targets = inputs.numpy().ravel(), targets.numpy().ravel()
        self._drawn = np.empty(len(inputs), np.uint64)
        self._units = [inputs.shape[1], *(len(layer.bias) for layer in network.layers)]
        self._factors_of_gradient = _factors_of_gradient(self._units)
        self._kernel = kernel.train()

    def attach(self, experiment: Experiment, optimizer: torch.optim.Optimizer | None) -> None:
        """Take up a new or restored optimizer, or other settings of the one there was."""
        self._optimizer = optimizer
        self._state: FlatState | None = None
        self._spec = experiment.optimizer
        self._size = min(experiment.mini_batch.size, len(self._drawn))
        code, step_settings = steps.coded(self._spec)
        self._fixed = (
            np.array(self._units, np.uint64),
            np.array([ACTIVATIONS.index(x) for x in self._network.activations], np.uint64),
            np.uint64(LOSSES.index(experiment.loss)),
            _REGULARIZATIONS[experiment.regularization.kind],
            experiment.regularization.rate,
            code,
            np.array(step_settings, np.float64),
        )
        self._make_buffers(self._size)

    def _make_buffers(self, size: int) -> None:
        self._padded = padded = -(-size // int(WIDTH)) * int(WIDTH)
        neurons, outputs = sum(self._units[1:]), self._units[-1]
        dtype = self._inputs.dtype
        self._z = np.empty(neurons * padded, dtype)
        self._buffers = (
            self._z,
            np.ones((self._units[0] + neurons + 1) * padded, dtype),  # the last row remains so
            np.empty(neurons * padded, dtype),
            np.empty(outputs * padded, dtype),
            np.empty(padded, dtype),
            np.empty(padded, dtype),
        )
        self._objective = np.empty(1, dtype)
        width = np.uint64(padded)
        self._rows = *(rows * width for rows in self._factors_of_gradient), width

    def prepare(self) -> None:
        """Compile the kernel for the dtype, or fetch it from the cache."""
        state, costs = FlatState(self._network, None, self._spec), np.empty(1, self._inputs.dtype)
        deck = Deck(len(self._drawn), shuffle=True, seed=0)
        arguments = self._arguments(state, deck, np.zeros(2, np.int64), costs, SILENT)
        self._kernel.compile(tuple(typeof(argument) for argument in arguments))

    def run(self, deck: Deck, costs: Floats, bell: Bell) -> Ran:
        """Train on the mini-batches of a deck, and enter the cost before each update."""
        state = self._carried_flat()
        counts = np.array([state.count, 0])
        done, ended = 0, kernel.LOOK
        while ended not in (kernel.DONE, kernel.RUNG):
            made, ended = self._kernel(*self._arguments(state, deck, counts, costs[done:], bell))
            done += made
            if ended in (kernel.LOOK, kernel.FACTOR):
                bad = self._look(int(counts[1]), ended)
                if bad is not None:
                    return Ran(done - 1, bad)
        state.count = int(counts[0])
        return Ran(done, None)

    def _carried_flat(self) -> FlatState:
        if self._state is None:  # not before, for torch carries nothing before the first step
            self._state = FlatState(self._network, self._optimizer, self._spec)
        return self._state

    def _arguments(
        self, state: FlatState, deck: Deck, counts: Ints, costs: Floats, bell: Bell
    ) -> tuple[Any, ...]:
        return (
            *self._fixed,
            *self._rows,
            state.stretches,
            np.uint64(self._size),
            self._inputs,
            self._targets,
            deck.shuffle,
            deck.order.numpy(),
            deck.generator.numpy().view(np.uint64),
            deck.before.numpy().view(np.uint64),
            deck.place,
            self._drawn,
            counts,
            self._network.flat.numpy(),
            self._network.flat_gradient.numpy(),
            *(slot.numpy() for slot in state.slots),
            *self._buffers,
            self._objective,
            costs,
            bell.memory,
        )

    def _look(self, size: int, ended: int) -> str | None:
        """What the latest update, of so many examples, made infinite, if it really did."""
        zs, start = [], 0
        for units in self._units[1:]:
            end = start + units * self._padded
            rows = self._z[start:end].reshape(units, self._padded)
            zs.append(torch.from_numpy(rows[:, :size]))
            start = end
        return bad_update(
            self._network,
            self._optimizer,
            torch.from_numpy(self._objective)[0],
            zs,
            stepped=ended != kernel.FACTOR,
        )


def _factors_of_gradient(units: list[int]) -> tuple[Ints, Ints]:
    """Of every parameter, which neuron's δ and which activation its gradient is made of (P,).

    Neurons and activations are counted from the first layer on, the latter with the inputs before
    them; after all of them comes the row of ones that a bias is multiplied by.
    """
    deltas, factors, before = [], [], 0
    for m, n in pairwise(units):
        neurons = np.arange(n) + before - units[0] + m
        deltas += [np.repeat(neurons, m), neurons]
        factors += [np.tile(np.arange(m) + before, n), np.full(n, sum(units))]
        before += m
    return np.concatenate(deltas).astype(np.uint64), np.concatenate(factors).astype(np.uint64)


def prepare() -> None:
    """Compile the kernel for float32, which nearly every run uses, before there is a run."""
    network = Network(NetworkSpec((Layer(1),)), 1, torch.float32, torch.device("cpu"))
    engine = CompiledEngine(network, torch.zeros(1, 1), torch.zeros(1, 1))
    engine.attach(Experiment(data=Builtin("xor"), network=NetworkSpec((Layer(1),))), None)
    engine.prepare()
