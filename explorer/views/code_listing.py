"""A listing of Python, coloured gently, with some of its lines lit and kept in sight."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QSyntaxHighlighter,
    QTextBlock,
    QTextCharFormat,
    QTextDocument,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from explorer.views.palette import DARK, Theme, mix
from explorer.views.python_tokens import TokenKind, coloured
from explorer.views.theme import MONO, font

_MARGIN, _BAR = 6, 3.0
_SIZES = (12, 11, 10)
_INDENT = 50.0  # percent of its width, which leaves a narrow view room for the code itself


def token_colours(theme: Theme) -> dict[TokenKind, str]:
    """The colour of each kind of token, not far from the colour of plain text."""
    return {
        "keyword": mix(theme.positive, theme.text, 0.25),
        "string": mix(theme.good, theme.text, 0.25),
        "number": mix(theme.accent, theme.text, 0.35),
        "comment": theme.muted,
    }


def lit_colour(theme: Theme) -> str:
    """The ground of a lit line."""
    return mix(theme.canvas, theme.accent, 0.16)


class CodeListing(QPlainTextEdit):
    """Lines of Python to read and to select with the mouse; takes no keys.

    Letters are as large as lets the code of the home lines be seen whole, its comments apart.
    Lines are counted from 0.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme: Theme = DARK
        self._lit: tuple[int, ...] = ()
        self._home = range(0)
        self.setReadOnly(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setUndoRedoEnabled(False)
        self.setFont(font(_SIZES[0], MONO))
        self.document().setDocumentMargin(_MARGIN)
        self.setCornerWidget(QWidget())  # else Qt draws a frame where the two scroll bars meet
        self._colours = _Colours(self.document())

    def set_theme(self, theme: Theme) -> None:
        """Take another theme's colours."""
        self._theme = theme
        # Its own sheet: a palette would give way to the window's.
        self.setStyleSheet(
            f"QPlainTextEdit {{ background: {theme.canvas}; color: {theme.text};"
            f" selection-background-color: {theme.accent}; selection-color: {theme.on_accent}; }}"
        )
        self._colours.set_theme(theme)

    def show_lines(self, lines: Sequence[str], home: range) -> None:
        """List other lines; those of ``home`` are kept in sight."""
        self._lit, self._home = (), home
        self.setPlainText("\n".join(lines))
        self._fit()
        self._bring()

    def light(self, lines: Sequence[int]) -> None:
        """Light these lines, and scroll to them where they cannot all be seen."""
        self._lit = tuple(lines)
        if not self._seen(self._lit):
            self._bring()
        self.viewport().update()

    @property
    def lit(self) -> tuple[int, ...]:
        """The lines that are lit."""
        return self._lit

    @property
    def seen(self) -> range:
        """The lines that can be seen whole."""
        first = self.verticalScrollBar().value()
        return range(first, min(first + self._room(), self.blockCount()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground of the lit lines and a bar before each, then the text."""
        painter = QPainter(self.viewport())
        width = self.viewport().width()
        for line in self._lit:
            box = self._box(self.document().findBlockByNumber(line))
            if box.bottom() > 0 and box.top() < self.viewport().height():
                ground = QRectF(0, box.top(), width, box.height())
                painter.fillRect(ground, QColor(lit_colour(self._theme)))
                ground.setWidth(_BAR)
                painter.fillRect(ground, QColor(self._theme.accent))
        painter.end()
        super().paintEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out the line that is cut by the lower edge; keep the home lines in sight."""
        super().resizeEvent(event)
        self._fit()
        self._bring()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll; the text keeps its size, which Qt would change with the control key held."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        else:
            super().wheelEvent(event)

    def _fit(self) -> None:
        """Take the size of letters that the width allows; leave out a line that would be cut."""
        home = [self.document().findBlockByNumber(line).text() for line in self._home]
        room = self.viewport().width() - 2 * _MARGIN
        for size in _SIZES:
            face = font(size, MONO)
            letter = QFontMetricsF(face).horizontalAdvance("m")
            if max((_columns(text) for text in home), default=0.0) * letter <= room:
                break
        if face != self.font():
            self.setFont(face)
        height = self.viewport().height() + self.viewportMargins().bottom()
        self.setViewportMargins(0, 0, 0, height % self.fontMetrics().lineSpacing())

    def _box(self, block: QTextBlock) -> QRectF:
        return self.blockBoundingGeometry(block).translated(self.contentOffset())

    def _room(self) -> int:
        """How many lines fit."""
        return max(1, int(self.viewport().height() // self.fontMetrics().lineSpacing()))

    def _seen(self, lines: Sequence[int]) -> bool:
        return all(line in self.seen for line in lines)

    def _bring(self) -> None:
        """Scroll home: to its first line, or where it does not fit to its end, or what is lit."""
        first = max(self._home.start, self._home.stop - self._room())
        if self._lit and len(self._lit) < len(self._home):
            first = min(first, self._lit[0])
        self.verticalScrollBar().setValue(first)


class _Colours(QSyntaxHighlighter):
    """Colours the tokens of each line."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._formats: dict[TokenKind, QTextCharFormat] = {}
        self._narrow = QTextCharFormat()
        self._narrow.setFontLetterSpacingType(QFont.SpacingType.PercentageSpacing)
        self._narrow.setFontLetterSpacing(_INDENT)

    def set_theme(self, theme: Theme) -> None:
        self._formats = {}
        for kind, colour in token_colours(theme).items():
            self._formats[kind] = QTextCharFormat()
            self._formats[kind].setForeground(QColor(colour))
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        self.setFormat(0, _indent(text), self._narrow)
        for start, length, kind in coloured(text) if self._formats else ():
            self.setFormat(start, length, self._formats[kind])


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" "))


def _columns(text: str) -> float:
    """How many letters wide a line is without its comment."""
    comments = [start for start, _, kind in coloured(text) if kind == "comment"]
    code = text[: comments[0]] if comments else text
    return len(code.rstrip()) - _indent(text) * (1 - _INDENT / 100)
