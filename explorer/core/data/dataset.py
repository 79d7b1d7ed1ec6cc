"""What every source of data becomes: inputs, targets and what is needed to show them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from explorer.core.experiment import ExperimentError, Layer
from explorer.core.frozen import Frozen

Floats: TypeAlias = NDArray[np.floating]
Ints: TypeAlias = NDArray[np.integer]


class Part(Frozen, frozen=True, eq=False):
    """Training or test examples, read-only.

    Attributes
    ----------
    inputs : (N, n₀) float
    targets : (N, n_L) float
    classes : (N,) int or None
        Index of each example's class, None where the targets are not classes.
    points : (N, 2) float or None
        Position of each example in the plane, for two-dimensional data.
    """

    inputs: Floats
    targets: Floats
    classes: Ints | None = None
    points: Floats | None = None

    def __len__(self) -> int:
        return len(self.inputs)


class Dataset(Struct, frozen=True, eq=False, dict=True):
    """A data set ready for training, and what a picture of it needs.

    Attributes
    ----------
    labels : tuple of str
        Names of the classes; where there are none, names of the outputs (or empty).
    threshold : float
        Between the two classes of a single output.
    image_size : (width, height) or None
        For inputs that are the pixels of an image, row by row.
    features : function from (N, 2) points to (N, n₀) inputs, or None
        How a point of the plane becomes inputs, for two-dimensional data.
    about : str
        One sentence: where the data comes from and what was done to it.
    """

    name: str
    train: Part
    test: Part
    input_names: tuple[str, ...]
    labels: tuple[str, ...] = ()
    threshold: float = 0.5
    image_size: tuple[int, int] | None = None
    features: Callable[[Floats], Floats] | None = None
    about: str = ""

    @property
    def n_inputs(self) -> int:
        """n₀, the number of inputs."""
        return int(self.train.inputs.shape[1])

    @property
    def n_outputs(self) -> int:
        """n_L, the number of outputs that the targets ask for."""
        return int(self.train.targets.shape[1])

    @cached_property
    def largest_input(self) -> float:
        """The largest size of any training input."""
        return float(np.abs(self.train.inputs).max())

    @cached_property
    def signed_inputs(self) -> bool:
        """Whether any training input is below zero."""
        return bool((self.train.inputs < 0).any())

    @property
    def n_classes(self) -> int:
        """The number of classes, 0 where the targets are not classes; two for a single output."""
        if self.train.classes is None:
            return 0
        return max(len(self.labels), self.n_outputs, 2)

    @cached_property
    def extent(self) -> float:
        """Half the side of the square, centred on zero, that holds every point of the plane."""
        parts = [p.points for p in (self.train, self.test) if p.points is not None and len(p)]
        farthest = max((float(np.abs(p).max()) for p in parts), default=0.0)
        return farthest * 1.05 or 1.0

    def label_of(self, part: Part, example: int) -> str:
        """The name of an example's class; empty where it has none."""
        if part.classes is None:
            return ""
        index = int(part.classes[example])
        if self.n_outputs == 1 and len(self.labels) < 2:  # the output's name, not the classes'
            return str(index)
        return self.labels[index] if index < len(self.labels) else str(index)

    def output_label(self, output: int) -> str:
        """The name written beside an output: its class, or its number."""
        if self.n_outputs == 1:
            return self.labels[1] if len(self.labels) == 2 else "y"
        return self.labels[output] if output < len(self.labels) else str(output + 1)


def split(
    n_examples: int, test_fraction: float, generator: np.random.Generator
) -> tuple[Ints, Ints]:
    """Shuffled indices of the training and of the test examples; at least one to train on."""
    order = generator.permutation(n_examples)
    n_test = min(round(n_examples * test_fraction), n_examples - 1)
    return order[n_test:], order[:n_test]


def low_target(output: Layer) -> float:
    """The target that says no: −1 for tanh outputs and a single linear one, else 0."""
    signed = output.activation == "tanh" or (output.activation == "linear" and output.units == 1)
    return -1.0 if signed else 0.0


def threshold_of(output: Layer) -> float:
    """Half way between the two targets of a single output that says two classes."""
    return (low_target(output) + 1) / 2


def encode(classes: Ints, labels: tuple[str, ...], output: Layer, where: str) -> Floats:
    """Targets (N, n_L) that say the classes in the range of the output layer.

    One output says two classes (0 and 1, or −1 and +1 for tanh and linear outputs); otherwise
    one output stands for each class.

    Raises
    ------
    ExperimentError
        When the number of outputs fits neither.
    """
    low = low_target(output)
    if output.units == 1 and len(labels) == 2 and output.activation != "softmax":
        return np.where(classes == 1, 1.0, low)[:, None]
    if output.units == len(labels):
        return np.where(np.eye(len(labels))[classes] == 1, 1.0, low)
    one_will_do = len(labels) == 2 and output.activation != "softmax"
    needed = "1 or 2" if one_will_do else str(len(labels))
    raise ExperimentError(
        f"{where}: expected {needed} units for {len(labels)} classes, got {output.units}"
    )


def decide(outputs: Floats, threshold: float) -> Ints:
    """The class that each row of outputs (N, n_L) says.

    It is the largest output's, or with a single output the side of the threshold.
    """
    if outputs.shape[1] == 1:
        return (outputs[:, 0] > threshold).astype(np.int64)
    return np.asarray(outputs.argmax(axis=1))


def classes_of(targets: Floats) -> tuple[Ints | None, float]:
    """Classes and threshold read back from targets that are plainly classes; else None."""
    for low in (0.0, -1.0):
        if not np.isin(targets, (low, 1.0)).all():
            continue
        if targets.shape[1] == 1:
            return (targets[:, 0] == 1).astype(np.int64), (low + 1) / 2
        if ((targets == 1).sum(axis=1) == 1).all():
            return targets.argmax(axis=1), (low + 1) / 2
    return None, 0.5
