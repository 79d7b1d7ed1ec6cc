from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QFontMetricsF, QImage
from PySide6.QtWidgets import QToolButton, QWidget
from pytestqt.qtbot import QtBot

from explorer.core.answers import Comparison, CostSlice
from explorer.views.landscape import Landscape
from explorer.views.palette import DARK, LIGHT, Theme, mix, rgb
from explorer.views.theme import font

Array = np.ndarray[Any, Any]
Pixels = Callable[[QWidget], Array]
SIZES = [(280, 170), (400, 230), (640, 420)]

_X, _Y = np.arange(-20, 11) * 0.1, np.arange(-5, 11) * 0.1
_STEPS = np.linspace(0, 1, 6)[:, None]
BOWL = CostSlice(
    update=45,
    plane="path",
    directions=("path 1", "path 2"),
    x=_X,
    y=_Y,
    cost=0.4 + (_X[None, :] - 0.2) ** 2 + 2 * (_Y[:, None] - 0.1) ** 2,
    examples=1438,
    all_examples=1438,
    mini_batch_path=np.array([[-1.5, 0.8]]) * (1 - _STEPS),
    full_batch_path=np.array([[-1.5, 0.8]]) + _STEPS * np.array([[1.2, -0.9]]),
    kept=0.924,
    first=40,
)
COMPARISON = Comparison(
    update=45,
    cosine=0.8536,
    angle=31.4,
    mini_batch_length=0.3,
    full_batch_length=0.2,
    mini_batch_examples=32,
    full_batch_examples=1438,
)


@pytest.fixture
def landscape(sized: Any) -> Landscape:
    view = Landscape()
    sized(view, 640, 420)
    return view


def button(view: Landscape, text: str) -> QToolButton:
    return next(b for b in view.findChildren(QToolButton) if b.text() == text)


def said(words: list[str], part: str) -> bool:
    return any(part in each for each in words)


class TestStates:
    def test_nothing_yet(self, landscape: Landscape, words: Any) -> None:
        assert said(words(landscape), "Computed at rest")
        assert said(words(landscape), "Cost on a slice through parameter space")

    def test_in_progress(self, landscape: Landscape, words: Any, pixels: Pixels) -> None:
        landscape.show_progress(0.43)
        assert said(words(landscape), "43 %")
        accent = (np.abs(pixels(landscape) - np.array(rgb(DARK.accent))).max(axis=2) < 8)[28:34]
        share = accent.any(axis=0).sum() / (640 - 24)
        assert share == pytest.approx(0.43, abs=0.01)

    def test_a_slice_takes_the_place_of_progress(self, landscape: Landscape, words: Any) -> None:
        landscape.show_progress(0.9)
        landscape.show_slice(BOWL)
        assert not said(words(landscape), "90 %")
        assert said(words(landscape), "92 % of the path lies in it")

    @pytest.mark.parametrize("await_next", [Landscape.show_stale, lambda v: v.show_progress(0.2)])
    def test_the_earlier_slice_is_dimmed(
        self, landscape: Landscape, pixels: Pixels, await_next: Any
    ) -> None:
        landscape.show_slice(BOWL)
        fresh = spread(pixels(landscape))
        await_next(landscape)
        assert 0.25 * fresh < spread(pixels(landscape)) < 0.6 * fresh
        landscape.show_slice(BOWL)
        assert spread(pixels(landscape)) == fresh

    def test_cleared(self, landscape: Landscape, words: Any) -> None:
        landscape.show_slice(BOWL)
        landscape.show_comparison(COMPARISON)
        landscape.show_progress(0.5)
        landscape.clear()
        assert said(words(landscape), "Computed at rest")
        assert not said(words(landscape), "angle")
        assert landscape.relief() is None


def spread(picture: Array) -> int:
    """How far the picture of the field goes away from the canvas."""
    inner = picture[60:330, 80:560].astype(int)
    return int(np.abs(inner - np.array(rgb(DARK.canvas))).sum())


