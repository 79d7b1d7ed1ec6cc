"""A second trainer of the same run, which may be sent anywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from msgspec.structs import replace

from explorer.core.experiment import Adam, Sgd
from explorer.core.full_batch import full_batch_update
from explorer.core.part_of_network import Weight
from explorer.core.trainer import Trainer

TrainerOf = Callable[..., Trainer]


@pytest.fixture
def pair(trainer_of: TrainerOf) -> tuple[Trainer, Trainer]:
    """A trainer in the middle of a run whose optimizer was changed, and one just like it."""
    made = []
    for _ in range(2):
        trainer = trainer_of(optimizer=Sgd(0.1, 0.9), frozen=("bias1",))
        for _ in range(13):
            trainer.advance()
        trainer.adjust(replace(trainer.experiment, optimizer=Adam(0.01)))
        for _ in range(9):
            trainer.advance()
        made.append(trainer)
    return made[0], made[1]


def test_a_twin_goes_on_as_the_trainer_does(pair: Any, assert_same_state: Any) -> None:
    trainer, other = pair
    twin = trainer.twin()
    assert_same_state(twin.state(), trainer.state())
    for _ in range(30):
        twin.advance()
        other.advance()
    assert_same_state(twin.state(), other.state())
    twin.rewind_to(11)
    other.rewind_to(11)
    assert_same_state(twin.state(), other.state())


def test_what_a_twin_does_does_not_show(pair: Any, assert_same_state: Any) -> None:
    trainer, other = pair
    twin = trainer.twin()
    twin.rewind_to(5)
    twin.adjust(replace(twin.experiment, optimizer=Sgd(0.5)))
    for _ in range(40):
        twin.advance()
    list(full_batch_update(twin))
    assert_same_state(trainer.state(), other.state())
    for each in (trainer, other):
        for _ in range(50):
            each.advance()
        each.rewind_to(17)
    assert_same_state(trainer.state(), other.state())


def test_looking_back_and_forth_over_changed_settings_and_edits_forgets_nothing(
    trainer_of: TrainerOf, assert_same_state: Any
) -> None:
    def run(trainer: Trainer) -> dict[int, Any]:
        seen = {}
        for update in range(1, 31):
            seen[update] = trainer.advance_traced()
            if update == 9:
                trainer.adjust(replace(trainer.experiment, optimizer=Adam(0.01)))
            if update == 17:
                trainer.edit(Weight(1, 0, 0), 0.75)
        return seen

    trainer = trainer_of(optimizer=Sgd(0.1, 0.9))
    was, state = run(trainer), trainer.state()
    twin = trainer.twin()
    for update in (12, 29, 3, 18, 17, 30, 1, 10, 9):
        found = twin.look_back(update)
        assert found.update == update
        assert type(found.experiment.optimizer) is type(was[update].experiment.optimizer)
        np.testing.assert_array_equal(found.indices, was[update].indices)
        for mine, theirs in zip(found.layers, was[update].layers, strict=True):
            np.testing.assert_array_equal(mine.weight_before, theirs.weight_before)
            np.testing.assert_array_equal(mine.weight_after, theirs.weight_after)
            np.testing.assert_array_equal(mine.weight_gradient, theirs.weight_gradient)
    assert_same_state(trainer.state(), state)


def test_replay_passes_through_the_run_as_it_was(pair: Any) -> None:
    trainer, straight = pair
    straight.rewind_to(0)
    straight.adjust(replace(straight.experiment, optimizer=Sgd(0.1, 0.9)))
    was = {0: straight.network.flat.clone()}
    while straight.update < 22:
        if straight.update == 13:
            straight.adjust(replace(straight.experiment, optimizer=Adam(0.01)))
        straight.advance()
        was[straight.update] = straight.network.flat.clone()
    twin, seen = trainer.twin(), []
    for _ in twin.replay(10, 22):
        assert torch.equal(twin.network.flat, was[twin.update])
        seen.append(twin.update)
    assert seen[0] <= 10
    assert seen[seen.index(10) :] == list(range(10, 23))


def test_the_free_parameters_are_those_that_move(pair: Any) -> None:
    trainer, _ = pair
    before = trainer.network.flat.clone()
    trainer.advance()
    moved = (trainer.network.flat != before).numpy()
    assert not moved[~trainer.free.numpy()].any()
    assert np.flatnonzero(~trainer.free.numpy()).tolist() == [8, 9, 10, 11]  # after 4 × 2 weights


def test_the_earliest_is_where_a_restored_run_began(trainer_of: TrainerOf) -> None:
    old, new = trainer_of(), trainer_of()
    assert old.earliest == 0
    for _ in range(21):
        old.advance()
    new.restore(old.state())
    new.advance()
    assert (old.earliest, new.earliest) == (0, 21)
