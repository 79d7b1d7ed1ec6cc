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
    stream = torch.cuda.current_stream()
    aside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    aside.wait_stream(stream)
    with torch.cuda.stream(aside):
        for _ in range(_WARM_UPS):
            work()
    stream.wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    try:
        with torch.cuda.graph(graph):
            work()
    finally:
        torch.cuda.set_stream(stream)  # where torch stays in its own, if the capture fails
    return graph.replay
