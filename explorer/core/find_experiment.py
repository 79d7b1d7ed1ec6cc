"""From what a person names to an experiment: a file, or the name of a built-in data set."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, get_args

from explorer.core.defaults import default_experiment
from explorer.core.experiment import BuiltinName, Experiment
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
    builtin = name.replace("-", "_")
    if builtin in get_args(BuiltinName) and not path.exists():
        return Found(default_experiment(builtin), Path())
    return Found(read_file(path), path.parent)
