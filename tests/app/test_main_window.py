"""The program end to end: the real window, the real session, real data, real files."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QImage, QTextDocument, QTextDocumentFragment
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QWidget,
)
from pytestqt.qtbot import QtBot

from explorer.app.actions import ACTIONS
from explorer.app.application import report_exceptions
from explorer.app.dialogs import ShortcutsDialog
from explorer.app.main import main
from explorer.app.main_window import MainWindow
from explorer.app.preferences import Preferences
from explorer.core.beats import Beat, parse_beat
from explorer.core.data.load import load
from explorer.core.defaults import default_experiment
from explorer.core.experiment import BuiltinName, Csv, Experiment, Layer, NetworkSpec, Sgd
from explorer.core.experiment_file import read_file, write
from explorer.core.moment import Moment
from explorer.core.numbers import number
from explorer.core.part_of_network import Neuron
from explorer.core.trainer import Trainer
from explorer.session.speed import FLAT_OUT, Speed
from explorer.views.palette import DARK, LIGHT, sequential
from explorer.views.update_rows import change_text, moved_text

Show = Callable[[MainWindow, Experiment], None]


def press(qtbot: QtBot, window: MainWindow, key: Qt.Key, times: int = 1) -> None:
    """Press a key and wait each time for what it brings on screen."""
    for _ in range(times):
        with qtbot.waitSignal(window.session.showed, timeout=30_000):
            qtbot.keyClick(window, key)


def stopped(qtbot: QtBot, window: MainWindow):  # type: ignore[no-untyped-def]
    return qtbot.waitSignal(
        window.session.playing_changed, timeout=60_000, check_params_cb=lambda on: not on
    )


def pixel(image: QImage, at: QPointF) -> tuple[int, int, int]:
    scale = image.devicePixelRatio()
    colour = image.pixelColor(round(at.x() * scale), round(at.y() * scale))
    return colour.red(), colour.green(), colour.blue()


def test_digits_from_the_first_beat_to_a_screenshot_and_back(
    window: MainWindow,
    show: Show,
    qtbot: QtBot,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    digits = msgspec.structs.replace(default_experiment("digits"), device="cpu")
    show(window, digits)
    sentences = [window.sentence.text()]
    for _ in range(9):
        press(qtbot, window, Qt.Key.Key_Right)
        sentences.append(window.sentence.text())
    assert len(set(sentences)) == 10
    assert window.ribbon.button("update").isChecked()
    window.setup.stop.value_changed.emit(200)
    with stopped(qtbot, window):
        qtbot.keyClick(window, Qt.Key.Key_Space)
    moment = window.session.moment
    assert moment is not None
    assert moment.trace.update == 200
    press(qtbot, window, Qt.Key.Key_Left, times=11)
    moment = window.session.moment
    assert moment is not None
    assert (moment.trace.update, str(moment.beat)) == (199, "average")

    picture = tmp_path / "picture.png"
    window.camera.save(picture, "window", 2.0)
    image = QImage(str(picture))
    assert image.size() == window.size() * 2

    experiment = tmp_path / "digits.json"
    experiment.write_text(write(digits))
    assert main(["trace", str(experiment), "--updates", "199"]) == 0
    printed = json.loads(capsys.readouterr().out)
    layers = zip(moment.trace.plain()["layers"], printed["layers"], strict=True)
    different = [
        (layer, name)
        for layer, (ours, theirs) in enumerate(layers, start=1)
        for name in ours
        if ours[name] != theirs[name]
    ]
    assert different == []
    assert printed["indices"] == moment.trace.indices.tolist()
    assert printed["batch_cost"] == moment.trace.batch_cost


def test_every_number_of_mazur_is_in_the_window(
    window: MainWindow, show: Show, qtbot: QtBot
) -> None:
    show(window, default_experiment("mazur"))
    press(qtbot, window, Qt.Key.Key_Right, times=3)
    assert "0.298" in window.sentence.text()
    window.select(Neuron(2, 0))
    values = [line.value for line in window.inspector.formulas.lines]
    assert values[0] == "1.11"  # net o1 = 1.105905967
    assert values[1].startswith("0.751")  # out o1 = 0.75136507
    assert values[2] == "0.275"  # E o1 = 0.274811083
    press(qtbot, window, Qt.Key.Key_Right)
    values = [line.value for line in window.inspector.formulas.lines]
    assert values[3:] == ["+0.741", "+0.138"]  # 0.74136507 and 0.138498562
    press(qtbot, window, Qt.Key.Key_Right, times=3)
    (move,) = (move for move in window.inspector.moves.moves if move.name == "w₁")
    assert moved_text(move) == "0.400 → 0.359"  # w5: 0.4 to 0.35891648
    assert change_text(move) == "−0.0411"


def test_neurons_in_the_screenshot_have_the_colours_of_their_values(
    window: MainWindow, show: Show, qtbot: QtBot
) -> None:
    show(window, default_experiment("mazur"))
    press(qtbot, window, Qt.Key.Key_Right, times=2)
    moment = window.session.moment
    assert moment is not None
    for scale in (1.0, 2.0, 3.0):
        image = window.camera.picture("window", scale)
        assert image.size() == QSize(round(1280 * scale), round(720 * scale))
        for index, a in enumerate(moment.trace.layers[0].activation[0]):
            place = window.network.position_of(Neuron(1, index))
            assert place is not None
            # Beside the number that is written in the middle.
            inside = QPointF(window.network.mapTo(window, place)) + QPointF(0, 9)
            expected = sequential(np.array(a), 1.0, DARK)
            np.testing.assert_allclose(pixel(image, inside), expected, atol=3)


@pytest.mark.parametrize("size", [(1280, 720), (1600, 1000), (2560, 1440)])
@pytest.mark.parametrize("name", ["digits", "circles", "mazur"])
def test_nothing_is_clipped_or_overlaps(
    window: MainWindow, show: Show, qtbot: QtBot, size: tuple[int, int], name: str
) -> None:
    window.resize(*size)
    window.spread()
    show(window, default_experiment(name))
    for _ in range(6):
        press(qtbot, window, Qt.Key.Key_Right)
        for _ in range(3):  # layouts ask each other for room through events
            QGuiApplication.processEvents()
        assert_fits(window)


def assert_fits(window: MainWindow) -> None:
    """Every visible widget lies within its parent, and siblings do not cover each other."""
    for area in (window.setup, window.inspector):
        content = area.widget()
        assert content.minimumSizeHint().width() <= area.viewport().width(), area
    shown = [w for w in window.findChildren(QWidget) if w.isVisible() and w.width()]
    for widget in shown:
        parent = widget.parentWidget()
        if parent is None or widget.isWindow() or _scrolled(parent):
            continue
        assert parent.rect().adjusted(-1, -1, 1, 1).contains(widget.geometry()), widget
    column = [window.ribbon, window.sentence, window.strip, window.network]
    for upper, lower in pairwise(column):
        assert upper.geometry().bottom() < lower.geometry().top()
    text = window.sentence
    assert text.heightForWidth(text.width()) <= text.height()


def _scrolled(parent: QWidget) -> bool:
    above = parent.parentWidget()
    return isinstance(above, QScrollArea) or parent.metaObject().className() == "QMenuBar"


def test_space_plays_from_a_number_field_and_leaves_it_alone(
    window: MainWindow, show: Show, qtbot: QtBot
) -> None:
    show(window, default_experiment("circles"))
    field = window.setup.rate.edit
    field.setFocus()
    assert window.focusWidget() is field
    text = field.text()
    with qtbot.waitSignal(window.session.playing_changed, timeout=30_000):
        qtbot.keyClick(field, Qt.Key.Key_Space)
    assert window.session.playing
    with stopped(qtbot, window):
        qtbot.keyClick(field, Qt.Key.Key_Space)
    assert field.text() == text


def test_home_resets_and_the_notice_says_why_a_run_restarts(
    window: MainWindow, show: Show, qtbot: QtBot
) -> None:
    show(window, default_experiment("circles"))
    press(qtbot, window, Qt.Key.Key_Right, times=12)
    press(qtbot, window, Qt.Key.Key_Home)
    moment = window.session.moment
    assert moment is not None
    assert (moment.trace.update, moment.beat.kind) == (1, "mini_batch")
    assert not window.notice.isVisible()
    with qtbot.waitSignals([window.session.restarted, window.session.showed], timeout=30_000):
        window.setup.seed.more.click()
    assert "initial weights" in window.notice.text
    with qtbot.waitSignal(window.session.adjusted, timeout=30_000):
        window.setup.rate.slider.setValue(3)
    assert window.session.experiment is not None
    assert window.session.experiment.optimizer.learning_rate == pytest.approx(5e-4)


@pytest.mark.parametrize("same", [True, False])
def test_a_selection_is_kept_by_a_run_of_a_network_of_the_same_size(
    window: MainWindow, show: Show, qtbot: QtBot, same: bool
) -> None:
    show(window, default_experiment("circles"))
    window.select(Neuron(1, 0))
    with qtbot.waitSignal(window.session.showed, timeout=30_000):
        window.session.step("mini_batch")
    if same:
        with qtbot.waitSignal(window.session.showed, timeout=30_000):
            window.actions_["reset"].trigger()
    else:
        show(window, default_experiment("iris"))
    moment = window.session.moment
    assert moment is not None
    assert moment.trace.update == 1
    assert ("HIDDEN 1 · NEURON 1" in window.inspector._title.text()) == same
    surface = moment.trace.surface
    assert bool(surface is not None and surface.inner_after) == same


def test_a_selection_is_kept_while_stepping_and_playing(
    window: MainWindow, show: Show, qtbot: QtBot
) -> None:
    show(window, default_experiment("circles"))
    chosen = Neuron(1, 2)
    place = window.network.position_of(chosen)
    assert place is not None
    qtbot.mouseClick(window.network, Qt.MouseButton.LeftButton, pos=place.toPoint())
    assert "HIDDEN 1 · NEURON 3" in window.inspector._title.text()
    press(qtbot, window, Qt.Key.Key_Right, times=12)
    window.session.stop_after(60)
    with stopped(qtbot, window):
        window.session.play()
    assert "HIDDEN 1 · NEURON 3" in window.inspector._title.text()


def test_all_of_the_window_shows_one_update_at_readable_speeds_and_in_pictures(
    window: MainWindow, show: Show, qtbot: QtBot
) -> None:
    show(window, default_experiment("circles"))
    told: list[tuple[int, str]] = []

    def said() -> str:
        return QTextDocumentFragment.fromHtml(window.sentence.text()).toPlainText()

    def tell(moment: Moment) -> None:
        told.append((moment.trace.update, said()))

    window.session.showed.connect(tell)
    window.session.set_speed(Speed("update", 20.0))
    window.session.stop_after(8)
    with stopped(qtbot, window):
        window.session.play()
    assert len({update for update, _ in told[:-1]}) >= 3
    for update, sentence in told[:-1]:  # the last one tells what the update did
        assert f"update {update}," in sentence
    window.session.stop_after(0)
    window.session.set_speed(FLAT_OUT)
    with qtbot.waitSignal(window.session.showed, timeout=30_000):
        window.session.play()
    for _ in range(5):
        with qtbot.waitSignal(window.session.showed, timeout=30_000):
            pass
        window.finish()
        moment = window.session.moment
        assert moment is not None
        assert f"update {moment.trace.update:,}," in said()


def test_the_knob_below_the_plot_is_dragged_back_to_any_update(
    window: MainWindow, show: Show, qtbot: QtBot
) -> None:
    show(window, default_experiment("circles"))
    window.session.stop_after(400)
    with stopped(qtbot, window):
        window.session.play()
    bar = window.plot.rewind
    assert bar.isEnabled()
    assert bar.update_shown == 400
    where = QPoint(round(bar.place_of(150)), 9)
    with qtbot.waitSignal(window.session.showed, timeout=30_000):
        qtbot.mousePress(bar, Qt.MouseButton.LeftButton, pos=where)
    target = bar.update_shown
    assert abs(target - 150) <= 2
    assert f"update {target}" in window.plot.values_text
    moment = window.session.moment
    assert moment is not None
    total = moment.trace.total_cost_after
    assert total is not None
    assert f"<b>{number(total)}</b>" in window.plot.values_text  # and not the one measured nearby
    window.finish()
    said = QTextDocumentFragment.fromHtml(window.sentence.text()).toPlainText()
    assert f"Looking back at update {target}," in said
    assert len(window.session.costs) == 400
    assert bar.update_shown == target
    where = QPoint(round(bar.place_of(160)), 9)
    with qtbot.waitSignal(window.session.showed, timeout=30_000):
        qtbot.mouseMove(bar, where)
    target = bar.update_shown
    with qtbot.waitSignal(window.session.showed, timeout=30_000):
        qtbot.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=where)
    moment = window.session.moment
    assert moment is not None
    experiment = moment.experiment
    expected = Trainer(experiment, load(experiment))
    expected.advance_many(target - 1)
    trace = expected.advance_traced()
    assert moment.trace.update == bar.update_shown == target
    for mine, theirs in zip(moment.trace.layers, trace.layers, strict=True):
        np.testing.assert_array_equal(mine.weight_after, theirs.weight_after)


def test_a_command_while_the_knob_is_held_drops_it(
    window: MainWindow, show: Show, qtbot: QtBot
) -> None:
    show(window, default_experiment("circles"))
    window.session.stop_after(300)
    with stopped(qtbot, window):
        window.session.play()
    bar = window.plot.rewind
    where = QPoint(round(bar.place_of(100)), 9)
    with qtbot.waitSignal(window.session.showed, timeout=30_000):
        qtbot.mousePress(bar, Qt.MouseButton.LeftButton, pos=where)
    with qtbot.waitSignal(window.session.showed, timeout=30_000):
        window.actions_["back"].trigger()
    assert bar.update_shown == 300
    with qtbot.assertNotEmitted(bar.released):
        qtbot.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=where)
    assert window.session.moment is not None
    assert window.session.moment.trace.update == 300


def test_an_experiment_saved_elsewhere_still_finds_its_data(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    data, lessons = tmp_path / "all" / "data", tmp_path / "all" / "lessons"
    data.mkdir(parents=True)
    lessons.mkdir()
    rows = [f"{k},{k * k % 7},{k % 2}" for k in range(40)]
    (data / "table.csv").write_text("\n".join(["a,b,y", *rows]), encoding="utf-8")
    network = NetworkSpec((Layer(3), Layer(1)))
    table = Experiment(data=Csv(path="table.csv", target=("y",)), network=network, device="cpu")
    with qtbot.waitSignal(window.session.showed, timeout=60_000):
        window.experiments.open(table, data)
    window.files.save(table, window.session.folder, lessons / "lesson.json")
    assert json.loads((lessons / "lesson.json").read_text())["data"]["path"] == "../data/table.csv"
    moved = (tmp_path / "all").rename(tmp_path / "moved")
    with qtbot.waitSignals([window.session.restarted, window.session.showed], timeout=60_000):
        window.files.open(moved / "lessons" / "lesson.json")
    assert window.session.folder == moved / "lessons"


def test_a_save_that_fails_leaves_the_older_file_whole(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    path = tmp_path / "lesson.json"
    window.files.save(default_experiment("xor"), Path(), path)
    before = path.read_bytes()

    def full(self: Path, content: bytes) -> int:
        with self.open("wb") as file:
            file.write(content[: len(content) // 2])
        raise OSError("No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with qtbot.waitSignal(window.files.failed, timeout=1000) as failed:
        window.files.save(default_experiment("blobs"), Path(), path)
    assert "No space left" in failed.args[0]
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir() if "lesson" in each.name] == [path.name]


def test_changes_that_follow_each_other_before_a_run_has_begun_add_up(
    window: MainWindow, show: Show, qtbot: QtBot
) -> None:
    show(window, default_experiment("xor"))
    before = window.session.experiment
    assert before is not None
    window.setup.loss.setCurrentIndex(window.setup.loss.findData("squared_error"))
    window.setup.loss.activated.emit(window.setup.loss.currentIndex())
    window.setup.seed.more.click()
    qtbot.waitUntil(lambda: window.session.ready and window.session.experiment != before)
    after = window.session.experiment
    assert after is not None
    assert after.loss == "squared_error"
    assert after.network.initial.seed == before.network.initial.seed + 1


def test_the_plot_paints_itself_once_a_run_has_come_to_rest(
    window: MainWindow, show: Show, qtbot: QtBot, painted: type
) -> None:
    """Whatever turn to be painted was dropped on the way."""
    show(window, default_experiment("circles"))
    plot = window.plot
    with qtbot.waitSignal(window.session.costs_changed, timeout=30_000):
        window.session.play()
    plot.hold_painting()  # as a turn does
    with stopped(qtbot, window):
        window.session.pause()
    for _ in range(5):
        QApplication.processEvents()
    paints = painted(plot.curves.viewport())
    plot.set_log(True)
    qtbot.waitUntil(lambda: paints.times > 0)


def test_themes_switch_while_running_and_are_remembered(
    window: MainWindow, show: Show, preferences: Preferences
) -> None:
    show(window, default_experiment("circles"))
    corner = QPointF(window.network.mapTo(window, window.network.rect().topLeft())) + QPointF(2, 2)
    for name, theme in (("light", LIGHT), ("dark", DARK), ("light", LIGHT)):
        window.actions_["light"].setChecked(name == "light")
        colour = QImage(window.camera.picture("window", 1.0)).pixelColor(corner.toPoint())
        assert colour.name() == theme.canvas
        assert preferences.theme == name


def test_neurons_show_their_surface_and_it_is_remembered(
    window: MainWindow, show: Show, qtbot: QtBot, preferences: Preferences
) -> None:
    """Only while the option is on, or a hidden neuron is selected, are they computed."""
    show(window, default_experiment("circles"))
    session = window.session

    def inner() -> bool:
        surface = session.moment.trace.surface if session.moment else None
        return surface is not None and bool(surface.inner_after)

    assert not inner()
    before = window.network.grab().toImage()
    qtbot.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(inner, timeout=30_000)
    assert window.network.grab().toImage() != before
    assert preferences.faces
    window.actions_["faces"].setChecked(False)
    session.step("mini_batch")  # to the end of the update on screen
    session.step("mini_batch")
    qtbot.waitUntil(lambda: session.ready and not inner(), timeout=30_000)
    window.select(Neuron(1, 0))
    qtbot.waitUntil(inner, timeout=30_000)
    assert not preferences.faces


def test_moving_steps_are_switched_off_for_good_and_end_for_a_picture(
    window: MainWindow, show: Show, qtbot: QtBot, preferences: Preferences
) -> None:
    show(window, default_experiment("circles"))
    press(qtbot, window, Qt.Key.Key_Right)
    assert window.network.moving
    window.camera.picture("window", 1.0)
    assert not window.network.moving
    window.actions_["animate"].trigger()
    press(qtbot, window, Qt.Key.Key_Right)
    assert not window.network.moving
    assert not preferences.animate
    again = MainWindow(preferences)
    assert not again.actions_["animate"].isChecked()
    again.close()
    window.actions_["animate"].trigger()
    assert preferences.animate


def test_panels_hide_and_come_back(window: MainWindow, show: Show, qtbot: QtBot) -> None:
    show(window, default_experiment("circles"))
    width = window.network.width()
    for key in (Qt.Key.Key_F2, Qt.Key.Key_F3, Qt.Key.Key_F4, Qt.Key.Key_F5):
        qtbot.keyClick(window, key)
    panels = (window.setup, window.inspector, window.plot, window.sample)
    assert not any(panel.isVisible() for panel in panels)
    qtbot.waitUntil(lambda: window.network.width() > width + 400)
    window.actions_["restore_panels"].trigger()
    assert all(panel.isVisible() for panel in panels)


def test_a_wrong_file_gives_one_message_and_changes_nothing(
    window: MainWindow, show: Show, tmp_path: Path
) -> None:
    circles = default_experiment("circles")
    show(window, circles)
    wrong = tmp_path / "wrong.json"
    wrong.write_text(write(circles).replace('"units": 4', '"units": 0'))
    window.files.open(wrong)
    assert window.notice.text == (
        "wrong.json was not opened. $.network.layers[0].units: "
        "expected an integer from 1 to 1024, got 0"
    )
    window.files.open(tmp_path / "missing.json")
    assert "missing.json" in window.notice.text
    assert window.session.experiment == circles
    assert window.session.moment is not None


def test_experiments_are_saved_and_opened_again(
    window: MainWindow, show: Show, qtbot: QtBot, tmp_path: Path, preferences: Preferences
) -> None:
    experiment = msgspec.structs.replace(
        default_experiment("xor"), optimizer=Sgd(learning_rate=0.25), title="by hand"
    )
    show(window, experiment)
    path = tmp_path / "xor.json"
    window.files.save(experiment, Path(), path)
    assert read_file(path) == experiment
    show(window, default_experiment("blobs"))
    with qtbot.waitSignal(window.session.showed, timeout=30_000):
        window.files.open(path)
    assert window.session.experiment == experiment
    assert preferences.recent == [path.resolve()]
    assert "by hand" in window.windowTitle()


def test_an_exception_in_a_slot_gives_a_message(
    window: MainWindow, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(window, default_experiment("circles"))
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    report_exceptions(window)
    error = RuntimeError("a fault put in by the test")
    sys.excepthook(RuntimeError, error, None)
    assert "RuntimeError: a fault put in by the test" in window.notice.text
    assert window.notice.isVisible()


def test_a_picture_goes_to_the_clipboard(window: MainWindow, show: Show) -> None:
    show(window, default_experiment("circles"))
    window.actions_["copy_network"].trigger()
    image = QGuiApplication.clipboard().image()
    assert image.size() == window.network.size() * 2


def test_a_picture_that_cannot_be_written_leaves_the_old_one(
    window: MainWindow, show: Show, tmp_path: Path
) -> None:
    show(window, default_experiment("circles"))
    window.camera.save(tmp_path / "none" / "x.png", "network", 1.0)
    assert "was not saved" in window.notice.text
    assert not (tmp_path / "none").exists()


def test_every_action_of_the_table_has_a_menu_entry_and_no_shortcut_twice(
    window: MainWindow, qtbot: QtBot
) -> None:
    keys = [key for spec in ACTIONS for key in spec.shortcuts]
    assert len(keys) == len(set(keys))
    entries = {a.objectName() for menu in window.menuBar().actions() for a in menu.menu().actions()}
    assert {spec.id for spec in ACTIONS} <= entries
    dialog = ShortcutsDialog(window)
    qtbot.addWidget(dialog)
    texts = " ".join(w.text() for w in dialog.findChildren(QWidget) if hasattr(w, "text"))
    for spec in ACTIONS:
        if spec.shortcuts:
            assert spec.tip in texts


def test_the_list_of_shortcuts_is_as_wide_as_its_lines(window: MainWindow, qtbot: QtBot) -> None:
    dialog = ShortcutsDialog(window)
    qtbot.addWidget(dialog)
    dialog.grab()  # which lays it out
    for label in dialog.findChildren(QLabel):
        right = label.mapTo(dialog, QPoint(label.sizeHint().width(), 0)).x()
        assert right <= dialog.findChild(QScrollArea).viewport().width(), label.text()
    assert dialog.findChild(QScrollArea).horizontalScrollBar().maximum() == 0
    (close,) = dialog.findChildren(QPushButton)
    assert close.mapTo(dialog, QPoint(close.width(), 0)).x() <= dialog.width() - 14


def test_playing_changes_no_layout(window: MainWindow, show: Show, qtbot: QtBot) -> None:
    """What stands still from beat to beat is easy to follow."""
    show(window, default_experiment("digits"))
    places: set[tuple[int, ...]] = set()
    for _ in range(10):
        press(qtbot, window, Qt.Key.Key_Right)
        rects = [w.geometry() for w in (window.network, window.strip, window.plot)]
        places.add(tuple(v for r in rects for v in r.getRect()))
        button = window.transport.button("step").geometry()
        places.add(tuple(button.getRect()))
    assert len(places) == 2


def test_space_plays_from_every_field_of_numbers_and_is_written_where_words_are_looked_for(
    window: MainWindow, show: Show, qtbot: QtBot
) -> None:
    show(window, default_experiment("breast_cancer"))
    words = [f for f in window.findChildren(QLineEdit) if f.validator() is None]
    assert words == [window.inspector.search]
    window.select(Neuron(1, 0))
    window.session.show_beat(parse_beat("backward:1", 2))
    window.inspector.search.setFocus()
    qtbot.keyClicks(window.inspector.search, "mean radius")
    assert window.inspector.search.text() == "mean radius"
    assert not window.session.playing
    names = [bar.name for section in window.inspector.bars.sections for bar in section.bars]
    assert any("mean radius" in name for name in names)


def test_none_true_and_false_keep_their_references_while_painting(
    window: MainWindow, show: Show
) -> None:
    """Some versions of PySide6 lose one at every paint and abort the interpreter in the end."""
    show(window, default_experiment("circles"))
    before = [sys.getrefcount(x) for x in (None, True, False)]
    for _ in range(100):
        window.network.repaint()
        window.sample.repaint()
    after = [sys.getrefcount(x) for x in (None, True, False)]
    for was, now in zip(before, after, strict=True):
        assert now > was - 100


def test_the_list_of_the_readme_names_every_shortcut() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| `(.+?)` \|", readme, re.MULTILINE)
    listed = {key for cell in table for key in re.split(r"`, `", cell)}
    assert {key for spec in ACTIONS for key in spec.shortcuts} <= listed


@pytest.mark.parametrize("width", [1260, 1280, 1440, 1600, 1900])
def test_counters_are_shown_whole_however_narrow_the_window(
    window: MainWindow, show: Show, qtbot: QtBot, width: int
) -> None:
    show(window, default_experiment("digits"))
    window.resize(width, 720)
    window.session.show_beat(Beat("update"))
    counters = window.transport._counters
    qtbot.waitUntil(lambda: window.transport.width() == width)
    metrics = QTextDocument()
    metrics.setDefaultFont(counters.font())

    def fits() -> bool:
        metrics.setHtml(counters.text())
        return "update" in metrics.toPlainText() and metrics.idealWidth() <= counters.width() + 9

    qtbot.waitUntil(fits, timeout=3000)
    metrics.setHtml(counters.text())
    assert ("mini-batch" in metrics.toPlainText()) or width < 1600


def test_the_plot_goes_as_far_as_the_beat_on_screen(window: MainWindow, show: Show) -> None:
    show(window, default_experiment("circles"))

    def drawn(beat: Beat) -> tuple[list[float], list[float]]:
        window.session.show_beat(beat)
        return tuple(window.plot.curves.curve_data(name)[0].tolist() for name in ("batch", "train"))

    assert drawn(Beat("forward", 1)) == ([], [0.0])
    assert drawn(Beat("cost")) == ([1.0, 1.0], [0.0])
    assert drawn(Beat("update")) == ([1.0, 1.0], [0.0, 1.0])
    assert drawn(Beat("backward", 1)) == ([1.0, 1.0], [0.0])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("xor", "Another data set: a new run"),
        ("circles", "The same data set with its own settings: a new run"),
    ],
)
def test_a_data_set_chosen_begins_a_run_of_its_own_settings(
    window: MainWindow, show: Show, qtbot: QtBot, name: BuiltinName, said: str
) -> None:
    circles = default_experiment("circles")
    mini_batch = msgspec.structs.replace(circles.mini_batch, size=3)
    show(window, msgspec.structs.replace(circles, mini_batch=mini_batch))
    with qtbot.waitSignal(window.session.showed, timeout=60_000):
        qtbot.mouseClick(window.setup.tiles.tile(name), Qt.MouseButton.LeftButton)
    assert window.session.experiment == default_experiment(name)
    assert window.notice.text.startswith(said)
