"""How many updates a second this run makes on each device and engine of this machine."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from explorer.core.answers import Answer, Speed, Speeds
from explorer.core.experiment import Device, Engine
from explorer.core.trace import Trace

if TYPE_CHECKING:
    from explorer.core.trainer import Trainer

_AT_ONCE = 0.012  # seconds of training between two pauses
_MOST_AT_ONCE = 1 << 16  # updates


class SpeedsQuestion(Struct, frozen=True):
    """Asks each device and engine for ``seconds`` of real training of the same experiment.

    They train trainers of their own, from the experiment's first number; evaluations, traces and
    drawing are left out.
    """

    seconds: float = 0.4

    def work(self, trainer: Trainer, trace: Trace) -> Iterator[float | Answer]:
        """Train with one after the other; yields the fraction done."""
        ways = _ways(trainer)
        speeds = []
        for done, (device, engine) in enumerate(ways):
            experiment = msgspec.structs.replace(trainer.experiment, device=device, engine=engine)
            other = type(trainer)(experiment, trainer.dataset)
            rate = 0.0
            for share, rate in self._train(other):  # noqa: B007
                yield (done + share) / len(ways)
            runs = other.device_title == trainer.device_title
            speeds.append(Speed(other.device_title, rate, runs))
        yield Speeds(update=trace.update, speeds=tuple(speeds))

    def _train(self, trainer: Trainer) -> Iterator[tuple[float, float]]:
        """Train for a while; yields the fraction done and the updates per second so far."""
        from explorer.core.divergence import DivergenceError

        start = trainer.state()
        trainer.advance()  # the first update of all may be slow
        at_once, spent, updates = 1, 0.0, 0
        while spent < self.seconds:
            begun = time.perf_counter()
            try:
                updates += len(trainer.advance_many(at_once))
            except DivergenceError:
                trainer.restore(start)
            took = time.perf_counter() - begun
            spent += took
            if took < _AT_ONCE / 2:
                at_once = min(2 * at_once, _MOST_AT_ONCE)
            yield min(spent / self.seconds, 1.0), updates / spent


def _ways(trainer: Trainer) -> list[tuple[Device, Engine]]:
    """Every device with torch, and with the engine of its own where it has one."""
    from explorer.core.device import devices_here

    engines: tuple[Engine, Engine] = "torch", "auto"
    return [
        (device, engine)
        for device in devices_here(trainer.experiment.dtype)
        for engine in engines[: 1 if device == "mps" else 2]
    ]
