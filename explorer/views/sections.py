"""What the inspector lists in each beat, from a moment and the selected part. No drawing here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from explorer.core import nudges
from explorer.core.data.dataset import Floats
from explorer.core.moment import Moment
from explorer.core.narration import protagonist
from explorer.core.numbers import Column, before_and_after, exact, number, short, subscript
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
    column = Column.for_largest(scale)
    order = ranked(terms)
    bars = [
        Bar(
            f"w{_index(k)}·a{_index(k)}  ({short(weights[k])} × {short(behind[k])})",
            column.text(float(terms[k]), plus=True),
            float(terms[k]) / scale,
            Weight(neuron.layer, neuron.index, k),
            exact=f"w{_index(k)}·a{_index(k)} = {_product(weights[k], behind[k], terms[k])}",
        )
        for k in order
    ]
    bars += _rest(terms, order, column)
    said = column.text(bias, plus=True)
    bars.append(Bar("bias b", said, bias / scale, neuron, exact=f"b = {exact(bias)}"))
    bars.append(Bar("sum z", column.text(z, plus=True), strong=True, exact=f"z = {exact(z)}"))
    return [Section("terms, the largest first", bars)]


def cost_terms(moment: Moment) -> list[Section]:
    """What each output adds to the cost of the focused example, and the mini-batch's mean."""
    trace, i = moment.trace, moment.example
    terms = trace.loss_terms[i]
    scale = float(terms.max()) or 1.0
    column = Column.for_largest(scale)
    outputs = trace.layers[-1].activation[i]
    order = range(len(terms)) if len(terms) <= 12 else ranked(terms, 11)
    bars = [
        Bar(
            f"{moment.dataset.output_label(j)} ({short(outputs[j])}, {short(trace.targets[i, j])})",
            column.text(float(terms[j])),
            float(terms[j]) / scale,
            Neuron(moment.n_layers, j),
            signed=False,
            exact=f"a = {exact(outputs[j])}, y = {exact(trace.targets[i, j])}, "
            f"{_term(moment)} = {exact(terms[j])}",
        )
        for j in order
    ]
    bars += _rest(terms, list(order), column)
    loss = float(trace.losses[i])
    name = f"sum: cost of example {i + 1}"
    bars.append(Bar(name, column.text(loss), strong=True, exact=f"Cᵢ = {exact(loss)}"))
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


def three_ways(moment: Moment, neuron: Neuron, found: Sequence[int] | None = None) -> list[Section]:
    """The ways to grant a neuron's wish: bias, weights, and of a layer the activations behind it.

    Of many the largest are listed; those of the neurons behind named in ``found`` stand apart,
    before them. None is for no search, an empty sequence for one that found nothing.
    """
    ways, apart = _Ways(moment, neuron), found or ()
    first = [Section("nothing found")] if found is not None and not found else []
    sections = [Section("its bias  (−δ)", [ways.by_bias()])]
    kinds = [("weight", "its weights, in proportion to activations", ways.weights, ways.by_weight)]
    if neuron.layer > 1:
        title = "activations, in proportion to weights"
        kinds.append(("activation", title, ways.activations, ways.by_activation))
    for noun, title, values, bar in kinds:
        first += _found(noun, values, apart, bar, ways.column)
        sections.append(_largest(title, values, apart, bar, ways.column))
    if neuron.layer == 1:
        sections.append(Section("inputs cannot be moved"))
    return first + sections


