"""What is said around the cost landscape, in several ways for more or less room. No Qt here."""

from __future__ import annotations

import math

from explorer.core.answers import Comparison, CostSlice, Direction, Plane
from explorer.core.numbers import number, percent

_NAMES: dict[Direction, tuple[str, ...]] = {
    "path 1": ("along direction 1 of the path", "direction 1 of path", "path 1"),
    "path 2": ("along direction 2 of the path", "direction 2 of path", "path 2"),
    "mini-batch gradient": ("along −∇C of the mini-batch", "−∇C mini-batch", "−∇C_batch"),
    "full-batch gradient": ("along full-batch −∇C", "full-batch −∇C", "−∇C"),
    "random": ("along a random direction", "a random direction", "random"),
}
_ACROSS = ("square to it, towards full-batch −∇C", "to full-batch −∇C", "to −∇C")


def names_of(directions: tuple[Direction, Direction]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What x and y run along, in words, each longest first."""
    x, y = directions
    return _NAMES[x], _ACROSS if y == "full-batch gradient" else _NAMES[y]


def title_ways(cost_slice: CostSlice | None) -> tuple[str, ...]:
    """The title, longest first: that it is a slice, and how much of the path lies in it."""
    if cost_slice is None:
        return ("Cost on a slice through parameter space", "Cost on a slice", "Slice")
    kept = percent(cost_slice.kept)
    return (
        f"Cost on a slice through parameter space · {kept} of the path lies in it",
        f"Cost on a slice · {kept} of the path lies in it",
        f"Cost on a slice · {kept} of path in it",
        f"Slice with {kept} of the path",
        f"Slice · {kept} of path",
        f"Slice · {kept}",
        "Slice",
    )


def updates_ways(cost_slice: CostSlice) -> tuple[str, ...]:
    """Which updates the paths are made of, longest first."""
    first, last = cost_slice.first + 1, cost_slice.update
    if first >= last:
        return (f"update {last:,}",)
    return f"updates {first:,} to {last:,}", f"{first:,} to {last:,}"


def notes_on(cost_slice: CostSlice, asked: Plane) -> list[tuple[str, ...]]:
    """What has to be said on the picture, each longest first."""
    notes: list[tuple[str, ...]] = []
    if cost_slice.plane != asked and asked == "path":
        directions = cost_slice.directions
        if any("gradient" in direction for direction in directions):
            notes.append(
                (
                    "The path has no two directions yet: plane of the gradients",
                    "no two directions yet: gradients",
                    "plane of the gradients",
                )
            )
        elif "path 1" in directions:
            notes.append(("The path has only one direction yet", "only one direction yet"))
        else:
            notes.append(("Nothing has moved yet",))
    if cost_slice.examples < cost_slice.all_examples:
        some, all_of_them = f"{cost_slice.examples:,}", f"{cost_slice.all_examples:,}"
        notes.append(
            (
                f"cost of a sample: {some} of {all_of_them} examples",
                f"{some} of {all_of_them} examples",
                "sample",
            )
        )
    return notes


def comparison_ways(comparison: Comparison) -> tuple[str, ...]:
    """The comparison in a line, longest first."""
    some, everything = comparison.mini_batch_examples, comparison.full_batch_examples
    work = f"{some:,} of {everything:,} examples"
    share = f"{work} ({percent(some / everything)})"
    if math.isnan(comparison.angle):
        return (f"no angle: a gradient is zero · {share}", f"a gradient is zero · {work}", work)
    angle = f"{comparison.angle:.1f}°"
    return (
        f"angle to full-batch −∇C {angle} · cosine {number(comparison.cosine)} · {share}",
        f"angle to full-batch −∇C {angle} · {share}",
        f"angle to −∇C {angle} · {share}",
        f"angle to −∇C {angle} · {work}",
        f"{angle} · {work}",
    )
