"""The experiment: everything needed to repeat a run from its first number.

An :class:`Experiment` is frozen and checks the rules between its parts itself; the module
``experiment_file`` reads and writes it as JSON.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, TypeAlias, get_args

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

Activation: TypeAlias = Literal[
    "linear", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "silu", "softplus", "softmax"
]
Loss: TypeAlias = Literal[
    "squared_error",
    "half_squared_error",
    "mean_squared_error",
    "binary_cross_entropy",
    "cross_entropy",
]
Scheme: TypeAlias = Literal[
    "xavier_uniform",
    "xavier_normal",
    "kaiming_uniform",
    "kaiming_normal",
    "normal",
    "zeros",
    "torch_default",
]
BuiltinName: TypeAlias = Literal[
    "circles",
    "xor",
    "blobs",
    "spiral",
    "moons",
    "digits",
    "iris",
    "wine",
    "breast_cancer",
    "mazur",
]
Feature: TypeAlias = Literal["x", "y", "x^2", "y^2", "xy", "sin(x)", "sin(y)"]
Dtype: TypeAlias = Literal["float32", "float64"]
Device: TypeAlias = Literal["auto", "cpu", "cuda", "mps"]
Engine: TypeAlias = Literal["auto", "torch", "compiled"]

ACTIVATIONS: tuple[Activation, ...] = get_args(Activation)
LOSSES: tuple[Loss, ...] = get_args(Loss)
BUILTIN_NAMES: tuple[BuiltinName, ...] = get_args(BuiltinName)
TOY_SETS: tuple[BuiltinName, ...] = ("circles", "xor", "blobs", "spiral", "moons")
REAL_SETS: tuple[BuiltinName, ...] = ("digits", "iris", "wine", "breast_cancer")

_MOST_FLOAT32 = 3.4028234663852886e38  # the largest that is finite

Seed: TypeAlias = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Fraction: TypeAlias = Annotated[float, Meta(ge=0, lt=1)]
NotNegative: TypeAlias = Annotated[float, Meta(ge=0)]
Vector: TypeAlias = tuple[float, ...]
Matrix: TypeAlias = tuple[Vector, ...]


class ExperimentError(ValueError):
    """An experiment that cannot be run; the message names the JSON path and the reason."""


class _Part(Struct, frozen=True, forbid_unknown_fields=True):
    """A frozen part of an experiment that refuses unknown keys."""


class Builtin(_Part, tag_field="kind", tag="builtin", frozen=True):
    """A data set that the program makes or ships.

    ``examples`` left out means 500 for a generated set and all there are for a real one.
    """

    name: BuiltinName
    examples: Annotated[int, Meta(ge=2, le=100_000)] | UnsetType = UNSET
    noise: Annotated[float, Meta(ge=0, le=1)] = 0.0
    test_fraction: Fraction = 0.5
    seed: Seed = 0
    features: Annotated[tuple[Feature, ...], Meta(min_length=1, max_length=7)] = ("x", "y")


class Inline(_Part, tag_field="kind", tag="inline", frozen=True):
    """Examples written in the file itself, used exactly as written."""

    inputs: Annotated[Matrix, Meta(min_length=1)]
    targets: Annotated[Matrix, Meta(min_length=1)]
    test_inputs: Matrix = ()
    test_targets: Matrix = ()
    labels: tuple[str, ...] = ()


class Csv(_Part, tag_field="kind", tag="csv", frozen=True):
    """A table with a heading row; the target columns are named, the others are inputs."""

    path: str
    target: Annotated[tuple[str, ...], Meta(min_length=1)]
    test_fraction: Fraction = 0.2
    seed: Seed = 0
    standardize: bool = True


class Idx(_Part, tag_field="kind", tag="idx", frozen=True):
    """Images and labels in MNIST's IDX format, plain or gzipped."""

    images: str
    labels: str
    test_fraction: Fraction = 0.2
    seed: Seed = 0


