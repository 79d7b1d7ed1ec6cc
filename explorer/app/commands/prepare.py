"""What every command without a window begins with."""

from __future__ import annotations

import sys

from explorer.core.data.load import load
from explorer.core.find_experiment import find_experiment
from explorer.core.trainer import Trainer


def prepare(file: str) -> Trainer:
    """A trainer for a named experiment, at its first number; notes go to standard error."""
    found = find_experiment(file)
    trainer = Trainer(found.experiment, load(found.experiment, found.folder))
    if trainer.note:
        print(f"backprop-explorer: {trainer.note}", file=sys.stderr)
    return trainer
