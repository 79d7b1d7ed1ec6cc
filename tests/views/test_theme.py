from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QColor, QFont, QFontInfo, QFontMetricsF, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QFileDialog,
    QFrame,
    QLabel,
    QStyle,
    QStyleOptionButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from explorer.views.palette import DARK, LIGHT, Theme, luminance
from explorer.views.theme import MONO, SANS, SERIF, apply_theme, font

Array = np.ndarray[Any, Any]


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    """The application, with the looks it had given back afterwards."""
    palette, sheet = qapp.palette(), qapp.styleSheet()
    yield qapp
    qapp.setStyleSheet(sheet)
    qapp.setPalette(palette)


@pytest.mark.parametrize("family", [SANS, SERIF, MONO])
@pytest.mark.parametrize("bold", [False, True])
def test_fonts_are_shipped(qapp: QApplication, family: str, bold: bool) -> None:
    """No machine has to have them."""
    assert qapp is not None
    made = font(13, family, bold=bold)
    assert QFontInfo(made).family() == family
    assert QFontInfo(made).pixelSize() == 13
    assert (made.weight() > QFont.Weight.Normal) == bold


@pytest.mark.parametrize("size", [10, 12, 13])
def test_figures_are_equally_wide(qapp: QApplication, size: float) -> None:
    """So that a number that changes does not move what stands beside it."""
    assert qapp is not None
    metrics = QFontMetricsF(font(size))
    widths = {metrics.horizontalAdvance(digit * 8) for digit in "0123456789"}
    assert len(widths) == 1


@pytest.mark.parametrize("letters", ["δ∂σΣη", "₀₁₂₃₄₅₆₇₈₉", "−→×·½²ˡ", "“”’–…⋮✕"])
def test_the_signs_of_the_field_can_be_written(qapp: QApplication, letters: str) -> None:
    assert qapp is not None
    metrics = QFontMetricsF(font(13))
    missing = QFontMetricsF(font(13)).horizontalAdvance("\U000f1234")
    for letter in letters:
        assert metrics.horizontalAdvance(letter) > 0
        assert metrics.inFontUcs4(ord(letter)) or metrics.horizontalAdvance(letter) != missing


def test_every_colour_of_a_theme_goes_into_the_palette_and_the_style_sheet(
    app: QApplication, theme: Theme
) -> None:
    apply_theme(app, theme)
    palette = app.palette()
    for role, colour in (
        (QPalette.ColorRole.Window, theme.panel),
        (QPalette.ColorRole.WindowText, theme.text),
        (QPalette.ColorRole.Base, theme.card),
        (QPalette.ColorRole.Highlight, theme.accent),
    ):
        assert palette.color(role) == QColor(colour)
    sheet = app.styleSheet()
    assert "$" not in sheet, "a colour without a value"
    assert theme.accent in sheet
    assert theme.panel in sheet


def test_pictures_named_in_the_style_sheet_are_there(app: QApplication, theme: Theme) -> None:
    from pathlib import Path

    apply_theme(app, theme)
    paths = re.findall(r"url\(\"?([^\")]+)\"?\)", app.styleSheet())
    assert paths
    assert all(Path(path).is_file() for path in paths)


def test_another_theme_changes_widgets_on_screen(app: QApplication, qtbot: QtBot) -> None:
    label = QLabel("words")
    qtbot.addWidget(label)
    label.setObjectName("panel")
    colours = []
    for theme in (DARK, LIGHT, DARK):
        apply_theme(app, theme)
        colours.append(label.grab().toImage().pixelColor(0, 0).lightness())
    assert colours[0] == colours[2] < 60
    assert colours[1] > 200


@pytest.mark.parametrize("ticked", [False, True])
def test_a_box_to_tick_stands_out_from_its_card(
    app: QApplication, sized: Callable[[QWidget, int, int], None], theme: Theme, ticked: bool
) -> None:
    """WCAG 2: 3 to 1, for what is seen and not read."""
    apply_theme(app, theme)
    card = QFrame()
    card.setObjectName("card")
    box = QCheckBox("frozen")
    box.setChecked(ticked)
    QVBoxLayout(card).addWidget(box)
    sized(card, 160, 40)
    option = QStyleOptionButton()
    box.initStyleOption(option)
    part = QStyle.SubElement.SE_CheckBoxIndicator
    square = box.style().subElementRect(part, option, box).translated(box.pos())
    image, y = card.grab().toImage(), square.center().y()
    row = [image.pixelColor(x, y).name() for x in range(square.left() - 3, square.left() + 4)]
    lights = [luminance(colour) for colour in row]
    ground = lights[0]
    assert max((max(v, ground) + 0.05) / (min(v, ground) + 0.05) for v in lights) >= 3


@pytest.mark.qt_log_ignore("does not support propagateSizeHints")
@pytest.mark.parametrize("name", ["toParentButton", "newFolderButton", "listModeButton"])
def test_the_buttons_of_qts_own_file_dialog_show_their_icons(
    app: QApplication, theme: Theme, qtbot: QtBot, pixels: Callable[[QWidget], Array], name: str
) -> None:
    apply_theme(app, theme)
    dialog = QFileDialog(options=QFileDialog.Option.DontUseNativeDialog)
    qtbot.addWidget(dialog)
    dialog.show()
    button = dialog.findChild(QToolButton, name)
    assert button is not None
    inner = pixels(button)[4:-4, 4:-4].astype(float)
    background = np.median(inner.reshape(-1, 3), axis=0)
    assert (np.abs(inner - background).max(axis=2) > 100).sum() >= 30
