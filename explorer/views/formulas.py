"""The formulas of the selected part at a moment, in LaTeX with this moment's numbers."""

from __future__ import annotations

from explorer.core.experiment import Activation, Loss
from explorer.core.moment import Moment
from explorer.core.narration import tone_of
from explorer.core.numbers import exact, number, signed
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
        return [_line("x =", "x", value)]
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
            _line("b =", "b", bias, coloured=True),
            Line(r"z = \sum_k w_k a_k + b =", "…", "plain"),
            Line(f"a = {_ACTIVATION[activation]} =", "…", "plain"),
        ]
    z, a = float(layer.z[i, j]), float(layer.activation[i, j])
    lines = [
        _line(r"z = \sum_k w_k a_k + b =", "z", z, coloured=True),
        _line(f"a = {_ACTIVATION[activation]} =", "a", a),
    ]
    if output and moment.beat.kind not in ("mini_batch", "forward"):
        term, target = float(trace.loss_terms[i, j]), float(trace.targets[i, j])
        both = f"{number(a)}    y = {number(target)}"
        words = f"a = {exact(a)}, y = {exact(target)}"
        lines[-1] = Line(f"a = {_ACTIVATION[activation]} =", both, exact=words)
        lines.append(_line(f"C = {_of_mean(moment, _COST)} =", "its share of Cᵢ", term))
    if moment.backward_done(neuron.layer):
        by_a, delta = float(layer.activation_gradient[i, j]), float(layer.delta[i, j])
        slope = _of_mean(moment, _SLOPE) if output else r"\sum_j \delta_j w_j"
        lines.append(_signed(rf"\frac{{\partial C}}{{\partial a}} = {slope} =", "∂Cᵢ/∂a", by_a))
        through = r"\frac{\partial C}{\partial a}\,\sigma'(z)"
        if activation == "softmax":
            through = "a - y"
        lines.append(
            _signed(
                rf"\delta = \frac{{\partial C}}{{\partial z}} = {through} =", "δ = ∂Cᵢ/∂z", delta
            )
        )
    return lines


def _weight_lines(moment: Moment, weight: Weight) -> list[Line]:
    trace, i, j, k = moment.trace, moment.example, weight.target, weight.source
    layer = trace.layers[weight.layer - 1]
    old, new = float(layer.weight_before[j, k]), float(layer.weight_after[j, k])
    a = float(trace.activation(weight.layer - 1)[i, k])
    shown = new if moment.updated else old
    lines = [_line(f"w_{{{j + 1},{k + 1}}} =", str(weight), shown, coloured=True)]
    if moment.forward_done(weight.layer - 1) and not moment.updated:
        lines.append(_line(r"a_k =", "a", a))
        lines.append(_signed(r"w\,a_k =", "w·a", old * a))
    if moment.backward_done(weight.layer):
        wish = -float(layer.delta[i, j]) * a
        latex = r"-\frac{\partial C_i}{\partial w} = -\delta_j\,a_k ="
        lines.append(_signed(latex, "−∂Cᵢ/∂w", wish))
    if moment.beat.kind in ("average", "update"):
        mean = -float(layer.weight_gradient[j, k])
        lines.append(_signed(r"-\frac{\partial C}{\partial w} =", "−∂C/∂w", mean))
    if moment.updated:
        lines.append(_signed(r"\Delta w =", "Δw", new - old))
    return lines


def _line(latex: str, symbol: str, value: float, *, coloured: bool = False) -> Line:
    tone = tone_of(value) if coloured else "strong"
    return Line(latex, number(value), tone, f"{symbol} = {exact(value)}")


def _signed(latex: str, symbol: str, value: float) -> Line:
    return Line(latex, signed(value), tone_of(value), f"{symbol} = {exact(value)}")
