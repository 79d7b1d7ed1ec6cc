"""What the painted cards share whose rows stand for parts of the network: pointing and choosing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

from explorer.core.part_of_network import Selectable
from explorer.views.painted_card import PaintedCard


class PointedCard(PaintedCard):
    """A card on which parts of the network can be pointed at and chosen.

    It tells with ``part_pointed`` what the pointer is over and asks with ``part_requested`` for
    what was clicked; :meth:`part_at` says what stands where.
    """

    part_pointed = Signal(object)  # Selectable or None
    part_requested = Signal(object)  # Selectable

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self._pointed: Selectable | None = None

    def part_at(self, where: QPointF) -> Selectable | None:
        """The part that stands there; None for none."""
        raise NotImplementedError

    def point_at(self, part: Selectable | None) -> None:
        """Mark a part that is pointed at elsewhere."""
        if part != self._pointed:
            self._pointed = part
            self.update()

    def tell(self, part: Selectable | None) -> None:
        """Mark a part that is pointed at here, and say so."""
        if part != self._pointed:
            self.point_at(part)
            self.part_pointed.emit(part)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell what is pointed at."""
        self.tell(self.part_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is pointed at any more."""
        del event
        self.tell(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask for the part that was clicked."""
        part = self.part_at(event.position())
        if part is not None:
            self.part_requested.emit(part)
