"""Where everything stands in the drawing of the network, in points. No Qt here.

The layout is a pure function of the network's shape and the room there is, so that it keeps
still from beat to beat.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from explorer.core.data.dataset import Floats, Ints
from explorer.core.part_of_network import Neuron, Selectable, Weight

TOP, BOTTOM, LEFT, RIGHT = 40.0, 16.0, 26.0, 20.0
LEAST_SPACING = 13.5
NUDGE_WIDTH, DESIRED_WIDTH = 84.0, 46.0
FOLD_GAP = 24.0
_SOLID = 256  # pixels


class Shape(Struct, frozen=True):
    """What the layout depends on besides the room."""

    units: tuple[int, ...]  # n₀ … n_L
    image_size: tuple[int, int] | None
    input_label_width: float
    output_label_width: float


class Column(Struct, frozen=True, eq=False):
    """One layer: the neurons shown, from top to bottom, and how many are folded away.

    Attributes
    ----------
    shown : (S,) int
        Indices of the neurons shown.
    y : (S,) float
    fold_y : float or None
        Where the count of the folded neurons stands.
    """

    x: float
    shown: Ints
    y: Floats
    radius: float
    units: int
    fold_y: float | None

    @property
    def folded(self) -> int:
        """How many neurons are not drawn."""
        return self.units - len(self.shown)


class Grid(Struct, frozen=True, eq=False):
    """The inputs drawn as the pixels of an image."""

    left: float
    top: float
    cell: float
    size: tuple[int, int]

    @property
    def right(self) -> float:
        """The right edge."""
        return self.left + self.cell * self.size[0]

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.top + self.cell * self.size[1]

    @property
    def solid(self) -> bool:
        """Whether so many pixels hide what is behind them, as edges would fill the gaps."""
        return self.size[0] * self.size[1] > _SOLID

    def centres(self) -> tuple[Floats, Floats]:
        """x and y of every pixel's centre, row by row."""
        width, height = self.size
        x = self.left + (np.arange(width) + 0.5) * self.cell
        y = self.top + (np.arange(height) + 0.5) * self.cell
        return np.tile(x, height), np.repeat(y, width)


class Layout(Struct, frozen=True, eq=False):
    """The places of all neurons; ``columns[0]`` is the inputs, also when drawn as ``grid``."""

    width: float
    height: float
    columns: tuple[Column, ...]
    grid: Grid | None
    label_x: float
    nudge_x: float
    desired_x: float

    def ends(self, layer: int) -> tuple[Floats, Floats, Ints]:
        """x, y and index of the shown neurons of a layer."""
        column = self.columns[layer]
        if layer == 0 and self.grid is not None:
            x, y = self.grid.centres()
            return x, y, column.shown
        return np.full(len(column.shown), column.x), column.y, column.shown

    def place(self, neuron: Neuron) -> tuple[float, float] | None:
        """Where a neuron stands; None when it is folded away."""
        x, y, shown = self.ends(neuron.layer)
        at = np.flatnonzero(shown == neuron.index)
        return (float(x[at[0]]), float(y[at[0]])) if len(at) else None

    def neuron_at(self, x: float, y: float) -> Neuron | None:
        """The neuron (or input) drawn at a point."""
        for layer in range(len(self.columns)):
            xs, ys, shown = self.ends(layer)
            if not len(shown):
                continue
            if layer == 0 and self.grid is not None:
                reach = np.maximum(np.abs(xs - x), np.abs(ys - y))
                limit = self.grid.cell / 2
            else:
                reach = np.hypot(xs - x, ys - y)
                limit = self.columns[layer].radius + 3
            nearest = int(reach.argmin())
            if reach[nearest] <= limit:
                return Neuron(layer, int(shown[nearest]))
        return None

    def weight_at(self, x: float, y: float, reach: float = 4.0) -> Weight | None:
        """The edge that passes nearest to a point, within reach."""
        for layer in range(1, len(self.columns)):
            x0, y0, sources = self.ends(layer - 1)
            x1, y1, targets = self.ends(layer)
            if not len(sources) or not (x0.min() < x < x1[0]):
                continue
            share = (x - x0) / (x1[0] - x0)  # (S,)
            at = y0 + (y1[:, None] - y0) * share  # (T, S)
            slope = np.hypot(1.0, (y1[:, None] - y0) / (x1[0] - x0))
            distance = np.where(share > 0, np.abs(at - y) / slope, np.inf)
            best = int(distance.argmin())
            target, source = divmod(best, len(sources))
            if distance[target, source] <= reach:
                return Weight(layer, int(targets[target]), int(sources[source]))
        return None


