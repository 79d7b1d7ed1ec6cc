"""The network: a real ``torch.nn.Module`` whose parameters lie in one flat tensor."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import TypeAlias

import torch
from msgspec import UNSET
from torch import Tensor, nn
from torch.nn import functional

from explorer.core.experiment import Activation, Initial, NetworkSpec

LayerValues: TypeAlias = list[tuple[Tensor, Tensor]]  # (z, a) of each layer, each (B, n_l)

ACTIVATION_FUNCTIONS: dict[Activation, Callable[[Tensor], Tensor]] = {
    "linear": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": functional.leaky_relu,
    "elu": functional.elu,
    "gelu": functional.gelu,
    "silu": functional.silu,
    "softplus": functional.softplus,
    "softmax": lambda z: torch.softmax(z, dim=1),
}


class Network(nn.Module):
    """Fully connected layers, each ``a = σ(a_prev Wᵀ + b)``.

    Parameters and gradients are views of two flat tensors, ``flat`` and ``flat_gradient``, so
    that the whole network is copied, restored and checked in one operation. The optimizer sees
    ordinary parameters.
    """

    def __init__(
        self, spec: NetworkSpec, n_inputs: int, dtype: torch.dtype, device: torch.device
    ) -> None:
        super().__init__()
        sizes = [n_inputs, *(layer.units for layer in spec.layers)]
        # Drawn on the CPU so that every device starts from the same numbers.
        self.linears = nn.ModuleList(
            nn.Linear(before, units, dtype=dtype) for before, units in pairwise(sizes)
        )
        self.activations: tuple[Activation, ...] = tuple(x.activation for x in spec.layers)
        self._initialize(spec.initial)
        self.to(device)
        self.flat, self.flat_gradient = self._flatten()

    @property
    def layers(self) -> list[nn.Linear]:
        """The layers that have weights, first to last."""
        return [layer for layer in self.linears if isinstance(layer, nn.Linear)]

    def forward(self, inputs: Tensor) -> Tensor:
        """Outputs (B, n_L) for inputs (B, n₀)."""
        return self.values(inputs)[-1][1]

    def values(self, inputs: Tensor, *, first: int = 1) -> LayerValues:
        """Pre-activation z and activation a of every layer, for inputs (B, n₀).

        With another ``first`` layer (counted from 1), from that one on, for what goes into it.
        """
        values: LayerValues = []
        a = inputs
        layers = list(zip(self.linears, self.activations, strict=True))
        for linear, activation in layers[first - 1 :]:
            z = linear(a)
            a = ACTIVATION_FUNCTIONS[activation](z)
            values.append((z, a))
        return values

    def named(self) -> list[tuple[str, nn.Parameter]]:
        """Every parameter with its name in the experiment file: ``weight1``, ``bias1``, …"""
        return [
            (f"{kind}{number}", getattr(layer, kind))
            for number, layer in enumerate(self.layers, start=1)
            for kind in ("weight", "bias")
        ]

    def weights(self) -> list[Tensor]:
        """The weight matrices (n_l, n_{l−1}), first to last."""
        return [layer.weight for layer in self.layers]

    @torch.no_grad()
    def _initialize(self, initial: Initial) -> None:
        if initial.weights is not UNSET and initial.biases is not UNSET:
            for layer, weight, bias in zip(
                self.layers, initial.weights, initial.biases, strict=True
            ):
                layer.weight.copy_(torch.tensor(weight, dtype=torch.float64))
                layer.bias.copy_(torch.tensor(bias, dtype=torch.float64))
            return
        generator = torch.Generator().manual_seed(initial.seed)
        for layer in self.layers:
            _fill(layer, initial, generator)

    def _flatten(self) -> tuple[Tensor, Tensor]:
        flat = torch.cat([p.detach().reshape(-1) for p in self.parameters()])
        gradient = torch.zeros_like(flat)
        start = 0
        for parameter in self.parameters():
            end = start + parameter.numel()
            parameter.data = flat[start:end].view_as(parameter)
            parameter.grad = gradient[start:end].view_as(parameter)
            start = end
        return flat, gradient


def _fill(layer: nn.Linear, initial: Initial, generator: torch.Generator) -> None:
    """Draw one layer's weights; biases start at 0, or as torch draws them by default."""
    weight, bias = layer.weight, layer.bias
    bias.zero_()
    match initial.scheme:
        case "xavier_uniform":
            nn.init.xavier_uniform_(weight, generator=generator)
        case "xavier_normal":
            nn.init.xavier_normal_(weight, generator=generator)
        case "kaiming_uniform":
            nn.init.kaiming_uniform_(weight, nonlinearity="relu", generator=generator)
        case "kaiming_normal":
            nn.init.kaiming_normal_(weight, nonlinearity="relu", generator=generator)
        case "normal":
            nn.init.normal_(weight, generator=generator)
        case "zeros":
            nn.init.zeros_(weight)
        case "torch_default":  # what nn.Linear.reset_parameters does, from our generator
            nn.init.kaiming_uniform_(weight, a=math.sqrt(5), generator=generator)
            bound = 1 / math.sqrt(layer.in_features)
            nn.init.uniform_(bias, -bound, bound, generator=generator)
