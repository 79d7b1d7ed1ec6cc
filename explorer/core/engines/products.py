"""The three products of a layer: forward, back, and the gradient of its weights.

W is (n, m) row by row; what belongs to neurons is (neurons, B), the examples of a mini-batch
side by side and padded to whole lanes. Small products are made on lanes, large ones by BLAS.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from explorer.core.engines.jit import part_of_kernel
from explorer.core.engines.lanes import WIDTH, fill, like, load, matrix, store, total, totals

_ONE, _TWO, _THREE, _FOUR = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4)
_BLAS_FROM = np.uint64(16_384)  # multiplications; measured for both dtypes


@part_of_kernel
def by_blas(n: Any, m: Any, padded: Any) -> Any:
    """Whether a product of these sizes is one for BLAS."""
    return n * m * padded >= _BLAS_FROM


@part_of_kernel
def forward(
    w: Any, at: Any, n: Any, m: Any, a: Any, a_at: Any, z: Any, z_at: Any, padded: Any, rows: Any
) -> None:
    """z = W a + b; with ``rows``, a is stored as (B, m). The bias follows its W in ``w``."""
    bias = at + n * m
    if by_blas(n, m, padded):
        out = matrix(z, z_at, n, padded)
        if rows:
            np.dot(matrix(w, at, n, m), matrix(a, a_at, padded, m).T, out)
        else:
            np.dot(matrix(w, at, n, m), matrix(a, a_at, m, padded), out)
        for j in range(n):
            b = fill(w[bias + j])
            start = z_at + j * padded
            for i in range(start, start + padded, WIDTH):
                store(z, i, load(z, i) + b)
        return
    whole = n - n % _FOUR
    for q in range(np.uint64(0), padded, WIDTH):
        for j in range(np.uint64(0), whole, _FOUR):
            r0 = at + j * m
            r1, r2, r3 = r0 + m, r0 + _TWO * m, r0 + _THREE * m
            s0, s1 = fill(w[bias + j]), fill(w[bias + j + _ONE])
            s2, s3 = fill(w[bias + j + _TWO]), fill(w[bias + j + _THREE])
            for k in range(m):
                x = load(a, a_at + k * padded + q)
                s0 = s0 + fill(w[r0 + k]) * x
                s1 = s1 + fill(w[r1 + k]) * x
                s2 = s2 + fill(w[r2 + k]) * x
                s3 = s3 + fill(w[r3 + k]) * x
            o = z_at + j * padded + q
            store(z, o, s0)
            store(z, o + padded, s1)
            store(z, o + _TWO * padded, s2)
            store(z, o + _THREE * padded, s3)
        for j in range(whole, n):
            s0 = fill(w[bias + j])
            for k in range(m):
                s0 = s0 + fill(w[at + j * m + k]) * load(a, a_at + k * padded + q)
            store(z, z_at + j * padded + q, s0)


@part_of_kernel
def back(w: Any, at: Any, n: Any, m: Any, d: Any, d_at: Any, out_at: Any, padded: Any) -> None:
    """∂C/∂a of the layer before, Wᵀδ; both lie in ``d``."""
    if by_blas(n, m, padded):
        out = matrix(d, out_at, m, padded)
        np.dot(matrix(w, at, n, m).T, matrix(d, d_at, n, padded), out)
        return
    whole = m - m % _FOUR
    zero = like(load(d, d_at), 0.0)
    for q in range(np.uint64(0), padded, WIDTH):
        for k in range(np.uint64(0), whole, _FOUR):
            s0 = s1 = s2 = s3 = zero
            for j in range(n):
                x = load(d, d_at + j * padded + q)
                r = at + j * m + k
                s0 = s0 + fill(w[r]) * x
                s1 = s1 + fill(w[r + _ONE]) * x
                s2 = s2 + fill(w[r + _TWO]) * x
                s3 = s3 + fill(w[r + _THREE]) * x
            o = out_at + k * padded + q
            store(d, o, s0)
            store(d, o + padded, s1)
            store(d, o + _TWO * padded, s2)
            store(d, o + _THREE * padded, s3)
        for k in range(whole, m):
            s0 = zero
            for j in range(n):
                s0 = s0 + fill(w[at + j * m + k]) * load(d, d_at + j * padded + q)
            store(d, out_at + k * padded + q, s0)


@part_of_kernel
def gradient(
    g: Any, start: Any, end: Any, d: Any, d_at: Any, a: Any, a_at: Any, padded: Any
) -> None:
    """The gradient of a stretch of parameters, summed over the mini-batch: of small layers.

    Parameters
    ----------
    g : (P,)
    d_at, a_at : (P,)
        Where ``d`` and ``a`` hold the two rows whose product is a parameter's gradient: δ of its
        neuron, and what it is multiplied by, which is one for a bias.
    """
    if end - start < WIDTH:
        for i in range(start, end):
            s = load(d, d_at[i]) * load(a, a_at[i])
            for q in range(WIDTH, padded, WIDTH):
                s = s + load(d, d_at[i] + q) * load(a, a_at[i] + q)
            g[i] = total(s)
        return
    for at in range(start, end, WIDTH):
        i = min(at, end - WIDTH)  # the last eight begin among those before
        store(g, i, _eight_gradients(i, d, d_at, a, a_at, padded))


@part_of_kernel
def _eight_gradients(i: Any, d: Any, d_at: Any, a: Any, a_at: Any, padded: Any) -> Any:
    i1, i2, i3, i4 = i + _ONE, i + _TWO, i + _THREE, i + _FOUR
    i5, i6, i7 = i4 + _ONE, i4 + _TWO, i4 + _THREE
    factors = (
        a_at[i], a_at[i1], a_at[i2], a_at[i3], a_at[i4], a_at[i5], a_at[i6], a_at[i7],
    )  # fmt: skip
    d0 = d_at[i]
    if d0 == d_at[i6] == d_at[i7]:  # all of one neuron; weights may end with another's bias
        # Known to be the same, they are loaded once.
        return _sums_of_products(d, (d0, d0, d0, d0, d0, d0, d0, d0), a, factors, padded)
    deltas = (d0, d_at[i1], d_at[i2], d_at[i3], d_at[i4], d_at[i5], d_at[i6], d_at[i7])
    return _sums_of_products(d, deltas, a, factors, padded)


@part_of_kernel
def _sums_of_products(d: Any, deltas: Any, a: Any, factors: Any, padded: Any) -> Any:
    zero = like(load(a, factors[0]), 0.0)
    zeros = (zero, zero, zero, zero, zero, zero, zero, zero)
    sums = _with_products(zeros, d, deltas, a, factors, np.uint64(0))
    if padded > WIDTH:  # sixteen examples are usual, and no loop has to be set up for them
        sums = _with_products(sums, d, deltas, a, factors, WIDTH)
    for q in range(_TWO * WIDTH, padded, WIDTH):
        sums = _with_products(sums, d, deltas, a, factors, q)
    return totals(sums)


@part_of_kernel
def _with_products(sums: Any, d: Any, deltas: Any, a: Any, factors: Any, q: Any) -> Any:
    s0, s1, s2, s3, s4, s5, s6, s7 = sums
    d0, d1, d2, d3, d4, d5, d6, d7 = deltas
    a0, a1, a2, a3, a4, a5, a6, a7 = factors
    return (
        s0 + load(d, d0 + q) * load(a, a0 + q), s1 + load(d, d1 + q) * load(a, a1 + q),
        s2 + load(d, d2 + q) * load(a, a2 + q), s3 + load(d, d3 + q) * load(a, a3 + q),
        s4 + load(d, d4 + q) * load(a, a4 + q), s5 + load(d, d5 + q) * load(a, a5 + q),
        s6 + load(d, d6 + q) * load(a, a6 + q), s7 + load(d, d7 + q) * load(a, a7 + q),
    )  # fmt: skip


@part_of_kernel
def gradient_by_blas(
    g: Any, at: Any, n: Any, m: Any, d: Any, d_at: Any, a: Any, a_at: Any, padded: Any, rows: Any
) -> None:
    """The gradient of one large layer: ∂C/∂W = δ aᵀ and ∂C/∂b = Σ δ."""
    for j in range(n):
        start = d_at + j * padded
        s = load(d, start)
        for i in range(start + WIDTH, start + padded, WIDTH):
            s = s + load(d, i)
        g[at + n * m + j] = total(s)
    delta, out = matrix(d, d_at, n, padded), matrix(g, at, n, m)
    if rows:
        np.dot(delta, matrix(a, a_at, padded, m), out)
    else:
        np.dot(delta, matrix(a, a_at, m, padded).T, out)
