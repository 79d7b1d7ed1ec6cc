"""``trace``: apply updates and print the last, or all, as JSON on standard output."""

from __future__ import annotations

import json
import sys

from explorer.app.commands.prepare import prepare


def trace(file: str, updates: int, *, every: bool) -> int:
    """Print the trace of update ``updates``, or with ``every`` of all of them as JSON Lines.

    Floats are written with as many digits as read back to the same float.
    """
    trainer = prepare(file)
    while not every and trainer.update < updates - 1:
        trainer.advance_many(updates - 1 - trainer.update)
    while trainer.update < updates:
        plain = trainer.advance_traced().plain()
        json.dump(plain, sys.stdout, allow_nan=False)
        sys.stdout.write("\n")
    return 0