class TestWords:
    def test_of_a_large_picture(self, landscape: Landscape, words: Any) -> None:
        landscape.show_slice(BOWL)
        landscape.show_comparison(COMPARISON)
        painted = words(landscape)
        for expected in (
            "Cost on a slice through parameter space · 92 % of the path lies in it",
            "angle to full-batch −∇C 31.4° · cosine 0.854 · 32 of 1,438 examples (2.2 %)",
            "along direction 1 of the path",
            "along direction 2 of the path",
            "mini-batch steps",
            "full-batch descent",
            "updates 41 to 45",
        ):
            assert expected in painted

    @pytest.mark.parametrize(
        ("directions", "x", "y"),
        [
            (
                ("mini-batch gradient", "full-batch gradient"),
                "along −∇C of the mini-batch",
                "square to it, towards full-batch −∇C",
            ),
            (
                ("full-batch gradient", "path 1"),
                "along full-batch −∇C",
                "along direction 1 of the path",
            ),
            (
                ("mini-batch gradient", "random"),
                "along −∇C of the mini-batch",
                "along a random direction",
            ),
        ],
    )
    def test_of_other_planes(
        self, landscape: Landscape, words: Any, directions: Any, x: str, y: str
    ) -> None:
        landscape.show_slice(replace(BOWL, plane="gradients", directions=directions))
        assert {x, y} <= set(words(landscape))

    def test_says_when_it_could_not_follow_the_path(self, landscape: Landscape, words: Any) -> None:
        directions = ("mini-batch gradient", "full-batch gradient")
        fallen_back = replace(BOWL, plane="gradients", directions=directions)
        landscape.show_slice(fallen_back)
        note = "The path has no two directions yet: plane of the gradients"
        assert note in words(landscape)
        landscape.set_plane("gradients")
        assert note not in words(landscape)

    def test_says_when_the_path_is_straight_and_the_gradients_are_zero(
        self, landscape: Landscape, words: Any
    ) -> None:
        landscape.show_slice(replace(BOWL, plane="gradients", directions=("path 1", "random")))
        assert "The path has only one direction yet" in words(landscape)
        assert not said(words(landscape), "plane of the gradients")
        landscape.show_slice(replace(BOWL, plane="gradients", directions=("random", "random")))
        assert "Nothing has moved yet" in words(landscape)

    def test_says_when_it_is_of_a_sample(self, landscape: Landscape, words: Any) -> None:
        landscape.show_slice(replace(BOWL, examples=15_420, all_examples=60_000))
        assert "cost of a sample: 15,420 of 60,000 examples" in words(landscape)

    def test_no_angle_to_a_zero_gradient(self, landscape: Landscape, words: Any) -> None:
        landscape.show_comparison(
            replace(COMPARISON, angle=np.nan, cosine=np.nan, full_batch_length=0.0)
        )
        assert said(words(landscape), "no angle: a gradient is zero")
        assert not said(words(landscape), "nan")

    @pytest.mark.parametrize("size", [(240, 140), *SIZES, (900, 160), (250, 500)])
    def test_stay_inside_and_apart(self, sized: Any, texts: Any, size: tuple[int, int]) -> None:
        view = Landscape()
        sized(view, *size)
        view.show_slice(replace(BOWL, examples=400, plane="gradients"))
        view.show_comparison(COMPARISON)
        boxes = []
        for text in texts(view):
            if text.words.startswith(("along direction 2", "direction 2", "path 2")):
                continue  # runs upwards
            metrics = QFontMetricsF(font(10.5))
            box = (text.x, text.x + metrics.horizontalAdvance(text.words), text.y - 7, text.y)
            assert box[0] >= 0, text.words
            assert box[1] <= size[0], text.words
            assert 0 < box[2] < box[3] <= size[1], text.words
            for other in boxes:
                apart = (
                    box[1] < other[0] or other[1] < box[0] or box[3] < other[2] or other[3] < box[2]
                )
                assert apart, text.words
            boxes.append(box)

    @pytest.mark.parametrize("size", SIZES)
    def test_always_say_slice_share_and_angle(self, sized: Any, words: Any, size: Any) -> None:
        view = Landscape()
        sized(view, *size)
        view.show_slice(BOWL)
        view.show_comparison(COMPARISON)
        painted = words(view)
        assert any("slice" in w.lower() and "92 %" in w for w in painted)
        assert any("31.4°" in w and "32 of 1,438" in w for w in painted)


