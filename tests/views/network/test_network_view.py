from __future__ import annotations

import re
import sys
from collections.abc import Callable
from itertools import product
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QPointF, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from explorer.core.beats import beats_of
from explorer.core.data.dataset import Dataset
from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron, Selectable, Weight
from explorer.core.readings import reading, title_of
from explorer.views.network import edge_picture
from explorer.views.network.geometry import Layout
from explorer.views.network.network_view import NetworkView
from explorer.views.palette import DARK, LIGHT, Theme

Array = np.ndarray[Any, Any]
MomentOf = Callable[..., Moment]
Pixels = Callable[[QWidget], Array]
Words = Callable[[QWidget], list[str]]
Between = Callable[[str, str, float], Array]
ShareBetween = Callable[[Any, str, str], float]
ImagesOf = Callable[[int, int], Dataset]
Hover = Callable[[QWidget, float, float], None]
Sized = Callable[[QWidget, int, int], None]
Drag = Callable[[QWidget, QPointF, QPointF], None]

LEFT = Qt.MouseButton.LeftButton
BEATS = tuple(map(str, beats_of(2)))
NEURONS = tuple(Neuron(layer, j) for layer, n in enumerate((2, 3, 2)) for j in range(n))
ALL_WEIGHTS = tuple(
    Weight(layer, j, k)
    for layer, n, m in ((1, 3, 2), (2, 2, 3))
    for j in range(n)
    for k in range(m)
)


@pytest.fixture
def view(sized: Sized) -> NetworkView:
    """An empty drawing of the size that it has in a small window."""
    view = NetworkView()
    sized(view, 740, 330)
    return view


def layout_of(view: NetworkView) -> Layout:
    layout = view.layout_now
    assert layout is not None
    return layout


def place_of(view: NetworkView, neuron: Neuron) -> QPointF:
    place = view.position_of(neuron)
    assert place is not None
    return place


def pixel_at(picture: Array, x: float, y: float) -> Array:
    return np.asarray(picture[int(y), int(x)])


def fill_at(view: NetworkView, picture: Array, neuron: Neuron) -> Array:
    """The fill of a neuron, between its ring and its number."""
    place = place_of(view, neuron)
    return pixel_at(
        picture, place.x(), place.y() - 0.62 * layout_of(view).columns[neuron.layer].radius
    )


def clear_point(view: NetworkView, weight: Weight) -> tuple[float, float]:
    """The point of an edge that is farthest from all other edges, and not under a neuron."""

    def ends(of: Weight) -> Array:
        parts = Neuron(of.layer - 1, of.source), Neuron(of.layer, of.target)
        return np.array([[place_of(view, p).x(), place_of(view, p).y()] for p in parts])

    start, end = ends(weight)
    points = start + np.linspace(0.15, 0.85, 71)[:, None] * (end - start)
    gaps = []
    for other in ALL_WEIGHTS:
        if other.layer == weight.layer and other != weight:
            a, b = ends(other)
            share = np.clip((points - a) @ (b - a) / ((b - a) @ (b - a)), 0, 1)
            gaps.append(np.linalg.norm(points - a - share[:, None] * (b - a), axis=1))
    best = int(np.min(gaps, axis=0).argmax())
    assert np.min(gaps, axis=0)[best] > 6
    return float(points[best, 0]), float(points[best, 1])


def value_of(moment: Moment, weight: Weight, name: str = "weight_before") -> float:
    return float(getattr(moment.trace.layers[weight.layer - 1], name)[weight.target, weight.source])


def words_within(view: NetworkView, texts: list[Any], neuron: Neuron) -> list[str]:
    """The words painted on a neuron; texts are placed by the left end of their baseline."""
    place = place_of(view, neuron)
    radius = layout_of(view).columns[neuron.layer].radius
    return [
        text.words
        for text in texts
        if abs(text.y - place.y()) < radius and -1.5 * radius < text.x - place.x() < 0
    ]


class TestFills:
    def test_inputs_and_tanh_are_diverging(
        self, view: NetworkView, moment_of: MomentOf, pixels: Pixels, between: Between, theme: Theme
    ) -> None:
        """zero + (end − zero)·|a|; all values and so the scale are within 1."""
        moment = moment_of("cost")
        view.set_theme(theme)
        view.show_moment(moment)
        picture = pixels(view)
        values = (moment.trace.inputs[0], moment.trace.layers[0].activation[0])
        assert {np.sign(v) for layer in values for v in layer} == {-1.0, 1.0}
        for layer, j in ((n.layer, n.index) for n in NEURONS if n.layer < 2):
            value = float(values[layer][j])
            end = theme.positive if value > 0 else theme.negative
            expected = between(theme.zero, end, abs(value))
            assert np.abs(fill_at(view, picture, Neuron(layer, j)) - expected).max() <= 1

    def test_an_input_has_one_colour_in_all_examples(
        self, view: NetworkView, moment_of: MomentOf, pixels: Pixels
    ) -> None:
        """y is 0.5 in examples 7 and 0, beside an x of −1 and of 0.25."""
        colours = []
        for example in (0, 3):
            moment = moment_of("cost", example=example)
            assert moment.trace.inputs[example, 1] == 0.5
            view.show_moment(moment)
            colours.append(fill_at(view, pixels(view), Neuron(0, 1)).tolist())
        assert colours[0] == colours[1]

    def test_sigmoid_is_sequential(
        self, view: NetworkView, moment_of: MomentOf, pixels: Pixels, between: Between, theme: Theme
    ) -> None:
        """empty + (full − empty)·a."""
        moment = moment_of("cost", example=2)
        view.set_theme(theme)
        view.show_moment(moment)
        picture = pixels(view)
        for j, a in enumerate(moment.trace.layers[1].activation[2]):
            expected = between(theme.empty, theme.full, float(a))
            assert np.abs(fill_at(view, picture, Neuron(2, j)) - expected).max() <= 1

    @pytest.mark.parametrize(
        ("beat", "lit"), [("mini_batch", 0), ("forward:1", 1), ("forward:2", 2)]
    )
    def test_a_layer_is_dark_and_without_numbers_until_its_forward_beat(
        self,
        view: NetworkView,
        moment_of: MomentOf,
        pixels: Pixels,
        texts: Any,
        between: Between,
        beat: str,
        lit: int,
    ) -> None:
        moment = moment_of(beat)
        view.show_moment(moment)
        picture, said = pixels(view), texts(view)
        canvas = between(DARK.canvas, DARK.canvas, 0)
        for layer in (1, 2):
            for j, a in enumerate(moment.trace.layers[layer - 1].activation[0]):
                dark = (fill_at(view, picture, Neuron(layer, j)) == canvas).all()
                assert dark == (layer > lit)
                expected = [] if layer > lit else [f"{a:.2f}".replace("-", "−")]
                assert words_within(view, said, Neuron(layer, j)) == expected

    def test_the_number_within_is_the_activation_of_the_example_in_focus(
        self, view: NetworkView, moment_of: MomentOf, texts: Any
    ) -> None:
        for example in range(4):
            moment = moment_of("update", example=example)
            view.show_moment(moment)
            said = texts(view)
            for layer, values in enumerate(moment.trace.layers, start=1):
                for j, a in enumerate(values.activation[example]):
                    expected = f"{a:.2f}".replace("-", "−")
                    assert words_within(view, said, Neuron(layer, j)) == [expected]


