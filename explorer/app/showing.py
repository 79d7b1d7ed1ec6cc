"""Showing what the session says: all of it at once at rest, and in turns while training runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from explorer.core.moment import Moment
from explorer.session.session import Session
from explorer.views.network.network_view import NetworkView

_BETWEEN_PANELS = 0.2  # seconds between numbers in the panels while training runs
_BETWEEN_PLOTS = 0.12  # seconds between drawings of the costs while playing


class Showing(QObject):
    """Hands what happens in a session on to the views of a window.

    Parameters
    ----------
    picture
        Shows a moment in each frame.
    network
        Paints what it has drawn beside the window when asked to.
    panels
        Each shows a moment too, but while training runs no more often than can be read.
    costs
        Shows the costs measured by now.
    paint_costs
        Paints what has changed of them at once.
    """

    def __init__(
        self,
        session: Session,
        window: QWidget,
        picture: Callable[[Moment], None],
        network: NetworkView,
        panels: Sequence[Callable[[Moment], None]],
        costs: Callable[[], None],
        paint_costs: Callable[[], None],
    ) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self._picture = picture
        self._panels = panels
        self._costs, self._paint_costs = costs, paint_costs
        turns = session.turns
        self._network = network
        network.take_turns(turns.add(self._take_network_turn, 0.0).ask)
        self._plot_turn = turns.add(self._take_plot_turn, _BETWEEN_PLOTS)
        self._panel_turns = [
            turns.add(partial(self._take_panel_turn, panel), _BETWEEN_PANELS) for panel in panels
        ]
        session.showed.connect(self._on_showed)
        session.costs_changed.connect(self._on_costs_changed)

    def _on_showed(self, moment: Moment) -> None:
        self._picture(moment)
        if moment.live:
            for turn in self._panel_turns:
                turn.ask()
            self._paint_now()
            return
        for turn in self._panel_turns:
            turn.drop()
        for panel in self._panels:
            panel(moment)

    def _on_costs_changed(self) -> None:
        """Draw the costs at once when at rest, and a few times a second while playing."""
        if self._session.playing:
            self._plot_turn.ask()
        else:
            self._costs()

    def _take_network_turn(self) -> None:
        self._network.update()
        self._paint_now()

    def _take_panel_turn(self, panel: Callable[[Moment], None]) -> None:
        if (moment := self._session.moment) is not None:
            panel(moment)
            self._paint_now()

    def _take_plot_turn(self) -> None:
        self._costs()
        self._paint_costs()
        self._paint_now()

    def _paint_now(self) -> None:
        """Paint what has asked for it; Qt by itself would wait, and be late for the next turn."""
        self._window.repaint(0, 0, 1, 1)
