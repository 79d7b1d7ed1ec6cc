"""Numbers that are none: where an update left NaN or infinity, in words."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from explorer.core.network import Network
from explorer.core.trace import Trace

SAFE_GRADIENT = 1e18  # its square is still a float32, so no optimizer state overflows


class DivergenceError(ArithmeticError):
    """NaN or infinity turned up; the trainer stands where it was before that update."""

    def __init__(self, update: int, what: str) -> None:
        super().__init__(f"update {update} made {what} infinite or not a number")
        self.update = update
        self.what = what


def bad_update(
    network: Network,
    optimizer: torch.optim.Optimizer | None,
    cost: Tensor,
    zs: list[Tensor],
    *,
    stepped: bool,
) -> str | None:
    """What an update made NaN or infinite, None when all is well.

    Parameters
    ----------
    cost : scalar
        Of the mini-batch, its penalty included.
    zs : (B, n_l) each
        Pre-activations, first layer to last.
    stepped
        Whether the optimizer could make its step.
    """
    if not bool(torch.isfinite(cost)):
        return "the cost"
    for number, z in enumerate(zs, start=1):
        if not bool(torch.isfinite(z).all()):
            return f"z of layer {number}"
    largest = network.flat_gradient.abs().max()
    if not bool(torch.isfinite(largest)):
        return "the gradient of " + _first_bad(network, gradient=True)
    if not stepped:
        return "a factor in the optimizer's step"
    if not bool(torch.isfinite(network.flat).all()):
        return _first_bad(network, gradient=False)
    return bad_state(optimizer) if float(largest) > SAFE_GRADIENT else None


def bad_state(optimizer: torch.optim.Optimizer | None) -> str | None:
    """What of the optimizer's own state is NaN or infinite."""
    states = optimizer.state.values() if optimizer else ()
    for state in states:
        for name, tensor in state.items():
            if isinstance(tensor, Tensor) and not bool(torch.isfinite(tensor).all()):
                return f"the optimizer's {name}"
    return None


def bad_numbers(trace: Trace) -> str | None:
    """The first recorded number that is NaN or infinite, in words."""
    for number, layer in enumerate(trace.layers, start=1):
        for name in layer.__struct_fields__:
            values = getattr(layer, name)
            if isinstance(values, np.ndarray) and not np.isfinite(values).all():
                return f"{name} of layer {number}"
    if not (np.isfinite(trace.loss_terms).all() and np.isfinite(trace.total_cost_before or 0.0)):
        return "the cost"
    after = (trace.batch_cost_after, trace.total_cost_after or 0.0)
    if not np.isfinite(after).all():
        return "the cost after it"
    over_plane = (trace.surface.before, trace.surface.after) if trace.surface else ()
    if not all(np.isfinite(values).all() for values in over_plane if values is not None):
        return "the outputs over the plane"
    return None


def _first_bad(network: Network, *, gradient: bool) -> str:
    for name, parameter in network.named():
        tensor = parameter.grad if gradient else parameter
        if tensor is not None and not bool(torch.isfinite(tensor).all()):
            return name
    raise AssertionError("a flat tensor and its parts disagree")
