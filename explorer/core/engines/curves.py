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
    one = like(z, 1.0)
    _, scale, r = _reduced(z + z)
    less_one = _less_one(r)
    return (scale * less_one + (scale - one)) / (scale * less_one + (scale + one))


@part_of_kernel
def softplus(z: Any) -> Any:
    """ln(1 + eᶻ)."""
    zero = like(z, 0.0)
    size = pick(z, zero, z, zero - z)
    return pick(z, zero, z, zero) + log1p(exp(zero - size))


@part_of_kernel
def _linear(z: Any) -> Any:
    return z


@part_of_kernel
def _relu(z: Any) -> Any:
    zero = like(z, 0.0)
    return pick(z, zero, z, zero)


@part_of_kernel
def _leaky_relu(z: Any) -> Any:
    return pick(z, like(z, 0.0), z, like(z, _LEAK) * z)


@part_of_kernel
def _elu(z: Any) -> Any:
    return pick(z, like(z, 0.0), z, expm1(z))


@part_of_kernel
def _silu(z: Any) -> Any:
    return z * sigmoid(z)


@part_of_kernel
def _softplus(z: Any) -> Any:
    return pick(z, like(z, _SOFTPLUS_IS_LINEAR), z, softplus(z))


@part_of_kernel
def activate(code: Any, z: Any, a: Any, start: Any, end: Any) -> Any:
    """Set a = σ(z) from ``start`` to ``end``; returns lanes of 0, or of NaN by a z not finite."""
    if code == SIGMOID:
        return _each(sigmoid, z, a, start, end)
    if code == TANH:
        return _each(tanh, z, a, start, end)
    if code == RELU:
        return _each(_relu, z, a, start, end)
    if code == LEAKY_RELU:
        return _each(_leaky_relu, z, a, start, end)
    if code == ELU:
        return _each(_elu, z, a, start, end)
    if code == SILU:
        return _each(_silu, z, a, start, end)
    if code == SOFTPLUS:
        return _each(_softplus, z, a, start, end)
    unfinite = _each(_linear, z, a, start, end)
    if code == GELU:
        for i in range(start, end):
            a[i] = z[i] * z.dtype.type(0.5 * (1.0 + math.erf(z[i] / _SQRT_2)))
    return unfinite


@part_of_kernel
def _each(sigma: Any, z: Any, a: Any, start: Any, end: Any) -> Any:
    # A loop for each function, for one loop around a choice has no registers for its constants.
    zero = like(load(z, start), 0.0)
    unfinite = zero
    for i in range(start, end, WIDTH):
        x = load(z, i)
        unfinite = unfinite + zero * x
        store(a, i, sigma(x))
    return unfinite


@part_of_kernel
def _by_slope_of_sigmoid(_: Any, a: Any, slope: Any) -> Any:
    return slope * (a * (like(a, 1.0) - a))


@part_of_kernel
def _by_slope_of_tanh(_: Any, a: Any, slope: Any) -> Any:
    return slope * (like(a, 1.0) - a * a)


@part_of_kernel
def _by_slope_of_relu(z: Any, _: Any, slope: Any) -> Any:
    zero = like(z, 0.0)
    return pick(z, zero, slope, zero)


@part_of_kernel
def _by_slope_of_leaky_relu(z: Any, _: Any, slope: Any) -> Any:
    return pick(z, like(z, 0.0), slope, like(z, _LEAK) * slope)


@part_of_kernel
def _by_slope_of_elu(z: Any, a: Any, slope: Any) -> Any:
    return pick(z, like(z, 0.0), slope, slope * (a + like(z, 1.0)))


@part_of_kernel
def _by_slope_of_silu(z: Any, _: Any, slope: Any) -> Any:
    s, one = sigmoid(z), like(z, 1.0)
    return slope * (s * (one + z * (one - s)))


@part_of_kernel
def _by_slope_of_softplus(z: Any, _: Any, slope: Any) -> Any:
    return pick(z, like(z, _SOFTPLUS_IS_LINEAR), slope, slope * sigmoid(z))


@part_of_kernel
def multiply_by_slopes(code: Any, z: Any, a: Any, d: Any, start: Any, end: Any) -> None:
    """Turn ∂C/∂a into ∂C/∂z = ∂C/∂a · σ′(z), from ``start`` to ``end`` of z, a and d."""
    if code == SIGMOID:
        _multiply_each(_by_slope_of_sigmoid, z, a, d, start, end)
    elif code == TANH:
        _multiply_each(_by_slope_of_tanh, z, a, d, start, end)
    elif code == RELU:
        _multiply_each(_by_slope_of_relu, z, a, d, start, end)
    elif code == LEAKY_RELU:
        _multiply_each(_by_slope_of_leaky_relu, z, a, d, start, end)
    elif code == ELU:
        _multiply_each(_by_slope_of_elu, z, a, d, start, end)
    elif code == SILU:
        _multiply_each(_by_slope_of_silu, z, a, d, start, end)
    elif code == SOFTPLUS:
        _multiply_each(_by_slope_of_softplus, z, a, d, start, end)
    elif code == GELU:
        for i in range(start, end):
            x = float(z[i])
            share = 0.5 * (1.0 + math.erf(x / _SQRT_2))
            d[i] *= z.dtype.type(share + x * math.exp(-0.5 * x * x) / _SQRT_2PI)


@part_of_kernel
def _multiply_each(by_slope: Any, z: Any, a: Any, d: Any, start: Any, end: Any) -> None:
    for i in range(start, end, WIDTH):
        store(d, i, by_slope(load(z, i), load(a, i), load(d, i)))
