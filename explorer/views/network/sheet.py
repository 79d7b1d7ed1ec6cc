"""The drawing but for what lies over it: drawn once, and kept until something in it changes."""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPaintEngine, QPainter

from explorer.core.moment import Moment
from explorer.core.part_of_network import Weight
from explorer.views.network.edge_picture import EdgePicture, Pixels, Scene, draw_lines
from explorer.views.network.edges import Drawn
from explorer.views.network.faces import Faces
from explorer.views.network.legend import draw_legend
from explorer.views.network.marks import draw_single_edges
from explorer.views.network.neurons import draw_neurons
from explorer.views.network.nudges import draw_nudges
from explorer.views.palette import Theme


class Sheet(Struct, frozen=True):
    """All that the drawing depends on; a pointed edge runs below the neurons and so belongs here.

    ``faces`` says whether neurons show what they say over the plane.
    """

    scene: Scene
    moment: Moment
    theme: Theme
    pointed: Weight | None = None
    faces: bool = False


class SheetPicture:
    """Draws sheets, and keeps the picture of the last one.

    Parameters
    ----------
    waits
        Whether to wait for the compiled sweep of many edges, instead of drawing lines meanwhile.
    """

    def __init__(self, *, waits: bool = False) -> None:
        self.edges = EdgePicture(waits=waits)
        self._faces = Faces()
        self._of: tuple[Sheet, float] | None = None
        self._image = QImage()

    def draw(self, painter: QPainter, sheet: Sheet) -> None:
        """Draw a sheet: on a screen or an image from its kept picture, else stroke by stroke."""
        if painter.paintEngine().type() == QPaintEngine.Type.Raster:
            picture = self.picture(sheet, painter.deviceTransform().m11())
            painter.drawImage(QPointF(0, 0), picture)
            return
        painter.save()
        painter.setClipRect(QRectF(QPointF(0, 0), sheet.scene.size))
        drawn = draw_lines(painter, sheet.scene, sheet.theme)
        self._draw_over_edges(painter, sheet, drawn)
        painter.restore()

    def picture(self, sheet: Sheet, scale: float) -> QImage:
        """The picture of a sheet in so many pixels a point; the next one takes its memory."""
        if self._of != (sheet, scale) or self.edges.unfinished:
            edges = self.edges.to_draw_over(sheet.scene, scale, sheet.theme)
            self._image = edges.image
            painter = QPainter(self._image)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._draw_over_edges(painter, sheet, edges.drawn, edges.pixels)
            painter.end()
            self._of = sheet, scale
        return self._image

    def _draw_over_edges(
        self, painter: QPainter, sheet: Sheet, drawn: Drawn, pixels: Pixels | None = None
    ) -> None:
        """Draw neurons and wishes, zoomed and panned, and the legend below them."""
        scene, moment, theme = sheet.scene, sheet.moment, sheet.theme
        layout, picture = scene.layout, scene.picture
        painter.save()
        painter.setTransform(scene.view, True)
        draw_single_edges(painter, layout, scene.selected, sheet.pointed, theme)
        draw_nudges(painter, layout, picture, moment, theme, pixels)
        draw_neurons(painter, layout, picture, moment, theme, scene.selected, pixels)
        if sheet.faces:
            self._faces.draw(painter, layout, picture, moment, theme)
        painter.restore()
        draw_legend(
            painter,
            picture,
            drawn,
            theme,
            scene.size.height(),
            scene.size.width(),
            ring=moment.beat.kind not in ("backward", "average"),
        )
