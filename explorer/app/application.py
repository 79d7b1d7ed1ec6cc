"""Starting the window: Qt first and painted, everything slow behind it."""

from __future__ import annotations

import gc
import sys
import traceback
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QEvent, QObject, Qt, QThread, QTimer, Signal, SignalInstance
from PySide6.QtWidgets import QApplication

import explorer.app.lean_qt  # noqa: F401  first, as what follows is imported faster
from explorer.app.main_window import MainWindow
from explorer.app.preferences import Preferences
from explorer.core.defaults import default_experiment
from explorer.core.experiment import ExperimentError
from explorer.core.find_experiment import find_experiment
from explorer.views.theme import prepare


def make_application() -> QApplication:
    """The one QApplication of this process."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    prepare(app)
    app.setApplicationName("backprop-explorer")
    app.setApplicationDisplayName("Backprop Explorer")
    return app


def run_window(file: str | None) -> int:
    """Open the window, on an experiment file where one is named; returns the exit status."""
    app = make_application()
    window, _ = first_window(file, Preferences())
    report_exceptions(window)
    window.show()
    return app.exec()


def first_window(
    file: str | None, preferences: Preferences | None = None
) -> tuple[MainWindow, SignalInstance]:
    """A window that will load the rest and open a run once it is painted, and a sign of that."""
    window = MainWindow(preferences)
    _spare_imports(window)
    first_paint, libraries = FirstPaint(window), Libraries(window)
    first_paint.painted.connect(libraries.start)
    libraries.finished.connect(window.plot.prepare)
    libraries.finished.connect(window.furnish)
    libraries.finished.connect(
        lambda: QTimer.singleShot(0, window, lambda: open_first(window, file))
    )
    make_application().aboutToQuit.connect(libraries.wait)
    return window, first_paint.painted


class FirstPaint(QObject):
    """Tells once that a window has been painted, so that what is slow can begin behind it."""

    painted = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._network = window.network
        self._network.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Wait for the drawing's first paint, then for the event loop to come round."""
        if event.type() == QEvent.Type.Paint:
            self._network.removeEventFilter(self)
            QTimer.singleShot(0, self, self.painted.emit)
        return super().eventFilter(watched, event)


def _spare_imports(window: MainWindow) -> None:
    """Let no collection of garbage look through what importing makes, which all stays.

    One such look holds up every thread for a fifth of a second once torch is there. Collections
    begin with the first run, and with what is made from then on.
    """
    gc.disable()
    window.session.restarted.connect(_collect_from_now_on, Qt.ConnectionType.SingleShotConnection)


def _collect_from_now_on() -> None:
    gc.freeze()
    gc.enable()


class Libraries(QThread):
    """Imports, beside the first window, what its views need from the first trace on.

    That is before torch: two threads that import at a time hold each other, and the window, up.
    """

    def run(self) -> None:
        """Import them."""
        import ziamath  # noqa: F401

        import explorer.app.inquiry
        import explorer.app.large_views
        import explorer.views.cost_curves  # noqa: F401


def report_exceptions(window: MainWindow) -> None:
    """Let an exception in any slot give a message in the window besides its traceback."""

    def report(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        traceback.print_exception(kind, error, trace)
        if not issubclass(kind, KeyboardInterrupt):
            window.session.pause()
            window.notice.tell(f"Something went wrong: {kind.__name__}: {error}")

    sys.excepthook = report


def open_first(window: MainWindow, file: str | None) -> None:
    """Open what was named on the command line, or else the handwritten digits."""
    note = ""
    if file is not None:
        try:
            found = find_experiment(file)
        except (ExperimentError, OSError) as error:
            note = f"{file} was not opened. {error}"
        else:
            window.experiments.open(found.experiment, found.folder)
            return
    window.experiments.open(default_experiment("digits"), Path(), note)
