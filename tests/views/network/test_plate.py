"""The sweep against Qt's own drawing of the same lines, where the lighter pixel stays."""

from __future__ import annotations

from itertools import pairwise, product
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from explorer.core.part_of_network import Neuron, Weight
from explorer.views.network import ink, plate
from explorer.views.network.crew import Crew
from explorer.views.network.geometry import Column, Grid, Layout, Shape, arrange
from explorer.views.network.picture import Edges, Picture
from explorer.views.network.plate import Plate, View
from explorer.views.palette import DARK, LIGHT, Theme, mix, rgb

Array = np.ndarray[Any, Any]
WIDTH, HEIGHT = 300, 240


def column(x: float, *ys: float) -> Column:
    return Column(x, np.arange(len(ys)), np.array(ys, float), 5.0, len(ys), None)


def layout_of(*columns: Column) -> Layout:
    return Layout(WIDTH, HEIGHT, columns, None, 0, 0, 0)


def picture_of(*values: Any, quiet: tuple[int, ...] = ()) -> Picture:
    """A picture of edges alone, at a scale of 1; ``quiet`` names layers from 1."""
    edges = tuple(
        Edges(np.array(v, float), quiet=layer in quiet) for layer, v in enumerate(values, start=1)
    )
    return Picture(edges, (), None, "", 1.0, 1.0)


class Swept:
    """A plate with its ink and signs read back, rows first."""

    def __init__(
        self,
        compiled: ModuleType,
        layout: Layout,
        picture: Picture,
        selected: Any = None,
        *,
        scale: float = 1.0,
        at: tuple[float, float] = (0.0, 0.0),
        size: tuple[int, int] | None = None,
    ) -> None:
        self.plate = Plate(compiled)
        size = size or (round(layout.width * scale), round(layout.height * scale))
        self.plate.draw(layout, picture, selected, View(scale, *at), size)
        self.bytes = self.plate.bytes.T.copy()
        self.ink = ((self.bytes >> 1) / 127.0) ** 2
        self.positive = (self.bytes & 1).astype(bool)


