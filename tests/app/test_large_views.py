"""Microscope, table of wishes, worksheet, landscape and code in the real window."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from explorer.app.main_window import MainWindow
from explorer.core.answers import Comparison, CostSlice, GradientCheck, Sweep
from explorer.core.beats import Beat
from explorer.core.defaults import default_experiment
from explorer.core.experiment import Experiment
from explorer.core.part_of_network import Neuron, Weight

Show = Callable[[MainWindow, Experiment], None]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def running(window: MainWindow, show: Show) -> MainWindow:
    show(window, msgspec.structs.replace(default_experiment("circles"), device="cpu"))
    window.session.show_beat(Beat("backward", 1))
    return window


def answer(qtbot: QtBot, window: MainWindow, kind: type, act: Callable[[], object]) -> object:
    def wanted(given: object) -> bool:
        return isinstance(given, kind)

    with qtbot.waitSignal(window.session.answered, timeout=30_000, check_params_cb=wanted) as got:
        act()
    return got.args[0]


def test_a_double_click_opens_the_microscope_and_escape_closes_it(
    running: MainWindow, qtbot: QtBot
) -> None:
    place = running.network.position_of(Neuron(2, 1))
    assert place is not None
    qtbot.mouseDClick(running.network, LEFT, pos=place.toPoint())
    assert running.large.shown is running.large.microscope
    assert not running.network.isVisible()
    sweep = answer(qtbot, running, Sweep, lambda: running.select(Weight(2, 1, 0)))
    assert isinstance(sweep, Sweep)
    assert sweep.part == Weight(2, 1, 0)
    qtbot.keyClick(running.large.microscope, Qt.Key.Key_Escape)
    assert running.large.shown is None
    assert running.network.isVisible()


def test_a_gradient_check_is_answered_with_central_differences(
    running: MainWindow, qtbot: QtBot
) -> None:
    microscope = running.large.microscope
    check = answer(
        qtbot,
        running,
        GradientCheck,
        lambda: microscope.gradient_check_requested.emit(Weight(2, 0, 1)),
    )
    assert isinstance(check, GradientCheck)
    assert check.relative_error < 1e-4


def test_each_large_view_takes_the_place_of_another(running: MainWindow) -> None:
    for name in ("wishes", "worksheet", "microscope"):
        running.actions_[name].trigger()
        assert running.large.shown is getattr(running.large, name)
    running.actions_["microscope"].trigger()
    assert running.large.shown is None


def test_the_comparison_is_shown_at_rest_and_agrees_with_autograd(
    window: MainWindow, show: Show, qtbot: QtBot
) -> None:
    experiment = msgspec.structs.replace(default_experiment("circles"), device="cpu")
    got = answer(qtbot, window, Comparison, lambda: show(window, experiment))
    assert isinstance(got, Comparison)
    moment = window.session.moment
    assert moment is not None
    trace, data = moment.trace, moment.dataset.train
    parameters = [
        torch.tensor(values, dtype=torch.float64, requires_grad=True)
        for layer in trace.layers
        for values in (layer.weight_before, layer.bias_before)
    ]
    a = torch.tensor(data.inputs, dtype=torch.float64)
    sigma = {"tanh": torch.tanh, "sigmoid": torch.sigmoid}
    for i, layer in enumerate(experiment.network.layers):
        a = sigma[layer.activation](a @ parameters[2 * i].T + parameters[2 * i + 1])
    targets = torch.tensor(data.targets, dtype=torch.float64)
    assert experiment.loss == "binary_cross_entropy"
    cost = torch.nn.functional.binary_cross_entropy(a, targets)
    full = torch.cat([g.ravel() for g in torch.autograd.grad(cost, parameters)]).numpy()
    mini = np.concatenate(
        [g.ravel() for x in trace.layers for g in (x.weight_gradient, x.bias_gradient)]
    )
    cosine = full @ mini / np.linalg.norm(full) / np.linalg.norm(mini)
    assert got.cosine == pytest.approx(cosine, rel=1e-4)


def test_the_landscape_is_computed_when_it_is_looked_at(running: MainWindow, qtbot: QtBot) -> None:
    for _ in range(6):
        with qtbot.waitSignal(running.session.showed, timeout=30_000):
            running.session.step("mini_batch")
    tab = answer(
        qtbot, running, CostSlice, lambda: running.sample.setCurrentWidget(running.landscape)
    )
    assert isinstance(tab, CostSlice)
    assert running.landscape.relief() is not None
    # Large it is there at once, and another plane is drawn in both.
    more: list[object] = []
    running.session.answered.connect(more.append)
    running.actions_["landscape"].trigger()
    large = running.large.landscape.landscape
    assert running.large.shown is running.large.landscape
    assert large.relief() is not None
    qtbot.waitUntil(lambda: running.inquiry.at_rest, timeout=30_000)
    assert not any(isinstance(given, CostSlice) for given in more)
    found = answer(qtbot, running, CostSlice, lambda: large.plane_requested.emit("gradients"))
    assert isinstance(found, CostSlice)
    assert running.landscape.plane == large.plane == found.plane == "gradients"
    moment = running.session.moment
    assert moment is not None
    middle = found.cost[np.flatnonzero(found.y == 0)[0], np.flatnonzero(found.x == 0)[0]]
    assert middle == pytest.approx(moment.trace.total_cost_after, rel=1e-5)


def test_playing_gives_questions_up_and_rest_asks_anew(running: MainWindow, qtbot: QtBot) -> None:
    def play() -> None:
        running.session.stop_after(40)
        running.session.play()

    got = answer(qtbot, running, Comparison, play)
    assert isinstance(got, Comparison)
    assert got.update == 40


def test_editing_in_the_panel_makes_the_update_anew(running: MainWindow, qtbot: QtBot) -> None:
    running.select(Weight(1, 0, 0))
    editor = running.inspector.editor
    assert editor.isVisible()
    with qtbot.waitSignal(running.session.edited):
        editor.edit.setText("0.5")
        qtbot.keyClick(editor.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not running.session.waiting, timeout=30_000)
    moment = running.session.moment
    assert moment is not None
    assert moment.trace.parameter(Weight(1, 0, 0)) == 0.5


def test_escape_closes_it_from_wherever_the_keys_go(running: MainWindow, qtbot: QtBot) -> None:
    for widget in (running, running.inspector, running.setup, running.plot):
        running.actions_["microscope"].trigger()
        assert running.large.shown is running.large.microscope
        qtbot.keyClick(widget, Qt.Key.Key_Escape)
        assert running.large.shown is None
    running.select(Neuron(1, 0))
    qtbot.keyClick(running, Qt.Key.Key_Escape)
    assert running._selected is None


def test_another_run_begins_with_the_drawing(running: MainWindow, show: Show) -> None:
    running.actions_["microscope"].trigger()
    show(running, default_experiment("xor"))
    assert running.large.shown is None
    assert running.network.isVisible()


def test_in_a_low_window_a_large_view_has_the_room_below_too(
    running: MainWindow, qtbot: QtBot
) -> None:
    running.resize(1280, 690)
    running.actions_["microscope"].trigger()
    assert not running.plot.isVisible()
    running.actions_["microscope"].trigger()
    assert running.plot.isVisible()
    running.actions_["microscope"].trigger()
    running.resize(1280, 1000)
    qtbot.waitUntil(running.plot.isVisible)
    running.actions_["show_plot"].trigger()
    running.actions_["microscope"].trigger()
    assert not running.plot.isVisible()  # which the user has hidden
    assert running.sample.isVisible()
