"""The mark of a field whose content cannot be taken."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit

from explorer.views.restyle import restyle


def mark(field: QLineEdit, problem: str, tip: str = "") -> None:
    """Mark a field in red with its problem as the tip, or as good with its own tip."""
    valid = not problem
    field.setToolTip(tip if valid else problem)
    restyle(field, "valid", valid)


def is_marked(field: QLineEdit) -> bool:
    """Whether a field is marked in red."""
    return field.property("valid") is False
