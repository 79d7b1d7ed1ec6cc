"""The deck: each epoch's examples, shuffled from a seed and dealt into mini-batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

_INDICES_AT_ONCE = 2**21  # bounds the memory of the orders in one deal


class Deal(NamedTuple):
    """One mini-batch: ``indices`` (B,) into the training examples, and its place in the epoch."""

    indices: Tensor
    order: Tensor
    offset: int
    epoch: int
    mini_batch: int
    mini_batches: int


class Deals(NamedTuple):
    """Mini-batches in a row, which may reach over several epochs.

    Attributes
    ----------
    orders : (E, N)
        The order of all examples in each epoch; the first mini-batch starts at ``offset`` in the
        first of them.
    size, updates : int
        Examples in a mini-batch, fewer at the end of an epoch; and the number of mini-batches.
    """

    orders: Tensor
    offset: int
    size: int
    updates: int

    def mini_batches(self) -> Iterator[Tensor]:
        """The indices (B,) of each mini-batch in turn."""
        left = self.updates
        for order in self.orders:
            start = self.offset if left == self.updates else 0
            for indices in order[start:].split(self.size)[:left]:
                yield indices
                left -= 1


@dataclass(frozen=True)
class DeckState:
    """All that decides which mini-batches come next; ``generator`` is as before this epoch."""

    generator: Tensor
    offset: int
    epoch: int
    mini_batch: int


class Deck:
    """Deals mini-batches; the last, smaller one of an epoch is dealt as it is."""

    def __init__(self, n_examples: int, *, shuffle: bool, seed: int) -> None:
        self._n = n_examples
        self._shuffle = shuffle
        self._generator = torch.Generator().manual_seed(seed)
        self._before_epoch = self._generator.get_state()
        self._order = torch.arange(n_examples)
        self._offset = n_examples
        self._epoch = 0
        self._mini_batch = 0

    def next(self, size: int) -> Deal:
        """The mini-batch that will be dealt next; opens a new epoch when one is over."""
        if self.epoch_over:
            self._open_epoch()
        start, end = self._offset, min(self._offset + size, self._n)
        left = -(-(self._n - start) // size)  # mini-batches still to deal, this one included
        return Deal(
            self._order[start:end],
            self._order,
            start,
            self._epoch,
            self._mini_batch + 1,
            self._mini_batch + left,
        )

    def deal(self, size: int, most: int = 1) -> Deals:
        """The next mini-batches of up to ``size`` examples, ``most`` of them in one go.

        They are fewer where the orders of so many epochs would take too much memory.
        """
        if self.epoch_over:
            self._open_epoch()
        first = self._offset
        orders = [self._order]
        in_hand = -(-(self._n - first) // size)
        per_epoch = -(-self._n // size)
        while in_hand < most and len(orders) * self._n < _INDICES_AT_ONCE:
            orders.append(self._open_epoch())
            in_hand += per_epoch
        updates = min(most, in_hand)
        here = updates if len(orders) == 1 else per_epoch - (in_hand - updates)
        self._mini_batch += here
        self._offset = min(self._offset + here * size, self._n)
        return Deals(torch.stack(orders), first, size, updates)

    def _open_epoch(self) -> Tensor:
        """Shuffle anew; returns the order, which is never changed in place."""
        if self._shuffle:
            self._before_epoch = self._generator.get_state()
            self._order = torch.randperm(self._n, generator=self._generator)
        self._offset, self._mini_batch = 0, 0
        self._epoch += 1
        return self._order

    @property
    def epoch_over(self) -> bool:
        """Whether every example of this epoch has been dealt."""
        return self._offset >= self._n

    def state(self) -> DeckState:
        """The state to come back to; the order is left out, for it can be shuffled again."""
        return DeckState(self._before_epoch, self._offset, self._epoch, self._mini_batch)

    def restore(self, state: DeckState) -> None:
        """Go back to a state; the same mini-batches follow again."""
        self._generator.set_state(state.generator)
        self._before_epoch = state.generator
        self._epoch = state.epoch - 1
        if state.epoch:
            self._open_epoch()
        self._offset, self._epoch = state.offset, state.epoch
        self._mini_batch = state.mini_batch
