"""The gradient of the mini-batch and what the optimizer makes of it, worked out by hand."""

from __future__ import annotations

import numpy as np

from explorer.core.data.dataset import Floats
from explorer.core.equations import Equation, Remark, Term, Value, long_sum
from explorer.core.experiment import Sgd
from explorer.core.moment import Moment
from explorer.core.numbers import subscript, superscript
from explorer.core.part_of_network import Neuron, Weight
from explorer.core.trace import Carried

_OF_BATCH = "∂C_batch/∂"


def symbol_of(part: Weight | Neuron) -> str:
    """A weight with its layer above and its ends below, or a neuron's bias."""
    if isinstance(part, Weight):
        return f"w{superscript(part.layer)}{subscript(part.target + 1, part.source + 1)}"
    return f"b{superscript(part.layer)}{subscript(part.index + 1)}"


def average_lines(
    moment: Moment, parts: list[Weight | Neuron], unlisted: int, most: int
) -> list[Equation | Remark]:
    """The mean over the mini-batch for each parameter, with what regularization adds.

    Of more than ``most`` examples only those that weigh most are written out.
    """
    size, kind = moment.trace.batch_size, moment.experiment.regularization.kind
    penalty = {"none": "", "l2": " + λ·w", "l1": " + λ·sign(w)"}[kind]
    if size == 1 and not penalty:
        one = "∂C_batch/∂w = ∂C₁/∂w: a mini-batch of one has its example’s gradient."
        return [Remark(one)]
    rule = "∂C₁/∂w" if size == 1 else f"(∂C₁/∂w + … + ∂C{subscript(size)}/∂w)/{size}"
    if size == 2:
        rule = "(∂C₁/∂w + ∂C₂/∂w)/2"
    biases = "; biases without λ" if penalty else ""
    lines: list[Equation | Remark] = [Remark(f"{_OF_BATCH}w = {rule}{penalty}{biases}")]
    lines += [_average(moment, part, most) for part in parts]
    return lines + _counted(unlisted)


def update_lines(
    moment: Moment, parts: list[Weight | Neuron], unlisted: int
) -> list[Equation | Remark]:
    """The new value of each parameter, and what the move did to the costs."""
    lines: list[Equation | Remark] = [Remark(_rule(moment))]
    for part in parts:
        lines += _update(moment, part)
    return [*lines, *_counted(unlisted), *_costs(moment)]


def _counted(unlisted: int) -> list[Equation | Remark]:
    return [Remark(f"{unlisted} more weights of smaller gradient are not listed.")] * bool(unlisted)


def _of(part: Weight | Neuron, weights: Floats, biases: Floats) -> Value:
    """The part's own number out of its layer's."""
    if isinstance(part, Weight):
        return weights[part.target, part.source]  # type: ignore[no-any-return]
    return biases[part.index]  # type: ignore[no-any-return]


def _gradient(moment: Moment, part: Weight | Neuron) -> Term:
    layer = moment.trace.layers[part.layer - 1]
    value = _of(part, layer.weight_gradient, layer.bias_gradient)
    return Term(f"{_OF_BATCH}{symbol_of(part)}", value)


def _average(moment: Moment, part: Weight | Neuron, most: int) -> Equation:
    trace, layer = moment.trace, moment.trace.layers[part.layer - 1]
    each = layer.delta[:, part.target if isinstance(part, Weight) else part.index].astype(float)
    if isinstance(part, Weight):
        each = each * trace.activation(part.layer - 1)[:, part.source]
    shares = [
        (Term(f"∂C{subscript(m + 1)}/∂{symbol_of(part)}", value),) for m, value in enumerate(each)
    ]
    template, terms = long_sum("{}", shares, most)
    if trace.batch_size > 1:
        template = f"({template})/{trace.batch_size}"
    regularization = moment.experiment.regularization
    if regularization.kind != "none" and isinstance(part, Weight):
        before = _of(part, layer.weight_before, layer.bias_before)
        symbol = symbol_of(part)
        pulled = Term(symbol, before)
        if regularization.kind == "l1":
            pulled = Term(f"sign({symbol})", float(np.sign(before)))
        template += " + {}·{}"
        terms = (*terms, Term("λ", regularization.rate), pulled)
    gradient = _gradient(moment, part)
    return Equation(gradient.symbol, template, terms, gradient.value, in_symbols=False)