class TestRings:
    def ring(self, view: NetworkView, picture: Array, neuron: Neuron) -> Array:
        """The column of pixels across the upper rim of a neuron, from outside to inside."""
        place = place_of(view, neuron)
        rim = place.y() - layout_of(view).columns[neuron.layer].radius
        return np.asarray(picture[int(rim) - 4 : int(rim) + 5, int(place.x())])

    def test_the_ring_is_blue_for_a_positive_bias_and_orange_for_a_negative(
        self,
        view: NetworkView,
        moment_of: MomentOf,
        pixels: Pixels,
        theme: Theme,
    ) -> None:
        """A bias of zero is neither."""
        biases = [[0.9, -0.9, 0.0], [-0.5, 0.5]]
        view.set_theme(theme)
        view.show_moment(moment_of("mini_batch", biases=biases))
        picture = pixels(view)
        for layer, row in enumerate(biases, start=1):
            for j, bias in enumerate(row):
                ring = self.ring(view, picture, Neuron(layer, j))
                strong = {0.0: theme.muted, 1.0: theme.positive, -1.0: theme.negative}[
                    np.sign(bias)
                ]
                ends = np.array([int(strong[k : k + 2], 16) for k in (1, 3, 5)])
                nearest = ring[np.abs(ring - ends).sum(axis=1).argmin()]
                hue = int(nearest[2]) - int(nearest[0])
                assert np.sign(hue) == np.sign(bias) or (bias == 0 and abs(hue) < 40)

    def test_a_larger_bias_has_a_wider_ring(
        self, view: NetworkView, moment_of: MomentOf, pixels: Pixels
    ) -> None:
        view.show_moment(moment_of("mini_batch", biases=[[1.0, 0.5, 0.1], [0, 0]]))
        picture, widths = pixels(view), []
        for j in range(3):
            ring = self.ring(view, picture, Neuron(1, j))
            canvas = np.array([0x14, 0x16, 0x1B])
            widths.append(int((np.abs(ring - canvas).max(axis=1) > 20).sum()))
        assert widths[0] > widths[1] > widths[2] >= 1

    def test_after_the_update_the_ring_is_the_new_bias(
        self, view: NetworkView, moment_of: MomentOf, pixels: Pixels
    ) -> None:
        """With a learning rate of 100 the biases change their sign."""
        before = moment_of("average", rate=100)
        layer = before.trace.layers[1]
        j = int(np.argmax(-layer.bias_before * layer.bias_after))
        assert layer.bias_before[j] * layer.bias_after[j] < -0.01
        hues = []
        for beat in ("average", "update"):
            view.show_moment(replace(before, beat=moment_of(beat).beat))
            ring = self.ring(view, pixels(view), Neuron(2, j)).astype(int)
            hue = ring[:, 2] - ring[:, 0]
            hues.append(hue[np.abs(hue).argmax()])
        assert np.sign(hues[0]) == np.sign(layer.bias_before[j])
        assert np.sign(hues[1]) == np.sign(layer.bias_after[j])


class TestEdges:
    def ink(
        self, picture: Array, at: tuple[float, float], canvas: str, colour: str, share: ShareBetween
    ) -> float:
        """How much of a colour lies on the column of pixels across an edge."""
        column = picture[int(at[1]) - 5 : int(at[1]) + 6, int(at[0])]
        return sum(share(pixel, canvas, colour) for pixel in column)

    def sign_colour(self, value: float, theme: Theme) -> str:
        return theme.positive if value > 0 else theme.negative

    @pytest.mark.parametrize(
        ("beat", "name"), [("cost", "weight_before"), ("update", "weight_after")]
    )
    def test_weights_are_blue_or_orange_and_stronger_the_larger(
        self,
        view: NetworkView,
        moment_of: MomentOf,
        pixels: Pixels,
        share_between: ShareBetween,
        theme: Theme,
        beat: str,
        name: str,
    ) -> None:
        moment = moment_of(beat)
        view.set_theme(theme)
        view.show_moment(moment)
        picture, ink = pixels(view), {}
        for weight in ALL_WEIGHTS:
            value = value_of(moment, weight, name)
            at = clear_point(view, weight)
            colour = self.sign_colour(value, theme)
            ink[abs(value)] = self.ink(picture, at, theme.canvas, colour, share_between)
        sizes = sorted(ink)
        assert ink[sizes[0]] > 0.05
        far_apart = [(a, b) for a, b in product(sizes, sizes) if b - a > 0.2]
        assert all(ink[a] < ink[b] for a, b in far_apart)

    @pytest.mark.parametrize("focus", [1, 2])
    def test_in_a_backward_beat_they_are_wishes_and_the_others_grey(
        self,
        view: NetworkView,
        moment_of: MomentOf,
        pixels: Pixels,
        share_between: ShareBetween,
        focus: int,
    ) -> None:
        moment = moment_of(f"backward:{focus}")
        view.show_moment(moment)
        picture = pixels(view)
        for weight in ALL_WEIGHTS:
            at = clear_point(view, weight)
            column = picture[int(at[1]) - 3 : int(at[1]) + 4, int(at[0])].astype(int)
            strongest = column[np.abs(column - column[0]).sum(axis=1).argmax()]
            if weight.layer != focus:
                assert 0 < share_between(strongest, DARK.canvas, DARK.muted) < 0.5
                continue
            delta = moment.trace.layers[focus - 1].delta[0, weight.target]
            wish = -delta * moment.trace.activation(focus - 1)[0, weight.source]
            assert share_between(strongest, DARK.canvas, self.sign_colour(wish, DARK)) > 0.05

    def test_in_the_average_they_are_minus_the_gradient(
        self, view: NetworkView, moment_of: MomentOf, pixels: Pixels, share_between: ShareBetween
    ) -> None:
        moment = moment_of("average")
        view.show_moment(moment)
        picture = pixels(view)
        largest = max(float(np.abs(layer.weight_gradient).max()) for layer in moment.trace.layers)
        seen = 0
        for weight in ALL_WEIGHTS:
            mean = -value_of(moment, weight, "weight_gradient")
            if abs(mean) > 0.1 * largest:
                seen += 1
                at = clear_point(view, weight)
                colour = self.sign_colour(mean, DARK)
                assert self.ink(picture, at, DARK.canvas, colour, share_between) > 0.05
        assert seen > 6

    def test_the_edges_of_the_selected_neuron_stand_out(
        self, view: NetworkView, moment_of: MomentOf, pixels: Pixels, share_between: ShareBetween
    ) -> None:
        moment = moment_of("cost")
        view.show_moment(moment)
        view.select(Neuron(1, 2))
        picture = pixels(view)
        view.select(None)
        plain = pixels(view)
        for weight in ALL_WEIGHTS:
            chosen = weight in (Weight(1, 2, 0), Weight(1, 2, 1), Weight(2, 0, 2), Weight(2, 1, 2))
            colour = self.sign_colour(value_of(moment, weight), DARK)
            at = clear_point(view, weight)
            with_it, without = (
                self.ink(p, at, DARK.canvas, colour, share_between) for p in (picture, plain)
            )
            assert (with_it > without) == chosen, weight


