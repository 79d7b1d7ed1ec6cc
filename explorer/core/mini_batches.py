"""The deck: each epoch's examples, shuffled from a seed and dealt into mini-batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

_INDICES_AT_ONCE = 2**19  # bounds the memory of the orders in one deal


class Deal(NamedTuple):
    """One mini-batch: ``indices`` (B,) into the training examples, and its place in the epoch."""

    indices: Tensor
    order: Tensor
    offset: int
    epoch: int
    mini_batch: int
    mini_batches: int


class Deals(NamedTuple):
    """Mini-batches in a row, which may reach over several epochs; good until the next are dealt.

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
        self._orders = self._order[None]  # written again and again, as fresh memory takes longer
        self._offset = n_examples
        self._epoch = 0
        self._mini_batch = 0

    def next(self, size: int) -> Deal:
        """The mini-batch that will be dealt next; opens a new epoch when one is over."""
        if self.epoch_over:
            self._open_epochs(1)
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
            self._open_epochs(1)
        first = self._offset
        in_hand = -(-(self._n - first) // size)
        per_epoch = -(-self._n // size)
        epochs = min(-(-max(most - in_hand, 0) // per_epoch), _INDICES_AT_ONCE // self._n)
        updates = min(most, in_hand + epochs * per_epoch)
        orders = self._order[None]
        if epochs:
            orders = self._open_epochs(epochs)
            here = updates - in_hand - (epochs - 1) * per_epoch
        else:
            here = updates
        self._mini_batch += here
        self._offset = min(self._offset + here * size, self._n)
        return Deals(orders, first, size, updates)

    def _open_epochs(self, epochs: int) -> Tensor:
        """Shuffle for each of the next epochs; (1 + E, N), with the order in hand before them.

        The last of them is the current one.
        """
        if epochs >= len(self._orders):
            self._orders = torch.empty((1 + epochs, self._n), dtype=torch.int64)
        orders = self._orders[: 1 + epochs]
        before, *others, last = orders
        before.copy_(self._order)
        for order in others:
            self._shuffle_into(order)
        self._before_epoch = self._generator.get_state()
        self._shuffle_into(last)
        self._order = last.clone()  # it may be looked at while others are dealt
        self._offset, self._mini_batch = 0, 0
        self._epoch += epochs
        return orders

    def _shuffle_into(self, order: Tensor) -> None:
        if self._shuffle:
            torch.randperm(self._n, generator=self._generator, out=order)
        else:
            torch.arange(self._n, out=order)

    def left(self, size: int) -> int:
        """The mini-batches of this size until an epoch is over; at its end those of the next."""
        return -(-(self._n - self._offset % self._n) // size)

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
            self._open_epochs(1)
        self._offset, self._epoch = state.offset, state.epoch
        self._mini_batch = state.mini_batch
