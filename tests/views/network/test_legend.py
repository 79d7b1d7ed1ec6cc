from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QWidget

from explorer.core.moment import Moment
from explorer.views.network.edges import Drawn
from explorer.views.network.legend import HEIGHT, draw_legend
from explorer.views.network.picture import Picture, Scales, picture_of
from explorer.views.palette import DARK, Theme

Texts = Callable[[QWidget], list[Any]]


@pytest.fixture
def legend(
    canvas_of: Callable[..., QWidget], moment_of: Callable[..., Moment]
) -> Callable[..., QWidget]:
    """Draw the legend of a picture with these scales and activations."""

    def draw(
        *,
        hidden: str = "tanh",
        theme: Theme = DARK,
        drawn: Drawn | None = None,
        ring: bool = True,
        width: int = 740,
        units: int = 3,
        **scales: Any,
    ) -> QWidget:
        layers = ((units, hidden), (2, "sigmoid"))
        picture: Picture = replace(picture_of(moment_of(layers=layers), Scales()), **scales)
        return canvas_of(
            lambda painter: draw_legend(
                painter, picture, drawn or Drawn(12, 12), theme, 60.0, width, ring=ring
            ),
            width,
            60,
            theme,
        )

    return draw


def test_the_ends_of_each_bar_are_written_below_it(legend: Any, texts: Texts) -> None:
    found = [t.words for t in texts(legend(edge_scale=1.5))]
    assert found == [
        "−1.5", "weight · bias ring", "1.5", "0", "output", "1.0", "−1.0", "hidden", "1.0",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("hidden", "expected"),
    [
        ("tanh", [("0", "output activation"), ("−1.0", "hidden activation")]),
        ("sigmoid", [("0", "activation")]),
        ("relu", [("0", "hidden activation"), ("0", "output activation")]),
    ],
)
def test_there_is_a_bar_for_each_kind_of_activation_drawn(
    legend: Any, texts: Texts, hidden: str, expected: list[tuple[str, str]]
) -> None:
    found = [t.words for t in texts(legend(hidden=hidden, width=1000))]
    places = [k for k, words in enumerate(found) if words.endswith("activation")]
    assert [(found[k - 1], found[k]) for k in places] == expected


@pytest.mark.parametrize("width", [660, 1000])
def test_three_bars_of_activations_fit(
    width: int, moment_of: Callable[..., Moment], canvas_of: Any, texts: Texts
) -> None:
    layers = ((3, "relu"), (3, "tanh"), (2, "sigmoid"))
    picture = picture_of(moment_of(layers=layers), Scales())
    widget = canvas_of(
        lambda painter: draw_legend(painter, picture, Drawn(21, 21), DARK, 60.0, width, ring=True),
        width,
        60,
        DARK,
    )
    assert max(text.x for text in texts(widget)) < width - 20
    names = " ".join(text.words for text in texts(widget))
    assert all(name in names for name in ("hidden 1", "hidden 2", "output"))


def test_bars_of_activations_stand_where_they_stood_in_the_beat_before(
    legend: Any, texts: Texts
) -> None:
    places = set()
    for title, ring in (
        ("weight", True),
        ("weight after the update", True),
        ("wish of the weights −∂Cᵢ/∂w", False),
        ("mean wish −∂C/∂w", False),
    ):
        found = texts(legend(edge_title=title, ring=ring, hidden="sigmoid"))
        places.add(next(t.x for t in found if t.words == "activation"))
    assert len(places) == 1


@pytest.mark.parametrize(
    ("between_shown", "said"),
    [(800, "all 800 edges, the strongest"), (640, "640 of 800 edges, the strongest")],
)
def test_edges_of_folded_neurons_are_counted_as_not_there(
    legend: Any, texts: Texts, between_shown: int, said: str
) -> None:
    drawn = Drawn(between_shown, between_shown)
    found = texts(legend(drawn=drawn, units=200, width=1200))  # 2·200 + 200·2 edges
    assert said in " ".join(t.words for t in found)


def test_rings_are_named_only_where_they_share_the_scale(legend: Any, texts: Texts) -> None:
    assert "weight" in [t.words for t in texts(legend(ring=False))]


def test_bars_run_through_the_colours_of_their_map(
    legend: Any, texts: Texts, pixels: Any, between: Any, theme: Theme
) -> None:
    """Above their captions: ends and middle of the diverging map, then of the sequential one."""
    widget = legend(theme=theme)
    found, picture = texts(widget), pixels(widget)
    low, title, high = found[:3]
    metrics_right = high.x + 18  # three figures
    y = int(60 - HEIGHT + 6 + 3.5)
    for x, colour in (
        (low.x + 5, theme.negative),
        ((low.x + metrics_right) / 2, theme.zero),
        (metrics_right - 6, theme.positive),
    ):
        assert np.abs(picture[y, int(x)] - between(colour, colour, 0)).max() <= 24, title.words
    assert (
        np.abs(picture[y, int(found[3].x) + 4] - between(theme.empty, theme.empty, 0)).max() <= 24
    )
    end = int(found[5].x) + 12
    assert np.abs(picture[y, end] - between(theme.full, theme.full, 0)).max() <= 24


@pytest.mark.parametrize(("drawn", "said"), [(Drawn(9000, 8000), True), (Drawn(9000, 9000), False)])
def test_edges_left_out_are_counted(legend: Any, texts: Texts, drawn: Drawn, said: bool) -> None:
    words = " ".join(t.words for t in texts(legend(drawn=drawn)))
    assert ("8,000 of 9,000 edges drawn, the strongest" in words) == said


def test_words_do_not_run_into_each_other(legend: Any, texts: Texts) -> None:
    """The longest title with the longest numbers; six points a letter at the least."""
    widget = legend(edge_title="weight after the update", edge_scale=15000.0)
    row = sorted(texts(widget), key=lambda t: t.x)
    for left, right in pairwise(row):
        assert right.x - left.x > 5 * len(left.words)