class Images(_Part, tag_field="kind", tag="images", frozen=True):
    """A folder with one sub-folder of pictures per class; ``size`` is (width, height)."""

    folder: str
    size: tuple[Annotated[int, Meta(ge=1, le=256)], Annotated[int, Meta(ge=1, le=256)]] = (28, 28)
    test_fraction: Fraction = 0.2
    seed: Seed = 0


Data: TypeAlias = Builtin | Inline | Csv | Idx | Images


class Layer(_Part, frozen=True):
    """One layer that has weights: its number of neurons and its activation function."""

    units: Annotated[int, Meta(ge=1, le=1024)]
    activation: Activation = "tanh"


class Initial(_Part, frozen=True):
    """Where training starts: a scheme of ``torch.nn.init`` with a seed, or explicit numbers."""

    scheme: Scheme = "xavier_uniform"
    seed: Seed = 0
    weights: tuple[Matrix, ...] | UnsetType = UNSET
    biases: tuple[Vector, ...] | UnsetType = UNSET

    @property
    def explicit(self) -> bool:
        """Whether the starting parameters are written out."""
        return self.weights is not UNSET


class NetworkSpec(_Part, frozen=True):
    """Hidden layers and, last, the output layer. The number of inputs follows from the data."""

    layers: Annotated[tuple[Layer, ...], Meta(min_length=1, max_length=9)]
    initial: Initial = Initial()
    frozen: tuple[str, ...] = ()


class _Optimizer(_Part, tag_field="name", frozen=True):
    """An optimizer with torch's own parameters, spelled out; ``title`` is torch's name for it."""

    title: ClassVar[str]

    @property
    def only_by_gradient(self) -> bool:
        """Whether a step is −η times the gradient and nothing else."""
        return False


class Sgd(_Optimizer, tag="sgd", frozen=True):
    """Stochastic gradient descent, ``torch.optim.SGD``."""

    title: ClassVar[str] = "SGD"
    learning_rate: NotNegative = 0.03
    momentum: NotNegative = 0.0
    dampening: float = 0.0
    weight_decay: NotNegative = 0.0
    nesterov: bool = False

    @property
    def only_by_gradient(self) -> bool:
        """Whether a step is −η times the gradient and nothing else."""
        return not self.momentum and not self.weight_decay


class Adam(_Optimizer, tag="adam", frozen=True):
    """``torch.optim.Adam``."""

    title: ClassVar[str] = "Adam"
    learning_rate: NotNegative = 1e-3
    betas: tuple[Fraction, Fraction] = (0.9, 0.999)
    eps: NotNegative = 1e-8
    weight_decay: NotNegative = 0.0
    amsgrad: bool = False


class AdamW(_Optimizer, tag="adamw", frozen=True):
    """``torch.optim.AdamW``: Adam with decoupled weight decay."""

    title: ClassVar[str] = "AdamW"
    learning_rate: NotNegative = 1e-3
    betas: tuple[Fraction, Fraction] = (0.9, 0.999)
    eps: NotNegative = 1e-8
    weight_decay: NotNegative = 1e-2
    amsgrad: bool = False


class RmsProp(_Optimizer, tag="rmsprop", frozen=True):
    """``torch.optim.RMSprop``."""

    title: ClassVar[str] = "RMSprop"
    learning_rate: NotNegative = 1e-2
    alpha: Fraction = 0.99
    eps: NotNegative = 1e-8
    weight_decay: NotNegative = 0.0
    momentum: NotNegative = 0.0
    centered: bool = False


class Adagrad(_Optimizer, tag="adagrad", frozen=True):
    """``torch.optim.Adagrad``."""

    title: ClassVar[str] = "Adagrad"
    learning_rate: NotNegative = 1e-2
    lr_decay: NotNegative = 0.0
    weight_decay: NotNegative = 0.0
    initial_accumulator_value: Annotated[float, Meta(ge=0, le=1e30)] = 0.0
    eps: NotNegative = 1e-10


