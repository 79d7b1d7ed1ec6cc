"""The deck: each epoch's examples, shuffled from a seed and dealt into mini-batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor


class Deal(NamedTuple):
    """One mini-batch: ``indices`` (B,) into the training examples, and its place in the epoch."""

    indices: Tensor
    order: Tensor
    offset: int
    epoch: int
    mini_batch: int
    mini_batches: int


@dataclass(frozen=True)
class DeckState:
    """All that decides which mini-batches come next."""

    generator: Tensor
    order: Tensor
    offset: int
    epoch: int
    mini_batch: int


class Deck:
    """Deals mini-batches; the last, smaller one of an epoch is dealt as it is."""

    def __init__(self, n_examples: int, *, shuffle: bool, seed: int) -> None:
        self._n = n_examples
        self._shuffle = shuffle
        self._generator = torch.Generator().manual_seed(seed)
        self._order = torch.arange(n_examples)
        self._offset = n_examples
        self._epoch = 0
        self._mini_batch = 0

    def deal(self, size: int) -> Deal:
        """The next mini-batch of up to ``size`` examples; opens a new epoch when one is over."""
        if self.epoch_over:
            if self._shuffle:
                self._order = torch.randperm(self._n, generator=self._generator)
            self._offset, self._mini_batch = 0, 0
            self._epoch += 1
        start = self._offset
        left = -(-(self._n - start) // size)  # mini-batches still to deal, this one included
        self._mini_batch += 1
        self._offset = min(start + size, self._n)
        return Deal(
            self._order[start : self._offset],
            self._order,
            start,
            self._epoch,
            self._mini_batch,
            self._mini_batch + left - 1,
        )

    @property
    def epoch_over(self) -> bool:
        """Whether every example of this epoch has been dealt."""
        return self._offset >= self._n

    def state(self) -> DeckState:
        """The state to come back to; orders are never changed in place, so they are shared."""
        return DeckState(
            self._generator.get_state(), self._order, self._offset, self._epoch, self._mini_batch
        )

    def restore(self, state: DeckState) -> None:
        """Go back to a state; the same mini-batches follow again."""
        self._generator.set_state(state.generator)
        self._order = state.order
        self._offset = state.offset
        self._epoch = state.epoch
        self._mini_batch = state.mini_batch