class _Ways:
    """What a neuron's wish asks of its bias, its weights and the activations behind, as rows."""

    def __init__(self, moment: Moment, neuron: Neuron) -> None:
        self._moment, self._neuron = moment, neuron
        trace, layer, j, i = moment.trace, neuron.layer, neuron.index, moment.example
        self._bias = float(nudges.bias_wishes(trace, layer, i)[j])
        self.weights = nudges.weight_wishes(trace, layer, i)[j]
        self.activations = nudges.handed_back(trace, layer, i)[j]
        self._behind = trace.activation(layer - 1)[i]
        self._before = trace.layers[layer - 1].weight_before[j]
        largest = [np.abs(v).max() for v in (self._bias, self.weights, self.activations)]
        self._scale = float(max(largest)) or 1.0
        self.column = Column.for_largest(self._scale)
        self._factors = Column.for_largest(float(np.abs(self._before).max()), 2)

    def by_bias(self) -> Bar:
        """−δ."""
        return self._bar("b", self._bias, self._neuron, f"−∂Cᵢ/∂b = −δ = {exact(self._bias)}")

    def by_weight(self, k: int) -> Bar:
        """−δ·a_k."""
        value, behind = float(self.weights[k]), float(self._behind[k])
        layer, target = self._neuron.layer, self._neuron.index
        words = f"−∂Cᵢ/∂w{_index(k)} = −δ·a{_index(k)} = {_product(self._bias, behind, value)}"
        name = _weight_name(self._moment, layer, k, behind)
        return self._bar(name, value, Weight(layer, target, k), words)

    def by_activation(self, k: int) -> Bar:
        """−δ·w_k."""
        value, weight = float(self.activations[k]), float(self._before[k])
        words = f"−δ·w{_index(k)} = {_product(self._bias, weight, value)}"
        name = f"a{_index(k)}  (w{_index(k)} = {self._factors.text(weight, plus=True)})"
        return self._bar(name, value, Neuron(self._neuron.layer - 1, k), words)

    def _bar(self, name: str, value: float, part: Selectable, words: str) -> Bar:
        said = self.column.text(value, plus=True)
        return Bar(name, said, value / self._scale, part, exact=words)


def _found(
    noun: str, values: Floats, found: Sequence[int], bar: Callable[[int], Bar], column: Column
) -> list[Section]:
    """What was looked for: up to so many rows, in the order looked for, the others counted."""
    if not found:
        return []
    shown = list(found)
    if len(found) > WHOLE:
        largest = set(ranked(values[shown], WHOLE)[:WHOLE])
        shown = [k for at, k in enumerate(found) if at in largest]
    bars = [bar(k) for k in shown]
    rest = [k for k in found if k not in shown]
    if rest:
        total = float(values[rest].sum(dtype=np.float64))
        name = f"{len(rest)} more found, summed"
        bars.append(Bar(name, column.text(total, plus=True), exact=f"{name} = {exact(total)}"))
    return [Section(f"found: {len(found)} {noun}{'s' if len(found) > 1 else ''}", bars)]


def _largest(
    title: str, values: Floats, apart: Sequence[int], bar: Callable[[int], Bar], column: Column
) -> Section:
    """The largest of the values, all where there are few, and the others summed; some apart."""
    others = np.setdiff1d(np.arange(len(values)), apart)
    few = len(values) <= WHOLE
    order = [int(others[k]) for k in ranked(values[others], WHOLE if few else _SHOWN)]
    return Section(title, [bar(k) for k in order] + _rest(values, [*order, *apart], column))


def sought(text: str, moment: Moment, neuron: Neuron) -> list[int] | None:
    """Which neurons behind a neuron, from 0, are looked for: by number, inputs also by name.

    Several are set apart by commas. None where nothing is looked for.
    """
    words = [part.strip().casefold() for part in text.split(",") if part.strip()]
    if not words:
        return None
    units = moment.trace.units(neuron.layer - 1)
    names = [name.casefold() for name in moment.dataset.input_names] if neuron.layer == 1 else []
    found: dict[int, None] = {}
    for word in words:
        if word.isdecimal():
            found |= {k: None for k in [int(word) - 1] if 0 <= k < units}
        else:
            found |= {k: None for k, name in enumerate(names) if word in name}
    return list(found)


def costs(moment: Moment) -> list[Section]:
    """What the update did to the cost."""
    trace = moment.trace
    bars = [_moved("mini-batch", "C_batch", trace.batch_cost, trace.batch_cost_after)]
    before, after = trace.total_cost_before, trace.total_cost_after
    if before is not None and after is not None:
        bars.append(_moved("total", "C", before, after))
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


def _rest(values: Floats, shown: list[int], column: Column) -> list[Bar]:
    """A row that counts and sums what is not listed."""
    count = len(values) - len(shown)
    if not count:
        return []
    rest = float(np.delete(values, shown).sum(dtype=np.float64))
    name = f"{count} more, summed"
    return [Bar(name, column.text(rest, plus=True), exact=f"{name} = {exact(rest)}")]
