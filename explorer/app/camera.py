"""Taking pictures of what is on screen: asked for, saved or copied."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from explorer.app import export
from explorer.views.network.network_view import NetworkView

_COPIED_SCALE = 2.0


class Camera(QObject):
    """Pictures of a window or of its network alone.

    ``taking`` comes before a picture, so that what moves can arrive; ``taken`` tells where it went,
    ``failed`` why it went nowhere.
    """

    taking = Signal()
    taken = Signal(str)
    failed = Signal(str)

    def __init__(self, window: QWidget, network: NetworkView) -> None:
        super().__init__(window)
        self._window = window
        self._network = network

    def picture(self, what: export.What, scale: float) -> QImage:
        """A picture at ``scale`` pixels per point."""
        self.taking.emit()
        if what == "network":
            return export.network_image(self._network, scale)
        return export.window_image(self._window, self._network, scale)

    def save(self, path: Path, what: export.What, scale: float) -> None:
        """Write a picture to a PNG file."""
        try:
            export.write_png(self.picture(what, scale), path)
        except OSError as error:
            self.failed.emit(f"The picture was not saved. {error}")
            return
        self.taken.emit(f"Picture saved to {path}.")

    def copy(self, what: export.What, scale: float = _COPIED_SCALE) -> None:
        """Put a picture on the clipboard."""
        export.copy(self.picture(what, scale))
        self.taken.emit(f"A picture of the {what} is on the clipboard.")

    def ask(self) -> None:
        """Ask what to take, how large and where to."""
        from explorer.app.dialogs import ScreenshotDialog

        dialog = ScreenshotDialog(self._window)
        if dialog.exec() != ScreenshotDialog.DialogCode.Accepted:
            return
        if dialog.copies:
            self.copy(dialog.what, dialog.scale)
            return
        name, _ = QFileDialog.getSaveFileName(
            self._window, "Save screenshot", "backprop.png", "Pictures (*.png)"
        )
        if name:
            self.save(Path(name), dialog.what, dialog.scale)
