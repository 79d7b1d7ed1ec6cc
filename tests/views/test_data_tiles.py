from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.core.experiment import BUILTIN_NAMES, BuiltinName
from explorer.views.data_tiles import DataTiles
from explorer.views.palette import DARK, LIGHT, Theme


@pytest.fixture
def tiles(sized: Callable[[QWidget, int, int], None]) -> DataTiles:
    tiles = DataTiles()
    sized(tiles, 260, 120)
    return tiles


def picture(icon: QIcon) -> QImage:
    return icon.pixmap(QSize(28, 28)).toImage()


@pytest.mark.parametrize("name", BUILTIN_NAMES)
def test_a_click_asks_for_the_set(tiles: DataTiles, qtbot: QtBot, name: BuiltinName) -> None:
    with qtbot.waitSignal(tiles.data_requested, check_params_cb=lambda n: n == name):
        qtbot.mouseClick(tiles.tile(name), Qt.MouseButton.LeftButton)


@pytest.mark.parametrize("name", [*BUILTIN_NAMES, None])
def test_the_set_in_use_is_marked_and_no_other(
    tiles: DataTiles, qtbot: QtBot, name: BuiltinName | None
) -> None:
    tiles.mark("wine")
    with qtbot.assertNotEmitted(tiles.data_requested):
        tiles.mark(name)
    assert [n for n in BUILTIN_NAMES if tiles.tile(n).isChecked()] == ([name] if name else [])


def test_after_the_users_own_data_a_set_can_be_marked_again(tiles: DataTiles) -> None:
    tiles.mark("xor")
    tiles.mark(None)
    tiles.mark("xor")
    assert tiles.tile("xor").isChecked()


def test_a_click_does_not_mark_what_no_fact_has_said(tiles: DataTiles, qtbot: QtBot) -> None:
    tiles.mark("circles")
    qtbot.mouseClick(tiles.tile("spiral"), Qt.MouseButton.LeftButton)
    assert tiles.tile("circles").isChecked()
    assert not tiles.tile("spiral").isChecked()


@pytest.mark.parametrize("name", BUILTIN_NAMES)
def test_every_tile_has_a_picture_in_the_themes_colours(
    tiles: DataTiles, theme: Theme, name: BuiltinName
) -> None:
    tiles.set_theme(theme)
    image = picture(tiles.tile(name).icon())
    colours = [
        image.pixelColor(x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() > 200
    ]
    assert len(colours) > 20
    if name in ("circles", "xor", "blobs", "spiral", "moons"):
        blue = sum(c.blue() > c.red() + 60 for c in colours)
        orange = sum(c.red() > c.blue() + 60 for c in colours)
        assert min(blue, orange) > 10, "both classes"


def test_each_tile_is_named_and_explained(tiles: DataTiles) -> None:
    texts = [tiles.tile(name).text() for name in BUILTIN_NAMES]
    assert len(set(texts)) == len(BUILTIN_NAMES)
    assert all(tiles.tile(name).toolTip() for name in BUILTIN_NAMES)


def test_another_theme_changes_the_pictures(tiles: DataTiles) -> None:
    tiles.set_theme(DARK)
    dark = {name: picture(tiles.tile(name).icon()) for name in BUILTIN_NAMES}
    tiles.set_theme(LIGHT)
    for name, image in dark.items():
        assert picture(tiles.tile(name).icon()) != image
