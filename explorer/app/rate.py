"""How fast training really goes: updates per second over the last second or so."""

from __future__ import annotations

from collections import deque

_WINDOW = 1.0  # seconds
_LEAST = 0.25  # seconds, before a number means anything


class Rate:
    """Updates per second, from the numbers of updates seen at moments in time."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def note(self, update: int, seconds: float) -> float | None:
        """Enter how many updates are done; returns the rate, None until enough time has passed."""
        if self._seen and update < self._seen[-1][1]:
            self._seen.clear()
        self._seen.append((seconds, update))
        while len(self._seen) > 2 and seconds - self._seen[1][0] >= _WINDOW:
            self._seen.popleft()
        since, first = self._seen[0]
        if seconds - since < _LEAST:
            return None
        return (update - first) / (seconds - since)

    def forget(self) -> None:
        """Begin anew, as after a pause."""
        self._seen.clear()
