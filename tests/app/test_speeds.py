"""Comparing devices: the real dialog, the real worker."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from explorer.app.main_window import MainWindow
from explorer.app.speeds import SpeedsDialog, bars_of
from explorer.core.answers import Speed, Speeds
from explorer.core.data.load import load
from explorer.core.defaults import default_experiment
from explorer.core.experiment import Experiment
from explorer.core.trainer import Trainer
from explorer.views.palette import DARK

Show = Callable[[MainWindow, Experiment], None]


@pytest.mark.qt_log_ignore("does not support propagateSizeHints")
@pytest.mark.parametrize("doing", ["nothing", "stepping", "playing"])
def test_every_engine_of_this_machine_is_measured_and_the_run_stays_as_it_is(
    window: MainWindow, show: Show, qtbot: QtBot, doing: str
) -> None:
    show(window, default_experiment("circles"))
    playing = doing == "playing"
    if doing == "stepping":
        with qtbot.waitSignal(window.session.showed, timeout=30_000):
            window.session.step("mini_batch")
        window.session.step("mini_batch")
    if playing:
        with qtbot.waitSignal(window.session.showed, timeout=30_000):
            window.session.play()
    dialog = SpeedsDialog(window.session, DARK)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.bars.isVisible(), timeout=60_000)
    names = [bar.name for bar in dialog.bars.sections[0].bars]
    assert sum(name.endswith("this run") for name in names) == 1
    assert any(name.startswith("CPU · torch") for name in names)
    assert any(name.startswith("CPU · compiled") for name in names)
    moment = window.session.moment
    assert moment is not None
    assert playing or moment.trace.update == (2 if doing == "stepping" else 1)
    with qtbot.waitSignal(window.session.showed, timeout=30_000):
        window.session.back("mini_batch") if playing else window.session.step("mini_batch")
    with qtbot.waitSignal(window.session.showed, timeout=30_000):
        window.session.step("mini_batch")
    after = window.session.moment
    assert after is not None
    expected = Trainer(after.experiment, load(after.experiment))
    expected.advance_many(after.trace.update - 1)
    trace = expected.advance_traced()
    for mine, theirs in zip(after.trace.layers, trace.layers, strict=True):
        np.testing.assert_array_equal(mine.weight_after, theirs.weight_after)


def test_the_device_is_a_button(window: MainWindow, show: Show, qtbot: QtBot) -> None:
    show(window, default_experiment("circles"))
    pill = window.transport.device
    window.actions_["speeds"].triggered.disconnect()
    with qtbot.waitSignal(window.actions_["speeds"].triggered, timeout=1000):
        qtbot.mouseClick(pill, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))


def test_the_fastest_comes_first_and_fills_its_bar() -> None:
    slow, fast = Speed("CPU · torch", 2000.0, False), Speed("CPU · compiled", 1.25e6, True)
    bars = bars_of(Speeds(3, (slow, fast)))
    assert [(bar.name, bar.value) for bar in bars] == [
        ("CPU · compiled, this run", "1.25 M"),
        ("CPU · torch", "2.00 k"),
    ]
    assert [bar.share for bar in bars] == pytest.approx([1.0, 0.0016])
    assert np.isfinite(bars_of(Speeds(3, (Speed("CPU", 0.0, True),)))[0].share or 0.0)
