"""Runs to be asked about, and the one answer of a question."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from explorer.core.questions import Question
from explorer.core.trace import Trace
from explorer.core.trainer import Trainer


@pytest.fixture(scope="session")
def run_of(trainer_of: Callable[..., Trainer]) -> Callable[..., tuple[Trainer, Trace]]:
    """Build a trainer, train so many updates, and trace the last."""

    def build(*args: Any, updates: int = 12, **parts: Any) -> tuple[Trainer, Trace]:
        trainer = trainer_of(*args, **parts)
        for _ in range(updates - 1):
            trainer.advance()
        return trainer, trainer.advance_traced()

    return build


@pytest.fixture(scope="session")
def answer_to() -> Callable[..., Any]:
    """Work a question through; progress must grow from 0 to 1."""

    def work(question: Question, trainer: Trainer, trace: Trace) -> Any:
        *fractions, answer = question.work(trainer, trace)
        assert fractions == sorted(fractions)  # type: ignore[type-var]
        assert all(0 <= f <= 1 for f in fractions)  # type: ignore[operator]
        return answer

    return work
