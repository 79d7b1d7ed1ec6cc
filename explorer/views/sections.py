"""What the inspector lists in each beat, from a moment and the selected part. No drawing here."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from explorer.core import nudges
from explorer.core.data.dataset import Floats
from explorer.core.moment import Moment
from explorer.core.narration import protagonist
from explorer.core.numbers import before_and_after, exact, number, short, signed, subscript
from explorer.core.part_of_network import Neuron, Selectable, Weight
from explorer.views.bars import Bar, Section

_SHOWN = 8
WHOLE = 17  # up to so many are listed whole


def neuron_of(moment: Moment, selected: Selectable | None) -> Neuron:
    """The neuron that the inspector speaks of: the selected one, or one that suits the beat."""
    if isinstance(selected, Weight):
        return Neuron(selected.layer, selected.target)
    if isinstance(selected, Neuron) and selected.layer > 0:
        return selected
    return protagonist(moment)


def weighted_sum(moment: Moment, neuron: Neuron) -> list[Section]:
    """The terms of z: w·a of each neuron behind, ranked by size, then the bias and the sum."""
    layer = moment.trace.layers[neuron.layer - 1]
    weights = layer.weight_before[neuron.index]
    behind = moment.trace.activation(neuron.layer - 1)[moment.example]
    terms = weights.astype(np.float64) * behind
    bias, z = float(layer.bias_before[neuron.index]), float(layer.z[moment.example, neuron.index])
    scale = max(float(np.abs(terms).max()), abs(bias)) or 1.0
    order = ranked(terms)
    bars = [
        Bar(
            f"w{_index(k)}·a{_index(k)}  ({short(weights[k])} × {short(behind[k])})",
            signed(float(terms[k])),
            float(terms[k]) / scale,
            Weight(neuron.layer, neuron.index, k),
            exact=f"w{_index(k)}·a{_index(k)} = {_product(weights[k], behind[k], terms[k])}",
        )
        for k in order
    ]
    bars += _rest(terms, order)
    bars.append(Bar("bias b", signed(bias), bias / scale, neuron, exact=f"b = {exact(bias)}"))
    bars.append(Bar("sum z", signed(z), strong=True, exact=f"z = {exact(z)}"))
    return [Section("terms, the largest first", bars)]


def cost_terms(moment: Moment) -> list[Section]:
    """What each output adds to the cost of the focused example, and the mini-batch's mean."""
    trace, i = moment.trace, moment.example
    terms = trace.loss_terms[i]
    scale = float(terms.max()) or 1.0
    outputs = trace.layers[-1].activation[i]
    order = range(len(terms)) if len(terms) <= 12 else ranked(terms, 11)
    bars = [
        Bar(
            f"{moment.dataset.output_label(j)} ({short(outputs[j])}, {short(trace.targets[i, j])})",
            number(float(terms[j])),
            float(terms[j]) / scale,
            Neuron(moment.n_layers, j),
            signed=False,
            exact=f"a = {exact(outputs[j])}, y = {exact(trace.targets[i, j])}, "
            f"{_term(moment)} = {exact(terms[j])}",
        )
        for j in order
    ]
    bars += _rest(terms, list(order))
    loss = float(trace.losses[i])
    name = f"sum: cost of example {i + 1}"
    bars.append(Bar(name, number(loss), strong=True, exact=f"Cᵢ = {exact(loss)}"))
    sections = [Section(f"one term per output (a, y): {_term(moment)}", bars)]
    cost = trace.batch_cost
    name, words = f"mean over {trace.batch_size}", f"C_batch = {exact(cost)}"
    means = [Bar(name, number(cost), strong=True, exact=words)]
    if trace.experiment.regularization.kind != "none":
        kind = trace.experiment.regularization.kind.upper()
        words = f"{kind} penalty = {exact(trace.penalty)}"
        means.append(Bar(f"regularization {kind}, apart", number(trace.penalty), exact=words))
    if trace.batch_size > 1 or len(means) > 1:
        sections.append(Section("the mini-batch", means))
    return sections


