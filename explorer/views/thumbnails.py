"""Small pictures of examples: the image, the point in its plane, or the class."""

from __future__ import annotations

from os.path import commonprefix

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from explorer.core.data.dataset import Dataset, Floats
from explorer.views.heat_map import heat_maps
from explorer.views.palette import Bytes, Theme, class_colour, readable_on
from explorer.views.scale import input_scale
from explorer.views.theme import font


def rgb_image(pixels: Bytes) -> QImage:
    """An image of pixels (H, W, 3) that owns its memory."""
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def example_images(dataset: Dataset, inputs: Floats, theme: Theme) -> list[QImage]:
    """Image examples (N, n₀) as pixels, for data whose inputs are one."""
    assert dataset.image_size is not None
    width, height = dataset.image_size
    rows = np.asarray(inputs).reshape(-1, height, width)[:, ::-1]  # from the lower edge up
    return heat_maps(rows, input_scale(dataset), theme, signed=False)


def example_image(dataset: Dataset, inputs: Floats, theme: Theme) -> QImage:
    """An image example (n₀,) as pixels."""
    return example_images(dataset, inputs, theme)[0]


def example_colour(dataset: Dataset, index: int, theme: Theme) -> str:
    """The colour of a training example's class, or the muted one where it has none."""
    classes = dataset.train.classes
    if classes is None:
        return theme.muted
    return class_colour(int(classes[index]), len(dataset.labels), theme)


def draw_thumbnail(
    painter: QPainter,
    box: QRectF,
    dataset: Dataset,
    index: int,
    theme: Theme,
    image: QImage | None = None,
) -> None:
    """Draw training example ``index`` into a box; ``image`` is what it looks like, where known."""
    painter.setPen(Qt.PenStyle.NoPen)
    if dataset.image_size is not None:
        if image is None:
            image = example_image(dataset, dataset.train.inputs[index], theme)
        painter.drawImage(box, image)
        return
    colour = QColor(example_colour(dataset, index, theme))
    if dataset.train.points is not None:
        painter.setBrush(QColor(theme.card))
        painter.drawRoundedRect(box, 4, 4)
        x, y = dataset.train.points[index] / dataset.extent
        painter.setBrush(colour)
        centre = box.center() + QPointF(x * box.width() * 0.42, -y * box.height() * 0.42)
        painter.drawEllipse(centre, box.width() * 0.12, box.width() * 0.12)
        return
    painter.setBrush(colour)
    painter.drawRoundedRect(box, 4, 4)
    label = dataset.label_of(dataset.train, index)
    shared = len(commonprefix(dataset.labels))  # noqa: RUF071  of words, not of paths
    label = label[shared:] or label  # what tells it from the others
    painter.setPen(QColor(readable_on(colour.name())))
    painter.setFont(font(box.height() * 0.4))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, label[:2] or str(index + 1))
