"""Which values the drawing shows at a moment, and on which scales. No Qt here."""

from __future__ import annotations

from typing import Literal

import numpy as np
from msgspec import Struct

from explorer.core import nudges
from explorer.core.data.dataset import Floats
from explorer.core.moment import Moment
from explorer.views.palette import bounded, starts_at_zero
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
    signed, bounded : bool
        Whether activations may be below zero; whether they end at ±1, or share a scale with
        those of other layers that do not.
    scale : float
        The activation that has the full colour.
    bias : (n,) float or None
        None for the inputs.
    wish : (n,) float or None
        −∂Cᵢ/∂a, once the backward beats have reached it.
    """

    activation: Floats | None
    signed: bool
    bounded: bool
    scale: float
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


class Scales:
    """The steady scales of one run."""

    def __init__(self) -> None:
        self.weight = SteadyScale(1.0)
        self.bounded, self.unbounded = SteadyScale(1.0), SteadyScale(1.0)

    def reset(self) -> None:
        """Forget the run before."""
        for scale in (self.weight, self.bounded, self.unbounded):
            scale.reset()


def picture_of(moment: Moment, scales: Scales) -> Picture:
    """The values to draw at a moment; lets the steady scales grow to hold them."""
    parameters = [_parameters(moment, layer) for layer in range(1, moment.n_layers + 1)]
    weight_scale = scales.weight.include(*(array for pair in parameters for array in pair))
    activations = [
        scales.bounded if bounded(layer.activation) else scales.unbounded
        for layer in moment.experiment.network.layers
    ]
    for layer, scale in enumerate(activations, start=1):
        scale.include(moment.trace.activation(layer)[moment.example])
    activations[-1].include(moment.trace.targets[moment.example])
    edges, title, edge_scale = _edges(moment, [weight for weight, _ in parameters], weight_scale)
    neurons = (
        _neurons(moment, layer, bias, scale.value)
        for layer, ((_, bias), scale) in enumerate(zip(parameters, activations, strict=True), 1)
    )
    return Picture(
        edges=edges,
        neurons=(_inputs(moment), *neurons),
        targets=moment.trace.targets[moment.example],
        edge_title=title,
        edge_scale=edge_scale,
        bias_scale=weight_scale,
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


def _inputs(moment: Moment) -> Neurons:
    inputs, dataset = moment.trace.inputs[moment.example], moment.dataset
    scale = input_scale(dataset)
    return Neurons(inputs, dataset.signed_inputs, False, scale, None, None, 1.0)


def _neurons(moment: Moment, layer: int, bias: Floats, scale: float) -> Neurons:
    trace, example = moment.trace, moment.example
    activation = moment.experiment.network.layers[layer - 1].activation
    wished = _wish_shown(moment, layer)
    return Neurons(
        activation=trace.activation(layer)[example] if moment.forward_done(layer) else None,
        signed=not starts_at_zero(activation),
        bounded=bounded(activation),
        scale=scale,
        bias=bias,
        wish=nudges.activation_wishes(trace, layer, example) if wished else None,
        wish_scale=float(np.abs(trace.layers[layer - 1].activation_gradient).max()) or 1.0,
    )


def _wish_shown(moment: Moment, layer: int) -> bool:
    """In the backward beats: of the layers done by now, and of the one that is handed wishes."""
    return moment.beat.kind == "backward" and layer >= moment.beat.layer - 1
