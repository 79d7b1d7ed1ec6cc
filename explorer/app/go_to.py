"""The dialog that asks for an update to go to: an earlier one, or one to train up to."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRegularExpression, Qt, SignalInstance, Slot
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from explorer.session.session import Session
from explorer.views.labels import small
from explorer.views.rewind_bar import RewindBar
from explorer.views.theme import MONO, font

_NUMBER = r"[1-9][0-9, ]{0,17}"  # as it is typed, or copied from where it is read
_BESIDE, _WIDTH = 8, 256  # points; over the setup, so that network and costs stay in sight
_EARLIER = "Goes back to just after it, exactly. Undo brings the run back."
_LATER = "Trains on, flat out, until just after it."
_LATEST = "The latest update so far."


class GoToDialog(QDialog):
    """Looks at each earlier update that is typed, by the knob, and goes there in the end.

    A run that trains is paused, as a step pauses it.
    """

    def __init__(self, session: Session, knob: RewindBar, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Go to update")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._session, self._knob = session, knob
        self.edit = QLineEdit()
        self.edit.setAccessibleName("Update")
        self.edit.setFont(font(12, MONO))
        self.edit.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.edit.setFixedWidth(116)
        self.edit.setValidator(QRegularExpressionValidator(QRegularExpression(_NUMBER)))
        self._latest = QLabel()
        self._hint = small()
        self._hint.setMinimumHeight(2 * self._hint.fontMetrics().lineSpacing())
        self._hint.setAlignment(Qt.AlignmentFlag.AlignTop)
        buttons = QDialogButtonBox()
        self.go = buttons.addButton("Go", QDialogButtonBox.ButtonRole.AcceptRole)
        self.go.setDefault(True)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.edit)
        row.addWidget(self._latest, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(10)
        column.addLayout(row)
        column.addWidget(self._hint)
        column.addWidget(buttons)
        self.edit.textChanged.connect(self._look)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        for fact in self._facts:
            fact.connect(self._show_latest)
        session.pause()
        self._show_latest()
        self.setFixedWidth(_WIDTH)
        self.move(parent.mapToGlobal(QPoint(_BESIDE, parent.height() // 2)))

    @property
    def update_typed(self) -> int | None:
        """The update that stands in the line; None while none does."""
        digits = self.edit.text().replace(",", "").replace(" ", "")
        return int(digits) if digits else None

    @property
    def hint(self) -> str:
        """What going there does."""
        return self._hint.text()

    def accept(self) -> None:
        """Go there."""
        update = self.update_typed
        if update is None or not self._session.at_rest:
            return
        if update < self._session.update:
            self._knob.hold(update)
            self._knob.let_go()
        else:
            self._session.train_to(update)
        super().accept()

    def done(self, result: int) -> None:
        """Hold the knob no more."""
        for fact in self._facts:
            fact.disconnect(self._show_latest)
        self._knob.drop()
        super().done(result)

    @property
    def _facts(self) -> tuple[SignalInstance, ...]:
        """Those after which another update may be looked at, or be the latest."""
        return self._session.showed, self._session.playing_changed, self._session.failed

    @Slot()
    def _show_latest(self) -> None:
        latest = f"{self._session.update:,}"
        self._latest.setText(f"latest {latest}")
        if not self.edit.isModified():
            self.edit.setText(latest)
            self.edit.selectAll()
        self._look()

    def _looks_at(self, update: int) -> bool:
        moment = self._session.moment
        return moment is not None and moment.past and moment.trace.update == update

    def _look(self) -> None:
        """Show an update that is there already, and say what going to this one does."""
        update, latest = self.update_typed, self._session.update
        self.go.setEnabled(update is not None and self._session.at_rest)
        if update is None or update >= latest:
            self._knob.drop()
        elif self._session.at_rest and not self._looks_at(update):
            self._knob.hold(update)
        if update is None:
            self._hint.setText("")
        elif update == latest:
            self._hint.setText(_LATEST)
        else:
            self._hint.setText(_EARLIER if update < latest else _LATER)
