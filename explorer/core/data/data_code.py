"""Python code that makes a data set's training examples, the very ones the explorer trains on.

A script should run without hidden files, so a generated set is generated again by the explorer's
own function, a real one comes from scikit-learn, and examples that are few or were written in the
experiment are written out. Only a longer table, or images, of the user's own are read from their
files, which the explorer's loader does.
"""

from __future__ import annotations

import textwrap

from msgspec import UNSET, Struct

from explorer.core.data import toy
from explorer.core.data.dataset import Dataset, Floats, low_target
from explorer.core.experiment import REAL_SETS, TOY_SETS, Builtin, Experiment, Feature, Inline

_FEW = 400  # numbers, about forty lines
_WIDTH = 96
_NAMED = "# x holds the inputs and y the targets, a row for each example."
_FEATURES: dict[Feature, str] = {
    "x": "px",
    "y": "py",
    "x^2": "px**2",
    "y^2": "py**2",
    "xy": "px * py",
    "sin(x)": "np.sin(px)",
    "sin(y)": "np.sin(py)",
}


class DataCode(Struct, frozen=True):
    """Code that leaves the training examples in tensors ``x`` (N, n₀) and ``y`` (N, n_L).

    Attributes
    ----------
    imports : tuple of str
        Import lines beside torch's.
    lines : tuple of str
    """

    imports: tuple[str, ...]
    lines: tuple[str, ...]


def data_code(experiment: Experiment, dataset: Dataset, settings: str) -> DataCode:
    """Code for the experiment's training examples.

    ``settings`` are further arguments of ``torch.tensor``, such as ``dtype=torch.float64``.
    """
    match experiment.data:
        case Builtin(name=name) as data if name in TOY_SETS:
            return _made(("import numpy as np",), _toy(data, experiment, dataset), settings)
        case Builtin(name=name) as data if name in REAL_SETS:
            imports = ("import numpy as np", f"from sklearn.datasets import load_{name}")
            return _made(imports, _real(data, experiment, dataset), settings)
        case data if _short(dataset) or isinstance(data, Inline):
            return _written_out(dataset, settings)
        case data:
            return _read(experiment, settings)


def tensor(values: Floats, settings: str, before: str, after: str = "") -> list[str]:
    """Lines that say ``torch.tensor(…)`` with every number exact, between two pieces of code."""
    rows = values.tolist()
    line = f"{before}torch.tensor({rows!r}, {settings}){after}"
    if len(line) <= _WIDTH:
        return [line]
    start = " " * (len(before) - len(before.lstrip()))
    inner = start + "    "
    if values.ndim == 1:
        body = _wrapped(f"{rows!r},", inner)
    else:
        body = [text for row in rows for text in _wrapped(f"{row!r},", inner + "    ")]
        body = [f"{inner}[", *body, f"{inner}],"]
    return [f"{before}torch.tensor(", *body, f"{inner}{settings},", f"{start}){after}"]


def _wrapped(text: str, indent: str) -> list[str]:
    if len(indent) + len(text) <= _WIDTH:
        return [indent + text]
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + " ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _short(dataset: Dataset) -> bool:
    return dataset.train.inputs.size + dataset.train.targets.size <= _FEW


def _made(imports: tuple[str, ...], lines: list[str], settings: str) -> DataCode:
    x, y = f"x = torch.tensor(x, {settings})", f"y = torch.tensor(y, {settings})"
    return DataCode(imports, (*lines, _NAMED, x, y))


def _toy(data: Builtin, experiment: Experiment, dataset: Dataset) -> list[str]:
    n = len(dataset.train) + len(dataset.test)
    features = ["x = points[train]"]
    if data.features != ("x", "y"):
        stacked = ", ".join(_FEATURES[name] for name in data.features)
        features = ["px, py = points[train].T", f"x = np.stack([{stacked}], axis=1)"]
    return [
        "",
        *toy.source_of(data.name).splitlines(),
        "",
        "",
        f"random = np.random.default_rng({data.seed})",
        f"points, classes = {data.name}({n}, {data.noise!r}, random)",
        f"shuffled = random.permutation({n})",
        *_split("shuffled", str(n), dataset),
        *features,
        f"y = {_encoded('classes[train]', experiment, dataset)}",
    ]


def _real(data: Builtin, experiment: Experiment, dataset: Dataset) -> list[str]:
    name = data.name
    few = "" if data.examples is UNSET else f"[:{data.examples}]"
    return [
        f"{name} = load_{name}()",
        f"random = np.random.default_rng({data.seed})",
        f"chosen = random.permutation(len({name}.target)){few}",
        *_split("chosen", "len(chosen)", dataset),
        *_scaled(name, dataset),
        f"y = {_encoded(f'{name}.target[train]', experiment, dataset)}",
    ]


def _split(order: str, n: str, dataset: Dataset) -> list[str]:
    n_test = len(dataset.test)
    if not n_test:
        return [f"train = {order}[random.permutation({n})]"]
    kept = f"train = {order}[random.permutation({n})[{n_test}:]]"
    return [f"{kept}  # the first {n_test} are kept for testing"]


def _scaled(name: str, dataset: Dataset) -> list[str]:
    if dataset.image_size is not None:
        return [f"x = {name}.data[train] / 16  # grey from 0 to 1"]
    lines = [f"x = {name}.data[train]"]
    if not (dataset.train.inputs == 0).all(axis=0).any():
        return [*lines, "x = (x - x.mean(axis=0)) / x.std(axis=0)  # mean 0, deviation 1"]
    return [
        *lines,
        "constant = x.min(axis=0) == x.max(axis=0)  # such an input becomes 0",
        "deviation = np.where(constant, 1.0, x.std(axis=0))",
        "x = np.where(constant, 0.0, (x - x.mean(axis=0)) / deviation)  # mean 0, deviation 1",
    ]


def _encoded(classes: str, experiment: Experiment, dataset: Dataset) -> str:
    """The classes as targets: of one output or of one output each, from 0 or from −1."""
    n_outputs = dataset.n_outputs
    targets = f"{classes}[:, None]" if n_outputs == 1 else f"np.eye({n_outputs})[{classes}]"
    if low_target(experiment.output) == 0:
        return targets
    return f"2 * {targets} - 1  # −1 or 1"


def _written_out(dataset: Dataset, settings: str) -> DataCode:
    train = dataset.train
    x, y = tensor(train.inputs, settings, "x = "), tensor(train.targets, settings, "y = ")
    return DataCode((), (_NAMED, *x, *y))


def _read(experiment: Experiment, settings: str) -> DataCode:
    kind = type(experiment.data).__name__
    imports = (
        "from explorer.core.data.load import load",
        f"from explorer.core.experiment import {kind}, Experiment, Layer, NetworkSpec",
    )
    lines = (
        "# Read by Backprop Explorer's own loader; paths start where the script is run.",
        f"data = {experiment.data!r}",
        "layers = (",
        *(f"    {layer!r}," for layer in experiment.network.layers),
        ")",
        "network = NetworkSpec(layers=layers)",
        f"dataset = load(Experiment(data=data, network=network, loss={experiment.loss!r}))",
        _NAMED,
        f"x = torch.tensor(dataset.train.inputs, {settings})",
        f"y = torch.tensor(dataset.train.targets, {settings})",
    )
    return DataCode(imports, lines)
