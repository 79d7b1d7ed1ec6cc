"""All points of two-dimensional data, drawn once and shown in every frame."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from explorer.core.data.dataset import Dataset, Floats
from explorer.views.palette import Theme
from explorer.views.thumbnails import example_colour

_MOST = 1500
_RADIUS, _OPACITY = 2.0, 0.55


def places(points: Floats, extent: float, box: QRectF) -> list[QPointF]:
    """Where points of the plane, (N, 2), are drawn in the box of its square."""
    shares = (np.asarray(points) / extent + 1) / 2
    x = box.left() + shares[:, 0] * box.width()
    y = box.bottom() - shares[:, 1] * box.height()
    return [QPointF(*place) for place in zip(x.tolist(), y.tolist(), strict=True)]


class Scatter:
    """The training points, of many the first, small and faint; kept until something is changed."""

    def __init__(self) -> None:
        self._of: tuple[Dataset, tuple[float, ...], Theme] | None = None
        self._picture = QPixmap()

    def draw(self, painter: QPainter, dataset: Dataset, box: QRectF, theme: Theme) -> None:
        """Draw them at the painter's own scale."""
        scale = painter.deviceTransform().m11()
        of = dataset, (box.width(), box.height(), scale), theme
        if self._of is None or self._of[0] is not dataset or self._of[1:] != of[1:]:
            self._of, self._picture = of, _picture(dataset, box, theme, scale)
        painter.drawPixmap(box.topLeft() - QPointF(_RADIUS + 1, _RADIUS + 1), self._picture)


def _picture(dataset: Dataset, box: QRectF, theme: Theme, scale: float) -> QPixmap:
    margin = _RADIUS + 1
    width, height = (math.ceil(scale * (side + 2 * margin)) for side in (box.width(), box.height()))
    picture = QPixmap(width, height)
    picture.setDevicePixelRatio(scale)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setOpacity(_OPACITY)
    painter.setPen(QPen(QColor(theme.canvas), 0.8))
    points = dataset.train.points
    assert points is not None
    within = QRectF(margin, margin, box.width(), box.height())
    for index, place in enumerate(places(points[:_MOST], dataset.extent, within)):
        painter.setBrush(QColor(point_colour(dataset, index, theme)))
        painter.drawEllipse(place, _RADIUS, _RADIUS)
    painter.end()
    return picture


def point_colour(dataset: Dataset, index: int, theme: Theme) -> str:
    """The colour of a training point: that of its class, or the text's where it has none."""
    return theme.text if dataset.train.classes is None else example_colour(dataset, index, theme)
