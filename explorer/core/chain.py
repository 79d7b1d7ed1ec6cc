"""The chain rule at one neuron: the factors of its derivatives, from a trace. Torch-free."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from explorer.core import activations
from explorer.core.data.dataset import Floats
from explorer.core.experiment import Activation
from explorer.core.part_of_network import Neuron
from explorer.core.trace import Trace

_AGREE = 1e-4  # how far, as a share of δ, rounding may part the product of the factors from it
_SLOPE_ROUNDING = 1e-6  # how far float32 may round σ′(z), which GELU has as a sum


class Factors(Struct, frozen=True):
    """∂Cᵢ/∂a × σ′(z) × a_k = ∂Cᵢ/∂w of one example, with δ = ∂Cᵢ/∂z on the way.

    Attributes
    ----------
    by_activation, slope, delta : float
        ∂Cᵢ/∂a, σ′(z) and δ of the neuron; δ is as recorded, not multiplied out again.
    behind : float
        a_k, the activation of neuron k of the layer before.
    by_weight, by_bias : float
        ∂Cᵢ/∂w = δ·a_k and ∂Cᵢ/∂b = δ.
    mean_by_weight, mean_by_bias : float
        The gradients ∂C_batch/∂w and ∂C_batch/∂b, regularization included.
    """

    by_activation: float
    slope: float
    delta: float
    behind: float
    mean_by_weight: float
    mean_by_bias: float

    @property
    def by_weight(self) -> float:
        """∂Cᵢ/∂w."""
        return self.delta * self.behind

    @property
    def by_bias(self) -> float:
        """∂Cᵢ/∂b."""
        return self.delta

    @property
    def multiply(self) -> bool:
        """Whether ∂Cᵢ/∂a times σ′(z) is δ, as far as rounding goes.

        Not for softmax, nor where an activation has been rounded to 0 or 1 and the loss is
        differentiated from z.
        """
        apart = abs(self.by_activation * self.slope - self.delta)
        rounding = _SLOPE_ROUNDING * min(abs(self.by_activation), 1.0)
        return apart <= _AGREE * abs(self.delta) + rounding


def activation_of(trace: Trace, neuron: Neuron) -> Activation:
    """The activation function of a neuron's layer."""
    return trace.experiment.network.layers[neuron.layer - 1].activation


def factors_of(trace: Trace, example: int, neuron: Neuron, source: int) -> Factors:
    """The factors for the weight from neuron ``source`` of the layer before."""
    layer, j = trace.layers[neuron.layer - 1], neuron.index
    return Factors(
        by_activation=float(layer.activation_gradient[example, j]),
        slope=slope_of(trace, example, neuron),
        delta=float(layer.delta[example, j]),
        behind=float(trace.activation(neuron.layer - 1)[example, source]),
        mean_by_weight=float(layer.weight_gradient[j, source]),
        mean_by_bias=float(layer.bias_gradient[j]),
    )


def slope_of(trace: Trace, example: int, neuron: Neuron) -> float:
    """σ′(z) of one neuron for one example; of a softmax output ∂a/∂z of itself."""
    layer, j = trace.layers[neuron.layer - 1], neuron.index
    z, a = layer.z[example, j], layer.activation[example, j]
    return float(activations.slopes(activation_of(trace, neuron), z, a))


def softmax_terms(trace: Trace, example: int, neuron: int) -> tuple[Floats, Floats]:
    """∂Cᵢ/∂a_k and ∂a_k/∂z of one softmax output for every output k, (n_L,) each.

    Their products sum to its δ.
    """
    layer = trace.layers[-1]
    by_activation = np.asarray(layer.activation_gradient[example], np.float64)
    return by_activation, activations.softmax_slopes(layer.activation[example], neuron)


def costliest_source(trace: Trace, example: int, neuron: Neuron) -> int:
    """The k with the largest |∂Cᵢ/∂w|, which is that with the largest |a_k|."""
    return int(np.argmax(np.abs(trace.activation(neuron.layer - 1)[example])))


def example_slope(trace: Trace, example: int, layer: int, target: int, source: int | None) -> float:
    """∂Cᵢ/∂w of one example, or ∂Cᵢ/∂b without a source."""
    delta = float(trace.layers[layer - 1].delta[example, target])
    return delta if source is None else delta * float(trace.activation(layer - 1)[example, source])


def mean_slope(trace: Trace, layer: int, target: int, source: int | None) -> float:
    """∂C_batch/∂w (or ∂b) without regularization: the mean of the examples' own."""
    delta = trace.layers[layer - 1].delta[:, target].astype(np.float64)
    if source is not None:
        delta = delta * trace.activation(layer - 1)[:, source]
    return float(delta.mean())
