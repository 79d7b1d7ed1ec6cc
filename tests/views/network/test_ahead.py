from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from explorer.views.network.ahead import Ahead


class Stage(QObject):
    """Draws by passing a moment on, as soon as a gate is open."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.drawn: list[Any] = []
        self.arrived: list[Any] = []
        self.ahead = Ahead(self._prepare, self)
        self.ahead.arrived.connect(self.arrived.append)

    def _prepare(self, moment: Any) -> Callable[[], Any]:
        def work() -> Any:
            assert self.gate.wait(20)
            self.drawn.append(moment)
            return moment

        return work


@pytest.fixture
def stage(qapp: object) -> Stage:
    del qapp
    return Stage()


def test_of_many_the_first_and_the_last_arrive(stage: Stage, qtbot: QtBot) -> None:
    for moment in "abcd":
        stage.ahead.offer(moment)  # type: ignore[arg-type]
    stage.gate.set()
    qtbot.waitUntil(lambda: not stage.ahead.busy)
    assert stage.arrived == stage.drawn == ["a", "d"]


def test_what_is_dropped_is_waited_for_and_does_not_arrive(stage: Stage, qtbot: QtBot) -> None:
    """Its memory is free when another picture is drawn."""
    stage.ahead.offer("a")  # type: ignore[arg-type]
    stage.ahead.offer("b")  # type: ignore[arg-type]
    threading.Timer(0.05, stage.gate.set).start()
    assert stage.ahead.drop() == "b"
    assert stage.drawn == ["a"]
    stage.ahead.offer("c")  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: not stage.ahead.busy)
    assert stage.arrived == ["c"]


def test_nothing_is_dropped_where_nothing_is_on_its_way(stage: Stage) -> None:
    assert stage.ahead.drop() is None


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_failure_lets_the_next_one_go(stage: Stage, qtbot: QtBot) -> None:
    prepare = stage._prepare
    failing = [True]

    def either(moment: Any) -> Callable[[], Any]:
        return (lambda: 1 / 0) if failing.pop() else prepare(moment)

    failing.insert(0, False)
    stage.gate.set()
    ahead = Ahead(either, stage)
    ahead.arrived.connect(stage.arrived.append)
    ahead.offer("a")  # type: ignore[arg-type]
    ahead.offer("b")  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: not ahead.busy)
    assert stage.arrived == ["b"]
