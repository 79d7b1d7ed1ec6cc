from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QWidget

from explorer.views.eliding_label import ElidingLabel

LONG = "NVIDIA GeForce RTX 4090 Laptop GPU · compiled"


def test_shows_as_much_as_there_is_room_for(
    sized: Callable[[QWidget, int, int], None],
) -> None:
    label = ElidingLabel(LONG)
    label.setStyleSheet("border: 1px solid black; padding: 3px 12px;")
    sized(label, 120, 30)
    assert label.shown.endswith("…")
    assert LONG.startswith(label.shown[:-1])
    assert 60 < label.fontMetrics().horizontalAdvance(label.shown) <= 120 - 26
    assert label.text() == LONG
    label.resize(label.sizeHint())
    assert label.shown == LONG
    label.setText("CPU")
    assert label.shown == label.text() == "CPU"


def test_a_layout_gives_it_all_it_needs_and_takes_it_back(
    sized: Callable[[QWidget, int, int], None],
) -> None:
    window = QWidget()
    row = QHBoxLayout(window)
    label = ElidingLabel(LONG)
    row.addWidget(label)
    row.addStretch(1)
    sized(window, 900, 40)
    assert label.shown == LONG
    window.resize(150, 40)
    row.activate()
    assert label.shown.endswith("…")
    window.resize(900, 40)
    row.activate()
    assert label.shown == LONG
