"""Beats: how much of a trace is shown, and their order."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal, TypeAlias, get_args

from msgspec import Struct

Kind: TypeAlias = Literal["mini_batch", "forward", "cost", "backward", "average", "update"]
KINDS: tuple[Kind, ...] = get_args(Kind)
TITLES: dict[Kind, str] = {
    "mini_batch": "Mini-batch",
    "forward": "Forward",
    "cost": "Cost",
    "backward": "Backward",
    "average": "Average",
    "update": "Update",
}

Granularity: TypeAlias = Literal["beat", "example", "mini_batch", "epoch"]
GRANULARITIES: tuple[Granularity, ...] = get_args(Granularity)


class Beat(Struct, frozen=True):
    """One beat of an update; ``layer`` counts from 1 in forward and backward beats, else 0."""

    kind: Kind
    layer: int = 0

    def __str__(self) -> str:
        return f"{self.kind}:{self.layer}" if self.layer else self.kind


@cache
def beats_of(n_layers: int) -> tuple[Beat, ...]:
    """All beats of one update of a network with ``n_layers`` layers that have weights."""
    forward = (Beat("forward", layer) for layer in range(1, n_layers + 1))
    backward = (Beat("backward", layer) for layer in range(n_layers, 0, -1))
    return (
        Beat("mini_batch"),
        *forward,
        Beat("cost"),
        *backward,
        Beat("average"),
        Beat("update"),
    )


def parse_beat(text: str, n_layers: int) -> Beat:
    """Read a beat such as ``cost`` or ``backward:2``.

    Raises
    ------
    ValueError
        When the network has no such beat; the message lists those it has.
    """
    match = re.fullmatch(r"([a-z_]+)(?::(\d+))?", text.replace("-", "_"))
    beats = beats_of(n_layers)
    if match is not None:
        kind, layer = match[1], match[2]
        for beat in beats:  # without a layer, the first of its kind
            if beat.kind == kind and (layer is None or beat.layer == int(layer)):
                return beat
    raise ValueError(f"no beat {text!r}; this network has {', '.join(map(str, beats))}")
