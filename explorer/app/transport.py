"""The row of controls below the menus, made of the window's actions, and where the run stands."""

from __future__ import annotations

import math
import time

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSlider, QToolButton, QWidget

from explorer.app.actions import ACTIONS, Actions
from explorer.app.rate import Rate
from explorer.core.moment import Moment
from explorer.core.numbers import number, rounded
from explorer.session.speed import FLAT_OUT, SPEEDS
from explorer.views.eliding_label import ElidingLabel
from explorer.views.icons import icon
from explorer.views.palette import Theme
from explorer.views.theme import MONO, font

_NARROW = 1480
_BETWEEN = "&nbsp;&nbsp; "  # of the counters
_LEAST_PILL, _PILL_PADDING = 150, 34  # points; so much of a long name shows where room is scarce
_ICONS = {spec.id: spec.icon for spec in ACTIONS if spec.icon}


class Transport(QWidget):
    """Buttons, speed and counters; tells of another speed with ``speed_chosen``."""

    speed_chosen = Signal(object)  # Speed

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("transport")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._actions = actions
        self._theme: Theme | None = None
        self._playing = False
        self._rate = Rate()
        self._buttons: dict[str, QToolButton] = {}
        self.speed = QSlider(Qt.Orientation.Horizontal)
        self.speed.setRange(0, len(SPEEDS) - 1)
        self.speed.setValue(SPEEDS.index(FLAT_OUT))
        self.speed.setPageStep(1)
        self.speed.setFixedWidth(84)
        self.speed.setToolTip("Speed of Play")
        self.speed.setAccessibleName("Speed of Play")
        self._speed_text = QLabel(str(FLAT_OUT))
        self._speed_text.setObjectName("small")
        figures = QFontMetricsF(font(12))
        widest = max(figures.horizontalAdvance(str(speed)) for speed in SPEEDS)
        self._speed_text.setFixedWidth(math.ceil(widest) + 2)
        self._counters = QLabel()
        self._counters.setTextFormat(Qt.TextFormat.RichText)
        self._counters.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._counters.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._entries: list[tuple[str, str]] = []
        self.device = _DevicePill("…")
        self.device.setMaximumWidth(210)
        self.device.setObjectName("device")
        self.device.clicked.connect(actions["speeds"].trigger)
        self._build()
        self.speed.valueChanged.connect(self._choose_speed)

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 9, 14, 9)
        row.setSpacing(8)
        for name in ("reset", "back", "play", "step"):
            row.addWidget(self._button(name))
        self._buttons["play"].setObjectName("accent")
        self._buttons["play"].setFixedWidth(96)  # Play and Pause are not equally long
        row.addSpacing(4)
        segments = QHBoxLayout()
        segments.setSpacing(0)
        for name in ("beat", "example", "mini_batch", "epoch"):
            button = self._button(name)
            button.setObjectName("segment")
            button.setProperty("end", {"beat": "first", "epoch": "last"}.get(name, ""))
            segments.addWidget(button)
        row.addLayout(segments)
        row.addSpacing(4)
        row.addWidget(self.speed)
        row.addWidget(self._speed_text)
        row.addWidget(self._counters, 1)
        row.addWidget(self.device)
        row.addWidget(self._button("screenshot"))

    def _button(self, name: str) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(self._actions[name])
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if name in _ICONS:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._buttons[name] = button
        return button

    def button(self, name: str) -> QToolButton:
        """The button of an action."""
        return self._buttons[name]

    def show_moment(self, moment: Moment) -> None:
        """Show where the run stands."""
        trace = moment.trace
        total = trace.total_cost_after if moment.updated else trace.total_cost_before
        entries = [
            ("epoch", f"{trace.epoch:,}"),
            ("mini-batch", f"{trace.mini_batch:,}/{trace.mini_batches:,}"),
            ("update", f"{trace.update:,}"),
        ]
        training = moment.live and not moment.past
        rate = self._rate.note(trace.update, time.perf_counter()) if training else None
        if rate is not None:
            entries.append(("updates/s", rounded(rate)))
        elif total is not None:
            entries.append(("total cost", number(total, 4)))
        self._entries = entries
        self._show_counters()

    def show_device(self, device: str) -> None:
        """Show what trains the run: device and engine. A long name is shortened, its tip not."""
        self.device.setText(f"● {device}")
        needed = self.device.fontMetrics().horizontalAdvance(self.device.text()) + _PILL_PADDING
        self.device.setMinimumWidth(min(needed, _LEAST_PILL))
        self.device.setToolTip(f"This run is trained on {device}. Click to compare devices.")

    def set_playing(self, playing: bool) -> None:
        """Let the button say what it does now."""
        self._playing = playing
        self._rate.forget()
        self._actions["play"].setText("Pause" if playing else "Play")
        if self._theme is not None:
            self._draw_icons(self._theme)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme's colours."""
        self._theme = theme
        self._counters.setFont(font(12))
        self._draw_icons(theme)

    def clear(self) -> None:
        """Nothing runs."""
        self._entries = []
        self._counters.clear()

    def _show_counters(self) -> None:
        """As many of the counters as there is room for; the less telling ones go first."""
        entries = list(self._entries)
        for name in ("mini-batch", "epoch", "total cost"):
            if self._width_of(entries) <= self._counters.width():
                break
            entries = [entry for entry in entries if entry[0] != name]
        muted = self._theme.muted if self._theme else "#888888"
        self._counters.setText(
            _BETWEEN.join(
                f'<span style="color:{muted}">{name}</span> '
                f'<span style="font-family:{MONO};font-weight:600">{value}</span>'
                for name, value in entries
            )
        )

    @staticmethod
    def _width_of(entries: list[tuple[str, str]]) -> float:
        words, figures = QFontMetricsF(font(12)), QFontMetricsF(font(12, MONO, bold=True))
        return sum(
            words.horizontalAdvance(f"{name}    ") + figures.horizontalAdvance(value)
            for name, value in entries
        )

    def _draw_icons(self, theme: Theme) -> None:
        for name, icon_name in _ICONS.items():
            colour = theme.on_accent if name == "play" else theme.text
            if name == "play" and self._playing:
                icon_name = "pause-fill"
            self._actions[name].setIcon(icon(icon_name, colour))
            self._actions[name].setIconVisibleInMenu(False)

    def _choose_speed(self, index: int) -> None:
        self._speed_text.setText(str(SPEEDS[index]))
        self.speed_chosen.emit(SPEEDS[index])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where room is scarce, buttons keep their icons and lose their words."""
        narrow = event.size().width() < _NARROW
        style = (
            Qt.ToolButtonStyle.ToolButtonIconOnly
            if narrow
            else Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        )
        for name in ("reset", "back", "step", "screenshot"):
            self._buttons[name].setToolButtonStyle(style)
        QTimer.singleShot(0, self, self._show_counters)  # once the row has been laid out anew


class _DevicePill(ElidingLabel):
    """A label that can be clicked."""

    clicked = Signal()

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tell of a click."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(
            event.position().toPoint()
        ):
            self.clicked.emit()
