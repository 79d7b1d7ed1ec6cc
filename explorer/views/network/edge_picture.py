"""All edges as an image of the drawing's size, made anew only where something has changed."""

from __future__ import annotations

from types import ModuleType
from typing import TypeAlias

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QColor, QImage, QPainter, QTransform

from explorer.core.part_of_network import Selectable
from explorer.views.network.edges import Drawn, draw_edges, edges_between
from explorer.views.network.geometry import Layout
from explorer.views.network.kernels import kernels
from explorer.views.network.picture import Picture
from explorer.views.network.plate import Plate, View
from explorer.views.palette import Theme

Pixels: TypeAlias = NDArray[np.uint32]  # (height, width) of 0xffrrggbb
_FEW = 150  # edges, which are drawn as fast one by one
_VERY_MANY = 5_000  # edges, which take longer than the rest of the drawing


class Scene(Struct, frozen=True):
    """What there is to draw, and where: zoomed and panned by ``view``, within ``size`` points."""

    layout: Layout
    picture: Picture
    selected: Selectable | None
    view: QTransform
    size: QSizeF
    live: bool = False


class Made(Struct, eq=False):
    """A picture of edges, and what it was made of; ``plate`` where it was swept.

    Attributes
    ----------
    pixels
        What ``image`` shows.
    clean
        Whether nothing has been drawn over the edges.
    """

    scene: Scene
    scale: float
    theme: Theme
    plate: Plate | None
    pixels: Pixels
    image: QImage
    drawn: Drawn
    clean: bool = True


class EdgePicture:
    """Draws the edges of a scene: a few as lines, many by the compiled sweep.

    What was swept is kept, and coloured again while scene and scale stay the same. While the
    sweep is still being compiled, many edges are drawn as lines too, unless the picture waits.
    """

    def __init__(self, *, waits: bool = False) -> None:
        self._waits = waits
        self._made: Made | None = None
        self._spare: Plate | None = None

    def to_draw_over(self, scene: Scene, scale: float, theme: Theme) -> Made:
        """The canvas and all edges of a scene; of many lines only the strongest.

        The rest of the drawing goes over it, in the same memory.
        """
        compiled, made = self._kernels(scene), self._made
        swept = compiled is not None
        wanted = scene, scale, swept
        if made is None or (made.scene, made.scale, made.plate is not None) != wanted:
            plate = (made.plate if made else None) or (Plate(compiled) if compiled else None)
            if swept and plate is not None:
                made = _swept(scene, scale, theme, plate)
            else:
                made = _lined(scene, scale, theme, made.pixels if made else None)
        elif made.theme != theme or not made.clean:
            made = _recoloured(made, theme)
        made.clean = False
        self._made = made
        return made

    @property
    def unfinished(self) -> bool:
        """Whether lines stand in for a sweep that is being compiled."""
        made = self._made
        stand_in = made is not None and made.plate is None and _many(made.scene)
        return stand_in and (kernels.loading or kernels.ready() is not None)

    @staticmethod
    def takes_long(layout: Layout) -> bool:
        """Whether a picture is better made ahead, beside the window."""
        return edges_between(layout) > _VERY_MANY and kernels.ready() is not None

    def make(self, scene: Scene, scale: float, theme: Theme) -> Made:
        """Make a picture of many edges ahead, in any thread, while another is shown."""
        compiled = kernels.ready()
        assert compiled is not None
        plate, self._spare = self._spare or Plate(compiled), None
        return _swept(scene, scale, theme, plate)

    def take(self, made: Made) -> None:
        """Show a picture made ahead; the memory of the one before serves the next."""
        self._spare = self._made.plate if self._made else None
        self._made = made

    def _kernels(self, scene: Scene) -> ModuleType | None:
        if not _many(scene):
            return None
        return kernels.wait() if self._waits else kernels.ready()


def draw_lines(painter: QPainter, scene: Scene, theme: Theme) -> Drawn:
    """Draw the canvas and the edges as lines, on a painter that is neither zoomed nor panned."""
    painter.fillRect(QRectF(QPointF(0, 0), scene.size), QColor(theme.canvas))
    painter.save()
    painter.setTransform(scene.view, True)
    drawn = draw_edges(painter, scene.layout, scene.picture, theme, scene.selected, live=scene.live)
    painter.restore()
    return drawn


def _swept(scene: Scene, scale: float, theme: Theme, plate: Plate) -> Made:
    """All edges, by the compiled sweep."""
    size = (scene.size * scale).toSize()
    view = View(scene.view.m11() * scale, scene.view.dx() * scale, scene.view.dy() * scale)
    plate.draw(scene.layout, scene.picture, scene.selected, view, (size.width(), size.height()))
    pixels, edges = plate.coloured(theme), edges_between(scene.layout)
    return Made(scene, scale, theme, plate, pixels, _image(pixels, scale), Drawn(edges, edges))


def _lined(scene: Scene, scale: float, theme: Theme, pixels: Pixels | None) -> Made:
    """Edges as lines, into the memory of an earlier picture where it has the size."""
    size = (scene.size * scale).toSize()
    shape = size.height(), size.width()
    if pixels is None or pixels.shape != shape:
        pixels = np.empty(shape, np.uint32)
    image = _image(pixels, scale)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipRect(QRectF(QPointF(0, 0), scene.size))  # lines reaching outside are dear
    drawn = draw_lines(painter, scene, theme)
    painter.end()
    return Made(scene, scale, theme, None, pixels, image, drawn)


def _recoloured(made: Made, theme: Theme) -> Made:
    """The same picture in the colours of a theme, with nothing over it."""
    if made.plate is None:
        return _lined(made.scene, made.scale, theme, made.pixels)
    pixels = made.plate.coloured(theme)
    image = _image(pixels, made.scale)
    return replace(made, theme=theme, pixels=pixels, image=image, clean=True)


def _image(pixels: Pixels, scale: float) -> QImage:
    """An image that shows pixels, which have to stay as long as it does."""
    height, width = pixels.shape
    image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    return image


def _many(scene: Scene) -> bool:
    return edges_between(scene.layout) > _FEW
