"""The real data sets that scikit-learn ships, read from its files.

Importing scikit-learn for them takes seconds; their files take milliseconds.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
from msgspec import Struct

from explorer.core.data.dataset import Floats, Ints
from explorer.core.experiment import ExperimentError

_FILES = {
    "digits": "digits.csv.gz",
    "iris": "iris.csv",
    "wine": "wine_data.csv",
    "breast_cancer": "breast_cancer.csv",
}
_DIGITS = tuple("0123456789")
_OF_A_NUCLEUS = (
    "radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity",
    "concave points", "symmetry", "fractal dimension",
)  # fmt: skip
_NAMES = {
    "digits": tuple(f"pixel_{row}_{column}" for row in range(8) for column in range(8)),
    "iris": ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"),
    "wine": (
        "alcohol", "malic_acid", "ash", "alcalinity_of_ash", "magnesium", "total_phenols",
        "flavanoids", "nonflavanoid_phenols", "proanthocyanins", "color_intensity", "hue",
        "od280/od315_of_diluted_wines", "proline",
    ),
    "breast_cancer": (
        *(f"mean {name}" for name in _OF_A_NUCLEUS),
        *(f"{name} error" for name in _OF_A_NUCLEUS),
        *(f"worst {name}" for name in _OF_A_NUCLEUS),
    ),
}  # fmt: skip


class Measured(Struct, frozen=True, eq=False):
    """A set as it was published: ``inputs`` (N, n₀), ``classes`` (N,), names of both."""

    inputs: Floats
    classes: Ints
    input_names: tuple[str, ...]
    labels: tuple[str, ...]


def read(name: str) -> Measured:
    """One of the sets ``digits``, ``iris``, ``wine`` and ``breast_cancer``.

    Raises
    ------
    ExperimentError
        When scikit-learn does not have its file.
    """
    found = find_spec("sklearn")
    if found is None or found.origin is None:
        raise ExperimentError("$.data.name: scikit-learn, which brings this data, is not installed")
    path = Path(found.origin).parent / "datasets" / "data" / _FILES[name]
    headed = name != "digits"  # by the numbers of examples and inputs, then the classes' names
    try:
        rows = np.loadtxt(path, delimiter=",", skiprows=int(headed))
        labels = _DIGITS
        if headed:
            with path.open(encoding="utf-8") as file:
                labels = tuple(file.readline().rstrip("\n").split(",")[2:])
    except OSError as error:
        raise ExperimentError(f"$.data.name: cannot read {path}: {error}") from None
    return Measured(rows[:, :-1], rows[:, -1].astype(np.int64), _NAMES[name], labels)
