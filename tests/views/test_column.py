from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from explorer.views.column import ScrollColumn

WORDS = "Words enough to go over several lines in a narrow column and over one in a wide one. "


@pytest.fixture
def column(sized: Callable[[QWidget, int, int], None]) -> ScrollColumn:
    column = ScrollColumn()
    for _ in range(3):
        label = QLabel(WORDS)
        label.setWordWrap(True)
        column.column.addWidget(label)
    sized(column, 240, 200)
    QApplication.processEvents()
    return column


def assert_whole(column: ScrollColumn) -> None:
    for label in column.findChildren(QLabel):
        assert label.height() >= label.heightForWidth(label.width())


@pytest.mark.parametrize("width", [150, 240, 700])
def test_labels_are_whole_at_every_width(column: ScrollColumn, width: int) -> None:
    column.resize(width, 200)
    QApplication.processEvents()
    assert_whole(column)
    assert column.widget().width() <= column.viewport().width()


def test_it_follows_a_label_that_grows(column: ScrollColumn) -> None:
    before = column.widget().height()
    column.findChildren(QLabel)[1].setText(WORDS * 6)
    QApplication.processEvents()
    assert_whole(column)
    assert column.widget().height() > before
    column.findChildren(QLabel)[1].setText("")
    QApplication.processEvents()
    assert column.widget().minimumHeight() < before


def test_it_scrolls_down_and_not_to_the_side(column: ScrollColumn) -> None:
    column.resize(150, 80)
    QApplication.processEvents()
    assert column.verticalScrollBar().maximum() > 0
    assert column.horizontalScrollBar().maximum() == 0