class TestWishes:
    def arrow(self, picture: Array, x: float, y: float, colour: str) -> Array:
        """How many pixels of an arrow's own colour are in each row about its middle."""
        ends = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)])
        box = picture[round(y) - 22 : round(y) + 22, round(x) - 9 : round(x) + 9]
        return np.asarray((np.abs(box - ends).max(axis=2) < 24).sum(axis=1))

    @pytest.mark.parametrize("example", [0, 1])
    def test_an_output_wishes_up_in_blue_or_down_in_orange_as_far_as_it_is_off(
        self, view: NetworkView, moment_of: MomentOf, pixels: Pixels, theme: Theme, example: int
    ) -> None:
        """−∂C/∂a = 2(y − a) for squared error; arrows and wishes are in proportion."""
        moment = moment_of("backward:2", example=example)
        view.set_theme(theme)
        view.show_moment(moment)
        layout, picture = layout_of(view), pixels(view)
        wishes = 2 * (moment.trace.targets[example] - moment.trace.layers[1].activation[example])
        assert {*np.sign(wishes)} == {-1, 1}
        lengths = []
        for j, wish in enumerate(wishes):
            y = place_of(view, Neuron(2, j)).y()
            colour = theme.positive if wish > 0 else theme.negative
            rows = self.arrow(picture, layout.nudge_x, y, colour)
            filled = np.flatnonzero(rows)
            lengths.append(filled[-1] - filled[0] + 1)
            widest, middle = rows.argmax(), (filled[0] + filled[-1]) / 2
            assert widest < middle if wish > 0 else widest > middle, "the head is on its side"
            other = theme.negative if wish > 0 else theme.positive
            assert not self.arrow(picture, layout.nudge_x, y, other).any()
        share = abs(wishes[0] / wishes[1])
        assert lengths[0] / lengths[1] == pytest.approx(share, rel=0.2)

    def test_the_wish_stands_beside_its_arrow_as_a_number(
        self, view: NetworkView, moment_of: MomentOf, words: Words
    ) -> None:
        moment = moment_of("backward:2")
        view.show_moment(moment)
        said = words(view)
        for wish in 2 * (moment.trace.targets[0] - moment.trace.layers[1].activation[0]):
            sign = "+" if wish > 0 else "−"
            assert f"{sign}{abs(wish):.2f}" in said

    @pytest.mark.parametrize("beat", BEATS)
    def test_hidden_neurons_have_arrows_in_the_backward_beats_only(
        self, view: NetworkView, moment_of: MomentOf, pixels: Pixels, beat: str
    ) -> None:
        """Beside the neuron, higher or lower than the edges that leave it in weak colours."""
        quiet = [np.full((3, 2), 0.3), np.full((2, 3), 0.02)]
        moment = moment_of(beat, weights=quiet, biases=[[0.5, -0.7, 0.2], [-0.4, 1.3]])
        view.show_moment(moment)
        picture, layout = pixels(view), layout_of(view)
        for j, gradient in enumerate(moment.trace.layers[0].activation_gradient[0]):
            place = place_of(view, Neuron(1, j))
            x = round(place.x() + layout.columns[1].radius + 7)
            box = picture[round(place.y()) - 14 : round(place.y()) + 14, x - 3 : x + 4]
            blue = ((box[..., 2] - box[..., 0]) > 150).sum()
            orange = ((box[..., 0] - box[..., 2]) > 150).sum()
            if beat.startswith("backward"):
                assert (blue > 6, orange > 6) == (gradient < 0, gradient > 0)
            else:
                assert blue == orange == 0

    def test_nothing_is_wished_before_the_backward_beats(
        self, view: NetworkView, moment_of: MomentOf, words: Words
    ) -> None:
        for beat in BEATS:
            view.show_moment(moment_of(beat))
            assert ("wish" in words(view)) == beat.startswith("backward")


class TestDesired:
    def discs(self, view: NetworkView, picture: Array) -> list[Array]:
        layout = layout_of(view)
        return [pixel_at(picture, layout.desired_x, y - 8.5) for y in layout.columns[-1].y]

    def test_targets_stand_beside_the_outputs_in_the_colours_of_activations(
        self, view: NetworkView, moment_of: MomentOf, pixels: Pixels, between: Between, theme: Theme
    ) -> None:
        """Example 7 of the points is of the second class: y = (0, 1)."""
        view.set_theme(theme)
        view.show_moment(moment_of("cost"))
        first, second = self.discs(view, pixels(view))
        assert np.abs(first - between(theme.empty, theme.empty, 0)).max() <= 1
        assert np.abs(second - between(theme.full, theme.full, 0)).max() <= 1

    def test_they_are_dim_until_the_cost_beat(
        self, view: NetworkView, moment_of: MomentOf, pixels: Pixels, share_between: ShareBetween
    ) -> None:
        for beat in BEATS:
            view.show_moment(moment_of(beat))
            share = share_between(self.discs(view, pixels(view))[1], DARK.canvas, DARK.full)
            dim = beat in ("mini_batch", "forward:1", "forward:2")
            assert share < 0.5 if dim else share > 0.99

    def test_they_follow_the_example_in_focus(
        self, view: NetworkView, moment_of: MomentOf, pixels: Pixels, between: Between
    ) -> None:
        view.show_moment(moment_of("cost", example=1))
        first, second = self.discs(view, pixels(view))
        assert np.abs(first - between(DARK.full, DARK.full, 0)).max() <= 1
        assert np.abs(second - between(DARK.empty, DARK.empty, 0)).max() <= 1


class TestImages:
    @pytest.mark.parametrize("size", [(4, 4), (8, 8), (5, 3)])
    def test_every_pixel_has_the_grey_of_its_value(
        self,
        view: NetworkView,
        moment_of: MomentOf,
        images_of: ImagesOf,
        pixels: Pixels,
        between: Between,
        theme: Theme,
        size: tuple[int, int],
    ) -> None:
        """Value k of the row-by-row inputs; empty + (full − empty)·x, all within 1."""
        moment = moment_of(dataset=images_of(*size), layers=((3, "sigmoid"),), example=1)
        view.set_theme(theme)
        view.show_moment(moment)
        picture, grid = pixels(view), layout_of(view).grid
        assert grid is not None
        for k, value in enumerate(moment.trace.inputs[1]):
            row, column = divmod(k, size[0])
            x, y = grid.left + (column + 0.5) * grid.cell, grid.top + (row + 0.5) * grid.cell
            expected = between(theme.empty, theme.full, float(value))
            assert np.abs(pixel_at(picture, x, y) - expected).max() <= 1

    def test_a_click_on_a_pixel_asks_for_that_input(
        self, view: NetworkView, moment_of: MomentOf, images_of: ImagesOf, qtbot: QtBot
    ) -> None:
        view.show_moment(moment_of(dataset=images_of(8, 8), layers=((3, "sigmoid"),)))
        for k in (0, 7, 8, 27, 63):
            with qtbot.waitSignal(
                view.selection_requested, check_params_cb=lambda part, k=k: part == Neuron(0, k)
            ):
                qtbot.mouseClick(view, LEFT, pos=place_of(view, Neuron(0, k)).toPoint())

    def test_the_selected_pixel_is_framed(
        self, view: NetworkView, moment_of: MomentOf, images_of: ImagesOf, pixels: Pixels
    ) -> None:
        view.show_moment(moment_of(dataset=images_of(4, 4), layers=((3, "sigmoid"),)))
        view.select(Neuron(0, 6))
        picture, grid = pixels(view), layout_of(view).grid
        assert grid is not None
        accent = np.array([0xFF, 0xD1, 0x66])
        framed = np.argwhere(np.abs(picture - accent).max(axis=2) < 30)
        place = place_of(view, Neuron(0, 6))
        assert len(framed) > 3 * grid.cell
        assert np.abs(framed - (place.y(), place.x())).max() <= grid.cell / 2 + 3

    def test_the_heading_says_what_is_shown(
        self, view: NetworkView, moment_of: MomentOf, images_of: ImagesOf, words: Words
    ) -> None:
        view.show_moment(moment_of(dataset=images_of(8, 8), layers=((3, "sigmoid"),), example=2))
        said = words(view)
        assert "input · 8×8 pixels" in said
        assert "output · 3" in said
        assert "example 3 of 4 · label two" in said, "example 5 of the images is of class 5 mod 3"


