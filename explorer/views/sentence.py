"""The sentence above the drawing, with the numbers of the beat coloured by their sign."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from explorer.core.moment import Moment
from explorer.core.narration import Span, narrate
from explorer.views.palette import DARK, Theme
from explorer.views.theme import SERIF, font

_SIZES = (16, 15, 14, 13, 12, 11)


class Sentence(QLabel):
    """Tells what happens in a moment; room for two lines, so that nothing below it jumps."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme: Theme = DARK
        self._spans: list[Span] = []
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setFont(font(_SIZES[0], SERIF))
        self.setFixedHeight(2 * self.fontMetrics().height() + 4)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_moment(self, moment: Moment) -> None:
        """Tell about another moment."""
        self.tell(narrate(moment))

    def tell(self, spans: list[Span]) -> None:
        """Show these words."""
        self._spans = spans
        colours = {
            "plain": self._theme.text,
            "strong": self._theme.text,
            "positive": self._theme.positive,
            "negative": self._theme.negative,
        }
        self.setText("".join(_html(span, colours[span.tone]) for span in spans))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other words may fit now."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Take the largest size in which the words fit two lines of the usual one."""
        for size in _SIZES:
            self.setFont(font(size, SERIF))
            if self.heightForWidth(self.width()) <= self.height():
                return

    def set_theme(self, theme: Theme) -> None:
        """Take another theme's colours."""
        self._theme = theme
        self.tell(self._spans)


def _html(span: Span, colour: str) -> str:
    weight = "bold" if span.tone == "strong" else "normal"
    return f'<span style="color:{colour};font-weight:{weight}">{escape(span.text)}</span>'
