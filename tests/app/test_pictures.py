"""Pictures of the network and of the window: in pixels, and as strokes that stay sharp."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QComboBox, QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from explorer.app.camera import Camera
from explorer.app.dialogs import ScreenshotDialog
from explorer.app.main_window import MainWindow
from explorer.core.defaults import default_experiment
from explorer.core.experiment import Experiment
from explorer.views.network.edges import edges_between

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def shown(window: MainWindow, show: Callable[[MainWindow, Experiment], None]) -> MainWindow:
    """A window on a network of 1,440 edges, drawn by the sweep where it is drawn in pixels."""
    show(window, default_experiment("digits"))
    return window


@pytest.fixture
def camera(shown: MainWindow) -> Camera:
    return shown.camera


def grey(image: QImage) -> np.ndarray:
    """(height, width) from 0 to 255."""
    small = image.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(small.constBits(), np.uint8).reshape(-1, small.bytesPerLine())
    return rows[:, : small.width()].astype(float)


def edge_count(window: MainWindow) -> int:
    layout = window.network.layout_now
    assert layout is not None
    return edges_between(layout)


def test_a_drawing_in_svg_looks_like_the_picture_in_pixels(
    camera: Camera, shown: MainWindow, tmp_path: Path
) -> None:
    """Qt's own reader of SVG draws it; words are in the same places by their outlines."""
    path = tmp_path / "x.svg"
    camera.save(path, "network", 1.0)
    drawn = QImage(shown.network.size(), QImage.Format.Format_RGB32)
    renderer = QSvgRenderer(str(path))
    assert renderer.viewBoxF().size() == shown.network.size()
    painter = QPainter(drawn)
    renderer.render(painter)
    painter.end()
    expected, found = grey(camera.picture("network", 1.0)), grey(drawn)
    canvas = np.median(expected)
    assert np.median(found) == canvas
    assert np.corrcoef(expected.ravel(), found.ravel())[0, 1] > 0.9
    layout = shown.network.layout_now
    assert layout is not None
    for before, column in pairwise(layout.columns):
        left, right = before.x, column.x
        between = slice(round(left + 0.4 * (right - left)), round(left + 0.7 * (right - left)))
        ink = [np.abs(image[:, between] - canvas).mean() for image in (expected, found)]
        assert 0.7 < ink[1] / ink[0] < 1.4, "where many edges cross, each has less ink"
    words = expected[:36, :] != canvas  # the names of the layers
    assert 0.6 < (found[:36, :] != canvas)[words].mean() <= 1


def test_a_drawing_in_svg_has_edges_as_strokes_and_no_font(
    camera: Camera, shown: MainWindow, tmp_path: Path
) -> None:
    path = tmp_path / "x.svg"
    camera.save(path, "network", 1.0)
    root = ElementTree.parse(path).getroot()
    assert not list(root.iter(f"{SVG}text"))
    lines = [line.attrib["points"].split() for line in root.iter(f"{SVG}polyline")]
    assert {len(line) for line in lines} == {2}
    assert 0.9 < len(lines) / edge_count(shown) <= 1  # those next to nothing are not drawn
    assert not list(root.iter(f"{SVG}image"))


def test_a_drawing_in_pdf_is_a_page_of_the_drawing_with_its_fonts(
    camera: Camera, shown: MainWindow, tmp_path: Path
) -> None:
    path = tmp_path / "x.pdf"
    camera.save(path, "network", 1.0)
    content = path.read_bytes()
    assert content.startswith(b"%PDF-1.")
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)
    assert box is not None
    size = shown.network.size()
    points = [float(box[1]) * 96 / 72, float(box[2]) * 96 / 72]
    assert points == pytest.approx([size.width(), size.height()], abs=1.5)
    assert b"/FontFile2" in content
    streams = re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL)
    drawn = b" ".join(zlib.decompress(s) for s in streams if s[:1] == b"\x78")
    assert len(re.findall(rb"\bl\b", drawn)) > 0.9 * edge_count(shown)


