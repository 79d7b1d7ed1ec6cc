"""A plane through parameter space: its two directions, and the grid of points on it. No torch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from explorer.core.answers import Direction, Plane
from explorer.core.data.dataset import Floats

ASPECT = 1.8
"""Width of the grid by its height; its cells are squares."""
_INDEPENDENT = 1e-4  # the sine of the angle between two directions that count as two
_FARTHEST = 3.0  # how far from the mini-batch path, in its sizes, the other is still followed
_SMALLEST = 1e-3  # half the width around a path that stands still, by the size of a parameter


class Candidate(NamedTuple):
    """A vector (P,) that the plane may run along, of any length."""

    name: Direction
    vector: Floats


class Axes(Struct, frozen=True, eq=False):
    """Two orthogonal unit directions, (2, P), and what they are."""

    plane: Plane
    names: tuple[Direction, Direction]
    directions: Floats


def leading_directions(offsets: Floats) -> tuple[Candidate, ...]:
    """The up to two leading directions of points (U, P), as seen from the origin.

    They are the leading right singular vectors, signed so that the farthest point along them lies
    to the left and above; a second one only where the points do not lie on a line.
    """
    # From the small matrix of inner products, because P may be large.
    values, vectors = np.linalg.eigh(offsets @ offsets.T)
    found = []
    for name, side, value, vector in zip(
        ("path 1", "path 2"), (-1, 1), values[::-1], vectors.T[::-1], strict=False
    ):
        if value > values[-1] * _INDEPENDENT**2 and value > 0:
            farthest = vector[np.abs(vector).argmax()]  # √value times it is the coordinate
            direction = (vector @ offsets) * (side * np.sign(farthest))
            found.append(Candidate(name, direction))  # type: ignore[arg-type]
    return tuple(found)


def axes_of(
    wanted: Plane, path: Sequence[Candidate], gradients: Sequence[Candidate], free: Floats
) -> Axes:
    """The plane that was asked for, or the nearest to it that there is.

    Parameters
    ----------
    path, gradients
        The path's directions, and minus the mini-batch and the full-batch gradient.
    free : (P,)
        Which parameters are not frozen; directions that stand in keep to these if they can.
    """
    plane: Plane = "path" if wanted == "path" and len(path) == 2 else "gradients"
    first = (*path, *gradients) if plane == "path" else (*gradients, *path)
    names: list[Direction] = []
    directions: list[Floats] = []
    for name, vector in (*first, *_random(free)):
        unit = _perpendicular(vector, directions)
        if unit is not None:
            names.append(name)
            directions.append(unit)
        if len(names) == 2:
            break
    return Axes(plane, (names[0], names[1]), np.stack(directions))


def _random(free: Floats) -> Iterator[Candidate]:
    """Directions that are the same every time: two among the free parameters, two among all."""
    generator = np.random.default_rng(0)
    for among in (free, free, np.ones_like(free), np.ones_like(free)):
        yield Candidate("random", generator.standard_normal(len(free)) * among)


def _perpendicular(vector: Floats, directions: list[Floats]) -> Floats | None:
    """The unit vector along what a vector adds to directions; None where that is next to nothing.

    Subtracted twice, because rounding leaves something of the first time.
    """
    size = np.linalg.norm(vector)
    if not np.isfinite(size) or size == 0:
        return None
    unit = vector / size
    for again in (False, True):
        for direction in directions:
            unit = unit - (unit @ direction) * direction
        size = np.linalg.norm(unit)
        if not again and size < _INDEPENDENT:
            return None
        unit = unit / size
    return np.asarray(unit)


def grid_around(
    mini_batch_path: Floats, full_batch_path: Floats, points: int, typical: float
) -> tuple[Floats, Floats]:
    """Coordinates x and y of a grid of about points × points squares that holds both paths.

    Of a full-batch path that runs far away only the nearer part is held. The origin, which is the
    current point, is a point of the grid.

    Parameters
    ----------
    mini_batch_path, full_batch_path : (U + 1, 2)
    typical : float
        The size of a parameter, which a path that stands still is seen against.
    """
    size = float(np.abs(mini_batch_path).max()) or float(np.abs(full_batch_path).max())
    near = full_batch_path[(np.abs(full_batch_path) <= _FARTHEST * size).all(axis=1)]
    held = np.concatenate([mini_batch_path, near, np.zeros((1, 2))])
    low, high = held.min(axis=0), held.max(axis=0)
    shape = np.array([round(points * ASPECT**0.5), round(points / ASPECT**0.5)])
    # A tenth is left free on each side, and a cell more, by which the origin may be shifted.
    cell = float(np.max((high - low) * 1.2 / (shape - 2)))
    if cell <= 1e-9 * typical:
        cell = 2 * _SMALLEST * typical / shape[0]
    first = np.round((low + high) / 2 / cell - (shape - 1) / 2)
    x, y = (cell * (start + np.arange(n)) for start, n in zip(first, shape, strict=True))
    return x, y