OptimizerSpec: TypeAlias = Sgd | Adam | AdamW | RmsProp | Adagrad
OPTIMIZERS: dict[str, type[OptimizerSpec]] = {
    "sgd": Sgd,
    "adam": Adam,
    "adamw": AdamW,
    "rmsprop": RmsProp,
    "adagrad": Adagrad,
}


class Regularization(_Part, frozen=True):
    """``l2`` adds rate · ½Σw², ``l1`` adds rate · Σ|w|, over weights and not biases."""

    kind: Literal["none", "l1", "l2"] = "none"
    rate: NotNegative = 0.0


class MiniBatch(_Part, frozen=True):
    """How the training examples are dealt into mini-batches."""

    size: Annotated[int, Meta(ge=1, le=100_000)] = 10
    shuffle: bool = True
    seed: Seed = 0


class Experiment(_Part, frozen=True):
    """Everything needed to repeat a run; refuses parts that do not go together."""

    data: Data
    network: NetworkSpec
    format: Literal["backprop-explorer/experiment"] = "backprop-explorer/experiment"
    version: Literal[1] = 1
    title: str = ""
    loss: Loss = "half_squared_error"
    optimizer: OptimizerSpec = Sgd()
    regularization: Regularization = Regularization()
    mini_batch: MiniBatch = MiniBatch()
    dtype: Dtype = "float32"
    device: Device = "auto"
    engine: Engine = "auto"

    def __post_init__(self) -> None:
        _check_output(self)
        _check_initial(self.network)
        if self.dtype == "float32":
            _check_in_float32(self.network.initial)
        _check_frozen(self.network)
        _check_data(self.data)
        _check_optimizer(self.optimizer)

    @property
    def output(self) -> Layer:
        """The last layer."""
        return self.network.layers[-1]

    def restarts(self, other: Experiment) -> bool:
        """Whether going over to ``other`` needs a new run, or only new settings for this one."""
        return self.with_settings_of(other) != other

    def with_settings_of(self, other: Experiment) -> Experiment:
        """This experiment with ``other``'s optimizer and mini-batch size."""
        mini_batch = msgspec.structs.replace(self.mini_batch, size=other.mini_batch.size)
        return msgspec.structs.replace(
            self, optimizer=other.optimizer, mini_batch=mini_batch, title=other.title
        )


def _check_output(experiment: Experiment) -> None:
    layers = experiment.network.layers
    for index, layer in enumerate(layers[:-1]):
        if layer.activation == "softmax":
            raise ValueError(
                f"$.network.layers[{index}].activation: softmax is for the output layer only"
            )
    softmax, loss = experiment.output.activation == "softmax", experiment.loss
    where = f"$.network.layers[{len(layers) - 1}].activation"
    if softmax and loss != "cross_entropy":
        raise ValueError(f"{where}: softmax goes only with the loss cross_entropy, not {loss}")
    if loss == "cross_entropy" and not softmax:
        raise ValueError(
            f"$.loss: cross_entropy needs softmax outputs, not {experiment.output.activation}"
        )
    if loss == "binary_cross_entropy" and experiment.output.activation != "sigmoid":
        raise ValueError(
            "$.loss: binary_cross_entropy needs sigmoid outputs, "
            f"not {experiment.output.activation}"
        )


def _check_initial(network: NetworkSpec) -> None:
    initial = network.initial
    if (initial.weights is UNSET) != (initial.biases is UNSET):
        raise ValueError("$.network.initial: weights and biases go together")
    if initial.weights is UNSET or initial.biases is UNSET:
        return
    for name, given in (("weights", initial.weights), ("biases", initial.biases)):
        if len(given) != len(network.layers):
            raise ValueError(
                f"$.network.initial.{name}: expected {len(network.layers)} layers, got {len(given)}"
            )
    inputs = len(initial.weights[0][0]) if initial.weights[0] else 0
    for index, (layer, weight, bias) in enumerate(
        zip(network.layers, initial.weights, initial.biases, strict=True)
    ):
        where = f"$.network.initial.weights[{index}]"
        if len(weight) != layer.units:
            raise ValueError(f"{where}: expected {layer.units} rows, got {len(weight)}")
        for row, values in enumerate(weight):
            if len(values) != inputs:
                raise ValueError(f"{where}[{row}]: expected {inputs} numbers, got {len(values)}")
        if len(bias) != layer.units:
            raise ValueError(
                f"$.network.initial.biases[{index}]: expected {layer.units} numbers, "
                f"got {len(bias)}"
            )
        inputs = layer.units


