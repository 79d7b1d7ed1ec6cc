"""The one parameter that a question is about, in a network of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.core.part_of_network import Neuron, Weight

if TYPE_CHECKING:
    from torch import Tensor

    from explorer.core.network import Network


def entry_of(network: Network, part: Weight | Neuron) -> Tensor:
    """A weight, or a neuron's bias: a scalar view, so that filling it changes the network."""
    layer = network.layers[part.layer - 1]
    if isinstance(part, Weight):
        return layer.weight.detach()[part.target, part.source]
    return layer.bias.detach()[part.index]
