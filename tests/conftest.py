"""Fixtures for all floors. What a test leaves running fails it."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")

import pytest


@pytest.fixture(scope="session")
def qapp_cls() -> type:
    """The real application class, with the program's style and fonts."""
    from PySide6.QtWidgets import QApplication

    from explorer.views.theme import prepare

    class Application(QApplication):
        def __init__(self, arguments: list[str]) -> None:
            super().__init__(arguments)
            prepare(self)

    return Application


@pytest.fixture(scope="session")
def painted() -> type:
    """Counts how many ``times`` the widget that it is made of is painted."""
    from PySide6.QtCore import QEvent, QObject
    from PySide6.QtWidgets import QWidget

    class Painted(QObject):
        def __init__(self, widget: QWidget) -> None:
            super().__init__(widget)
            self.times = 0
            widget.installEventFilter(self)

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            self.times += event.type() == QEvent.Type.Paint
            return super().eventFilter(watched, event)

    return Painted


@pytest.fixture(autouse=True)
def nothing_left_running(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves threads, running timers or visible widgets behind."""
    threads = set(threading.enumerate())
    gc.freeze()  # what was there before is not looked through again
    yield
    left = [t.name for t in threading.enumerate() if t not in threads and not t.daemon]
    assert not left, f"threads left running: {left}"
    if "qapp" not in request.fixturenames:
        gc.unfreeze()
        return
    from PySide6.QtCore import QThread, QTimer
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance()
    assert isinstance(app, QApplication)
    app.processEvents()
    gc.collect()
    objects = [o for o in gc.get_objects() if issubclass(type(o), QThread | QTimer)]
    running = [o for o in objects if _runs(o)]
    gc.unfreeze()
    assert not running, f"left running: {running}"
    visible = [w for w in app.topLevelWidgets() if w.isVisible()]
    for widget in visible:
        widget.close()
    assert not visible, f"widgets left open: {visible}"


def _runs(thing: object) -> bool:
    import shiboken6
    from PySide6.QtCore import QThread

    if not shiboken6.isValid(thing):
        return False
    if isinstance(thing, QThread):
        return thing.isRunning()
    return bool(thing.isActive())  # type: ignore[attr-defined]
