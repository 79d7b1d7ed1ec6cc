"""The ribbon of beats: where the update stands, and a way to any of its beats."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from explorer.core.beats import KINDS, TITLES, Beat, Kind
from explorer.core.moment import Moment
from explorer.views.restyle import restyle
from explorer.views.theme import font

_NARROW = 600  # points, in which the letters of all beats fit
_AROUND = 10  # points of a button around its words


class BeatRibbon(QWidget):
    """One button per kind of beat; asks for a beat with ``beat_requested``.

    A click on the kind that is shown goes on to its next layer.
    """

    beat_requested = Signal(object)  # Beat

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        bold = QFontMetricsF(font(13, bold=True))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self._moment: Moment | None = None
        self._buttons: dict[Kind, QPushButton] = {}
        for kind in KINDS:
            button = QPushButton(_text(kind))
            button.setObjectName("beat")
            button.setCheckable(True)
            button.setEnabled(False)
            button.setMinimumWidth(30)
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            button.clicked.connect(lambda _=False, kind=kind: self._ask(kind))
            longest = _text(kind, layer=1 if kind in ("forward", "backward") else 0)
            row.addWidget(button, round(bold.horizontalAdvance(longest) + _AROUND))
            self._buttons[kind] = button

    def show_moment(self, moment: Moment) -> None:
        """Light the moment's beat and those before it."""
        before, self._moment = self._moment, moment
        if before is not None and (before.beat, before.beats) == (moment.beat, moment.beats):
            return  # while playing, most moments show the same beat
        self._light(moment)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where room is scarce, letters are smaller."""
        super().resizeEvent(event)
        for button in self._buttons.values():
            restyle(button, "narrow", event.size().width() < _NARROW)

    def _light(self, moment: Moment) -> None:
        for kind, button in self._buttons.items():
            current = moment.beat.kind == kind
            first = next(beat for beat in moment.beats if beat.kind == kind)
            button.setEnabled(True)
            button.setChecked(current)
            button.setText(_text(kind, moment.beat.layer if current else 0))
            restyle(button, "reached", moment.reached(first))

    def clear(self) -> None:
        """Show no beat."""
        self._moment = None
        for kind, button in self._buttons.items():
            button.setEnabled(False)
            button.setChecked(False)
            restyle(button, "reached", False)
            button.setText(_text(kind))

    def button(self, kind: Kind) -> QPushButton:
        """The button of a kind of beat."""
        return self._buttons[kind]

    def _ask(self, kind: Kind) -> None:
        moment = self._moment
        if moment is None:
            return
        of_kind = [beat for beat in moment.beats if beat.kind == kind]
        wanted: Beat = of_kind[0]
        if moment.beat.kind == kind:
            wanted = of_kind[(of_kind.index(moment.beat) + 1) % len(of_kind)]
        self._light(moment)  # a click must not light what no fact has said
        self.beat_requested.emit(wanted)


def _text(kind: Kind, layer: int = 0) -> str:
    text = f"{KINDS.index(kind) + 1} {TITLES[kind]}"
    return f"{text} · layer {layer}" if layer else text
