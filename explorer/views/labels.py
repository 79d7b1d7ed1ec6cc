"""Words on a panel: headings, small print, and a row of a name with what it names."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget


def heading(text: str = "") -> QLabel:
    """A heading, in capitals as the caller writes them, on as many lines as it needs."""
    label = QLabel(text)
    label.setObjectName("heading")
    label.setWordWrap(True)
    return label


def small(text: str = "") -> QLabel:
    """Small print, on as many lines as it needs."""
    label = QLabel(text)
    label.setObjectName("small")
    label.setWordWrap(True)
    return label


def labelled(text: str, widget: QWidget) -> QHBoxLayout:
    """A name at the left, and at the right what it names."""
    row = QHBoxLayout()
    row.addWidget(QLabel(text))
    row.addStretch(1)
    row.addWidget(widget)
    return row
