"""Wishes: what lowers the cost, from a trace. Signs and shapes as in the field's mathematics.

A wish is minus a derivative. Those of one example are of its own cost Cᵢ, not divided by the size
of the mini-batch; their mean over the mini-batch is minus the gradient of the batch cost.
Layers count from 1; neuron j of the layer, neuron k of the layer before.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias, get_args

import numpy as np
from msgspec import Struct

from explorer.core.data.dataset import Floats, Ints
from explorer.core.part_of_network import Neuron, Selectable, Weight
from explorer.core.trace import Trace

Scope: TypeAlias = Literal["neuron", "layer", "network"]
SCOPES: tuple[Scope, ...] = get_args(Scope)


def activation_wishes(trace: Trace, layer: int, example: int) -> Floats:
    """−∂Cᵢ/∂a of each neuron, (n,)."""
    return np.asarray(-trace.layers[layer - 1].activation_gradient[example])


def bias_wishes(trace: Trace, layer: int, example: int) -> Floats:
    """−δⱼ of each neuron, (n,): what one example asks of the biases."""
    return np.asarray(-trace.layers[layer - 1].delta[example])


def weight_wishes(trace: Trace, layer: int, examples: int | slice) -> Floats:
    """−δⱼ·a_k, (n, m): what one example asks of the weights; (B, n, m) for B examples."""
    asked = -trace.layers[layer - 1].delta[examples]
    return np.asarray(np.einsum("...j,...k->...jk", asked, trace.activation(layer - 1)[examples]))


def handed_back(trace: Trace, layer: int, example: int) -> Floats:
    """−δⱼ·w_jk, (n, m): what each neuron j asks of each activation behind it.

    Summed over j this is the wish −∂Cᵢ/∂a_k of the layer before.
    """
    values = trace.layers[layer - 1]
    return np.asarray(-values.delta[example][:, None] * values.weight_before)


class Block(NamedTuple):
    """Some neurons of one layer: example i asks −delta[i, j]·behind[i, k] of parameter (j, k).

    A bias is the weight of an activation that is always 1: ``behind`` is (B, 1 + m), its first
    column ones. ``first`` is the first neuron; ``delta`` is (B, n). Both are float64.
    """

    layer: int
    first: int
    delta: Floats
    behind: Floats

    def flat(self, bias: Floats, weight: Floats) -> Floats:
        """Values of these neurons' biases and weights in the order of the block, (n·(1 + m),)."""
        here = slice(self.first, self.first + self.delta.shape[1])
        return np.concatenate([bias[here, None], weight[here]], axis=1, dtype=np.float64).ravel()


