"""Taking pictures of what is on screen: asked for, saved or copied."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from explorer.app import raster, vector
from explorer.app.pictures import FORMATS, Format, What, format_of
from explorer.app.whole_file import write_whole
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

    def picture(self, what: What, scale: float) -> QImage:
        """A picture at ``scale`` pixels per point."""
        self.taking.emit()
        if what == "network":
            return raster.network_image(self._network, scale)
        return raster.window_image(self._window, self._network, scale)

    def write(self, path: Path, what: What, scale: float) -> None:
        """Write a picture to a file of the format that its name ends in; ``scale`` is of PNG.

        Raises
        ------
        ValueError
            When there are no pictures of this kind in such a format.
        OSError
            When it cannot be written; an older file of that name is then untouched.
        """
        wanted = format_of(path, what)
        if wanted == "png":
            write_whole(path, raster.png(self.picture(what, scale)))
            return
        self.taking.emit()
        drawn = vector.svg if wanted == "svg" else vector.pdf
        write_whole(path, drawn(self._network))

    def save(self, path: Path, what: What, scale: float) -> None:
        """Write a picture to a file, and tell how it went; see :meth:`write`."""
        try:
            self.write(path, what, scale)
        except (OSError, ValueError) as error:
            self.failed.emit(f"The picture was not saved. {error}")
            return
        self.taken.emit(f"Picture saved to {path}.")

    def copy(self, what: What, scale: float = _COPIED_SCALE) -> None:
        """Put a picture on the clipboard."""
        QGuiApplication.clipboard().setImage(self.picture(what, scale))
        self.taken.emit(f"A picture of the {what} is on the clipboard.")

    def ask(self) -> None:
        """Ask what to take, how, and where to."""
        from explorer.app.dialogs import ScreenshotDialog

        dialog = ScreenshotDialog(self._window)
        if dialog.exec() != ScreenshotDialog.DialogCode.Accepted:
            return
        if dialog.copies:
            self.copy(dialog.what, dialog.scale)
            return
        wanted = dialog.format
        path = self._ask_where(wanted)
        if path is not None:
            self.save(path, dialog.what, dialog.scale)

    def _ask_where(self, wanted: Format) -> Path | None:
        """A file's name that ends in a format; None where the user has thought better of it."""
        start = f"backprop.{wanted}"
        while True:
            name, _ = QFileDialog.getSaveFileName(
                self._window, "Save picture", start, f"{wanted.upper()} (*.{wanted})"
            )
            path = Path(name)
            if not name or path.suffix.lower().removeprefix(".") in FORMATS:
                return path if name else None
            path = path.with_name(f"{path.name}.{wanted}")
            if not path.exists():
                return path
            start = str(path)  # of which the dialog did not know, and so did not ask
