"""The compiled update: forward, cost, backward and the optimizer's step, many in one call."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from explorer.core.engines.costs import BINARY_CROSS_ENTROPY, CROSS_ENTROPY, begin_back, softmax
from explorer.core.engines.curves import activate, multiply_by_slopes
from explorer.core.engines.dealing import open_epoch
from explorer.core.engines.jit import kernel, part_of_kernel, summed_in_any_order
from explorer.core.engines.lanes import WIDTH, collect, now, store, tail, uncounted
from explorer.core.engines.products import back, by_blas, forward, gradient, gradient_by_blas
from explorer.core.engines.steps import step, wants_a_look

DONE, LOOK, FACTOR, RUNG = 0, 1, 2, 3
L1, L2 = np.uint64(1), np.uint64(2)

_ZERO, _ONE = np.uint64(0), np.uint64(1)


@part_of_kernel
def _gather(
    inputs: Any,
    targets: Any,
    sizes: Any,
    order: Any,
    at: Any,
    count: Any,
    padded: Any,
    by_rows: Any,
    a: Any,
    t: Any,
) -> None:
    """Fetch a mini-batch's inputs, (B, n₀) or (n₀, B), and targets (n_L, B).

    The padding repeats the first example, so that nothing can be infinite in it alone.
    """
    m, n = sizes[0], sizes[len(sizes) - 1]
    for q in range(_ZERO, padded, WIDTH):
        rows = _eight_rows(order, at, count, q)
        _side_by_side(targets, n, rows, t, q, padded)
        if not by_rows:
            _side_by_side(inputs, m, rows, a, q, padded)
            continue
        for b in range(q, q + WIDTH):
            row = _row(order, at, count, b) * m
            for k in range(m):
                a[b * m + k] = inputs[row + k]


@part_of_kernel
def _row(order: Any, at: Any, count: Any, b: Any) -> Any:
    return np.uint64(order[at + (b if b < count else _ZERO)])


@part_of_kernel
def _eight_rows(order: Any, at: Any, count: Any, q: Any) -> Any:
    return (
        _row(order, at, count, q),
        _row(order, at, count, q + np.uint64(1)),
        _row(order, at, count, q + np.uint64(2)),
        _row(order, at, count, q + np.uint64(3)),
        _row(order, at, count, q + np.uint64(4)),
        _row(order, at, count, q + np.uint64(5)),
        _row(order, at, count, q + np.uint64(6)),
        _row(order, at, count, q + np.uint64(7)),
    )


@part_of_kernel
def _side_by_side(flat: Any, columns: Any, rows: Any, out: Any, at: Any, padded: Any) -> None:
    """Turn eight rows of (N, columns), flat, into columns of (columns, B), from ``at`` on."""
    r0, r1, r2, r3, r4, r5, r6, r7 = rows
    places = (
        r0 * columns, r1 * columns, r2 * columns, r3 * columns,
        r4 * columns, r5 * columns, r6 * columns, r7 * columns,
    )  # fmt: skip
    for k in range(columns):
        store(out, k * padded + at, collect(flat, places, k))


@summed_in_any_order
def _regularize(kind: Any, rate: Any, p: Any, g: Any, start: Any, end: Any) -> Any:
    """Add the penalty's derivative to the gradient of some weights; returns the penalty."""
    total = p.dtype.type(0)
    if kind == L2:
        for i in range(start, end):
            g[i] += rate * p[i]
            total += p[i] * p[i]
        return p.dtype.type(0.5) * rate * total
    for i in range(start, end):
        sign = p.dtype.type(1) if p[i] > 0 else p.dtype.type(-1) if p[i] < 0 else p.dtype.type(0)
        g[i] += rate * sign
        total += abs(p[i])
    return rate * total


