from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QWidget

from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron, Selectable, Weight
from explorer.views.network.edges import Drawn, draw_edges
from explorer.views.network.geometry import Layout, Shape, arrange
from explorer.views.network.picture import Edges, Picture, Scales, picture_of
from explorer.views.palette import DARK

Array = np.ndarray[Any, Any]
CanvasOf = Callable[..., QWidget]
Pixels = Callable[[QWidget], Array]
ShareBetween = Callable[[Any, str, str], float]


# An image of 28×28 pixels before 30 neurons, none of them folded.
DENSE = arrange(Shape((784, 30), (28, 28), 0, 30), 960, 558)


@pytest.fixture
def picture(moment_of: Callable[..., Moment]) -> Callable[..., Picture]:
    """Build a picture of edges alone, at a scale of 1."""
    base = picture_of(moment_of(), Scales())

    def build(*values: Any, quiet: bool = False) -> Picture:
        edges = tuple(Edges(np.array(v, float), quiet=quiet) for v in values)
        return replace(base, edges=edges, edge_scale=1.0)

    return build


@pytest.fixture
def drawn(canvas_of: CanvasOf, pixels: Pixels) -> Callable[..., tuple[Drawn, Array]]:
    """Draw edges; what was counted, and the pixels."""

    def draw(
        layout: Layout, picture: Picture, selected: Selectable | None = None, *, live: bool = False
    ) -> tuple[Drawn, Array]:
        counted: list[Drawn] = []
        canvas = canvas_of(
            lambda painter: counted.append(
                draw_edges(painter, layout, picture, DARK, selected, live=live)
            ),
            round(layout.width),
            round(layout.height),
        )
        found = pixels(canvas)
        return counted[0], found

    return draw


def layout_of(*units: int, width: float = 740, height: float = 288) -> Layout:
    return arrange(Shape(units, None, 12, 30), width, height)


def strip(layout: Layout, found: Array, weight: Weight, share: float) -> Array:
    """The column of pixels across an edge, a share of the way along it."""
    start = layout.place(Neuron(weight.layer - 1, weight.source))
    end = layout.place(Neuron(weight.layer, weight.target))
    assert start is not None
    assert end is not None
    x, y = (a + (b - a) * share for a, b in zip(start, end, strict=True))
    return np.asarray(found[int(y) - 4 : int(y) + 5, int(x)])


class TestInk:
    @pytest.mark.parametrize(("value", "colour"), [(0.6, DARK.positive), (-0.6, DARK.negative)])
    def test_the_sign_is_the_colour(
        self, picture: Any, drawn: Any, share_between: ShareBetween, value: float, colour: str
    ) -> None:
        layout = layout_of(1, 1)
        _, found = drawn(layout, picture([[value]]))
        column = strip(layout, found, Weight(1, 0, 0), 0.5)
        shares = [share_between(pixel, DARK.canvas, colour) for pixel in column]
        assert max(shares) > 0.3

    def test_more_is_wider_and_stronger_up_to_the_scale(
        self, picture: Any, drawn: Any, share_between: ShareBetween
    ) -> None:
        layout, ink = layout_of(1, 1), []
        for value in (0.05, 0.2, 0.5, 1.0, 5.0):
            column = strip(layout, drawn(layout, picture([[value]]))[1], Weight(1, 0, 0), 0.5)
            ink.append(sum(share_between(pixel, DARK.canvas, DARK.positive) for pixel in column))
        assert 0 < ink[0] < ink[1] < ink[2] < ink[3] == ink[4]

    def test_zero_leaves_no_ink(self, picture: Any, drawn: Any) -> None:
        layout = layout_of(2, 3, 2)
        _, found = drawn(layout, picture(np.zeros((3, 2)), np.zeros((2, 3))))
        assert (found == found[0, 0]).all()

    def test_quiet_edges_are_grey_whatever_their_sign(
        self, picture: Any, drawn: Any, share_between: ShareBetween
    ) -> None:
        layout = layout_of(2, 1)
        _, found = drawn(layout, picture([[0.9, -0.9]], quiet=True))
        for source in (0, 1):
            column = strip(layout, found, Weight(1, 0, source), 0.3)
            shares = [share_between(pixel, DARK.canvas, DARK.muted) for pixel in column]
            assert 0.02 < max(shares) < 0.5

    @pytest.mark.parametrize(
        ("selected", "chosen"),
        [
            (Neuron(1, 0), {(1, 0, 0), (1, 0, 1), (2, 0, 0)}),
            (Neuron(0, 1), {(1, 0, 1), (1, 1, 1)}),
            (Weight(1, 1, 0), {(1, 1, 0)}),
        ],
        ids=repr,
    )
    def test_the_edges_of_the_selected_part_stand_out(
        self,
        picture: Any,
        drawn: Any,
        share_between: ShareBetween,
        selected: Selectable,
        chosen: set[tuple[int, int, int]],
    ) -> None:
        layout = layout_of(2, 2, 1)
        values = picture(np.full((2, 2), 0.6), np.full((1, 2), 0.6))
        plain, marked = drawn(layout, values)[1], drawn(layout, values, selected)[1]
        for layer, target, source in ((1, 0, 0), (1, 0, 1), (1, 1, 0), (1, 1, 1), (2, 0, 0)):
            ink = [
                sum(
                    share_between(pixel, DARK.canvas, DARK.positive)
                    for pixel in strip(layout, found, Weight(layer, target, source), 0.25)
                )
                for found in (plain, marked)
            ]
            assert (ink[1] > ink[0]) == ((layer, target, source) in chosen)


