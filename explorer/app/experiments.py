"""Which experiment a window runs: beginning one, changing it, and what a file can hold of it."""

from __future__ import annotations

from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal

from explorer.app.files import Files
from explorer.app.undo import UndoStack
from explorer.core.defaults import default_experiment
from explorer.core.experiment import Builtin, BuiltinName, Experiment, ExperimentError
from explorer.core.experiment_file import checked
from explorer.session.run import Opened
from explorer.session.session import Session
from explorer.views.setup_panel import SetupPanel


class Experiments(QObject):
    """Lets a session go over to other experiments, and keeps the setup in step with it.

    ``refused`` tells why a change was not made.
    """

    refused = Signal(str)

    def __init__(self, session: Session, setup: SetupPanel, files: Files, undo: UndoStack) -> None:
        super().__init__(session)
        self._session, self._setup, self._files, self._undo = session, setup, files, undo
        self._note = ""
        setup.data_requested.connect(self.open_builtin)
        setup.experiment_requested.connect(self.change)
        files.opened.connect(self.open)
        session.adjusted.connect(setup.show_experiment)
        session.failed.connect(self._on_failed)

    def open(self, experiment: Experiment, folder: Path, note: str = "") -> None:
        """Begin a run of an experiment; the note belongs to it, once it has begun."""
        self._note = note
        if self._session.experiment is None:  # nothing is shown yet that a failure must leave
            self._setup.show_experiment(experiment)
        self._session.open(experiment, folder)

    def open_builtin(self, name: BuiltinName) -> None:
        """Begin a run on a data set that comes with the program."""
        before = self._session.experiment
        same = before is not None and isinstance(before.data, Builtin) and before.data.name == name
        what = "The same data set with its own settings" if same else "Another data set"
        self.open(default_experiment(name), Path(), f"{what}: a new run, from its first number.")

    def change(self, experiment: Experiment) -> None:
        """Go over to a changed experiment, in the same run where that can be."""
        try:
            experiment = checked(experiment)
        except ExperimentError as error:
            self.refused.emit(str(error))
            return
        before = self._session.experiment
        if before is not None and before.restarts(experiment):
            what = _changed(before, experiment)
            self._note = f"{what} changed: a new run, from its first number."
        self._session.adjust(experiment)
        if self._session.experiment != experiment:  # it begins a run; what changes next adds to it
            self._setup.show_experiment(experiment)

    def begun(self, opened: Opened) -> str:
        """What is to be said about a run that has begun; said once."""
        note, self._note = self._note, ""
        return " ".join(part for part in (note, opened.note) if part)

    def to_save(self) -> tuple[Experiment | None, str]:
        """The experiment as a file can hold it, and what it leaves out.

        Parameters set by hand before the first update are its initial ones; later edits have no
        place in it.
        """
        experiment, moment, edits = self._session.experiment, self._session.moment, self._undo.edits
        if experiment is None or moment is None or not edits:
            return experiment, ""
        initial = [edit for edit in edits if edit.update == 1]
        at_start = moment.trace.update == 1 and not moment.live
        if initial and at_start:
            network = msgspec.structs.replace(experiment.network, initial=moment.trace.initial)
            experiment = msgspec.structs.replace(experiment, network=network)
        if at_start and len(initial) == len(edits):
            return experiment, ""
        which = "set by hand later" if initial and at_start else "set by hand"
        return experiment, f"The parameters {which} are not part of the file."

    def ask_save(self) -> None:
        """Ask for a place and write the experiment to it."""
        experiment, note = self.to_save()
        if experiment is not None:
            self._files.ask_save(experiment, self._session.folder, note)

    def _on_failed(self) -> None:
        self._note = ""


def _changed(before: Experiment, after: Experiment) -> str:
    """Which part of an experiment is different, in words."""
    if before.data != after.data:
        return "The data"
    if before.network.initial != after.network.initial:
        return "The initial weights"
    if before.network != after.network:
        return "The network"
    if before.regularization != after.regularization:
        return "The regularization"
    return "The loss" if before.loss != after.loss else "The experiment"