def three_ways(moment: Moment, neuron: Neuron, found: Collection[int] = ()) -> list[Section]:
    """The three ways to grant a neuron's wish: bias, weights and activations behind it.

    Of many the largest are listed, and first those of the neurons behind named in ``found``.
    """
    trace, layer, j, i = moment.trace, neuron.layer, neuron.index, moment.example
    values = trace.layers[layer - 1]
    bias = float(nudges.bias_wishes(trace, layer, i)[j])
    behind = trace.activation(layer - 1)[i]
    by_weight = nudges.weight_wishes(trace, layer, i)[j]
    by_activation = nudges.handed_back(trace, layer, i)[j]
    scale = max(abs(bias), float(np.abs(by_weight).max()), float(np.abs(by_activation).max()))
    scale = scale or 1.0
    weights = _with_found(by_weight, found)
    activations = _with_found(by_activation, found)
    sections = [
        Section(
            "its bias  (−δ)",
            [Bar("b", signed(bias), bias / scale, neuron, exact=f"−∂Cᵢ/∂b = −δ = {exact(bias)}")],
        ),
        Section(
            "its weights, in proportion to activations",
            [
                Bar(
                    _weight_name(moment, layer, k, float(behind[k])),
                    signed(float(by_weight[k])),
                    float(by_weight[k]) / scale,
                    Weight(layer, j, k),
                    exact=f"−∂Cᵢ/∂w{_index(k)} = −δ·a{_index(k)} = "
                    + _product(bias, behind[k], by_weight[k]),
                )
                for k in weights
            ]
            + _rest(by_weight, weights),
        ),
    ]
    if layer > 1:
        bars = [
            Bar(
                f"a{_index(k)}  (w{_index(k)} = {signed(float(values.weight_before[j, k]), 2)})",
                signed(float(by_activation[k])),
                float(by_activation[k]) / scale,
                Neuron(layer - 1, k),
                exact=f"−δ·w{_index(k)} = "
                + _product(bias, values.weight_before[j, k], by_activation[k]),
            )
            for k in activations
        ]
        bars += _rest(by_activation, activations)
        sections.append(Section("activations, in proportion to weights", bars))
    return sections


def sought(text: str, moment: Moment, neuron: Neuron) -> list[int]:
    """Which neurons behind a neuron, from 0, are looked for: by number, inputs also by name.

    Several are set apart by commas; at most eight are found.
    """
    units = moment.trace.units(neuron.layer - 1)
    names = [name.casefold() for name in moment.dataset.input_names] if neuron.layer == 1 else []
    found: dict[int, None] = {}
    for word in filter(None, (part.strip().casefold() for part in text.split(","))):
        if word.isdecimal():
            found |= {k: None for k in [int(word) - 1] if 0 <= k < units}
        else:
            found |= {k: None for k, name in enumerate(names) if word in name}
    return list(found)[:_SHOWN]


def costs(moment: Moment) -> list[Section]:
    """What the update did to the cost."""
    trace = moment.trace
    bars = [_moved("mini-batch", "C_batch", trace.batch_cost, trace.batch_cost_after)]
    before, after = trace.total_cost_before, trace.total_cost_after
    if before is not None and after is not None:
        bars.append(_moved("all training examples", "C", before, after))
    return [Section("cost, before → after", bars)]


def _moved(name: str, symbol: str, before: float, after: float) -> Bar:
    words = f"{symbol}: {exact(before)} → {exact(after)}"
    return Bar(name, " → ".join(before_and_after(before, after)), exact=words)


def _product(one: float, other: float, product: float) -> str:
    """Two factors and their product, with all their digits."""
    second = f"({exact(other)})" if other < 0 else exact(other)
    return f"{exact(one)} × {second} = {exact(product)}"


def _term(moment: Moment) -> str:
    return {
        "squared_error": "(a − y)²",
        "half_squared_error": "½(a − y)²",
        "mean_squared_error": "(a − y)² / K",
        "binary_cross_entropy": "−y ln a − (1−y) ln(1−a)",
        "cross_entropy": "−y ln a",
    }[moment.experiment.loss]


def _weight_name(moment: Moment, layer: int, k: int, behind: float) -> str:
    """A weight with the activation behind it; the name of an input says more than its number."""
    if layer > 1 or moment.dataset.image_size is not None:
        return f"w{_index(k)}  (a{_index(k)} = {short(behind)})"
    return f"w{_index(k)} · {moment.dataset.input_names[k]}  ({short(behind)})"


def _index(k: int) -> str:
    return subscript(k + 1)


def ranked(values: Floats, count: int = _SHOWN) -> list[int]:
    """Indices of the largest values, in order of size; one more where that hides nothing."""
    order = np.argsort(-np.abs(values), kind="stable")
    return [int(k) for k in order[: count if len(values) > count + 1 else count + 1]]


def _with_found(values: Floats, found: Collection[int]) -> list[int]:
    """The largest of the values, all where there are few, led by those looked for."""
    few = len(values) <= WHOLE
    largest = ranked(values, WHOLE if few else _SHOWN)
    return [*found, *(k for k in largest if k not in found)]


def _rest(values: Floats, shown: list[int]) -> list[Bar]:
    """A row that counts and sums what is not listed."""
    count = len(values) - len(shown)
    if not count:
        return []
    rest = float(np.delete(values, shown).sum(dtype=np.float64))
    name = f"{count} more, summed"
    return [Bar(name, signed(rest), exact=f"{name} = {exact(rest)}")]
