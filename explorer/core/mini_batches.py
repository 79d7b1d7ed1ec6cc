"""The deck: each epoch's examples, shuffled from a seed and dealt into mini-batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from msgspec import Struct
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


class DeckState(Struct, frozen=True):
    """All that decides which mini-batches come next; ``generator`` is as before this epoch."""

    generator: Tensor
    offset: int
    epoch: int
    mini_batch: int


class Deck:
    """Deals mini-batches; the last, smaller one of an epoch is dealt as it is.

    What it is made of stays in one place, so that an engine may deal for itself, as long as it
    leaves there what :meth:`deal` would.

    Attributes
    ----------
    shuffle : bool
        Whether each epoch has an order of its own.
    order : (N,) int64
        Of the examples in this epoch.
    generator, before : (5056,) uint8
        The state of torch's generator for the CPU after this epoch was shuffled, and before.
    place : (3,) int64
        How many examples of this epoch have been dealt, the number of the epoch, and the number of
        mini-batches dealt in it.
    """

    def __init__(self, n_examples: int, *, shuffle: bool, seed: int) -> None:
        self._n = n_examples
        self.shuffle = shuffle
        self._shuffler = torch.Generator().manual_seed(seed)
        self.generator = self._shuffler.get_state()
        self.before = self.generator.clone()
        self.order = torch.arange(n_examples)
        self.place = np.array([n_examples, 0, 0])

    @property
    def _offset(self) -> int:
        return int(self.place[0])

    def next(self, size: int) -> Deal:
        """The mini-batch that will be dealt next; opens a new epoch when one is over.

        It is good until another epoch is opened.
        """
        if self.epoch_over:
            self._open_epochs(1)
        start, end = self._offset, min(self._offset + size, self._n)
        left = -(-(self._n - start) // size)  # mini-batches still to deal, this one included
        _, epoch, dealt = self.place.tolist()
        return Deal(self.order[start:end], self.order, start, epoch, dealt + 1, dealt + left)

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
        orders = self.order[None]
        here = updates
        if epochs:
            orders = self._open_epochs(epochs)
            here = updates - in_hand - (epochs - 1) * per_epoch
        self.place[2] += here
        self.place[0] = min(self._offset + here * size, self._n)
        return Deals(orders, first, size, updates)

    def _open_epochs(self, epochs: int) -> Tensor:
        """Shuffle for each of the next epochs; (1 + E, N), with the order in hand before them.

        The last of them is the current one.
        """
        orders = torch.empty((1 + epochs, self._n), dtype=torch.int64)
        before, *others, last = orders
        before.copy_(self.order)
        self._shuffler.set_state(self.generator)
        for order in others:
            self._shuffle_into(order)
        self.before.copy_(self._shuffler.get_state())
        self._shuffle_into(last)
        self.generator.copy_(self._shuffler.get_state())
        self.order.copy_(last)
        self.place[:] = 0, self.place[1] + epochs, 0
        return orders

    def _shuffle_into(self, order: Tensor) -> None:
        if self.shuffle:
            torch.randperm(self._n, generator=self._shuffler, out=order)
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
        return DeckState(self.before.clone(), *self.place.tolist())

    def restore(self, state: DeckState) -> None:
        """Go back to a state; the same mini-batches follow again."""
        self.generator.copy_(state.generator)
        self.before.copy_(state.generator)
        if state.epoch:
            self._open_epochs(1)
        self.place[:] = state.offset, state.epoch, state.mini_batch
