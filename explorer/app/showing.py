"""Showing what the session says: all of it at once at rest, and in turns while training runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from explorer.core.moment import Moment
from explorer.session.session import Session
from explorer.views.cost_plot import CostPlot
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
        Each shows a moment too, but while training runs fast no more often than can be read.
    costs
        Shows the costs measured by now, in the plot.
    plot
        Paints them when asked to.
    """

    def __init__(
        self,
        session: Session,
        window: QWidget,
        picture: Callable[[Moment], None],
        network: NetworkView,
        panels: Sequence[Callable[[Moment], None]],
        costs: Callable[[], None],
        plot: CostPlot,
    ) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self._picture = picture
        self._panels = panels
        self._costs, self._plot = costs, plot
        turns = session.turns
        self._network = network
        network.take_turns(turns.add(self._take_network_turn, 0.0).ask)
        # Both at once would often take more than a tick has beside a picture.
        self._plot_turn = turns.add(self._take_plot_turn, _BETWEEN_PLOTS)
        self._plot_painting = turns.add(self._take_plot_painting, 0.0)
        self._panel_turns = [
            turns.add(partial(self._take_panel_turn, panel), _BETWEEN_PANELS) for panel in panels
        ]
        session.showed.connect(self._on_showed)
        session.costs_changed.connect(self._on_costs_changed)
        session.playing_changed.connect(self._on_playing_changed)

    def _on_showed(self, moment: Moment) -> None:
        self._picture(moment)
        hurried = moment.past or (moment.live and not self._session.unhurried)
        if hurried:
            for turn in self._panel_turns:
                turn.ask()
        else:
            for turn in self._panel_turns:
                turn.drop()
            self._show_panels(moment)
        if moment.live:
            self._paint_now()

    def _show_panels(self, moment: Moment) -> None:
        for panel in self._panels:
            panel(moment)

    def finish(self) -> None:
        """Let the panels and the plot catch up with the picture, to be taken together."""
        if (moment := self._session.moment) is not None and moment.live:
            self._show_panels(moment)
            self._costs()

    def _on_costs_changed(self) -> None:
        """Draw the costs at once when at rest, and a few times a second while playing."""
        if self._session.playing:
            self._plot_turn.ask()
        else:
            self._costs()

    def _on_playing_changed(self, playing: bool) -> None:
        if not playing:  # and the plot's turn to be painted may have been dropped
            self._plot.paint_now()

    def _take_network_turn(self) -> None:
        self._network.update()
        self._paint_now()

    def _take_panel_turn(self, panel: Callable[[Moment], None]) -> None:
        if (moment := self._session.moment) is not None:
            panel(moment)
            self._paint_now()

    def _take_plot_turn(self) -> None:
        self._plot.hold_painting()
        self._costs()
        self._plot_painting.ask()

    def _take_plot_painting(self) -> None:
        self._plot.paint_now()
        self._paint_now()

    def _paint_now(self) -> None:
        """Paint what has asked for it; Qt by itself would wait, and be late for the next turn."""
        self._window.repaint(0, 0, 1, 1)
