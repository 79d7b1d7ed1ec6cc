"""``render``: draw the window, or its network, at a moment into a file, without a screen."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeAlias

# Chosen before Qt starts: no screen is needed.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop

from explorer.app.application import make_application
from explorer.app.main_window import MainWindow
from explorer.app.pictures import What, format_of
from explorer.core.beats import parse_beat
from explorer.core.find_experiment import find_experiment
from explorer.core.part_of_network import Neuron, Selectable, Weight
from explorer.views.palette import ThemeName

LargeName: TypeAlias = Literal["microscope", "wishes", "worksheet", "landscape"]
TabName: TypeAlias = Literal["example", "landscape", "code"]


def render(
    file: str,
    *,
    updates: int,
    beat: str,
    example: int,
    select: str | None,
    large: LargeName | None,
    tab: TabName | None,
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
    try:
        format_of(Path(out), what)
    except ValueError as error:
        print(f"backprop-explorer: --out: {error}", file=sys.stderr)
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
        window.experiments.open(found.experiment, found.folder)
        _wait_until_shown(window, updates, failures)
        if failures:
            print(f"backprop-explorer: {failures[0]}", file=sys.stderr)
            return 1
        moment = window.session.moment
        assert moment is not None
        try:
            wanted = parse_beat(beat, moment.n_layers)
            selected = _parse_part(select, moment.trace.units) if select else None
            if example > moment.trace.batch_size:
                raise ValueError(f"--example: the mini-batch has {moment.trace.batch_size}")
        except ValueError as error:
            print(f"backprop-explorer: {error}", file=sys.stderr)
            return 2
        window.session.show_beat(wanted)
        window.session.focus_example(example - 1)
        if selected is not None:
            window.select(selected)
        _open_views(window, large, tab)
        window.notice.hide()
        _settle()
        _wait_for_answers(window, failures)
        window.camera.write(Path(out), what, scale)
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


def _open_views(window: MainWindow, large: LargeName | None, tab: TabName | None) -> None:
    """Put a large view over the drawing and a tab to the front."""
    if large is not None:
        window.actions_[large].trigger()
    if tab is not None:
        tabs = {"example": window.example, "landscape": window.landscape, "code": window.code}
        window.sample.setCurrentWidget(tabs[tab])


def _wait_for_answers(window: MainWindow, failures: list[str]) -> None:
    """Run the event loop until all that is computed beside the trace is on screen."""
    loop = QEventLoop()
    window.inquiry.came_to_rest.connect(loop.quit)
    window.session.failed.connect(loop.quit)
    while not (window.inquiry.at_rest or failures):
        loop.exec()
    _settle()


def _settle() -> None:
    """Let layouts and sizes come to rest."""
    app = make_application()
    for _ in range(5):
        app.processEvents()


def _parse_part(text: str, units: Callable[[int], int]) -> Selectable:
    """A neuron L:J, or the weight L:J:K from neuron K of the layer before; all from 1."""
    try:
        layer, index, *source = (int(part) for part in text.split(":"))
        if len(source) > 1:
            raise ValueError
    except ValueError:
        expected = "LAYER:NEURON or LAYER:NEURON:SOURCE"
        raise ValueError(f"--select: expected {expected}, got {text!r}") from None
    try:
        known = 1 <= index <= units(layer) and layer >= (1 if source else 0)
        known = known and all(1 <= k <= units(layer - 1) for k in source)
    except IndexError:
        known = False
    if not known:
        raise ValueError(f"--select: this network has no {'weight' if source else 'neuron'} {text}")
    return Weight(layer, index - 1, source[0] - 1) if source else Neuron(layer, index - 1)
