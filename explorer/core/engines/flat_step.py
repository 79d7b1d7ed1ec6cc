"""The steps of the optimizers on flat tensors, without a number that the host has to know.

The same arithmetic as torch.optim's, but the count of steps is a tensor on the device, so that a
recorded step goes on counting when it is played again.
"""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.core.experiment import Adagrad, Adam, AdamW, OptimizerSpec, RmsProp, Sgd


def factors_fit(spec: OptimizerSpec, dtype: torch.dtype) -> bool:
    """Whether the factors of a step are finite in the dtype; torch refuses them otherwise."""
    largest = torch.finfo(dtype).max
    return spec.learning_rate <= largest and spec.weight_decay <= largest


def flat_step(
    spec: OptimizerSpec, p: Tensor, gradient: Tensor, slots: tuple[Tensor, ...], count: Tensor
) -> None:
    """Move a stretch of parameters in place, and what the optimizer carries for it.

    Parameters
    ----------
    p, gradient : (P,)
    slots : three tensors, (P,) or empty
    count : float64 scalar
        The number of this step, from 1.
    """
    if isinstance(spec, AdamW):
        p.mul_(1 - spec.learning_rate * spec.weight_decay)
    elif spec.weight_decay:
        gradient = gradient.add(p, alpha=spec.weight_decay)
    match spec:
        case Sgd():
            _sgd(spec, p, gradient, slots[0], count)
        case Adam() | AdamW():
            _adam(spec, p, gradient, slots, count)
        case RmsProp():
            _rmsprop(spec, p, gradient, slots)
        case Adagrad():
            slots[0].addcmul_(gradient, gradient)
            rate = spec.learning_rate / (1 + (count - 1) * spec.lr_decay)
            p.sub_(gradient / slots[0].sqrt().add_(spec.eps) * rate.to(p.dtype))


def _sgd(spec: Sgd, p: Tensor, gradient: Tensor, buffer: Tensor, count: Tensor) -> None:
    if spec.momentum:
        first = (count == 1).to(p.dtype)  # takes the gradient whole, whatever the dampening
        new = 1 - spec.dampening * (1 - first)
        buffer.mul_(spec.momentum * (1 - first)).add_(gradient * new)
        gradient = gradient.add(buffer, alpha=spec.momentum) if spec.nesterov else buffer
    p.add_(gradient, alpha=-spec.learning_rate)


def _adam(
    spec: Adam | AdamW, p: Tensor, gradient: Tensor, slots: tuple[Tensor, ...], count: Tensor
) -> None:
    mean, square, largest = slots
    beta1, beta2 = spec.betas
    mean.lerp_(gradient, 1 - beta1)
    square.mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
    if spec.amsgrad:
        torch.maximum(largest, square, out=largest)
        square = largest
    size = spec.learning_rate / (1 - torch.pow(beta1, count))
    root = (1 - torch.pow(beta2, count)).sqrt()
    spread = (square.sqrt() / root.to(p.dtype)).add_(spec.eps)
    p.sub_(mean / spread * size.to(p.dtype))


def _rmsprop(spec: RmsProp, p: Tensor, gradient: Tensor, slots: tuple[Tensor, ...]) -> None:
    square, buffer, mean = slots
    square.mul_(spec.alpha).addcmul_(gradient, gradient, value=1 - spec.alpha)
    variance = square
    if spec.centered:
        mean.lerp_(gradient, 1 - spec.alpha)
        variance = square.addcmul(mean, mean, value=-1)
    change = gradient / variance.sqrt().add_(spec.eps)
    if spec.momentum:
        change = buffer.mul_(spec.momentum).add_(change)
    p.add_(change, alpha=-spec.learning_rate)
