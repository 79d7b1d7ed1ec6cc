"""The worker's thread, and the commands on their way into it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QThread, Signal

from explorer.session.worker import Worker


class WorkerThread(QThread):
    """A worker at work. Emitting a signal gives it the command of that name.

    Its facts are :attr:`worker`'s own signals, to be connected as queued ones. Updates travel as
    objects, as a signal's int has 32 bits, which a fast run fills within minutes.
    """

    load = Signal()
    open = Signal(int, object, object)
    step = Signal(int)
    retrace = Signal(int, object)
    fork = Signal(int, int, object)
    look_back = Signal(int, object)
    adjust = Signal(int, object, bool)
    edit = Signal(int, object, object, float)
    bring_back = Signal(int)
    ask = Signal(int, object, object)
    play = Signal(int, object, object, bool)
    set_pace = Signal(int, object, object)
    go_on = Signal(int, object, float)
    pause = Signal(int)
    look_inside = Signal(bool)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.worker = worker = Worker()
        worker.moveToThread(self)
        for signal, command in (
            (self.load, worker.load),
            (self.open, worker.open),
            (self.step, worker.step),
            (self.retrace, worker.retrace),
            (self.fork, worker.fork),
            (self.look_back, worker.look_back),
            (self.adjust, worker.adjust),
            (self.edit, worker.edit),
            (self.bring_back, worker.bring_back),
            (self.ask, worker.ask),
            (self.play, worker.play),
            (self.set_pace, worker.set_pace),
            (self.go_on, worker.go_on),
            (self.pause, worker.pause),
            (self.look_inside, worker.look_inside),
        ):
            signal.connect(command, Qt.ConnectionType.QueuedConnection)
            signal.connect(worker.bell.ring)  # after the command is in the queue
        self.finished.connect(worker.deleteLater)

    def close(self) -> None:
        """End the thread; waits for the update in hand."""
        self.quit()
        self.worker.bell.ring()
        self.wait()
