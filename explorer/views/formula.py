"""Set formulas: the symbols as a vector picture, the live numbers as text beside it."""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct
from PySide6.QtCore import QByteArray, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QWidget

from explorer.core.narration import Tone
from explorer.views.painted_card import PaintedCard, Tip
from explorer.views.theme import font

_SIZE = 16.0
_GAP = 7.0
_MARGIN = 12.0


class Line(Struct, frozen=True):
    """One formula in LaTeX up to its equals sign, and the number behind it.

    ``exact`` is read on pointing at the line: the number with all its digits.
    """

    latex: str
    value: str
    tone: Tone = "strong"
    exact: str = ""


@lru_cache(maxsize=512)
def _set(latex: str, colour: str) -> QSvgRenderer:
    """A formula as vectors; setting one takes milliseconds, so each is set once."""
    import ziamath  # which takes longer than painting the first window

    ziamath.config.svg2 = False  # Qt draws SVG Tiny, which has no symbols to refer to
    svg = ziamath.Latex(latex, size=_SIZE, color=colour, inline=True).svg()
    return QSvgRenderer(QByteArray(svg.encode()))


class FormulaCard(PaintedCard):
    """Lines of formulas with their numbers, on a card."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[Line] = []

    @property
    def lines(self) -> list[Line]:
        """What is shown."""
        return self._lines

    def set_lines(self, lines: list[Line]) -> None:
        """Show other lines; the height follows."""
        if lines == self._lines:
            return
        self._lines = lines
        self.take_height(self._height())
        self.update()

    def sizeHint(self) -> QSize:
        """All lines."""
        return QSize(280, round(self._height()))

    def _height(self) -> float:
        return 14.0 + sum(self._line_height(line) for line in self._lines)

    def _line_height(self, line: Line) -> float:
        return float(max(_set(line.latex, self._theme.text).defaultSize().height() + _GAP, 27.0))

    def row_boxes(self) -> list[tuple[QRectF, Line]]:
        """Every line with its box."""
        boxes, y = [], 7.0
        for line in self._lines:
            height = self._line_height(line)
            boxes.append((QRectF(0, y, self.width(), height), line))
            y += height
        return boxes

    def tip_at(self, where: QPointF) -> Tip | None:
        """The exact number of the line there."""
        rows = self.row_boxes()
        return next((Tip(line.exact, box) for box, line in rows if box.contains(where)), None)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card, its formulas and numbers."""
        del event
        theme, painter = self._theme, self.card_painter()
        colours = {
            "plain": theme.muted,
            "strong": theme.text,
            "positive": theme.positive,
            "negative": theme.negative,
        }
        for box, line in self.row_boxes():
            y, height = box.top(), box.height()
            renderer = _set(line.latex, theme.text)
            size = renderer.defaultSize()
            painter.setFont(font(14, bold=True))
            needed = painter.fontMetrics().horizontalAdvance(line.value) + 8.0
            # A formula wider than its room is made smaller, never cut.
            room = self.width() - 2 * _MARGIN - needed
            shrink = min(1.0, room / max(size.width(), 1))
            width, tall = size.width() * shrink, size.height() * shrink
            renderer.render(painter, QRectF(_MARGIN, y + (height - tall) / 2, width, tall))
            painter.setPen(QColor(colours[line.tone]))
            box = QRectF(_MARGIN + width + 6, y, needed, height)
            painter.drawText(
                box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, line.value
            )