def arrange(shape: Shape, width: float, height: float, keep: Selectable | None = None) -> Layout:
    """Lay a network out in ``width`` × ``height`` points.

    Columns too long for the height are folded around their middle; the part in ``keep`` is
    always shown.
    """
    room = max(height - TOP - BOTTOM, LEAST_SPACING * 4)
    last = len(shape.units) - 1
    # Names give way to the network where both have no room; they are drawn shortened.
    output_label = min(shape.output_label_width, width * 0.18)
    input_label = min(shape.input_label_width, width * 0.14)
    right = width - RIGHT - DESIRED_WIDTH - NUDGE_WIDTH - output_label - 46
    grid = _grid(shape, height, width) if shape.image_size else None
    left = grid.right if grid else LEFT + input_label + 14
    # After an image the first layer stands where its edges have room to spread.
    first_gap = 1.0 if grid is None else 0.95
    step = (right - left) / (last - 1 + first_gap)
    columns = []
    for layer, units in enumerate(shape.units):
        if layer == 0:
            x = (grid.left + grid.right) / 2 if grid else left
        else:
            x = left + step * (first_gap + layer - 1)
        kept = _kept(keep, layer)
        whole = grid is not None and layer == 0
        columns.append(_column(x, units, room, output=layer == last, kept=kept, whole=whole))
    label_x = right + columns[-1].radius + 9
    nudge_x = label_x + output_label + 20
    return Layout(
        width, height, tuple(columns), grid, label_x, nudge_x, width - RIGHT - DESIRED_WIDTH / 2
    )


def _kept(keep: Selectable | None, layer: int) -> int | None:
    if isinstance(keep, Neuron) and keep.layer == layer:
        return keep.index
    if isinstance(keep, Weight):
        if keep.layer == layer:
            return keep.target
        if keep.layer - 1 == layer:
            return keep.source
    return None


def _grid(shape: Shape, height: float, width: float) -> Grid:
    assert shape.image_size is not None
    columns, rows = shape.image_size
    side = min(width * 0.26, height - TOP - BOTTOM - 96, 230.0)
    cell = max(side / max(columns, rows), 1.0)
    top = TOP + max(0.0, (height - TOP - BOTTOM - cell * rows) / 2)
    return Grid(LEFT, top - 14, cell, shape.image_size)


def _column(
    x: float, units: int, room: float, *, output: bool, kept: int | None, whole: bool
) -> Column:
    capacity = max(3, int(room // LEAST_SPACING))
    roomy = float(np.clip(room / 340, 1.0, 2.2))  # a large window draws a small network larger
    if units <= capacity or whole:
        shown = np.arange(units)
        spacing = min(room / max(units, 1), (74.0 if units > 2 else 110.0) * roomy)
        y = TOP + room / 2 + (np.arange(units) - (units - 1) / 2) * spacing
        return Column(x, shown, y, _radius(spacing, roomy, output=output), units, None)
    n = int((room - FOLD_GAP) // LEAST_SPACING)
    head, tail = -(-n // 2), n // 2
    shown = np.concatenate([np.arange(head), np.arange(units - tail, units)])
    if kept is not None and kept not in shown:
        shown[head - 1] = kept
        shown = np.sort(shown)
    y = TOP + (np.arange(n) + 0.5) * LEAST_SPACING
    y[head:] += FOLD_GAP
    fold_y = TOP + head * LEAST_SPACING + FOLD_GAP / 2
    return Column(x, shown, y, _radius(LEAST_SPACING, 1.0, output=output), units, fold_y)


def _radius(spacing: float, roomy: float, *, output: bool) -> float:
    return float(np.clip(spacing * 0.40, 4.5, (18.0 if output else 16.0) * roomy))
