"""The activation functions and their slopes in numpy, for pictures; torch trains with its own."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from explorer.core.data.dataset import Floats
from explorer.core.experiment import Activation

LEAK = 0.01
"""The slope of leaky ReLU below zero, torch's default."""

_erf = np.vectorize(math.erf, otypes=[float])


def _sigmoid(z: Floats) -> Floats:
    return np.asarray(0.5 * (1 + np.tanh(z / 2)))


def _normal_density(z: Floats) -> Floats:
    return np.asarray(np.exp(-(np.minimum(np.abs(z), 40.0) ** 2) / 2) / math.sqrt(2 * math.pi))


CURVES: dict[Activation, Callable[[Floats], Floats]] = {
    "linear": lambda z: z,
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, LEAK * z),
    "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "gelu": lambda z: z * 0.5 * (1 + _erf(z / math.sqrt(2))),
    "silu": lambda z: z * _sigmoid(z),
    "softplus": lambda z: np.logaddexp(0, z),
}
"""a = σ(z), element by element; softmax is no function of one z and is not among them."""

_SLOPES: dict[Activation, Callable[[Floats, Floats], Floats]] = {
    "linear": lambda z, _: np.ones_like(z),
    "sigmoid": lambda _, a: a * (1 - a),
    "tanh": lambda _, a: 1 - a * a,
    "relu": lambda z, _: np.where(z > 0, 1.0, 0.0),
    "leaky_relu": lambda z, _: np.where(z > 0, 1.0, LEAK),
    "elu": lambda z, _: np.where(z > 0, 1.0, np.exp(np.minimum(z, 0))),
    "gelu": lambda z, _: 0.5 * (1 + _erf(z / math.sqrt(2))) + z * _normal_density(z),
    "silu": lambda z, _: _sigmoid(z) * (1 + z * (1 - _sigmoid(z))),
    "softplus": lambda z, _: _sigmoid(z),
}


def slopes(activation: Activation, z: Floats, a: Floats) -> Floats:
    """σ′(z), the shape of z, in float64.

    Where the slope can be had from a = σ(z) it is, as in torch: with a rounded to 1 both say 0.
    At a kink it is torch's choice: ReLU′(0) = 0. For softmax it is ∂a/∂z of the neuron itself,
    a(1 − a), which is one entry of :func:`softmax_slopes` only.
    """
    z, a = np.asarray(z, np.float64), np.asarray(a, np.float64)
    return np.asarray(_SLOPES["sigmoid" if activation == "softmax" else activation](z, a))


def softmax_slopes(a: Floats, neuron: int) -> Floats:
    """∂a_k/∂z of one neuron for every output k: a_k(1[k is it] − a), (n,), from all a (n,)."""
    a = np.asarray(a, np.float64)
    own = np.zeros_like(a)
    own[neuron] = 1.0
    return np.asarray(a * (own - a[neuron]))


def softmax_curve(zs: Floats, neuron: int) -> Callable[[Floats], Floats]:
    """a of one softmax output as a function of its own z, the others' z (n,) held where they are.

    It is a sigmoid moved to ln Σ exp z of the others; of a single output it is 1 everywhere.
    """
    others = np.delete(np.asarray(zs, np.float64), neuron)
    if not len(others):
        return lambda z: np.ones_like(z)
    middle = float(np.logaddexp.reduce(others))
    return lambda z: _sigmoid(z - middle)
