"""Pictures of the network as strokes and outlines, sharp at any size: SVG and PDF."""

from __future__ import annotations

from xml.etree import ElementTree

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, QSize, QSizeF
from PySide6.QtGui import QPagedPaintDevice, QPageSize, QPainter, QPainterPath, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from explorer.views.network.network_view import NetworkView
from explorer.views.theme import font

_TITLE = "Backprop Explorer"
_NAMESPACE = "http://www.w3.org/2000/svg"
_DOTS = 96  # to an inch, as browsers and word processors take a pixel
_HEAVY = 600  # of CSS: the weight from which words are bold
_TO = {QPainterPath.ElementType.MoveToElement: "M", QPainterPath.ElementType.LineToElement: "L"}


def svg(network: NetworkView) -> bytes:
    """The network alone, fitted, whose words are outlines: fonts differ from screen to screen."""
    buffer = _buffer()
    size = QSizeF(network.size())
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setTitle(_TITLE)
    generator.setDescription("")
    generator.setResolution(_DOTS)
    generator.setSize(network.size())
    generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
    painter = QPainter(generator)
    network.paint_on(painter, size)
    painter.end()
    return _outlined(bytes(buffer.data().data()), network.size())


def pdf(network: NetworkView) -> bytes:
    """The network alone, fitted, on a page of its size, with its fonts."""
    buffer = _buffer()
    size = QSizeF(network.size())
    writer = QPdfWriter(buffer)
    writer.setTitle(_TITLE)
    writer.setPdfVersion(QPagedPaintDevice.PdfVersion.PdfVersion_1_6)
    writer.setResolution(_DOTS)
    writer.setPageMargins(QMarginsF())
    writer.setPageSize(QPageSize(size * 72 / _DOTS, QPageSize.Unit.Point))
    painter = QPainter(writer)
    page = QSizeF(writer.pageLayout().fullRectPoints().size()) * _DOTS / 72  # of whole points
    painter.scale(page.width() / size.width(), page.height() / size.height())
    network.paint_on(painter, size)
    painter.end()
    return bytes(buffer.data().data())


def _buffer() -> QBuffer:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return buffer


def _outlined(drawing: bytes, size: QSize) -> bytes:
    """The same drawing with its words as paths, of a size in pixels and not rounded millimetres."""
    ElementTree.register_namespace("", _NAMESPACE)
    root = ElementTree.fromstring(drawing)
    root.attrib.update(width=str(size.width()), height=str(size.height()))
    for text in root.iter(f"{{{_NAMESPACE}}}text"):
        given = text.attrib
        heavy = int(given["font-weight"]) >= _HEAVY
        letters = font(float(given["font-size"]), given["font-family"], bold=heavy)
        path = QPainterPath()
        path.addText(float(given["x"]), float(given["y"]), letters, text.text or "")
        kept = {name: given[name] for name in ("fill", "fill-opacity", "stroke")}
        text.clear()
        text.tag = f"{{{_NAMESPACE}}}path"
        text.attrib.update(kept, d=_written(path))
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _written(path: QPainterPath) -> str:
    """A path in SVG's words."""
    elements = (path.elementAt(k) for k in range(path.elementCount()))
    words = []
    for element in elements:
        kind = QPainterPath.ElementType(element.type)
        # The points of a curve follow each other.
        words.append(_TO.get(kind, "C" if kind == QPainterPath.ElementType.CurveToElement else ""))
        words.append(f"{element.x:.2f} {element.y:.2f}")
    return " ".join(words)
