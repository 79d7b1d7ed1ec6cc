"""The dialog that measures the run on screen on every device and engine of this machine."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QProgressBar, QVBoxLayout, QWidget

from explorer.core.answers import Answer, Speeds
from explorer.core.numbers import exact, rounded
from explorer.core.questions import Question
from explorer.core.questions.speeds import SpeedsQuestion
from explorer.session.session import Session
from explorer.views.bars import Bar, BarList, Section
from explorer.views.labels import small
from explorer.views.palette import Theme

_WORDS = (
    "Every device and engine trains this experiment by itself for a moment, from its first number. "
    "The run on screen stays as it is."
)


class SpeedsDialog(QDialog):
    """Pauses, asks for the speeds once all is at rest, and lists them when they have come."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Compare devices")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._session = session
        self.progress = QProgressBar()
        self.progress.setRange(0, 100)
        self.progress.setTextVisible(False)
        self.bars = BarList()
        self.bars.set_theme(theme)
        self.bars.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(12)
        column.addWidget(small(_WORDS))
        column.addWidget(self.progress)
        column.addWidget(self.bars)
        column.addStretch(1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)
        self.resize(460, 230)
        session.answered.connect(self._on_answered)
        session.progressed.connect(self._on_progressed)
        session.failed.connect(self.reject)  # the window says why
        self._asked = False
        for fact in (session.playing_changed, session.showed):
            fact.connect(self._ask)
        session.pause()
        self._ask()

    @Slot()
    def _ask(self) -> None:
        if not self._asked and self._session.at_rest:
            self._asked = True
            self._session.ask(SpeedsQuestion())

    def _on_progressed(self, question: Question, fraction: float) -> None:
        if isinstance(question, SpeedsQuestion):
            self.progress.setValue(round(100 * fraction))

    def _on_answered(self, answer: Answer) -> None:
        if not isinstance(answer, Speeds):
            return
        self.progress.hide()
        self.bars.set_sections(
            [Section("updates per second, with this mini-batch", bars_of(answer))]
        )
        self.bars.show()


def bars_of(answer: Speeds) -> list[Bar]:
    """A row for each device and engine, the fastest first."""
    fastest = max(speed.updates_per_second for speed in answer.speeds) or 1.0
    return [
        Bar(
            speed.title + (", this run" if speed.runs else ""),
            rounded(speed.updates_per_second),
            speed.updates_per_second / fastest,
            strong=speed.runs,
            signed=False,
            exact=f"{speed.title}: {exact(speed.updates_per_second)} updates per second",
        )
        for speed in sorted(answer.speeds, key=lambda s: -s.updates_per_second)
    ]
