"""Sweeps made by hand: one pass of the numpy network for every value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from explorer.core.answers import Sweep
from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron, Weight


@pytest.fixture(scope="session")
def sweep_of(moment_of: Callable[..., Moment]) -> Callable[..., Sweep]:
    """Build the sweep of a part of ``moment_of``'s network; ``parts`` are what made the moment."""

    def build(
        moment: Moment, part: Weight | Neuron, points: int = 21, reach: float = 2.0, **parts: Any
    ) -> Sweep:
        weights = [layer.weight_before.copy() for layer in moment.trace.layers]
        biases = [layer.bias_before.copy() for layer in moment.trace.layers]
        if isinstance(part, Weight):
            array, at = weights[part.layer - 1], (part.target, part.source)
        else:
            array, at = biases[part.layer - 1], (part.index,)
        values = array[at] + np.linspace(-reach, reach, points)
        values[points // 2] = array[at]
        neuron = part.target if isinstance(part, Weight) else part.index
        rows = []
        for value in values:
            array[at] = value
            trace = moment_of(
                str(moment.beat),
                weights=weights,
                biases=biases,
                example=moment.example,
                **parts,
            ).trace
            layer, i = trace.layers[part.layer - 1], moment.example
            rows.append(
                (layer.z[i, neuron], layer.activation[i, neuron], trace.losses[i], trace.batch_cost)
            )
        z, activation, loss, batch_cost = np.array(rows).T.copy()
        return Sweep(
            moment.trace.update,
            part=part,
            example=moment.example,
            values=values,
            now=points // 2,
            z=z,
            activation=activation,
            loss=loss,
            batch_cost=batch_cost,
        )

    return build
