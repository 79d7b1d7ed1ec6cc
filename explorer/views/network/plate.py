"""All edges of a drawing as bytes, which a table of colours turns into an image. No Qt here."""

from __future__ import annotations

import os
from functools import cache, lru_cache, partial
from itertools import pairwise
from types import ModuleType

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from explorer.core.data.dataset import Floats, Ints
from explorer.core.part_of_network import Selectable
from explorer.views.network import ink, strokes
from explorer.views.network.crew import Crew
from explorer.views.network.geometry import Layout
from explorer.views.network.picture import Edges, Picture
from explorer.views.palette import Bytes, Theme, mix, packed, rgb

_RANKS = 33  # columns where edges may come out from behind an image
_RIM = 3.0  # points of an image that edges reach into before they are hidden
_CREW = Crew(min(os.cpu_count() or 1, 4))
_WORTH_SHARING = 300_000  # strands times columns, or pixels


class View(Struct, frozen=True):
    """How points become pixels."""

    scale: float
    dx: float
    dy: float

    def x(self, points: Floats) -> Floats:
        """Columns of pixels."""
        return np.asarray(points * self.scale + self.dx)

    def y(self, points: Floats) -> Floats:
        """Rows of pixels."""
        return np.asarray(points * self.scale + self.dy)


class _Strands(Struct, frozen=True, eq=False):
    """The edges of one layer, ready to be drawn into the columns from first to before last."""

    first: int
    last: int
    left: int
    lines: NDArray[np.float32]
    marks: NDArray[np.uint32]
    singles: NDArray[np.float32]
    profiles: Bytes
    starts: NDArray[np.uint32]
    begun: NDArray[np.uint16]


class Plate:
    """The bytes of all edges; their memory is used again for the next picture."""

    def __init__(self, kernels: ModuleType) -> None:
        self._kernels = kernels
        self._bytes = np.zeros((0, 0), np.uint8)
        self._image = np.zeros((0, 0), np.uint32)
        self._layers: list[tuple[int, bool]] = []

    @property
    def bytes(self) -> Bytes:
        """(width, height): 7 bits for the root of the ink, and 1, the lowest, for the sign."""
        margin = self._kernels.MARGIN
        return self._bytes[:, margin:-margin]

    def draw(
        self,
        layout: Layout,
        picture: Picture,
        selected: Selectable | None,
        view: View,
        size: tuple[int, int],
    ) -> None:
        """Draw all edges into the bytes of an image of ``size`` pixels."""
        width, height = size
        shape = width, height + 2 * self._kernels.MARGIN
        if self._bytes.shape != shape:
            self._bytes = np.zeros(shape, np.uint8)
            self._image = np.zeros((height, width), np.uint32)
        self._bytes.fill(0)
        self._layers = []
        for layer, edges in enumerate(picture.edges, start=1):
            scale = picture.edge_scale or 1.0
            strands = _laid(self._kernels, layout, layer, edges, scale, selected, view, size)
            self._sweep(strands)
            self._layers.append((strands.first, edges.quiet))

    def coloured(self, theme: Theme) -> NDArray[np.uint32]:
        """The image in a theme's colours, (height, width) of 0xffrrggbb; reused by the next."""
        height, width = self._image.shape
        # Layers that are alike, and what lies between them, are coloured together.
        turns = [turn for turn, before in pairwise(self._layers[::-1]) if turn[1] != before[1]]
        starts = [(0, self._layers[0][1]), *turns[::-1]]
        ends = [*(first for first, _ in starts[1:]), width]
        for (start, quiet), end in zip(starts, ends, strict=True):
            table = _table(theme, quiet=quiet)
            parts = _parts((end - start) * height)
            bounds = np.linspace(start, max(start, end), parts + 1).astype(int).tolist()
            colour = partial(self._kernels.colour, self._bytes, table, self._image)
            _CREW.share(colour, list(pairwise(bounds)))
        return self._image

    def _sweep(self, job: _Strands) -> None:
        """Sweep the columns of one layer, shared among threads by their work."""
        strands = int(job.starts[-1])
        done = np.cumsum(job.begun[job.first : job.last], dtype=float)
        if not strands or not len(done):
            return
        parts = _parts(strands * len(done))
        shares = np.searchsorted(done, done[-1] * np.arange(1, parts) / parts)
        bounds = [job.first, *(job.first + shares).tolist(), job.last]

        def sweep(first: int, last: int) -> None:
            self._kernels.sweep(
                self._bytes,
                first,
                last,
                job.left,
                job.lines,
                job.marks,
                job.singles,
                job.profiles,
                job.starts,
                job.begun,
            )

        _CREW.share(sweep, list(pairwise(bounds)))


def _parts(work: int) -> int:
    """In how many parts to do so much work."""
    return 4 * _CREW.size if work > _WORTH_SHARING and _CREW.size > 1 else 1


