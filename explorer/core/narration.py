"""The sentence above the drawing: what happens in this beat, with this beat's real numbers."""

from __future__ import annotations

from typing import Literal

import numpy as np
from msgspec import Struct

from explorer.core import nudges
from explorer.core.moment import Moment
from explorer.core.numbers import before_and_after, number, percent, signed
from explorer.core.part_of_network import Neuron, layer_name

Tone = Literal["plain", "strong", "positive", "negative"]


class Span(Struct, frozen=True):
    """A piece of the sentence and how it is coloured."""

    text: str
    tone: Tone = "plain"


def narrate(moment: Moment) -> list[Span]:
    """The sentence of a moment."""
    match moment.beat.kind:
        case "mini_batch":
            return _mini_batch(moment)
        case "forward":
            return _forward(moment)
        case "cost":
            return _cost(moment)
        case "backward":
            return _backward(moment)
        case "average":
            return _average(moment)
        case "update":
            return _update(moment)


def protagonist(moment: Moment) -> Neuron:
    """The neuron that the sentence names, and that is spoken of while none is selected.

    In a forward beat it is the strongest of the layer, in a backward beat the one that wishes
    most, otherwise the output that should be the largest.
    """
    kind, layer = moment.beat.kind, moment.beat.layer
    if kind == "forward":
        values = moment.trace.layers[layer - 1].activation[moment.example]
        return Neuron(layer, int(np.argmax(np.abs(values))))
    wishes = nudges.activation_wishes(moment.trace, layer or moment.n_layers, moment.example)
    if kind == "backward" and layer < moment.n_layers:
        return Neuron(layer, int(np.argmax(np.abs(wishes))))
    targets = moment.trace.targets[moment.example]
    if len(targets) > 1 and moment.dataset.train.classes is not None:
        return Neuron(moment.n_layers, int(np.argmax(targets)))
    return Neuron(moment.n_layers, int(np.argmax(np.abs(wishes))))


def subject(moment: Moment) -> str:
    """What the focused example is called in a sentence."""
    return f"This “{moment.label}”" if moment.label else "This example"


def tone_of(value: float) -> Tone:
    """Blue for what is above zero, orange for what is below."""
    return "positive" if value > 0 else "negative" if value < 0 else "strong"


def agreement_of(wishes: nudges.Wishes, scope: nudges.Scope) -> list[Span]:
    """How far the examples agree about a scope: their mean wish beside the wishes."""
    return [
        Span(f"over the {scope} the mean is "),
        Span(percent(wishes.agreement), "strong"),
        Span(" as long as the wishes on average"),
    ]


def _mini_batch(moment: Moment) -> list[Span]:
    trace = moment.trace
    size = trace.batch_size
    examples = "1 example is" if size == 1 else f"{size} examples are"
    spans = [
        Span(f"{examples} dealt", "strong"),
        Span(f": mini-batch {trace.mini_batch:,} of {trace.mini_batches:,} in epoch "),
        Span(f"{trace.epoch:,}. "),
    ]
    named = f", a “{moment.label}”," if moment.label else ""
    if size > 1:
        spans.append(Span(f"Example {moment.example + 1}{named} is in focus."))
    else:
        spans.append(Span("It is in focus."))
    return spans


def _forward(moment: Moment) -> list[Span]:
    layer = moment.beat.layer
    values = moment.trace.layers[layer - 1].activation[moment.example]
    behind = moment.trace.units(layer - 1)
    strongest = protagonist(moment).index
    each = (
        f"Each of the {len(values)} neurons of {layer_name(layer, moment.n_layers)}"
        if len(values) > 1
        else "The output neuron"
    )
    noun = "inputs" if layer == 1 else "activations"
    source = f"all {behind} {noun}" if behind > 1 else f"the one {noun[:-1]}"
    spans = [Span(f"{each} weighs {source}, adds its bias and applies its activation function")]
    if layer == moment.n_layers:
        name = moment.dataset.output_label(strongest)
        spans.append(Span("; " + ("output " if len(values) > 1 else "")))
        spans.append(Span(f"“{name}” says {number(float(values[strongest]), 2)}", "strong"))
    else:
        spans.append(Span("; the strongest, neuron "))
        spans.append(Span(f"{strongest + 1}, says {number(float(values[strongest]), 2)}", "strong"))
    return [*spans, Span(".")]


def _cost(moment: Moment) -> list[Span]:
    trace, i = moment.trace, moment.example
    worst = int(np.argmax(trace.loss_terms[i]))
    output, target = float(trace.layers[-1].activation[i, worst]), float(trace.targets[i, worst])
    spans = [Span(f"{subject(moment)} costs "), Span(number(float(trace.losses[i])), "strong")]
    if trace.loss_terms.shape[1] > 1:
        spans += [
            Span(", most of it from output "),
            Span(f"“{moment.dataset.output_label(worst)}”", "strong"),
            Span(f", which says {number(output, 2)} where {number(target, 2)} is desired"),
        ]
    else:
        spans.append(
            Span(f": the output says {number(output, 2)} where {number(target, 2)} is desired")
        )
    if trace.batch_size > 1:
        spans += [
            Span(f"; the {trace.batch_size} examples cost "),
            Span(number(trace.batch_cost), "strong"),
            Span(" on average"),
        ]
    return [*spans, Span(".")]


