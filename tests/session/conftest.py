"""A real session with its worker's thread, and small experiments to run in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from explorer.core.defaults import default_experiment
from explorer.core.experiment import Experiment
from explorer.session.session import Session
from explorer.session.turns import Turns


@pytest.fixture
def circles() -> Experiment:
    experiment = default_experiment("circles")
    return msgspec.structs.replace(experiment, device="cpu")


@pytest.fixture
def session(qapp: object) -> Iterator[Session]:
    assert qapp is not None
    made = Session()
    yield made
    made.close()


@pytest.fixture
def turns(qapp: object) -> Iterator[Turns]:
    del qapp
    made = Turns()
    yield made
    made.stop()


@pytest.fixture
def opened(session: Session, circles: Experiment, qtbot: QtBot) -> Session:
    with qtbot.waitSignal(session.showed, timeout=60_000):
        session.open(circles, Path())
    return session


@pytest.fixture
def after(qtbot: QtBot) -> Callable[[Session, Callable[[], None]], None]:
    """Give a command and wait until what it asked for is on screen."""

    def run(session: Session, command: Callable[[], None]) -> None:
        with qtbot.waitSignal(session.showed, timeout=30_000):
            command()

    return run