def _sources() -> str:
    """Numba looks only at this file for changes, so the others are put into the cache's key."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


@cache
def train() -> Any:
    """The kernel, compiled for a dtype on its first call, or fetched from the cache."""
    sources = _sources()

    @kernel
    def run(
        sizes: Any,  # units of every layer, the inputs first (L + 1,)
        codes: Any,  # activations (L,)
        loss: Any,
        regularization: Any,
        rate: Any,
        optimizer: Any,
        settings: Any,
        delta_of: Any,  # where d has the row of δ that a parameter's gradient is made of (P,)
        factor_of: Any,  # where a has the row that it is multiplied by (P,)
        padded: Any,  # numbers in a row of d, of z and of a
        free: Any,  # stretches of parameters to move (S, 2)
        size: Any,
        inputs: Any,  # (N, n₀), flat
        targets: Any,  # (N, n_L), flat
        shuffles: Any,
        order: Any,  # in and out, as the next three: the memory of the deck
        generator: Any,
        before: Any,
        place: Any,
        drawn: Any,  # (N,)
        counts: Any,  # in and out: the optimizer's steps; out: examples in the latest mini-batch
        p: Any,
        g: Any,
        s0: Any,  # what the optimizer carries, (P,) or empty
        s1: Any,
        s2: Any,
        z: Any,
        a: Any,
        d: Any,
        t: Any,
        shares: Any,
        log_sums: Any,
        objective: Any,  # out: the latest cost with its penalty (1,)
        costs: Any,
        bell: Any,  # not 0 once another thread wants an early end
    ) -> tuple[int, int]:
        """Make an update for each of ``costs``; returns how many were made, and what ended them.

        With ``LOOK`` the last of them may have left a number that is none; with ``FACTOR`` it
        has not moved the parameters; with ``RUNG`` the bell has rung.
        """
        sources  # noqa: B018  a closed-over variable is part of the cache's key
        sizes, codes, settings, free = uncounted((sizes, codes, settings, free))
        delta_of, factor_of = uncounted((delta_of, factor_of))
        inputs, targets, order, drawn = uncounted((inputs, targets, order, drawn))
        generator, before, place, counts = uncounted((generator, before, place, counts))
        p, g, s0, s1, s2 = uncounted((p, g, s0, s1, s2))
        z, a, d, t = uncounted((z, a, d, t))
        shares, log_sums, objective = uncounted((shares, log_sums, objective))
        costs, bell = uncounted((costs, bell))
        number = p.dtype.type
        zero = number(0)
        layers = np.uint64(len(codes))
        n_inputs, n_outputs = sizes[0], sizes[layers]
        pull = number(rate)
        by_rows = by_blas(sizes[1], n_inputs, padded)
        a_units = tail(a, n_inputs * padded)  # of the neurons, as z and d are
        shared = _ZERO
        n_examples = np.uint64(len(order))
        for u in range(len(costs)):
            if np.uint64(place[0]) >= n_examples:
                open_epoch(shuffles, order, generator, before, place, drawn)
            offset = np.uint64(place[0])
            count = min(size, n_examples - offset)
            _gather(inputs, targets, sizes, order, offset, count, padded, by_rows, a, t)
            if shared != count:
                shared, share = count, number(1.0 / count)
                for b in range(padded):
                    shares[b] = share if b < count else zero

            unfinite = zero
            w_at, z_at, a_at = _ZERO, _ZERO, _ZERO
            for layer in range(layers):
                m, n = sizes[layer], sizes[layer + _ONE]
                forward(p, w_at, n, m, a, a_at, z, z_at, padded, by_rows and layer == _ZERO)
                a_at += m * padded
                unfinite += activate(codes[layer], z, a_units, z_at, z_at + n * padded)
                z_at += n * padded
                w_at += n * m + n
            z_at -= n_outputs * padded
            if loss == CROSS_ENTROPY:
                softmax(z, a_units, z_at, n_outputs, padded, log_sums)
            cost = begin_back(loss, z, a_units, z_at, n_outputs, t, shares, log_sums, d, padded)
            costs[u] = cost

            small_end = w_at  # the small layers' gradients up to here are made together
            for behind in range(layers):
                here = layers - _ONE - behind
                m, n = sizes[here], sizes[here + _ONE]
                w_at -= n * m + n
                a_at -= m * padded
                if here < layers - _ONE or loss not in (BINARY_CROSS_ENTROPY, CROSS_ENTROPY):
                    multiply_by_slopes(codes[here], z, a_units, d, z_at, z_at + n * padded)
                if by_blas(n, m, padded):
                    by = by_rows and here == _ZERO
                    gradient_by_blas(g, w_at, n, m, d, z_at, a, a_at, padded, by)
                    gradient(g, w_at + n * m + n, small_end, d, delta_of, a, factor_of, padded)
                    small_end = w_at
                if here > _ZERO:
                    back(p, w_at, n, m, d, z_at, z_at - m * padded, padded)
                    z_at -= m * padded
            gradient(g, _ZERO, small_end, d, delta_of, a, factor_of, padded)
            if regularization in (L1, L2):
                for layer in range(layers):
                    end = w_at + sizes[layer] * sizes[layer + _ONE]
                    cost += _regularize(regularization, pull, p, g, w_at, end)
                    w_at = end + sizes[layer + _ONE]

            objective[0] = cost
            place[0] += np.int64(count)
            place[2] += 1
            counts[0] += 1
            counts[1] = np.int64(count)
            moved = True
            for stretch in range(len(free)):
                start, end = free[stretch, 0], free[stretch, 1]
                moved = moved and step(
                    optimizer, p, g, s0, s1, s2, start, end, settings, float(counts[0])
                )
            if not moved:
                return u + 1, FACTOR
            if wants_a_look(p, g) or (unfinite + zero * cost) != zero:
                return u + 1, LOOK
            if now(bell) != 0:
                return u + 1, RUNG
        return len(costs), DONE

    return run
