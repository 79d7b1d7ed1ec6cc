"""How near the mini-batch gradient comes to the full-batch gradient, and what each costs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from explorer.core.answers import Answer, Comparison
from explorer.core.data.dataset import Floats
from explorer.core.trace import Trace

if TYPE_CHECKING:
    from explorer.core.network import Network
    from explorer.core.trainer import Trainer


class ComparisonQuestion(Struct, frozen=True):
    """Asks for both gradients at the parameters before the update; frozen ones are left out."""

    def work(self, trainer: Trainer, trace: Trace) -> Iterator[float | Answer]:
        """Compute the full-batch gradient a part at a time, then compare."""
        from explorer.core.full_batch import compute_gradient

        network = trainer.network_at(trace)
        yield from compute_gradient(trainer, network)
        free = trainer.free.numpy()
        full_batch = full_batch_gradient(network)[free]
        mini_batch = mini_batch_gradient(trace)[free]
        cosine, angle = between(mini_batch, full_batch)
        yield Comparison(
            update=trace.update,
            cosine=cosine,
            angle=angle,
            mini_batch_length=float(np.linalg.norm(mini_batch)),
            full_batch_length=float(np.linalg.norm(full_batch)),
            mini_batch_examples=trace.batch_size,
            full_batch_examples=len(trainer.dataset.train),
        )


def mini_batch_gradient(trace: Trace) -> Floats:
    """The gradient of an update as one vector (P,), in the order of ``Network.flat``."""
    pairs = [(layer.weight_gradient, layer.bias_gradient) for layer in trace.layers]
    return np.concatenate([part.ravel() for pair in pairs for part in pair]).astype(float)


def full_batch_gradient(network: Network) -> Floats:
    """The gradient that the trainer left in a network, as one vector (P,)."""
    return np.array(network.flat_gradient.cpu().numpy(), float)


def between(one: Floats, other: Floats) -> tuple[float, float]:
    """Cosine and angle in degrees between two vectors; NaN where one of them is zero."""
    lengths = np.linalg.norm(one), np.linalg.norm(other)
    if not all(lengths):
        return math.nan, math.nan
    u, v = one / lengths[0], other / lengths[1]
    # Not by the arc cosine, which makes of the last bit of 1 an angle that can be seen.
    half = math.atan2(float(np.linalg.norm(u - v)), float(np.linalg.norm(u + v)))
    return math.cos(2 * half), math.degrees(2 * half)