class TestFolding:
    def test_what_is_folded_away_is_counted(
        self,
        view: NetworkView,
        moment_of: MomentOf,
        table_of: Callable[..., Dataset],
        words: Words,
    ) -> None:
        view.show_moment(moment_of(dataset=table_of(784), layers=((3, "tanh"), (1, "linear"))))
        column = layout_of(view).columns[0]
        said = words(view)
        shown = len(column.shown)
        assert 0 < shown < 40
        assert f"input · 784, {shown} shown" in said
        assert f"⋮ {784 - shown} more" in said
        assert "hidden 1 · 3" in said

    def test_a_selected_neuron_is_unfolded(
        self, view: NetworkView, moment_of: MomentOf, table_of: Callable[..., Dataset]
    ) -> None:
        view.show_moment(moment_of(dataset=table_of(784), layers=((3, "tanh"), (1, "linear"))))
        assert view.position_of(Neuron(0, 400)) is None
        view.select(Neuron(0, 400))
        assert view.position_of(Neuron(0, 400)) is not None
        view.select(Weight(1, 2, 500))
        assert view.position_of(Neuron(0, 500)) is not None
        assert view.position_of(Neuron(0, 400)) is None


class TestSelecting:
    @pytest.mark.parametrize("neuron", NEURONS, ids=repr)
    def test_a_click_on_a_neuron_asks_for_it(
        self, view: NetworkView, moment_of: MomentOf, qtbot: QtBot, neuron: Neuron
    ) -> None:
        view.show_moment(moment_of("cost"))
        with qtbot.waitSignal(view.selection_requested, check_params_cb=lambda p: p == neuron):
            qtbot.mouseClick(view, LEFT, pos=place_of(view, neuron).toPoint())

    @pytest.mark.parametrize("weight", ALL_WEIGHTS, ids=repr)
    def test_a_click_on_an_edge_asks_for_its_weight(
        self, view: NetworkView, moment_of: MomentOf, qtbot: QtBot, weight: Weight
    ) -> None:
        view.show_moment(moment_of("cost"))
        where = QPointF(*clear_point(view, weight)).toPoint()
        with qtbot.waitSignal(view.selection_requested, check_params_cb=lambda p: p == weight):
            qtbot.mouseClick(view, LEFT, pos=where)

    def test_a_click_beside_everything_lets_go(
        self, view: NetworkView, moment_of: MomentOf, qtbot: QtBot
    ) -> None:
        view.show_moment(moment_of("cost"))
        with qtbot.waitSignal(view.selection_requested, check_params_cb=lambda p: p is None):
            qtbot.mouseClick(view, LEFT, pos=QPoint(160, 30))

    def test_so_does_escape(self, view: NetworkView, moment_of: MomentOf, qtbot: QtBot) -> None:
        view.show_moment(moment_of("cost"))
        with qtbot.waitSignal(view.selection_requested, check_params_cb=lambda p: p is None):
            qtbot.keyClick(view, Qt.Key.Key_Escape)

    def test_other_buttons_ask_for_nothing(
        self, view: NetworkView, moment_of: MomentOf, qtbot: QtBot
    ) -> None:
        view.show_moment(moment_of("cost"))
        where = place_of(view, Neuron(1, 1)).toPoint()
        with qtbot.assertNotEmitted(view.selection_requested):
            qtbot.mouseClick(view, Qt.MouseButton.RightButton, pos=where)
            qtbot.mouseClick(view, Qt.MouseButton.MiddleButton, pos=where)

    def test_a_click_alone_marks_nothing(
        self, view: NetworkView, moment_of: MomentOf, qtbot: QtBot, pixels: Pixels, leave: Any
    ) -> None:
        """What is selected is said from outside."""
        view.show_moment(moment_of("cost"))
        before = pixels(view)
        qtbot.mouseClick(view, LEFT, pos=place_of(view, Neuron(1, 1)).toPoint())
        leave(view)
        assert np.array_equal(pixels(view), before)

    @pytest.mark.parametrize("neuron", NEURONS, ids=repr)
    def test_the_selected_neuron_has_a_ring_of_its_own(
        self, view: NetworkView, moment_of: MomentOf, pixels: Pixels, neuron: Neuron, theme: Theme
    ) -> None:
        view.set_theme(theme)
        view.show_moment(moment_of("cost"))
        view.select(neuron)
        accent = np.array([int(theme.accent[k : k + 2], 16) for k in (1, 3, 5)])
        lit = np.argwhere(np.abs(pixels(view) - accent).max(axis=2) < 12)
        place = place_of(view, neuron)
        radius = layout_of(view).columns[neuron.layer].radius
        distances = np.hypot(lit[:, 1] + 0.5 - place.x(), lit[:, 0] + 0.5 - place.y())
        assert len(lit) > 30
        assert radius + 2 < distances.min() < distances.max() < radius + 8
        view.select(None)
        assert not (np.abs(pixels(view) - accent).max(axis=2) < 12).any()

    def test_an_empty_drawing_asks_for_nothing(self, view: NetworkView, qtbot: QtBot) -> None:
        with qtbot.assertNotEmitted(view.selection_requested):
            qtbot.mouseClick(view, LEFT, pos=QPoint(260, 150))

    def test_nor_does_a_cleared_one(
        self, view: NetworkView, moment_of: MomentOf, qtbot: QtBot
    ) -> None:
        view.show_moment(moment_of("cost"))
        where = place_of(view, Neuron(1, 1)).toPoint()
        view.clear()
        with qtbot.assertNotEmitted(view.selection_requested):
            qtbot.mouseClick(view, LEFT, pos=where)


