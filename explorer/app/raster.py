"""Pictures of what is on screen in pixels: sharp at any scale."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QSizeF, Qt
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtWidgets import QWidget

from explorer.views.network.network_view import NetworkView


def window_image(window: QWidget, network: NetworkView, scale: float) -> QImage:
    """The whole window drawn at ``scale`` pixels per point, not enlarged from the screen."""
    image = _blank(QSizeF(window.size()), scale)
    network.set_direct(True)
    try:
        window.render(image, QPoint())
    finally:
        network.set_direct(False)
    return image


def network_image(network: NetworkView, scale: float) -> QImage:
    """The network alone, fitted, at ``scale`` pixels per point."""
    image = _blank(QSizeF(network.size()), scale)
    painter = QPainter(image)
    network.paint_on(painter, QSizeF(network.size()))
    painter.end()
    return image


def png(image: QImage) -> bytes:
    """A picture as a file has it."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(b"png"))
    writer.setQuality(80)  # of compression: half the time of the default, a tenth larger
    if not writer.write(image):
        raise OSError(writer.errorString())
    return bytes(buffer.data().data())


def _blank(size: QSizeF, scale: float) -> QImage:
    pixels = (size * scale).toSize()
    image = QImage(pixels, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    image.fill(Qt.GlobalColor.black)
    return image