@pytest.mark.parametrize(
    ("name", "what", "said"),
    [
        ("x.svg", "window", "written as PNG, not to x.svg"),
        ("x.jpg", "network", "written as PNG or SVG or PDF, not to x.jpg"),
        ("x", "network", "not to x."),
    ],
)
def test_no_picture_is_of_another_format_than_its_name(
    camera: Camera, shown: MainWindow, tmp_path: Path, name: str, what: str, said: str
) -> None:
    camera.save(tmp_path / name, "window" if what == "window" else "network", 1.0)
    assert said in shown.notice.text
    assert not list(tmp_path.glob("x*"))


def test_the_name_may_be_in_capitals(camera: Camera, shown: MainWindow, tmp_path: Path) -> None:
    camera.save(tmp_path / "X.PNG", "window", 2.0)
    assert QImage(str(tmp_path / "X.PNG"), "png").size() == shown.size() * 2


@pytest.fixture
def dialog(qtbot: QtBot, window: MainWindow) -> ScreenshotDialog:
    made = ScreenshotDialog(window)
    qtbot.addWidget(made)
    made.show()
    return made


def choose(dialog: ScreenshotDialog, words: str) -> None:
    """Choose what says these words, in whichever box has it."""
    boxes = dialog.findChildren(QComboBox)
    box, place = next((b, b.findText(words)) for b in boxes if b.findText(words) >= 0)
    box.setCurrentIndex(place)


def test_the_formats_offered_are_those_of_the_picture(dialog: ScreenshotDialog) -> None:
    assert (dialog.what, dialog.format) == ("window", "png")
    choose(dialog, "the network alone")
    choose(dialog, "SVG, sharp at any size")
    assert (dialog.what, dialog.format) == ("network", "svg")
    copy = next(b for b in dialog.findChildren(QPushButton) if b.text() == "Copy")
    assert not copy.isEnabled()  # a copy is in pixels
    choose(dialog, "the whole window")
    assert dialog.format == "png"
    assert copy.isEnabled()


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[tuple[str, str]]]:
    """Have the network asked for as PDF, and names typed one after the other; what was offered."""

    def answer(*names: str) -> list[tuple[str, str]]:
        left, offered = list(names), []

        def accept(dialog: ScreenshotDialog) -> int:
            choose(dialog, "the network alone")
            choose(dialog, "PDF, sharp at any size")
            return ScreenshotDialog.DialogCode.Accepted

        def name(_parent: object, _title: str, start: str, kinds: str) -> tuple[str, str]:
            offered.append((start, kinds))
            typed = left.pop(0)
            return (str(tmp_path / typed) if typed else ""), kinds

        monkeypatch.setattr(ScreenshotDialog, "exec", accept)
        monkeypatch.setattr(QFileDialog, "getSaveFileName", name)
        return offered

    return answer


@pytest.mark.parametrize(
    ("name", "file"), [("lesson", "lesson.pdf"), ("run v1.2", "run v1.2.pdf"), ("x.pdf", "x.pdf")]
)
def test_asked_for_a_drawing_the_file_gets_the_ending_of_its_format(
    shown: MainWindow,
    tmp_path: Path,
    typed: Callable[..., list[tuple[str, str]]],
    name: str,
    file: str,
) -> None:
    offered = typed(name)
    shown.actions_["screenshot"].trigger()
    assert offered == [("backprop.pdf", "PDF (*.pdf)")]
    assert (tmp_path / file).read_bytes().startswith(b"%PDF")
    assert file in shown.notice.text


@pytest.mark.parametrize(("answer", "kept"), [("", True), ("lesson.pdf", False)])
def test_a_file_whose_ending_was_not_typed_is_not_written_over_unasked(
    shown: MainWindow,
    tmp_path: Path,
    typed: Callable[..., list[tuple[str, str]]],
    answer: str,
    kept: bool,
) -> None:
    """Qt's dialog has asked about the name as it was typed, so it is shown the whole one."""
    old = tmp_path / "lesson.pdf"
    old.write_bytes(b"old")
    offered = typed("lesson", answer)
    shown.actions_["screenshot"].trigger()
    assert [start for start, _ in offered] == ["backprop.pdf", str(old)]
    assert (old.read_bytes() == b"old") == kept