def _backward(moment: Moment) -> list[Span]:
    layer = moment.beat.layer
    wishes = nudges.activation_wishes(moment.trace, layer, moment.example)
    if layer == moment.n_layers:
        return _backward_output(moment, wishes)
    title = layer_name(layer, moment.n_layers)
    ahead = layer_name(layer + 1, moment.n_layers)
    most = protagonist(moment).index
    value = float(wishes[most])
    up, down = int((wishes > 0).sum()), int((wishes < 0).sum())
    return [
        Span(f"The wishes of {ahead} add up in {title}: "),
        *_counted(up, down),
        Span(f"; neuron {most + 1} wants "),
        Span(_direction(value), tone_of(value)),
        Span(" the most. They pass through σ′(z) to its weights and biases."),
    ]


def _backward_output(moment: Moment, wishes: np.ndarray) -> list[Span]:
    loss = moment.experiment.loss
    wanted = protagonist(moment).index
    value = float(wishes[wanted])
    name = moment.dataset.output_label(wanted)
    spans = [
        Span(f"{subject(moment)} wants output {name} "),
        Span(_direction(value), tone_of(value)),
    ]
    if len(wishes) == 1:
        return [*spans, Span(", the way that lowers its cost.")]
    if loss == "cross_entropy":
        return [
            *spans,
            Span("; through softmax the others are pushed "),
            Span("down", "negative"),
            Span(", each in proportion to its share."),
        ]
    others = np.delete(wishes, wanted)
    if not others.any():
        return [*spans, Span("; the others are to stay as they are.")]
    if (others < 0).all():
        rest = [Span("; everything else "), Span("down", "negative")]
    else:
        up, down = int((others > 0).sum()), int((others < 0).sum())
        rest = [Span("; of the others "), *_counted(up, down)]
    end = ", each in proportion to its distance from what it should be."
    return [*spans, *rest, Span(end if "squared" in loss else ".")]


def _counted(up: int, down: int) -> list[Span]:
    """How many wish up and how many down, leaving out what there is none of."""
    spans = []
    if up or not down:
        spans.append(Span(f"{up} up", "positive"))
    if up and down:
        spans.append(Span(" and "))
    if down:
        spans.append(Span(f"{down} down", "negative"))
    return spans


def _direction(value: float) -> str:
    if value == 0:
        return "nowhere (0)"
    return f"{'up' if value > 0 else 'down'} by {number(abs(value), 2)}"


def _average(moment: Moment) -> list[Span]:
    trace = moment.trace
    if trace.batch_size == 1:
        return [
            Span("A mini-batch of one: its wishes are the gradient, with the sign turned round.")
        ]
    wishes = nudges.Wishes.of(trace, protagonist(moment), "network")
    return [
        Span(f"The {trace.batch_size} examples’ wishes are averaged into "),
        Span("−∂C/∂w", "strong"),
        Span(". Where they disagree they cancel: "),
        *agreement_of(wishes, "network"),
        Span("."),
    ]


def _update(moment: Moment) -> list[Span]:
    trace = moment.trace
    change = trace.batch_cost_after - trace.batch_cost
    if moment.past:
        return [
            Span("Looking back at update "),
            Span(f"{trace.update:,}", "strong"),
            Span(", mini-batch cost "),
            Span(number(trace.batch_cost), "strong"),
            Span(". The run itself stays where it is."),
        ]
    if moment.live:
        return [
            Span(f"Training with {moment.experiment.optimizer.title}: update "),
            Span(f"{trace.update:,}", "strong"),
            Span(", mini-batch cost "),
            Span(number(trace.batch_cost), "strong"),
            Span("."),
        ]
    spans = [
        Span(f"{_who_moved(moment)} The mini-batch’s cost "),
        *_costs("stays" if change == 0 else "goes", trace.batch_cost, trace.batch_cost_after),
    ]
    if change:
        spans += [Span(" ("), Span(signed(change), "strong"), Span(")")]
    if trace.total_cost_before is not None and trace.total_cost_after is not None:
        spans.append(Span("; over all examples "))
        spans += _costs("", trace.total_cost_before, trace.total_cost_after)
    return [*spans, Span(".")]


def _costs(verb: str, before: float, after: float) -> list[Span]:
    """A cost before and after, once where it is the same to all digits that are written."""
    texts = before_and_after(before, after)
    shown = texts[:1] if texts[0] == texts[1] else texts
    return [Span(f"{verb} " if verb else ""), Span(" → ".join(shown), "strong")]


def _who_moved(moment: Moment) -> str:
    """How many parameters the update changed, and where the reason is plain, why not all."""
    moved = total = frozen = at_rest = 0
    for at, layer in enumerate(moment.trace.layers, start=1):
        for name, before, after, gradient in (
            (f"weight{at}", layer.weight_before, layer.weight_after, layer.weight_gradient),
            (f"bias{at}", layer.bias_before, layer.bias_after, layer.bias_gradient),
        ):
            moved += int(np.count_nonzero(before != after))
            total += before.size
            if name in moment.experiment.network.frozen:
                frozen += before.size
            else:
                at_rest += int(np.count_nonzero((before == after) & (gradient == 0)))
    if moved == total:
        return "Every parameter has moved."
    still, dtype = total - moved, moment.trace.dtype
    others = "the others" if moved else "all"
    if still == frozen:
        why = f", {others} are frozen"
    elif not moment.experiment.optimizer.learning_rate:
        why = ", the learning rate is 0"
    elif frozen:
        why = ""
    elif still == at_rest and moment.experiment.optimizer.only_by_gradient:
        why = f", the gradient of {others} is 0"
    elif at_rest:
        why = f"; {'the other' if moved else 'all'} steps are 0 or too small for {dtype}"
    else:
        why = f"; {'the other' if moved else 'all'} steps are too small for {dtype}"
    who = f"{moved:,} of {total:,} parameters have" if moved else "No parameter has"
    return f"{who} moved{why}."
