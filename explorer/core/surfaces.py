"""What every neuron says over the plane of two-dimensional data."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import torch

from explorer.core.data.dataset import Dataset, Floats
from explorer.core.network import ACTIVATION_FUNCTIONS, Network
from explorer.core.trace import Surface

Sheets: TypeAlias = tuple[Floats, ...]  # of layers 1 … L, each (n_l, G, G)


class Surfaces:
    """A grid over the plane, and a network's activations at its points.

    All points go through the network in one pass, a neuron's values next to each other.

    Parameters
    ----------
    dataset
        Two-dimensional: its ``features`` make inputs of points.
    points
        G, per side; row 0 is the lower edge.
    """

    def __init__(
        self, dataset: Dataset, points: int, dtype: torch.dtype, device: torch.device
    ) -> None:
        assert dataset.features is not None
        self.points = points
        self._extent = dataset.extent
        side = np.linspace(-dataset.extent, dataset.extent, points)
        x, y = np.meshgrid(side, side)
        inputs = dataset.features(np.stack([x.ravel(), y.ravel()], axis=1)).T
        self._inputs = torch.tensor(inputs, dtype=dtype, device=device).contiguous()  # (n₀, G²)
        self._input_sheet = self._inputs.cpu().numpy().reshape(-1, points, points).copy()

    @torch.no_grad()
    def sheets(self, network: Network) -> Sheets:
        """The activations of every layer; views of one array that nobody else has."""
        layers = network.layers
        units = [layer.out_features for layer in layers]
        rows = self._inputs.new_empty((sum(units), self._inputs.shape[1]))  # (n₁ + … + n_L, G²)
        a = self._inputs
        parts = rows.split(units)  # type: ignore[no-untyped-call]
        for layer, activation, z in zip(layers, network.activations, parts, strict=True):
            torch.addmm(layer.bias[:, None], layer.weight, a, out=z)
            softmax = activation == "softmax"  # along the neurons, which are rows here
            a = z.copy_(z.softmax(0) if softmax else ACTIVATION_FUNCTIONS[activation](z))
        drawn = rows.cpu().numpy().reshape(-1, self.points, self.points)
        return tuple(np.split(drawn, np.cumsum(units)[:-1]))

    def surface(self, before: Sheets | None, after: Sheets, *, inner: bool) -> Surface:
        """The outputs before and after an update; with ``inner`` also what leads to them."""
        leading = [(self._input_sheet, *x[:-1]) if inner and x else () for x in (before, after)]
        outputs = [x[-1] if inner else x[-1].copy() for x in (before, after) if x]
        return Surface(self._extent, outputs[0] if before else None, outputs[-1], *leading)
