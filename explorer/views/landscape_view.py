"""The cost landscape, large."""

from __future__ import annotations

from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.views.landscape import Landscape
from explorer.views.large_view import LargeView
from explorer.views.palette import Theme


class LandscapeView(LargeView):
    """A landscape in the place of the drawing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Cost landscape", parent)
        self.landscape = Landscape()
        self.landscape.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.body.addWidget(self.landscape, 1)

    def clear(self) -> None:
        """Show nothing, until the next slice comes."""
        self.landscape.clear()

    def set_theme(self, theme: Theme) -> None:
        """Take another theme's colours."""
        self.landscape.set_theme(theme)