class TestPointing:
    @pytest.mark.parametrize(
        "part",
        [Neuron(0, 1), Neuron(1, 2), Neuron(2, 0), Weight(1, 0, 1), Weight(2, 1, 2)],
        ids=repr,
    )
    @pytest.mark.parametrize("beat", ["mini_batch", "backward:2", "update"])
    def test_what_is_under_the_pointer_is_read_and_told(
        self,
        view: NetworkView,
        moment_of: MomentOf,
        words: Words,
        hover: Hover,
        leave: Any,
        qtbot: QtBot,
        part: Selectable,
        beat: str,
    ) -> None:
        moment = moment_of(beat, example=1)
        view.show_moment(moment)
        if isinstance(part, Neuron):
            where = place_of(view, part)
        else:
            where = QPointF(*clear_point(view, part))
        expected = {title_of(moment, part), *reading(moment, part)}
        assert not expected & set(words(view))
        with qtbot.waitSignal(view.part_pointed, check_params_cb=lambda p: p == part):
            hover(view, where.x(), where.y())
        assert expected <= set(words(view))
        with qtbot.waitSignal(view.part_pointed, check_params_cb=lambda p: p is None):
            leave(view)
        assert not expected & set(words(view))

    def test_the_reading_has_the_numbers_of_the_trace(
        self, view: NetworkView, moment_of: MomentOf, words: Words, hover: Hover
    ) -> None:
        """z = 0.8·(−1) − 0.4·0.5 + 0.5 = −1 + 0.5 = −0.5 and a = tanh z = −0.462."""
        view.show_moment(moment_of("cost"))
        place = place_of(view, Neuron(1, 0))
        hover(view, place.x(), place.y())
        said = words(view)
        assert "z = Σ w·a + b = −1.00 + 0.500 = −0.500" in said
        assert "a = tanh z = −0.462" in said

    def test_a_part_pointed_at_elsewhere_lights_up(
        self, view: NetworkView, moment_of: MomentOf, pixels: Pixels
    ) -> None:
        view.show_moment(moment_of("cost"))
        plain = pixels(view)
        for part, at in (
            (Neuron(1, 1), place_of(view, Neuron(1, 1))),
            (Weight(2, 0, 2), QPointF(*clear_point(view, Weight(2, 0, 2)))),
        ):
            view.point_at(part)
            changed = np.argwhere((pixels(view) != plain).any(axis=2))
            assert len(changed) > 60
            assert np.abs(changed - (at.y(), at.x())).sum(axis=1).min() < 24
            view.point_at(None)
            assert np.array_equal(pixels(view), plain)


class TestZoom:
    def test_a_point_zoomed_around_stays_and_the_others_move_away(
        self, view: NetworkView, moment_of: MomentOf
    ) -> None:
        """p' = c + f·(p − c)."""
        view.show_moment(moment_of("cost"))
        before = {neuron: place_of(view, neuron) for neuron in NEURONS}
        centre = before[Neuron(1, 1)]
        view.zoom(2.0, centre)
        for neuron, old in before.items():
            expected = centre + 2.0 * (old - centre)
            assert (place_of(view, neuron) - expected).manhattanLength() < 1e-6

    def test_pointing_follows_the_zoom(
        self, view: NetworkView, moment_of: MomentOf, qtbot: QtBot, pixels: Pixels, between: Between
    ) -> None:
        moment = moment_of("cost")
        view.show_moment(moment)
        old = place_of(view, Neuron(1, 1)).toPoint()
        view.zoom(2.5, QPointF(420.0, 140.0))
        new = place_of(view, Neuron(1, 1))
        assert (new - old.toPointF()).manhattanLength() > 200
        with qtbot.waitSignal(
            view.selection_requested, check_params_cb=lambda p: p == Neuron(1, 1)
        ):
            qtbot.mouseClick(view, LEFT, pos=new.toPoint())
        with qtbot.waitSignal(
            view.selection_requested, check_params_cb=lambda p: p != Neuron(1, 1)
        ):
            qtbot.mouseClick(view, LEFT, pos=old)
        value = float(moment.trace.layers[0].activation[0, 1])
        drawn = pixel_at(pixels(view), new.x(), new.y() - 0.62 * 16 * 2.5)
        assert np.abs(drawn - between(DARK.zero, DARK.positive, value)).max() <= 1

    def test_an_edge_is_as_easy_to_hit_as_before(
        self, view: NetworkView, moment_of: MomentOf, qtbot: QtBot
    ) -> None:
        """Within four points on the screen, however large the drawing is."""
        view.show_moment(moment_of("cost"))
        weight = Weight(2, 1, 0)
        view.zoom(4.0, QPointF(*clear_point(view, weight)))
        x, y = clear_point(view, weight)
        ends = place_of(view, Neuron(1, 0)), place_of(view, Neuron(2, 1))
        slope = (ends[1].y() - ends[0].y()) / (ends[1].x() - ends[0].x())
        across = QPointF(-slope, 1.0) / (1 + slope**2) ** 0.5
        for away, expected in ((2.0, weight), (9.0, None), (-9.0, None)):
            where = (QPointF(x, y) + across * away).toPoint()
            with qtbot.waitSignal(
                view.selection_requested, check_params_cb=lambda p, e=expected: p == e
            ):
                qtbot.mouseClick(view, LEFT, pos=where)

    def test_fit_undoes_zoom_and_pan(
        self, view: NetworkView, moment_of: MomentOf, drag: Drag
    ) -> None:
        view.show_moment(moment_of("cost"))
        before = place_of(view, Neuron(2, 1))
        view.zoom(3.0)
        drag(view, QPointF(300, 100), QPointF(260, 130))
        assert place_of(view, Neuron(2, 1)) != before
        view.fit()
        assert place_of(view, Neuron(2, 1)) == before

    def test_a_drag_pans_and_selects_nothing(
        self, view: NetworkView, moment_of: MomentOf, drag: Drag, qtbot: QtBot
    ) -> None:
        view.show_moment(moment_of("cost"))
        view.zoom(3.0)
        before = place_of(view, Neuron(1, 1))
        with qtbot.assertNotEmitted(view.selection_requested):
            drag(view, before, before + QPointF(40, -25))
        moved = place_of(view, Neuron(1, 1)) - before
        assert (moved - QPointF(40, -25)).manhattanLength() < 1e-6

    def test_the_drawing_cannot_be_lost(
        self, view: NetworkView, moment_of: MomentOf, drag: Drag
    ) -> None:
        """However far it is dragged, the window shows a part of the drawing's own rectangle."""
        view.show_moment(moment_of("cost"))
        start = place_of(view, Neuron(0, 0))
        drag(view, QPointF(300, 100), QPointF(-5000, 4000))
        assert place_of(view, Neuron(0, 0)) == start, "what fits does not move"
        view.zoom(2.0)
        for far in (QPointF(9000, 9000), QPointF(-9000, -9000)):
            drag(view, QPointF(300, 100), far)
            corner = place_of(view, Neuron(0, 0)) - 2 * start
            assert -view.width() - 1e-6 <= corner.x() <= 1e-6
            assert -view.height() - 1e-6 <= corner.y() <= 1e-6

    def test_zoom_has_limits(self, view: NetworkView, moment_of: MomentOf) -> None:
        view.show_moment(moment_of("cost"))
        gap = place_of(view, Neuron(1, 1)).x() - place_of(view, Neuron(0, 0)).x()
        for factor, expected in ((1e9, 8.0), (1e-9, 1.0), (0.5, 1.0)):
            view.zoom(factor)
            now = place_of(view, Neuron(1, 1)).x() - place_of(view, Neuron(0, 0)).x()
            assert now == pytest.approx(gap * expected)

    def test_the_wheel_zooms_around_the_pointer(
        self, view: NetworkView, moment_of: MomentOf, turn_wheel: Any
    ) -> None:
        view.show_moment(moment_of("cost"))
        centre, other = place_of(view, Neuron(1, 1)), place_of(view, Neuron(2, 0))
        turn_wheel(view, 120, centre.x(), centre.y())
        assert (place_of(view, Neuron(1, 1)) - centre).manhattanLength() < 1e-6
        assert place_of(view, Neuron(2, 0)).x() > other.x()
        turn_wheel(view, -120, centre.x(), centre.y())
        assert (place_of(view, Neuron(2, 0)) - other).manhattanLength() < 1e-6

    def test_another_network_is_shown_whole(
        self, view: NetworkView, moment_of: MomentOf, sized: Sized
    ) -> None:
        other = moment_of("cost", layers=((4, "tanh"), (2, "sigmoid")))
        view.show_moment(moment_of("cost"))
        view.zoom(3.0)
        view.show_moment(other)
        fresh = NetworkView()
        sized(fresh, 740, 330)
        fresh.show_moment(other)
        assert view.position_of(Neuron(1, 3)) == fresh.position_of(Neuron(1, 3))


