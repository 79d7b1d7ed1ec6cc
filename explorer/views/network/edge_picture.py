"""All edges as an image of the drawing's size, made anew only where something has changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
_VERY_MANY = 5_000  # edges, which take longer than the rest of the drawing


@dataclass(frozen=True)
class Scene:
    """What there is to draw, and where: zoomed and panned by ``view``, within ``size`` points."""

    layout: Layout
    picture: Picture
    selected: Selectable | None
    view: QTransform
    size: QSizeF
    live: bool = False


@dataclass(eq=False)
class Made:
    """A picture of edges, and what it was made of; ``plate`` where it was swept."""

    scene: Scene
    scale: float
    theme: Theme
    plate: Plate | None
    image: QImage
    drawn: Drawn


class EdgePicture:
    """Draws the edges of a scene: a few as lines, many by the compiled sweep.

    The image is kept, and drawn again while scene, theme and scale stay the same. While the
    sweep is still being compiled, many edges are drawn as lines too, unless the picture waits.
    """

    def __init__(self, *, waits: bool = False) -> None:
        self._waits = waits
        self._made: Made | None = None
        self._spare: Plate | None = None

    def draw(self, painter: QPainter, scene: Scene, theme: Theme) -> Drawn:
        """Draw the canvas and all edges; of many lines only the strongest, as the count tells.

        The painter is neither zoomed nor panned: the scene is.
        """
        if painter.paintEngine().type() != QPaintEngine.Type.Raster:
            return _draw_lines(painter, scene, theme)
        scale, made = painter.deviceTransform().m11(), self._made
        compiled = self._kernels(scene)
        swept = compiled is not None
        if made is None or (made.scene, made.scale, made.plate is not None) != (
            scene,
            scale,
            swept,
        ):
            plate = made.plate if made else None
            made = _made(scene, scale, theme, (plate or Plate(compiled)) if compiled else None)
        elif made.theme != theme:
            made = _recoloured(made, theme)
        self._made = made
        painter.drawImage(QPointF(0, 0), made.image)
        return made.drawn

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
        return _made(scene, scale, theme, plate)

    def take(self, made: Made) -> None:
        """Show a picture made ahead; the memory of the one before serves the next."""
        self._spare = self._made.plate if self._made else None
        self._made = made

    def _kernels(self, scene: Scene) -> ModuleType | None:
        if not _many(scene):
            return None
        return kernels.wait() if self._waits else kernels.ready()


def _made(scene: Scene, scale: float, theme: Theme, plate: Plate | None) -> Made:
    size = (scene.size * scale).toSize()
    if plate is not None:
        view = View(scene.view.m11() * scale, scene.view.dx() * scale, scene.view.dy() * scale)
        pixels = size.width(), size.height()
        plate.draw(scene.layout, scene.picture, scene.selected, view, pixels)
    edges = edges_between(scene.layout)
    return _recoloured(Made(scene, scale, theme, plate, QImage(), Drawn(edges, edges)), theme)


def _recoloured(made: Made, theme: Theme) -> Made:
    """The same picture in the colours of a theme."""
    if made.plate is not None:
        pixels = made.plate.coloured(theme)
        height, width = pixels.shape
        image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(made.scale)
        return replace(made, theme=theme, image=image)
    scene = made.scene
    image = QImage((scene.size * made.scale).toSize(), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(made.scale)
    image.fill(QColor(theme.canvas))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipRect(QRectF(QPointF(0, 0), scene.size))  # lines reaching outside are dear
    drawn = _draw_lines(painter, scene, theme)
    painter.end()
    return replace(made, theme=theme, image=image, drawn=drawn)


def _many(scene: Scene) -> bool:
    return edges_between(scene.layout) > _FEW


def _draw_lines(painter: QPainter, scene: Scene, theme: Theme) -> Drawn:
    painter.save()
    painter.setTransform(scene.view, True)
    drawn = draw_edges(painter, scene.layout, scene.picture, theme, scene.selected, live=scene.live)
    painter.restore()
    return drawn