class Wishes(Struct, frozen=True, eq=False, dict=True):
    """What each example asks of each parameter of a neuron, of its layer, or of the network.

    P parameters and B examples, but no table of P × B: a wish is a product of two numbers of the
    trace, computed where it is asked for. ``rows`` are places in the order by size, from 0.
    """

    trace: Trace
    blocks: tuple[Block, ...]

    @classmethod
    def of(cls, trace: Trace, neuron: Neuron, scope: Scope = "neuron") -> Wishes:
        """The wishes for a neuron's parameters, for those of its layer, or for all."""
        layers = range(1, len(trace.layers) + 1) if scope == "network" else (neuron.layer,)
        blocks = []
        for layer in layers:
            first, delta = 0, trace.layers[layer - 1].delta
            if scope == "neuron":
                first, delta = neuron.index, delta[:, neuron.index : neuron.index + 1]
            ones = np.ones((trace.batch_size, 1))
            behind = np.concatenate([ones, trace.activation(layer - 1)], axis=1, dtype=np.float64)
            blocks.append(Block(layer, first, delta.astype(np.float64), behind))
        return cls(trace, tuple(blocks))

    @property
    def examples(self) -> int:
        """B, the number of examples."""
        return self.trace.batch_size

    @property
    def parameters(self) -> int:
        """P, the number of parameters."""
        return len(self.order)

    @cached_property
    def order(self) -> Ints:
        """The parameters by the mean size of the wishes for them, the largest first, (P,)."""
        sizes = [np.abs(b.delta).T @ np.abs(b.behind) for b in self.blocks]
        return np.argsort(-np.concatenate([s.ravel() for s in sizes]), kind="stable")

    @cached_property
    def largest(self) -> float:
        """The size of the largest wish of any example for any parameter."""
        peaks = [np.abs(b.delta).max(axis=1) * np.abs(b.behind).max(axis=1) for b in self.blocks]
        return float(np.max(peaks))

    @cached_property
    def agreement(self) -> float:
        """How far the examples agree: the length of the mean wish against the mean length, 0 to 1.

        A wish is an outer product in each layer, so its length needs no table either.
        """
        squares = [(b.delta**2).sum(axis=1) * (b.behind**2).sum(axis=1) for b in self.blocks]
        mean_length = float(np.sqrt(np.sum(squares, axis=0)).mean())
        return float(np.linalg.norm(self._means)) / mean_length if mean_length else 0.0

    def part(self, row: int) -> Selectable:
        """The parameter of a row: a weight, or the neuron whose bias it is."""
        block, j, k = next((b, int(j[0]), int(k[0])) for _, b, j, k in self._places([row]))
        neuron = block.first + j
        return Weight(block.layer, neuron, k - 1) if k else Neuron(block.layer, neuron)

    def cells(self, rows: Ints | range, columns: Ints | range) -> Floats:
        """What the examples ``columns`` ask of the parameters ``rows``, (r, c)."""
        cells = np.empty((len(rows), len(columns)))
        for at, block, j, k in self._places(rows):
            cells[at] = -(block.delta[columns][:, j] * block.behind[columns][:, k]).T
        return cells

    def means(self, rows: Ints | range) -> Floats:
        """The means of the wishes over the examples, (r,)."""
        return np.asarray(self._means[self.order[rows]])

    def negative_gradients(self, rows: Ints | range) -> Floats:
        """−∂C/∂w as the running model computed it, regularization included, (r,)."""
        return np.asarray(-self._gradients[self.order[rows]])

    def pulls(self, rows: Ints | range) -> Floats:
        """What regularization asks, −λ·w for L2 and −λ·sign(w) for L1; nothing of a bias, (r,)."""
        return np.asarray(self._pulls[self.order[rows]])

    @cached_property
    def _means(self) -> Floats:
        sums = [(b.delta.T @ b.behind).ravel() for b in self.blocks]
        return -np.concatenate(sums) / self.examples

    @cached_property
    def _gradients(self) -> Floats:
        layers = [(b, self.trace.layers[b.layer - 1]) for b in self.blocks]
        return np.concatenate([b.flat(x.bias_gradient, x.weight_gradient) for b, x in layers])

    @cached_property
    def _pulls(self) -> Floats:
        kind, rate = _regularization(self.trace)
        pulls = []
        for block in self.blocks:
            layer = self.trace.layers[block.layer - 1]
            weight = np.sign(layer.weight_before) if kind == "l1" else layer.weight_before
            pulls.append(block.flat(np.zeros(layer.units), -rate * weight.astype(np.float64)))
        return np.concatenate(pulls)

    def _places(self, rows: Ints | range | list[int]) -> Iterator[tuple[Ints, Block, Ints, Ints]]:
        """For each block: which of ``rows`` are in it, and their neurons j and places k."""
        flat = self.order[rows]
        start = 0
        for block in self.blocks:
            width = block.behind.shape[1]
            end = start + block.delta.shape[1] * width
            (at,) = np.nonzero((flat >= start) & (flat < end))
            if len(at):
                j, k = np.divmod(flat[at] - start, width)
                yield at, block, j, k
            start = end


def _regularization(trace: Trace) -> tuple[str, float]:
    regularization = trace.experiment.regularization
    return regularization.kind, regularization.rate if regularization.kind != "none" else 0.0
