"""Capturing what is sent to a device, to send it again in one go: CUDA graphs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch

Work = Callable[[], None]


class Capture(Protocol):
    """Makes of some work on fixed tensors what does the same work again, only faster."""

    def __call__(self, work: Work) -> Work:
        """Capture the work; it may be done a few times on the way."""
        ...


_WARM_UPS = 3


def capture_on_cuda(work: Work) -> Work:
    """Capture work as a CUDA graph, after doing it aside until every library has set itself up."""
    aside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):
        for _ in range(_WARM_UPS):
            work()
    torch.cuda.current_stream().wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        work()
    return graph.replay
