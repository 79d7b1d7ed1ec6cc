"""Looking back at earlier updates while the run stands where it is."""

from __future__ import annotations

from collections.abc import Callable

from explorer.core.trace import Trace


class LookingBack:
    """The earlier update that is looked at, and the one wanted next.

    One is asked for at a time, so that of all that a knob passes only those are recorded that can
    be shown.

    Parameters
    ----------
    ask
        Has an update recorded, to be told to :meth:`arrive`.
    """

    def __init__(self, ask: Callable[[int], None]) -> None:
        self._ask = ask
        self._wanted: int | None = None
        self._asked: int | None = None
        self.trace: Trace | None = None

    def want(self, update: int) -> None:
        """Look at this update as soon as the one asked for before is there."""
        self._wanted = update
        if self._asked is None:
            self._ask_next()

    def arrive(self, update: int, trace: Trace | None) -> bool:
        """Take what was asked for, None where it cannot be shown; returns whether to show it."""
        if update != self._asked:  # it was asked for before :meth:`end`
            return False
        self._asked = None
        if update != self._wanted:
            self._ask_next()
        self.trace = trace or self.trace
        return trace is not None

    def end(self) -> bool:
        """Look at the run as it is again; returns whether something else was wanted or shown."""
        looking = self._wanted is not None
        self._wanted = self._asked = self.trace = None
        return looking

    def _ask_next(self) -> None:
        self._asked = self._wanted
        if self._wanted is not None:
            self._ask(self._wanted)
