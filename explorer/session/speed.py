"""The speeds of Play, from readable beats to flat out."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class Speed(Struct, frozen=True):
    """So many beats, or updates, per second; infinite for as fast as the machine goes."""

    unit: Literal["beat", "update"]
    per_second: float

    def __str__(self) -> str:
        if self.per_second == float("inf"):
            return "flat out"
        plural = "" if self.per_second == 1 else "s"
        return f"{self.per_second:,g} {self.unit}{plural}/s"


UNHURRIED = 20.0  # per second: what is shown of each can be all that there is
FLAT_OUT = Speed("update", float("inf"))
SPEEDS: tuple[Speed, ...] = (
    *(Speed("beat", n) for n in (0.5, 1, 2, 4, 8)),
    *(Speed("update", n) for n in (2, 5, 10, 20, 50, 100, 200, 500, 1000)),
    FLAT_OUT,
)
