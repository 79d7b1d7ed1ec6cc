"""The dialog in which an exercise is typed; it starts as Mazur's example."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from explorer.core.data.load import load
from explorer.core.defaults import default_experiment
from explorer.core.experiment import Experiment, ExperimentError
from explorer.views.column import ScrollColumn
from explorer.views.exercise_editor import ExerciseEditor

_WIDTH = 990  # in which six inputs and six targets stand beside each other


class ExerciseDialog(QDialog):
    """Asks for an exercise; when it is accepted, ``experiment`` is what to open."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Exercise")
        self._experiment: Experiment | None = None
        self.editor = ExerciseEditor()
        self._area = ScrollColumn()
        self._area.column.addWidget(self.editor)
        self._area.column.addStretch(1)
        self._refusal = QLabel()
        self._refusal.setObjectName("refusal")
        self._refusal.setWordWrap(True)
        self._refusal.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        buttons = QDialogButtonBox()
        self.start = buttons.addButton("Start", QDialogButtonBox.ButtonRole.AcceptRole)
        self.reset = buttons.addButton("Mazur’s example", QDialogButtonBox.ButtonRole.ResetRole)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        row = QHBoxLayout()
        row.setContentsMargins(16, 0, 14, 0)
        row.addWidget(self._refusal, 1)
        row.addWidget(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 12)
        column.addWidget(self._area, 1)
        column.addLayout(row)
        self.editor.changed.connect(self._check)
        self.editor.cell_entered.connect(self._area.ensureWidgetVisible)
        self.start.clicked.connect(self.accept)
        self.reset.clicked.connect(self.show_mazur)
        buttons.rejected.connect(self.reject)
        self.setMinimumWidth(_WIDTH)
        self.resize(_WIDTH, 600)
        self.show_mazur()

    @property
    def experiment(self) -> Experiment | None:
        """The exercise; None while something in it is refused."""
        return self._experiment

    @property
    def refusal(self) -> str:
        """Why it cannot be started; empty when it can."""
        return self._refusal.text()

    def show_mazur(self) -> None:
        """Fill the form with Mazur's example."""
        mazur = default_experiment("mazur")
        self.editor.show_exercise(mazur, load(mazur).train)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the focus, and starts nothing from a field."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
            return
        button = self.focusWidget()
        if isinstance(button, QPushButton):
            button.click()

    def _check(self) -> None:
        refusal, self._experiment = self.editor.refusal(), None
        if not refusal:
            experiment = self.editor.experiment()
            try:
                load(experiment)
            except ExperimentError as error:
                refusal = str(error)
            else:
                self._experiment = experiment
        self._refusal.setText(refusal)
        self.start.setEnabled(not refusal)


def ask_exercise(parent: QWidget) -> Experiment | None:
    """Ask for an exercise; None when cancelled."""
    dialog = ExerciseDialog(parent)
    accepted = dialog.exec() == QDialog.DialogCode.Accepted
    experiment = dialog.experiment if accepted else None
    dialog.deleteLater()
    return experiment
