"""The cost on a plane through parameter space, with the way that training took and another."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from msgspec import Struct

from explorer.core.answers import Answer, CostSlice, Plane
from explorer.core.data.dataset import Floats
from explorer.core.plane import Axes, Candidate, axes_of, grid_around, leading_directions
from explorer.core.questions.comparison import full_batch_gradient, mini_batch_gradient
from explorer.core.trace import Trace

if TYPE_CHECKING:
    from explorer.core.landscape import PlaneCost
    from explorer.core.trainer import Trainer

_PATHS, _GRADIENT = 0.4, 0.05  # shares of the work

Paths: TypeAlias = tuple[Floats, Floats]


class CostSliceQuestion(Struct, frozen=True):
    """Asks for the total cost, without regularization, on a plane through the current point.

    Attributes
    ----------
    plane : "path" or "gradients"
        Along the two leading directions of the mini-batch path as seen from the current point; or
        along minus the mini-batch gradient, and what minus the full-batch gradient adds to it.
        Both gradients are those of the comparison: at the parameters before the update.
    points : int
        The grid has about points × points squares.
    steps : int
        The most updates that the paths are followed; fewer where that would take too long.
    """

    plane: Plane = "path"
    points: int = 41
    steps: int = 60

    def work(self, trainer: Trainer, trace: Trace) -> Iterator[float | Answer]:
        """Train both paths again on a twin of the trainer, then go through the grid."""
        from explorer.core.landscape import PlaneCost, start_of_path

        last = trace.update
        first = start_of_path(trainer, last, self.steps)
        mini_batch, full_batch = yield from _paths(trainer, first, last)
        point = mini_batch[-1]
        offsets = mini_batch - point
        axes = yield from self._axes(trainer, trace, offsets)
        shown = offsets @ axes.directions.T  # (U + 1, 2)
        other = (full_batch - point) @ axes.directions.T
        typical = float(np.linalg.norm(point)) / len(point) ** 0.5 or 1.0
        x, y = grid_around(shown, other, self.points, typical)
        plane_cost = PlaneCost(trainer, point, axes.directions)
        cost = yield from _grid(plane_cost, x, y)
        squares = float((offsets**2).sum())
        yield CostSlice(
            update=last,
            plane=axes.plane,
            directions=axes.names,
            x=x,
            y=y,
            cost=cost,
            examples=plane_cost.examples,
            all_examples=len(trainer.dataset.train),
            mini_batch_path=shown,
            full_batch_path=other,
            kept=min(float((shown**2).sum()) / squares, 1.0) if squares else 1.0,
            first=first,
        )

    def _axes(
        self, trainer: Trainer, trace: Trace, offsets: Floats
    ) -> Generator[float, None, Axes]:
        """The plane, from the path as seen from the current point, (U + 1, P)."""
        from explorer.core.full_batch import compute_gradient

        free = trainer.free.numpy().astype(float)
        network = trainer.network_at(trace)
        for fraction in compute_gradient(trainer, network):
            yield _PATHS + _GRADIENT * fraction
        gradients = (
            Candidate("mini-batch gradient", -mini_batch_gradient(trace) * free),
            Candidate("full-batch gradient", -full_batch_gradient(network) * free),
        )
        return axes_of(self.plane, leading_directions(offsets), gradients, free)


def _paths(trainer: Trainer, first: int, last: int) -> Generator[float, None, Paths]:
    """The parameters along the mini-batch and the full-batch path, (U + 1, P) and (V + 1, P)."""
    from explorer.core.landscape import full_batch_path, mini_batch_path

    twin = trainer.twin()
    paths: tuple[list[Floats], list[Floats]] = ([], [])
    for follow, path in zip((mini_batch_path, full_batch_path), paths, strict=True):
        for _ in follow(twin, first, last, path):
            yield _PATHS / 2 * ((path is paths[1]) + len(path) / (last - first + 1))
    return np.stack(paths[0]), np.stack(paths[1])


def _grid(plane_cost: PlaneCost, x: Floats, y: Floats) -> Generator[float, None, Floats]:
    """The cost at every point, (Gy, Gx)."""
    cost: list[float] = []
    begun = _PATHS + _GRADIENT
    for _ in plane_cost.prepare():
        yield begun
    for row in y:
        for some in plane_cost.row(x, float(row)):
            cost.extend(some)
            yield begun + (1 - begun) * len(cost) / (len(x) * len(y))
    return np.array(cost).reshape(len(y), len(x))
