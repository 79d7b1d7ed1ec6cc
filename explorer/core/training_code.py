"""The training loop as a PyTorch script that trains exactly what the explorer trains.

The script stands alone (see ``data.data_code`` for where its examples come from): it starts from
the same parameters, deals the same mini-batches and makes the same updates, from the first one on
under the settings of the experiment. What was changed in the middle of a run it cannot know.

The network is written with torch's own modules. Where the loss is computed from the output
layer's z, the last sigmoid or softmax is not among them, because the loss contains it.
"""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise

import msgspec
import numpy as np
from msgspec import UNSET, Struct

from explorer.core.beats import Kind
from explorer.core.data.data_code import DataCode, data_code, tensor
from explorer.core.data.dataset import Dataset
from explorer.core.experiment import (
    Activation,
    Experiment,
    Initial,
    Loss,
    OptimizerSpec,
    Regularization,
    Scheme,
    parameter_names,
)

_MODULES: dict[Activation, str] = {
    "sigmoid": "nn.Sigmoid()",
    "tanh": "nn.Tanh()",
    "relu": "nn.ReLU()",
    "leaky_relu": "nn.LeakyReLU()",
    "elu": "nn.ELU()",
    "gelu": "nn.GELU()",
    "silu": "nn.SiLU()",
    "softplus": "nn.Softplus()",
}
_FROM_Z: dict[Loss, str] = {"binary_cross_entropy": "sigmoid", "cross_entropy": "softmax"}
_DRAWN: dict[Scheme, str] = {
    "xavier_uniform": "xavier_uniform_(layer.weight, generator=generator)",
    "xavier_normal": "xavier_normal_(layer.weight, generator=generator)",
    "kaiming_uniform": ('kaiming_uniform_(layer.weight, nonlinearity="relu", generator=generator)'),
    "kaiming_normal": 'kaiming_normal_(layer.weight, nonlinearity="relu", generator=generator)',
    "normal": "normal_(layer.weight, generator=generator)",
    "zeros": "zeros_(layer.weight)",
    "torch_default": "kaiming_uniform_(layer.weight, a=5**0.5, generator=generator)",
}


class CodeLine(Struct, frozen=True):
    """One line of the script, and the kinds of beats in which it is at work."""

    text: str
    kinds: frozenset[Kind] = frozenset()


class TrainingCode(Struct, frozen=True, dict=True):
    """A whole script.

    Attributes
    ----------
    lines : tuple of CodeLine
    loop : range
        The lines of the training loop, from the epoch to the optimizer's step.
    """

    lines: tuple[CodeLine, ...]
    loop: range

    @cached_property
    def source(self) -> str:
        """The script, ready to run."""
        return "".join(f"{line.text}\n" for line in self.lines)

    def at_work(self, kind: Kind) -> tuple[int, ...]:
        """The numbers, from 0, of the lines at work in a beat."""
        return tuple(i for i, line in enumerate(self.lines) if kind in line.kinds)


def training_code(
    experiment: Experiment, dataset: Dataset, device: str = "cpu", *, epochs: int = 10
) -> TrainingCode:
    """Write the script that trains the experiment.

    Parameters
    ----------
    device
        torch's name of the device that the run uses; its last bits depend on it.
    epochs
        How often the script goes through all examples.
    """
    settings = f"dtype=torch.{experiment.dtype}" + ("" if device == "cpu" else ", device=device")
    data = data_code(experiment, dataset, settings)
    before = [
        *_head(experiment, dataset, data, device),
        *data.lines,
        "",
        *_network(experiment, dataset, settings),
        *([] if device == "cpu" else ["model.to(device)"]),
        "",
        "",
        *_cost(experiment.loss, dataset.n_outputs),
        "",
        "",
        *_penalty(experiment.regularization),
        *_batches(experiment),
        "",
        "",
        *_optimizer(experiment, device),
        "",
    ]
    loop = _loop(experiment, epochs)
    after = [
        "    with torch.no_grad():",
        "        total = cost(model(x), y).mean()",
        '    print(f"epoch {epoch + 1}: total cost {total:.6g}")',
    ]
    lines = (*map(CodeLine, before), *loop, *map(CodeLine, after))
    return TrainingCode(lines, range(len(before), len(before) + len(loop)))


