"""All edges as an image of the drawing's size, made anew only where something has changed."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QColor, QImage, QPaintEngine, QPainter, QTransform

from explorer.core.part_of_network import Selectable
from explorer.views.network.edges import Drawn, draw_edges, edges_between
from explorer.views.network.geometry import Layout
from explorer.views.network.kernels import kernels
from explorer.views.network.picture import Picture
from explorer.views.network.plate import Plate, View
from explorer.views.palette import Theme

_FEW = 150  # edges, which are drawn as fast one by one


@dataclass(frozen=True)
class Scene:
    """What there is to draw, and where: zoomed and panned by ``view``, within ``size`` points."""

    layout: Layout
    picture: Picture
    selected: Selectable | None
    view: QTransform
    size: QSizeF
    live: bool = False


class EdgePicture:
    """Draws the edges of a scene: a few as lines, many by the compiled sweep.

    The image is kept, and drawn again while scene, theme and scale stay the same. While the
    sweep is still being compiled, many edges are drawn as lines too, unless the picture waits.
    """

    def __init__(self, *, waits: bool = False) -> None:
        self._waits = waits
        self._plate: Plate | None = None
        self._made_of: tuple[Scene, float, ModuleType | None] | None = None
        self._theme: Theme | None = None
        self._image = QImage()
        self._drawn = Drawn(0, 0)

    def draw(self, painter: QPainter, scene: Scene, theme: Theme) -> Drawn:
        """Draw the canvas and all edges; of many lines only the strongest, as the count tells.

        The painter is neither zoomed nor panned: the scene is.
        """
        if painter.paintEngine().type() != QPaintEngine.Type.Raster:
            return _draw_lines(painter, scene, theme)
        scale = painter.deviceTransform().m11()
        made_of = (scene, scale, self._kernels(scene))
        if made_of != self._made_of:
            self._made_of, self._theme = made_of, None
            self._sweep(*made_of)
        if theme != self._theme:
            self._theme = theme
            self._colour(scene, scale, theme)
        painter.drawImage(QPointF(0, 0), self._image)
        return self._drawn

    @property
    def unfinished(self) -> bool:
        """Whether lines stand in for a sweep that is not compiled yet."""
        return self._made_of is not None and self._plate is None and _many(self._made_of[0])

    def _kernels(self, scene: Scene) -> ModuleType | None:
        if not _many(scene):
            return None
        return kernels.wait() if self._waits else kernels.ready()

    def _sweep(self, scene: Scene, scale: float, compiled: ModuleType | None) -> None:
        """Bring the plate up to date, where the scene is swept."""
        if compiled is None:
            self._plate = None
            return
        self._plate = self._plate or Plate(compiled)
        size = (scene.size * scale).toSize()
        view = View(scene.view.m11() * scale, scene.view.dx() * scale, scene.view.dy() * scale)
        self._plate.draw(
            scene.layout, scene.picture, scene.selected, view, (size.width(), size.height())
        )
        edges = edges_between(scene.layout)
        self._drawn = Drawn(edges, edges)

    def _colour(self, scene: Scene, scale: float, theme: Theme) -> None:
        """Make the image, in a theme's colours."""
        if self._plate is not None:
            pixels = self._plate.coloured(theme)
            height, width = pixels.shape
            form = QImage.Format.Format_RGB32
            self._image = QImage(pixels.data, width, height, 4 * width, form)
            self._image.setDevicePixelRatio(scale)
            return
        self._image = QImage((scene.size * scale).toSize(), QImage.Format.Format_RGB32)
        self._image.setDevicePixelRatio(scale)
        self._image.fill(QColor(theme.canvas))
        painter = QPainter(self._image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(QRectF(QPointF(0, 0), scene.size))  # lines reaching outside are dear
        self._drawn = _draw_lines(painter, scene, theme)
        painter.end()


def _many(scene: Scene) -> bool:
    return edges_between(scene.layout) > _FEW


def _draw_lines(painter: QPainter, scene: Scene, theme: Theme) -> Drawn:
    painter.save()
    painter.setTransform(scene.view, True)
    drawn = draw_edges(painter, scene.layout, scene.picture, theme, scene.selected, live=scene.live)
    painter.restore()
    return drawn
