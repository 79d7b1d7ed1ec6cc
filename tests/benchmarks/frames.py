"""A frame of the network's drawing, beside an item of a QGraphicsScene for every edge."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

from msgspec.structs import replace
from PySide6.QtWidgets import QApplication

from explorer.views.network.edges import edges_between
from explorer.views.network.kernels import kernels
from explorer.views.network.network_view import NetworkView
from tests.benchmarks.item_per_edge import SIZE, Peer, draw, moments_of
from tests.benchmarks.race import Contender, Figure, race

_NETWORKS: tuple[tuple[str, tuple[int, ...], float | None], ...] = (
    ("6 x 8 units", (2, 8, 8, 8, 8, 8, 8, 1), 12),
    ("784-16-16-10", (784, 16, 16, 10), 130),
    ("784-128-64-10", (784, 128, 64, 10), None),
)


def figures(seconds: float) -> Iterator[Figure]:
    """Of each network: at rest, while training runs, and where nothing has changed."""
    kernels.wait()
    for name, units, target in _NETWORKS:
        yield from _of_network(name, units, target, seconds)


def _of_network(
    name: str, units: tuple[int, ...], target: float | None, seconds: float
) -> Iterator[Figure]:
    resting, playing = _View(units), _View(units, live=True)
    case = f"{name}, {resting.edges:,} edges"
    with Peer(units, pool=True) as plain, Peer(units, pool=False) as tuned:
        contenders = [
            Contender("an item per edge", plain.frame),
            Contender("an item per edge, no thread pool", tuned.frame),
            Contender("new weights", resting.frame, target=target),
            Contender("new weights, while training runs", playing.frame, playing.wait),
            Contender("nothing new", resting.same_again),
        ]
        yield from race("frames", case, contenders, "ms", seconds)
    resting.close()
    playing.close()


class _View:
    """Ours; ``live`` as while training runs, when many edges are drawn beside the window."""

    def __init__(self, units: tuple[int, ...], *, live: bool = False) -> None:
        moments = [replace(moment, live=live) for moment in moments_of(units)]
        self._moments = cycle(moments)
        self._view = view = NetworkView()
        view.set_animated(False)
        view.resize(*SIZE)
        view.show()
        view.show_moment(moments[0])
        self.close = view.close

    @property
    def edges(self) -> int:
        """How many are drawn."""
        layout = self._view.layout_now
        assert layout is not None
        return edges_between(layout)

    def frame(self) -> float:
        """Show new weights; what is drawn beside the window is shown a frame later."""
        self._view.show_moment(next(self._moments))
        draw(self._view)
        return 1

    def wait(self) -> None:
        """Until what is drawn beside the window is there."""
        while self._view.ahead.busy:
            QApplication.processEvents()

    def same_again(self) -> float:
        """Draw what is drawn already."""
        draw(self._view)
        return 1
