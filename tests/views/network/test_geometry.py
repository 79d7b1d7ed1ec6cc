from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.part_of_network import Neuron, Weight
from explorer.views.network.geometry import LEAST_SPACING, Layout, Shape, arrange

# The room of the drawing with the legend taken off: its least size, and those that it has in the
# least, the usual and a large window.
LEAST = (460.0, 148.0)
ROOMS = ((740.0, 288.0), (960.0, 558.0), (1900.0, 858.0))
SHAPES = {
    "one output": Shape((2, 1), None, 12, 30),
    "2-3-2": Shape((2, 3, 2), None, 12, 30),
    "2-4-2-1": Shape((2, 4, 2, 1), None, 12, 30),
    "one input": Shape((1, 1, 1), None, 60, 12),
    "table": Shape((30, 8, 1), None, 130, 80),
    "wide": Shape((13, 128, 128, 3), None, 130, 60),
    "just fits": Shape((17, 17, 17), None, 60, 20),
    "just folds": Shape((18, 18, 18), None, 60, 20),
    "784 inputs": Shape((784, 16, 16, 10), None, 70, 12),
    "1024 of each": Shape((1024, 1024, 1024), None, 70, 40),
    "eight hidden": Shape((2, 8, 8, 8, 8, 8, 8, 8, 8, 1), None, 12, 30),
    "eight hidden after a table": Shape((9, 6, 6, 6, 6, 6, 6, 6, 6, 3), None, 130, 60),
    "4×4 image": Shape((16, 3, 3), (4, 4), 0, 30),
    "8×8 image": Shape((64, 16, 16, 10), (8, 8), 0, 12),
    "28×28 image": Shape((784, 16, 16, 10), (28, 28), 0, 12),
    "wide image": Shape((120, 5, 2), (20, 6), 0, 40),
    "high image": Shape((120, 5, 2), (6, 20), 0, 40),
    "image and eight hidden": Shape((64, 8, 8, 8, 8, 8, 8, 8, 8, 10), (8, 8), 0, 12),
}
everywhere = pytest.mark.parametrize("room", ROOMS, ids=lambda r: f"{r[0]:.0f}x{r[1]:.0f}")
every_shape = pytest.mark.parametrize("shape", SHAPES.values(), ids=list(SHAPES))


@st.composite
def laid_out(draw: st.DrawFn) -> Layout:
    """A layout of any network in one of the rooms."""
    image = draw(st.one_of(st.none(), st.tuples(st.integers(2, 28), st.integers(2, 28))))
    inputs = image[0] * image[1] if image else draw(st.integers(1, 800))
    units = (inputs, *draw(st.lists(st.integers(1, 200), min_size=1, max_size=6)))
    shape = Shape(units, image, draw(st.floats(5, 130)), draw(st.floats(5, 80)))
    return arrange(shape, *draw(st.sampled_from(ROOMS)))


def discs(layout: Layout) -> np.ndarray:
    """x, y and radius of every neuron drawn as a disc."""
    first = 0 if layout.grid is None else 1
    rows = [(column.x, y, column.radius) for column in layout.columns[first:] for y in column.y]
    return np.array(rows)


def assert_apart(layout: Layout) -> None:
    x, y, radius = discs(layout).T
    distance = np.hypot(x - x[:, None], y - y[:, None])
    least = radius + radius[:, None]
    np.fill_diagonal(distance, np.inf)
    assert (distance > least).all(), "two neurons overlap"
    if layout.grid is not None:
        assert (x - radius > layout.grid.right).all(), "a neuron stands on the image"


def assert_inside(layout: Layout) -> None:
    x, y, radius = discs(layout).T
    assert (x - radius).min() >= 0
    assert (x + radius).max() <= layout.label_x <= layout.nudge_x < layout.desired_x
    assert layout.desired_x <= layout.width
    assert (y - radius).min() >= 0
    assert (y + radius).max() <= layout.height
    if layout.grid is not None:
        assert layout.grid.left >= 0
        assert layout.grid.top >= 0
        assert layout.grid.right <= layout.width
        assert layout.grid.bottom <= layout.height


class TestRoom:
    @everywhere
    @every_shape
    def test_no_two_neurons_overlap_and_all_are_inside(
        self, shape: Shape, room: tuple[float, float]
    ) -> None:
        layout = arrange(shape, *room)
        assert_apart(layout)
        assert_inside(layout)

    @given(layout=laid_out())
    def test_nor_in_any_other_network(self, layout: Layout) -> None:
        assert_apart(layout)
        assert_inside(layout)

    @everywhere
    @every_shape
    def test_layers_stand_from_left_to_right_and_neurons_from_top_to_bottom(
        self, shape: Shape, room: tuple[float, float]
    ) -> None:
        layout = arrange(shape, *room)
        assert all(a.x < b.x for a, b in pairwise(layout.columns))
        for column in layout.columns[1 if layout.grid else 0 :]:
            assert (np.diff(column.y) > 0).all()
            assert (np.diff(column.shown) > 0).all()

    @everywhere
    def test_columns_are_centred_on_each_other(self, room: tuple[float, float]) -> None:
        layout = arrange(SHAPES["2-4-2-1"], *room)
        middles = [column.y.mean() for column in layout.columns]
        assert np.ptp(middles) < 1e-9

    @pytest.mark.parametrize("name", [n for n in SHAPES if not n.startswith("eight hidden")])
    def test_the_least_size_of_the_drawing_holds_all_but_the_deepest(self, name: str) -> None:
        layout = arrange(SHAPES[name], *LEAST)
        assert_apart(layout)
        assert_inside(layout)

    @pytest.mark.parametrize("width", [440.0, 520.0])
    def test_long_names_of_outputs_leave_room_for_the_network(self, width: float) -> None:
        """A name of 60 or 70 letters, as a column of the user's own table may hold."""
        layout = arrange(Shape((2, 8, 8, 3), None, 12, width), *ROOMS[0])
        assert_apart(layout)
        assert_inside(layout)


