"""Opening epochs within a kernel: the permutations of ``torch.randperm``, without the GIL.

The generator is MT19937 and the permutation the one that torch makes of it for up to 2³² / 20
examples: for each place in turn, what stands there is exchanged with one of the places from there
on. Sources: Matsumoto and Nishimura, "Mersenne Twister" (1998), and torch's
``aten/src/ATen/native/TensorFactories.cpp`` and ``aten/src/ATen/core/MT19937RNGEngine.h``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from explorer.core.engines.jit import part_of_kernel

_ZERO, _ONE = np.uint64(0), np.uint64(1)
_LOW_HALF = np.uint64(0xFFFFFFFF)

# Where the generator's state has what, in steps of 64 bits.
_LEFT, _NEXT, _WORDS = np.uint64(1), np.uint64(2), np.uint64(3)
_N, _M = np.uint64(624), np.uint64(397)

_TOP, _REST, _MATRIX = np.uint64(0x80000000), np.uint64(0x7FFFFFFF), np.uint64(0x9908B0DF)


@part_of_kernel
def open_epoch(
    shuffles: Any, order: Any, generator: Any, before: Any, place: Any, drawn: Any
) -> None:
    """Do to a deck's memory what :class:`explorer.core.mini_batches.Deck` does to open an epoch.

    Parameters
    ----------
    generator, before : (632,) uint64
        The states of the generator.
    drawn : (N,) uint64
        Room for the places drawn.
    """
    for i in range(np.uint64(len(before))):
        before[i] = generator[i]
    for i in range(np.uint64(len(order))):
        order[i] = np.int64(i)
    if shuffles:
        _draw(generator, np.uint64(len(order)), drawn)
        for i in range(np.uint64(len(order)) - _ONE):
            other = order[drawn[i]]
            order[drawn[i]] = order[i]
            order[i] = other
    place[0], place[1], place[2] = 0, place[1] + 1, 0


@part_of_kernel
def _draw(generator: Any, n: Any, drawn: Any) -> None:
    """For each place but the last of n, draw one of the places from there on."""
    left = generator[_LEFT] & _LOW_HALF  # one more than are left of the words made last
    at = generator[_NEXT]
    i = _ZERO
    while i < n - _ONE:
        if left == _ONE:
            _make_words(generator)
            left, at = _N + _ONE, _ZERO
        here = min(left - _ONE, n - _ONE - i)
        for k in range(here):
            word = generator[_WORDS + at + k]
            word ^= word >> np.uint64(11)
            word ^= (word << np.uint64(7)) & np.uint64(0x9D2C5680)
            word ^= (word << np.uint64(15)) & np.uint64(0xEFC60000)
            word ^= word >> np.uint64(18)
            # The remainder by way of a quotient that eight lanes can find: it is exact below 2⁵³.
            others = n - i - k
            quotient = np.uint64(np.float64(word) / np.float64(others))
            drawn[i + k] = i + k + word - quotient * others
        at += here
        left -= here
        i += here
    generator[_LEFT] = (generator[_LEFT] & ~_LOW_HALF) | left
    generator[_NEXT] = at


@part_of_kernel
def _make_words(generator: Any) -> None:
    """The next 624 words."""
    first = _WORDS
    for i in range(first, first + _N - _M):
        generator[i] = _twisted(generator[i], generator[i + _ONE], generator[i + _M])
    for i in range(first + _N - _M, first + _N - _ONE):
        generator[i] = _twisted(generator[i], generator[i + _ONE], generator[i + _M - _N])
    last = first + _N - _ONE
    generator[last] = _twisted(generator[last], generator[first], generator[last + _M - _N])


@part_of_kernel
def _twisted(word: Any, following: Any, ahead: Any) -> Any:
    mixed = (word & _TOP) | (following & _REST)
    return ahead ^ (mixed >> _ONE) ^ ((following & _ONE) * _MATRIX)
