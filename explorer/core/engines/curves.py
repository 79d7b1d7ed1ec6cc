"""Activation functions and their slopes on lanes; accurate to the last bits of the dtype."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from explorer.core.engines.jit import part_of_kernel
from explorer.core.engines.lanes import (
    WIDTH,
    like,
    load,
    nearest,
    pick,
    polynomial,
    power_of_two,
    store,
    total,
)
from explorer.core.experiment import ACTIVATIONS

LINEAR, SIGMOID, TANH, RELU, LEAKY_RELU, ELU, GELU, SILU, SOFTPLUS, SOFTMAX = (
    np.uint64(ACTIVATIONS.index(name))
    for name in (
        "linear", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "silu", "softplus",
        "softmax",
    )
)  # fmt: skip

_LEAK = 0.01
_SOFTPLUS_IS_LINEAR = 20.0  # from there on, as in torch
_LARGEST = 87.0
_LOG2_E = 1.4426950408889634
# ln 2 in two parts, the first with few enough bits that whole multiples of it are exact.
_LN2_HIGH, _LN2_LOW = 0.693359375, -2.1219444005469057e-4
_LN2 = 0.6931471805599453
_SQRT_2, _SQRT_2PI = math.sqrt(2.0), math.sqrt(2 * math.pi)


# (eʳ − 1 − r)/r² and (artanh s − s)/s³, as far as they reach below the last bit.
_exp_tail = polynomial(
    [1 / math.factorial(k) for k in range(2, 8)], [1 / math.factorial(k) for k in range(2, 14)]
)
_artanh_tail = polynomial(
    [1 / (2 * k + 1) for k in range(1, 6)], [1 / (2 * k + 1) for k in range(1, 12)]
)  # of s²


@part_of_kernel
def expm1(x: Any) -> Any:
    """eˣ − 1 = 2ᵏ(eʳ − 1) + (2ᵏ − 1) with |r| ≤ ½ ln 2; x is held within ±87."""
    x, scale, r = _reduced(x)
    return scale * _less_one(r) + (scale - like(x, 1.0))


@part_of_kernel
def exp(x: Any) -> Any:
    """eˣ; x is held within ±87, where float32 ends."""
    _, scale, r = _reduced(x)
    return scale * _less_one(r) + scale


@part_of_kernel
def _reduced(x: Any) -> Any:
    """x within bounds, 2ᵏ and r, so that x = k ln 2 + r."""
    x = pick(x, like(x, _LARGEST), like(x, _LARGEST), x)
    x = pick(like(x, -_LARGEST), x, like(x, -_LARGEST), x)
    k = nearest(x * like(x, _LOG2_E))
    r = (x - k * like(x, _LN2_HIGH)) - k * like(x, _LN2_LOW)
    return x, power_of_two(k), r


@part_of_kernel
def _less_one(r: Any) -> Any:
    return r + r * r * _exp_tail(r)


@part_of_kernel
def log1p(u: Any) -> Any:
    """ln(1 + u) for u from 0 to 1, as 2 artanh s with |s| ≤ 0.18."""
    one, half = like(u, 1.0), like(u, 0.5)
    high = like(u, _SQRT_2 - 1)
    above = half * (u - one)  # ln(1 + u) = ln 2 + ln(1 + above)
    v = pick(u, high, above, u)
    s = v / (like(u, 2.0) + v)
    squared = s * s
    result = like(u, 2.0) * (s + s * squared * _artanh_tail(squared))
    return pick(u, high, like(u, _LN2) + result, result)


@part_of_kernel
def sigmoid(z: Any) -> Any:
    """1 / (1 + e⁻ᶻ)."""
    one = like(z, 1.0)
    return one / (one + exp(like(z, 0.0) - z))


@part_of_kernel
def tanh(z: Any) -> Any:
    """(e²ᶻ − 1) / (e²ᶻ + 1)."""
    t = expm1(z + z)
    return t / (t + like(z, 2.0))


@part_of_kernel
def softplus(z: Any) -> Any:
    """ln(1 + eᶻ)."""
    zero = like(z, 0.0)
    size = pick(z, zero, z, zero - z)
    return pick(z, zero, z, zero) + log1p(exp(zero - size))


@part_of_kernel
def activate(code: Any, z: Any, a: Any, start: Any, end: Any) -> Any:
    """Set a = σ(z) from ``start`` to ``end``; returns 0, or NaN when a z is not finite."""
    zero = like(load(z, start), 0.0)
    leak = like(zero, _LEAK)
    unfinite = zero
    if code == GELU:
        for i in range(start, end):
            a[i] = z[i] * z.dtype.type(0.5 * (1.0 + math.erf(z[i] / _SQRT_2)))
    for i in range(start, end, WIDTH):
        x = load(z, i)
        unfinite = unfinite + zero * x
        if code == SIGMOID:
            store(a, i, sigmoid(x))
        elif code == TANH:
            store(a, i, tanh(x))
        elif code == RELU:
            store(a, i, pick(x, zero, x, zero))
        elif code == LEAKY_RELU:
            store(a, i, pick(x, zero, x, leak * x))
        elif code == ELU:
            store(a, i, pick(x, zero, x, expm1(x)))
        elif code == SILU:
            store(a, i, x * sigmoid(x))
        elif code == SOFTPLUS:
            store(a, i, pick(x, like(x, _SOFTPLUS_IS_LINEAR), x, softplus(x)))
        elif code == LINEAR:
            store(a, i, x)
    return total(unfinite)


@part_of_kernel
def multiply_by_slopes(code: Any, z: Any, a: Any, d: Any, start: Any, end: Any) -> None:
    """Turn ∂C/∂a into ∂C/∂z = ∂C/∂a · σ′(z), from ``start`` to ``end`` of z, a and d."""
    zero = like(load(z, start), 0.0)
    one, leak = like(zero, 1.0), like(zero, _LEAK)
    if code == GELU:
        for i in range(start, end):
            x = float(z[i])
            share = 0.5 * (1.0 + math.erf(x / _SQRT_2))
            d[i] *= z.dtype.type(share + x * math.exp(-0.5 * x * x) / _SQRT_2PI)
        return
    if code == LINEAR:
        return
    for i in range(start, end, WIDTH):
        x, y, slope = load(z, i), load(a, i), load(d, i)
        if code == SIGMOID:
            slope = slope * (y * (one - y))
        elif code == TANH:
            slope = slope * (one - y * y)
        elif code == RELU:
            slope = pick(x, zero, slope, zero)
        elif code == LEAKY_RELU:
            slope = pick(x, zero, slope, leak * slope)
        elif code == ELU:
            slope = pick(x, zero, slope, slope * (y + one))
        elif code == SILU:
            s = sigmoid(x)
            slope = slope * (s * (one + x * (one - s)))
        elif code == SOFTPLUS:
            slope = pick(x, like(x, _SOFTPLUS_IS_LINEAR), slope, slope * sigmoid(x))
        store(d, i, slope)
