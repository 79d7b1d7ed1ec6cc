"""The formulas of the selected part at a moment, in LaTeX with this moment's numbers."""

from __future__ import annotations

from explorer.core.experiment import Activation, Loss
from explorer.core.moment import Moment
from explorer.core.narration import tone_of
from explorer.core.numbers import number, signed
from explorer.core.part_of_network import Neuron, Selectable, Weight
from explorer.views.formula import Line

_ACTIVATION: dict[Activation, str] = {
    "linear": "z",
    "sigmoid": r"\sigma(z)",
    "tanh": r"\tanh z",
    "relu": r"\max(0, z)",
    "leaky_relu": r"\max(\tfrac{z}{100}, z)",
    "elu": r"\mathrm{elu}(z)",
    "gelu": r"\mathrm{gelu}(z)",
    "silu": r"z\,\sigma(z)",
    "softplus": r"\ln(1+e^{z})",
    "softmax": r"\mathrm{softmax}(z)",
}
_COST: dict[Loss, str] = {
    "squared_error": "(a-y)^2",
    "half_squared_error": r"\tfrac{1}{2}(a-y)^2",
    "mean_squared_error": r"\tfrac{1}{K}(a-y)^2",
    "binary_cross_entropy": r"-y\ln a-(1-y)\ln(1-a)",
    "cross_entropy": r"-y\ln a",
}
_SLOPE: dict[Loss, str] = {
    "squared_error": "2(a-y)",
    "half_squared_error": "a-y",
    "mean_squared_error": r"\tfrac{2}{K}(a-y)",
    "binary_cross_entropy": r"\frac{a-y}{a(1-a)}",
    "cross_entropy": r"-\frac{y}{a}",
}


def lines_of(moment: Moment, part: Selectable) -> list[Line]:
    """The lines to show for a part, as many as the beat has computed."""
    if isinstance(part, Weight):
        return _weight_lines(moment, part)
    if part.layer == 0:
        value = float(moment.trace.inputs[moment.example, part.index])
        return [Line("x =", number(value))]
    return _neuron_lines(moment, part)


def _of_mean(moment: Moment, formulas: dict[Loss, str]) -> str:
    """A loss's formula; binary cross-entropy is a mean where there are several outputs."""
    loss = moment.experiment.loss
    if loss != "binary_cross_entropy" or moment.trace.targets.shape[1] == 1:
        return formulas[loss]
    return rf"\tfrac{{1}}{{K}}({formulas[loss]})"


def _neuron_lines(moment: Moment, neuron: Neuron) -> list[Line]:
    trace, i, j = moment.trace, moment.example, neuron.index
    layer = trace.layers[neuron.layer - 1]
    output = neuron.layer == moment.n_layers
    activation = moment.experiment.network.layers[neuron.layer - 1].activation
    bias = float((layer.bias_after if moment.updated else layer.bias_before)[j])
    if not moment.forward_done(neuron.layer):
        return [
            Line("b =", number(bias), tone_of(bias)),
            Line(r"z = \sum_k w_k a_k + b =", "…", "plain"),
            Line(f"a = {_ACTIVATION[activation]} =", "…", "plain"),
        ]
    z, a = float(layer.z[i, j]), float(layer.activation[i, j])
    lines = [
        Line(r"z = \sum_k w_k a_k + b =", number(z), tone_of(z)),
        Line(f"a = {_ACTIVATION[activation]} =", number(a)),
    ]
    if output and moment.beat.kind not in ("mini_batch", "forward"):
        term, target = float(trace.loss_terms[i, j]), float(trace.targets[i, j])
        lines[-1] = Line(f"a = {_ACTIVATION[activation]} =", f"{number(a)}    y = {number(target)}")
        lines.append(Line(f"C = {_of_mean(moment, _COST)} =", number(term)))
    if moment.backward_done(neuron.layer):
        by_a, delta = float(layer.activation_gradient[i, j]), float(layer.delta[i, j])
        slope = _of_mean(moment, _SLOPE) if output else r"\sum_j \delta_j w_j"
        lines.append(
            Line(rf"\frac{{\partial C}}{{\partial a}} = {slope} =", signed(by_a), tone_of(by_a))
        )
        through = r"\frac{\partial C}{\partial a}\,\sigma'(z)"
        if activation == "softmax":
            through = "a - y"
        lines.append(
            Line(
                rf"\delta = \frac{{\partial C}}{{\partial z}} = {through} =",
                signed(delta),
                tone_of(delta),
            )
        )
    return lines


def _weight_lines(moment: Moment, weight: Weight) -> list[Line]:
    trace, i, j, k = moment.trace, moment.example, weight.target, weight.source
    layer = trace.layers[weight.layer - 1]
    old, new = float(layer.weight_before[j, k]), float(layer.weight_after[j, k])
    a = float(trace.activation(weight.layer - 1)[i, k])
    shown = new if moment.updated else old
    lines = [Line(f"w_{{{j + 1},{k + 1}}} =", number(shown), tone_of(shown))]
    if moment.forward_done(weight.layer - 1) and not moment.updated:
        lines.append(Line(r"a_k =", number(a)))
        lines.append(Line(r"w\,a_k =", signed(old * a), tone_of(old * a)))
    if moment.backward_done(weight.layer):
        wish = -float(layer.delta[i, j]) * a
        lines.append(
            Line(
                r"-\frac{\partial C_i}{\partial w} = -\delta_j\,a_k =", signed(wish), tone_of(wish)
            )
        )
    if moment.beat.kind in ("average", "update"):
        mean = -float(layer.weight_gradient[j, k])
        lines.append(Line(r"-\frac{\partial C}{\partial w} =", signed(mean), tone_of(mean)))
    if moment.updated:
        change = new - old
        lines.append(Line(r"\Delta w =", signed(change), tone_of(change)))
    return lines
