from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from explorer.app.exercise import ExerciseDialog
from explorer.core.data.load import load
from explorer.core.trainer import Trainer

LEFT = Qt.MouseButton.LeftButton

# The offscreen platform says so of every dialog that is shown.
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints", extend=True)


@pytest.fixture
def dialog(qtbot: QtBot) -> ExerciseDialog:
    made = ExerciseDialog()
    qtbot.addWidget(made)
    made.show()
    return made


def test_mazur_starts_and_gives_the_published_numbers(qtbot: QtBot, dialog: ExerciseDialog) -> None:
    assert dialog.start.isEnabled()
    with qtbot.waitSignal(dialog.accepted):
        qtbot.mouseClick(dialog.start, LEFT)
    experiment = dialog.experiment
    assert experiment is not None
    trace = Trainer(experiment, load(experiment, Path())).advance_traced()
    assert trace.batch_cost == pytest.approx(0.298371109, abs=5e-10)
    assert trace.layers[1].weight_after[0, 0] == pytest.approx(0.35891648, abs=5e-9)
    assert trace.layers[0].weight_after[0, 0] == pytest.approx(0.149780716, abs=5e-10)
    assert (trace.layers[0].bias_after == 0.35).all()


def test_a_field_in_red_blocks_the_start(dialog: ExerciseDialog) -> None:
    cell = dialog.editor.examples.cell(0, 0)
    cell.setText("many")
    assert not dialog.start.isEnabled()
    assert dialog.refusal == "1 field holds no number; see the red marks."
    assert dialog.experiment is None
    cell.setText("1")
    assert dialog.start.isEnabled()
    assert dialog.refusal == ""


def test_targets_that_do_not_go_with_the_cost_are_refused(dialog: ExerciseDialog) -> None:
    loss = dialog.editor.network.loss
    loss.setCurrentIndex(loss.findData("cross_entropy"))
    loss.activated.emit(loss.currentIndex())
    assert dialog.start.isEnabled()
    dialog.editor.examples.cell(0, 2).setText("0.5")
    assert dialog.refusal == "$.data.targets[0]: cross_entropy needs targets that sum to 1"
    assert not dialog.start.isEnabled()


def test_mazur_again(qtbot: QtBot, dialog: ExerciseDialog) -> None:
    first = dialog.experiment
    dialog.editor.network.hidden_count.more.click()
    dialog.editor.count.more.click()
    dialog.editor.rate.setText("x")
    assert dialog.experiment != first
    qtbot.mouseClick(dialog.reset, LEFT)
    assert dialog.experiment == first


def test_enter_in_a_field_starts_nothing(qtbot: QtBot, dialog: ExerciseDialog) -> None:
    qtbot.keyClick(dialog.editor.output.grid.cell(0, 0), Qt.Key.Key_Return)
    qtbot.keyClick(dialog.editor.rate, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert dialog.result() != QDialog.DialogCode.Accepted


def test_it_fits_a_small_screen(dialog: ExerciseDialog) -> None:
    for stepper in (
        dialog.editor.network.inputs,
        dialog.editor.network.output.units,
        dialog.editor.network.hidden_count,
    ):
        while stepper.more.isEnabled():
            stepper.more.click()
    for row in dialog.editor.network.hidden:
        while row.units.more.isEnabled():
            row.units.more.click()
    QApplication.processEvents()
    assert dialog.minimumSizeHint().width() <= 1024
    assert dialog.width() <= 1024
    assert dialog.height() <= 640
    cells = dialog.editor.examples
    last = cells.cell(0, 11)
    right = last.mapTo(dialog, last.rect().topRight()).x()
    assert right < dialog.width() - 9
    assert last.height() == last.sizeHint().height()


def test_walking_scrolls_along(qtbot: QtBot, dialog: ExerciseDialog) -> None:
    dialog.editor.count.set_value(20)
    dialog.editor.count.value_changed.emit(20)
    QApplication.processEvents()
    for row in range(19):
        qtbot.keyClick(dialog.editor.examples.cell(row, 0), Qt.Key.Key_Down)
    last = dialog.editor.examples.cell(19, 0)
    assert last.hasFocus()
    assert not last.visibleRegion().isEmpty()
    assert np.isclose(last.visibleRegion().boundingRect().height(), last.height())
