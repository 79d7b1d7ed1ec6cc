"""The members of the mini-batch as thumbnails, one of them in focus."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.core.moment import Moment
from explorer.core.numbers import number
from explorer.views.palette import DARK, Theme
from explorer.views.theme import font
from explorer.views.thumbnails import draw_thumbnail, example_images

_HEIGHT = 38
_LEAST, _MOST = 17.0, 34.0
_COUNT_WIDTH = 60.0


class BatchStrip(QWidget):
    """Shows who is in the mini-batch; asks for another focus with ``example_requested``."""

    example_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_HEIGHT)
        self.setMouseTracking(True)
        self.setAccessibleName("Examples of the mini-batch")
        self._theme: Theme = DARK
        self._moment: Moment | None = None

    def show_moment(self, moment: Moment) -> None:
        """Show another moment's mini-batch."""
        self._moment = moment
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        self._moment = None
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take another theme's colours."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(600, _HEIGHT)

    def boxes(self) -> dict[int, QRectF]:
        """The boxes of the members shown, by their number in the mini-batch."""
        if self._moment is None:
            return {}
        size = self._moment.trace.batch_size
        pitch = min(max(self.width() / size, _LEAST), _MOST)
        first, shown = 0, size
        if size * _LEAST > self.width():
            shown = max(int((self.width() - _COUNT_WIDTH) // pitch), 1)
            first = min(max(self._moment.example - shown // 2, 0), size - shown)
        side = min(pitch - 3, _HEIGHT - 8.0)
        return {
            first + i: QRectF(i * pitch + 2, (_HEIGHT - side) / 2, side, side) for i in range(shown)
        }

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the thumbnails and the count of those that found no room."""
        del event
        moment = self._moment
        painter = QPainter(self)
        if moment is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        boxes = self.boxes()
        images: list[QImage] | list[None] = [None] * len(boxes)
        if moment.dataset.image_size is not None:
            images = example_images(moment.dataset, moment.trace.inputs[list(boxes)], self._theme)
        for (member, box), image in zip(boxes.items(), images, strict=True):
            index = int(moment.trace.indices[member])
            focused = member == moment.example
            painter.setOpacity(1.0 if focused or moment.beat.kind == "mini_batch" else 0.72)
            draw_thumbnail(painter, box, moment.dataset, index, self._theme, image)
            painter.setOpacity(1.0)
            if focused:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(QColor(self._theme.accent), 2))
                painter.drawRoundedRect(box.adjusted(-1.5, -1.5, 1.5, 1.5), 4, 4)
        hidden = moment.trace.batch_size - len(boxes)
        if hidden:
            painter.setPen(QColor(self._theme.muted))
            painter.setFont(font(12))
            rest = QRectF(self.width() - _COUNT_WIDTH, 0, _COUNT_WIDTH, _HEIGHT)
            painter.drawText(rest, Qt.AlignmentFlag.AlignCenter, f"+{hidden:,}")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask for the member clicked."""
        for member, box in self.boxes().items():
            if box.adjusted(-1.5, -4, 1.5, 4).contains(event.position()):
                self.example_requested.emit(member)
                return

    def event(self, event: QEvent) -> bool:
        """Name the member under the pointer."""
        if event.type() == QEvent.Type.ToolTip and self._moment is not None:
            moment = self._moment
            where = self.mapFromGlobal(self.cursor().pos()).toPointF()
            for member, box in self.boxes().items():
                if box.contains(where):
                    index = int(moment.trace.indices[member])
                    label = moment.dataset.label_of(moment.dataset.train, index)
                    cost = number(float(moment.trace.losses[member]))
                    text = f"example {member + 1}" + (f" · label {label}" if label else "")
                    QToolTip.showText(self.cursor().pos(), f"{text} · cost {cost}", self)
                    return True
        return super().event(event)
