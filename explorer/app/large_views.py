"""The views that take the drawing's place: microscope, wishes, worksheet, landscape."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from explorer.core.moment import Moment
from explorer.core.part_of_network import Selectable
from explorer.views.landscape_view import LandscapeView
from explorer.views.large_view import LargeView
from explorer.views.microscope.microscope import Microscope
from explorer.views.palette import Theme
from explorer.views.sections import neuron_of
from explorer.views.wishes_view import WishesView
from explorer.views.worksheet import Worksheet


class LargeViews(QObject):
    """Shows one of them at a time over the drawing, and gives the room back when it closes.

    Tells with ``opened`` whether one is open.
    """

    opened = Signal(bool)

    def __init__(self, drawing: QWidget) -> None:
        super().__init__(drawing)
        self._drawing = drawing
        self.microscope = Microscope()
        self.wishes = WishesView()
        self.worksheet = Worksheet()
        self.landscape = LandscapeView()
        self._all = (self.microscope, self.wishes, self.worksheet, self.landscape)
        for view in self._all:
            view.closed.connect(self._give_back)

    @property
    def shown(self) -> LargeView | None:
        """The one that is open."""
        return next((view for view in self._all if not view.isHidden()), None)

    def add_to(self, stack: QGridLayout) -> None:
        """Lie in the same cell as the drawing."""
        for view in self._all:
            stack.addWidget(view, 0, 0)

    def open(self, view: LargeView, moment: Moment, selected: Selectable | None) -> None:
        """Open one, or close it where it is open already."""
        if self.shown is view:
            view.close_view()
            return
        for other in self._all:
            other.hide()
        self._drawing.hide()
        view.show()
        view.setFocus()
        self.opened.emit(True)
        self.show_moment(moment, selected)

    def close_all(self) -> None:
        """Give the room back to the drawing."""
        if self.shown is not None:
            self.shown.close_view()

    def show_moment(self, moment: Moment, selected: Selectable | None) -> None:
        """Show another moment, or another part of the network, in the one that is open.

        The landscape is not of a moment: it comes as an answer.
        """
        neuron = neuron_of(moment, selected)
        if self.shown is self.microscope:
            self.microscope.show_moment(moment, neuron if selected is None else selected)
        elif self.shown is self.wishes:
            self.wishes.show_moment(moment, neuron)
        elif self.shown is self.worksheet:
            self.worksheet.show_moment(moment, neuron)

    def clear(self) -> None:
        """Forget the run before."""
        for view in self._all:
            view.clear()

    def set_theme(self, theme: Theme) -> None:
        """Take another theme's colours."""
        for view in self._all:
            view.set_theme(theme)

    def _give_back(self) -> None:
        self._drawing.show()
        self._drawing.setFocus()
        self.opened.emit(False)
