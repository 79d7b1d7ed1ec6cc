"""Draws the table of wishes: what it holds, in the boxes of its layout."""

from __future__ import annotations

import numpy as np
from msgspec import Struct, field
from msgspec.structs import replace
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from explorer.core.moment import Moment
from explorer.core.nudges import Scope, Wishes
from explorer.core.numbers import Column
from explorer.core.part_of_network import Neuron, Selectable
from explorer.views import nudge_words
from explorer.views.nudge_cells import cell_text, draw_cells, exponent_of, mean_text, unit_text
from explorer.views.nudge_layout import TableLayout
from explorer.views.nudge_words import Summary
from explorer.views.palette import Theme, mix
from explorer.views.scale import fitted
from explorer.views.theme import font
from explorer.views.thumbnails import draw_thumbnail, example_image

_LABEL = 15.0  # the height of the words in the head
_MIDDLE = Qt.AlignmentFlag.AlignCenter


class TableContent(Struct, frozen=True, eq=False):
    """What a table shows; ``scale`` holds the largest wish of the scope, so that it stays.

    ``columns`` is how the numbers of each summary are written.
    """

    moment: Moment
    wishes: Wishes
    scope: Scope
    summaries: tuple[Summary, ...]
    scale: float
    columns: tuple[Column, ...]
    images: dict[tuple[int, str], QImage] = field(default_factory=dict)

    @classmethod
    def of(cls, moment: Moment, neuron: Neuron, scope: Scope, *, roomy: bool) -> TableContent:
        """The wishes for a scope; a roomy table shows what regularization asks as well."""
        wishes = Wishes.of(moment.trace, neuron, scope)
        summaries = nudge_words.summaries(moment, roomy=roomy)
        largest = np.array(wishes.largest)
        scale = fitted(largest, least=1e-30) if largest else 1.0
        unit = 10.0 ** exponent_of(scale)
        columns = tuple(
            Column.for_largest(float(np.abs(values).max()) / unit)
            for values in (
                nudge_words.summary_values(wishes, s, range(wishes.parameters)) for s in summaries
            )
        )
        return cls(moment, wishes, scope, summaries, scale, columns)

    def at(self, moment: Moment) -> TableContent:
        """The same wishes at another moment of the same update."""
        return replace(self, moment=moment)

    @property
    def exponent(self) -> int:
        """The power of ten taken out of all numbers."""
        return exponent_of(self.scale)

    def draw_example(self, painter: QPainter, box: QRectF, member: int, theme: Theme) -> None:
        """Draw a member of the mini-batch into a box; images are coloured once."""
        dataset, index = self.moment.dataset, int(self.moment.trace.indices[member])
        if dataset.image_size is None:
            draw_thumbnail(painter, box, dataset, index, theme)
            return
        key = (index, theme.name)
        if key not in self.images:
            self.images[key] = example_image(dataset, dataset.train.inputs[index], theme)
        painter.drawImage(box, self.images[key])

    def note(self, rows: range, columns: range) -> str:
        """What stands below the table when these rows and columns are seen."""
        return nudge_words.note(self.moment, self.wishes, self.scope, rows, columns, self.exponent)

    def longest_note(self, *, all_rows: bool, all_columns: bool) -> str:
        """A note as long as any while scrolling, so that the room for it can stay the same."""
        rows, columns = (
            range(n) if whole else range(max(n - 11, 0), n - 1)
            for n, whole in (
                (self.wishes.parameters, all_rows),
                (self.wishes.examples, all_columns),
            )
        )
        return self.note(rows, columns)


def draw_table(
    painter: QPainter,
    theme: Theme,
    content: TableContent,
    layout: TableLayout,
    pointed: Selectable | None,
) -> None:
    """Draw the rows and columns that are seen, what stands beside them, and the note."""
    rows, columns = layout.visible_rows(), layout.visible_columns()
    parts = [content.wishes.part(row) for row in rows]
    _draw_names(painter, theme, content, layout, parts, pointed)
    _draw_wishes(painter, theme, content, layout)
    _draw_summaries(painter, theme, content, layout)
    painter.setClipRect(layout.heads.adjusted(-1, 0, 1, 0))
    for column in columns:
        _draw_head(painter, theme, content, layout.head(column), column)
    _draw_focus(painter, theme, content, layout)
    painter.setClipping(False)
    painter.setPen(QColor(theme.muted))
    painter.setFont(font(11.5))
    words = content.note(rows, columns)
    painter.drawText(layout.note, Qt.TextFlag.TextWordWrap, words)