class TestCount:
    @pytest.mark.parametrize("live", [False, True])
    def test_of_a_small_network_all_edges_are_drawn(
        self, picture: Any, drawn: Any, live: bool
    ) -> None:
        """2·8 + 8·8 + 8·1 = 88."""
        random = np.random.default_rng(0)
        values = picture(*(random.uniform(0.1, 1, (n, m)) for m, n in ((2, 8), (8, 8), (8, 1))))
        assert drawn(layout_of(2, 8, 8, 1), values, live=live)[0] == Drawn(88, 88)

    def test_edges_of_folded_neurons_are_no_edges_of_the_drawing(
        self, picture: Any, drawn: Any
    ) -> None:
        layout = layout_of(784, 3)
        counted, _ = drawn(layout, picture(np.full((3, 784), 0.5)))
        shown = len(layout.columns[0].shown)
        assert counted == Drawn(3 * shown, 3 * shown)

    @pytest.mark.parametrize("live", [False, True])
    def test_what_is_left_out_is_counted_and_the_strongest_are_not(
        self, picture: Any, drawn: Any, live: bool
    ) -> None:
        """An image of 784 pixels, 30 neurons: 23,520 weak edges, and from each corner a strong."""
        values = np.full((30, 784), 0.05)
        corners = (0, 27, 756, 783)
        _, weak = drawn(DENSE, picture(values), live=live)
        values[15, list(corners)] = -1.0
        counted, found = drawn(DENSE, picture(values), live=live)
        assert counted.edges == 23_520
        assert 0 < counted.drawn < counted.edges
        for corner in corners:
            edge = Weight(1, 15, corner)
            redder = strip(DENSE, found, edge, 0.6) - strip(DENSE, weak, edge, 0.6)
            assert redder[:, 0].max() > 20, "orange, over the blue of the weak"

    def test_while_training_runs_fewer_are_drawn(self, picture: Any, drawn: Any) -> None:
        values = picture(np.random.default_rng(0).uniform(-1, 1, (30, 784)))
        rest, live = (drawn(DENSE, values, live=live)[0] for live in (False, True))
        assert live.edges == rest.edges
        assert live.drawn < rest.drawn / 4

    def test_no_layer_is_left_without_its_strongest_edge(
        self, picture: Any, drawn: Any, share_between: ShareBetween
    ) -> None:
        """However dense and strong the layer before."""
        layout = arrange(Shape((784, 30, 1), (28, 28), 0, 30), 960, 558)
        last = np.full((1, 30), 0.2)
        last[0, 3] = 0.3
        _, found = drawn(layout, picture(np.ones((30, 784)), last), live=True)
        column = strip(layout, found, Weight(2, 0, 3), 0.5)
        assert max(share_between(pixel, DARK.canvas, DARK.positive) for pixel in column) > 0.02
