"""Good settings for each data set, and the reason for its output layer and loss."""

from __future__ import annotations

import msgspec

from explorer.core.experiment import (
    Activation,
    Adam,
    Builtin,
    BuiltinName,
    Data,
    Experiment,
    Initial,
    Layer,
    Loss,
    MiniBatch,
    NetworkSpec,
    Sgd,
)
from explorer.core.experiment_file import read_file
from explorer.core.shipped import asset

_CLASSES: dict[str, int] = {"digits": 10, "iris": 3, "wine": 3}


def default_experiment(name: BuiltinName) -> Experiment:
    """An experiment on a builtin set that learns well and shows its point."""
    if name == "mazur":
        return read_file(asset("examples/mazur.json"))
    match name:
        case "digits":
            # Ten sigmoid outputs with squared error: each wish is a distance from a target.
            return _experiment(name, 0.2, "sigmoid", (16, 16), "squared_error", 1.0, 32)
        case "iris" | "wine":
            return _experiment(name, 0.3, "tanh", (8,), "cross_entropy", 0.1, 10)
        case "breast_cancer":
            return _experiment(name, 0.3, "tanh", (8,), "binary_cross_entropy", 0.1, 16)
        case "spiral":  # plain SGD takes ten times as long to wind itself up
            spiral = _experiment(name, 0.5, "tanh", (8, 8), "binary_cross_entropy", 0.01, 10)
            return msgspec.structs.replace(spiral, optimizer=Adam(learning_rate=0.01))
        case "moons":
            return _experiment(name, 0.5, "tanh", (6, 4), "binary_cross_entropy", 0.1, 10)
        case "blobs":
            return _experiment(name, 0.5, "tanh", (3,), "binary_cross_entropy", 0.1, 10)
        case _:
            return _experiment(name, 0.5, "tanh", (4, 2), "binary_cross_entropy", 0.1, 10)


def _experiment(
    name: BuiltinName,
    test_fraction: float,
    hidden_activation: Activation,
    hidden: tuple[int, ...],
    loss: Loss,
    learning_rate: float,
    size: int,
) -> Experiment:
    n_classes = _CLASSES.get(name, 2)
    return Experiment(
        data=Builtin(name=name, test_fraction=test_fraction, noise=0.1 if name == "moons" else 0.0),
        network=NetworkSpec(
            layers=(
                *(Layer(units, hidden_activation) for units in hidden),
                output_layer(loss, n_classes),
            )
        ),
        loss=loss,
        optimizer=Sgd(learning_rate=learning_rate),
        mini_batch=MiniBatch(size=size),
    )


def output_layer(loss: Loss, n_classes: int, wanted: Activation = "sigmoid") -> Layer:
    """The output layer that goes with a loss for so many classes, near what is wanted."""
    if loss == "cross_entropy":
        return Layer(n_classes, "softmax")
    if loss == "binary_cross_entropy" or wanted == "softmax":
        wanted = "sigmoid"
    return Layer(1 if n_classes == 2 else n_classes, wanted)


def with_loss(experiment: Experiment, loss: Loss, n_classes: int) -> Experiment:
    """The experiment with another loss, its output layer changed where the loss asks for it.

    ``n_classes`` is 0 for targets that are not classes; then the number of outputs stays. Where
    it changes, parameters written out for the old outputs give way to drawn ones.
    """
    output = output_layer(loss, n_classes or 3, experiment.output.activation)
    if not n_classes:
        output = msgspec.structs.replace(output, units=experiment.output.units)
    layers = (*experiment.network.layers[:-1], output)
    initial = experiment.network.initial
    if initial.explicit and output.units != experiment.output.units:
        initial = Initial()
    network = msgspec.structs.replace(experiment.network, layers=layers, initial=initial)
    return msgspec.structs.replace(experiment, network=network, loss=loss)


def experiment_on(data: Data, n_classes: int) -> Experiment:
    """A first experiment on the user's own data; ``n_classes`` is 0 for a number to predict."""
    loss: Loss = "half_squared_error"
    output = Layer(1, "linear")
    if n_classes:
        loss = "binary_cross_entropy" if n_classes == 2 else "cross_entropy"
        output = output_layer(loss, n_classes)
    return Experiment(
        data=data,
        network=NetworkSpec(layers=(Layer(16, "tanh"), output)),
        loss=loss,
        optimizer=Sgd(learning_rate=0.05),
        mini_batch=MiniBatch(size=16),
    )


def reason(experiment: Experiment, labels: tuple[str, ...], *, classes: bool) -> str:
    """Why this output layer and loss go with the data, in a sentence or two."""
    output, loss = experiment.output, experiment.loss
    if not classes:
        return "The targets are numbers, not classes: each output is compared with its target."
    if loss == "cross_entropy":
        return (
            f"{output.units} classes that exclude each other: softmax outputs sum to 1, and "
            "cross-entropy charges the share given to the right one."
        )
    if output.units == 1:
        low, high = (labels[0], labels[1]) if len(labels) == 2 else ("0", "1")
        if loss == "binary_cross_entropy":
            return (
                f"Two classes: one sigmoid output reads as the share of “{high}”, and binary "
                "cross-entropy is the cost that fits it."
            )
        return f"Two classes: one output, low for “{low}” and high for “{high}”."
    if loss == "binary_cross_entropy":
        return "A yes or no for each output: sigmoid outputs with binary cross-entropy."
    return (
        f"{output.units} classes, one output each, that should be 1 for the right class: with "
        "squared error each wish is the distance from it. Softmax with cross-entropy learns faster."
    )