class TestFolding:
    def test_a_column_that_fits_is_whole(self) -> None:
        for column in arrange(SHAPES["just fits"], *ROOMS[0]).columns:
            assert (column.folded, column.fold_y, len(column.shown)) == (0, None, 17)

    @everywhere
    def test_784_inputs_are_folded_around_their_middle_and_counted(
        self, room: tuple[float, float]
    ) -> None:
        column = arrange(SHAPES["784 inputs"], *room).columns[0]
        shown = column.shown.tolist()
        assert column.units == 784
        assert column.folded == 784 - len(shown) > 0
        half = -(-len(shown) // 2)
        assert shown == [*range(half), *range(784 - len(shown) + half, 784)]
        above, below = column.y[half - 1] + column.radius, column.y[half] - column.radius
        assert column.fold_y is not None
        assert above + 8 < column.fold_y < below - 8, "the count needs a line of its own"

    @everywhere
    def test_folded_or_not_neurons_stand_at_least_so_far_apart(
        self, room: tuple[float, float]
    ) -> None:
        for shape in SHAPES.values():
            for column in arrange(shape, *room).columns[1:]:
                assert (np.diff(column.y) >= LEAST_SPACING - 1e-9).all()

    @given(index=st.integers(0, 783))
    def test_the_selected_neuron_is_always_shown(self, index: int) -> None:
        free = arrange(SHAPES["784 inputs"], *ROOMS[0])
        kept = arrange(SHAPES["784 inputs"], *ROOMS[0], Neuron(0, index))
        column = kept.columns[0]
        assert index in column.shown
        assert len(set(column.shown.tolist())) == len(column.shown) == len(free.columns[0].shown)
        assert (np.diff(column.shown) > 0).all()
        assert np.array_equal(column.y, free.columns[0].y), "the places keep still"
        replaced = set(free.columns[0].shown.tolist()) - set(column.shown.tolist())
        assert len(replaced) == (0 if index in free.columns[0].shown else 1)

    def test_both_ends_of_the_selected_weight_are_shown(self) -> None:
        layout = arrange(SHAPES["1024 of each"], *ROOMS[1], Weight(2, 400, 500))
        assert layout.place(Neuron(2, 400)) is not None
        assert layout.place(Neuron(1, 500)) is not None
        assert layout.place(Neuron(0, 500)) is None

    def test_a_folded_neuron_has_no_place(self) -> None:
        layout = arrange(SHAPES["784 inputs"], *ROOMS[0])
        assert layout.place(Neuron(0, 400)) is None
        assert layout.place(Neuron(0, 783)) is not None

    def test_the_pixels_of_an_image_are_never_folded(self) -> None:
        column = arrange(SHAPES["28×28 image"], *ROOMS[0]).columns[0]
        assert (column.folded, column.fold_y) == (0, None)


class TestGrid:
    @everywhere
    @pytest.mark.parametrize("name", ["4×4 image", "28×28 image", "wide image", "high image"])
    def test_pixels_stand_row_by_row_in_equal_squares(
        self, name: str, room: tuple[float, float]
    ) -> None:
        """Pixel k stands in column k mod w of row k div w."""
        shape = SHAPES[name]
        layout = arrange(shape, *room)
        grid, size = layout.grid, shape.image_size
        assert grid is not None
        assert size is not None
        for k in range(shape.units[0]):
            row, column = divmod(k, size[0])
            x = grid.left + (column + 0.5) * grid.cell
            y = grid.top + (row + 0.5) * grid.cell
            assert layout.place(Neuron(0, k)) == pytest.approx((x, y))

    @everywhere
    def test_an_image_keeps_its_proportions_and_leaves_most_of_the_width(
        self, room: tuple[float, float]
    ) -> None:
        grid = arrange(SHAPES["wide image"], *room).grid
        assert grid is not None
        width, height = grid.right - grid.left, grid.bottom - grid.top
        assert width / height == pytest.approx(20 / 6)
        assert width <= room[0] * 0.3


class TestPointing:
    @everywhere
    @every_shape
    def test_a_neuron_is_found_where_it_stands_and_at_its_rim(
        self, shape: Shape, room: tuple[float, float]
    ) -> None:
        layout = arrange(shape, *room)
        for layer, column in enumerate(layout.columns):
            reach = column.radius
            if layer == 0 and layout.grid is not None:
                reach = layout.grid.cell / 2
            for index in column.shown.tolist():
                neuron = Neuron(layer, index)
                place = layout.place(neuron)
                assert place is not None
                x, y = place
                for dx, dy in ((0.0, 0.0), (0.9, 0.0), (-0.9, 0.0), (0.0, 0.9), (0.0, -0.9)):
                    assert layout.neuron_at(x + dx * reach, y + dy * reach) == neuron

    @given(layout=laid_out(), x=st.floats(0, 1), y=st.floats(0, 1))
    def test_what_is_found_is_near(self, layout: Layout, x: float, y: float) -> None:
        """A neuron found at a point stands within its radius and three points of it."""
        x, y = x * layout.width, y * layout.height
        found = layout.neuron_at(x, y)
        if found is None:
            for disc_x, disc_y, radius in discs(layout):
                assert np.hypot(disc_x - x, disc_y - y) > radius
            return
        place = layout.place(found)
        assert place is not None
        reach = layout.columns[found.layer].radius + 3
        if found.layer == 0 and layout.grid is not None:
            reach = layout.grid.cell / 2 * np.sqrt(2)
        assert np.hypot(place[0] - x, place[1] - y) <= reach + 1e-6

    @given(layout=laid_out(), share=st.floats(0.15, 0.85), data=st.data())
    def test_the_weight_found_on_an_edge_passes_there(
        self, layout: Layout, share: float, data: st.DataObject
    ) -> None:
        """No edge is nearer to the point than the one found (where edges cross it is either)."""
        layer = data.draw(st.integers(1, len(layout.columns) - 1))
        source = data.draw(st.sampled_from(layout.columns[layer - 1].shown.tolist()))
        target = data.draw(st.sampled_from(layout.columns[layer].shown.tolist()))
        start, end = layout.place(Neuron(layer - 1, source)), layout.place(Neuron(layer, target))
        assert start is not None
        assert end is not None
        x = start[0] + (end[0] - start[0]) * share
        y = start[1] + (end[1] - start[1]) * share
        found = layout.weight_at(x, y)
        assert found is not None
        assert found.layer == layer
        assert distance_to(layout, found, x, y) <= 1e-6

    def test_an_edge_is_found_within_reach_only(self) -> None:
        layout = arrange(SHAPES["one output"], *ROOMS[0])
        x0, y0 = layout.place(Neuron(0, 0)) or (0, 0)
        x1, y1 = layout.place(Neuron(1, 0)) or (0, 0)
        x, y = (x0 * 3 + x1) / 4, (y0 * 3 + y1) / 4
        across = np.array([-(y1 - y0), x1 - x0]) / np.hypot(x1 - x0, y1 - y0)
        for away, expected in ((0, True), (3.5, True), (-3.5, True), (4.5, False), (-4.5, False)):
            found = layout.weight_at(x + away * across[0], y + away * across[1])
            assert (found == Weight(1, 0, 0)) == expected, away
        assert layout.weight_at(x + 9 * across[0], y + 9 * across[1], reach=10) is not None

    def test_of_two_edges_the_nearer_is_found(self) -> None:
        layout = arrange(SHAPES["2-3-2"], *ROOMS[0])
        x0, y0 = layout.place(Neuron(0, 0)) or (0, 0)
        x1, y1 = layout.place(Neuron(1, 2)) or (0, 0)
        assert layout.weight_at(x0 + 0.2 * (x1 - x0), y0 + 0.2 * (y1 - y0)) == Weight(1, 2, 0)

    def test_nothing_is_found_beside_the_network(self) -> None:
        layout = arrange(SHAPES["2-3-2"], *ROOMS[0])
        for x, y in ((1.0, 1.0), (layout.desired_x, 150.0), (200.0, 3.0), (739.0, 287.0)):
            assert layout.neuron_at(x, y) is None
            assert layout.weight_at(x, y) is None


def distance_to(layout: Layout, weight: Weight, x: float, y: float) -> float:
    """From a point to the segment between the two neurons."""
    start = np.array(layout.place(Neuron(weight.layer - 1, weight.source)))
    end = np.array(layout.place(Neuron(weight.layer, weight.target)))
    share = np.clip((np.array([x, y]) - start) @ (end - start) / ((end - start) ** 2).sum(), 0, 1)
    return float(np.linalg.norm(start + (end - start) * share - (x, y)))


@every_shape
def test_the_layout_depends_on_nothing_but_shape_and_room(shape: Shape) -> None:
    first, second = arrange(shape, 900, 500), arrange(shape, 900, 500)
    assert (first.label_x, first.nudge_x, first.desired_x) == (
        second.label_x,
        second.nudge_x,
        second.desired_x,
    )
    for layer in range(len(first.columns)):
        for one, other in zip(first.ends(layer), second.ends(layer), strict=True):
            assert np.array_equal(one, other)
    assert arrange(SHAPES["2-3-2"], 900, 500).columns[0].x == pytest.approx(
        arrange(SHAPES["2-3-2"], 900, 500, Neuron(1, 2)).columns[0].x
    )