def _plain(optimizer: object) -> bool:
    """Whether it is SGD whose step follows from η, the gradient and a velocity alone."""
    return (
        isinstance(optimizer, Sgd)
        and not optimizer.weight_decay
        and not optimizer.nesterov
        and not (optimizer.momentum and optimizer.dampening)
    )


def _rule(moment: Moment) -> str:
    optimizer = moment.experiment.optimizer
    rate = f"η = {optimizer.learning_rate:g}"
    if not _plain(optimizer):
        return f"w ← w + Δw, where Δw is what {optimizer.title} applied, {rate}"
    momentum = getattr(optimizer, "momentum", 0.0)
    if momentum:
        return f"v ← μ·v + ∂C_batch/∂w, w ← w − η·v, {rate}, μ = {momentum:g}"
    return f"w ← w − η·∂C_batch/∂w, {rate}"


def _update(moment: Moment, part: Weight | Neuron) -> list[Equation | Remark]:
    layer, symbol = moment.trace.layers[part.layer - 1], symbol_of(part)
    before = Term(symbol, _of(part, layer.weight_before, layer.bias_before))
    after = _of(part, layer.weight_after, layer.bias_after)
    name = f"{'weight' if isinstance(part, Weight) else 'bias'}{part.layer}"
    if name in moment.experiment.network.frozen:
        return [Equation(symbol, "", (), before.value, note="frozen")]
    optimizer = moment.experiment.optimizer
    rate = Term("η", optimizer.learning_rate)
    if not _plain(optimizer):
        change = Term(f"Δ{symbol}", _of(part, layer.weight_change, layer.bias_change))
        return [_moved(symbol, "{} + {}", (before, change), after)]
    carried = layer.weight_carried if isinstance(part, Weight) else layer.bias_carried
    if not carried:
        gradient = _gradient(moment, part)
        return [_moved(symbol, "{} − {}·{}", (before, rate, gradient), after)]
    return _with_momentum(moment, part, carried[0], before, after)


def _with_momentum(
    moment: Moment, part: Weight | Neuron, carried: Carried, before: Term, after: Value
) -> list[Equation | Remark]:
    optimizer = moment.experiment.optimizer
    assert isinstance(optimizer, Sgd)
    velocity = f"v({before.symbol})"
    old = Term(velocity, _of(part, carried.before, carried.before))
    new = Term(velocity, _of(part, carried.after, carried.after))
    terms = (Term("μ", optimizer.momentum), old, _gradient(moment, part))
    rate = Term("η", optimizer.learning_rate)
    return [
        _moved(velocity, "{}·{} + {}", terms, new.value),
        _moved(before.symbol, "{} − {}·{}", (before, rate, new), after),
    ]


def _moved(symbol: str, template: str, terms: tuple[Term, ...], value: Value) -> Equation:
    return Equation(symbol, template, terms, value, relation="←", in_symbols=False)


def _costs(moment: Moment) -> list[Equation | Remark]:
    """The costs before and after, on the same examples."""
    trace = moment.trace
    lines = _change("C_batch", trace.batch_cost, trace.batch_cost_after)
    before, after = trace.total_cost_before, trace.total_cost_after
    if before is not None and after is not None and len(trace.order) > trace.batch_size:
        lines += _change("C", before, after)
    return lines


def _change(symbol: str, before: float, after: float) -> list[Equation | Remark]:
    terms = (Term(f"{symbol} after", after), Term(f"{symbol} before", before))
    change = Equation(f"Δ{symbol}", "{} − {}", terms, after - before, in_symbols=False)
    return [
        Equation(f"{symbol} before", "", (), before, signed=False),
        Equation(f"{symbol} after", "", (), after, signed=False),
        change,
    ]
