"""The cost of a mini-batch, and ∂C/∂z or ∂C/∂a of the outputs, which begin the way back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from explorer.core.engines.curves import exp, log1p
from explorer.core.engines.jit import part_of_kernel
from explorer.core.engines.lanes import WIDTH, like, load, pick, store, total
from explorer.core.experiment import LOSSES

SQUARED_ERROR, HALF_SQUARED_ERROR, MEAN_SQUARED_ERROR, BINARY_CROSS_ENTROPY, CROSS_ENTROPY = (
    np.uint64(LOSSES.index(name))
    for name in (
        "squared_error", "half_squared_error", "mean_squared_error", "binary_cross_entropy",
        "cross_entropy",
    )
)  # fmt: skip


@part_of_kernel
def softmax(z: Any, a: Any, at: Any, outputs: Any, padded: Any, log_sums: Any) -> None:
    """Outputs a = softmax(z), with ln Σ eᶻ of each example in ``log_sums`` (B,)."""
    for q in range(np.uint64(0), padded, WIDTH):
        largest = load(z, at + q)
        for k in range(np.uint64(1), outputs):
            x = load(z, at + k * padded + q)
            largest = pick(x, largest, x, largest)
        sums = like(largest, 0.0)
        for k in range(outputs):
            i = at + k * padded + q
            e = exp(load(z, i) - largest)
            store(a, i, e)
            sums = sums + e
        for k in range(outputs):
            i = at + k * padded + q
            store(a, i, load(a, i) / sums)
        store(log_sums, q, sums)
        for i in range(q, q + WIDTH):
            log_sums[i] = math.log(log_sums[i])
        store(log_sums, q, load(log_sums, q) + largest)


@part_of_kernel
def begin_back(
    loss: Any,
    z: Any,
    a: Any,
    at: Any,
    outputs: Any,
    targets: Any,
    shares: Any,
    log_sums: Any,
    d: Any,
    padded: Any,
) -> Any:
    """Leave the derivatives of the batch cost in ``d``; returns the batch cost.

    Parameters
    ----------
    z, a, d : (n_L, B) from ``at`` on
        ``d`` becomes ∂C/∂z where the loss is computed from z, else ∂C/∂a.
    targets : (n_L, B)
    shares : (B,)
        What each example counts in the mean: 1/B, and 0 for padding.
    """
    zero = like(load(z, at), 0.0)
    cost = zero
    weight = like(zero, 1.0)
    if loss == HALF_SQUARED_ERROR:
        weight = like(zero, 0.5)
    elif loss in (MEAN_SQUARED_ERROR, BINARY_CROSS_ENTROPY):
        weight = like(zero, 1.0 / outputs)
    for q in range(np.uint64(0), padded, WIDTH):
        share = load(shares, q)
        sums = zero  # of an example's targets
        if loss == CROSS_ENTROPY:
            for k in range(outputs):
                sums = sums + load(targets, k * padded + q)
        for k in range(outputs):
            i = at + k * padded + q
            x, y, wanted = load(z, i), load(a, i), load(targets, k * padded + q)
            error = y - wanted
            if loss == CROSS_ENTROPY:
                term = wanted * (load(log_sums, q) - x)
                slope = y * sums - wanted
            elif loss == BINARY_CROSS_ENTROPY:
                size = pick(x, zero, x, zero - x)
                above = pick(x, zero, x, zero)
                term = weight * ((above - x * wanted) + log1p(exp(zero - size)))
                slope = weight * error
            else:
                term = weight * error * error
                slope = (weight + weight) * error
            cost = cost + share * term
            store(d, i, share * slope)
    return total(cost)
