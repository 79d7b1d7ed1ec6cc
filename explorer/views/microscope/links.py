"""What stands between the number lines: each link of the chain, with its slope. No Qt here."""

from __future__ import annotations

from msgspec import Struct

from explorer.core.chain import activation_of, factors_of, slope_of
from explorer.core.moment import Moment
from explorer.core.numbers import number, signed, subscript
from explorer.core.part_of_network import Neuron, Weight, parameter_symbol
from explorer.core.readings import SIGMA


class Links(Struct, frozen=True):
    """The parameter's symbol, and two lines of words on each of the three links."""

    parameter: str
    to_z: tuple[str, str]
    to_a: tuple[str, str]
    to_cost: tuple[str, str]


def neuron_of(part: Weight | Neuron) -> Neuron:
    """The neuron that a parameter belongs to."""
    return Neuron(part.layer, part.target) if isinstance(part, Weight) else part


def links_of(moment: Moment, part: Weight | Neuron) -> Links:
    """The links from a parameter to the cost; slopes as far as the beat has computed them."""
    neuron = neuron_of(part)
    forward, backward = moment.forward_done(part.layer), moment.backward_done(part.layer)
    symbol = "w" if isinstance(part, Weight) else "b"
    rest = ("z = Σ w·a + b", f"∂z/∂{symbol} = 1")
    if isinstance(part, Weight):
        a = f"a{subscript(part.source + 1)}"
        behind = float(moment.trace.activation(part.layer - 1)[moment.example, part.source])
        rest = ("z = Σ w·a + b", f"∂z/∂w = {a} = {number(behind)}" if forward else f"∂z/∂w = {a}")
    activation = activation_of(moment.trace, neuron)
    slope = number(slope_of(moment.trace, moment.example, neuron))
    name = "a(1 − a)" if activation == "softmax" else "σ′(z)"
    to_a = (
        "a = softmax" if activation == "softmax" else f"a = {SIGMA[activation]}",
        f"∂a/∂z = {name}" + (f" = {slope}" if backward else ""),
    )
    return Links(parameter_symbol(part), rest, to_a, _to_cost(moment, neuron, backward))


def _to_cost(moment: Moment, neuron: Neuron, backward: bool) -> tuple[str, str]:
    factors = factors_of(moment.trace, moment.example, neuron, 0)
    by_activation = f"∂Cᵢ/∂a = {signed(factors.by_activation)}" if backward else ""
    if activation_of(moment.trace, neuron) == "softmax":
        mixed = f"∂Cᵢ/∂z = {signed(factors.delta)}" if backward else ""
        return "with all other outputs", mixed
    ahead = moment.n_layers - neuron.layer
    if not ahead:
        return "straight into the cost", by_activation
    if ahead == 1:
        return "through the layer ahead", by_activation
    return f"through {ahead} layers ahead", by_activation
