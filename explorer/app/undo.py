"""One undo stack for edits by hand and changes of the setup."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QUndoCommand, QUndoStack

from explorer.core.experiment import Experiment
from explorer.core.part_of_network import parameter_symbol
from explorer.session.run import Opened
from explorer.session.session import Edit, Rewind, Session

_MERGED_SECONDS = 2.0  # changes of the setup that follow each other faster count as one


class UndoStack(QObject):
    """Listens to a session's facts and takes back, or makes again, what the user changed.

    An edit is taken back by setting the parameter to what it was and making that update anew. A
    run that another one took the place of is brought back where it was left, as long as the
    session still has it; otherwise its experiment begins again. A run that was gone back over is
    brought back too, and else stays as it is.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.stack = QUndoStack(self)
        self._session = session
        self._running: Opened | None = None
        self._experiment: Experiment | None = None
        self._busy = False
        self._begun_again: Experiment | None = None
        session.edited.connect(self._on_edited)
        session.adjusted.connect(self._on_adjusted)
        session.rewound.connect(self._on_rewound)
        session.restarted.connect(self._on_restarted)

    def undo(self) -> None:
        """Take the latest change back; while playing, only pause."""
        self._without_listening(self.stack.undo)

    def redo(self) -> None:
        """Make the change taken back last again; while playing, only pause."""
        self._without_listening(self.stack.redo)

    @property
    def edits(self) -> list[Edit]:
        """The edits in force in the run on screen, oldest first."""
        found: list[Edit] = []
        for index in range(self.stack.index()):
            command = self.stack.command(index)
            if isinstance(command, _RunCommand):
                found.clear()
            elif isinstance(command, _RewindCommand):
                found = [edit for edit in found if edit.update <= command.rewind.update]
            elif isinstance(command, _EditCommand):
                found.append(command.edit)
        return found

    def _without_listening(self, act: Callable[[], None]) -> None:
        if self._session.playing:
            self._session.pause()
        elif self._session.ready:
            self._busy = True
            act()
            self._busy = False

    def _on_edited(self, edit: Edit) -> None:
        def to(value: float) -> Callable[[], None]:
            return lambda: self._session.edit(edit.part, value, edit.update)

        if not self._busy:
            self.stack.push(_EditCommand(edit, to(edit.before), to(edit.after)))

    def _on_adjusted(self, experiment: Experiment) -> None:
        before, self._experiment = self._experiment, experiment
        if not self._busy and before is not None and before != experiment:
            self.stack.push(
                _AdjustCommand(
                    "change of the setup",
                    lambda: self._session.adjust(before),
                    lambda: self._session.adjust(experiment),
                )
            )

    def _on_rewound(self, rewind: Rewind) -> None:
        self._running = rewind.after
        self.stack.push(_RewindCommand(rewind, self._session))

    def _on_restarted(self, opened: Opened) -> None:
        before, self._running = self._running, opened
        self._experiment = opened.experiment
        if self._begun_again == opened.experiment:
            self._begun_again = None
        elif not self._busy and before is not None:
            self.stack.push(
                _RunCommand("new run", lambda: self._go_to(before), lambda: self._go_to(opened))
            )

    def _go_to(self, opened: Opened) -> None:
        if self._session.can_bring_back(opened.run):
            self._session.bring_back(opened.run)
        else:
            self._begun_again = opened.experiment  # which is no change to be taken back
            self._session.open(opened.experiment, opened.folder)


class _Command(QUndoCommand):
    """A command for what has happened already: pushing it, which redoes it, does nothing."""

    def __init__(self, text: str, take_back: Callable[[], None], again: Callable[[], None]) -> None:
        super().__init__(text)
        self._pushed = False
        self._take_back, self._again = take_back, again

    def undo(self) -> None:
        self._take_back()

    def redo(self) -> None:
        if self._pushed:
            self._again()
        self._pushed = True


class _RunCommand(_Command):
    """Another run in the place of the one before."""


class _EditCommand(_Command):
    """A parameter set by hand."""

    def __init__(
        self, edit: Edit, take_back: Callable[[], None], again: Callable[[], None]
    ) -> None:
        super().__init__(f"edit of {parameter_symbol(edit.part)}", take_back, again)
        self.edit = edit


class _RewindCommand(_Command):
    """A run gone back over; obsolete once the run that is to be gone over to is not kept."""

    def __init__(self, rewind: Rewind, session: Session) -> None:
        def go_to(opened: Opened) -> None:
            self.setObsolete(not session.can_bring_back(opened.run))
            if not self.isObsolete():
                session.bring_back(opened.run)

        super().__init__(
            f"rewind to update {rewind.update:,}",
            lambda: go_to(rewind.before),
            lambda: go_to(rewind.after),
        )
        self.rewind = rewind


class _AdjustCommand(_Command):
    """Changes of the setup; those of one drag of a slider count as one."""

    def __init__(self, text: str, take_back: Callable[[], None], again: Callable[[], None]) -> None:
        super().__init__(text, take_back, again)
        self._at = time.monotonic()

    def id(self) -> int:
        return 1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _AdjustCommand) or other._at - self._at > _MERGED_SECONDS:
            return False
        self._again, self._at = other._again, other._at
        return True
