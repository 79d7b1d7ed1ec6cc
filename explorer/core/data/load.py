"""From the ``data`` part of an experiment to a :class:`Dataset`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from msgspec import UNSET
from msgspec.structs import replace

from explorer.core.data.dataset import (
    Dataset,
    Floats,
    Part,
    classes_of,
    encode,
    split,
    threshold_of,
)
from explorer.core.data.files import load_csv, load_idx, load_images, pixel_names, standardize
from explorer.core.data.measured import read
from explorer.core.data.toy import features_of, generate
from explorer.core.experiment import (
    TOY_SETS,
    Builtin,
    Csv,
    Experiment,
    ExperimentError,
    Idx,
    Images,
    Inline,
    Layer,
)

MAZUR_INPUTS = ((0.05, 0.10),)
MAZUR_TARGETS = ((0.01, 0.99),)


def load(experiment: Experiment, folder: Path = Path()) -> Dataset:
    """Load or make the experiment's data; ``folder`` is where its relative paths start.

    Raises
    ------
    ExperimentError
        When a file cannot be read or its content does not fit the experiment.
    """
    output = experiment.output
    where = f"$.network.layers[{len(experiment.network.layers) - 1}].units"
    match experiment.data:
        case Builtin(name="mazur"):
            dataset = _mazur()
        case Builtin(name=name) as data if name in TOY_SETS:
            dataset = _toy(data, output, where)
        case Builtin() as data:
            dataset = _real(data, output, where)
        case Inline() as data:
            dataset = _inline(data)
        case Csv() as data:
            dataset = load_csv(data, folder, output, where)
        case Idx() as data:
            dataset = load_idx(data, folder, output, where)
        case Images() as data:
            dataset = load_images(data, folder, output, where)
    _check_fit(dataset, experiment, where)
    return dataset


def _check_fit(dataset: Dataset, experiment: Experiment, where: str) -> None:
    if dataset.n_outputs != experiment.output.units:
        raise ExperimentError(
            f"{where}: expected {dataset.n_outputs} units for {dataset.n_outputs} targets, "
            f"got {experiment.output.units}"
        )
    weights = experiment.network.initial.weights
    if weights is not UNSET and len(weights[0][0]) != dataset.n_inputs:
        raise ExperimentError(
            f"$.network.initial.weights[0][0]: expected {dataset.n_inputs} numbers, "
            f"one per input, got {len(weights[0][0])}"
        )
    for name, part in (("targets", dataset.train), ("test_targets", dataset.test)):
        bad = _unfit(part.targets, experiment.loss)
        if bad is not None:
            raise ExperimentError(f"$.data.{name}[{bad[0]}]: {bad[1]}")


def _unfit(targets: Floats, loss: str) -> tuple[int, str] | None:
    """The first row of targets that the loss cannot take, and why."""
    if loss in ("binary_cross_entropy", "cross_entropy"):
        outside = ((targets < 0) | (targets > 1)).any(axis=1)
        if outside.any():
            return int(outside.argmax()), f"{loss} needs targets from 0 to 1"
    if loss == "cross_entropy":
        uneven = np.abs(targets.sum(axis=1) - 1) > 1e-6
        if uneven.any():
            return int(uneven.argmax()), "cross_entropy needs targets that sum to 1"
    return None


def _mazur() -> Dataset:
    empty = np.empty((0, 2))
    return Dataset(
        name="Mazur 2015",
        train=Part(np.array(MAZUR_INPUTS), np.array(MAZUR_TARGETS)),
        test=Part(empty, empty.copy()),
        input_names=("i1", "i2"),
        labels=("o1", "o2"),
        about="One example worked by hand: “A Step by Step Backpropagation Example”, "
        "Matt Mazur, 2015.",
    )


def _toy(data: Builtin, output: Layer, where: str) -> Dataset:
    n = 500 if data.examples is UNSET else data.examples
    random = np.random.default_rng(data.seed)
    points, classes = generate(data.name, n, data.noise, random)
    labels = ("orange", "blue")
    targets = encode(classes, labels, output, where)
    features = features_of(data.features)
    train, test = split(n, data.test_fraction, random)

    def part(rows: np.ndarray) -> Part:
        return Part(features(points[rows]), targets[rows], classes[rows], points[rows])

    return Dataset(
        name=data.name,
        train=part(train),
        test=part(test),
        input_names=tuple(data.features),
        labels=labels,
        threshold=threshold_of(output),
        features=features,
        about=f"{n:,} points of two classes, generated from seed {data.seed}.",
    )


def _real(data: Builtin, output: Layer, where: str) -> Dataset:
    published = read(data.name)
    random = np.random.default_rng(data.seed)
    n_all = len(published.classes)
    chosen = random.permutation(n_all)[: n_all if data.examples is UNSET else data.examples]
    inputs, classes = published.inputs[chosen], published.classes[chosen]
    labels = published.labels
    train, test = split(len(chosen), data.test_fraction, random)
    if data.name == "digits":
        inputs, image_size = inputs / 16, (8, 8)
        names = pixel_names(image_size)
        about = f"{len(chosen):,} real handwritten digits, 8×8 pixels, grey from 0 to 1."
    else:
        inputs, image_size = standardize(inputs, train), None
        names = published.input_names
        about = (
            f"{len(chosen)} real measurements, each input standardized by the training part's "
            "mean and deviation."
        )
    targets = encode(classes, labels, output, where)
    return Dataset(
        name=data.name.replace("_", " "),
        train=Part(inputs[train], targets[train], classes[train]),
        test=Part(inputs[test], targets[test], classes[test]),
        input_names=names,
        labels=labels,
        threshold=threshold_of(output),
        image_size=image_size,
        about=about,
    )


def _inline(data: Inline) -> Dataset:
    inputs, targets = np.array(data.inputs, float), np.array(data.targets, float)
    test_inputs = np.array(data.test_inputs, float).reshape(-1, inputs.shape[1])
    test_targets = np.array(data.test_targets, float).reshape(-1, targets.shape[1])
    classes, threshold = classes_of(np.concatenate([targets, test_targets]))
    plane = inputs.shape[1] == 2
    counted = "1 example" if len(inputs) == 1 else f"{len(inputs)} examples"
    dataset = Dataset(
        name="inline",
        train=Part(inputs, targets, None if classes is None else classes[: len(inputs)]),
        test=Part(test_inputs, test_targets, None if classes is None else classes[len(inputs) :]),
        input_names=tuple(f"x{k + 1}" for k in range(inputs.shape[1])),
        labels=data.labels,
        threshold=threshold,
        features=(lambda points: points) if plane else None,
        about=f"{counted} written in the experiment file.",
    )
    if not plane:
        return dataset
    return replace(
        dataset,
        train=replace(dataset.train, points=inputs),
        test=replace(dataset.test, points=test_inputs),
    )
