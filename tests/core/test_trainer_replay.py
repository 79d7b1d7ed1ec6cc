"""Played, traced, rewound and replayed: the same numbers bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from explorer.core.experiment import (
    Adagrad,
    Adam,
    AdamW,
    Builtin,
    Experiment,
    OptimizerSpec,
    RmsProp,
    Sgd,
)
from explorer.core.history import Room
from explorer.core.trainer import Trainer

TrainerOf = Callable[..., Trainer]
UPDATES = 230

MOMENTUM = Sgd(learning_rate=0.05, momentum=0.9)
ADAM = Adam(learning_rate=0.01)
POOL: list[OptimizerSpec] = [
    MOMENTUM,
    replace(MOMENTUM, momentum=0.0),
    ADAM,
    AdamW(learning_rate=0.02),
    RmsProp(),
    RmsProp(momentum=0.5),
    Adagrad(initial_accumulator_value=0.5),
]

# (settings after how many updates, from the start on): rate, momentum or betas, size, kind.
SCHEDULES: dict[str, tuple[OptimizerSpec, dict[int, tuple[OptimizerSpec, int]]]] = {
    "sgd": (MOMENTUM, {}),
    "adam": (ADAM, {}),
    "sgd adjusted": (
        MOMENTUM,
        {
            37: (replace(MOMENTUM, learning_rate=0.2), 5),
            80: (replace(MOMENTUM, momentum=0.5), 5),
            120: (replace(MOMENTUM, momentum=0.5), 7),
            161: (ADAM, 7),
            200: (MOMENTUM, 3),
        },
    ),
    "adam adjusted": (
        ADAM,
        {
            40: (replace(ADAM, learning_rate=0.05), 5),
            83: (replace(ADAM, betas=(0.5, 0.9)), 5),
            120: (replace(ADAM, amsgrad=True), 4),
            163: (RmsProp(momentum=0.3), 4),
            200: (ADAM, 5),
        },
    ),
}


def adjusted(experiment: Experiment, spec: OptimizerSpec, size: int) -> Experiment:
    mini_batch = replace(experiment.mini_batch, size=size)
    return replace(experiment, optimizer=spec, mini_batch=mini_batch)


def run_to(
    trainer: Trainer,
    update: int,
    changes: dict[int, tuple[OptimizerSpec, int]],
    one_update: Callable[[Trainer], object] = Trainer.advance,
) -> None:
    """Train on to after ``update``, adjusting on the way as the schedule says."""
    while True:
        if trainer.update in changes:
            trainer.adjust(adjusted(trainer.experiment, *changes[trainer.update]))
        if trainer.update >= update:
            return
        one_update(trainer)


@pytest.fixture(
    scope="module", params=[*((s, "float32") for s in SCHEDULES), ("sgd adjusted", "float64")]
)
def run(request: pytest.FixtureRequest) -> Any:
    """A schedule with the dtype to keep it in."""
    name, dtype = request.param
    return *SCHEDULES[name], dtype


@pytest.fixture(scope="module")
def schedule(run: Any) -> Any:
    """When which settings are taken up."""
    return run[1]


@pytest.fixture(scope="module")
def played(run: Any, trainer_of: TrainerOf) -> Any:
    """A function that makes a trainer at its start, and the states of playing straight on."""
    spec, changes, dtype = run
    build = partial(trainer_of, optimizer=spec, dtype=dtype)
    trainer = build()
    states = {0: trainer.state()}
    while trainer.update < UPDATES:
        run_to(trainer, trainer.update + 1, changes)
        states[trainer.update] = trainer.state()
    assert len({tuple(s.parameters.tolist()) for s in states.values()}) == UPDATES + 1
    return build, states


class TestEveryWayThroughARun:
    def test_traced_is_as_played(self, played: Any, schedule: Any, assert_same_state: Any) -> None:
        build, states = played
        trainer = build()
        run_to(trainer, UPDATES, schedule, lambda t: t.advance_traced(surface=3))
        assert_same_state(trainer.state(), states[UPDATES])

    def test_mixed_is_as_played(self, played: Any, schedule: Any, assert_same_state: Any) -> None:
        build, states = played
        trainer = build()

        def one_update(t: Trainer) -> None:
            t.advance_traced(totals=False) if t.update % 3 else t.advance()

        run_to(trainer, UPDATES, schedule, one_update)
        assert_same_state(trainer.state(), states[UPDATES])

    def test_rewound_and_replayed_is_as_played(
        self, played: Any, schedule: Any, assert_same_state: Any
    ) -> None:
        """Back over every change of settings, each time a bit further, and forward again."""
        build, states = played
        trainer = build()
        run_to(trainer, UPDATES, schedule)
        for back_to in (229, 200, 199, 164, 81, 8, 0):
            trainer.rewind_to(back_to)
            assert trainer.update == back_to
            assert torch.equal(trainer.network.flat, states[back_to].parameters)
            # Settings in force stay in force when rewinding; take up those of that time.
            trainer.adjust(states[back_to].experiment)
            assert_same_state(trainer.state(), states[back_to])
            run_to(trainer, UPDATES, schedule)
            assert_same_state(trainer.state(), states[UPDATES])

    def test_going_back_step_by_step(self, played: Any, schedule: Any) -> None:
        build, states = played
        trainer = build()
        run_to(trainer, UPDATES, schedule)
        for update in range(UPDATES - 1, -1, -9):
            trainer.rewind_to(update)
            assert torch.equal(trainer.network.flat, states[update].parameters)

    def test_retraced_is_as_traced(
        self, played: Any, schedule: Any, assert_same_state: Any, assert_same_trace: Any
    ) -> None:
        build, states = played
        trainer = build()
        traces = {}

        def one_update(t: Trainer) -> None:
            trace = t.advance_traced(surface=4)
            traces[trace.update] = trace

        run_to(trainer, UPDATES, schedule, one_update)
        for update in (230, 229, 201, 200, 164, 120, 81, 41, 1):
            trace = trainer.retrace(update, surface=4)
            assert_same_trace(trace, traces[update])
            assert trainer.update == update
            trainer.adjust(states[update].experiment)
            assert_same_state(trainer.state(), states[update])

    def test_a_state_carries_everything(
        self, played: Any, schedule: Any, assert_same_state: Any
    ) -> None:
        build, states = played
        for update in (0, 100, 162):
            trainer = build()
            trainer.restore(states[update])
            assert_same_state(trainer.state(), states[update])
            run_to(trainer, UPDATES, schedule)
            assert_same_state(trainer.state(), states[UPDATES])


class TestStates:
    def test_a_state_is_not_changed_by_training_on(
        self, trainer_of: TrainerOf, assert_same_state: Any
    ) -> None:
        one, two = trainer_of(optimizer=ADAM), trainer_of(optimizer=ADAM)
        for trainer in (one, two):
            for _ in range(12):
                trainer.advance()
        kept = one.state()
        for _ in range(30):
            one.advance()
        assert_same_state(kept, two.state())
        one.restore(kept)
        for _ in range(30):
            one.advance()
        assert_same_state(kept, two.state())

    def test_a_restored_trainer_can_go_back_to_where_it_began(
        self, trainer_of: TrainerOf, assert_same_state: Any
    ) -> None:
        old = trainer_of(optimizer=MOMENTUM)
        run_to(old, 21, {5: (replace(MOMENTUM, learning_rate=0.5), 4), 13: (ADAM, 5)})
        state = old.state()
        new = trainer_of(optimizer=MOMENTUM)
        new.advance()
        new.restore(state)
        for _ in range(30):
            new.advance()
        new.rewind_to(21)
        assert_same_state(new.state(), state)
        new.rewind_to(33)
        run_to(old, 33, {})
        assert_same_state(new.state(), old.state())


class TestAdjust:
    def test_settings_take_effect_with_the_next_update(self, trainer_of: TrainerOf) -> None:
        trainer = trainer_of(optimizer=Sgd(learning_rate=0.1), dtype="float64")
        trainer.advance()
        trainer.adjust(adjusted(trainer.experiment, Sgd(learning_rate=0.7), 5))
        trace = trainer.advance_traced()
        assert trace.experiment.optimizer == Sgd(learning_rate=0.7)
        for layer in trace.layers:
            assert layer.weight_change == pytest.approx(-0.7 * layer.weight_gradient, abs=1e-15)

    def test_what_needs_a_new_run_is_left_alone(self, trainer_of: TrainerOf) -> None:
        trainer = trainer_of()
        other = replace(trainer.experiment, loss="squared_error", optimizer=ADAM)
        trainer.adjust(other)
        assert trainer.experiment.loss == "half_squared_error"
        assert trainer.experiment.optimizer == ADAM

    def test_a_new_rate_keeps_the_momentum_gathered(self, trainer_of: TrainerOf) -> None:
        """As when a learning rate is changed in ``param_groups``."""
        trainer = trainer_of(optimizer=MOMENTUM, dtype="float64")
        for _ in range(10):
            trainer.advance()
        before = trainer.advance_traced()
        trainer.adjust(adjusted(trainer.experiment, replace(MOMENTUM, learning_rate=0.01), 5))
        trace = trainer.advance_traced()
        for layer, earlier in zip(trace.layers, before.layers, strict=True):
            gathered = earlier.weight_change / -0.05
            expected = -0.01 * (0.9 * gathered + layer.weight_gradient)
            assert layer.weight_change == pytest.approx(expected, rel=1e-9, abs=1e-15)

    def test_a_new_kind_of_optimizer_starts_afresh(self, trainer_of: TrainerOf) -> None:
        trainer = trainer_of(optimizer=MOMENTUM, dtype="float64")
        for _ in range(10):
            trainer.advance()
        trainer.adjust(adjusted(trainer.experiment, ADAM, 5))
        trace = trainer.advance_traced()
        for layer in trace.layers:  # Adam's first step: the rate, in the gradient's direction
            expected = -0.01 * np.sign(layer.weight_gradient)
            assert layer.weight_change == pytest.approx(expected, rel=1e-4)

    @pytest.mark.parametrize("updates", [5, 8, 13])
    @pytest.mark.parametrize(
        ("spec", "tried"),
        [
            (MOMENTUM, [ADAM]),
            (ADAM, [MOMENTUM]),
            (ADAM, [replace(ADAM, amsgrad=True)]),
            (RmsProp(), [RmsProp(momentum=0.5), RmsProp(centered=True)]),
            (Adagrad(), [Adagrad(initial_accumulator_value=1.0)]),
            (Adagrad(initial_accumulator_value=2.0), [MOMENTUM, Adagrad()]),
        ],
    )
    def test_an_optimizer_tried_and_given_up_leaves_no_trace(
        self,
        trainer_of: TrainerOf,
        assert_same_state: Any,
        spec: OptimizerSpec,
        tried: list[OptimizerSpec],
        updates: int,
    ) -> None:
        trainer, other = trainer_of(optimizer=spec), trainer_of(optimizer=spec)
        for each in (trainer, other):
            for _ in range(updates):
                each.advance()
        for attempt in (*tried, spec):
            trainer.adjust(adjusted(trainer.experiment, attempt, 5))
        assert_same_state(trainer.state(), other.state())
        for each in (trainer, other):
            for _ in range(9):
                each.advance()
        assert_same_state(trainer.state(), other.state())
        trainer.rewind_to(updates + 4)
        other.rewind_to(updates + 4)
        assert_same_state(trainer.state(), other.state())

    @pytest.mark.parametrize("after", POOL)
    @pytest.mark.parametrize("before", POOL)
    def test_any_optimizer_can_follow_any_other(
        self,
        trainer_of: TrainerOf,
        assert_same_state: Any,
        before: OptimizerSpec,
        after: OptimizerSpec,
    ) -> None:
        trainer = trainer_of(optimizer=before)
        run_to(trainer, 7, {3: (after, 5)})
        assert trainer.experiment.optimizer == after
        end = trainer.state()
        trainer.rewind_to(2)
        trainer.adjust(adjusted(trainer.experiment, before, 5))
        run_to(trainer, 7, {3: (after, 5)})
        assert_same_state(trainer.state(), end)

    def test_what_was_tried_before_does_not_matter_to_a_fresh_start(
        self, trainer_of: TrainerOf, assert_same_state: Any
    ) -> None:
        wanted = Adagrad(initial_accumulator_value=2.0)
        trainer, other = trainer_of(optimizer=MOMENTUM), trainer_of(optimizer=MOMENTUM)
        run_to(trainer, 3, {})
        trainer.adjust(adjusted(trainer.experiment, Adagrad(initial_accumulator_value=0.5), 5))
        run_to(trainer, 9, {3: (wanted, 5)})
        run_to(other, 9, {3: (wanted, 5)})
        assert_same_state(trainer.state(), other.state())

    def test_settings_in_force_stay_in_force_when_rewinding(self, trainer_of: TrainerOf) -> None:
        trainer = trainer_of(optimizer=MOMENTUM)
        run_to(trainer, 30, {10: (ADAM, 3)})
        trainer.rewind_to(4)
        assert trainer.experiment.optimizer == ADAM
        assert trainer.advance_traced().batch_size == 3

    @pytest.mark.parametrize("go_back", [Trainer.rewind_to, Trainer.retrace])
    def test_going_back_to_a_change_of_settings_that_has_been_changed_back(
        self, trainer_of: TrainerOf, assert_same_state: Any, go_back: Any
    ) -> None:
        """The change at 10 is undone at 15; what follows after going back knows nothing of it."""
        trainer, other = trainer_of(optimizer=MOMENTUM), trainer_of(optimizer=MOMENTUM)
        run_to(trainer, 20, {10: (ADAM, 3), 15: (MOMENTUM, 5)})
        go_back(trainer, 10)
        run_to(trainer, 30, {})
        trainer.rewind_to(13)  # replayed from a keyframe before 10
        run_to(other, 13, {})
        assert_same_state(trainer.state(), other.state())

    def test_going_back_at_the_start_of_a_run(
        self, trainer_of: TrainerOf, assert_same_state: Any
    ) -> None:
        trainer, other = trainer_of(), trainer_of()
        trainer.rewind_to(0)
        assert_same_state(trainer.state(), other.state())
        trainer.adjust(adjusted(trainer.experiment, ADAM, 5))
        trainer.advance()
        trainer.rewind_to(0)
        other.adjust(adjusted(other.experiment, ADAM, 5))
        assert_same_state(trainer.state(), other.state())


def test_set_aside_and_taken_up_again_a_run_can_be_gone_back_over(
    trainer_of: TrainerOf, assert_same_state: Any
) -> None:
    trainer, other = (trainer_of(optimizer=MOMENTUM, engine="torch") for _ in range(2))
    trainer.advance_many(600)
    trainer.set_aside(aside=True)
    trainer.set_aside(aside=False)
    trainer.rewind_to(333)
    other.advance_many(333)
    assert_same_state(trainer.state(), other.state())


def test_far_back_in_a_long_run(trainer_of: TrainerOf, assert_same_state: Any) -> None:
    """Beyond where keyframes have been thinned."""
    build = partial(trainer_of, optimizer=MOMENTUM, data=Builtin(name="xor", examples=40))
    trainer, other = build(), build()
    run_to(trainer, 1800, {700: (replace(MOMENTUM, learning_rate=0.01), 5), 701: (ADAM, 4)})
    trainer.rewind_to(699)
    trainer.adjust(other.experiment)
    run_to(other, 699, {})
    assert_same_state(trainer.state(), other.state())


SPECS = st.sampled_from(POOL)
ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("advance"), st.integers(1, 9)),
        st.tuples(st.just("trace"), st.integers(1, 3)),
        st.tuples(st.just("adjust"), st.tuples(SPECS, st.sampled_from([3, 5]))),
        st.tuples(st.just("rewind"), st.floats(0, 1)),
        st.tuples(st.just("retrace"), st.floats(0, 1)),
    ),
    max_size=14,
)


@settings(
    deadline=None,
    max_examples=120,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(actions=ACTIONS)
def test_any_way_about_ends_where_the_straight_way_does(
    actions: list[tuple[str, Any]],
    trainer_of: TrainerOf,
    assert_same_state: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A trainer sent hither and thither, against one that never looks back.

    All that counts is under which settings each update was made, so the other trainer is told
    these and nothing else. Keyframes are few and soon thinned, so that most are replayed to.
    """
    monkeypatch.setattr("explorer.core.trainer.room_for", lambda *_: Room(spacing=2, capacity=6))
    trainer = trainer_of(optimizer=MOMENTUM)
    now = (trainer.experiment.optimizer, trainer.experiment.mini_batch.size)
    made_under: list[tuple[OptimizerSpec, int]] = []  # settings of update 1, 2, …
    for action, value in actions:
        if action == "adjust":
            now = value
            trainer.adjust(adjusted(trainer.experiment, *value))
        elif action == "rewind":
            update = round(value * len(made_under))
            trainer.rewind_to(update)
            del made_under[update:]
        elif action == "retrace" and made_under:
            update = max(1, round(value * len(made_under)))
            trainer.retrace(update, totals=False)
            del made_under[update:]
        elif action in ("advance", "trace"):
            for _ in range(value):
                trainer.advance() if action == "advance" else trainer.advance_traced(totals=False)
                made_under.append(now)
    straight = trainer_of(optimizer=MOMENTUM)
    for there in (*made_under, now):
        here = (straight.experiment.optimizer, straight.experiment.mini_batch.size)
        if there != here:
            straight.adjust(adjusted(straight.experiment, *there))
        if straight.update < len(made_under):
            straight.advance()
    assert_same_state(trainer.state(), straight.state())
