from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from explorer.core.beats import Beat, beats_of
from explorer.core.moment import Moment
from explorer.core.trainer import Trainer


@pytest.fixture
def moment_at(trainer_of: Callable[..., Trainer]) -> Callable[[Beat], Moment]:
    trainer = trainer_of(((4, "tanh"), (3, "tanh"), (1, "tanh")))
    trace = trainer.advance_traced()
    return lambda beat: Moment(trainer.dataset, trace, beat, example=2)


def test_what_each_beat_has_computed(moment_at: Callable[[Beat], Moment]) -> None:
    """(layers gone forward, layers gone backward, updated) as the story goes on."""
    story = []
    for beat in beats_of(3):
        moment = moment_at(beat)
        forward = [layer for layer in range(4) if moment.forward_done(layer)]
        backward = [layer for layer in range(1, 4) if moment.backward_done(layer)]
        story.append((str(beat), forward, backward, moment.updated))
    assert story == [
        ("mini_batch", [0], [], False),
        ("forward:1", [0, 1], [], False),
        ("forward:2", [0, 1, 2], [], False),
        ("forward:3", [0, 1, 2, 3], [], False),
        ("cost", [0, 1, 2, 3], [], False),
        ("backward:3", [0, 1, 2, 3], [3], False),
        ("backward:2", [0, 1, 2, 3], [2, 3], False),
        ("backward:1", [0, 1, 2, 3], [1, 2, 3], False),
        ("average", [0, 1, 2, 3], [1, 2, 3], False),
        ("update", [0, 1, 2, 3], [1, 2, 3], True),
    ]


def test_the_example_in_focus(moment_at: Callable[[Beat], Moment]) -> None:
    moment = moment_at(Beat("cost"))
    train = moment.dataset.train
    assert moment.training_index == moment.trace.indices[2]
    assert moment.label == moment.dataset.labels[train.classes[moment.training_index]]
    assert moment.experiment is moment.trace.experiment
    assert moment.beats == beats_of(3)
    assert moment.beats[moment.index] == moment.beat


def test_which_costs_each_beat_knows(moment_at: Callable[[Beat], Moment]) -> None:
    known = {str(beat): moment_at(beat).costs_known for beat in beats_of(3)}
    assert known["mini_batch"] == known["forward:3"] == (0, 0)
    assert known["cost"] == known["backward:1"] == known["average"] == (1, 0)
    assert known["update"] == (1, 1)
    live = replace(moment_at(Beat("mini_batch")), live=True)
    assert live.costs_known == (1, 1)
