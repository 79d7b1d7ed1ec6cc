"""The deck: the epoch's shuffled examples in mini-batches, the current one lit.

One stands in a row of its own, unless there are very many: then small ones stand side by side.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from explorer.core.data.dataset import Dataset, Ints
from explorer.core.moment import Moment
from explorer.views.painted_card import PaintedCard
from explorer.views.palette import Bytes, Theme, class_colour, rgb, sequential
from explorer.views.scale import input_scale
from explorer.views.theme import font
from explorer.views.thumbnails import rgb_image

_MOST_ROWS = 45
_MARGIN, _BESIDE = 12.0, 8.0
_LARGEST = 16.0  # points a side, of an example
_CAPTION = 24.0


class Deck(PaintedCard):
    """Draws the mini-batches of an epoch, every example as a small picture of itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(420)
        self._moment: Moment | None = None
        self._picture: QImage | None = None
        self._rows: list[tuple[int, int]] = []  # of examples: the mini-batches shown
        self._longest = 1  # examples in one of them
        self._across = 1  # mini-batches side by side

    def show_moment(self, moment: Moment) -> None:
        """Show the epoch of a moment."""
        self._moment, self._picture = moment, None
        self._arrange()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The examples grow and shrink with the width, and the height with them."""
        if event.size().width() != event.oldSize().width():
            self._arrange()

    def _arrange(self) -> None:
        if self._moment is None:
            return
        before, room = self._rows, self.width() - 2 * _MARGIN
        self._across = _side_by_side(self._moment, room)
        self._rows = rows_of(self._moment, self._across)
        self._longest = max(end - start for start, end in self._rows)
        if self._rows != before:
            self._picture = None
        self.take_height(self._body.height() + 2 * _MARGIN + 2 * _CAPTION)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme's colours."""
        self._picture = None
        super().set_theme(theme)

    def sizeHint(self) -> QSize:
        """A tall card."""
        return QSize(280, 420)

    def _cell(self) -> float:
        return _cell(self._longest, self.width() - 2 * _MARGIN)

    @property
    def _body(self) -> QRectF:
        """Where the mini-batches are."""
        rows = -(-len(self._rows) // self._across)
        width = self.width() - 2 * _MARGIN
        return QRectF(_MARGIN, _MARGIN + _CAPTION, width, rows * self._cell())

    def row_box(self, row: int) -> QRectF:
        """The box of the row-th shown mini-batch."""
        start, end = self._rows[row]
        cell, (down, across) = self._cell(), divmod(row, self._across)
        left = _MARGIN + across * (self._longest * cell + _BESIDE)
        return QRectF(left, self._body.top() + down * cell, (end - start) * cell, cell)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw all mini-batches dimmed and the current one lit."""
        del event
        theme, painter = self._theme, self.card_painter()
        moment = self._moment
        if moment is None:
            return
        if self._picture is None:
            self._picture = _deck_image(moment, self._rows, theme)
        trace, body = moment.trace, self._body
        current = [start for start, _ in self._rows].index(trace.offset)
        wide, high = self._picture.width() / self._longest, self._picture.height() / len(self._rows)
        for row, (start, end) in enumerate(self._rows):
            painter.setOpacity(1.0 if row == current else 0.4)
            source = QRectF(0, row * high, (end - start) * wide, high)
            painter.drawImage(self.row_box(row), self._picture, source)
        painter.setOpacity(1.0)
        box = self.row_box(current)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.accent), 1.6))
        painter.drawRoundedRect(box.adjusted(-2, -2, 2, 2), 3, 3)
        painter.setPen(QColor(theme.text))
        painter.setFont(font(13, bold=True))
        head = QRectF(_MARGIN, _MARGIN - 4, self.width() - 2 * _MARGIN, _CAPTION)
        text = f"mini-batch {trace.mini_batch:,} of {trace.mini_batches:,}"
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter, text)
        painter.setPen(QColor(theme.muted))
        painter.setFont(font(12))
        painter.drawText(
            head,
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
            f"epoch {trace.epoch:,}",
        )
        foot = QRectF(_MARGIN, body.bottom() + 4, self.width() - 2 * _MARGIN, _CAPTION)
        count = f"{len(trace.order):,} training example{'' if len(trace.order) == 1 else 's'}"
        if len(self._rows) < trace.mini_batches:
            count += f", {len(self._rows):,} of {trace.mini_batches:,} mini-batches shown"
        painter.drawText(foot, Qt.AlignmentFlag.AlignVCenter, count)


def _cell(examples: int, room: float) -> float:
    """How large an example is drawn, of so many beside each other."""
    return min(room / examples, _LARGEST)


def _side_by_side(moment: Moment, room: float) -> int:
    """How many mini-batches stand in a row: one, unless there are more than rows."""
    if moment.trace.mini_batches <= _MOST_ROWS:
        return 1
    size = moment.experiment.mini_batch.size
    return max(int((room + _BESIDE) // (size * _cell(size, room) + _BESIDE)), 1)


def rows_of(moment: Moment, across: int = 1) -> list[tuple[int, int]]:
    """Start and end in the epoch's order of the mini-batches shown, the current one among them.

    So many stand side by side. The mini-batches not yet dealt, and those before, are laid out at
    the size now in force.
    """
    trace = moment.trace
    size, n = moment.experiment.mini_batch.size, len(trace.order)
    after = range(trace.offset, n, size)
    before = [max(trace.offset - size * k, 0) for k in range(-(-trace.offset // size), 0, -1)]
    starts = [*before, *after]
    here, rows = len(before) // across, -(-len(starts) // across)
    first = across * min(max(here - _MOST_ROWS // 2, 0), max(rows - _MOST_ROWS, 0))
    ends = [*starts[1:], n]
    return list(zip(starts, ends, strict=True))[first : first + across * _MOST_ROWS]


def _deck_image(moment: Moment, rows: list[tuple[int, int]], theme: Theme) -> QImage:
    """All shown examples in one image, a row of thumbnails per mini-batch."""
    dataset, order = moment.dataset, moment.trace.order
    width, height = dataset.image_size or (8, 8)
    width, height = width + 2, height + 2  # a gap around each thumbnail
    longest = max(end - start for start, end in rows)
    pixels = np.empty((len(rows) * height, longest * width, 3), np.uint8)
    pixels[:] = rgb(theme.card)
    for row, (start, end) in enumerate(rows):
        tiles = _tiles(dataset, order[start:end], theme)  # (members, height, width, 3)
        strip = tiles.transpose(1, 0, 2, 3).reshape(height, -1, 3)
        pixels[row * height : (row + 1) * height, : strip.shape[1]] = strip
    return rgb_image(pixels)


def _tiles(dataset: Dataset, members: Ints, theme: Theme) -> Bytes:
    if dataset.image_size is not None:
        width, height = dataset.image_size
        inputs = dataset.train.inputs[members]
        colours = sequential(inputs, input_scale(dataset), theme)
        images = colours.reshape(len(members), height, width, 3)
        tiles = np.empty((len(members), height + 2, width + 2, 3), np.uint8)
        tiles[:] = rgb(theme.card)
        tiles[:, 1:-1, 1:-1] = images
        return tiles
    tiles = np.empty((len(members), 10, 10, 3), np.uint8)
    tiles[:] = rgb(theme.card)
    classes = dataset.train.classes
    for tile, index in zip(tiles, members, strict=True):
        colour = theme.muted
        if classes is not None:
            colour = class_colour(int(classes[index]), len(dataset.labels), theme)
        tile[1:9, 1:9] = rgb(colour)
    return tiles