def reference(
    layout: Layout,
    picture: Picture,
    scale: float = 1.0,
    opacity: float | None = None,
    *,
    chosen: bool = False,
) -> Array:
    """Ink by Qt: lines of the same width and opacity, where the strongest stays.

    Drawn four times as large, as Qt draws lines of less than a pixel otherwise. Where all edges
    have one opacity it is better given: Qt's pixels have only 255 steps.
    """
    width, height = round(layout.width * scale), round(layout.height * scale)
    image = QImage(4 * width, 4 * height, QImage.Format.Format_RGB32)
    image.fill(QColor("black"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Lighten)
    painter.scale(4 * scale, 4 * scale)
    for layer, edges in enumerate(picture.edges, start=1):
        (x0, y0, _), (x1, y1, _) = layout.ends(layer - 1), layout.ends(layer)
        for t, s in np.ndindex(edges.values.shape):
            share = np.minimum(np.abs(edges.values[t, s]), 1.0)
            if share <= ink.FAINTEST:
                continue
            grey = 1.0 if opacity else float(ink.opacity(share, ink.PLAIN, quiet=False))
            pen = QPen(QColor.fromRgbF(grey, grey, grey))
            pen.setWidthF(float(ink.width(share, chosen=chosen, quiet=False)))
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            painter.drawLine(QLineF(QPointF(x0[s], y0[s]), QPointF(x1[t], y1[t])))
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(height, 4, width, 4, 4)
    return pixels[..., 0].mean(axis=(1, 3)) / 255.0 * (opacity or 1.0)


def inside(found: Array, scale: float, left: float = 62, right: float = 238) -> Array:
    """The columns between the ends of lines from 50 to 250, where caps do not matter."""
    return found[:, round(left * scale) : round(right * scale)]


class TestLines:
    @pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
    @pytest.mark.parametrize("drop", [0.0, 7.3, 60.0, 200.0, -133.7])
    @pytest.mark.parametrize("value", [0.03, 0.3, 1.0])
    def test_a_line_lies_where_qt_draws_it_with_as_much_ink(
        self, compiled: ModuleType, scale: float, drop: float, value: float
    ) -> None:
        layout = layout_of(column(50.2, 120.4 - drop / 2), column(250.7, 120.4 + drop / 2))
        picture = picture_of([[value]])
        swept = inside(Swept(compiled, layout, picture, scale=scale).ink, scale)
        opacity = float(ink.opacity(np.array(value), ink.PLAIN, quiet=False))
        drawn = inside(reference(layout, picture, scale, opacity), scale)
        rows = np.arange(len(swept))[:, None]
        assert swept.sum(axis=0) == pytest.approx(drawn.sum(axis=0), rel=0.06, abs=0.01)
        assert swept.sum() == pytest.approx(drawn.sum(), rel=0.04)
        middles = [(found * rows).sum(axis=0) / found.sum(axis=0) for found in (swept, drawn)]
        assert np.abs(middles[0] - middles[1]).max() < 0.08
        assert np.abs(swept - drawn).max() < 0.08

    @pytest.mark.parametrize("chosen", [False, True])
    @pytest.mark.parametrize("drop", [118.0, 126.0, -140.0, 160.0, -185.0, 199.0])
    @pytest.mark.parametrize("value", [0.03, 0.3, 1.0])
    def test_a_line_that_is_nearly_too_steep_for_a_profile_lies_where_qt_draws_it(
        self, compiled: ModuleType, drop: float, value: float, chosen: bool
    ) -> None:
        """Also the very strongest, whose stroke is the last of all."""
        layout = layout_of(column(100.2, 120.4 - drop / 2), column(200.7, 120.4 + drop / 2))
        picture, part = picture_of([[value]]), Weight(1, 0, 0) if chosen else None
        swept = inside(Swept(compiled, layout, picture, part).ink, 1.0, 112, 188)
        emphasis = ink.CHOSEN if chosen else ink.PLAIN
        opacity = float(ink.opacity(np.array(value), emphasis, quiet=False))
        drawn = inside(reference(layout, picture, 1.0, opacity, chosen=chosen), 1.0, 112, 188)
        assert swept.sum(axis=0) == pytest.approx(drawn.sum(axis=0), rel=0.06, abs=0.01)
        assert np.abs(swept - drawn).max() < 0.1

    @pytest.mark.parametrize("gap", [40.0, 12.0, 5.0])
    def test_a_steep_line_does_not_reach_beyond_its_ends(
        self, compiled: ModuleType, gap: float
    ) -> None:
        layout = layout_of(column(100, 40.0), column(100 + gap, 200.0))
        picture = picture_of([[1.0]])
        swept, drawn = Swept(compiled, layout, picture).ink, reference(layout, picture)
        rows = np.flatnonzero(swept.sum(axis=1))
        assert abs(rows.min() - 40) <= 2
        assert abs(rows.max() - 200) <= 2
        middle = slice(70, 170)
        assert swept[middle].sum() == pytest.approx(drawn[middle].sum(), rel=0.06)
        assert np.abs(swept[middle] - drawn[middle]).max() < 0.3

    @pytest.mark.parametrize("gap", [0.0, 0.4, 1.0])
    def test_between_columns_a_pixel_apart_or_none_a_line_is_upright(
        self, compiled: ModuleType, gap: float
    ) -> None:
        layout = layout_of(column(100.3, 40.0), column(100.3 + gap, 200.0))
        swept = Swept(compiled, layout, picture_of([[1.0]])).ink
        assert (swept[45:195].max(axis=1) > 0.1).all()
        assert swept[:35].max() == swept[205:].max() == 0
        assert set(np.flatnonzero(swept.sum(axis=0))) <= {98, 99, 100, 101, 102}

    def test_many_lines_are_where_qt_draws_them(self, compiled: ModuleType) -> None:
        """30 · 20 edges: all pixels together, and as much ink."""
        random = np.random.default_rng(1)
        layout = layout_of(
            column(20, *np.linspace(10, 230, 30)), column(280, *np.linspace(20, 220, 20))
        )
        picture = picture_of(random.normal(0, 0.3, (20, 30)) ** 3)
        swept, drawn = Swept(compiled, layout, picture).ink, reference(layout, picture)
        # Of so many edges the weak give ink away: compare the order of pixels, and the strongest.
        strong = drawn > 0.25
        assert strong.mean() > 0.02
        assert (np.abs(swept - drawn)[strong] < 0.2).mean() > 0.995
        assert np.corrcoef(swept.ravel(), drawn.ravel())[0, 1] > 0.97

    @pytest.mark.parametrize("seed", [0, 11, 12])
    def test_a_line_among_many_is_the_same_as_alone(self, compiled: ModuleType, seed: int) -> None:
        """Of shallow to steep lines, also where their rows are just as many as fit a profile."""
        random = np.random.default_rng(seed)
        right = 100 + random.uniform(60, 180)
        layout = layout_of(
            column(100, *np.linspace(10, 230, 16)), column(right, *np.linspace(20, 220, 10))
        )
        values = random.normal(0, 0.3, (10, 16))
        together = Swept(compiled, layout, picture_of(values)).bytes
        alone = np.zeros_like(together)
        for edge in np.ndindex(values.shape):
            only = np.zeros_like(values)
            only[edge] = values[edge]
            alone = np.maximum(alone, Swept(compiled, layout, picture_of(only)).bytes)
        differ = np.abs(together.astype(int) - alone)
        # Rounded to another place between rows, a pixel has a little more or less ink.
        assert (differ > 1).mean() < 0.005
        assert differ.max() < 12

    def test_no_strand_depends_on_the_number_of_threads(
        self, compiled: ModuleType, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        random = np.random.default_rng(2)
        layout = arrange(Shape((12, 9, 5), None, 0, 30), WIDTH, HEIGHT)
        picture = picture_of(random.normal(0, 0.4, (9, 12)), random.normal(0, 0.4, (5, 9)))
        monkeypatch.setattr(plate, "_WORTH_SHARING", 0)
        found = []
        for threads in (1, 2, 5):
            monkeypatch.setattr(plate, "_CREW", Crew(threads))
            found.append(Swept(compiled, layout, picture).bytes)
        assert found[0].any()
        assert np.array_equal(found[0], found[1])
        assert np.array_equal(found[0], found[2])


class TestStrength:
    @pytest.mark.parametrize("strong", [0.9, -0.9])
    @pytest.mark.parametrize("first", [0, 1])
    def test_the_strongest_wins_where_edges_cross(
        self, compiled: ModuleType, strong: float, first: int
    ) -> None:
        """From below to above and from above to below, of two signs, in either order."""
        layout = layout_of(column(50, 60.0, 180.0), column(250, 60.0, 180.0))
        values = np.zeros((2, 2))
        values[1, 0], values[0, 1] = (strong, -strong / 3)[:: 1 - 2 * first]
        swept = Swept(compiled, layout, picture_of(values))
        alone = values.copy()
        alone[np.abs(values) < 0.5] = 0
        only = Swept(compiled, layout, picture_of(alone))
        crossing = np.s_[117:123, 146:154]
        heart = only.ink[crossing] > 0.5
        assert heart.sum() >= 8
        assert np.array_equal(swept.bytes[crossing][heart], only.bytes[crossing][heart])
        assert (swept.positive[crossing][heart] == (strong > 0)).all()

    def test_the_stronger_sign_wins_a_pixel_where_edges_are_many(
        self, compiled: ModuleType
    ) -> None:
        values = np.random.default_rng(1).normal(0, 0.3, (16, 20))
        layout = layout_of(
            column(20, *np.linspace(10, 230, 20)), column(280, *np.linspace(20, 220, 16))
        )
        swept = Swept(compiled, layout, picture_of(values))
        drawn = [reference(layout, picture_of(np.maximum(sign * values, 0))) for sign in (1, -1)]
        clear = (np.maximum(*drawn) > 0.1) & (np.abs(drawn[0] - drawn[1]) > 0.05)
        assert clear.sum() > 10_000
        assert (swept.positive == (drawn[0] > drawn[1]))[clear].mean() > 0.98

    def test_the_lowest_bit_is_the_sign(self, compiled: ModuleType) -> None:
        layout = layout_of(column(50, 60.0, 180.0), column(250, 60.0, 180.0))
        swept = Swept(compiled, layout, picture_of(np.diag([0.8, -0.8])))
        upper, lower = swept.ink[:120] > 0, swept.ink[120:] > 0
        assert swept.positive[:120][upper].all()
        assert not swept.positive[120:][lower].any()

    def test_more_is_stronger_and_wider_up_to_the_scale(self, compiled: ModuleType) -> None:
        layout = layout_of(column(50, 120.0), column(250, 120.0))
        values = (0.03, 0.1, 0.4, 1.0, 7.0, np.inf)
        found = [Swept(compiled, layout, picture_of([[v]])).ink[:, 150] for v in values]
        ink_of = [column.sum() for column in found]
        assert 0 < ink_of[0] < ink_of[1] < ink_of[2] < ink_of[3] == ink_of[4] == ink_of[5]
        assert (found[3] > 0).sum() > (found[0] > 0).sum()

    @pytest.mark.parametrize("shapes", [[(0.0,)], [(1e-3,)], []])
    def test_nothing_leaves_no_ink(self, compiled: ModuleType, shapes: Any) -> None:
        if not shapes:
            picture, layout = picture_of(np.zeros((0, 1))), layout_of(column(50, 9.0), column(250))
        else:
            picture = picture_of(np.full((2, 3), shapes[0][0]))
            layout = layout_of(column(50, 20, 60, 90), column(250, 60, 90))
        assert not Swept(compiled, layout, picture).ink.any()

    @pytest.mark.parametrize(
        ("selected", "chosen"),
        [
            (Neuron(1, 0), {(0, 0), (0, 1)}),
            (Neuron(0, 1), {(0, 1), (1, 1)}),
            (Weight(1, 1, 0), {(1, 0)}),
        ],
        ids=repr,
    )
    def test_the_edges_of_the_selected_part_stand_out(
        self, compiled: ModuleType, selected: Any, chosen: set[tuple[int, int]]
    ) -> None:
        layout = layout_of(column(50, 60.0, 180.0), column(250, 80.0, 140.0))
        picture = picture_of(np.full((2, 2), 0.5))
        plain, marked = (Swept(compiled, layout, picture, part).ink for part in (None, selected))
        for t, s in product((0, 1), (0, 1)):
            x = 80  # where all four are apart
            y0, y1 = (60.0, 180.0)[s], (80.0, 140.0)[t]
            y = round(y0 + (y1 - y0) * (x + 0.5 - 50) / 200)
            at = np.s_[y - 3 : y + 3, x]
            assert (marked[at].sum() > plain[at].sum()) == ((t, s) in chosen)
            assert marked[at].sum() != plain[at].sum()

    def test_a_selected_neuron_elsewhere_leaves_a_layer_as_it_is(
        self, compiled: ModuleType
    ) -> None:
        layout = layout_of(column(20, 60.0), column(150, 120.0), column(280, 60.0))
        picture = picture_of([[0.5]], [[0.5]])
        plain = Swept(compiled, layout, picture).bytes
        marked = Swept(compiled, layout, picture, Neuron(2, 0)).bytes
        assert np.array_equal(plain[:, :145], marked[:, :145])
        assert not np.array_equal(plain[:, 155:], marked[:, 155:])


class TestCrowd:
    LAYOUT = arrange(Shape((784, 16), (28, 28), 0, 30), 960, 558)

    def right_of_grid(self, found: Array) -> Array:
        grid = self.LAYOUT.grid
        assert grid is not None
        end = int(self.LAYOUT.columns[1].x)
        return found[100:460, int(grid.right) + 10 : end - 10]

    def test_a_dense_layer_is_no_wall_and_its_strongest_stand_out(
        self, compiled: ModuleType
    ) -> None:
        """12,544 edges of uniform size, and eight that are twice as large."""
        random = np.random.default_rng(3)
        values = random.uniform(-0.1, 0.1, (16, 784))
        dense = self.right_of_grid(Swept(compiled, self.LAYOUT, picture_of(values)).ink)
        assert 0.01 < dense.mean() < 0.25
        values[8, 5::100] = 0.2
        swept = Swept(compiled, self.LAYOUT, picture_of(values))
        alone = Swept(compiled, self.LAYOUT, picture_of(np.where(np.abs(values) > 0.1, values, 0)))
        strong = self.right_of_grid(alone.ink) > 0.2
        found = self.right_of_grid(swept.ink)
        assert strong.sum() > 500
        assert found[strong].mean() > 2 * found[~strong].mean()
        assert self.right_of_grid(swept.positive)[strong].mean() > 0.95

    def test_equal_edges_all_give_their_ink_away(self, compiled: ModuleType) -> None:
        swept = Swept(compiled, self.LAYOUT, picture_of(np.full((16, 784), 1.0)))
        assert self.right_of_grid(swept.ink).max() < 0.2

    def test_more_edges_have_less_ink_each(self) -> None:
        ranks = np.arange(1.0, 20_001)
        kept = [ink.shared(ranks[:n], n) for n in (500, 1_000, 10_000, 20_000)]
        assert (kept[0] == 1).all()
        for few, many in pairwise(kept):
            assert (np.diff(many) <= 0).all()
            assert many[: len(few)].sum() < few.sum()

    def test_a_dense_layer_of_small_weights_is_lifted_but_none_of_few_edges(self) -> None:
        lifts = [ink.lift(0.1, edges) for edges in (2, 500, 1_000, 5_000, 10_000, 100_000)]
        assert lifts[0] == lifts[1] == 1 < lifts[2] < lifts[3] < lifts[4] == lifts[5]
        assert ink.lift(1.0, 10_000) == 1

    @pytest.mark.parametrize("height", [558, 420, 300])
    def test_edges_are_drawn_wherever_a_large_image_does_not_hide_them(
        self, compiled: ModuleType, height: float
    ) -> None:
        """Also above and below it, where steep ones come out; behind it few are."""
        layout = arrange(Shape((784, 16), (28, 28), 0, 30), 960, height)
        grid = layout.grid
        assert grid is not None
        picture = picture_of(np.where(np.arange(784) % 9 == 0, 0.5, 0.0) * np.ones((16, 1)))
        open_layout = replace(layout, grid=_Open(grid.left, grid.top, grid.cell, grid.size))
        swept, whole = (Swept(compiled, lay, picture) for lay in (layout, open_layout))
        rows, columns = np.ogrid[: swept.ink.shape[0], : swept.ink.shape[1]]
        behind = (rows >= grid.top) & (rows < grid.bottom) & (columns < grid.right)
        # Where a strand is rounded to another place between rows, a byte is another.
        differ = np.abs(swept.bytes[~behind].astype(int) - whole.bytes[~behind])
        assert (differ > 2).mean() < 1e-4
        assert differ.max() < 20
        assert not swept.ink[:, : int(grid.left)].any()
        above = (rows < grid.top) & (columns < grid.right)
        assert (swept.ink * above).any()
        assert 0 < (swept.ink * behind).sum() < (whole.ink * behind).sum() / 2


class _Open(Grid):
    """An image that hides nothing."""

    solid = False


class TestView:
    @pytest.mark.parametrize("at", [(200.0, -300.0), (-37.5, -412.25), (420.0, 80.0)])
    def test_what_is_in_sight_is_a_part_of_the_whole(
        self, compiled: ModuleType, at: tuple[float, float]
    ) -> None:
        """Edges that begin, end or pass outside are neither lost nor moved."""
        random = np.random.default_rng(4)
        layout = arrange(Shape((6, 5, 3), None, 0, 30), WIDTH, HEIGHT)
        picture = picture_of(random.normal(0, 0.5, (5, 6)), random.normal(0, 0.5, (3, 5)))
        at = at[0] - 4 * layout.columns[1].x, at[1]
        part = Swept(compiled, layout, picture, scale=4.0, at=at, size=(400, 300)).bytes
        shift = (500.0, 700.0)
        whole = Swept(
            compiled,
            layout,
            picture,
            scale=4.0,
            at=(at[0] + shift[0], at[1] + shift[1]),
            size=(2000, 1800),
        ).bytes[700:1000, 500:900]
        assert part.any()
        differ = np.abs(part.astype(int) - whole)
        assert (differ > 2).mean() < 0.001

    def test_a_plate_takes_another_size(self, compiled: ModuleType) -> None:
        layout, picture = layout_of(column(50, 60.0), column(250, 90.0)), picture_of([[0.5]])
        used = Plate(compiled)
        for scale in (1.0, 2.0, 1.0):
            size = round(WIDTH * scale), round(HEIGHT * scale)
            used.draw(layout, picture, None, View(scale, 0, 0), size)
            fresh = Swept(compiled, layout, picture, scale=scale)
            assert np.array_equal(used.bytes.T, fresh.bytes)


class TestColours:
    @pytest.fixture
    def swept(self, compiled: ModuleType) -> Swept:
        """A positive and a negative edge, then a quiet one."""
        layout = layout_of(column(20, 60.0, 180.0), column(150, 60.0, 180.0), column(280, 120.0))
        return Swept(compiled, layout, picture_of(np.diag([0.9, -0.9]), [[0.2, -0.1]], quiet=(2,)))

    def test_a_theme_is_a_table_of_colours(self, swept: Swept, theme: Theme) -> None:
        """canvas + (colour − canvas)·ink; the bytes stay as they are."""
        image = swept.plate.coloured(theme)
        assert np.array_equal(swept.plate.bytes.T, swept.bytes)
        found = np.stack([image >> 16 & 255, image >> 8 & 255, image & 255], axis=-1)
        assert (image >> 24 == 255).all()
        canvas, grey = np.array(rgb(theme.canvas)), rgb(mix(theme.muted, theme.canvas, 0.35))
        for part, positive, negative in (
            (np.s_[:, :148], theme.positive, theme.negative),
            (np.s_[:, 152:], None, None),
        ):
            up = np.array(rgb(positive) if positive else grey)
            down = np.array(rgb(negative) if negative else grey)
            tint = np.where(swept.positive[part][..., None], up, down)
            expected = canvas + (tint - canvas) * swept.ink[part][..., None]
            assert swept.ink[part].any()
            assert np.abs(found[part] - expected).max() <= 0.51

    def test_back_and_forth(self, swept: Swept) -> None:
        dark = swept.plate.coloured(DARK).copy()
        assert not np.array_equal(swept.plate.coloured(LIGHT), dark)
        assert np.array_equal(swept.plate.coloured(DARK), dark)

    def test_quiet_edges_are_weak_whatever_their_size(self, compiled: ModuleType) -> None:
        layout = layout_of(column(50, 60.0), column(250, 90.0))
        inks = [
            Swept(compiled, layout, picture_of([[value]], quiet=(1,))).ink for value in (0.01, 40.0)
        ]
        assert 0 < inks[0].max() < 0.4
        assert np.array_equal(inks[0], inks[1])
