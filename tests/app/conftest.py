"""A real window on a real session, offscreen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from explorer.app.main_window import MainWindow
from explorer.app.preferences import Preferences
from explorer.core.experiment import Experiment
from explorer.views.network.kernels import kernels


@pytest.fixture(scope="session", autouse=True)
def compiled() -> None:
    """Load the kernels of drawing before any test, so that all pictures are drawn one way."""
    kernels.wait()


@pytest.fixture
def preferences(tmp_path: Path) -> Preferences:
    return Preferences(QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))


@pytest.fixture
def window(qtbot: QtBot, preferences: Preferences) -> Iterator[MainWindow]:
    made = MainWindow(preferences)
    made.resize(1280, 720)
    made.show()
    made.spread()
    qtbot.waitExposed(made)
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def show(qtbot: QtBot) -> Callable[[MainWindow, Experiment], None]:
    """Open an experiment and wait until its first trace is on screen."""

    def run(window: MainWindow, experiment: Experiment) -> None:
        with qtbot.waitSignal(window.session.showed, timeout=60_000):
            window.experiments.open(experiment, Path())

    return run
