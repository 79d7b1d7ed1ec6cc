"""The steps of the optimizers, as in torch.optim, on stretches of flat parameters.

Everything is done in the dtype of the parameters, with factors worked out in float64 beforehand,
as torch does it. ``settings`` begin with the learning rate and the weight decay.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from explorer.core.divergence import SAFE_GRADIENT
from explorer.core.engines.jit import summed_in_any_order
from explorer.core.engines.lanes import WIDTH, fill, load, store, total
from explorer.core.experiment import Adagrad, Adam, AdamW, OptimizerSpec, RmsProp, Sgd

SGD, ADAM, ADAMW, RMSPROP, ADAGRAD = (np.uint64(code) for code in range(5))

_ZERO, _TWO, _THREE, _FOUR = np.uint64(0), np.uint64(2), np.uint64(3), np.uint64(4)

_CODES = {Sgd: SGD, Adam: ADAM, AdamW: ADAMW, RmsProp: RMSPROP, Adagrad: ADAGRAD}


def coded(spec: OptimizerSpec) -> tuple[np.uint64, tuple[float, ...]]:
    """An optimizer's code and its settings, for :func:`step`."""
    first = (spec.learning_rate, spec.weight_decay)
    rest: tuple[float, ...]
    match spec:
        case Sgd():
            rest = (spec.momentum, spec.dampening, spec.nesterov)
        case Adam() | AdamW():
            rest = (*spec.betas, spec.eps, spec.amsgrad)
        case RmsProp():
            rest = (spec.alpha, spec.eps, spec.momentum, spec.centered)
        case Adagrad():
            rest = (spec.lr_decay, spec.eps)
    return _CODES[type(spec)], (*first, *rest)


@summed_in_any_order
def step(
    code: Any,
    p: Any,
    g: Any,
    s0: Any,
    s1: Any,
    s2: Any,
    start: Any,
    end: Any,
    settings: Any,
    count: Any,
) -> bool:
    """Let an optimizer move the parameters from ``start`` to ``end``.

    Parameters
    ----------
    p, g : (P,)
        Parameters and gradient.
    s0, s1, s2 : (P,) or empty
        What the optimizer carries.
    settings : float64
    count
        The number of this step, from 1.

    Returns
    -------
    bool
        Whether every factor is a number of the dtype; if not, nothing has moved.
    """
    if code == SGD:
        return _sgd(p, g, s0, start, end, settings, count)
    if code in (ADAM, ADAMW):
        return _adam(code == ADAMW, p, g, s0, s1, s2, start, end, settings, count)
    if code == RMSPROP:
        return _rmsprop(p, g, s0, s1, s2, start, end, settings)
    return _adagrad(p, g, s0, start, end, settings, count)


@summed_in_any_order
def wants_a_look(p: Any, g: Any) -> Any:
    """Whether a number may not be finite, or a gradient is so large that its square is not.

    Zero times a number is zero, but NaN where the number is none or infinite; and infinite is
    what becomes of a gradient that is too large, as it is scaled.
    """
    number, size = p.dtype.type, np.uint64(len(p))
    zero, scale = number(0), number(np.finfo(p.dtype).max / SAFE_GRADIENT)
    zeros, scales = fill(zero), fill(scale)
    s0 = s1 = s2 = s3 = zeros
    whole = size - size % (_FOUR * WIDTH)
    for i in range(_ZERO, whole, _FOUR * WIDTH):  # four sums, as each waits for its last addition
        i1, i2, i3 = i + WIDTH, i + _TWO * WIDTH, i + _THREE * WIDTH
        s0 = s0 + zeros * load(p, i) + zeros * (scales * load(g, i))
        s1 = s1 + zeros * load(p, i1) + zeros * (scales * load(g, i1))
        s2 = s2 + zeros * load(p, i2) + zeros * (scales * load(g, i2))
        s3 = s3 + zeros * load(p, i3) + zeros * (scales * load(g, i3))
    seen = total(s0 + s1 + (s2 + s3))
    for i in range(whole, size):
        seen += zero * p[i] + zero * (scale * g[i])
    return seen != zero


