"""The gradient over all training examples, and the updates that would be made on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from explorer.core import losses
from explorer.core.engines.reference import step

if TYPE_CHECKING:
    from explorer.core.network import Network
    from explorer.core.trainer import Trainer

_EXAMPLES_AT_ONCE = 8192  # bounds the memory of a pass over all of them
_PRODUCTS_AT_ONCE = 2**25  # between two pauses


def compute_gradient(trainer: Trainer, network: Network) -> Iterator[float]:
    """Leave the gradient over all training examples in a network's ``flat_gradient``.

    It is that of the mean cost, regularization included, as an update's is of its mini-batch.
    Pauses on the way, with the fraction done.
    """
    inputs, targets = trainer.training_examples
    n = len(inputs)
    at_once = min(max(_PRODUCTS_AT_ONCE // network.flat.numel(), 64), _EXAMPLES_AT_ONCE)
    network.flat_gradient.zero_()
    penalty = losses.penalty(trainer.experiment.regularization, network.weights())
    for start in range(0, n, at_once):
        rows = slice(start, start + at_once)
        z, a = network.values(inputs[rows])[-1]
        share = losses.losses(trainer.experiment.loss, z, a, targets[rows]).sum() / n
        objective = share if start else share + penalty
        objective.backward()  # type: ignore[no-untyped-call]
        yield min(start + at_once, n) / n


def full_batch_update(twin: Trainer) -> Iterator[None]:
    """Let the optimizer step on the full-batch gradient; the deck and the history stay.

    Pauses on the way. The settings that were taken up after as many updates of the run are
    taken up here too. What becomes infinite is not refused, and the trainer is of no use for
    anything else, so let it be a twin.
    """
    for _ in compute_gradient(twin, twin.network):
        yield
    step(twin.optimizer)
    twin.update += 1
    twin.take_up_settings()
