"""The trace of one update: everything torch computed, frozen, in numpy. No torch here."""

from __future__ import annotations

from typing import Any

import numpy as np

from explorer.core.data.dataset import Floats, Ints
from explorer.core.experiment import Experiment, Initial
from explorer.core.frozen import Frozen
from explorer.core.part_of_network import Neuron, Weight


class Carried(Frozen, frozen=True, eq=False):
    """What the optimizer carries from update to update for one parameter.

    Attributes
    ----------
    name : str
        torch's name for it: ``momentum_buffer``, ``exp_avg``, ``exp_avg_sq``, ``sum``, …
    before, after : shape of the parameter
        Before and after the update; zero before the first.
    """

    name: str
    before: Floats
    after: Floats


class LayerTrace(Frozen, frozen=True, eq=False):
    """One layer of a trace; B examples, n neurons, m neurons in the layer before.

    Attributes
    ----------
    z, activation : (B, n)
    delta, activation_gradient : (B, n)
        ∂Cᵢ/∂z and ∂Cᵢ/∂a of each example, not divided by B.
    weight_before, weight_gradient, weight_after : (n, m)
    bias_before, bias_gradient, bias_after : (n,)
        Gradients are of the mean over the mini-batch, regularization included.
    weight_carried, bias_carried : tuple of Carried
        What the optimizer carries for them; empty for plain SGD and for frozen parameters.
    """

    z: Floats
    activation: Floats
    delta: Floats
    activation_gradient: Floats
    weight_before: Floats
    weight_gradient: Floats
    weight_after: Floats
    bias_before: Floats
    bias_gradient: Floats
    bias_after: Floats
    weight_carried: tuple[Carried, ...] = ()
    bias_carried: tuple[Carried, ...] = ()

    @property
    def weight_change(self) -> Floats:
        """Δw, what the optimizer really applied, (n, m)."""
        return np.asarray(self.weight_after - self.weight_before)

    @property
    def bias_change(self) -> Floats:
        """Δb, what the optimizer really applied, (n,)."""
        return np.asarray(self.bias_after - self.bias_before)

    @property
    def units(self) -> int:
        """The number of neurons."""
        return len(self.bias_before)


class Surface(Frozen, frozen=True, eq=False):
    """The network's outputs over the plane: ``before`` and ``after`` the update, (n_L, G, G).

    Row 0 is the lower edge; the square reaches from −extent to +extent in both directions. Those
    before the update are None where nobody asked for them.

    Attributes
    ----------
    inner_before, inner_after : (n_l, G, G) of layers 0 … L−1
        What leads to the outputs: the inputs and the activations of the hidden layers. Empty
        when nobody asked for them.
    """

    extent: float
    before: Floats | None
    after: Floats
    inner_before: tuple[Floats, ...] = ()
    inner_after: tuple[Floats, ...] = ()

    def sheets(self, *, after: bool) -> tuple[Floats, ...]:
        """The activations of layers 0 … L over the plane, each (n_l, G, G); empty without inner."""
        inner = self.inner_after if after else self.inner_before
        outputs = self.after if after else self.before
        return (*inner, outputs) if inner and outputs is not None else ()


class Trace(Frozen, frozen=True, eq=False):
    """One update, recorded whole.

    Attributes
    ----------
    update, epoch, mini_batch, mini_batches : int
        All counted from 1; ``mini_batch`` of ``mini_batches`` in this epoch.
    indices : (B,)
        The examples of the mini-batch, as indices into the training examples.
    order, offset : (N,), int
        The epoch's order of all training examples, and where this mini-batch starts in it.
    inputs, targets : (B, n₀), (B, n_L)
    loss_terms : (B, n_L)
        Each output's share of each example's cost; the rows sum to ``losses``.
    losses : (B,)
    batch_cost, batch_cost_after : float
        Mean over the mini-batch, on the same examples, before and after the update.
    total_cost_before, total_cost_after : float or None
        Mean over all training examples; None while playing between measurements.
    penalty : float
        What regularization adds to the cost, before the update; apart from the costs above.
    """

    experiment: Experiment
    update: int
    epoch: int
    mini_batch: int
    mini_batches: int
    indices: Ints
    order: Ints
    offset: int
    inputs: Floats
    targets: Floats
    layers: tuple[LayerTrace, ...]
    loss_terms: Floats
    losses: Floats
    batch_cost: float
    batch_cost_after: float
    total_cost_before: float | None
    total_cost_after: float | None
    penalty: float
    device: str
    dtype: str
    surface: Surface | None = None

    @property
    def batch_size(self) -> int:
        """B, the number of examples in this mini-batch."""
        return len(self.indices)

    def activation(self, layer: int) -> Floats:
        """aˡ, (B, n_l), counted as in the mathematics: layer 0 is the inputs."""
        return self.inputs if layer == 0 else self.layers[layer - 1].activation

    def units(self, layer: int) -> int:
        """n_l, where layer 0 is the inputs."""
        return int(self.activation(layer).shape[1])

    def parameter(self, part: Weight | Neuron) -> float:
        """A weight, or a neuron's bias, as it was before the update."""
        layer = self.layers[part.layer - 1]
        if isinstance(part, Weight):
            return float(layer.weight_before[part.target, part.source])
        return float(layer.bias_before[part.index])

    @property
    def initial(self) -> Initial:
        """The parameters before the update, as the explicit start of an experiment."""
        return Initial(
            weights=tuple(tuple(map(tuple, layer.weight_before.tolist())) for layer in self.layers),
            biases=tuple(tuple(layer.bias_before.tolist()) for layer in self.layers),
        )

    def plain(self) -> dict[str, Any]:
        """The trace as the dictionaries and lists of the documented JSON object."""
        result: dict[str, Any] = {
            "update": self.update,
            "epoch": self.epoch,
            "mini_batch": self.mini_batch,
            "mini_batches": self.mini_batches,
            "indices": self.indices.tolist(),
            "inputs": self.inputs.tolist(),
            "targets": self.targets.tolist(),
            "layers": [
                {
                    name: getattr(layer, name).tolist()
                    for name in layer.__struct_fields__
                    if not name.endswith("_carried")
                }
                for layer in self.layers
            ],
            "losses": self.losses.tolist(),
            "batch_cost": self.batch_cost,
            "batch_cost_after": self.batch_cost_after,
            "total_cost_before": self.total_cost_before,
            "total_cost_after": self.total_cost_after,
            "device": self.device,
            "dtype": self.dtype,
        }
        if self.experiment.regularization.kind != "none":
            result["regularization"] = self.penalty
        return result