def _head(experiment: Experiment, dataset: Dataset, data: DataCode, device: str) -> list[str]:
    sizes = [dataset.n_inputs, *(layer.units for layer in experiment.network.layers)]
    name = "".join(c for c in " ".join(dataset.name.split()) if c.isprintable())
    return [
        f"# {name[:40]}: {'–'.join(map(str, sizes))} neurons, as Backprop Explorer trains them.",
        *(line for line in data.imports if not line.startswith("from")),
        "import torch",
        *(line for line in data.imports if line.startswith("from")),
        "from torch import nn",
        *(["from torch.nn import functional as F"] if experiment.loss in _FROM_Z else []),
        "",
        "torch.set_num_threads(1)  # more threads would add up in another order",
        *([] if device == "cpu" else [f'device = "{device}"']),
        "",
    ]


def _network(experiment: Experiment, dataset: Dataset, settings: str) -> list[str]:
    spec = experiment.network
    sizes = [dataset.n_inputs, *(layer.units for layer in spec.layers)]
    modules: list[str] = []
    places = []  # of each layer's Linear among the modules
    for (before, units), layer in zip(pairwise(sizes), spec.layers, strict=True):
        places.append(len(modules))
        modules.append(f"nn.Linear({before}, {units}),")
        if layer.activation in _MODULES:
            modules.append(f"{_MODULES[layer.activation]},")
    if inside := _FROM_Z.get(experiment.loss):
        modules = modules[: places[-1] + 1]
        modules[-1] += f"  # z; its {inside} is part of the cost"
    closing = ").double()" if experiment.dtype == "float64" else ")"
    return [
        "model = nn.Sequential(",
        *(f"    {module}" for module in modules),
        closing,
        *_initial(spec.initial, places, settings.partition(", device")[0]),
        *_frozen(spec.frozen, parameter_names(spec), places),
    ]


def _initial(initial: Initial, places: list[int], settings: str) -> list[str]:
    if initial.weights is UNSET or initial.biases is UNSET:
        return _drawn(initial)
    lines = []
    for place, weight, bias in zip(places, initial.weights, initial.biases, strict=True):
        lines += tensor(np.array(weight, float), settings, f'        "{place}.weight": ', ",")
        lines += tensor(np.array(bias, float), settings, f'        "{place}.bias": ', ",")
    return ["model.load_state_dict(", "    {", *lines, "    }", ")"]


def _drawn(initial: Initial) -> list[str]:
    biases = ["nn.init.zeros_(layer.bias)"]
    if initial.scheme == "torch_default":
        biases = [
            "bound = 1 / layer.in_features**0.5",
            "nn.init.uniform_(layer.bias, -bound, bound, generator=generator)",
        ]
    generator = f"generator = torch.Generator().manual_seed({initial.seed})"
    return [
        *([] if initial.scheme == "zeros" else [generator]),
        "for layer in model:",
        "    if isinstance(layer, nn.Linear):",
        f"        nn.init.{_DRAWN[initial.scheme]}",
        *(f"        {line}" for line in biases),
    ]


def _frozen(frozen: tuple[str, ...], names: tuple[str, ...], places: list[int]) -> list[str]:
    if set(frozen) == set(names):  # torch differentiates only what can change
        return []
    return [
        f"model[{places[index // 2]}].{name.rstrip('0123456789')}.requires_grad_(False)  # frozen"
        for index, name in enumerate(names)
        if name in frozen
    ]


