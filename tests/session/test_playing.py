"""Playing by itself: by a timer of its own for beats, by what it tells the worker for updates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from explorer.session.playing import Playing
from explorer.session.speed import FLAT_OUT, Speed

BEATS, FEW, MANY = Speed("beat", 500.0), Speed("update", 5.0), Speed("update", 1000.0)


@pytest.fixture
def playing(qtbot: QtBot) -> Iterator[Playing]:
    del qtbot  # without an application there are no timers
    parent = QObject()
    made = Playing(parent)
    yield made
    made.close()


@pytest.fixture
def told(playing: Playing) -> list[tuple[Any, ...]]:
    """What the worker was told, and whether playing goes on."""
    facts: list[tuple[Any, ...]] = []
    playing.train.connect(lambda *how: facts.append(("train", *how)))
    playing.set_pace.connect(lambda *how: facts.append(("set_pace", *how)))
    playing.changed.connect(lambda on: facts.append(("changed", on)))
    return facts


def test_at_a_speed_of_beats_one_after_the_other_is_due(
    playing: Playing, told: list[tuple[Any, ...]], qtbot: QtBot
) -> None:
    assert not playing.set_speed(BEATS)
    with qtbot.waitSignals([playing.beat_due] * 3, timeout=5000):
        playing.start()
    assert playing.on
    assert playing.by_beats
    playing.stop()
    assert not playing.by_beats
    assert told == [("changed", True), ("changed", False)]


def test_at_a_speed_of_updates_the_worker_is_told(
    playing: Playing, told: list[tuple[Any, ...]]
) -> None:
    playing.set_speed(MANY)
    playing.stop_after(70)
    playing.start()
    assert told == [("changed", True), ("train", MANY, 70, False)]
    assert not playing.by_beats
    assert not playing.unhurried
    told.clear()
    assert not playing.set_speed(FEW)
    playing.stop_after(0)
    assert told == [("set_pace", FEW, 70), ("set_pace", FEW, 0)]
    assert playing.unhurried


def test_updates_have_to_end_before_beats_can_follow(playing: Playing) -> None:
    playing.start()
    assert playing.set_speed(BEATS)
    playing.stop()
    assert not playing.set_speed(FLAT_OUT)
    assert not playing.set_speed(BEATS), "nothing has to end"


def test_beats_go_over_to_updates_when_it_is_started_anew(
    playing: Playing, told: list[tuple[Any, ...]], qtbot: QtBot
) -> None:
    playing.set_speed(BEATS)
    playing.start()
    assert not playing.set_speed(MANY)
    with qtbot.waitSignal(playing.beat_due, timeout=5000):  # at once, to take it up
        assert playing.by_beats
    playing.start()
    assert not playing.by_beats
    assert told == [("changed", True), ("train", MANY, 0, False)]


def test_training_up_to_an_update_is_flat_out_and_forgets_the_update_in_the_end(
    playing: Playing, told: list[tuple[Any, ...]]
) -> None:
    playing.set_speed(FEW)
    playing.stop_after(900)
    playing.train_to(400)
    assert playing.last == 400
    playing.stop()
    assert playing.last == 900
    playing.train_to_epoch_end()
    assert told == [
        ("changed", True),
        ("train", FLAT_OUT, 400, False),
        ("changed", False),
        ("changed", True),
        ("train", FLAT_OUT, 900, True),
    ]


def test_what_comes_to_rest_does_not_resume_later(playing: Playing) -> None:
    playing.start()
    playing.resumes = True
    playing.stop()
    assert not playing.resumes


def test_closed_it_says_no_more(playing: Playing, told: list[tuple[Any, ...]]) -> None:
    playing.set_speed(BEATS)
    playing.start()
    told.clear()
    playing.close()
    assert not playing.by_beats
    assert told == []
