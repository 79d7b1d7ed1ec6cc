"""The few dialogs: screenshot, list of shortcuts, about."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from explorer.app.actions import ACTIONS, MENUS, key_text
from explorer.app.pictures import Format, What, formats_of
from explorer.views.labels import heading
from explorer.views.theme import MONO, font

_FORMATS = {"png": "PNG", "svg": "SVG, sharp at any size", "pdf": "PDF, sharp at any size"}


class ScreenshotDialog(QDialog):
    """Asks what to draw, in which format, how large, and whether to save it or to copy it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Screenshot")
        self.copies = False
        form = QFormLayout(self)
        form.setContentsMargins(18, 18, 18, 14)
        form.setSpacing(10)
        self._what = QComboBox()
        self._what.addItem("the whole window", "window")
        self._what.addItem("the network alone", "network")
        self._format = QComboBox()
        self._scale = QComboBox()
        for scale in (1, 2, 3, 4):
            self._scale.addItem(f"{scale}×", scale)
        self._scale.setCurrentIndex(1)
        form.addRow("Picture of", self._what)
        form.addRow("Format", self._format)
        form.addRow("Scale", self._scale)
        buttons = QDialogButtonBox()
        save = buttons.addButton("Save…", QDialogButtonBox.ButtonRole.AcceptRole)
        save.setDefault(True)
        self._copy = copy = buttons.addButton("Copy", QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        copy.clicked.connect(self._accept_copy)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form.addRow(buttons)
        self._what.currentIndexChanged.connect(self._offer_formats)
        self._format.currentIndexChanged.connect(self._on_format)
        self._offer_formats()

    @property
    def what(self) -> What:
        """What to draw."""
        return "network" if self._what.currentData() == "network" else "window"

    @property
    def format(self) -> Format:
        """What to write it as."""
        chosen = self._format.currentData()
        return next(known for known in formats_of(self.what) if known == chosen)

    @property
    def scale(self) -> float:
        """Pixels per point."""
        return float(self._scale.currentData())

    @Slot()
    def _offer_formats(self) -> None:
        formats = formats_of(self.what)
        self._format.clear()
        for known in formats:
            self._format.addItem(_FORMATS[known], known)
        self._format.setEnabled(len(formats) > 1)

    @Slot()
    def _on_format(self) -> None:
        pixels = self._format.currentData() == "png"
        self._scale.setEnabled(pixels)
        self._copy.setEnabled(pixels)

    def _accept_copy(self) -> None:
        self.copies = True
        self.accept()


class ShortcutsDialog(QDialog):
    """Lists every shortcut of the action table."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        content = QWidget()
        grid = QGridLayout(content)
        grid.setContentsMargins(18, 14, 18, 14)
        grid.setHorizontalSpacing(26)
        grid.setVerticalSpacing(5)
        row = 0
        for menu in MENUS:
            grid.addWidget(heading(menu.upper()), row, 0, 1, 2)
            row += 1
            for spec in ACTIONS:
                if spec.menu == menu and spec.shortcuts:
                    keys = QLabel("  or  ".join(key_text(k) for k in spec.shortcuts))
                    keys.setFont(font(12, MONO))
                    grid.addWidget(keys, row, 0)
                    grid.addWidget(QLabel(spec.tip), row, 1)
                    row += 1
        grid.setColumnStretch(1, 1)
        area = QScrollArea()
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidgetResizable(True)
        area.setWidget(content)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        foot = QHBoxLayout()
        foot.setContentsMargins(18, 0, 18, 0)
        foot.addWidget(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 14)
        column.setSpacing(12)
        column.addWidget(area)
        column.addLayout(foot)
        width = content.sizeHint().width() + area.verticalScrollBar().sizeHint().width()
        self.resize(QSize(width, 640).boundedTo(self.screen().availableSize()))


def show_about(parent: QWidget, device: str) -> None:
    """Say what this is, its version and the device."""
    from importlib.metadata import version  # which the first window need not wait for

    box = QMessageBox(parent)
    box.setWindowTitle("About Backprop Explorer")
    box.setTextFormat(Qt.TextFormat.RichText)
    box.setText(
        f"<h3>Backprop Explorer {version('backprop-explorer')}</h3>"
        "<p>See backpropagation happen, one mini-batch at a time, on a real PyTorch model.</p>"
        f"<p>PyTorch {version('torch')} on {device}, PySide6 {version('PySide6-Essentials')}.</p>"
        "<p>Fonts: Inter and Noto Serif (SIL OFL 1.1), JetBrains Mono (Apache 2.0). "
        "Icons: Phosphor (MIT), Material Design (Apache 2.0).</p>"
    )
    box.exec()