def _cost(loss: Loss, n_outputs: int) -> list[str]:
    share = f" / {n_outputs}" if n_outputs > 1 else ""
    match loss:
        case "squared_error":
            body = ["return (outputs - targets).square().sum(dim=1)"]
        case "half_squared_error":
            body = ["return (0.5 * (outputs - targets).square()).sum(dim=1)"]
        case "mean_squared_error":
            body = [f"return ((outputs - targets).square(){share}).sum(dim=1)"]
        case "binary_cross_entropy":
            function = "F.binary_cross_entropy_with_logits"
            terms = f'terms = {function}(outputs, targets, reduction="none")'
            body = [terms, f"return {f'(terms{share})' if share else 'terms'}.sum(dim=1)"]
        case "cross_entropy":
            body = ['return F.cross_entropy(outputs, targets, reduction="none")']
    return [
        "def cost(outputs, targets):",
        '    """The cost of each example: a sum over its outputs."""',
        *(f"    {line}" for line in body),
    ]


def _penalty(regularization: Regularization) -> list[str]:
    if regularization.kind == "none":
        return []
    rate = repr(regularization.rate)
    words, term = "rate · Σ|w|", f"{rate} * sum(w.abs().sum() for w in weights)"
    if regularization.kind == "l2":
        words, term = "rate · ½Σw²", f"{rate} * 0.5 * sum(w.square().sum() for w in weights)"
    return [
        "def penalty():",
        f'    """What regularization adds to the cost: {words}, over weights, not biases."""',
        "    weights = [layer.weight for layer in model if isinstance(layer, nn.Linear)]",
        f"    return {term}",
        "",
        "",
    ]


def _batches(experiment: Experiment) -> list[str]:
    deck = experiment.mini_batch
    if not deck.shuffle:
        return [
            "def batches():",
            '    """Deal all examples into mini-batches, in their order."""',
            f"    return zip(x.split({deck.size}), y.split({deck.size}))",
        ]
    return [
        f"deck = torch.Generator().manual_seed({deck.seed})",
        "",
        "",
        "def batches():",
        '    """Shuffle all examples and deal them into mini-batches."""',
        f"    for rows in torch.randperm(len(x), generator=deck).split({deck.size}):",
        "        yield x[rows], y[rows]",
    ]


def _optimizer(experiment: Experiment, device: str) -> list[str]:
    spec = experiment.optimizer
    settings = [f"{name}={value!r}" for name, value in _changed(spec).items()]
    comment = []
    if set(experiment.network.frozen) == set(parameter_names(experiment.network)):
        settings, comment = ["lr=0.0"], ["# Every parameter is frozen: nothing moves."]
    if device != "cpu":
        settings.append("foreach=False")
    name = f"torch.optim.{spec.title}"
    line = f"optimizer = {name}(model.parameters(), {', '.join(settings)})"
    if len(line) <= 88:
        return [*comment, line]
    body = (f"    {argument}," for argument in ("model.parameters()", *settings))
    return [*comment, f"optimizer = {name}(", *body, ")"]


def _changed(spec: OptimizerSpec) -> dict[str, object]:
    """The optimizer's settings under torch's names: its rate, and what is not torch's default."""
    others = {
        field.name: getattr(spec, field.name)
        for field in msgspec.structs.fields(spec)
        if field.name != "learning_rate" and getattr(spec, field.name) != field.default
    }
    return {"lr": spec.learning_rate, **others}


def _loop(experiment: Experiment, epochs: int) -> list[CodeLine]:
    forward = "forward, up to z" if experiment.loss in _FROM_Z else "forward"
    kind = experiment.regularization.kind
    penalty = [_line(f"loss = loss + penalty()  # {kind}", "cost")] if kind != "none" else []
    return [
        CodeLine(f"for epoch in range({epochs}):"),
        CodeLine("    for inputs, targets in batches():  # mini-batch", frozenset({"mini_batch"})),
        _line("optimizer.zero_grad()  # clear .grad", "mini_batch"),
        _line(f"outputs = model(inputs)  # {forward}", "forward"),
        _line("loss = cost(outputs, targets).mean()  # cost", "cost", "average"),
        *penalty,
        _line("loss.backward()  # backward and average", "backward", "average"),
        _line("optimizer.step()  # update", "update"),
    ]


def _line(text: str, *kinds: Kind) -> CodeLine:
    return CodeLine(f"        {text}", frozenset(kinds))
