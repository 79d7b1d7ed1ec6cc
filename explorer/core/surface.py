"""A network's outputs over the plane of two-dimensional data."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from explorer.core.data.dataset import Dataset, Floats
from explorer.core.network import Network
from explorer.core.tensors import copied


class SurfaceGrid:
    """The points of a grid over the plane, as inputs of a network.

    Row 0 is the lower edge; the square reaches from −extent to +extent in both directions.
    """

    def __init__(self, dataset: Dataset, points: int, like: Tensor) -> None:
        assert dataset.features is not None
        self.points = points
        side = np.linspace(-dataset.extent, dataset.extent, points)
        x, y = np.meshgrid(side, side)
        inputs = dataset.features(np.stack([x.ravel(), y.ravel()], axis=1))
        self._inputs = torch.tensor(inputs, dtype=like.dtype, device=like.device)

    @torch.no_grad()
    def outputs(self, network: Network) -> Floats:
        """The outputs at every point, (n_L, points, points)."""
        return copied(network(self._inputs).T).reshape(-1, self.points, self.points)