@summed_in_any_order
def _sgd(p: Any, g: Any, buffer: Any, start: Any, end: Any, settings: Any, count: Any) -> bool:
    number = p.dtype.type
    rate, decay = number(settings[0]), number(settings[1])
    momentum, kept, nesterov = settings[2], number(settings[2]), settings[4] != 0.0
    new = number(1.0 - settings[3])
    if not (math.isfinite(rate) and math.isfinite(decay) and math.isfinite(new)):
        return False
    if momentum == 0.0:
        whole = end - (end - start) % WIDTH
        rates, decays = fill(rate), fill(decay)
        for i in range(start, whole, WIDTH):
            x = load(p, i)
            store(p, i, x - rates * (load(g, i) + decays * x))
        for i in range(whole, end):
            p[i] -= rate * (g[i] + decay * p[i])
        return True
    if count == 1:  # the first step takes the gradient whole, whatever the dampening
        for i in range(start, end):
            buffer[i] = g[i] + decay * p[i]
    else:
        for i in range(start, end):
            buffer[i] = kept * buffer[i] + new * (g[i] + decay * p[i])
    ahead, own = (kept, number(1)) if nesterov else (number(1), number(0))
    for i in range(start, end):
        p[i] -= rate * (ahead * buffer[i] + own * (g[i] + decay * p[i]))
    return True


@summed_in_any_order
def _adam(
    decoupled: Any,
    p: Any,
    g: Any,
    mean: Any,
    square: Any,
    largest: Any,
    start: Any,
    end: Any,
    settings: Any,
    count: Any,
) -> bool:
    number = p.dtype.type
    beta1, beta2, amsgrad = settings[2], settings[3], settings[5] != 0.0
    size = number(settings[0] / (1.0 - beta1**count))
    root = number(1.0 / math.sqrt(1.0 - beta2**count))
    decay, shrink = number(settings[1]), number(1)
    if decoupled:
        decay, shrink = number(0), number(1.0 - settings[0] * settings[1])
    eps, own1, keep2, own2 = (
        number(settings[4]), number(1.0 - beta1), number(beta2), number(1.0 - beta2),
    )  # fmt: skip
    if not (math.isfinite(size) and math.isfinite(decay)):
        return False
    for i in range(start, end):
        before = p[i] * shrink
        gradient = g[i] + decay * before
        mean[i] += own1 * (gradient - mean[i])
        square[i] = keep2 * square[i] + own2 * gradient * gradient
        if amsgrad:
            largest[i] = max(largest[i], square[i])
            p[i] = before - size * mean[i] / (math.sqrt(largest[i]) * root + eps)
        else:
            p[i] = before - size * mean[i] / (math.sqrt(square[i]) * root + eps)
    return True


@summed_in_any_order
def _rmsprop(
    p: Any, g: Any, square: Any, buffer: Any, mean: Any, start: Any, end: Any, settings: Any
) -> bool:
    number = p.dtype.type
    rate, decay = number(settings[0]), number(settings[1])
    keep, own, eps = number(settings[2]), number(1.0 - settings[2]), number(settings[3])
    momentum, centered = number(settings[4]), settings[5] != 0.0
    if not (math.isfinite(rate) and math.isfinite(decay)):
        return False
    for i in range(start, end):
        gradient = g[i] + decay * p[i]
        square[i] = keep * square[i] + own * gradient * gradient
        variance = square[i]
        if centered:
            mean[i] += own * (gradient - mean[i])
            variance -= mean[i] * mean[i]
        change = gradient / (math.sqrt(variance) + eps)
        if momentum > 0:
            buffer[i] = momentum * buffer[i] + change
            change = buffer[i]
        p[i] -= rate * change
    return True


@summed_in_any_order
def _adagrad(p: Any, g: Any, sums: Any, start: Any, end: Any, settings: Any, count: Any) -> bool:
    number = p.dtype.type
    rate = number(settings[0] / (1.0 + (count - 1.0) * settings[2]))
    decay, eps = number(settings[1]), number(settings[3])
    if not (math.isfinite(rate) and math.isfinite(decay)):
        return False
    for i in range(start, end):
        gradient = g[i] + decay * p[i]
        sums[i] += gradient * gradient
        p[i] -= rate * gradient / (math.sqrt(sums[i]) + eps)
    return True
