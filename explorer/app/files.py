"""Opening and saving experiments, and opening the user's own data."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from explorer.app.own_data import ask_own_data
from explorer.app.preferences import Preferences
from explorer.app.whole_file import write_whole
from explorer.core.experiment import Experiment, ExperimentError
from explorer.core.experiment_file import read_file, rebased, write

_FILTER = "Experiments (*.json);;All files (*)"


class Files(QObject):
    """Reads and writes experiment files for a window.

    ``opened`` tells of an experiment and the folder its relative paths start from, ``failed`` of
    what could not be read or written, ``saved`` of a file written.
    """

    opened = Signal(object, object)  # Experiment, Path
    failed = Signal(str)
    saved = Signal(str)

    def __init__(self, window: QWidget, preferences: Preferences | None, recent: QMenu) -> None:
        super().__init__(window)
        self._window = window
        self._preferences = preferences
        self._recent = recent
        self._list_recent()

    def open(self, path: Path) -> None:
        """Open an experiment file; a wrong one changes nothing."""
        try:
            experiment = read_file(path)
        except (ExperimentError, OSError) as error:
            self.failed.emit(f"{path.name} was not opened. {error}")
            return
        self._remember(path)
        self.opened.emit(experiment, path.parent)

    def save(self, experiment: Experiment, folder: Path, path: Path, note: str = "") -> None:
        """Write an experiment to a file; the note is told with where it went.

        ``folder`` is where its relative paths start from; in the file they start from its own.
        """
        try:
            text = write(rebased(experiment, folder, path.parent))
            write_whole(path, text.encode())
        except OSError as error:
            self.failed.emit(f"The experiment was not saved. {error}")
            return
        self._remember(path)
        self.saved.emit(f"Experiment saved to {path}. {note}".rstrip())

    def ask_open(self) -> None:
        """Ask for an experiment file and open it."""
        name, _ = QFileDialog.getOpenFileName(self._window, "Open experiment", "", _FILTER)
        if name:
            self.open(Path(name))

    def ask_open_data(self) -> None:
        """Ask for the user's own data and begin a first experiment on it."""
        try:
            own = ask_own_data(self._window)
        except (ExperimentError, OSError) as error:
            reason = re.sub(r"^\$\S*: ", "", str(error))  # the place in a file that is not there
            self.failed.emit(f"The data was not opened. {reason}")
            return
        if own is not None:
            self.opened.emit(own.experiment, own.folder)

    def ask_save(self, experiment: Experiment, folder: Path, note: str = "") -> None:
        """Ask for a place and write the experiment to it; see :meth:`save`."""
        name, _ = QFileDialog.getSaveFileName(
            self._window, "Save experiment", "experiment.json", _FILTER
        )
        if name:
            self.save(experiment, folder, Path(name), note)

    def _remember(self, path: Path) -> None:
        if self._preferences is not None:
            self._preferences.remember_file(path)
            self._list_recent()

    def _list_recent(self) -> None:
        recent = self._preferences.recent if self._preferences else []
        self._recent.clear()
        self._recent.setEnabled(bool(recent))
        for path in recent:
            entry = self._recent.addAction(path.name)
            entry.setToolTip(str(path))
            entry.triggered.connect(lambda _=False, path=path: self.open(path))
