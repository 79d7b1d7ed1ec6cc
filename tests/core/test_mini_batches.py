from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.mini_batches import Deal, Deck


def deal_one(deck: Deck, size: int) -> Deal:
    """The next mini-batch, which is dealt as it was announced."""
    deal = deck.next(size)
    (indices,) = deck.deal(size).mini_batches()
    assert torch.equal(indices, deal.indices)
    return deal


def test_epochs_are_torchs_permutations_from_the_seed() -> None:
    deck = Deck(13, shuffle=True, seed=99)
    generator = torch.Generator().manual_seed(99)
    for epoch in range(1, 4):
        expected = torch.randperm(13, generator=generator)
        dealt = [deal_one(deck, 5) for _ in range(3)]
        assert torch.equal(torch.cat([d.indices for d in dealt]), expected)
        assert [len(d.indices) for d in dealt] == [5, 5, 3]
        assert [d.mini_batch for d in dealt] == [1, 2, 3]
        assert [d.offset for d in dealt] == [0, 5, 10]
        assert all(d.mini_batches == 3 for d in dealt)
        assert all(d.epoch == epoch for d in dealt)
        assert all(torch.equal(d.order, expected) for d in dealt)


def test_without_shuffle_the_order_of_the_data() -> None:
    deck = Deck(5, shuffle=False, seed=0)
    assert [deal_one(deck, 2).indices.tolist() for _ in range(6)] == [
        [0, 1],
        [2, 3],
        [4],
        [0, 1],
        [2, 3],
        [4],
    ]


def test_another_seed_is_another_order() -> None:
    orders = {tuple(Deck(30, shuffle=True, seed=s).next(30).indices.tolist()) for s in range(5)}
    assert len(orders) == 5


def test_the_global_generator_has_no_part_in_it() -> None:
    before = torch.get_rng_state()
    Deck(30, shuffle=True, seed=0).deal(30)
    assert torch.equal(torch.get_rng_state(), before)


@given(
    n=st.integers(1, 40),
    sizes=st.lists(st.integers(1, 50), min_size=1, max_size=30),
    seed=st.integers(0, 2**40),
)
def test_every_epoch_deals_every_example_once_whatever_the_sizes(
    n: int, sizes: list[int], seed: int
) -> None:
    deck = Deck(n, shuffle=True, seed=seed)
    epochs: dict[int, list[int]] = {}
    for size in sizes:
        opens = deck.epoch_over
        deal = deal_one(deck, size)
        assert (deal.mini_batch == 1) == opens
        assert deal.mini_batch <= deal.mini_batches
        assert len(deal.indices) == min(size, n - deal.offset)
        # The count is what it comes to if the size stays as it is.
        left = -(-(n - deal.offset) // size)
        assert deal.mini_batches - deal.mini_batch + 1 == left
        epochs.setdefault(deal.epoch, []).extend(deal.indices.tolist())
    assert list(epochs) == list(range(1, len(epochs) + 1))
    for epoch, dealt in epochs.items():
        if epoch < len(epochs) or deck.epoch_over:
            assert sorted(dealt) == list(range(n))
        else:
            assert len(set(dealt)) == len(dealt)


@pytest.mark.parametrize("dealt", [0, 1, 3, 4, 9])
def test_a_state_brings_back_what_follows(dealt: int) -> None:
    deck = Deck(11, shuffle=True, seed=1)
    for _ in range(dealt):
        deck.deal(3)
    state = deck.state()
    assert torch.equal(state.generator, deck.state().generator)
    one = [deal_one(deck, 4) for _ in range(8)]
    deck.restore(state)
    two = [deal_one(deck, 4) for _ in range(8)]
    other = Deck(11, shuffle=True, seed=5)
    other.restore(state)
    three = [deal_one(other, 4) for _ in range(8)]
    for first, *others in zip(one, two, three, strict=True):
        for again in others:
            assert torch.equal(first.indices, again.indices)
            assert first[2:] == again[2:]


def test_a_state_is_not_changed_by_dealing_on() -> None:
    deck = Deck(7, shuffle=True, seed=1)
    deck.deal(3)
    state = deck.state()
    kept = state.generator.clone()
    for _ in range(10):
        deck.deal(3)
    assert torch.equal(state.generator, kept)


@given(
    n=st.integers(1, 23),
    hands=st.lists(st.tuples(st.integers(1, 9), st.integers(1, 30)), min_size=1, max_size=8),
    shuffle=st.booleans(),
)
def test_many_dealt_at_once_are_those_dealt_one_by_one(
    n: int, hands: list[tuple[int, int]], shuffle: bool
) -> None:
    many, one = Deck(n, shuffle=shuffle, seed=4), Deck(n, shuffle=shuffle, seed=4)
    for size, updates in hands:
        deals = many.deal(size, updates)
        assert deals.updates == updates
        dealt = list(deals.mini_batches())
        assert len(dealt) == updates
        for indices in dealt:
            assert torch.equal(indices, deal_one(one, size).indices)
        left, right = many.state(), one.state()
        assert torch.equal(left.generator, right.generator)
        assert (left.offset, left.epoch) == (right.offset, right.epoch)
        assert left.mini_batch == right.mini_batch
        assert many.epoch_over == one.epoch_over


def test_one_hand_is_bounded_in_memory() -> None:
    deck = Deck(100_000, shuffle=True, seed=0)
    deals = deck.deal(100_000, most=1000)
    assert 1 < deals.updates < 30
    assert len(deals.orders) == deals.updates
