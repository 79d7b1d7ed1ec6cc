"""What the painted cards share whose rows stand for parts of the network: pointing and choosing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Signal
from PySide6.QtGui import QCursor, QHideEvent, QMouseEvent
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
        self._told: Selectable | None = None

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
        self._told = part
        if part != self._pointed:
            self.point_at(part)
            self.part_pointed.emit(part)

    def look_again(self) -> None:
        """After other rows have come under a resting pointer, or the card has gone from it."""
        if self._told is not None:
            seen = self.isVisible() and self.underMouse()
            self.tell(self.part_at(QPointF(self.mapFromGlobal(QCursor.pos()))) if seen else None)

    def hideEvent(self, event: QHideEvent) -> None:
        """What was pointed at here is so no more."""
        super().hideEvent(event)
        self.look_again()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell what is pointed at."""
        self.tell(self.part_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is pointed at any more."""
        del event
        if self._told is not None:
            self.tell(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask for the part that was clicked."""
        part = self.part_at(event.position())
        if part is not None:
            self.part_requested.emit(part)
