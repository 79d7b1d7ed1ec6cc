"""``render``: draw the window at a moment into a PNG, without a screen."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

# Chosen before Qt starts: no screen is needed.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop

from explorer.app.application import make_application
from explorer.app.export import What, write_png
from explorer.app.main_window import MainWindow
from explorer.core.beats import parse_beat
from explorer.core.find_experiment import find_experiment
from explorer.core.part_of_network import Neuron
from explorer.views.palette import ThemeName


def render(
    file: str,
    *,
    updates: int,
    beat: str,
    example: int,
    select: str | None,
    out: str,
    size: tuple[int, int],
    scale: float,
    theme: ThemeName,
    what: What,
) -> int:
    """Draw update ``updates`` at a beat; returns the exit status."""
    if not 1 <= scale <= 4:
        print("backprop-explorer: --scale: expected 1 to 4", file=sys.stderr)
        return 2
    found = find_experiment(file)
    make_application()
    window = MainWindow()
    try:
        window.set_theme(theme)
        window.resize(*size)
        window.show()
        window.spread()
        failures: list[str] = []
        window.session.failed.connect(failures.append)
        window.open_experiment(found.experiment, found.folder)
        _wait_until_shown(window, updates, failures)
        if failures:
            print(f"backprop-explorer: {failures[0]}", file=sys.stderr)
            return 1
        moment = window.session.moment
        assert moment is not None
        try:
            wanted = parse_beat(beat, moment.n_layers)
            selected = _parse_neuron(select, moment.trace.units) if select else None
            if example > moment.trace.batch_size:
                raise ValueError(f"--example: the mini-batch has {moment.trace.batch_size}")
        except ValueError as error:
            print(f"backprop-explorer: {error}", file=sys.stderr)
            return 2
        window.session.show_beat(wanted)
        window.session.focus_example(example - 1)
        if selected is not None:
            window.select(selected)
        window.notice.hide()
        _settle()
        write_png(window.camera.picture(what, scale), Path(out))
    finally:
        window.close()
    return 0


def _wait_until_shown(window: MainWindow, updates: int, failures: list[str]) -> None:
    """Run the event loop until update ``updates`` is on screen, or a failure is."""
    loop = QEventLoop()
    session = window.session

    def look() -> None:
        moment = session.moment
        if failures:
            loop.quit()
        elif moment is None or session.playing:
            return
        elif moment.trace.update >= updates:
            loop.quit()
        else:
            session.stop_after(updates)
            session.play()

    session.failed.connect(loop.quit)
    session.showed.connect(look)
    session.playing_changed.connect(look)
    loop.exec()


def _settle() -> None:
    """Let layouts and sizes come to rest."""
    app = make_application()
    for _ in range(5):
        app.processEvents()


def _parse_neuron(text: str, units: Callable[[int], int]) -> Neuron:
    try:
        layer, index = (int(part) for part in text.split(":"))
    except ValueError:
        raise ValueError(f"--select: expected LAYER:NEURON, got {text!r}") from None
    try:
        known = 1 <= index <= units(layer) and layer >= 0
    except IndexError:
        known = False
    if not known:
        raise ValueError(f"--select: this network has no neuron {text}")
    return Neuron(layer, index - 1)
