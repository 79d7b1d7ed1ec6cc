"""Whether a neuron lets a wish through: saturated, off, dead. In words, from a trace."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from explorer.core.activations import LEAK
from explorer.core.chain import activation_of, slope_of
from explorer.core.numbers import number
from explorer.core.part_of_network import Neuron
from explorer.core.trace import Trace

SATURATED = 0.01
"""σ′(z) below this passes nearly nothing: |z| over 4.6 for sigmoid, over 3.0 for tanh."""

_ALMOST_NONE = "so almost none of the wish passes through"


class Note(Struct, frozen=True):
    """What is to be said about a neuron's slope; ``grave`` where it stops the wish."""

    text: str
    grave: bool


def saturation(trace: Trace, example: int, neuron: Neuron) -> Note | None:
    """What a neuron's σ′(z) does to its wish, where it does more than scale it a little.

    Softmax says nothing: with cross-entropy its δ is a − y, however flat it is.
    """
    activation = activation_of(trace, neuron)
    slope = slope_of(trace, example, neuron)
    if activation == "relu":
        return _relu(trace, example, neuron)
    if activation == "leaky_relu" and slope == LEAK:
        return Note(f"z ≤ 0: the leak passes {100 * LEAK:g} % of the wish through", False)
    if activation in ("linear", "softmax", "leaky_relu") or abs(slope) >= SATURATED:
        return None
    flat = "saturated" if activation in ("sigmoid", "tanh") else "nearly flat here"
    told = f"{flat}: σ′(z) = {number(slope)}"
    if _from_z(trace, neuron):
        delta = number(float(trace.layers[-1].delta[example, neuron.index]))
        told += f", but cross-entropy makes ∂C/∂a as steep, so δ = {delta} still passes"
        return Note(told, False)
    return Note(f"{told}, {_ALMOST_NONE}", True)


def _from_z(trace: Trace, neuron: Neuron) -> bool:
    """Whether the loss undoes the output's slope."""
    return neuron.layer == len(trace.layers) and trace.experiment.loss == "binary_cross_entropy"


def _relu(trace: Trace, example: int, neuron: Neuron) -> Note:
    z = trace.layers[neuron.layer - 1].z[:, neuron.index]
    on, size = int(np.count_nonzero(z > 0)), len(z)
    if not on:
        sign = "<" if (z < 0).all() else "≤"
        of = f"all {size} examples" if size > 1 else "the only example"
        return Note(
            f"z {sign} 0 for {of} of this mini-batch: the neuron is dead here; nothing passes", True
        )
    if z[example] > 0:
        return Note(f"on for this example, and for {on} of {size}: the wish passes whole", False)
    return Note(f"off for this example: nothing passes; on for {on} of {size}", True)
