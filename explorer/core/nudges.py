"""Wishes: what lowers the cost, from a trace. Signs and shapes as in the field's mathematics.

A wish is minus a derivative. Those of one example are of its own cost Cᵢ, not divided by the size
of the mini-batch; their mean over the mini-batch is minus the gradient of the batch cost.
Layers count from 1; neuron j of the layer, neuron k of the layer before.
"""

from __future__ import annotations

import numpy as np

from explorer.core.data.dataset import Floats
from explorer.core.trace import Trace


def activation_wishes(trace: Trace, layer: int, example: int) -> Floats:
    """−∂Cᵢ/∂a of each neuron, (n,)."""
    return np.asarray(-trace.layers[layer - 1].activation_gradient[example])


def bias_wishes(trace: Trace, layer: int, example: int) -> Floats:
    """−δⱼ of each neuron, (n,): what one example asks of the biases."""
    return np.asarray(-trace.layers[layer - 1].delta[example])


def weight_wishes(trace: Trace, layer: int, example: int) -> Floats:
    """−δⱼ·a_k, (n, m): what one example asks of the weights."""
    return np.outer(-trace.layers[layer - 1].delta[example], trace.activation(layer - 1)[example])


def handed_back(trace: Trace, layer: int, example: int) -> Floats:
    """−δⱼ·w_jk, (n, m): what each neuron j asks of each activation behind it.

    Summed over j this is the wish −∂Cᵢ/∂a_k of the layer before.
    """
    values = trace.layers[layer - 1]
    return np.asarray(-values.delta[example][:, None] * values.weight_before)


def example_wishes(trace: Trace, layer: int, neuron: int) -> Floats:
    """What each example asks of one neuron's parameters, (1 + m, B): its bias, then its weights."""
    delta = trace.layers[layer - 1].delta[:, neuron]
    behind = trace.activation(layer - 1)
    return np.concatenate([-delta[None, :], -(delta[:, None] * behind).T])


def agreement(wishes: Floats) -> float:
    """How far the examples agree: the length of the mean wish against the mean length, 0 to 1.

    ``wishes`` is (P, B), a column per example.
    """
    mean_length = np.linalg.norm(wishes, axis=0).mean()
    if mean_length == 0:
        return 0.0
    return float(np.linalg.norm(wishes.mean(axis=1)) / mean_length)
