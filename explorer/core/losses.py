"""The losses: the cost Cᵢ of each example, a sum or mean over the outputs."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from explorer.core.experiment import Loss, Regularization

FROM_Z: frozenset[Loss] = frozenset({"binary_cross_entropy", "cross_entropy"})
"""Losses computed from the output layer's z, where σ would round to 0 or 1."""


def terms(loss: Loss, z: Tensor, activation: Tensor, targets: Tensor) -> Tensor:
    """Each output's share of each example's cost, (B, n_L); its row sums are the losses."""
    outputs = targets.shape[1]
    match loss:
        case "squared_error":
            return (activation - targets).square()
        case "half_squared_error":
            return 0.5 * (activation - targets).square()
        case "mean_squared_error":
            return (activation - targets).square() / outputs
        case "binary_cross_entropy":
            each = functional.binary_cross_entropy_with_logits(z, targets, reduction="none")
            return each / outputs
        case "cross_entropy":
            return -targets * torch.log_softmax(z, dim=1)


def losses(loss: Loss, z: Tensor, activation: Tensor, targets: Tensor) -> Tensor:
    """Cᵢ of each example, (B,), from the output layer's z and activation (B, n_L)."""
    return terms(loss, z, activation, targets).sum(dim=1)


def activation_gradient(loss: Loss, activation: Tensor, targets: Tensor) -> Tensor:
    """∂Cᵢ/∂a of the outputs, (B, n_L), for the losses computed from z, by autograd.

    The graph of these losses leaves the activation out, so it is entered here by its definition.
    An activation rounded to where the derivative is infinite (0, for binary cross-entropy also
    1) is moved to the nearest normal number inside.
    """
    info = torch.finfo(activation.dtype)
    most = 1 - info.eps / 2 if loss == "binary_cross_entropy" else 1.0
    a = activation.detach().clamp(info.tiny, most).requires_grad_()
    entropy = -(targets * a.log())
    if loss == "binary_cross_entropy":
        entropy = (entropy - (1 - targets) * torch.log1p(-a)) / targets.shape[1]
    (gradient,) = torch.autograd.grad(entropy.sum(), a)
    return gradient


def penalty(regularization: Regularization, weights: list[Tensor]) -> Tensor:
    """What regularization adds to the cost: rate · ½Σw² or rate · Σ|w|; a scalar."""
    zero = torch.zeros((), dtype=weights[0].dtype, device=weights[0].device)
    match regularization.kind:
        case "l2":
            total = sum((w.square().sum() for w in weights), zero)
            return regularization.rate * 0.5 * total
        case "l1":
            return regularization.rate * sum((w.abs().sum() for w in weights), zero)
        case "none":
            return zero