class TestPicture:
    @pytest.mark.parametrize("theme", [DARK, LIGHT])
    @pytest.mark.parametrize("size", SIZES)
    def test_lower_costs_are_cooler(
        self, sized: Any, pixels: Pixels, theme: Theme, size: Any
    ) -> None:
        view = Landscape()
        sized(view, *size)
        view.set_theme(theme)
        view.show_slice(BOWL)
        relief = view.relief()
        assert relief is not None
        picture = pixels(view)

        def away(x: float, y: float) -> float:
            """How far the colour at a point is from the canvas, off contours and paths."""
            at = relief.place(x, y)
            patch = picture[int(at.y()) - 1 : int(at.y()) + 2, int(at.x()) - 1 : int(at.x()) + 2]
            return float(np.abs(np.median(patch, axis=(0, 1)) - rgb(theme.canvas)).sum())

        # Along a line without paths, from the corner down to the bottom of the bowl.
        distances = [away(x, -0.4 + 0.5 * (x + 1.95) / 2.15) for x in (-1.95, -1.3, -0.7, 0.2)]
        assert distances == sorted(distances)
        assert distances[-1] > 60 > distances[0] + 20

    @pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
    def test_every_point_has_the_colour_of_its_cost(
        self, landscape: Landscape, image_pixels: Any, ratio: float
    ) -> None:
        """Against the bowl's formula, where neither a contour nor a path is near."""
        landscape.show_slice(BOWL)
        image = QImage(landscape.size() * ratio, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        landscape.render(image, QPoint())
        picture, compared = image_pixels(image), 0
        relief = landscape.relief()
        assert relief is not None
        for x, y in np.random.default_rng(1).uniform((-1.9, -0.4), (0.9, 0.9), (400, 2)):
            cost = 0.4 + (x - 0.2) ** 2 + 2 * (y - 0.1) ** 2
            on_path = abs(0.8 * x + 1.5 * y) < 0.25 or abs(0.9 * (x + 1.5) + 1.2 * (y - 0.8)) < 0.25
            if on_path or np.abs(relief.levels - cost).min() < 0.06:
                continue
            share = (relief.levels < cost).sum() / len(relief.levels)
            bottom, top = np.array(rgb(mix(DARK.canvas, DARK.positive, 0.45))), rgb(DARK.canvas)
            at = relief.place(x, y) * ratio
            pixel = picture[int(at.y()), int(at.x())]
            assert np.abs(pixel - (bottom + (np.array(top) - bottom) * share)).max() < 3, (x, y)
            compared += 1
        assert compared > 50

    def test_the_field_is_right_side_up(self, landscape: Landscape) -> None:
        landscape.show_slice(BOWL)
        relief = landscape.relief()
        assert relief is not None
        field = relief.field
        assert relief.place(-2.0, -0.5) == field.bottomLeft()
        assert relief.place(1.0, 1.0) == field.topRight()
        assert relief.nearest(relief.place(0.31, -0.22)) == (3, 23)

    @pytest.mark.parametrize("theme", [DARK, LIGHT])
    def test_both_paths_end_where_they_should(
        self, landscape: Landscape, pixels: Pixels, theme: Theme
    ) -> None:
        landscape.set_theme(theme)
        landscape.show_slice(BOWL)
        relief = landscape.relief()
        assert relief is not None
        picture = pixels(landscape)
        for (x, y), colour in (
            ((0.0, 0.0), theme.accent),
            ((-0.9, 0.48), theme.accent),
            ((-0.3, -0.1), theme.text),
            ((-1.5, 0.8), theme.canvas),
        ):
            at = relief.place(x, y)
            pixel = picture[int(at.y()), int(at.x())]
            assert np.abs(pixel - np.array(rgb(colour))).max() < 30, (x, y)

    def test_what_runs_out_of_the_field_is_cut_off(
        self, landscape: Landscape, pixels: Pixels
    ) -> None:
        far = np.array([[-1.5, 0.8], [300.0, 40.0]])
        landscape.show_slice(replace(BOWL, full_batch_path=far))
        relief = landscape.relief()
        assert relief is not None
        strip = pixels(landscape)[:, int(relief.field.right()) + 2 : int(relief.field.right()) + 5]
        assert np.abs(strip[60:330] - np.array(rgb(DARK.canvas))).max() < 8

    @pytest.mark.parametrize("value", [0.7, np.nan, np.inf])
    def test_a_flat_or_overflown_field(
        self, landscape: Landscape, words: Any, value: float
    ) -> None:
        landscape.show_slice(replace(BOWL, cost=np.full((16, 31), value)))
        assert "mini-batch steps" in words(landscape)

    def test_partly_overflown(self, landscape: Landscape, pixels: Pixels) -> None:
        cost = BOWL.cost.copy()
        cost[:, :5] = np.inf
        landscape.show_slice(replace(BOWL, cost=cost))
        relief = landscape.relief()
        assert relief is not None
        at = relief.place(-1.9, -0.3)
        pixel = pixels(landscape)[int(at.y()), int(at.x())]
        assert np.abs(pixel - np.array(rgb(DARK.canvas))).max() < 4

    def test_the_bar_names_the_levels(self, landscape: Landscape, texts: Any) -> None:
        landscape.show_slice(BOWL)
        relief = landscape.relief()
        assert relief is not None
        beside = {t.words: t.y for t in texts(landscape) if t.x > relief.field.right() + 10}
        named = [float(w) for w in beside if w.replace(".", "").isdigit()]
        assert len(named) >= 4
        assert set(np.round(named, 6)) <= set(np.round(relief.levels, 6))
        heights = [beside[w] for w in sorted(beside, key=float) if w.replace(".", "").isdigit()]
        assert heights == sorted(heights, reverse=True)


class TestPointing:
    def test_reads_the_cost_at_the_nearest_computed_point(
        self, landscape: Landscape, hover: Any, leave: Any, words: Any
    ) -> None:
        landscape.show_slice(BOWL)
        relief = landscape.relief()
        assert relief is not None
        at = relief.place(0.62, -0.38)
        hover(landscape, at.x(), at.y())
        painted = words(landscape)
        assert "cost 1.060" in painted  # 0.4 + 0.4² + 2 · 0.5²
        assert "path 1: 0.600" in painted
        assert "path 2: −0.400" in painted
        leave(landscape)
        assert not said(words(landscape), "path 1:")

    def test_reads_the_dots_of_the_paths(
        self, landscape: Landscape, hover: Any, words: Any
    ) -> None:
        landscape.show_slice(BOWL)
        relief = landscape.relief()
        assert relief is not None
        for path, name in (("mini_batch_path", "mini-batch"), ("full_batch_path", "full-batch")):
            x, y = getattr(BOWL, path)[3]
            at = relief.place(x, y) + QPointF(1, -1)
            hover(landscape, at.x(), at.y())
            assert f"{name} after update 43" in words(landscape)
            assert not said(words(landscape), "cost 0")

    def test_reads_nothing_outside_or_of_what_is_stale(
        self, landscape: Landscape, hover: Any, words: Any
    ) -> None:
        landscape.show_slice(BOWL)
        hover(landscape, 3, 3)
        assert not said(words(landscape), "path 1:")
        hover(landscape, 300, 200)
        assert said(words(landscape), "path 1:")
        landscape.show_stale()
        assert not said(words(landscape), "path 1:")


class TestPlanes:
    def test_a_click_asks_for_the_plane(self, landscape: Landscape, qtbot: QtBot) -> None:
        assert landscape.plane == "path"
        with qtbot.waitSignal(landscape.plane_requested) as asked:
            qtbot.mouseClick(button(landscape, "gradients"), Qt.MouseButton.LeftButton)
        assert asked.args == ["gradients"]
        assert landscape.plane == "gradients"
        assert not button(landscape, "path").isChecked()

    def test_setting_it_does_not_ask(self, landscape: Landscape, qtbot: QtBot) -> None:
        with qtbot.assertNotEmitted(landscape.plane_requested):
            landscape.set_plane("gradients")
        assert landscape.plane == "gradients"
