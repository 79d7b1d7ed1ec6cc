"""The session with real threads and real torch: stepping, playing, going back."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from msgspec.structs import asdict, astuple
from PySide6.QtCore import QObject, Qt, Slot
from pytestqt.qtbot import QtBot

from explorer.core.beats import Beat
from explorer.core.data.dataset import Dataset
from explorer.core.data.load import load
from explorer.core.divergence import DivergenceError
from explorer.core.examples import Evaluation
from explorer.core.experiment import (
    Adam,
    Csv,
    Experiment,
    Layer,
    MiniBatch,
    NetworkSpec,
    Sgd,
)
from explorer.core.moment import Moment
from explorer.core.part_of_network import Weight
from explorer.core.trace import Trace
from explorer.core.trainer import Trainer
from explorer.session.session import Session
from explorer.session.speed import FLAT_OUT, SPEEDS, Speed
from explorer.session.worker_thread import WorkerThread

After = Callable[[Session, Callable[[], None]], None]


def reference(experiment: Experiment, updates: int) -> Trace:
    """The trace of an update from a trainer driven without any session."""
    trainer = Trainer(experiment, load(experiment))
    trainer.advance_many(updates - 1)
    return trainer.advance_traced()


def assert_same(one: Trace, other: Trace) -> None:
    """Equal to the last bit, in parameters, gradients and examples."""
    assert one.update == other.update
    np.testing.assert_array_equal(one.indices, other.indices)
    for a, b in zip(one.layers, other.layers, strict=True):
        for name, values in asdict(a).items():
            if name.endswith("_carried"):
                for mine, theirs in zip(values, getattr(b, name), strict=True):
                    np.testing.assert_array_equal(mine.after, theirs.after, err_msg=mine.name)
            else:
                np.testing.assert_array_equal(values, getattr(b, name), err_msg=name)


def trace_of(session: Session) -> Trace:
    moment = session.moment
    assert moment is not None
    return moment.trace


def shown(session: Session) -> tuple[int, str, int]:
    moment = session.moment
    assert moment is not None
    return moment.trace.update, str(moment.beat), moment.example


def play_until(session: Session, qtbot: QtBot, update: int) -> None:
    session.stop_after(update)
    with qtbot.waitSignal(
        session.playing_changed, timeout=60_000, check_params_cb=lambda on: not on
    ):
        session.play()


def test_a_run_begins_at_the_first_beat_of_the_first_update(opened: Session) -> None:
    assert shown(opened) == (1, "mini_batch", 0)
    assert opened.at_start
    assert not opened.playing


def test_stepping_goes_through_every_beat_and_into_the_next_update(
    opened: Session, circles: Experiment, after: After
) -> None:
    seen = [shown(opened)[1]]
    for _ in range(10):
        after(opened, opened.step)
        seen.append(shown(opened)[1])
    assert seen == [
        "mini_batch", "forward:1", "forward:2", "forward:3", "cost",
        "backward:3", "backward:2", "backward:1", "average", "update", "mini_batch",
    ]  # fmt: skip
    assert shown(opened)[0] == 2
    moment = opened.moment
    assert moment is not None
    assert_same(moment.trace, reference(circles, 2))


def test_back_undoes_beats_and_then_updates(
    opened: Session, circles: Experiment, after: After
) -> None:
    for _ in range(22):
        after(opened, opened.step)
    assert shown(opened) == (3, "cost", 0) or shown(opened)[0] == 3
    forward = shown(opened)
    for _ in range(22):
        after(opened, opened.back)
    assert shown(opened) == (1, "mini_batch", 0)
    for _ in range(22):
        after(opened, opened.step)
    assert shown(opened) == forward
    moment = opened.moment
    assert moment is not None
    assert_same(moment.trace, reference(circles, 3))


def test_back_at_the_very_beginning_stays_there(opened: Session, after: After) -> None:
    after(opened, opened.back)
    assert shown(opened) == (1, "mini_batch", 0)


def test_mini_batch_steps_show_whole_updates_and_back_undoes_them(
    opened: Session, circles: Experiment, after: After
) -> None:
    places = []
    for _ in range(3):
        after(opened, lambda: opened.step("mini_batch"))
        places.append(shown(opened)[:2])
    assert places == [(1, "update"), (2, "update"), (3, "update")]
    after(opened, lambda: opened.back("mini_batch"))
    assert shown(opened)[:2] == (2, "update")
    moment = opened.moment
    assert moment is not None
    assert_same(moment.trace, reference(circles, 2))


def test_example_steps_take_each_member_in_turn(opened: Session, after: After) -> None:
    places = []
    for _ in range(14):
        after(opened, lambda: opened.step("example"))
        places.append(shown(opened))
    assert places[:10] == [(1, "backward:1", member) for member in range(10)]
    assert places[10:] == [
        (1, "average", 9), (1, "update", 9), (2, "mini_batch", 0), (2, "backward:1", 0),
    ]  # fmt: skip
    for _ in range(2):
        after(opened, lambda: opened.back("example"))
    assert shown(opened)[:2] == (1, "update")


def test_an_epoch_step_ends_with_the_epoch_and_back_returns(
    opened: Session, qtbot: QtBot, after: After
) -> None:
    for epoch in (1, 2):
        with qtbot.waitSignal(
            opened.playing_changed, timeout=60_000, check_params_cb=lambda on: not on
        ):
            opened.step("epoch")
        moment = opened.moment
        assert moment is not None
        assert (moment.trace.epoch, moment.trace.mini_batch) == (epoch, 25)
        assert moment.trace.mini_batches == 25
    after(opened, lambda: opened.back("epoch"))
    assert shown(opened)[:2] == (25, "update")


def test_playing_stops_at_the_chosen_update_with_the_numbers_of_the_command_line(
    opened: Session, circles: Experiment, qtbot: QtBot
) -> None:
    play_until(opened, qtbot, 200)
    moment = opened.moment
    assert moment is not None
    assert moment.trace.update == 200
    assert not moment.live
    assert moment.trace.total_cost_after is not None
    assert_same(moment.trace, reference(circles, 200))
    assert len(opened.costs) == 200
    trainer = Trainer(circles, load(circles))
    costs = [trainer.advance() for _ in range(200)]
    drawn = opened.costs.outline(1, len(costs), len(costs)).low
    np.testing.assert_array_equal(drawn, np.array(costs, np.float32))
    assert opened.costs.totals.column("update")[0] == 0


def test_where_playing_ends_the_total_costs_before_and_after_the_update_are_known(
    opened: Session, circles: Experiment, qtbot: QtBot, after: After
) -> None:
    play_until(opened, qtbot, 200)
    after(opened, lambda: opened.back("beat"))
    moment = opened.moment
    assert moment is not None
    assert moment.costs_known[1] == 199
    trainer = Trainer(circles, load(circles))
    for update in (199, 200):
        trainer.advance_many(update - trainer.update)
        known = opened.costs.totals.nearest(update)
        assert known is not None
        assert known.update == update
        train, test = trainer.evaluate(), trainer.evaluate(test=True)
        assert (known.train, known.test) == (train.cost, test.cost)
        assert (known.train_accuracy, known.test_accuracy) == (train.accuracy, test.accuracy)


def test_an_engine_that_holds_the_gil_plays_the_same_way(
    session: Session, circles: Experiment, qtbot: QtBot, after: After
) -> None:
    torch_run = msgspec.structs.replace(circles, engine="torch")
    after(session, lambda: session.open(torch_run, Path()))
    live: list[int] = []
    session.showed.connect(lambda moment: moment.live and live.append(moment.trace.update))
    play_until(session, qtbot, 130)
    assert live
    moment = session.moment
    assert moment is not None
    assert_same(moment.trace, reference(torch_run, 130))
    assert len(session.costs) == 130


def test_going_back_two_hundred_updates_is_exact_also_with_adam(
    session: Session, circles: Experiment, qtbot: QtBot, after: After
) -> None:
    adam = msgspec.structs.replace(circles, optimizer=Adam(learning_rate=0.01))
    after(session, lambda: session.open(adam, Path()))
    play_until(session, qtbot, 230)
    for update in range(229, 19, -1):
        after(session, lambda: session.back("mini_batch"))
        assert shown(session)[:2] == (update, "update")
    moment = session.moment
    assert moment is not None
    assert_same(moment.trace, reference(adam, 20))
    assert len(session.costs) == 20
    play_until(session, qtbot, 230)
    moment = session.moment
    assert moment is not None
    assert_same(moment.trace, reference(adam, 230))


def test_looking_back_shows_earlier_updates_as_they_were_and_leaves_the_run_where_it_is(
    session: Session, circles: Experiment, qtbot: QtBot, after: After
) -> None:
    adam = msgspec.structs.replace(circles, optimizer=Adam(learning_rate=0.01))
    after(session, lambda: session.open(adam, Path()))
    play_until(session, qtbot, 230)
    present, run = session.moment, reference(adam, 230)
    for update in (40, 220, 1, 229):
        after(session, lambda update=update: session.look_back(update))
        moment = session.moment
        assert moment is not None
        assert moment.past
        assert moment.live
        assert moment.updated
        known = reference(adam, update)
        assert_same(moment.trace, known)
        assert moment.trace.total_cost_before == known.total_cost_before
        assert moment.trace.total_cost_after == known.total_cost_after
        assert len(session.costs) == 230
    after(session, session.look_back_no_more)
    assert shown(session)[:2] == (230, "update")
    assert session.moment is not None
    assert present is not None
    assert session.moment.trace is present.trace
    after(session, lambda: session.look_back(100))
    after(session, lambda: session.step("mini_batch"))
    assert_same(trace_of(session), reference(adam, 231))
    assert_same(present.trace, run)


def test_of_all_that_a_knob_passes_the_last_is_shown_in_the_end(
    opened: Session, qtbot: QtBot
) -> None:
    play_until(opened, qtbot, 300)
    seen: list[int] = []
    opened.showed.connect(lambda moment: seen.append(moment.trace.update))
    for update in range(299, 99, -1):
        opened.look_back(update)
    qtbot.waitUntil(lambda: bool(seen) and seen[-1] == 100, timeout=30_000)
    assert len(seen) < 100
    with qtbot.waitSignal(opened.showed, timeout=30_000):
        opened.look_back(300)  # where the run is
    assert opened.moment is not None
    assert not opened.moment.past


def test_going_back_to_what_is_looked_at_shows_nothing_else_in_between(
    opened: Session, circles: Experiment, qtbot: QtBot, after: After
) -> None:
    play_until(opened, qtbot, 60)
    after(opened, lambda: opened.look_back(20))
    seen: list[tuple[int, bool]] = []
    opened.showed.connect(lambda moment: seen.append((moment.trace.update, moment.past)))
    with qtbot.waitSignal(opened.showed, timeout=30_000):
        opened.rewind_to(20)
        opened.look_back_no_more()
    assert seen == [(20, False)]
    assert len(opened.costs) == 20
    after(opened, lambda: opened.step("mini_batch"))
    assert_same(trace_of(opened), reference(circles, 21))


def test_looking_back_anew_shows_nothing_that_was_wanted_before(
    opened: Session, qtbot: QtBot
) -> None:
    play_until(opened, qtbot, 300)
    seen: list[tuple[int, bool]] = []
    opened.showed.connect(lambda moment: seen.append((moment.trace.update, moment.past)))
    opened.look_back(20)
    opened.look_back_no_more()
    opened.look_back(30)
    opened.look_back(40)
    qtbot.waitUntil(lambda: (40, True) in seen, timeout=30_000)
    assert seen == [(300, False), (30, True), (40, True)]


def test_playing_on_ends_looking_back(opened: Session, qtbot: QtBot, after: After) -> None:
    play_until(opened, qtbot, 60)
    after(opened, lambda: opened.look_back(20))
    seen: list[tuple[int, bool]] = []
    opened.showed.connect(lambda moment: seen.append((moment.trace.update, moment.past)))
    opened.look_back(30)  # which comes when playing has begun
    play_until(opened, qtbot, 70)
    assert seen[0] == (60, False)
    assert not any(past for _, past in seen)


def test_an_update_that_cannot_be_recorded_is_passed_over_while_looking_back(
    opened: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    play_until(opened, qtbot, 60)
    look_back = Trainer.look_back

    def refusing(self: Trainer, update: int, **keywords: bool) -> Trace:
        if update == 20:
            raise DivergenceError(update, "the cost")
        return look_back(self, update, **keywords)

    monkeypatch.setattr(Trainer, "look_back", refusing)
    failures: list[str] = []
    opened.failed.connect(failures.append)
    opened.look_back(20)
    with qtbot.waitSignal(opened.showed, timeout=30_000):
        opened.look_back(21)
    assert shown(opened)[0] == 21
    assert not failures


def test_a_run_that_was_gone_back_over_is_brought_back_as_it_was(
    session: Session, circles: Experiment, qtbot: QtBot, after: After
) -> None:
    adam = msgspec.structs.replace(circles, optimizer=Adam(learning_rate=0.01))
    after(session, lambda: session.open(adam, Path()))
    play_until(session, qtbot, 60)
    first, left, costs = session.run_number, trace_of(session), session.costs.outline(1, 60, 60)
    with qtbot.waitSignals([session.rewound, session.showed], timeout=30_000):
        session.rewind_to(20)
    second = session.run_number
    assert second != first
    assert_same(trace_of(session), reference(adam, 20))
    faster = msgspec.structs.replace(adam, optimizer=Adam(learning_rate=0.2))
    session.adjust(faster)
    after(session, lambda: session.step("mini_batch"))
    assert trace_of(session).update == 21
    session.bring_back(first)
    assert trace_of(session) is left
    assert session.experiment == adam
    np.testing.assert_array_equal(session.costs.outline(1, 60, 60).high, costs.high)
    after(session, lambda: session.step("mini_batch"))
    assert_same(trace_of(session), reference(adam, 61))
    session.bring_back(second)
    assert (len(session.costs), session.experiment) == (21, faster)
    after(session, lambda: session.back("mini_batch"))
    assert_same(trace_of(session), reference(adam, 20))


def test_an_edit_taken_back_after_going_back_over_it_is_trained_up_to_again(
    opened: Session, circles: Experiment, qtbot: QtBot, after: After
) -> None:
    play_until(opened, qtbot, 100)
    before = trace_of(opened).parameter(Weight(1, 0, 0))
    after(opened, lambda: opened.edit(Weight(1, 0, 0), 2.0))
    after(opened, lambda: opened.rewind_to(40))
    after(opened, lambda: opened.edit(Weight(1, 0, 0), before, 100))
    assert_same(trace_of(opened), reference(circles, 100))
    trainer = Trainer(circles, load(circles))
    costs = trainer.advance_many(100)
    assert len(opened.costs) == 100
    for update in range(1, 101):
        assert opened.costs.around(update)[0] == pytest.approx(costs[update - 1], rel=1e-6)


def test_pausing_shows_the_last_update_made(
    opened: Session, circles: Experiment, qtbot: QtBot
) -> None:
    with qtbot.waitSignals([opened.showed] * 5, timeout=30_000):
        opened.play()
    with qtbot.waitSignal(
        opened.playing_changed, timeout=30_000, check_params_cb=lambda on: not on
    ):
        opened.pause()
    moment = opened.moment
    assert moment is not None
    assert not moment.live
    assert len(opened.costs) == moment.trace.update
    assert_same(moment.trace, reference(circles, moment.trace.update))


def test_a_step_while_playing_pauses(opened: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignals([opened.showed] * 2, timeout=30_000):
        opened.play()
    with qtbot.waitSignal(
        opened.playing_changed, timeout=30_000, check_params_cb=lambda on: not on
    ):
        opened.step()
    assert not opened.playing


def test_readable_speeds_play_beats(opened: Session, qtbot: QtBot) -> None:
    opened.set_speed(Speed("beat", 200.0))
    seen: list[str] = []
    opened.showed.connect(lambda moment: seen.append(str(moment.beat)))
    with qtbot.waitSignals([opened.showed] * 12, timeout=30_000):
        opened.play()
    opened.pause()
    assert not opened.playing
    assert seen[:10] == [
        "forward:1", "forward:2", "forward:3", "cost",
        "backward:3", "backward:2", "backward:1", "average", "update", "mini_batch",
    ]  # fmt: skip


def test_training_up_to_an_update_stops_there_at_any_speed(
    opened: Session, circles: Experiment, qtbot: QtBot, after: After
) -> None:
    opened.set_speed(Speed("beat", 0.01))
    opened.stop_after(40)
    with qtbot.waitSignal(
        opened.playing_changed, timeout=30_000, check_params_cb=lambda on: not on
    ):
        opened.train_to(50)
    assert shown(opened)[:2] == (50, "update")
    assert_same(trace_of(opened), reference(circles, 50))
    opened.set_speed(FLAT_OUT)
    play_until(opened, qtbot, 60)  # which is not to be the end of it any more
    after(opened, lambda: opened.show_beat(Beat("cost")))
    after(opened, lambda: opened.train_to(60))
    assert shown(opened)[:2] == (60, "update")
    with qtbot.assertNotEmitted(opened.showed):
        opened.train_to(59)


def test_a_speed_chosen_while_training_up_to_an_update_leaves_the_end_where_it_is(
    opened: Session, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(
        opened.playing_changed, timeout=30_000, check_params_cb=lambda on: not on
    ):
        opened.train_to(2_000)
        opened.set_speed(Speed("update", 10_000.0))
        opened.stop_after(1_500)
    assert shown(opened)[:2] == (2_000, "update")


@pytest.mark.parametrize("while_arriving", [True, False])
def test_another_speed_at_the_update_to_stop_after_does_not_go_beyond_it(
    opened: Session, qtbot: QtBot, while_arriving: bool
) -> None:
    stops: list[bool] = []
    opened.playing_changed.connect(stops.append)
    opened.train_to(102)
    opened.set_speed(Speed("beat", 1000.0))
    if not while_arriving:
        qtbot.waitUntil(lambda: opened.update == 102 and not opened.waiting, timeout=30_000)
    opened.set_speed(FLAT_OUT)
    qtbot.waitUntil(lambda: not opened.playing, timeout=30_000)
    assert stops == [True, False]
    assert shown(opened)[:2] == (102, "update")
    assert len(opened.costs) == 102


def test_another_end_leaves_the_speed_of_training_up_to_an_update(
    opened: Session, qtbot: QtBot
) -> None:
    opened.set_speed(Speed("beat", 0.01))
    with qtbot.waitSignal(
        opened.playing_changed, timeout=30_000, check_params_cb=lambda on: not on
    ):
        opened.train_to(20_000)
        assert not opened.unhurried
        opened.stop_after(7)
    assert shown(opened)[:2] == (20_000, "update")


def test_a_speed_chosen_while_pausing_does_not_let_it_go_on(opened: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignals([opened.showed] * 2, timeout=30_000):
        opened.play()
    stops: list[bool] = []
    opened.playing_changed.connect(stops.append)
    opened.pause()
    opened.set_speed(Speed("beat", 200.0))
    qtbot.waitUntil(lambda: bool(stops) or not opened.waiting, timeout=30_000)
    assert stops == [False]


def test_speed_changes_while_playing_between_beats_and_updates(
    opened: Session, circles: Experiment, qtbot: QtBot
) -> None:
    opened.set_speed(Speed("beat", 200.0))
    opened.play()
    opened.set_speed(FLAT_OUT)
    with qtbot.waitSignal(
        opened.showed, timeout=30_000, check_params_cb=lambda moment: moment.live
    ):
        pass
    opened.set_speed(Speed("beat", 200.0))
    with qtbot.waitSignal(
        opened.showed,
        timeout=30_000,
        check_params_cb=lambda moment: moment.beat == Beat("forward", 1),
    ):
        pass
    assert opened.playing
    opened.pause()
    moment = opened.moment
    assert moment is not None
    assert_same(moment.trace, reference(circles, moment.trace.update))


def test_a_new_rate_remakes_the_update_that_has_not_moved_yet(
    opened: Session, circles: Experiment, after: After
) -> None:
    for _ in range(3):
        after(opened, opened.step)
    faster = msgspec.structs.replace(circles, optimizer=Sgd(learning_rate=0.7))
    after(opened, lambda: opened.adjust(faster))
    assert shown(opened)[:2] == (1, "forward:3")
    moment = opened.moment
    assert moment is not None
    assert_same(moment.trace, reference(faster, 1))


def test_new_settings_while_playing_need_no_restart(
    opened: Session, circles: Experiment, qtbot: QtBot
) -> None:
    restarts: list[object] = []
    opened.restarted.connect(restarts.append)
    changed = msgspec.structs.replace(
        circles, optimizer=Adam(learning_rate=0.003), mini_batch=MiniBatch(size=7)
    )
    with qtbot.waitSignals([opened.showed] * 3, timeout=30_000):
        opened.play()
    opened.adjust(changed)
    with qtbot.waitSignal(
        opened.showed,
        timeout=30_000,
        check_params_cb=lambda moment: moment.trace.experiment == changed,
    ):
        pass
    opened.pause()
    qtbot.waitUntil(lambda: not opened.playing, timeout=30_000)
    moment = opened.moment
    assert moment is not None
    assert isinstance(moment.experiment.optimizer, Adam)
    assert moment.trace.batch_size <= 7
    assert not restarts


def test_another_network_restarts_and_clears_the_costs(
    opened: Session, circles: Experiment, qtbot: QtBot
) -> None:
    play_until(opened, qtbot, 30)
    layers = circles.network.layers[1:]
    smaller = msgspec.structs.replace(
        circles, network=msgspec.structs.replace(circles.network, layers=layers)
    )
    with qtbot.waitSignals([opened.restarted, opened.showed], timeout=30_000):
        opened.adjust(smaller)
    assert shown(opened)[:2] == (1, "mini_batch")
    assert len(opened.costs) == 1


def test_divergence_pauses_with_a_message_and_back_works(
    opened: Session, circles: Experiment, qtbot: QtBot, after: After
) -> None:
    linear = msgspec.structs.replace(
        circles,
        loss="squared_error",
        network=msgspec.structs.replace(
            circles.network,
            layers=tuple(
                msgspec.structs.replace(layer, activation="linear")
                for layer in circles.network.layers
            ),
        ),
        optimizer=Sgd(learning_rate=0.5),
    )
    after(opened, lambda: opened.open(linear, Path()))
    with qtbot.waitSignal(opened.failed, timeout=30_000) as failed:
        opened.play()
    moment = opened.moment
    assert moment is not None
    update = moment.trace.update
    named = re.search(r"update (\d+) made", failed.args[0])
    assert named is not None
    assert int(named[1]) > update >= int(named[1]) - 2
    assert not opened.playing
    for layer in moment.trace.layers:
        assert all(np.isfinite(values).all() for values in astuple(layer))
    assert_same(moment.trace, reference(linear, update))
    after(opened, lambda: opened.back("mini_batch"))
    assert shown(opened)[0] == update - 1
    calmer = msgspec.structs.replace(linear, optimizer=Sgd(learning_rate=1e-6))
    opened.adjust(calmer)
    after(opened, lambda: opened.step("mini_batch"))
    assert shown(opened)[0] == update


def test_a_wrong_experiment_changes_nothing(
    opened: Session, circles: Experiment, qtbot: QtBot, after: After
) -> None:
    after(opened, opened.step)
    three = msgspec.structs.replace(circles.network.layers[-1], units=3)
    wrong = msgspec.structs.replace(
        circles,
        network=msgspec.structs.replace(
            circles.network, layers=(*circles.network.layers[:-1], three)
        ),
    )
    with qtbot.waitSignal(opened.failed, timeout=30_000) as failed:
        opened.open(wrong)
    assert "$.network.layers[2].units" in failed.args[0]
    assert opened.experiment == circles
    assert shown(opened) == (1, "forward:1", 0)
    after(opened, opened.step)
    assert shown(opened) == (1, "forward:2", 0)


@pytest.fixture
def table(tmp_path: Path) -> Experiment:
    """An experiment on a file that lies in the folder ``good``; the folder ``bad`` is empty."""
    for name in ("good", "bad"):
        (tmp_path / name).mkdir()
    rows = [f"{k},{k * k % 7},{k % 2}" for k in range(40)]
    (tmp_path / "good" / "table.csv").write_text("\n".join(["a,b,y", *rows]), encoding="utf-8")
    network = NetworkSpec((Layer(3), Layer(1)))
    return Experiment(data=Csv(path="table.csv", target=("y",)), network=network, device="cpu")


def test_a_run_that_cannot_begin_leaves_the_one_before_as_it_is(
    session: Session, table: Experiment, qtbot: QtBot, tmp_path: Path, after: After
) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    after(session, lambda: session.open(table, good))
    run = session.run_number
    faster = msgspec.structs.replace(table, optimizer=Sgd(0.5))
    after(session, lambda: session.adjust(faster))
    after(session, lambda: session.step("mini_batch"))
    with qtbot.waitSignal(session.failed, timeout=30_000) as failed:
        session.open(table, bad)
        assert session.waiting
    assert "table.csv" in failed.args[0]
    assert (session.folder, session.experiment, session.run_number) == (good, faster, run)
    after(session, lambda: session.step("mini_batch"))
    expected = Trainer(faster, load(table, good))
    expected.advance()
    assert_same(trace_of(session), expected.advance_traced())
    other_loss = msgspec.structs.replace(faster, loss="squared_error")
    after(session, lambda: session.adjust(other_loss))
    assert trace_of(session).experiment == other_loss


@pytest.mark.parametrize("command", ["step", "play"])
def test_a_run_left_amid_a_command_is_brought_back_where_the_command_ended(
    opened: Session, circles: Experiment, qtbot: QtBot, after: After, command: str
) -> None:
    first = opened.run_number
    after(opened, lambda: opened.step("mini_batch"))
    with qtbot.waitSignal(opened.restarted, timeout=30_000):
        getattr(opened, command)(*(["mini_batch"] if command == "step" else []))
        opened.open(msgspec.structs.replace(circles, title="another"))
    qtbot.waitUntil(lambda: opened.ready)
    opened.bring_back(first)
    moment = opened.moment
    assert moment is not None
    assert not moment.live
    left = moment.trace.update
    assert left == 2 if command == "step" else left >= 1
    with qtbot.waitSignal(opened.costs_changed, timeout=10_000):
        pass  # how long measuring takes, and after which update it was done, is of this run again
    after(opened, lambda: opened.step("mini_batch"))
    assert_same(trace_of(opened), reference(circles, left + 1))


def test_looking_back_measures_no_totals_where_that_takes_long(
    opened: Session, qtbot: QtBot, after: After, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate, slow = Trainer.evaluate, [True]

    def slowed(self: Trainer, **keywords: Any) -> Evaluation:
        until = time.perf_counter() + 0.02 * slow[0]
        while time.perf_counter() < until:
            pass
        return evaluate(self, **keywords)

    monkeypatch.setattr(Trainer, "evaluate", slowed)
    after(opened, opened.reset)
    play_until(opened, qtbot, 30)
    after(opened, lambda: opened.look_back(7))
    assert trace_of(opened).update == 7
    assert trace_of(opened).total_cost_after is None
    slow[0] = False  # for once, and as it comes to rest again: what is quick may have to wait
    after(opened, lambda: opened.step("mini_batch"))
    slow[0] = True
    after(opened, lambda: opened.step("mini_batch"))
    after(opened, lambda: opened.look_back(7))
    assert trace_of(opened).total_cost_after is not None


class GivesUp(QObject):
    """Brings an earlier run back as soon as a photograph of another waits to be shown."""

    def __init__(self, session: Session, run: int) -> None:
        super().__init__()
        self._session, self._back_to = session, run
        self.shown: list[Experiment] = []  # since then
        self.photographs = 0
        session.showed.connect(self._watch)
        thread = session.findChild(WorkerThread)
        assert thread is not None
        # After the session's own slot, as it is connected later.
        thread.worker.traced.connect(self._arrive, Qt.ConnectionType.QueuedConnection)

    @Slot(object)
    def _watch(self, moment: Moment) -> None:
        self.shown.append(moment.trace.experiment)
        if moment.live:  # takes longer than a tick has, so that the next waits for one
            self.photographs += 1
            until = time.perf_counter() + 0.025
            while time.perf_counter() < until:
                pass

    @Slot(int, object, bool)
    def _arrive(self, run: int, trace: Trace, live: bool) -> None:
        del trace
        if live and run != self._back_to and self.photographs == 3:
            self._session.bring_back(self._back_to)
            self.photographs, self.shown = 0, []


def test_photographs_of_another_run_are_not_shown_over_one_brought_back(
    opened: Session, circles: Experiment, qtbot: QtBot, after: After
) -> None:
    first = opened.run_number
    other = msgspec.structs.replace(circles, title="another")
    after(opened, lambda: opened.open(other))
    watch = GivesUp(opened, first)
    opened.play()
    qtbot.waitUntil(lambda: opened.run_number == first)
    qtbot.waitUntil(lambda: not opened.turns.timer.isActive())
    assert watch.shown == []
    for _ in range(2):  # to the end of the first update, and of the second
        after(opened, lambda: opened.step("mini_batch"))
    assert_same(trace_of(opened), reference(circles, 2))


def test_what_changes_while_a_run_is_to_begin_begins_another(
    opened: Session, circles: Experiment, qtbot: QtBot
) -> None:
    """A new rate alone, too, as the run that it would be of is not there yet."""
    other = msgspec.structs.replace(circles, loss="squared_error")
    both = msgspec.structs.replace(other, optimizer=Sgd(0.25))
    opened.adjust(other)
    opened.adjust(both)
    qtbot.waitUntil(lambda: opened.ready and opened.experiment == both)
    assert trace_of(opened).experiment == both
    assert trace_of(opened).update == 1


def test_facts_of_a_run_that_is_over_are_ignored(
    session: Session, circles: Experiment, qtbot: QtBot
) -> None:
    other = msgspec.structs.replace(circles, title="the second")
    with qtbot.waitSignal(session.showed, timeout=60_000):
        session.open(circles, Path())
        session.open(other)
    moment = session.moment
    assert moment is not None
    assert moment.experiment.title == "the second"


def test_a_run_goes_on_beyond_the_updates_that_32_bits_count(
    session: Session,
    circles: Experiment,
    after: After,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    far, begin = 2**33, Trainer.__init__

    def begin_far_on(self: Trainer, experiment: Experiment, dataset: Dataset) -> None:
        begin(self, experiment, dataset)
        self.restore(msgspec.structs.replace(self.state(), update=far))

    monkeypatch.setattr(Trainer, "__init__", begin_far_on)
    after(session, lambda: session.open(circles, Path()))
    after(session, lambda: session.step("mini_batch"))
    after(session, lambda: session.step("mini_batch"))
    assert shown(session)[0] == far + 2
    after(session, lambda: session.back("mini_batch"))
    assert shown(session)[0] == far + 1
    after(session, lambda: session.edit(Weight(1, 0, 0), 0.5))
    assert shown(session)[0] == far + 1
    play_until(session, qtbot, far + 40)
    assert shown(session)[0] == far + 40


def test_an_exception_in_the_worker_becomes_one_message(
    opened: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> Trace:
        raise RuntimeError("a fault put in by the test")

    monkeypatch.setattr(Trainer, "advance_traced", broken)
    messages: list[str] = []
    opened.failed.connect(messages.append)
    with qtbot.waitSignal(opened.failed, timeout=30_000):
        opened.step("mini_batch")  # to the end of the update on screen
        opened.step("mini_batch")
    assert messages == ["Training stopped: RuntimeError: a fault put in by the test"]
    monkeypatch.undo()
    with qtbot.waitSignal(opened.showed, timeout=30_000):
        opened.step("mini_batch")
    assert shown(opened)[0] == 2


def test_the_gui_thread_stays_free_while_training(opened: Session, qtbot: QtBot) -> None:
    opened.play()
    for _ in range(5):  # an event loop that still turns delivers timers
        with qtbot.waitSignal(opened.costs_changed, timeout=30_000):
            pass
    opened.pause()
    qtbot.waitUntil(lambda: not opened.playing, timeout=30_000)


def test_speeds_go_from_readable_to_flat_out() -> None:
    assert SPEEDS[0].unit == "beat"
    assert SPEEDS[-1] == FLAT_OUT
    assert [str(s) for s in (SPEEDS[1], SPEEDS[5], FLAT_OUT)] == [
        "1 beat/s", "2 updates/s", "flat out",
    ]  # fmt: skip


class TestLookingInside:
    def inner(self, session: Session) -> bool:
        assert session.moment is not None
        surface = session.moment.trace.surface
        assert surface is not None
        return bool(surface.inner_after)

    def test_makes_the_trace_on_screen_again_with_what_hidden_neurons_say(
        self, opened: Session, after: After
    ) -> None:
        """The same update, beat and example, and the same numbers."""
        after(opened, lambda: opened.step("mini_batch"))
        after(opened, lambda: opened.step("beat"))
        after(opened, lambda: opened.focus_example(2))
        assert opened.moment is not None
        before, place = opened.moment.trace, shown(opened)
        assert not self.inner(opened)
        after(opened, lambda: opened.look_inside(True))
        assert self.inner(opened)
        assert shown(opened) == place
        assert_same(opened.moment.trace, before)

    def test_holds_for_the_traces_that_follow_and_for_new_runs(
        self, opened: Session, after: After, circles: Experiment, qtbot: QtBot
    ) -> None:
        after(opened, lambda: opened.look_inside(True))
        after(opened, lambda: opened.step("mini_batch"))
        assert self.inner(opened)
        live = []
        opened.showed.connect(lambda moment: live.append(bool(moment.trace.surface.inner_after)))
        play_until(opened, qtbot, 200)
        assert live
        assert all(live)
        after(opened, lambda: opened.open(circles))
        assert self.inner(opened)
        opened.look_inside(False)
        after(opened, lambda: opened.step("mini_batch"))
        after(opened, lambda: opened.step("mini_batch"))
        assert not self.inner(opened)

    def test_asked_for_while_a_step_is_awaited_it_comes_all_the_same(
        self, opened: Session, qtbot: QtBot
    ) -> None:
        opened.step("mini_batch")
        opened.look_inside(True)
        qtbot.waitUntil(lambda: opened.ready and self.inner(opened), timeout=30_000)
