from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from explorer.views.number_grid import NumberGrid, Place
from explorer.views.palette import THEMES, rgb
from explorer.views.theme import apply_theme
from explorer.views.validity import is_marked

Key = Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier


def first(place: Place) -> str:
    return f"{place.row}.{place.column}" if place.block == "left" else "9"


@pytest.fixture
def grid(sized: Callable[[QWidget, int, int], None]) -> NumberGrid:
    """Two rows of two numbers, and one more on the right."""
    grid = NumberGrid("Numbers", first)
    sized(grid, 400, 120)
    grid.set_names(["one", "two"], ["p", "q"], ["r"])
    return grid


@pytest.fixture
def changes(grid: NumberGrid) -> list[int]:
    told: list[int] = []
    grid.changed.connect(lambda: told.append(1))
    return told


def texts(grid: NumberGrid) -> list[list[str]]:
    rows, columns = grid.shape
    return [[grid.cell(r, c).text() for c in range(columns)] for r in range(rows)]


def put(qtbot: QtBot, grid: NumberGrid, row: int, column: int, text: str) -> None:
    cell = grid.cell(row, column)
    cell.selectAll()
    qtbot.keyClicks(cell, text)


def paste(qtbot: QtBot, grid: NumberGrid, row: int, column: int, text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    qtbot.keyClick(grid.cell(row, column), Key.Key_V, CONTROL)


def focused(grid: NumberGrid) -> tuple[int, int] | None:
    rows, columns = grid.shape
    at = [(r, c) for r in range(rows) for c in range(columns) if grid.cell(r, c).hasFocus()]
    return at[0] if at else None


class TestShape:
    def test_fields_stand_under_their_names(self, grid: NumberGrid) -> None:
        QApplication.processEvents()
        labels = {x.text(): x for x in grid.findChildren(QLabel) if x.isVisible()}
        assert labels.keys() == {"one", "two", "p", "q", "r"}
        for column, name in enumerate("pqr"):
            for row, side in enumerate(("one", "two")):
                cell = grid.cell(row, column).geometry()
                assert cell.left() <= labels[name].geometry().center().x() <= cell.right()
                assert cell.top() <= labels[side].geometry().center().y() <= cell.bottom()
        gaps = [grid.cell(0, c + 1).x() - grid.cell(0, c).geometry().right() for c in (0, 1)]
        assert gaps[1] > gaps[0] + 8
        assert grid.cell(1, 2).accessibleName() == "Numbers: two, r"

    def test_it_begins_with_what_the_function_says(self, grid: NumberGrid) -> None:
        assert texts(grid) == [["0.0", "0.1", "9"], ["1.0", "1.1", "9"]]

    def test_numbers_come_and_go(self, grid: NumberGrid) -> None:
        left, right = np.array([[0.15, -0.2], [1e-7, 3]]), np.array([[0.35], [1 / 3]])
        grid.set_numbers(left, right)
        assert texts(grid)[0] == ["0.15", "−0.2", "0.35"]
        assert (grid.numbers("left") == left).all()
        assert grid.numbers("right") == pytest.approx(right, rel=1e-14)

    def test_what_was_typed_stays_when_it_shrinks_and_grows(
        self, qtbot: QtBot, grid: NumberGrid
    ) -> None:
        put(qtbot, grid, 1, 1, "7")
        put(qtbot, grid, 1, 2, "8")
        grid.set_names(["one"], ["p"], ["r"])
        assert texts(grid) == [["0.0", "9"]]
        grid.set_names(["one", "two"], ["p", "q", "s"], ["r"])
        assert texts(grid)[1] == ["1.0", "7", "1.2", "8"]

    def test_a_grid_grown_has_room_for_its_rows(self, grid: NumberGrid) -> None:
        grid.set_names([str(n) for n in range(9)], ["p"], [])
        QApplication.processEvents()
        least = grid.cell(0, 0).minimumSizeHint().height()
        assert grid.minimumSizeHint().height() > 9 * least


class TestProblems:
    def test_what_is_no_number_is_marked(
        self, qtbot: QtBot, grid: NumberGrid, changes: list[int]
    ) -> None:
        put(qtbot, grid, 0, 1, "abc")
        assert is_marked(grid.cell(0, 1))
        assert "“abc” is no number" in grid.cell(0, 1).toolTip()
        assert grid.problems == 1
        assert grid.numbers("left") is None
        assert grid.numbers("right") is not None
        assert changes
        put(qtbot, grid, 0, 1, "-1/4")
        assert grid.problems == 0
        numbers = grid.numbers("left")
        assert numbers is not None
        assert numbers[0, 1] == -0.25

    def test_an_empty_field_is_none(self, grid: NumberGrid) -> None:
        grid.cell(1, 2).setText("")
        assert grid.problems == 1
        assert grid.numbers("right") is None

    def test_red_is_seen(self, grid: NumberGrid, qapp: QApplication) -> None:
        for theme in THEMES.values():
            apply_theme(qapp, theme)
            grid.cell(0, 0).setText("x")
            cell = grid.cell(0, 0)
            edge = cell.grab().toImage().pixelColor(cell.width() // 2, 0)
            assert (edge.red(), edge.green(), edge.blue()) == rgb(theme.bad)
            grid.cell(0, 0).setText("1")
        qapp.setStyleSheet("")


class TestWalking:
    @pytest.mark.parametrize(
        ("start", "key", "end"),
        [
            ((0, 0), Key.Key_Down, (1, 0)),
            ((1, 0), Key.Key_Up, (0, 0)),
            ((0, 0), Key.Key_Up, (0, 0)),
            ((0, 1), Key.Key_Return, (1, 1)),
            ((1, 1), Key.Key_Return, (0, 2)),
            ((0, 1), Key.Key_Right, (0, 2)),
            ((0, 1), Key.Key_Left, (0, 0)),
            ((0, 2), Key.Key_Right, (0, 2)),
            ((0, 2), Key.Key_Tab, (1, 0)),
            ((1, 0), Key.Key_Backtab, (0, 2)),
        ],
    )
    def test_keys(
        self, qtbot: QtBot, grid: NumberGrid, start: tuple[int, int], key: Qt.Key,
        end: tuple[int, int],
    ) -> None:  # fmt: skip
        grid.activateWindow()
        grid.cell(*start).setFocus(Qt.FocusReason.TabFocusReason)
        qtbot.waitUntil(grid.cell(*start).hasFocus)
        qtbot.keyClick(grid.cell(*start), key)
        assert focused(grid) == end
        assert grid.cell(*end).selectedText() == grid.cell(*end).text()

    def test_arrows_walk_through_a_text_first(self, qtbot: QtBot, grid: NumberGrid) -> None:
        cell = grid.cell(0, 1)
        cell.setFocus()
        qtbot.waitUntil(cell.hasFocus)
        cell.setCursorPosition(1)
        qtbot.keyClick(cell, Key.Key_Right)
        assert focused(grid) == (0, 1)
        qtbot.keyClick(cell, Key.Key_Right)
        qtbot.keyClick(cell, Key.Key_Right)
        assert focused(grid) == (0, 2)

    def test_new_cells_are_in_the_order_of_tab(self, qtbot: QtBot, grid: NumberGrid) -> None:
        grid.set_names(["one", "two"], ["p", "q", "s"], ["r"])
        grid.cell(0, 0).setFocus()
        qtbot.waitUntil(grid.cell(0, 0).hasFocus)
        seen = [focused(grid)]
        for _ in range(7):
            qtbot.keyClick(QApplication.focusWidget(), Key.Key_Tab)
            seen.append(focused(grid))
        assert seen == [(r, c) for r in range(2) for c in range(4)]

    def test_it_tells_where_it_went(self, qtbot: QtBot, grid: NumberGrid) -> None:
        with qtbot.waitSignal(grid.cell_entered) as told:
            qtbot.keyClick(grid.cell(0, 0), Key.Key_Down)
        assert told.args == [grid.cell(1, 0)]


class TestPasting:
    def test_a_table_fills_the_grid_from_the_cell_on(self, qtbot: QtBot, grid: NumberGrid) -> None:
        paste(qtbot, grid, 0, 1, "5\t6\t7\n8\t9")
        assert texts(grid) == [["0.0", "5", "6"], ["1.0", "8", "9"]]

    def test_all_at_once(self, qtbot: QtBot, grid: NumberGrid) -> None:
        paste(qtbot, grid, 0, 0, "0,15; 0,2; 0,35\n0,25; 0,3; 0,35")
        assert grid.numbers("left") == pytest.approx(np.array([[0.15, 0.2], [0.25, 0.3]]))
        assert grid.numbers("right") == pytest.approx(np.array([[0.35], [0.35]]))

    def test_more_rows_are_asked_for(self, qtbot: QtBot, grid: NumberGrid) -> None:
        def grow(rows: int) -> None:
            grid.set_names([str(n) for n in range(rows)], ["p", "q"], ["r"])

        grid.rows_requested.connect(grow)
        paste(qtbot, grid, 1, 0, "1 2 3\n4 5 6\n7 8 9")
        assert texts(grid) == [["0.0", "0.1", "9"], ["1", "2", "3"], ["4", "5", "6"], list("789")]

    def test_what_does_not_fit_is_left_out(self, qtbot: QtBot, grid: NumberGrid) -> None:
        paste(qtbot, grid, 1, 2, "1 2\n3 4")
        assert texts(grid) == [["0.0", "0.1", "9"], ["1.0", "1.1", "1"]]

    def test_a_word_is_marked(self, qtbot: QtBot, grid: NumberGrid) -> None:
        paste(qtbot, grid, 0, 0, "abc")
        assert is_marked(grid.cell(0, 0))