def _draw_names(
    painter: QPainter,
    theme: Theme,
    content: TableContent,
    layout: TableLayout,
    parts: list[Selectable],
    pointed: Selectable | None,
) -> None:
    region = layout.names.united(layout.tails)
    painter.setClipRect(region.adjusted(-5, 0, 5, 0))
    painter.setFont(font(12))
    for row, part in zip(layout.visible_rows(), parts, strict=True):
        box = layout.name(row)
        if part == pointed:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.raised))
            across = QRectF(region.left() - 5, box.top(), region.width() + 9, box.height())
            painter.drawRoundedRect(across, 4, 4)
        painter.setPen(QColor(theme.text if part == pointed else theme.muted))
        name = nudge_words.row_name(part, content.scope)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, name)


def _draw_wishes(
    painter: QPainter, theme: Theme, content: TableContent, layout: TableLayout
) -> None:
    rows, columns = layout.visible_rows(), layout.visible_columns()
    values = content.wishes.cells(rows, columns)
    decimals = 3 if layout.cell_width >= 4 * layout.measures.letters else 2
    texts = [[cell_text(v, content.exponent, decimals) for v in row] for row in values.tolist()]
    painter.setClipRect(layout.cells)
    first = layout.cell(rows.start, columns.start)
    draw_cells(painter, theme, first, values, texts, content.scale, layout.measures.letters)


def _draw_summaries(
    painter: QPainter, theme: Theme, content: TableContent, layout: TableLayout
) -> None:
    rows = layout.visible_rows()
    for which, (summary, column) in enumerate(zip(content.summaries, content.columns, strict=True)):
        values = nudge_words.summary_values(content.wishes, summary, rows)[:, None]
        texts = [[mean_text(v, content.exponent, column)] for v in values[:, 0].tolist()]
        painter.setClipRect(layout.tails)
        first = layout.mean(rows.start, which)
        draw_cells(painter, theme, first, values, texts, content.scale, layout.measures.letters)
        painter.setClipping(False)
        painter.setPen(QColor(theme.text))
        painter.setFont(font(11))
        head = QRectF(first.left() - 3, layout.heads.bottom() - _LABEL, first.width() + 5, _LABEL)
        painter.drawText(head, _MIDDLE, nudge_words.summary_head(content.moment, summary))
        if content.exponent and not which:  # seen also where the note below is scrolled away
            painter.setPen(QColor(theme.muted))
            unit = f"× {unit_text(content.exponent)}"
            painter.drawText(head.translated(0, -_LABEL), _MIDDLE, unit)


def _draw_head(
    painter: QPainter, theme: Theme, content: TableContent, box: QRectF, column: int
) -> None:
    moment = content.moment
    side = min(box.height() - _LABEL - 5, box.width() - 4)
    picture = QRectF(box.center().x() - side / 2 - 0.5, box.top() + 2, side, side)
    content.draw_example(painter, picture, column, theme)
    if moment.dataset.train.points is not None:  # the plane, on a card of its own colour
        painter.setPen(QColor(mix(theme.border, theme.muted, 0.4)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(picture, 4, 4)
    focused = column == moment.example
    painter.setPen(QColor(theme.accent if focused else theme.muted))
    painter.setFont(font(11, bold=focused))
    label = QRectF(box.left() - 1, box.bottom() - _LABEL, box.width(), _LABEL)
    painter.drawText(label, _MIDDLE, nudge_words.column_name(moment, column))


def _draw_focus(
    painter: QPainter, theme: Theme, content: TableContent, layout: TableLayout
) -> None:
    """Frame the column of the example in focus."""
    column = layout.head(content.moment.example)
    seen = layout.heads.united(layout.cells).adjusted(-2, -3, 2, 2)
    painter.setClipRect(seen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.accent), 1.6))
    box = QRectF(column.left(), column.top() - 1, column.width() - 1, seen.height() - 4)
    painter.drawRoundedRect(box.adjusted(-0.5, 0, 0.5, 1), 4, 4)
