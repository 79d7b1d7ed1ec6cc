"""A card over the empty drawing that says what is being loaded, and how far it is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QProgressBar, QVBoxLayout, QWidget


class LoadingCard(QFrame):
    """Shows a stage of loading; goes when all is loaded."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setFixedWidth(320)
        self._label = QLabel("Starting")
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._bar = QProgressBar()
        self._bar.setRange(0, 100)
        self._bar.setTextVisible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 18, 22, 20)
        column.setSpacing(12)
        column.addWidget(self._label)
        column.addWidget(self._bar)

    @property
    def text(self) -> str:
        """The stage shown."""
        return self._label.text()

    def show_stage(self, stage: str, fraction: float) -> None:
        """Show a stage and the fraction done, from 0 to 1; an empty stage ends the loading."""
        self._label.setText(f"{stage}…" if stage else "")
        self._bar.setValue(round(100 * fraction))
        self.setVisible(bool(stage))
