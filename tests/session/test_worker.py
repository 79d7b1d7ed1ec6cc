"""What the session's floor must not bring along, and when the worker takes photographs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from explorer.core.experiment import Experiment
from explorer.core.trace import Trace
from explorer.session.speed import FLAT_OUT
from explorer.session.worker import Worker

_LONG = 100  # milliseconds, for many photographs


def test_the_session_is_imported_without_torch_and_without_widgets() -> None:
    code = (
        "import sys, explorer.session.session\n"
        "for name in ('torch', 'sklearn', 'PySide6.QtWidgets', 'pyqtgraph'):\n"
        "    assert name not in sys.modules, name\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


class TestPhotographs:
    """Of a worker on this thread, whose photographs nothing else asks for."""

    @pytest.fixture
    def playing(
        self, qapp: object, circles: Experiment, qtbot: QtBot, request: pytest.FixtureRequest
    ) -> Iterator[tuple[Worker, int]]:
        """A worker that plays, and the update of its first photograph."""
        del qapp
        worker = Worker()
        worker.load()
        worker.newest = 1
        worker.open(1, msgspec.structs.replace(circles, engine=request.param), Path())
        with qtbot.waitSignal(worker.traced, timeout=30_000) as told:
            worker.play(1, FLAT_OUT, 0, False)
        assert told.args is not None
        run, trace, live = told.args
        assert isinstance(trace, Trace)
        assert (run, live) == (1, True)
        yield worker, trace.update
        worker.pause(1)

    @pytest.mark.parametrize("playing", ["compiled", "torch"], indirect=True)
    def test_the_next_is_taken_when_one_is_drawn(
        self, playing: tuple[Worker, int], qtbot: QtBot
    ) -> None:
        worker, update = playing
        with qtbot.assertNotEmitted(worker.traced, wait=_LONG):
            pass
        with qtbot.waitSignal(worker.traced, timeout=30_000) as told:
            worker.go_on(1, update, 0.001)
        assert told.args is not None
        assert told.args[1].update > update

    @pytest.mark.parametrize("playing", ["compiled"], indirect=True)
    def test_one_is_taken_while_another_waits_to_be_drawn(
        self, playing: tuple[Worker, int], qtbot: QtBot
    ) -> None:
        worker, update = playing
        with qtbot.waitSignal(worker.traced, timeout=30_000):
            worker.go_on(1, update, 0.0)

    @pytest.mark.parametrize("playing", ["torch"], indirect=True)
    def test_none_is_taken_before_that_by_training_that_holds_the_gil(
        self, playing: tuple[Worker, int], qtbot: QtBot
    ) -> None:
        worker, update = playing
        with qtbot.assertNotEmitted(worker.costs_measured, wait=_LONG):
            worker.go_on(1, update, 0.0)

    @pytest.mark.parametrize("playing", ["compiled"], indirect=True)
    def test_none_is_taken_for_one_before_the_last(
        self, playing: tuple[Worker, int], qtbot: QtBot
    ) -> None:
        worker, update = playing
        with qtbot.waitSignal(worker.traced, timeout=30_000):
            worker.go_on(1, update, 0.001)
        with qtbot.assertNotEmitted(worker.traced, wait=_LONG):
            worker.go_on(1, update, 0.001)