class TestKeepingStill:
    def test_nothing_moves_from_beat_to_beat(self, view: NetworkView, moment_of: MomentOf) -> None:
        view.show_moment(moment_of("mini_batch"))
        first = {neuron: place_of(view, neuron) for neuron in NEURONS}
        beside = (layout_of(view).label_x, layout_of(view).nudge_x, layout_of(view).desired_x)
        view.zoom(2.0, first[Neuron(1, 0)])
        zoomed = {neuron: place_of(view, neuron) for neuron in NEURONS}
        for beat, example in product(BEATS, range(4)):
            view.show_moment(moment_of(beat, example=example))
            assert {neuron: place_of(view, neuron) for neuron in NEURONS} == zoomed
            layout = layout_of(view)
            assert (layout.label_x, layout.nudge_x, layout.desired_x) == beside

    def test_a_beat_can_be_gone_back_to(
        self, view: NetworkView, moment_of: MomentOf, pixels: Pixels
    ) -> None:
        pictures = []
        for _ in range(2):
            for beat in BEATS:
                view.show_moment(moment_of(beat))
                pictures.append(pixels(view))
        for first, second in zip(pictures[: len(BEATS)], pictures[len(BEATS) :], strict=True):
            assert np.array_equal(first, second)
        distinct = {picture.tobytes() for picture in pictures}
        assert len(distinct) == len(BEATS)

    def test_the_scale_is_kept_within_a_run_and_given_up_with_it(
        self, view: NetworkView, moment_of: MomentOf, words: Words
    ) -> None:
        large = moment_of("cost", weights=[np.full((3, 2), 4.5), np.full((2, 3), 0.1)])
        for moment, end in ((moment_of("cost"), "1.0"), (large, "5.0"), (moment_of("cost"), "5.0")):
            view.show_moment(moment)
            said = words(view)
            place = said.index("weight · bias ring")
            assert said[place - 1 : place + 2] == [f"−{end}", "weight · bias ring", end]
        view.restart()
        view.show_moment(moment_of("cost"))
        assert "−5.0" not in words(view)


class TestLegend:
    @pytest.mark.parametrize(
        ("beat", "title"),
        [
            ("cost", "weight · bias ring"),
            ("backward:1", "wish of the weights −∂Cᵢ/∂w"),
            ("average", "mean wish −∂C/∂w"),
            ("update", "weight after the update · bias ring"),
        ],
    )
    def test_says_what_the_edges_are(
        self, view: NetworkView, moment_of: MomentOf, words: Words, beat: str, title: str
    ) -> None:
        view.show_moment(moment_of(beat))
        assert title in words(view)

    def test_says_the_ends_of_the_scale_of_the_wishes(
        self, view: NetworkView, moment_of: MomentOf, texts: Any
    ) -> None:
        moment = moment_of("backward:2")
        view.show_moment(moment)
        trace = moment.trace
        largest = np.abs(np.outer(trace.layers[1].delta[0], trace.layers[0].activation[0])).max()
        said = [text.words for text in texts(view) if text.y > 300]
        place = said.index("wish of the weights −∂Cᵢ/∂w")
        low, high = said[place - 1], said[place + 1]
        assert low == f"−{high}"
        assert largest <= float(high) * 1.01
        assert float(high) <= largest * 1.7

    def test_a_very_dense_network_says_how_many_edges_are_drawn(
        self, view: NetworkView, moment_of: MomentOf, images_of: ImagesOf, words: Words
    ) -> None:
        """784·30 + 30·3 = 23,610 edges are more than can be told apart."""
        view.resize(960, 700)
        moment = moment_of(dataset=images_of(28, 28), layers=((30, "sigmoid"), (3, "sigmoid")))
        view.show_moment(moment)
        found = re.search(r"([\d,]+) of 23,610 edges drawn, the strongest", " ".join(words(view)))
        assert found is not None
        assert 1_000 < int(found[1].replace(",", "")) < 23_610
        view.show_moment(moment_of("cost"))
        assert "edges drawn" not in " ".join(words(view))


