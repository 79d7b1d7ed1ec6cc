"""Questions about an update that its trace does not answer: asked of the worker, torch's to answer.

Importing a question does not import torch; answering it does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from explorer.core.answers import Answer
from explorer.core.trace import Trace

if TYPE_CHECKING:
    from explorer.core.trainer import Trainer


class Question(Protocol):
    """What can be asked about the update on screen."""

    def work(self, trainer: Trainer, trace: Trace) -> Iterator[float | Answer]:
        """Work on the answer: yield the fraction done now and then, and last the answer.

        Whenever this yields, and when it is given up, the trainer is as it was found.
        """
        ...
