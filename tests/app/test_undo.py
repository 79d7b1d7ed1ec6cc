"""Edits by hand, undo and redo: the real window, the real session."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from explorer.app.main_window import MainWindow
from explorer.core.data.load import load
from explorer.core.defaults import default_experiment
from explorer.core.experiment import Csv, Experiment, Layer, NetworkSpec, Sgd
from explorer.core.experiment_file import read_file
from explorer.core.part_of_network import Neuron, Weight
from explorer.core.trace import Trace
from explorer.core.trainer import Trainer
from explorer.session.shelf import MOST_SHELVED

Show = Callable[[MainWindow, Experiment], None]


@pytest.fixture
def circles(window: MainWindow, show: Show) -> Experiment:
    experiment = msgspec.structs.replace(default_experiment("circles"), device="cpu")
    show(window, experiment)
    return experiment


def does(qtbot: QtBot, window: MainWindow, command: Callable[[], object]) -> Trace:
    with qtbot.waitSignal(window.session.showed, timeout=30_000):
        command()
    moment = window.session.moment
    assert moment is not None
    return moment.trace


def trigger(qtbot: QtBot, window: MainWindow, action: str) -> Trace:
    return does(qtbot, window, window.actions_[action].trigger)


def test_an_edit_makes_the_update_anew_from_the_edited_parameter(
    window: MainWindow, circles: Experiment, qtbot: QtBot
) -> None:
    for _ in range(3):
        does(qtbot, window, lambda: window.session.step("mini_batch"))
    edited = does(qtbot, window, lambda: window.session.edit(Weight(1, 0, 1), 0.75))
    assert edited.update == 3
    oracle = Trainer(circles, load(circles))
    oracle.advance()
    oracle.advance()
    oracle.network.layers[0].weight.data[0, 1] = 0.75
    expected = oracle.advance_traced()
    for mine, theirs in zip(edited.layers, expected.layers, strict=True):
        np.testing.assert_array_equal(mine.weight_after, theirs.weight_after)
        np.testing.assert_array_equal(mine.bias_after, theirs.bias_after)
    # Going on, back over the edit and forward again replays it.
    for command in ("step", "step", "back", "back", "back", "step"):
        again = does(qtbot, window, lambda c=command: getattr(window.session, c)("mini_batch"))
    np.testing.assert_array_equal(again.layers[0].weight_before, edited.layers[0].weight_before)


def test_undo_takes_edits_back_one_by_one_and_redo_makes_them_again(
    window: MainWindow, circles: Experiment, qtbot: QtBot
) -> None:
    assert circles
    assert not window.actions_["undo"].isEnabled()
    moment = window.session.moment
    assert moment is not None
    before = moment.trace
    does(qtbot, window, lambda: window.session.edit(Neuron(1, 2), 1.5))
    after = does(qtbot, window, lambda: window.session.edit(Weight(2, 0, 0), -2.0))
    assert after.parameter(Neuron(1, 2)) == 1.5
    once = trigger(qtbot, window, "undo")
    assert once.parameter(Neuron(1, 2)) == 1.5
    assert once.parameter(Weight(2, 0, 0)) == before.parameter(Weight(2, 0, 0))
    twice = trigger(qtbot, window, "undo")
    for mine, theirs in zip(twice.layers, before.layers, strict=True):
        np.testing.assert_array_equal(mine.weight_after, theirs.weight_after)
    assert not window.actions_["undo"].isEnabled()
    trigger(qtbot, window, "redo")
    again = trigger(qtbot, window, "redo")
    np.testing.assert_array_equal(again.layers[1].weight_after, after.layers[1].weight_after)
    assert not window.actions_["redo"].isEnabled()


def test_undo_brings_a_run_back_as_it_was_left(
    window: MainWindow, circles: Experiment, show: Show, qtbot: QtBot
) -> None:
    for _ in range(4):
        left = does(qtbot, window, lambda: window.session.step("mini_batch"))
    show(window, msgspec.structs.replace(default_experiment("xor"), device="cpu"))
    back = trigger(qtbot, window, "undo")
    assert back is left
    assert window.session.experiment == circles
    assert len(window.session.costs) == 4
    on = does(qtbot, window, lambda: window.session.step("mini_batch"))
    oracle = Trainer(circles, load(circles))
    for _ in range(4):
        oracle.advance()
    np.testing.assert_array_equal(
        on.layers[0].weight_after, oracle.advance_traced().layers[0].weight_after
    )
    trigger(qtbot, window, "redo")
    assert "xor" in window.windowTitle()


def test_undo_brings_a_run_on_a_file_back_although_it_was_left_playing(
    window: MainWindow, circles: Experiment, qtbot: QtBot, tmp_path: Path
) -> None:
    rows = [f"{k},{k * k % 7},{k % 2}" for k in range(40)]
    (tmp_path / "table.csv").write_text("\n".join(["a,b,y", *rows]), encoding="utf-8")
    network = NetworkSpec((Layer(3), Layer(1)))
    table = Experiment(data=Csv(path="table.csv", target=("y",)), network=network, device="cpu")
    does(qtbot, window, lambda: window.experiments.open(table, tmp_path))
    does(qtbot, window, window.session.play)
    window.experiments.open(circles, Path())
    qtbot.waitUntil(lambda: window.session.ready and window.session.experiment == circles)
    trigger(qtbot, window, "undo")
    assert window.session.experiment == table
    assert window.session.folder == tmp_path


def stepped(qtbot: QtBot, window: MainWindow, updates: int) -> Trace:
    """After so many updates more."""
    for _ in range(updates):
        trace = does(qtbot, window, lambda: window.session.step("mini_batch"))
    return trace


def test_undo_brings_back_a_run_that_was_gone_back_over_and_redo_goes_back_over_it(
    window: MainWindow, circles: Experiment, qtbot: QtBot
) -> None:
    assert circles
    stepped(qtbot, window, 4)
    does(qtbot, window, lambda: window.session.edit(Weight(1, 0, 1), 0.75))
    left = stepped(qtbot, window, 5)
    does(qtbot, window, lambda: window.session.edit(Neuron(1, 2), 1.5))
    edited = stepped(qtbot, window, 3)
    updates = [edit.update for edit in window.undo.edits]
    assert updates == [4, 9]
    back = does(qtbot, window, lambda: window.session.rewind_to(6))
    assert back.update == 6
    assert window.actions_["undo"].text() == "Undo rewind to update 6"
    assert [edit.update for edit in window.undo.edits] == updates[:1]
    assert trigger(qtbot, window, "undo") is edited
    assert window.actions_["undo"].text() == "Undo edit of b₃"
    assert window.actions_["redo"].text() == "Redo rewind to update 6"
    assert [edit.update for edit in window.undo.edits] == updates
    again = trigger(qtbot, window, "redo")
    assert again.update == 6
    np.testing.assert_array_equal(again.layers[0].weight_after, back.layers[0].weight_after)
    trigger(qtbot, window, "undo")
    unedited = trigger(qtbot, window, "undo")
    assert (unedited.update, unedited.parameter(Neuron(1, 2))) == (9, left.parameter(Neuron(1, 2)))


def test_a_run_no_longer_kept_is_not_begun_again_for_a_rewind(
    window: MainWindow, circles: Experiment, qtbot: QtBot
) -> None:
    assert circles
    stepped(qtbot, window, MOST_SHELVED + 3)
    for update in range(MOST_SHELVED + 2, 2, -1):
        does(qtbot, window, lambda update=update: window.session.rewind_to(update))
    for update in range(4, MOST_SHELVED + 3):
        assert trigger(qtbot, window, "undo").update == update
    with qtbot.assertNotEmitted(window.session.showed, wait=100):
        window.actions_["undo"].trigger()
    assert not window.actions_["undo"].isEnabled()
    trigger(qtbot, window, "redo")
    # The run left last is kept, although it is the oldest of them.
    left = trigger(qtbot, window, "undo")
    does(qtbot, window, lambda: window.session.rewind_to(2))
    assert trigger(qtbot, window, "undo") is left


def test_undo_takes_a_change_of_the_setup_back(
    window: MainWindow, circles: Experiment, qtbot: QtBot
) -> None:
    changed = msgspec.structs.replace(circles, optimizer=Sgd(learning_rate=0.5))
    does(qtbot, window, lambda: window.setup.experiment_requested.emit(changed))
    assert window.session.experiment == changed
    trigger(qtbot, window, "undo")
    assert window.session.experiment == circles
    trigger(qtbot, window, "redo")
    assert window.session.experiment == changed


def test_edits_before_the_first_update_are_saved_as_initial_parameters(
    window: MainWindow, circles: Experiment, qtbot: QtBot, tmp_path: Path
) -> None:
    assert window.experiments.to_save() == (circles, "")
    edited = does(qtbot, window, lambda: window.session.edit(Weight(1, 0, 1), 0.75))
    does(qtbot, window, lambda: window.session.edit(Neuron(2, 0), -0.25))
    experiment, note = window.experiments.to_save()
    assert experiment is not None
    assert note == ""
    path = tmp_path / "edited.json"
    window.files.save(experiment, Path(), path)
    reread = Trainer(read_file(path), load(circles)).advance_traced()
    assert reread.layers[0].weight_before[0, 1] == np.float32(0.75)
    assert reread.layers[1].bias_before[0] == np.float32(-0.25)
    for mine, theirs in zip(reread.layers, edited.layers, strict=True):
        same = mine.weight_before == theirs.weight_before
        np.testing.assert_array_equal(same, np.ones_like(same))
    trigger(qtbot, window, "undo")
    trigger(qtbot, window, "undo")
    assert window.experiments.to_save() == (circles, "")


def test_later_edits_are_said_not_to_be_in_the_file(
    window: MainWindow, circles: Experiment, show: Show, qtbot: QtBot
) -> None:
    does(qtbot, window, lambda: window.session.step("mini_batch"))
    does(qtbot, window, lambda: window.session.step("mini_batch"))
    does(qtbot, window, lambda: window.session.edit(Weight(1, 0, 1), 0.75))
    experiment, note = window.experiments.to_save()
    assert experiment == circles
    assert "not part of the file" in note
    show(window, msgspec.structs.replace(circles, title="another run"))
    assert window.experiments.to_save()[1] == ""
    trigger(qtbot, window, "undo")
    assert "not part of the file" in window.experiments.to_save()[1]
    for _ in range(2):
        trace = does(qtbot, window, lambda: window.session.back("mini_batch"))
    assert trace.update == 1
    assert window.experiments.to_save() == (circles, note)


def test_after_a_value_was_typed_the_keys_are_the_windows_again(
    window: MainWindow, circles: Experiment, qtbot: QtBot
) -> None:
    assert circles
    part = Weight(1, 0, 1)
    window.select(part)
    moment = window.session.moment
    assert moment is not None
    before = moment.trace.parameter(part)
    field = window.inspector.editor.edit
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "1.5")

    def keyed(key: Qt.Key, modifier: Qt.KeyboardModifier) -> Trace:
        target = window.focusWidget() or window
        return does(qtbot, window, lambda: qtbot.keyClick(target, key, modifier))

    none, control = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
    assert keyed(Qt.Key.Key_Return, none).parameter(part) == 1.5
    assert keyed(Qt.Key.Key_Z, control).parameter(part) == before
    keyed(Qt.Key.Key_Right, none)
    assert window.session.moment is not None
    assert str(window.session.moment.beat) == "forward:1"
    # Also while the field has the keys, as long as nothing has been typed into it.
    does(qtbot, window, lambda: window.session.edit(part, 0.5))
    field.setFocus()
    assert keyed(Qt.Key.Key_Z, control).parameter(part) == before
