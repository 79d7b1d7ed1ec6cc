"""Neurons' faces: what each says over the plane of two-dimensional data.

A face is the largest circle in the square of the plane; the example view shows all of it.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen

from explorer.core.moment import Moment
from explorer.core.trace import Surface
from explorer.views.heat_map import heat_maps
from explorer.views.network.geometry import Layout
from explorer.views.network.picture import Picture
from explorer.views.palette import Theme

_DOT = 0.13  # of the radius
_LEAST_DOT = 1.5
_RING = 1.5  # points between the face and the middle of the neuron's ring


class Faces:
    """Draws them over the neurons, from pictures made once for each trace."""

    def __init__(self) -> None:
        self._of: tuple[Surface, bool, Theme, tuple[float, ...]] | None = None
        self._images: list[list[QImage]] = []

    def draw(
        self, painter: QPainter, layout: Layout, picture: Picture, moment: Moment, theme: Theme
    ) -> None:
        """Draw the face of every neuron that is lit, with a dot where the example in focus is."""
        surface, points = moment.trace.surface, moment.dataset.train.points
        if surface is None or points is None or not surface.inner_after:
            return
        self._prepare(surface, picture, moment, theme)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        x, y = points[moment.training_index] / moment.dataset.extent
        columns = zip(layout.columns, self._images, picture.neurons, strict=True)
        for column, images, neurons in columns:
            if neurons.activation is None:
                continue
            radius = column.radius - _RING
            for index, centre_y in zip(column.shown, column.y, strict=True):
                centre = QPointF(column.x, float(centre_y))
                draw_face(painter, images[int(index)], centre, radius)
                if not moment.live and x * x + y * y < 1:
                    _draw_dot(painter, centre + QPointF(x, -y) * radius, radius * _DOT, theme)
        painter.restore()

    def _prepare(self, surface: Surface, picture: Picture, moment: Moment, theme: Theme) -> None:
        scales = tuple(neurons.scale for neurons in picture.neurons)
        of = surface, moment.updated, theme, scales
        if of == self._of:
            return
        self._of = of
        self._images = [
            heat_maps(sheets, neurons.scale, theme, signed=neurons.signed)
            for sheets, neurons in zip(
                surface.sheets(after=moment.updated), picture.neurons, strict=True
            )
        ]


def draw_face(painter: QPainter, image: QImage, centre: QPointF, radius: float) -> None:
    """Fill a circle with the middle of a picture."""
    side = image.width()
    painter.save()
    # The painter is moved and not the brush, for in SVG a brush's own transform is lost.
    painter.translate(centre - QPointF(radius, radius))
    painter.scale(2 * radius / side, 2 * radius / side)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(image))
    painter.drawEllipse(QRectF(0, 0, side, side))
    painter.restore()


def _draw_dot(painter: QPainter, centre: QPointF, radius: float, theme: Theme) -> None:
    """Mark where the example in focus is."""
    painter.setPen(QPen(QColor(theme.canvas), 0.8))
    painter.setBrush(QColor(theme.accent))
    painter.drawEllipse(centre, max(radius, _LEAST_DOT), max(radius, _LEAST_DOT))
