"""The update worked out by hand: every intermediate number, beat by beat, to read and to copy."""

from __future__ import annotations

import re
from typing import NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QShowEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextFrame,
    QTextFrameFormat,
)
from PySide6.QtWidgets import QCheckBox, QFrame, QLabel, QPushButton, QTextEdit, QWidget

from explorer.core.beats import Beat
from explorer.core.equations import FEWEST_DECIMALS, MOST_DECIMALS, Row, plain_text
from explorer.core.moment import Moment
from explorer.core.narration import Tone
from explorer.core.part_of_network import Neuron
from explorer.core.worksheet import worksheet
from explorer.views.fields import Stepper
from explorer.views.large_view import LargeView
from explorer.views.palette import DARK, Theme
from explorer.views.theme import MONO, SANS, font

_SIZE = 12.5


class _Shown(NamedTuple):
    """A section as it is shown."""

    beat: Beat
    title: str
    rows: list[Row]


class Worksheet(LargeView):
    """Shows a moment worked out by hand; the section of its beat is lit and scrolled to.

    Numbers have a chosen number of decimals; tiny ones are written with an exponent. Of a network
    too large to list, only the numbers of one neuron are shown. ``copied`` tells the whole sheet
    as plain text when it is asked for.
    """

    copied = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Worksheet", parent)
        self._theme: Theme = DARK
        self._moment: Moment | None = None
        self._neuron: Neuron | None = None
        self._shown: list[_Shown] = []
        self._frames: dict[Beat, QTextFrame] = {}
        self._lit: Beat | None = None
        self.decimals = Stepper(FEWEST_DECIMALS, MOST_DECIMALS, name="Decimals", width=34)
        self.decimals.set_value(MOST_DECIMALS)
        self.everything = QCheckBox("show all beats")
        self.everything.setChecked(True)
        self.everything.setToolTip("Off: numbers appear with the beat that computes them")
        self.copy = QPushButton("Copy as text")
        self.copy.setToolTip("The whole sheet for the clipboard")
        for widget in (self.everything, QLabel("decimals"), self.decimals, self.copy):
            self.head.addWidget(widget)
        self.sheet = QTextEdit()
        self.sheet.setReadOnly(True)
        self.sheet.setFrameShape(QFrame.Shape.NoFrame)
        self.sheet.setObjectName("canvas")
        self.sheet.setUndoRedoEnabled(False)
        self.sheet.setAccessibleName("Worksheet")
        self.sheet.setTabChangesFocus(True)
        self.body.addWidget(self.sheet)
        self.decimals.value_changed.connect(self._show)
        self.everything.toggled.connect(self._show)
        self.copy.clicked.connect(lambda: self.copied.emit(self.text()))

    def show_moment(self, moment: Moment, neuron: Neuron | None = None) -> None:
        """Show another moment; of a large network, from the side of ``neuron``."""
        self._moment, self._neuron = moment, neuron
        self._show()

    def set_theme(self, theme: Theme) -> None:
        """Take another theme's colours."""
        self._theme = theme
        self._shown = []
        self._show()

    def clear(self) -> None:
        """Show nothing, until the next moment comes."""
        self._moment, self._shown, self._frames, self._lit = None, [], {}, None
        self.sheet.clear()

    def showEvent(self, event: QShowEvent) -> None:
        """Work out what came while nobody looked."""
        super().showEvent(event)
        self._show()

    def text(self) -> str:
        """The sheet as plain text; empty without a moment."""
        moment = self._moment
        if moment is None:
            return ""
        trace = moment.trace
        head = f"Update {trace.update}, mini-batch {trace.mini_batch} of {trace.mini_batches}, "
        parts = [f"{head}epoch {trace.epoch}"]
        parts += [f"{x.title}\n{plain_text(x.rows)}" for x in self._sections(moment)]
        return "\n\n".join(parts) + "\n"

    def _sections(self, moment: Moment) -> list[_Shown]:
        """Each section's beat and title, and its rows with the numbers that may be seen."""
        everything, decimals = self.everything.isChecked(), self.decimals.value
        return [
            _Shown(
                section.beat,
                section.title,
                section.rows(decimals, reached=everything or moment.reached(section.beat)),
            )
            for section in worksheet(moment, self._neuron)
        ]

    # Writing ---------------------------------------------------------------------------------

    def _show(self) -> None:
        moment = self._moment
        if moment is None or not self.isVisible():
            return
        self.set_title(f"Worksheet · update {moment.trace.update:,}")
        sections = self._sections(moment)
        if sections != self._shown:
            self._write(sections)
        self._light(moment.beat)

    def _write(self, sections: list[_Shown]) -> None:
        """Write the whole sheet anew; the place scrolled to stays."""
        bar = self.sheet.verticalScrollBar()
        place, self._shown, self._frames = bar.value(), sections, {}
        self.sheet.clear()
        cursor = QTextCursor(self.sheet.document())
        cursor.beginEditBlock()
        for section in sections:
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.setBlockFormat(_gap())
            self._frames[section.beat] = cursor.insertFrame(self._frame_format(lit=False))
            cursor.insertText(section.title, self._title_format(lit=False))
            self._write_rows(cursor, section.rows)
        cursor.endEditBlock()
        bar.setValue(place)
        if self._lit is not None:
            self._set_lit(self._lit, lit=True)

    def _write_rows(self, cursor: QTextCursor, rows: list[Row]) -> None:
        """The rows of a section, what follows an equals sign hung below each other."""
        metrics = QFontMetricsF(font(_SIZE, MONO))
        width = max(len(row.left) for row in rows)
        hang = metrics.horizontalAdvance("0") * (width + 3)
        for row in rows:
            block = QTextBlockFormat()
            block.setTopMargin(2)
            if row.relation:
                block.setLeftMargin(hang)
                block.setTextIndent(-hang)
            cursor.insertBlock(block)
            if row.relation:
                left = f"{row.left:{width}} {row.relation} ".replace(" ", "\u00a0")
                cursor.insertText(left, self._format("strong" if row.left else "plain"))
            for span in row.worked:
                cursor.insertText(_held(span.text), self._format(span.tone))
            if row.result is not None:
                cursor.insertText(row.result.text, self._format(row.result.tone, bold=True))
            if row.note:
                cursor.insertText(f"   {row.note}", self._format("plain"))

    def _format(self, tone: Tone, *, bold: bool = False) -> QTextCharFormat:
        theme = self._theme
        colours = {
            "plain": theme.muted,
            "strong": theme.text,
            "positive": theme.positive,
            "negative": theme.negative,
        }
        return _char_format(font(_SIZE, MONO, bold=bold), colours[tone])

    def _title_format(self, *, lit: bool) -> QTextCharFormat:
        colour = self._theme.accent if lit else self._theme.text
        return _char_format(font(13, SANS, bold=True), colour)

    def _frame_format(self, *, lit: bool) -> QTextFrameFormat:
        frame = QTextFrameFormat()
        frame.setPadding(7)
        frame.setBorder(1)
        frame.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        frame.setBorderBrush(QColor(self._theme.accent if lit else self._theme.border))
        frame.setBackground(QColor(self._theme.card if lit else self._theme.canvas))
        return frame

    # The beat --------------------------------------------------------------------------------

    def _light(self, beat: Beat) -> None:
        """Light the section of the beat and scroll to it."""
        if beat == self._lit:
            return
        if self._lit is not None:
            self._set_lit(self._lit, lit=False)
        self._lit = beat
        self._set_lit(beat, lit=True)
        frame = self._frames.get(beat)
        if frame is not None:
            box = self.sheet.document().documentLayout().frameBoundingRect(frame)
            self.sheet.verticalScrollBar().setValue(round(box.top()) - 4)

    def _set_lit(self, beat: Beat, *, lit: bool) -> None:
        frame = self._frames.get(beat)
        if frame is None:
            return
        frame.setFrameFormat(self._frame_format(lit=lit))
        title = frame.firstCursorPosition()
        title.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        title.mergeCharFormat(self._title_format(lit=lit))


def _held(text: str) -> str:
    """A sign held to what follows it, so that a long line breaks before signs.

    What counts the rest of a sum is held to its number.
    """
    text = re.sub(r" \(\d+ more, summed\)", lambda m: m[0].replace(" ", "\u00a0"), text)
    for sign in ("+", "−", "="):
        text = text.replace(f" {sign} ", f" {sign}\u00a0")
    return text


def _gap() -> QTextBlockFormat:
    """The empty line that Qt keeps between two frames, made low."""
    block = QTextBlockFormat()
    block.setLineHeight(6, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
    return block


def _char_format(face: QFont, colour: str) -> QTextCharFormat:
    result = QTextCharFormat()
    result.setFont(face)
    result.setForeground(QColor(colour))
    return result
