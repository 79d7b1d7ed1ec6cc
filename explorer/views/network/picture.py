"""Which values the drawing shows at a moment, and on which scales. No Qt here."""

from __future__ import annotations

from typing import Literal

import numpy as np
from msgspec import Struct

from explorer.core import nudges
from explorer.core.data.dataset import Floats
from explorer.core.moment import Moment
from explorer.views.palette import starts_at_zero
from explorer.views.scale import SteadyScale, fitted, input_scale


class Edges(Struct, frozen=True, eq=False):
    """The edges into one layer: ``values`` (n, m); quiet edges are drawn grey behind the others."""

    values: Floats
    quiet: bool


class Neurons(Struct, frozen=True, eq=False):
    """One layer's neurons.

    Attributes
    ----------
    activation : (n,) float or None
        None while the beat has not computed it.
    bias : (n,) float or None
        None for the inputs.
    wish : (n,) float or None
        −∂Cᵢ/∂a, once the backward beats have reached it.
    """

    activation: Floats | None
    signed: bool
    bias: Floats | None
    wish: Floats | None
    wish_scale: float


class Picture(Struct, frozen=True, eq=False):
    """All values of one drawing, with the scales of their legends."""

    edges: tuple[Edges, ...]  # of layers 1 … L
    neurons: tuple[Neurons, ...]  # of layers 0 … L
    targets: Floats | None
    edge_title: str
    edge_scale: float
    bias_scale: float
    activation_scale: float
    input_scale: float


class Scales:
    """The steady scales of one run."""

    def __init__(self) -> None:
        self.weight = SteadyScale(1.0)
        self.activation = SteadyScale(1.0)

    def reset(self) -> None:
        """Forget the run before."""
        self.weight.reset()
        self.activation.reset()


def picture_of(moment: Moment, scales: Scales) -> Picture:
    """The values to draw at a moment; lets the steady scales grow to hold them."""
    parameters = [_parameters(moment, layer) for layer in range(1, moment.n_layers + 1)]
    weight_scale = scales.weight.include(*(array for pair in parameters for array in pair))
    for layer in range(1, moment.n_layers + 1):
        scales.activation.include(moment.trace.activation(layer)[moment.example])
    scales.activation.include(moment.trace.targets[moment.example])
    edges, title, edge_scale = _edges(moment, [weight for weight, _ in parameters], weight_scale)
    biases = [None, *(bias for _, bias in parameters)]
    return Picture(
        edges=edges,
        neurons=tuple(_neurons(moment, layer, bias) for layer, bias in enumerate(biases)),
        targets=moment.trace.targets[moment.example],
        edge_title=title,
        edge_scale=edge_scale,
        bias_scale=weight_scale,
        activation_scale=scales.activation.value,
        input_scale=input_scale(moment.dataset),
    )


def _parameters(moment: Moment, layer: int) -> tuple[Floats, Floats]:
    values = moment.trace.layers[layer - 1]
    if moment.updated:
        return values.weight_after, values.bias_after
    return values.weight_before, values.bias_before


def _edges(
    moment: Moment, weights: list[Floats], weight_scale: float
) -> tuple[tuple[Edges, ...], str, float]:
    if moment.beat.kind == "backward":
        focus = moment.beat.layer
        wishes = nudges.weight_wishes(moment.trace, focus, moment.example)
        edges = tuple(
            Edges(wishes, quiet=False) if layer == focus else Edges(weight, quiet=True)
            for layer, weight in enumerate(weights, start=1)
        )
        return edges, "wish of the weights −∂Cᵢ/∂w", fitted(wishes)
    if moment.beat.kind == "average":
        means = [-layer.weight_gradient for layer in moment.trace.layers]
        return tuple(Edges(m, quiet=False) for m in means), "mean wish −∂C/∂w", fitted(*means)
    kept: Literal["weight after the update", "weight"] = (
        "weight after the update" if moment.updated and not moment.live else "weight"
    )
    return tuple(Edges(weight, quiet=False) for weight in weights), kept, weight_scale


def _neurons(moment: Moment, layer: int, bias: Floats | None) -> Neurons:
    trace, example = moment.trace, moment.example
    if layer == 0:
        signed = moment.dataset.signed_inputs
        return Neurons(trace.inputs[example], signed, None, None, 1.0)
    activation = moment.experiment.network.layers[layer - 1].activation
    wished = _wish_shown(moment, layer)
    return Neurons(
        activation=trace.activation(layer)[example] if moment.forward_done(layer) else None,
        signed=not starts_at_zero(activation),
        bias=bias,
        wish=nudges.activation_wishes(trace, layer, example) if wished else None,
        wish_scale=float(np.abs(trace.layers[layer - 1].activation_gradient).max()) or 1.0,
    )


def _wish_shown(moment: Moment, layer: int) -> bool:
    """In the backward beats: of the layers done by now, and of the one that is handed wishes."""
    return moment.beat.kind == "backward" and layer >= moment.beat.layer - 1
