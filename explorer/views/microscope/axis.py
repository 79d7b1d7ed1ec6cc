"""A numbered axis: its ends, its nice ticks and their words. No Qt here."""

from __future__ import annotations

import math

import numpy as np
from msgspec import Struct

from explorer.core.data.dataset import Floats
from explorer.core.numbers import number


class Axis(Struct, frozen=True):
    """An axis from ``low`` to ``high``, which is above it."""

    low: float
    high: float

    def share(self, value: float) -> float:
        """How far along the axis a value lies, 0 to 1; beyond that for values outside."""
        return (value - self.low) / (self.high - self.low)

    def step(self, most: int) -> float:
        """The distance between ticks: 1, 2 or 5 times a power of ten, ``most`` steps or fewer."""
        least = (self.high - self.low) / most
        power = 10.0 ** math.floor(math.log10(least))
        return next(m * power for m in (1, 2, 5, 10) if m * power >= least * (1 - 1e-9))

    def ticks(self, most: int) -> list[tuple[float, str]]:
        """Multiples of a nice step with their words: two at the least, as one tells no scale."""
        step = self.step(most)
        while len(self._multiples(step)) < 2:
            most *= 2
            step = self.step(most)
        return [(k * step, _words(k * step, step)) for k in self._multiples(step)]

    def _multiples(self, step: float) -> range:
        """Which multiples of a step lie on the axis."""
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return range(first, last + 1)


def axis_of(*values: Floats, room: float = 0.06) -> Axis:
    """An axis that holds every finite value with some room beside them."""
    finite = np.concatenate([np.asarray(v, np.float64).ravel() for v in values])
    finite = finite[np.isfinite(finite)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 0.0)
    span = high - low
    if span <= 1e-6 * max(abs(low), abs(high), 1e-6):  # flat: room for the value to stand in
        span = max(abs(low), abs(high), 1.0)
        return Axis(low - span / 2, high + span / 2)
    return Axis(low - room * span, high + room * span)


def _words(value: float, step: float) -> str:
    if abs(value) >= 1e5 or step < 1e-5:
        return number(value, 3)
    decimals = max(0, -math.floor(math.log10(step * (1 + 1e-9))))
    text = f"{abs(value):,.{decimals}f}"
    return f"−{text}" if value < 0 and float(text.replace(",", "")) else text
