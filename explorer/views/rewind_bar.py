"""A bar along a run's updates, whose knob is dragged back to an earlier one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QHideEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.views.palette import DARK, Theme, mix
from explorer.views.updates_axis import EVENLY, UpdatesAxis

_MARGIN, _KNOB = 16.0, 6.0
_STILL = 2.0  # points that a click may move


class RewindBar(QWidget):
    """Shows how far a run has come; ``dragged`` tells each update on the way to an earlier one.

    A press beside the knob looks there, and only dragging it goes there when it is let go.
    ``released`` tells the update at which the knob was let go, ``dropped`` after that, or instead
    of it, that it is not held any more. While the bar is disabled, as while training runs, the
    knob only stands there. It is no slider of Qt's, as a long run has more updates than these can
    count.
    """

    dragged = Signal(object)  # int, of any size
    dropped = Signal()
    released = Signal(object)  # int

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(18)
        self.setAccessibleName("Rewind")
        self._theme: Theme = DARK
        self._last = 0
        self._ends: tuple[float, float] | None = None
        self._axis = EVENLY
        self._held: int | None = None
        self._pressed_x, self._offset, self._moved = 0.0, 0.0, False
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # so that it hears Escape
        self.setMouseTracking(True)  # and of a button let go over another window
        self._say_what_it_does()

    @property
    def update_shown(self) -> int:
        """The update at which the knob stands; 0 before there is one."""
        return self._last if self._held is None else self._held

    def show_last(
        self,
        last: int,
        ends: tuple[float, float] | None = None,
        axis: UpdatesAxis = EVENLY,
    ) -> None:
        """Show a run that has come to this update; ``ends`` are where it begins and ends across.

        Without them it takes all of the width.
        """
        if (last, ends, axis) != (self._last, self._ends, self._axis):
            had_past, self._last = self._has_past, last
            self._ends, self._axis = ends, axis
            if self._has_past != had_past:
                self._say_what_it_does()
            self._held = None if self._held is None else min(self._held, last)
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take another theme's colours."""
        self._theme = theme
        self.update()

    def place_of(self, update: int) -> float:
        """Where the knob stands at an update."""
        first, here, last = (self._along(u) for u in (1, update, self._last))
        share = (here - first) / (last - first) if last > first else 1.0
        left, right = self._span
        return left + share * (right - left)

    @property
    def _span(self) -> tuple[float, float]:
        left, right = self._ends or (_MARGIN, self.width() - _MARGIN)
        return left, max(right, left + 1.0)

    def _update_at(self, x: float) -> int:
        left, right = self._span
        share = min(max((x - left) / (right - left), 0.0), 1.0)
        first, last = self._along(1), self._along(self._last)
        return round(self._axis.update_at(first + share * (last - first)))

    def _along(self, update: int) -> float:
        return float(self._axis.along(update))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar, what lies behind, and the knob."""
        del event
        theme, painter = self._theme, QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.canvas))
        if not self._has_past:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        x, y = self.place_of(self.update_shown), self.height() / 2
        left, right = self._span
        for end, colour in ((right, theme.border), (x, mix(theme.muted, theme.canvas, 0.45))):
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(QRectF(left, y - 1.5, end - left, 3), 1.5, 1.5)
        painter.setBrush(QColor(theme.accent if self.isEnabled() else theme.muted))
        painter.drawEllipse(QPointF(x, y), _KNOB, _KNOB)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the knob as it lies under the pointer, or bring it there."""
        if event.button() != Qt.MouseButton.LeftButton or not self._has_past:
            return
        x, knob = event.position().x(), self.place_of(self._last)
        on_knob = abs(x - knob) <= _KNOB + 2
        self._pressed_x, self._offset, self._moved = x, x - knob if on_knob else 0.0, False
        if on_knob:
            self._held = self._last
        else:
            self._drag(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the knob along; without the button, which was let go elsewhere, drop it."""
        if self._held is None:
            return
        if not event.buttons() & Qt.MouseButton.LeftButton:
            self.drop()
            return
        self._moved = self._moved or abs(event.position().x() - self._pressed_x) > _STILL
        if self._moved:
            self._drag(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let the knob go."""
        if event.button() != Qt.MouseButton.LeftButton or self._held is None:
            return
        if self._moved:
            self.let_go()
        else:
            self.drop()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape drops the knob."""
        if event.key() == Qt.Key.Key_Escape and self._held is not None:
            self.drop()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Drop the knob where it is not seen any more."""
        super().hideEvent(event)
        self.drop()

    def changeEvent(self, event: QEvent) -> None:
        """Drop the knob where the bar is disabled."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange:
            self._say_what_it_does()
            if not self.isEnabled():
                self.drop()

    def event(self, event: QEvent) -> bool:
        """Drop the knob where another window comes to the front: the button is let go over it."""
        if event.type() == QEvent.Type.WindowDeactivate:
            self.drop()
        return super().event(event)

    def hold(self, update: int) -> None:
        """Bring the knob to an earlier update, as if it were dragged there."""
        self._held = update
        self.dragged.emit(update)
        self.update()

    def let_go(self) -> None:
        """Let the knob go where it is held."""
        if self._held is not None:
            self.released.emit(self._held)
        self.drop()

    def drop(self) -> None:
        """Hold the knob no more, wherever it is; it goes back to the end."""
        if self._held is not None:
            self._held = None
            self.update()
            self.dropped.emit()

    @property
    def _has_past(self) -> bool:
        """Whether there is an earlier update to look at."""
        return self._last > 1

    def _say_what_it_does(self) -> None:
        useful = self._has_past and self.isEnabled()
        self.setCursor(Qt.CursorShape.SizeHorCursor if useful else Qt.CursorShape.ArrowCursor)
        tip = "Click to look at an earlier update, drag to rewind to it (undo brings the run back)"
        if self._has_past and not useful:
            tip = "Pause to look at earlier updates, or to rewind"
        self.setToolTip(tip if self._has_past else "")

    def _drag(self, event: QMouseEvent) -> None:
        self.hold(self._update_at(event.position().x() - self._offset))
