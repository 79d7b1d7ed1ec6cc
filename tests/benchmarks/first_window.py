"""The start: how soon the first window is painted, and how smoothly it becomes ready.

Run by :mod:`tests.benchmarks.start` in processes of their own, as
``python -m tests.benchmarks.first_window MODE BEGUN``.
"""

from __future__ import annotations

import json
import sys
import time

_TICK = 5  # milliseconds


def main(mode: str, begun: float) -> None:
    """Start as the program does, or with everything imported first; print what was measured."""
    if mode == "everything":
        _import_everything()
    from PySide6.QtCore import Qt, QTimer

    from explorer.app.application import first_window, make_application

    stamps: dict[str, float] = {}
    gaps: list[float] = []
    app = make_application()
    window, painted = first_window(None)
    last = 0.0

    def on_painted() -> None:
        nonlocal last
        last = time.time()
        stamps["painted"] = last - begun
        timer.start(_TICK)
        if mode == "everything":
            app.quit()

    def tick() -> None:
        nonlocal last
        now = time.time()
        gaps.append(now - last)
        last = now

    def ready() -> None:
        stamps.setdefault("ready", time.time() - begun)
        QTimer.singleShot(300, app.quit)

    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    painted.connect(on_painted)
    window.session.showed.connect(ready)
    window.show()
    app.exec()
    window.close()
    stamps["hitch"] = max(gaps, default=0.0)
    print(json.dumps(stamps))


def _import_everything() -> None:
    import numba  # noqa: F401
    import pyqtgraph  # noqa: F401
    import sklearn.datasets  # noqa: F401
    import torch

    torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))])  # which imports torch's compiler


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
