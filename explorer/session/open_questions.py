"""The questions about an update that are still open, worked on a little at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator

from explorer.core.answers import Answer
from explorer.core.questions import Question

_SECONDS = 0.03  # of work before the next command is looked at


class OpenQuestions:
    """One of each kind at most; the oldest is worked on first."""

    def __init__(self) -> None:
        self._open: dict[type, tuple[Question, Iterator[float | Answer]]] = {}

    def __bool__(self) -> bool:
        return bool(self._open)

    def take_up(self, question: Question, work: Iterator[float | Answer]) -> None:
        """Open one; it takes the place of an earlier one of its kind."""
        self._open[type(question)] = question, work

    def give_up(self) -> None:
        """End all of them, so that each leaves the trainer as it was found."""
        for _, work in self._open.values():
            work.close()  # type: ignore[attr-defined]
        self._open.clear()

    def work_on(self) -> Iterator[tuple[Question, Answer | float]]:
        """Work for a short while: answers as they come, and last the fraction done, if any is."""
        kind, (question, work) = next(iter(self._open.items()))
        until = time.perf_counter() + _SECONDS
        for result in work:
            if isinstance(result, Answer):
                yield question, result
            elif time.perf_counter() > until:
                yield question, result
                return
        del self._open[kind]
