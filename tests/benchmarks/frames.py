"""A frame of the network's drawing, beside an item of a QGraphicsScene for every edge."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.drawing import NETWORKS, measure
from tests.benchmarks.race import Figure

_FRAMES_PER_SECOND = 5  # of the time that a contender has


def figures(seconds: float) -> Iterator[Figure]:
    """Of each network; see :func:`tests.benchmarks.drawing.measure`."""
    for name, units in NETWORKS.items():
        found = measure(units, max(round(_FRAMES_PER_SECOND * seconds), 2))
        case = f"{name}, {found['edges']:,.0f} edges"
        plain, tuned = "an item per edge", "an item per edge, no thread pool"
        yield Figure("frames", case, plain, found["peer_ms"], "ms")
        yield Figure("frames", case, tuned, found["peer_tuned_ms"], "ms")
        ours = found["frame_ms"]
        yield Figure("frames", case, "new weights", ours, "ms", found["ratio"], plain)
        yield Figure("frames", case, "new weights", ours, "ms", found["ratio_tuned"], tuned)
        yield Figure("frames", case, "nothing new", found["hover_ms"], "ms")