class TestPictures:
    def painted(self, view: NetworkView, scale: int) -> QImage:
        image = QImage(view.size() * scale, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(scale)
        painter = QPainter(image)
        view.paint_on(painter, QSizeF(view.size()))
        painter.end()
        return image

    def rendered(self, view: NetworkView, scale: int) -> QImage:
        image = QImage(view.size() * scale, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(scale)
        view.set_direct(True)
        view.render(image, QPoint())
        view.set_direct(False)
        return image

    @pytest.mark.parametrize("way", ["painted", "rendered"])
    def test_a_picture_of_triple_scale_is_sharp(
        self, view: NetworkView, moment_of: MomentOf, image_pixels: Any, between: Between, way: str
    ) -> None:
        moment = moment_of("cost")
        view.show_moment(moment)
        view.select(Neuron(1, 1))
        image = getattr(self, way)(view, 3)
        picture = image_pixels(image)
        assert picture.shape == (3 * 330, 3 * 740, 3)
        place = place_of(view, Neuron(1, 1))
        a = float(moment.trace.layers[0].activation[0, 1])
        fill = pixel_at(picture, 3 * place.x(), 3 * (place.y() - 10))
        assert np.abs(fill - between(DARK.zero, DARK.positive, a)).max() <= 1
        # Across the selection's ring: canvas, at most two mixed pixels, accent, two, canvas.
        radius = layout_of(view).columns[1].radius + 4.5
        rim = round(3 * (place.y() - radius))
        column = picture[rim - 12 : rim + 12, round(3 * place.x())]
        canvas, accent = between(DARK.canvas, DARK.canvas, 0), between(DARK.accent, DARK.accent, 0)
        pure = (np.abs(column - accent).max(axis=1) < 4).sum()
        none = (np.abs(column - canvas).max(axis=1) < 4).sum()
        assert pure >= 5
        mixed = 24 - pure - none
        neuron = int((np.abs(picture[rim + 9 : rim + 12, round(3 * place.x())] - canvas) > 4).any())
        assert mixed <= 4 + 3 * neuron

    def test_edges_are_drawn_anew_not_enlarged(
        self, view: NetworkView, moment_of: MomentOf, image_pixels: Any, pixels: Pixels
    ) -> None:
        view.show_moment(moment_of("cost"))
        once = pixels(view)
        for image in (self.painted(view, 3), self.rendered(view, 3)):
            picture = image_pixels(image)
            enlarged = once.repeat(3, axis=0).repeat(3, axis=1)
            x0, x1 = (int(place_of(view, Neuron(layer, 0)).x()) for layer in (0, 1))
            part = slice(3 * 60, 3 * 240), slice(3 * (x0 + 30), 3 * (x1 - 40))
            assert (np.abs(picture[part] - enlarged[part]).max(axis=2) > 25).sum() > 500

    def test_a_picture_takes_no_notice_of_pointer_zoom_and_drawing_on_screen(
        self,
        view: NetworkView,
        moment_of: MomentOf,
        image_pixels: Any,
        hover: Hover,
        pixels: Pixels,
    ) -> None:
        view.show_moment(moment_of("cost"))
        plain, on_screen = image_pixels(self.painted(view, 1)), pixels(view)
        assert np.array_equal(plain, on_screen)
        place = place_of(view, Neuron(1, 1))
        hover(view, place.x(), place.y())
        view.zoom(2.0)
        assert np.array_equal(image_pixels(self.painted(view, 1)), plain)

    def test_a_picture_of_nothing_is_the_empty_canvas(
        self, view: NetworkView, image_pixels: Any, between: Between
    ) -> None:
        picture = image_pixels(self.painted(view, 1))
        assert (picture == between(DARK.canvas, DARK.canvas, 0)).all()

    def test_a_cleared_drawing_is_the_empty_canvas(
        self, view: NetworkView, moment_of: MomentOf, pixels: Pixels, between: Between
    ) -> None:
        view.show_moment(moment_of("cost"))
        view.clear()
        assert (pixels(view) == between(DARK.canvas, DARK.canvas, 0)).all()


class TestManyEdges:
    """784·16 + 16·3 = 12,592."""

    @pytest.fixture
    def dense(self, moment_of: MomentOf, images_of: ImagesOf) -> Callable[..., Moment]:
        def build(**parts: Any) -> Moment:
            layers = ((16, "sigmoid"), (3, "sigmoid"))
            return moment_of(dataset=images_of(28, 28), layers=layers, **parts)

        return build

    def test_lines_give_way_to_the_sweep_when_it_is_compiled(
        self,
        view: NetworkView,
        dense: Callable[..., Moment],
        compiled: ModuleType,
        monkeypatch: pytest.MonkeyPatch,
        pixels: Pixels,
        qtbot: QtBot,
        painted: type,
    ) -> None:
        class Late:
            module: ModuleType | None = None
            loading = True

            def ready(self) -> ModuleType | None:
                return self.module

        kernels = Late()
        monkeypatch.setattr(edge_picture, "kernels", kernels)
        view.show_moment(dense())
        lines = pixels(view)
        QApplication.processEvents()  # nothing else asks for a paint from here on
        assert np.array_equal(pixels(view), lines)
        kernels.module = compiled
        paints = painted(view)
        qtbot.waitUntil(lambda: paints.times > 0)
        swept = pixels(view)
        assert not np.array_equal(swept, lines)

    @pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
    def test_a_picture_is_what_is_on_screen(
        self,
        view: NetworkView,
        dense: Callable[..., Moment],
        image_pixels: Any,
        scale: float,
    ) -> None:
        view.show_moment(dense())
        images = []
        for draw in (
            lambda painter: view.paint_on(painter, QSizeF(view.size())),
            lambda painter: view.render(painter, QPoint()),
        ):
            image = QImage((QSizeF(view.size()) * scale).toSize(), QImage.Format.Format_RGB32)
            image.setDevicePixelRatio(scale)
            painter = QPainter(image)
            draw(painter)
            painter.end()
            images.append(image_pixels(image))
        assert np.array_equal(*images)

    def test_zoomed_edges_are_drawn_anew_where_they_are(
        self,
        view: NetworkView,
        dense: Callable[..., Moment],
        pixels: Pixels,
        share_between: ShareBetween,
    ) -> None:
        weights = [np.zeros((16, 784)), np.zeros((3, 16))]
        weights[1][1, 4] = 0.9
        view.show_moment(dense(weights=weights))
        view.zoom(3.0, place_of(view, Neuron(2, 1)) - QPointF(60, 0))
        start, end = place_of(view, Neuron(1, 4)), place_of(view, Neuron(2, 1))
        picture = pixels(view)
        for share in (0.8, 0.85):
            at = start + (end - start) * share
            assert (
                share_between(picture[int(at.y()), int(at.x())], DARK.canvas, DARK.positive) > 0.5
            )
            assert (picture[int(at.y()) - 40, int(at.x())] == picture[5, 5]).all()

    def test_at_rest_they_are_as_in_motion(
        self, view: NetworkView, dense: Callable[..., Moment], pixels: Pixels
    ) -> None:
        view.show_moment(dense(live=True))
        live = pixels(view)
        view.show_moment(dense())
        assert np.array_equal(pixels(view), live)


class TestMotion:
    """784·16 + 16·3 edges, drawn beside the window while training runs."""

    @pytest.fixture
    def live(self, moment_of: MomentOf, images_of: ImagesOf) -> Callable[..., Moment]:
        def build(seed: int, **parts: Any) -> Moment:
            random = np.random.default_rng(seed)
            weights = [random.normal(0, 0.1, (16, 784)), random.normal(0, 0.6, (3, 16))]
            parts = {"weights": weights, "live": True, **parts}
            layers = ((16, "sigmoid"), (3, "sigmoid"))
            return moment_of(dataset=images_of(28, 28), layers=layers, **parts)

        return build

    @pytest.fixture
    def shown(self, pixels: Pixels, sized: Sized) -> Callable[..., Array]:
        """The pixels of a view that is shown one moment after a first, both of one run."""

        def draw(first: Moment, *more: Moment, selected: Selectable | None = None) -> Array:
            view = NetworkView()
            sized(view, 740, 330)
            for moment in (first, *(replace(m, live=False) for m in more)):
                view.show_moment(moment)
            view.select(selected)
            return pixels(view)

        return draw

    def test_the_newest_moment_is_shown_in_the_end(
        self,
        view: NetworkView,
        live: Callable[..., Moment],
        shown: Callable[..., Array],
        pixels: Pixels,
        qtbot: QtBot,
    ) -> None:
        moments = [live(seed) for seed in range(5)]
        for moment in moments:
            view.show_moment(moment)
        assert view.ahead.busy
        assert np.array_equal(pixels(view), shown(moments[0])), "until the next is there"
        arrived: list[Moment] = []
        view.ahead.arrived.connect(lambda drawing: arrived.append(drawing.moment))
        qtbot.waitUntil(lambda: not view.ahead.busy)
        assert arrived == [moments[1], moments[4]]
        assert np.array_equal(pixels(view), shown(*moments))

    def test_a_moment_that_has_come_may_wait_for_its_turn(
        self, view: NetworkView, live: Callable[..., Moment], qtbot: QtBot, painted: type
    ) -> None:
        asked: list[bool] = []
        paints = painted(view)
        view.take_turns(lambda: asked.append(True))
        for seed in range(2):
            view.show_moment(live(seed))
        qtbot.waitUntil(lambda: paints.times == 1)
        qtbot.waitUntil(lambda: asked == [True])
        assert not view.ahead.busy
        QApplication.processEvents()
        assert paints.times == 1
        view.update()
        qtbot.waitUntil(lambda: paints.times == 2)

    def test_a_moment_at_rest_is_shown_at_once(
        self,
        view: NetworkView,
        live: Callable[..., Moment],
        shown: Callable[..., Array],
        pixels: Pixels,
    ) -> None:
        first, second, last = live(0), live(1), live(2, live=False)
        for moment in (first, second, last):
            view.show_moment(moment)
        assert not view.ahead.busy
        assert np.array_equal(pixels(view), shown(first, last))

    def test_a_picture_shows_the_newest_moment(
        self,
        view: NetworkView,
        live: Callable[..., Moment],
        shown: Callable[..., Array],
        image_pixels: Any,
    ) -> None:
        moments = [live(seed) for seed in range(3)]
        expected = shown(moments[0], moments[2])
        for way in ("render", "paint_on"):
            for moment in moments:
                view.show_moment(moment)
            assert view.ahead.busy
            image = QImage(view.size(), QImage.Format.Format_RGB32)
            if way == "render":
                view.set_direct(True)
                view.render(image, QPoint())
                view.set_direct(False)
            else:
                painter = QPainter(image)
                view.paint_on(painter, QSizeF(view.size()))
                painter.end()
            assert np.array_equal(image_pixels(image), expected), way

    def test_a_selection_comes_with_the_next_moment(
        self,
        view: NetworkView,
        live: Callable[..., Moment],
        shown: Callable[..., Array],
        pixels: Pixels,
        qtbot: QtBot,
    ) -> None:
        first, second = live(0), live(1)
        view.show_moment(first)
        view.select(Neuron(2, 1))
        view.show_moment(second)
        assert np.array_equal(pixels(view), shown(first)), "neither is there yet"
        qtbot.waitUntil(lambda: not view.ahead.busy)
        assert np.array_equal(pixels(view), shown(first, second, selected=Neuron(2, 1)))

    def test_a_selection_alone_is_shown_at_once(
        self,
        view: NetworkView,
        live: Callable[..., Moment],
        shown: Callable[..., Array],
        pixels: Pixels,
    ) -> None:
        view.show_moment(live(0))
        view.select(Neuron(1, 5))
        assert np.array_equal(pixels(view), shown(live(0), selected=Neuron(1, 5)))

    @pytest.mark.parametrize("change", ["theme", "size", "zoom"])
    def test_what_changes_meanwhile_is_not_lost(
        self,
        view: NetworkView,
        live: Callable[..., Moment],
        sized: Sized,
        pixels: Pixels,
        qtbot: QtBot,
        change: str,
    ) -> None:
        def apply(to: NetworkView) -> None:
            match change:
                case "theme":
                    to.set_theme(LIGHT)
                case "size":
                    to.resize(700, 300)
                case _:
                    to.zoom(2.0, QPointF(400, 120))

        view.show_moment(live(0))
        view.show_moment(live(1))
        apply(view)
        qtbot.waitUntil(lambda: not view.ahead.busy)
        other = NetworkView()
        sized(other, 740, 330)
        other.show_moment(live(0))
        other.show_moment(live(1, live=False))
        apply(other)
        assert np.array_equal(pixels(view), pixels(other))

    def test_a_cleared_drawing_stays_clear(
        self, view: NetworkView, live: Callable[..., Moment], pixels: Pixels
    ) -> None:
        view.show_moment(live(0))
        view.show_moment(live(1))
        view.clear()
        assert not view.ahead.busy
        empty = pixels(view)
        assert (empty == empty[0, 0]).all()

    def test_a_window_may_go_while_edges_are_drawn(
        self, live: Callable[..., Moment], qtbot: QtBot
    ) -> None:
        view = NetworkView()
        view.resize(740, 330)
        view.show()
        view.show_moment(live(0))
        view.show_moment(live(1))
        assert view.ahead.busy
        view.close()
        view.deleteLater()
        with qtbot.waitSignal(view.destroyed):
            pass


class TestThemes:
    def test_another_theme_changes_the_drawing_and_back_undoes_it(
        self, view: NetworkView, moment_of: MomentOf, pixels: Pixels
    ) -> None:
        for beat in BEATS:
            view.show_moment(moment_of(beat))
            dark = pixels(view)
            view.set_theme(LIGHT)
            assert (pixels(view) != dark).any(axis=2).mean() > 0.9
            view.set_theme(DARK)
            assert np.array_equal(pixels(view), dark)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None counts no references there")
def test_painting_costs_no_references_to_none(view: NetworkView, moment_of: MomentOf) -> None:
    """A version of PySide6 lost three at every paint, until Python aborted."""
    image = QImage(view.size(), QImage.Format.Format_RGB32)
    view.show_moment(moment_of("cost"))
    for _ in range(5):
        view.render(image, QPoint())
    before = sys.getrefcount(None)
    for _ in range(60):
        view.render(image, QPoint())
    assert abs(sys.getrefcount(None) - before) < 30


class TestSingleEdges:
    def test_the_edge_pointed_at_runs_below_the_neurons(
        self, view: NetworkView, moment_of: MomentOf, pixels: Pixels
    ) -> None:
        view.show_moment(moment_of("cost"))
        before = pixels(view)
        weight = Weight(2, 1, 0)
        view.point_at(weight)
        after = pixels(view)
        layout = layout_of(view)
        assert (before != after).any()
        place = layout.place(Neuron(2, 1))
        assert place is not None
        x, y, inside = place[0], place[1], layout.columns[2].radius - 2
        rows, columns = np.mgrid[0 : before.shape[0], 0 : before.shape[1]]
        disc = (columns + 0.5 - x) ** 2 + (rows + 0.5 - y) ** 2 < inside**2
        assert disc.sum() > 200
        assert (before[disc] == after[disc]).all()

    def test_the_selected_edge_is_marked_in_the_accent(
        self, view: NetworkView, moment_of: MomentOf, pixels: Pixels
    ) -> None:
        view.set_theme(DARK)
        view.show_moment(moment_of("cost"))
        accent = np.array([int(DARK.accent[k : k + 2], 16) for k in (1, 3, 5)])

        def marked() -> int:
            return int((np.abs(pixels(view).astype(int) - accent).max(axis=2) < 40).sum())

        assert marked() == 0
        view.select(Weight(2, 1, 0))
        assert marked() > 60


def test_small_wishes_have_small_arrows(
    view: NetworkView, moment_of: MomentOf, pixels: Pixels
) -> None:
    """Beside the outputs, where they are largest: ink of an arrow against that of one half."""
    moment = moment_of("backward:2")
    gradients = np.abs(moment.trace.layers[1].activation_gradient[moment.example])
    view.show_moment(moment)
    layout, picture = layout_of(view), pixels(view).astype(int)
    heights = []
    for j in range(2):
        place = layout.place(Neuron(2, j))
        assert place is not None
        column = picture[int(place[1]) - 24 : int(place[1]) + 24, int(layout.nudge_x)]
        heights.append(int((np.ptp(column, axis=1) > 60).sum()))
    longest = np.abs(moment.trace.layers[1].activation_gradient).max()
    most = min(layout.columns[2].radius * 2.3, 38.0)
    for height, gradient in zip(heights, gradients, strict=True):
        assert height == pytest.approx(max(most * gradient / longest, 1.6), abs=2.0)
