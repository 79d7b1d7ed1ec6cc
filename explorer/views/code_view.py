"""The loop in PyTorch: the script of the current experiment, the line at work lit."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from explorer.core.beats import Kind
from explorer.core.data.dataset import Dataset
from explorer.core.experiment import Experiment
from explorer.core.moment import Moment
from explorer.core.training_code import TrainingCode, training_code
from explorer.views.palette import DARK, Theme
from explorer.views.theme import font

if TYPE_CHECKING:
    from explorer.views.code_listing import CodeListing

CAPTIONS: dict[Kind, str] = {
    "mini_batch": "A mini-batch is dealt; the last gradient is cleared.",
    "forward": "model(inputs) computes every layer, first to last.",
    "cost": "The mean of the examples’ costs; it only measures.",
    "backward": "loss.backward() differentiates; nothing moves yet.",
    "average": "A mean loss: .grad is the mean over the examples.",
    "update": "optimizer.step(): only now do the parameters move.",
}
WITH_PENALTY: dict[Kind, str] = {
    "cost": "The mean cost and the penalty; they only measure.",
    "average": ".grad: the mean over the examples, and the penalty’s.",
}
LIVE = "Training runs: every mini-batch goes through here."
_FOLD_ABOVE, _KEPT = 240, 100  # lines before the loop


def caption(kind: Kind, experiment: Experiment) -> str:
    """What the lit lines do in a beat."""
    penalized = experiment.regularization.kind != "none"
    return WITH_PENALTY.get(kind, CAPTIONS[kind]) if penalized else CAPTIONS[kind]


class CodeView(QFrame):
    """Shows the script and puts it on the clipboard, which ``copied`` tells."""

    copied = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        self._code: TrainingCode | None = None
        self._of: tuple[Experiment, Dataset, str] | None = None
        self._beat: tuple[Kind, bool] | None = None
        self._folded = 0
        self._theme: Theme = DARK
        self._build()
        self.clear()

    def _build(self) -> None:
        self._caption = QLabel()
        self._caption.setObjectName("small")
        self._caption.setFont(font(12))
        self._caption.setWordWrap(True)
        self._caption.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._caption.setContentsMargins(14, 0, 14, 0)
        self._copy = QToolButton()
        self._copy.setObjectName("flat")
        self._copy.setText("copy")
        self._copy.setToolTip("Copy the whole script, ready to run")
        self._copy.clicked.connect(self._put_on_clipboard)
        head = QHBoxLayout()
        head.setContentsMargins(14, 6, 10, 0)
        head.addWidget(QLabel("The loop in PyTorch"), 1)
        head.addWidget(self._copy)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(head)
        column.addWidget(self._caption)
        self._room = QHBoxLayout()  # of the listing
        self._room.setContentsMargins(4, 0, 4, 4)
        column.addLayout(self._room, 1)

    @cached_property
    def listing(self) -> CodeListing:
        """What is below the caption; built when there is code to list, as there is not at first."""
        from explorer.views.code_listing import CodeListing

        listing = CodeListing()
        listing.set_theme(self._theme)
        self._room.addWidget(listing)
        listing.show()
        self._column.activate()  # so that it has its size before it fits lines into it
        return listing

    def show_moment(self, moment: Moment) -> None:
        """Show the script of the moment's experiment; light the lines of its beat.

        While training is running the whole loop is lit. A moment of the same experiment and kind
        of beat as before costs next to nothing.
        """
        of = (moment.experiment, moment.dataset, moment.trace.device)
        if self._of is None or any(a is not b for a, b in zip(of, self._of, strict=True)):
            self._of = of
            self._take(training_code(*of))
        beat = (moment.beat.kind, moment.live)
        if beat != self._beat:
            self._beat = beat
            self._light(*beat)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme's colours."""
        self._theme = theme
        if "listing" in self.__dict__:
            self.listing.set_theme(theme)

    def clear(self) -> None:
        """Show nothing."""
        self._code = self._of = self._beat = None
        if "listing" in self.__dict__:
            self.listing.show_lines((), range(0))
        self._caption.clear()
        self._copy.setEnabled(False)

    @property
    def code(self) -> TrainingCode | None:
        """The script that is shown."""
        return self._code

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep room for the longest caption, so that nothing below it jumps."""
        super().resizeEvent(event)
        width = self.width() - 28
        metrics = self._caption.fontMetrics()
        wrap = Qt.TextFlag.TextWordWrap
        heights = [
            metrics.boundingRect(0, 0, width, 1000, wrap, words).height()
            for words in (*CAPTIONS.values(), *WITH_PENALTY.values(), LIVE)
        ]
        self._caption.setFixedHeight(max(heights))

    def _take(self, code: TrainingCode) -> None:
        if code == self._code:
            return
        self._code, self._beat = code, None
        self._copy.setEnabled(True)
        lines = [line.text for line in code.lines]
        self._folded = 0
        if code.loop.start > _FOLD_ABOVE:
            end = code.loop.start - _KEPT
            note = f"# … {end - _KEPT:,} lines are folded here; copy takes them all …"
            lines[_KEPT:end] = [note]
            self._folded = end - _KEPT - 1
        self.listing.show_lines(
            lines, range(code.loop.start - self._folded, code.loop.stop - self._folded)
        )

    def _light(self, kind: Kind, live: bool) -> None:
        assert self._code is not None
        assert self._of is not None
        lines = tuple(self._code.loop) if live else self._code.at_work(kind)
        self.listing.light([line - self._folded for line in lines])
        self._caption.setText(LIVE if live else caption(kind, self._of[0]))

    def _put_on_clipboard(self) -> None:
        assert self._code is not None
        QGuiApplication.clipboard().setText(self._code.source)
        self.copied.emit(
            f"The script is on the clipboard: {len(self._code.lines)} lines, ready to run."
        )