def _check_in_float32(initial: Initial) -> None:
    """Refuse explicit parameters that would be infinite."""
    if initial.weights is UNSET or initial.biases is UNSET:
        return
    for layer, (weight, bias) in enumerate(zip(initial.weights, initial.biases, strict=True)):
        rows = [(f"weights[{layer}][{row}]", values) for row, values in enumerate(weight)]
        for where, values in [*rows, (f"biases[{layer}]", bias)]:
            if max(map(abs, values), default=0.0) > _MOST_FLOAT32:
                at = next(k for k, value in enumerate(values) if abs(value) > _MOST_FLOAT32)
                raise ValueError(
                    f"$.network.initial.{where}[{at}]: {values[at]:g} is beyond float32"
                )


def _check_frozen(network: NetworkSpec) -> None:
    known = parameter_names(network)
    for index, name in enumerate(network.frozen):
        if name not in known:
            raise ValueError(
                f"$.network.frozen[{index}]: expected one of {', '.join(known)}, got {name!r}"
            )


def _check_data(data: Data) -> None:
    if isinstance(data, Inline):
        _check_inline(data)
    elif isinstance(data, Builtin) and data.name not in TOY_SETS:
        if data.noise:
            raise ValueError(f"$.data.noise: {data.name} is taken as it is, without noise")
        if data.features != ("x", "y"):
            raise ValueError("$.data.features: only two-dimensional sets have features")
    if isinstance(data, Builtin) and len(set(data.features)) != len(data.features):
        raise ValueError("$.data.features: each feature once")


def _check_inline(data: Inline) -> None:
    n_inputs, n_targets = len(data.inputs[0]), len(data.targets[0])
    if not n_inputs or not n_targets:
        raise ValueError("$.data.inputs[0]: expected at least one number in inputs and targets")
    pairs = (("inputs", "targets"), ("test_inputs", "test_targets"))
    for inputs_name, targets_name in pairs:
        inputs, targets = getattr(data, inputs_name), getattr(data, targets_name)
        if len(inputs) != len(targets):
            raise ValueError(
                f"$.data.{targets_name}: expected {len(inputs)} rows as in {inputs_name}, "
                f"got {len(targets)}"
            )
        for name, rows, width in (
            (inputs_name, inputs, n_inputs),
            (targets_name, targets, n_targets),
        ):
            for index, row in enumerate(rows):
                if len(row) != width:
                    raise ValueError(
                        f"$.data.{name}[{index}]: expected {width} numbers, got {len(row)}"
                    )
    if data.labels and len(data.labels) not in (n_targets, 2 if n_targets == 1 else n_targets):
        raise ValueError(
            f"$.data.labels: expected {n_targets} labels, one per output, got {len(data.labels)}"
        )


def _check_optimizer(optimizer: OptimizerSpec) -> None:
    if (
        isinstance(optimizer, Sgd)
        and optimizer.nesterov
        and (optimizer.momentum <= 0 or optimizer.dampening)
    ):
        raise ValueError("$.optimizer.nesterov: needs a momentum above 0 and no dampening")


def parameter_names(network: NetworkSpec) -> tuple[str, ...]:
    """Names of all parameters, 1-based by layer: weight1, bias1, weight2, …"""
    return tuple(
        f"{kind}{layer}"
        for layer in range(1, len(network.layers) + 1)
        for kind in ("weight", "bias")
    )
