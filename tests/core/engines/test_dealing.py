"""The epochs that the compiled engine opens, beside torch's own permutations."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.core.data.dataset import Dataset, Part
from explorer.core.experiment import Builtin, Experiment, Layer, MiniBatch, NetworkSpec
from explorer.core.trainer import Trainer

_PART_OF_A_BLOCK, _WHOLE_BLOCK, _SEVERAL = (1, 40), (600, 650), (1200, 1300)


@settings(deadline=None)
@given(
    n=st.one_of(*(st.integers(*sizes) for sizes in (_PART_OF_A_BLOCK, _WHOLE_BLOCK, _SEVERAL))),
    batches=st.integers(1, 7),
    updates=st.integers(1, 60),
    seed=st.integers(0, 2**40),
)
def test_epochs_opened_in_the_kernel_are_torchs(
    n: int, batches: int, updates: int, seed: int
) -> None:
    size = -(-n // batches)
    trainer = _trainer(n, size, seed, shuffle=True)
    trainer.advance_many(updates)
    per_epoch = -(-n // size)
    generator = torch.Generator().manual_seed(seed)
    for _ in range(-(-updates // per_epoch)):
        before = generator.get_state()
        order = torch.randperm(n, generator=generator)
    state = trainer.state().deck
    assert torch.equal(state.generator, before)
    dealt = (updates - 1) % per_epoch + 1
    assert (state.epoch, state.mini_batch) == (-(-updates // per_epoch), dealt)
    assert state.offset == min(dealt * size, n)
    if not trainer.epoch_over:
        assert torch.equal(trainer.next_deal().order, order)
    trainer.advance_many(per_epoch - dealt + 1)  # into the next epoch, which is opened likewise
    assert torch.equal(trainer.state().deck.generator, generator.get_state())
    trainer.advance_many(per_epoch - 1)
    assert trainer.epoch_over
    torch.randperm(n, generator=generator)
    assert torch.equal(trainer.next_deal().order, torch.randperm(n, generator=generator))


def test_without_shuffle_the_order_stays() -> None:
    trainer = _trainer(7, 3, seed=0, shuffle=False)
    trainer.advance_many(7)
    deal = trainer.next_deal()
    assert deal.order.tolist() == list(range(7))
    assert (deal.indices.tolist(), deal.epoch, deal.mini_batch) == ([3, 4, 5], 3, 2)


def _trainer(n: int, size: int, seed: int, *, shuffle: bool) -> Trainer:
    """A small run on n examples by the compiled engine."""
    experiment = Experiment(
        data=Builtin(name="xor"),
        network=NetworkSpec((Layer(1),)),
        mini_batch=MiniBatch(size=size, shuffle=shuffle, seed=seed),
        engine="compiled",
    )
    inputs = np.linspace(0, 1, n)[:, None]
    data = Dataset(
        name="line",
        train=Part(inputs, inputs),
        test=Part(inputs[:0], inputs[:0]),
        input_names=("x",),
        labels=("y",),
        about="",
    )
    return Trainer(experiment, data)
