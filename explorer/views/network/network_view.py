"""The drawing of the network: zoom, pan, fit, pointing and selecting."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron, Selectable, Weight
from explorer.core.readings import reading, title_of
from explorer.views.card import draw_card
from explorer.views.network.edge_picture import EdgePicture, Scene
from explorer.views.network.edges import Drawn
from explorer.views.network.faces import Faces
from explorer.views.network.geometry import Layout, Shape, arrange
from explorer.views.network.legend import HEIGHT, draw_legend
from explorer.views.network.neurons import draw_neurons
from explorer.views.network.nudges import draw_nudges
from explorer.views.network.picture import Picture, Scales, picture_of
from explorer.views.network.wave import Wave, travels
from explorer.views.palette import DARK, Theme
from explorer.views.theme import font

_MOST_ZOOM = 8.0
_RAIL = 3.6  # points from a selected edge to the lines along it
_LOOK_AGAIN = 100  # milliseconds, while the drawing of many edges is being compiled
_DRAG = 4.0  # points of movement that make a click a drag


class NetworkView(QWidget):
    """Shows a moment of a network.

    Asks for selections with ``selection_requested`` and, by a double click, with
    ``enlargement_requested`` for a closer look; tells with ``part_pointed`` what the pointer is
    over.
    """

    selection_requested = Signal(object)  # Neuron, Weight or None
    enlargement_requested = Signal(object)  # Neuron or Weight
    part_pointed = Signal(object)  # Neuron, Weight or None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(460, 190)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAccessibleName("Network")
        self._theme: Theme = DARK
        self._moment: Moment | None = None
        self._picture: Picture | None = None
        self._selected: Selectable | None = None
        self._scales = Scales()
        self._shape: Shape | None = None
        self._layout: Layout | None = None
        self._view = QTransform()
        self._pointer: QPointF | None = None
        self._pointed: Selectable | None = None
        self._pressed_at: QPointF | None = None
        self._dragging = False
        self._edges = EdgePicture()
        self._drawn = Drawn(0, 0)
        self._direct = False
        self._faces: Faces | None = None
        self._animated = True
        self._wave = Wave(self)
        self._wave.moved.connect(self.update)

    def show_moment(self, moment: Moment) -> None:
        """Draw another moment; a step forward or backward lets a wave cross the drawing."""
        before = None
        if self._animated and self.isVisible() and travels(self._moment, moment):
            before = self._scene_pixmap()
        shape = _shape_of(moment)
        if shape != self._shape:
            self._shape = shape
            self._layout = None
            self._view = QTransform()
        self._moment = moment
        self._picture = picture_of(moment, self._scales)
        self._redraw()
        layout = self._current_layout()
        if before is not None and layout is not None:
            self._wave.start(before, moment, layout)

    def set_animated(self, on: bool) -> None:
        """Whether a step lets a wave cross the drawing, or shows the new picture at once."""
        self._animated = on
        self.finish()

    def finish(self) -> None:
        """Let a wave arrive at once, as for a picture."""
        self._wave.finish()
        self.update()

    @property
    def moving(self) -> bool:
        """Whether a wave is on its way."""
        return self._wave.running

    def restart(self) -> None:
        """Forget the run before: a new one brings its own scales."""
        self._scales.reset()

    def clear(self) -> None:
        """Show nothing, until the next moment comes."""
        self._moment = self._picture = self._shape = self._layout = None
        self._redraw()

    def select(self, part: Selectable | None) -> None:
        """Mark another part as selected."""
        if part == self._selected:
            return
        self._selected = part
        self._layout = None
        self._redraw()

    def set_theme(self, theme: Theme) -> None:
        """Take another theme's colours."""
        self._theme = theme
        self._redraw()

    def fit(self) -> None:
        """Show the whole network again."""
        self._view = QTransform()
        self._redraw()

    def zoom(self, factor: float, around: QPointF | None = None) -> None:
        """Zoom by a factor, keeping a point (by default the middle) where it is."""
        centre = around or QPointF(self.width() / 2, self.height() / 2)
        factor = min(max(self._view.m11() * factor, 1.0), _MOST_ZOOM) / self._view.m11()
        view = QTransform.fromTranslate(-centre.x(), -centre.y())
        view *= QTransform.fromScale(factor, factor)
        view *= QTransform.fromTranslate(centre.x(), centre.y())
        self._view = self._kept_in_sight(self._view * view)
        self._redraw()

    @property
    def layout_now(self) -> Layout | None:
        """Where everything stands, before zoom and pan."""
        return self._current_layout()

    def position_of(self, neuron: Neuron) -> QPointF | None:
        """Where a neuron is drawn in the widget; None when it is folded away."""
        layout = self._current_layout()
        place = layout.place(neuron) if layout else None
        return self._view.map(QPointF(*place)) if place else None

    def paint_on(self, painter: QPainter, size: QSizeF) -> None:
        """Draw the network into any painter, sharp at its scale, without pointer or cache."""
        layout = self._arranged(size)
        painter.fillRect(QRectF(QPointF(0, 0), size), QColor(self._theme.canvas))
        if layout is None or self._picture is None or self._moment is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scene = Scene(layout, self._picture, self._selected, QTransform(), size)
        drawn = EdgePicture(waits=True).draw(painter, scene, self._theme)
        self._draw_foreground(painter, layout)
        self._draw_legend(painter, drawn, size)

    def point_at(self, part: Selectable | None) -> None:
        """Light up a part that is pointed at elsewhere."""
        if part != self._pointed:
            self._pointed = part
            self.update()

    def set_faces(self, shown: bool) -> None:
        """Let neurons show what they say over the plane, for traces that hold it."""
        self._faces = Faces() if shown else None
        self.update()

    def set_direct(self, direct: bool) -> None:
        """Paint edges afresh instead of from the cache, as a picture of higher scale needs."""
        self.finish()
        self._direct = direct

    # Painting -------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw edges, neurons, wishes, legend and reading."""
        del event
        painter = QPainter(self)
        painter.setClipRect(self.rect())  # thin lines reaching outside are twenty times dearer
        painter.fillRect(self.rect(), QColor(self._theme.canvas))
        layout = self._current_layout()
        if layout is None or self._picture is None or self._moment is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_scene(painter, layout)
        painter.save()
        painter.setTransform(self._view, True)
        if self._wave.running:
            self._wave.draw(painter, self._room_of_wave(), self._theme)
        part = self._part_pointed(layout)
        for end in (part,) if isinstance(part, Neuron) else _ends(part)[:1]:
            self._ring(painter, layout, end, QPen(QColor(self._theme.text), 2))
        painter.restore()
        self._draw_legend(painter, self._drawn, QSizeF(self.size()))
        self._draw_reading(painter, layout)

    def _draw_scene(self, painter: QPainter, layout: Layout) -> None:
        """Edges, neurons and wishes, zoomed and panned."""
        assert self._picture is not None
        assert self._moment is not None
        scene = Scene(
            layout,
            self._picture,
            self._selected,
            self._view,
            QSizeF(self.size()),
            live=self._moment.live,
        )
        edges = EdgePicture(waits=True) if self._direct else self._edges
        self._drawn = edges.draw(painter, scene, self._theme)
        if edges.unfinished:
            QTimer.singleShot(_LOOK_AGAIN, self, self.update)
        painter.save()
        painter.setTransform(self._view, True)
        self._draw_single_edges(painter, layout)
        self._draw_foreground(painter, layout)
        painter.restore()

    def _scene_pixmap(self) -> QPixmap | None:
        """What is drawn now, without legend and pointer."""
        layout = self._current_layout()
        if layout is None or self._picture is None or self._moment is None:
            return None
        scene = self._blank()
        painter = QPainter(scene)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(self.rect())
        self._draw_scene(painter, layout)
        painter.end()
        return scene

    def _room_of_wave(self) -> QRectF:
        """What is in sight above the legend, before zoom and pan."""
        inverse, _ = self._view.inverted()
        return inverse.mapRect(QRectF(self.rect()).adjusted(0, 0, 0, -HEIGHT))

    def _blank(self) -> QPixmap:
        scale = self.devicePixelRatioF()
        pixmap = QPixmap(self.size() * scale)
        pixmap.setDevicePixelRatio(scale)
        pixmap.fill(QColor(self._theme.canvas))
        return pixmap

    def _draw_foreground(self, painter: QPainter, layout: Layout) -> None:
        assert self._picture is not None
        assert self._moment is not None
        draw_nudges(painter, layout, self._picture, self._moment, self._theme)
        draw_neurons(painter, layout, self._picture, self._moment, self._theme, self._selected)
        if self._faces is not None:
            self._faces.draw(painter, layout, self._picture, self._moment, self._theme)

    def _draw_legend(self, painter: QPainter, drawn: Drawn, size: QSizeF) -> None:
        assert self._picture is not None
        assert self._moment is not None
        draw_legend(
            painter,
            self._picture,
            drawn,
            self._theme,
            size.height(),
            size.width(),
            ring=self._moment.beat.kind not in ("backward", "average"),
        )

    def _part_pointed(self, layout: Layout) -> Selectable | None:
        """What is pointed at, here or in another view; nothing while a picture is taken."""
        if self._direct:
            return None
        part = self._pointed
        if part is None and self._pointer is not None and not self._dragging:
            part = self._part_at(self._pointer, layout)
        return part

    def _draw_single_edges(self, painter: QPainter, layout: Layout) -> None:
        """Mark the selected edge and light up the one pointed at, below the neurons."""
        theme = self._theme
        line = _line(layout, self._selected)
        if line is not None:
            normal = line.normalVector().unitVector()
            away = (normal.p2() - normal.p1()) * _RAIL
            painter.setPen(QPen(QColor(theme.accent), 1.4))
            painter.drawLines([line.translated(away), line.translated(-away)])
        line = _line(layout, self._part_pointed(layout))
        if line is not None:
            painter.setPen(QPen(QColor(theme.text), 2.0))
            painter.drawLine(line)

    @staticmethod
    def _ring(painter: QPainter, layout: Layout, neuron: Neuron, pen: QPen) -> None:
        """Draw a ring around a neuron, or a frame around a pixel, where it is shown."""
        place = layout.place(neuron)
        if place is None:
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen)
        if neuron.layer == 0 and layout.grid is not None:
            half = layout.grid.cell / 2
            painter.drawRect(QRectF(place[0] - half, place[1] - half, 2 * half, 2 * half))
        else:
            radius = layout.columns[neuron.layer].radius + 2.5
            painter.drawEllipse(QPointF(*place), radius, radius)

    def _draw_reading(self, painter: QPainter, layout: Layout) -> None:
        if self._pointer is None or self._dragging or self._moment is None:
            return
        part = self._part_at(self._pointer, layout)
        if part is not None:
            title, lines = title_of(self._moment, part), reading(self._moment, part)
            draw_card(painter, self._theme, title, lines, self._pointer, QSizeF(self.size()))

    def _redraw(self) -> None:
        self._wave.finish()
        self.update()

    # Layout ----------------------------------------------------------------------------------

    def _current_layout(self) -> Layout | None:
        if self._layout is None:
            self._layout = self._arranged(QSizeF(self.size()))
        return self._layout

    def _arranged(self, size: QSizeF) -> Layout | None:
        if self._shape is None:
            return None
        return arrange(self._shape, size.width(), size.height() - HEIGHT, self._selected)

    def _kept_in_sight(self, view: QTransform) -> QTransform:
        """The view moved so that the drawing does not leave the window."""
        box = view.mapRect(QRectF(self.rect()))
        dx = -min(max(box.left(), self.width() - box.width()), 0.0) + box.left()
        dy = -min(max(box.top(), self.height() - box.height()), 0.0) + box.top()
        return view * QTransform.fromTranslate(-dx, -dy)

    def _part_at(self, point: QPointF, layout: Layout) -> Selectable | None:
        inverse, _ = self._view.inverted()
        place = inverse.map(point)
        neuron = layout.neuron_at(place.x(), place.y())
        if neuron is not None:
            return neuron
        return layout.weight_at(place.x(), place.y(), 4.0 / self._view.m11())

    # Mouse and keys --------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read what is under the pointer, or pan."""
        where = event.position()
        if self._pressed_at is not None:
            moved = where - self._pressed_at
            if self._dragging or moved.manhattanLength() > _DRAG:
                self._dragging = True
                self._view = self._kept_in_sight(
                    self._view * QTransform.fromTranslate(moved.x(), moved.y())
                )
                self._pressed_at = where
                self._redraw()
        self._pointer = where
        layout = self._current_layout()
        if layout is not None:
            self.part_pointed.emit(self._part_at(where, layout))
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag, or select what was clicked."""
        if event.button() != Qt.MouseButton.LeftButton or self._pressed_at is None:
            return
        layout = self._current_layout()
        if not self._dragging and layout is not None:
            self.selection_requested.emit(self._part_at(event.position(), layout))
        self._pressed_at, self._dragging = None, False
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask for a closer look at what is under the pointer."""
        layout = self._current_layout()
        part = self._part_at(event.position(), layout) if layout is not None else None
        if part is not None and event.button() == Qt.MouseButton.LeftButton:
            self.enlargement_requested.emit(part)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the pointer."""
        self.zoom(1.0015 ** event.angleDelta().y(), event.position())

    def leaveEvent(self, event: QEvent) -> None:
        """Take the reading away with the pointer."""
        del event
        self._pointer = None
        self.part_pointed.emit(None)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape lets go of the selection."""
        if event.key() == Qt.Key.Key_Escape:
            self.selection_requested.emit(None)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out anew for the room there is."""
        del event
        self._layout = None
        self._view = QTransform()
        self._redraw()


def _shape_of(moment: Moment) -> Shape:
    metrics = QFontMetricsF(font(13))
    units = tuple(moment.trace.units(layer) for layer in range(moment.n_layers + 1))
    outputs = [moment.dataset.output_label(j) for j in range(units[-1])]
    inputs = moment.dataset.input_names if moment.dataset.image_size is None else ("",)
    return Shape(
        units,
        moment.dataset.image_size,
        min(max(metrics.horizontalAdvance(name) for name in inputs), 130.0),
        max(metrics.horizontalAdvance(name) for name in outputs),
    )


def _line(layout: Layout, part: Selectable | None) -> QLineF | None:
    """Where a weight is drawn; None for anything else, and where an end is folded away."""
    places = [layout.place(end) for end in _ends(part)]
    if len(places) < 2 or places[0] is None or places[1] is None:
        return None
    return QLineF(QPointF(*places[0]), QPointF(*places[1]))


def _ends(part: Selectable | None) -> tuple[Neuron, ...]:
    """The neurons that a weight joins, the one behind it first; none of anything else."""
    if not isinstance(part, Weight):
        return ()
    return Neuron(part.layer - 1, part.source), Neuron(part.layer, part.target)
