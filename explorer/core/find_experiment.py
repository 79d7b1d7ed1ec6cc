"""From what a person names to an experiment: a file, or the name of a built-in data set."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from explorer.core.defaults import default_experiment
from explorer.core.experiment import BUILTIN_NAMES, Experiment
from explorer.core.experiment_file import read_file


class Found(NamedTuple):
    """An experiment, and the folder that its relative paths start from."""

    experiment: Experiment
    folder: Path


def find_experiment(name: str) -> Found:
    """The experiment in the file ``name``, else the default one on the data set so named.

    Raises
    ------
    ExperimentError, OSError
        When the file is wrong or there is none.
    """
    path = Path(name)
    if not path.is_file():
        for builtin in BUILTIN_NAMES:
            if name.replace("-", "_") == builtin:
                return Found(default_experiment(builtin), Path())
    return Found(read_file(path), path.parent)
