"""Which part of the drawing is in sight: zoomed and panned, and never lost."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QTransform

from explorer.core.part_of_network import Selectable
from explorer.views.network.geometry import Layout

_MOST_ZOOM = 8.0
_REACH = 4.0  # points on the screen within which an edge is hit, however large the drawing


class Sight:
    """Maps the places of a layout to those on the screen and back.

    Attributes
    ----------
    transform : QTransform
        From the drawing to the screen; never changed in place.
    size : QSizeF
        Of the screen, in points, which the drawing fills where it is not zoomed.
    """

    def __init__(self) -> None:
        self.transform = QTransform()
        self.size = QSizeF()

    def fit(self) -> None:
        """Show the whole drawing."""
        self.transform = QTransform()

    def resize(self, size: QSizeF) -> None:
        """Show the whole drawing in another size."""
        self.size = size
        self.fit()

    def zoom(self, factor: float, around: QPointF | None = None) -> None:
        """Zoom by a factor, keeping a point (by default the middle) where it is."""
        centre = around or QPointF(self.size.width() / 2, self.size.height() / 2)
        factor = min(max(self.transform.m11() * factor, 1.0), _MOST_ZOOM) / self.transform.m11()
        zoomed = QTransform.fromTranslate(-centre.x(), -centre.y())
        zoomed *= QTransform.fromScale(factor, factor)
        zoomed *= QTransform.fromTranslate(centre.x(), centre.y())
        self.transform = self._kept_in(self.transform * zoomed)

    def pan(self, by: QPointF) -> None:
        """Move the drawing, as far as something of it stays in sight."""
        self.transform = self._kept_in(self.transform * QTransform.fromTranslate(by.x(), by.y()))

    def on_screen(self, x: float, y: float) -> QPointF:
        """Where a place of the drawing is on the screen."""
        return self.transform.map(QPointF(x, y))

    def part_at(self, point: QPointF, layout: Layout) -> Selectable | None:
        """The neuron or the edge at a point of the screen."""
        inverse, _ = self.transform.inverted()
        place = inverse.map(point)
        neuron = layout.neuron_at(place.x(), place.y())
        if neuron is not None:
            return neuron
        return layout.weight_at(place.x(), place.y(), _REACH / self.transform.m11())

    def room(self, on_screen: QRectF) -> QRectF:
        """The part of the drawing that a rectangle of the screen shows."""
        inverse, _ = self.transform.inverted()
        return inverse.mapRect(on_screen)

    def _kept_in(self, view: QTransform) -> QTransform:
        """The view moved so that the drawing does not leave the screen."""
        screen = QRectF(QPointF(0, 0), self.size)
        box = view.mapRect(screen)
        dx = -min(max(box.left(), screen.width() - box.width()), 0.0) + box.left()
        dy = -min(max(box.top(), screen.height() - box.height()), 0.0) + box.top()
        return view * QTransform.fromTranslate(-dx, -dy)
