"""The drawing of the network: zoom, pan, fit, pointing and selecting."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRectF, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
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
from explorer.views.network.ahead import Ahead, Drawing
from explorer.views.network.edge_picture import Scene
from explorer.views.network.geometry import Layout, Shape, arrange
from explorer.views.network.legend import HEIGHT
from explorer.views.network.marks import draw_ring
from explorer.views.network.picture import Picture, Scales, picture_of
from explorer.views.network.sheet import Sheet, SheetPicture
from explorer.views.network.sight import Sight
from explorer.views.network.wave import Wave, travels
from explorer.views.palette import DARK, Theme
from explorer.views.theme import font

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
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # it fills all of its room
        self.setMinimumSize(460, 190)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAccessibleName("Network")
        self._theme: Theme = DARK
        self._moment: Moment | None = None
        self._picture: Picture | None = None
        self._wanted: Selectable | None = None
        self._selected: Selectable | None = None  # as the drawing shows it
        self._scales = Scales()
        self._shape: Shape | None = None
        self._layout: Layout | None = None
        self._sight = Sight()
        self._pointer: QPointF | None = None
        self._pointed: Selectable | None = None
        self._pressed_at: QPointF | None = None
        self._dragging = False
        self._drawing = SheetPicture()
        self._direct = False
        self._faces = False
        self._animated = True
        self.ahead = Ahead(self._prepare, self)  # moments in motion, on their way
        self.ahead.arrived.connect(self._arrive)
        self._ask_for_turn: Callable[[], None] = self.update
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(_LOOK_AGAIN)
        self._again.timeout.connect(self.update)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._mark_alone)
        self._wave = Wave(self)
        self._wave.moved.connect(self.update)

    def show_moment(self, moment: Moment) -> None:
        """Draw another moment; a step forward or backward lets a wave cross the drawing.

        In motion, very many edges are drawn beside the window, and the moment is shown when
        they are there; of moments that come meanwhile the last is shown next.
        """
        if self._can_wait(moment):
            self.ahead.offer(moment)
            return
        self.ahead.drop()
        self._mark()
        before = None
        if self._animated and self.isVisible() and travels(self._moment, moment):
            before = self._shown_now()
        self._take(moment, picture_of(moment, self._scales))
        self._redraw()
        layout = self._current_layout()
        if before is not None and layout is not None:
            self._wave.start(before, moment, layout)

    def _take(self, moment: Moment, picture: Picture) -> None:
        shape = _shape_of(moment)
        if shape != self._shape:
            self._shape = shape
            self._layout = None
            self._sight.fit()
        self._moment, self._picture = moment, picture

    def _can_wait(self, moment: Moment) -> bool:
        """Whether a moment goes on with a motion whose edges are drawn beside the window."""
        return moment.live and self._in_motion() and _shape_of(moment) == self._shape

    def _in_motion(self) -> bool:
        """Whether training runs and there are so many edges that they are drawn ahead."""
        if self._moment is None or not self._moment.live or not self.isVisible():
            return False
        layout = self._current_layout()
        return layout is not None and self._drawing.edges.takes_long(layout)

    def _prepare(self, moment: Moment) -> Callable[[], Drawing]:
        layout = self._current_layout()
        if self._wanted != self._selected:
            layout = self._arranged(QSizeF(self.size()), self._wanted)
        assert layout is not None
        picture = picture_of(moment, self._scales)
        scene = self._scene(layout, picture, self._wanted, live=True)
        edges, theme, scale = self._drawing.edges, self._theme, self.devicePixelRatioF()
        return lambda: Drawing(moment, picture, edges.make(scene, scale, theme))

    def _arrive(self, drawing: Drawing) -> None:
        self._drawing.edges.take(drawing.edges)
        self._take(drawing.moment, drawing.picture)
        scene = drawing.edges.scene
        if scene.size == QSizeF(self.size()):
            self._selected, self._layout = scene.selected, scene.layout
        self._wave.finish()
        self._ask_for_turn()

    def _catch_up(self) -> None:
        """Show the last moment at once, as a picture of the window needs."""
        moment = self.ahead.drop()
        self._mark()
        if moment is not None:
            self._take(moment, picture_of(moment, self._scales))
            self._redraw()

    def take_turns(self, ask: Callable[[], None]) -> None:
        """Let what was drawn beside the window ask for its turn, instead of for painting at once.

        When the turn has come, :meth:`update` the view.
        """
        self._ask_for_turn = ask

    def set_animated(self, on: bool) -> None:
        """Whether a step lets a wave cross the drawing, or shows the new picture at once."""
        self._animated = on
        self.finish()

    def finish(self) -> None:
        """Let a wave and what is on its way arrive at once, as for a picture."""
        self._catch_up()
        self._wave.finish()
        self.update()

    @property
    def moving(self) -> bool:
        """Whether a wave is on its way."""
        return self._wave.running

    def restart(self) -> None:
        """Forget the run before: a new one brings its own scales."""
        self.ahead.drop()
        self._scales.reset()

    def clear(self) -> None:
        """Show nothing, until the next moment comes."""
        self.ahead.drop()
        self._moment = self._picture = self._shape = self._layout = None
        self._redraw()

    def select(self, part: Selectable | None) -> None:
        """Mark another part as selected."""
        self._wanted = part
        if self._in_motion():
            self._soon.start()  # unless a moment comes, and the mark with it
        else:
            self._mark()

    def _mark_alone(self) -> None:
        if not self.ahead.busy:
            self._mark()

    def _mark(self) -> None:
        if self._wanted != self._selected:
            self._selected = self._wanted
            self._layout = None
            self._redraw()

    def set_theme(self, theme: Theme) -> None:
        """Take another theme's colours."""
        self._theme = theme
        self._redraw()

    def fit(self) -> None:
        """Show the whole network again."""
        self._sight.fit()
        self._redraw()

    def zoom(self, factor: float, around: QPointF | None = None) -> None:
        """Zoom by a factor, keeping a point (by default the middle) where it is."""
        self._sight.zoom(factor, around)
        self._redraw()

    @property
    def layout_now(self) -> Layout | None:
        """Where everything stands, before zoom and pan."""
        return self._current_layout()

    def position_of(self, neuron: Neuron) -> QPointF | None:
        """Where a neuron is drawn in the widget; None when it is folded away."""
        layout = self._current_layout()
        place = layout.place(neuron) if layout else None
        return self._sight.on_screen(*place) if place else None

    def paint_on(self, painter: QPainter, size: QSizeF) -> None:
        """Draw the network into any painter, sharp at its scale, without pointer or cache."""
        self._catch_up()
        layout = self._arranged(size, self._selected)
        if layout is None or self._picture is None or self._moment is None:
            painter.fillRect(QRectF(QPointF(0, 0), size), QColor(self._theme.canvas))
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scene = Scene(layout, self._picture, self._selected, QTransform(), size)
        sheet = Sheet(scene, self._moment, self._theme, faces=self._faces)
        SheetPicture(waits=True).draw(painter, sheet)

    def point_at(self, part: Selectable | None) -> None:
        """Light up a part that is pointed at elsewhere."""
        if part != self._pointed:
            self._pointed = part
            self.update()

    def set_faces(self, shown: bool) -> None:
        """Let neurons show what they say over the plane, for traces that hold it."""
        self._faces = shown
        self.update()

    def set_direct(self, direct: bool) -> None:
        """Paint edges afresh instead of from the cache, as a picture of higher scale needs."""
        self.finish()
        self._direct = direct

    # Painting -------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the network, and over it the wave, what is pointed at and its reading."""
        del event
        painter = QPainter(self)
        layout, sheet = self._current_layout(), self._sheet()
        if layout is None or sheet is None:
            painter.fillRect(self.rect(), QColor(self._theme.canvas))
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._direct:
            SheetPicture(waits=True).draw(painter, sheet)
        else:
            self._drawing.draw(painter, sheet)
        if self._drawing.edges.unfinished:
            self._again.start()
        else:
            self._again.stop()
        self._draw_over(painter, layout)
        self._draw_reading(painter, layout)

    def _sheet(self) -> Sheet | None:
        """What is to be drawn now, but for what lies over it; None where there is nothing."""
        layout = self._current_layout()
        if layout is None or self._picture is None or self._moment is None:
            return None
        scene = self._scene(layout, self._picture, self._selected, live=self._moment.live)
        part = self._part_pointed(layout)
        pointed = part if isinstance(part, Weight) else None
        return Sheet(scene, self._moment, self._theme, pointed, self._faces)

    def _scene(
        self, layout: Layout, picture: Picture, selected: Selectable | None, *, live: bool
    ) -> Scene:
        return Scene(
            layout, picture, selected, self._sight.transform, QSizeF(self.size()), live=live
        )

    def _shown_now(self) -> QPixmap | None:
        """A picture of what is drawn now, that stays when something else is drawn."""
        sheet = self._sheet()
        if sheet is None:
            return None
        picture = self._drawing.picture(sheet, self.devicePixelRatioF())
        return QPixmap.fromImage(picture.copy())  # which else would share its memory

    def _draw_over(self, painter: QPainter, layout: Layout) -> None:
        """The wave, and a ring around what is pointed at, down to the legend."""
        room = QRectF(self.rect()).adjusted(0, 0, 0, -HEIGHT)
        painter.save()
        painter.setClipRect(room)
        painter.setTransform(self._sight.transform, True)
        if self._wave.running:
            self._wave.draw(painter, self._sight.room(room), self._theme)
        draw_ring(painter, layout, self._part_pointed(layout), self._theme)
        painter.restore()

    def _part_pointed(self, layout: Layout) -> Selectable | None:
        """What is pointed at, here or in another view; nothing while a picture is taken."""
        if self._direct:
            return None
        part = self._pointed
        if part is None and self._pointer is not None and not self._dragging:
            part = self._sight.part_at(self._pointer, layout)
        return part

    def _draw_reading(self, painter: QPainter, layout: Layout) -> None:
        if self._pointer is None or self._dragging or self._moment is None:
            return
        part = self._sight.part_at(self._pointer, layout)
        if part is not None:
            title, lines = title_of(self._moment, part), reading(self._moment, part)
            draw_card(painter, self._theme, title, lines, self._pointer, QSizeF(self.size()))

    def _redraw(self) -> None:
        self._wave.finish()
        self.update()

    # Layout ----------------------------------------------------------------------------------

    def _current_layout(self) -> Layout | None:
        if self._layout is None:
            self._layout = self._arranged(QSizeF(self.size()), self._selected)
        return self._layout

    def _arranged(self, size: QSizeF, selected: Selectable | None) -> Layout | None:
        if self._shape is None:
            return None
        return arrange(self._shape, size.width(), size.height() - HEIGHT, selected)

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
                self._sight.pan(moved)
                self._pressed_at = where
                self._redraw()
        self._pointer = where
        layout = self._current_layout()
        if layout is not None:
            self.part_pointed.emit(self._sight.part_at(where, layout))
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag, or select what was clicked."""
        if event.button() != Qt.MouseButton.LeftButton or self._pressed_at is None:
            return
        layout = self._current_layout()
        if not self._dragging and layout is not None:
            self.selection_requested.emit(self._sight.part_at(event.position(), layout))
        self._pressed_at, self._dragging = None, False
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask for a closer look at what is under the pointer."""
        layout = self._current_layout()
        part = self._sight.part_at(event.position(), layout) if layout is not None else None
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
        self._sight.resize(QSizeF(self.size()))
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