class _Way(Struct, frozen=True, eq=False):
    """Where the edges of a layer run, in pixels, whatever their values.

    Attributes
    ----------
    x0, y0, y1 : (S,), (S,), (T,) float32
        Where they begin, and the rows where they end.
    rank : (S,) uint16
        Which of the places where edges begin is theirs, from the left.
    hidden : (4,) float32
        Left, right, top and bottom of what hides them, from the first column on.
    begun : (width,) uint16
        At how many of those places edges have begun, in each column.
    """

    sources: Ints
    targets: Ints
    x0: NDArray[np.float32]
    y0: NDArray[np.float32]
    y1: NDArray[np.float32]
    end: float
    places: int
    rank: NDArray[np.uint16]
    first: int
    last: int
    left: int
    hidden: NDArray[np.float32]
    begun: NDArray[np.uint16]


@lru_cache(32)
def _way(layout: Layout, layer: int, view: View, width: int) -> _Way:
    """Found once for a layout, which training draws many times a second."""
    x0, y0, sources = layout.ends(layer - 1)
    x1, y1, targets = layout.ends(layer)
    begins, rank = np.unique(view.x(x0), return_inverse=True)
    hidden = _hidden(layout, view) if layer == 1 else None
    if hidden is not None:
        begins = np.linspace(hidden[0], hidden[1], _RANKS)
    end = float(view.x(x1)[0]) if len(x1) else 0.0
    left = int(np.floor(begins.min(initial=end)))
    beyond = _beyond(view)
    first = min(max(left - beyond, 0), width)
    before = beyond if hidden is None else 0  # beside the image, nothing is to be seen
    return _Way(
        sources,
        targets,
        view.x(x0).astype(np.float32),
        view.y(y0).astype(np.float32),
        view.y(y1).astype(np.float32),
        end,
        max(len(begins), 1),
        rank.astype(np.uint16),
        first,
        min(max(int(np.ceil(end)) + beyond, first), width),
        left,
        (np.zeros(4) if hidden is None else hidden - (left, left, 0, 0)).astype(np.float32),
        np.searchsorted(np.floor(begins) - before, np.arange(width), "right").astype(np.uint16),
    )


def _laid(
    kernels: ModuleType,
    layout: Layout,
    layer: int,
    edges: Edges,
    scale: float,
    selected: Selectable | None,
    view: View,
    size: tuple[int, int],
) -> _Strands:
    """The edges into a layer, measured and sorted."""
    way = _way(layout, layer, view, size[0])
    values = edges.values[np.ix_(way.targets, way.sources)].astype(np.float32)
    if edges.quiet:
        scale = float(np.abs(values).max(initial=0.0)) / ink.QUIET or 1.0
    per_level = (kernels.LEVELS - 1) / scale
    marked = ink.chosen(layout, layer, selected)
    rows, columns = marked or (np.zeros(len(way.y1), np.uint8), np.zeros(len(way.y0), np.uint8))
    kind = {"selected": marked is not None, "quiet": edges.quiet}
    if values.size > ink.MANY:
        counts = np.zeros((2, kernels.LEVELS), np.uint32)
        kernels.count(values, per_level, rows, columns, counts)
        drawn = strokes.many(counts, view.scale, **kind)
    else:
        drawn = strokes.few(kernels.LEVELS, view.scale, **kind)
    lines = np.empty((2, values.size), np.float32)
    marks = np.empty(values.size, np.uint32)
    singles = np.empty((values.size, kernels.PARTS), np.float32)
    starts = np.empty(kernels.GROUPS * way.places + 1, np.uint32)
    bounds = (way.left, way.first - way.left, way.last - way.left, size[1])
    profiles = kernels.lay(
        values,
        per_level,
        drawn.of,
        drawn.roots,
        drawn.widths,
        rows,
        columns,
        way.x0,
        way.y0,
        way.rank,
        way.end,
        way.y1,
        np.array(bounds, np.float32),
        way.hidden,
        lines,
        marks,
        singles,
        starts,
    )
    return _Strands(
        way.first, way.last, way.left, lines, marks, singles, profiles, starts, way.begun
    )


def _hidden(layout: Layout, view: View) -> Floats | None:
    """Left, right, top and bottom of the pixels that a large image of inputs surely hides."""
    grid = layout.grid
    if grid is None or not grid.solid:
        return None
    inner = view.x(np.array([grid.left, grid.right - _RIM]))
    return np.array([*inner, *view.y(np.array([grid.top + _RIM, grid.bottom - _RIM]))])


def _beyond(view: View) -> int:
    """How many pixels the widest edge reaches beyond its ends: half its width, if it is steep."""
    return int(
        np.ceil(0.5 * float(ink.width(np.array(1.0), chosen=True, quiet=False)) * view.scale)
    )


@cache
def _table(theme: Theme, *, quiet: bool) -> NDArray[np.uint32]:
    """The colour 0xffrrggbb of each byte."""
    grey = mix(theme.muted, theme.canvas, 0.35)
    tints = (grey, grey) if quiet else (theme.negative, theme.positive)
    canvas = np.array(rgb(theme.canvas), float)
    opaque = (np.arange(128) / 127)[:, None, None] ** 2
    blended = canvas + (np.array([rgb(tint) for tint in tints], float) - canvas) * opaque
    return packed(np.rint(blended).reshape(256, 3).astype(np.uint8))
