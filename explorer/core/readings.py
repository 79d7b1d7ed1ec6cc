"""What is read when pointing at a part of the network: its numbers, put into its formula."""

from __future__ import annotations

from explorer.core.moment import Moment
from explorer.core.numbers import bracketed, number, signed
from explorer.core.part_of_network import Neuron, Selectable, Weight, layer_title

SIGMA: dict[str, str] = {
    "linear": "z",
    "sigmoid": "σ(z)",
    "tanh": "tanh z",
    "relu": "max(0, z)",
    "leaky_relu": "max(0.01 z, z)",
    "elu": "elu(z)",
    "gelu": "gelu(z)",
    "silu": "z·σ(z)",
    "softplus": "ln(1+eᶻ)",
    "softmax": "softmax(z)",
}


def neuron_title(moment: Moment, neuron: Neuron) -> str:
    """A neuron's name: its layer and number, or for an output its label."""
    title = layer_title(neuron.layer, moment.n_layers)
    if neuron.layer == 0:
        return f"input {moment.dataset.input_names[neuron.index]}"
    if neuron.layer == moment.n_layers:
        return f"output neuron “{moment.dataset.output_label(neuron.index)}”"
    return f"{title} · neuron {neuron.index + 1}"


def title_of(moment: Moment, part: Selectable) -> str:
    """The name of a part of the network."""
    if isinstance(part, Neuron):
        return neuron_title(moment, part)
    source = _short(moment, Neuron(part.layer - 1, part.source))
    target = _short(moment, Neuron(part.layer, part.target))
    return f"weight {part} · {source} → {target}"


def reading(moment: Moment, part: Selectable) -> list[str]:
    """Lines of formulas with this moment's numbers, as far as the beat has computed them."""
    if isinstance(part, Weight):
        return _read_weight(moment, part)
    if part.layer == 0:
        return [f"x = {number(moment.trace.inputs[moment.example, part.index])}"]
    return _read_neuron(moment, part)


def _short(moment: Moment, neuron: Neuron) -> str:
    if neuron.layer == 0:
        return moment.dataset.input_names[neuron.index]
    if neuron.layer == moment.n_layers:
        return f"“{moment.dataset.output_label(neuron.index)}”"
    return f"{layer_title(neuron.layer, moment.n_layers)}, {neuron.index + 1}"


def _read_neuron(moment: Moment, neuron: Neuron) -> list[str]:
    trace, i, j = moment.trace, moment.example, neuron.index
    layer = trace.layers[neuron.layer - 1]
    bias = float((layer.bias_after if moment.updated else layer.bias_before)[j])
    lines = [f"b = {number(bias)}"]
    if moment.forward_done(neuron.layer):
        z, a = float(layer.z[i, j]), float(layer.activation[i, j])
        before = float(layer.bias_before[j])
        weighted = float(trace.activation(neuron.layer - 1)[i] @ layer.weight_before[j])
        sigma = SIGMA[moment.experiment.network.layers[neuron.layer - 1].activation]
        lines = [
            f"z = Σ w·a + b = {number(weighted)} + {bracketed(before)} = {number(z)}",
            f"a = {sigma} = {number(a)}",
        ]
        if neuron.layer == moment.n_layers:
            lines.append(f"y = {number(float(trace.targets[i, j]))}")
    if moment.backward_done(neuron.layer):
        wish = -float(layer.activation_gradient[i, j])
        lines.append(f"wish −∂C/∂a = {signed(wish)}")
        lines.append(f"δ = ∂C/∂z = {signed(float(layer.delta[i, j]))}")
    if moment.updated:
        old, new = float(layer.bias_before[j]), float(layer.bias_after[j])
        lines.append(f"b: {number(old)} → {number(new)}  (Δ {signed(new - old)})")
    return lines


def _read_weight(moment: Moment, weight: Weight) -> list[str]:
    layer = moment.trace.layers[weight.layer - 1]
    i, j, k = moment.example, weight.target, weight.source
    old, new = float(layer.weight_before[j, k]), float(layer.weight_after[j, k])
    a = float(moment.trace.activation(weight.layer - 1)[i, k])
    lines = [f"w = {number(new if moment.updated else old)}"]
    if moment.forward_done(weight.layer - 1) and not moment.updated:
        lines.append(f"w·a = {number(old)} × {bracketed(a)} = {number(old * a)}")
    if moment.backward_done(weight.layer) and not moment.updated:
        delta = float(layer.delta[i, j])
        lines.append(f"wish −δ·a = {number(-delta)} × {bracketed(a)} = {signed(-delta * a)}")
    if moment.beat.kind in ("average", "update"):
        lines.append(f"−∂C/∂w = {signed(-float(layer.weight_gradient[j, k]))} (mean)")
    if moment.updated:
        lines.append(f"w: {number(old)} → {number(new)}  (Δ {signed(new - old)})")
    return lines
