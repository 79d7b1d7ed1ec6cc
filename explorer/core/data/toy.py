"""Generated two-dimensional sets: two classes of points in a square of side 12 about zero."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from functools import cache
from typing import Protocol

import numpy as np

from explorer.core.data.dataset import Floats, Ints
from explorer.core.experiment import BuiltinName, Feature

Generated = tuple[Floats, Ints]  # points (N, 2), classes (N,)


class Random(Protocol):
    """As much of numpy's ``Generator`` as is used here."""

    def uniform(self, low: float, high: float, size: int | tuple[int, int]) -> Floats:
        """Numbers between low and high."""

    def standard_normal(self, size: int | tuple[int, int]) -> Floats:
        """Numbers from the normal distribution."""

    def permutation(self, x: int) -> Ints:
        """0 … x − 1 in any order."""


def _circles(n: int, noise: float, random: Random) -> Generated:
    """A disc inside a ring; the class follows the place before the noise is added."""
    classes = np.arange(n) % 2
    radius = np.where(classes == 1, random.uniform(0, 2.5, n), random.uniform(3.5, 5, n))
    angle = random.uniform(0, 2 * np.pi, n)
    points = radius[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    return points + noise * random.uniform(-5, 5, (n, 2)), classes


def _xor(n: int, noise: float, random: Random) -> Generated:
    """Four squares, opposite ones of the same class, with a gap along the axes."""
    points = random.uniform(-5, 5, (n, 2))
    points += np.where(points > 0, 0.3, -0.3)
    classes = (points[:, 0] * points[:, 1] >= 0).astype(np.int64)
    return points + noise * random.uniform(-5, 5, (n, 2)), classes


def _blobs(n: int, noise: float, random: Random) -> Generated:
    """Two normal clouds whose spread grows with the noise."""
    classes = np.arange(n) % 2
    centre = np.where(classes == 1, 2.0, -2.0)[:, None]
    spread = np.sqrt(0.5 + 7 * noise)
    return centre + spread * random.standard_normal((n, 2)), classes


def _spiral(n: int, noise: float, random: Random) -> Generated:
    """Two arms of a spiral, half a turn apart."""
    classes = np.arange(n) % 2
    along = (np.arange(n) // 2) / max(1, (n + 1) // 2)
    angle = 1.75 * 2 * np.pi * along + np.where(classes == 1, 0.0, np.pi)
    points = 5 * along[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    return points + noise * random.uniform(-1, 1, (n, 2)), classes


def _moons(n: int, noise: float, random: Random) -> Generated:
    """Two half circles that reach into each other."""
    classes = np.arange(n) % 2
    angle = random.uniform(0, np.pi, n)
    x = np.where(classes == 1, 1 - np.cos(angle), np.cos(angle))
    y = np.where(classes == 1, 0.5 - np.sin(angle), np.sin(angle))
    points = np.stack([(x - 0.5) * 3, (y - 0.25) * 3], axis=1)
    return points + 3 * noise * random.standard_normal((n, 2)), classes


_GENERATORS: dict[str, Callable[[int, float, Random], Generated]] = {
    "circles": _circles,
    "xor": _xor,
    "blobs": _blobs,
    "spiral": _spiral,
    "moons": _moons,
}


def generate(name: BuiltinName, n: int, noise: float, random: Random) -> Generated:
    """Make ``n`` points of a set and their classes, 0 and 1, in no particular order."""
    points, classes = _GENERATORS[name](n, noise, random)
    order = random.permutation(n)
    return points[order], classes[order]


@cache
def source_of(name: BuiltinName) -> str:
    """The Python function that draws a set, as it is run here, under the set's name.

    Called as ``circles(n, noise, random)``; the types are left out, numpy is ``np``.
    """
    source = inspect.getsource(_GENERATORS[name])
    return re.sub(r"^def .*:", f"def {name}(n, noise, random):", source, count=1).rstrip()


FEATURES: dict[Feature, Callable[[Floats], Floats]] = {
    "x": lambda p: p[:, 0],
    "y": lambda p: p[:, 1],
    "x^2": lambda p: p[:, 0] ** 2,
    "y^2": lambda p: p[:, 1] ** 2,
    "xy": lambda p: p[:, 0] * p[:, 1],
    "sin(x)": lambda p: np.sin(p[:, 0]),
    "sin(y)": lambda p: np.sin(p[:, 1]),
}


def features_of(names: tuple[Feature, ...]) -> Callable[[Floats], Floats]:
    """A function from points (N, 2) to the chosen features (N, len(names))."""
    return lambda points: np.stack([FEATURES[name](points) for name in names], axis=1)
