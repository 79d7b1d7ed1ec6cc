"""Updates on a CUDA device, beside the eager loop on it."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.networks import Case
from tests.benchmarks.race import Contender, Figure, race
from tests.benchmarks.training import eager, engine

_CASE = Case((784, 512, 512, 10), "sigmoid", 256, 0.1)


def figures(seconds: float) -> Iterator[Figure]:
    """Of a network that is large enough for one."""
    contenders = [
        Contender("eager torch + torch.optim on CUDA", eager(_CASE, "cuda")),
        Contender("engine on CUDA", engine(_CASE, "auto", 50, "cuda")),
    ]
    yield from race("cuda", _CASE.name, contenders, "updates/s", seconds)
