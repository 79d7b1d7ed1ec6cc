"""Names for the parts of a network that can be pointed at: neurons, weights, inputs."""

from __future__ import annotations

from msgspec import Struct

from explorer.core.numbers import subscript


class Neuron(Struct, frozen=True):
    """Neuron ``index`` (from 0) of layer ``layer``; layer 0 is the inputs."""

    layer: int
    index: int

    def __str__(self) -> str:
        return f"a{subscript(self.index + 1)}"


class Weight(Struct, frozen=True):
    """The weight from neuron ``source`` of the layer before to neuron ``target`` of ``layer``."""

    layer: int
    target: int
    source: int

    def __str__(self) -> str:
        return f"w{subscript(self.target + 1, self.source + 1)}"


Selectable = Neuron | Weight


def parameter_symbol(part: Selectable) -> str:
    """The symbol of a weight or of a neuron's bias, its indices counted from 1."""
    return str(part) if isinstance(part, Weight) else f"b{subscript(part.index + 1)}"


def linked(one: Selectable | None, other: Selectable | None) -> bool:
    """Whether two parts are the same, or one is a weight and the other the neuron behind it."""
    if one is None or other is None:
        return False
    if isinstance(one, Weight) and isinstance(other, Neuron):
        return Neuron(one.layer - 1, one.source) == other
    if isinstance(one, Neuron) and isinstance(other, Weight):
        return linked(other, one)
    return one == other


def layer_name(layer: int, n_layers: int) -> str:
    """A layer's name in a sentence: the output layer, hidden layer 1, …"""
    return "the output layer" if layer == n_layers else f"hidden layer {layer}"


def layer_title(layer: int, n_layers: int) -> str:
    """A layer's name on screen: input, hidden 1, …, output."""
    if layer == 0:
        return "input"
    return "output" if layer == n_layers else f"hidden {layer}"
