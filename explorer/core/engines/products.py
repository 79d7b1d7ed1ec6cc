"""The three products of a layer: forward, back, and the gradient of its weights.

W is (n, m) row by row; what belongs to neurons is (neurons, B), the examples of a mini-batch
side by side and padded to whole lanes. Small products are made on lanes, large ones by BLAS.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from explorer.core.engines.jit import part_of_kernel
from explorer.core.engines.lanes import WIDTH, fill, like, load, matrix, store, total

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
    g: Any, at: Any, n: Any, m: Any, d: Any, d_at: Any, a: Any, a_at: Any, padded: Any, rows: Any
) -> None:
    """∂C/∂W = δ aᵀ and ∂C/∂b = Σ δ, summed over the mini-batch."""
    zero = like(load(d, d_at), 0.0)
    for j in range(n):
        s0 = zero
        start = d_at + j * padded
        for i in range(start, start + padded, WIDTH):
            s0 = s0 + load(d, i)
        g[at + n * m + j] = total(s0)
    if by_blas(n, m, padded):
        delta, out = matrix(d, d_at, n, padded), matrix(g, at, n, m)
        if rows:
            np.dot(delta, matrix(a, a_at, padded, m), out)
        else:
            np.dot(delta, matrix(a, a_at, m, padded).T, out)
        return
    whole = m - m % _FOUR
    for j in range(n):
        row = d_at + j * padded
        for k in range(np.uint64(0), whole, _FOUR):
            s0 = s1 = s2 = s3 = zero
            for q in range(np.uint64(0), padded, WIDTH):
                x = load(d, row + q)
                r = a_at + k * padded + q
                s0 = s0 + x * load(a, r)
                s1 = s1 + x * load(a, r + padded)
                s2 = s2 + x * load(a, r + _TWO * padded)
                s3 = s3 + x * load(a, r + _THREE * padded)
            o = at + j * m + k
            g[o] = total(s0)
            g[o + _ONE] = total(s1)
            g[o + _TWO] = total(s2)
            g[o + _THREE] = total(s3)
        for k in range(whole, m):
            s0 = zero
            for q in range(np.uint64(0), padded, WIDTH):
                s0 = s0 + load(d, row + q) * load(a, a_at + k * padded + q)
            g[at + j * m + k] = total(s0)
