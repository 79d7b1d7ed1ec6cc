from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.core.beats import parse_beat
from explorer.core.data.dataset import Dataset, Part
from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron, Weight
from explorer.core.trace import Surface
from explorer.views.palette import DARK, LIGHT, Theme, class_colour
from explorer.views.sample_view import SampleView

Array = np.ndarray[Any, Any]
MomentOf = Callable[..., Moment]
Pixels = Callable[[QWidget], Array]
Words = Callable[[QWidget], list[str]]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def view(sized: Callable[[QWidget, int, int], None]) -> SampleView:
    view = SampleView()
    sized(view, 460, 240)
    return view


@pytest.fixture
def three_classes(plane: Dataset) -> Dataset:
    """The points of ``plane`` with three classes and outputs."""
    classes = np.arange(10) % 3
    train = Part(plane.train.inputs, np.eye(3)[classes], classes, plane.train.points)
    test = Part(np.zeros((0, 2)), np.zeros((0, 3)), np.zeros(0, int), np.zeros((0, 2)))
    return Dataset("three", train, test, ("x", "y"), ("a", "b", "c"))


def with_surface(moment: Moment, before: Array, after: Array | None = None) -> Moment:
    """The moment with a decision surface made by hand."""
    after = before if after is None else after
    surface = Surface(moment.dataset.extent, before.copy(), after.copy())
    return replace(moment, trace=replace(moment.trace, surface=surface))


def quarters(*outputs: tuple[float, float, float, float], side: int = 20) -> Array:
    """Outputs over the plane that are constant in each quarter.

    Each output is given lower left, lower right, upper left, upper right; row 0 is the lowest.
    """
    half = np.ones((side // 2, side // 2))
    return np.array(
        [np.block([[a * half, b * half], [c * half, d * half]]) for a, b, c, d in outputs]
    )


def free_place(view: SampleView, dataset: Dataset, right: bool, up: bool) -> QPoint:
    """The middle of the widest gap between the points, in a quarter of the plane."""
    assert dataset.train.points is not None
    side = np.linspace(0.15, 0.85, 15) * dataset.extent
    x, y = (a.ravel() for a in np.meshgrid(side if right else -side, side if up else -side))
    points = dataset.train.points
    gaps = np.hypot(x[:, None] - points[:, 0], y[:, None] - points[:, 1]).min(axis=1)
    best = int(gaps.argmax())
    return view.point_at(float(x[best]), float(y[best])).toPoint()


def quarter_pixels(view: SampleView, dataset: Dataset, picture: Array) -> list[Array]:
    places = [
        free_place(view, dataset, right, up) for up in (False, True) for right in (False, True)
    ]
    return [picture[place.y(), place.x()] for place in places]


def dimmed(colour: Array, theme: Theme, between: Any) -> Array:
    """62 hundredths of the way from the canvas, so that points stand out."""
    canvas = between(theme.canvas, theme.canvas, 0)
    return np.asarray(canvas + (colour - canvas) * 0.62)


class TestSurface:
    def test_one_output_shades_about_its_threshold(
        self,
        view: SampleView,
        moment_of: MomentOf,
        one_output: Dataset,
        pixels: Pixels,
        between: Any,
        theme: Theme,
    ) -> None:
        """zero + (end − zero)·|a − ½| / ½: orange below the threshold, blue above it."""
        values = (0.0, 0.25, 0.75, 1.0)
        moment = moment_of("cost", dataset=one_output, layers=((1, "sigmoid"),))
        view.set_theme(theme)
        view.show_moment(with_surface(moment, quarters(values)))
        found = quarter_pixels(view, one_output, pixels(view))
        for pixel, a in zip(found, values, strict=True):
            end = theme.positive if a > 0.5 else theme.negative
            expected = dimmed(between(theme.zero, end, abs(a - 0.5) / 0.5), theme, between)
            assert np.abs(pixel - expected).max() <= 2

    def test_two_outputs_shade_by_their_difference(
        self,
        view: SampleView,
        moment_of: MomentOf,
        plane: Dataset,
        pixels: Pixels,
        between: Any,
    ) -> None:
        """zero + (end − zero)·|a₂ − a₁|."""
        first, second = (0.9, 0.2, 0.5, 0.0), (0.1, 0.4, 0.5, 1.0)
        view.show_moment(with_surface(moment_of("cost"), quarters(first, second)))
        found = quarter_pixels(view, plane, pixels(view))
        for pixel, a, b in zip(found, first, second, strict=True):
            end = DARK.positive if b > a else DARK.negative
            expected = dimmed(between(DARK.zero, end, abs(b - a)), DARK, between)
            assert np.abs(pixel - expected).max() <= 2

    def test_of_three_outputs_the_winner_colours_the_plane(
        self,
        view: SampleView,
        moment_of: MomentOf,
        three_classes: Dataset,
        pixels: Pixels,
        between: Any,
        theme: Theme,
    ) -> None:
        """zero + (class − zero)·(lead of the largest output over the next)."""
        outputs = ((0.9, 0.1, 0.2, 0.3), (0.1, 0.8, 0.3, 0.3), (0.0, 0.1, 0.9, 0.3))
        leads = (0.8, 0.7, 0.6, 0.0)
        moment = moment_of("cost", dataset=three_classes, layers=((3, "sigmoid"),))
        view.set_theme(theme)
        view.show_moment(with_surface(moment, quarters(*outputs)))
        found = quarter_pixels(view, three_classes, pixels(view))
        for k, (pixel, lead) in enumerate(zip(found, leads, strict=True)):
            colour = class_colour(k, 3, theme)
            expected = dimmed(between(theme.zero, colour, lead), theme, between)
            assert np.abs(pixel - expected).max() <= 2

    def test_after_the_update_it_is_the_new_networks(
        self, view: SampleView, moment_of: MomentOf, plane: Dataset, pixels: Pixels
    ) -> None:
        """Orange before, blue after."""
        orange, blue = quarters((1.0,) * 4, (0.0,) * 4), quarters((0.0,) * 4, (1.0,) * 4)
        hues = []
        for beat in ("average", "update"):
            view.show_moment(with_surface(moment_of(beat), orange, blue))
            pixel = quarter_pixels(view, plane, pixels(view))[0]
            hues.append(int(pixel[2]) - int(pixel[0]))
        assert hues[0] < -40 < 40 < hues[1]

    def test_the_plane_has_its_y_upwards(self, view: SampleView, moment_of: MomentOf) -> None:
        view.show_moment(moment_of())
        low, high = view.point_at(-1.0, -1.0), view.point_at(1.0, 1.0)
        assert low.x() < high.x()
        assert low.y() > high.y()
        assert high.x() - low.x() == pytest.approx(low.y() - high.y())


class TestPoints:
    def test_they_have_the_colour_of_their_class_where_they_stand(
        self, view: SampleView, moment_of: MomentOf, pixels: Pixels, between: Any, theme: Theme
    ) -> None:
        """Those of the mini-batch; the others are small and faint."""
        moment = moment_of()
        view.set_theme(theme)
        view.show_moment(moment)
        picture = pixels(view)
        points, classes = moment.dataset.train.points, moment.dataset.train.classes
        assert points is not None
        assert classes is not None
        for index in moment.trace.indices:
            place = view.point_at(*points[index])
            colour = theme.positive if classes[index] else theme.negative
            pixel = picture[int(place.y()), int(place.x())]
            assert np.abs(pixel - between(colour, colour, 0)).max() <= 2

    def test_the_one_in_focus_is_ringed(
        self, view: SampleView, moment_of: MomentOf, pixels: Pixels
    ) -> None:
        for example in range(4):
            moment = moment_of(example=example)
            view.show_moment(moment)
            points = moment.dataset.train.points
            assert points is not None
            place = view.point_at(*points[moment.trace.indices[example]])
            accent = np.abs(pixels(view) - np.array([0xFF, 0xD1, 0x66])).max(axis=2) < 30
            ringed = np.argwhere(accent[:, : round(view.point_at(1.05, 0).x())])
            middle = (ringed.min(axis=0) + ringed.max(axis=0)) / 2
            assert abs(middle[0] - place.y()) < 2
            assert abs(middle[1] - place.x()) < 2

    @pytest.mark.parametrize("member", range(4))
    def test_a_click_on_one_of_the_mini_batch_asks_for_it(
        self, view: SampleView, moment_of: MomentOf, qtbot: QtBot, member: int
    ) -> None:
        moment = moment_of()
        view.show_moment(moment)
        points = moment.dataset.train.points
        assert points is not None
        place = view.point_at(*points[moment.trace.indices[member]]).toPoint()
        with qtbot.waitSignal(view.example_requested, check_params_cb=lambda m: m == member):
            qtbot.mouseClick(view, LEFT, pos=place + QPoint(2, -2))

    def test_a_click_far_from_them_asks_for_nothing(
        self, view: SampleView, moment_of: MomentOf, qtbot: QtBot
    ) -> None:
        """Example 4 at (1/8, −1/2) is not of the mini-batch, nor is one near it."""
        with qtbot.assertNotEmitted(view.example_requested):
            qtbot.mouseClick(view, LEFT, pos=QPoint(100, 100))
            view.show_moment(moment_of())
            qtbot.mouseClick(view, LEFT, pos=view.point_at(0.125, -0.5).toPoint())
            qtbot.mouseClick(view, LEFT, pos=QPoint(440, 200))


class TestReading:
    def test_outputs_under_the_pointer_are_read(
        self,
        view: SampleView,
        moment_of: MomentOf,
        words: Words,
        hover: Callable[..., None],
        leave: Callable[[QWidget], None],
    ) -> None:
        first, second = (0.9, 0.2, 0.5, 0.0), (0.1, 0.4, 0.5, 1.0)
        view.show_moment(with_surface(moment_of("cost"), quarters(first, second)))
        for (x, y), k in (((-0.5, -0.5), 0), ((0.5, -0.5), 1), ((-0.5, 0.5), 2), ((0.5, 0.5), 3)):
            place = view.point_at(x, y)
            hover(view, place.x(), place.y())
            said = words(view)
            assert f"x {x:.2f}, y {y:.2f}".replace("-", "−") in said
            for name, values in (("ring", first), ("disc", second)):
                number = f"{values[k]:.3f}" if values[k] not in (0.0, 1.0) else f"{values[k]:.3g}"
                assert any(w.startswith(f"{name}: {number}") for w in said)
        leave(view)
        assert not any(w.startswith("x ") for w in words(view))


class TestOutputs:
    def tick(self, picture: Array, row: int, left: int) -> float:
        """The middle of the accent's columns in a row of outputs; 24 points are a row's most."""
        top = 30 + row * 24
        accent = np.abs(picture[top : top + 24, left:] - np.array([0xFF, 0xD1, 0x66])).max(axis=2)
        columns = np.flatnonzero((accent < 30).sum(axis=0) > 8)
        assert len(columns)
        return left + float(columns.mean())

    def test_a_tick_stands_at_the_target(
        self, view: SampleView, moment_of: MomentOf, pixels: Pixels, texts: Any
    ) -> None:
        """Example 7 is a disc: y = (0, 1); example 2 a ring: y = (1, 0)."""
        for example, (first, second) in ((0, (0, 1)), (1, (1, 0))):
            view.show_moment(moment_of("cost", example=example))
            picture, said = pixels(view), texts(view)
            name = next(t for t in said if t.words == "ring")
            left = round(name.x)
            places = [self.tick(picture, row, left) for row in (0, 1)]
            assert (places[0] < places[1]) == (first < second)
            assert abs(places[0] - places[1]) > 80

    def test_bars_are_as_long_as_the_outputs(
        self, view: SampleView, moment_of: MomentOf, pixels: Pixels, texts: Any, between: Any
    ) -> None:
        """From the place of 0 to a share a of the way to the place of 1, where the ticks are."""
        moment = moment_of("cost")
        view.show_moment(moment)
        picture = pixels(view)
        left = round(next(t for t in texts(view) if t.words == "ring").x)
        zero, one = (self.tick(picture, row, left) for row in (0, 1))
        bar = between(DARK.full, DARK.canvas, 0.15)
        for row, a in enumerate(moment.trace.layers[1].activation[0]):
            line = picture[30 + row * 24 + 12, round(zero) + 4 : round(one) + 2]
            filled = np.flatnonzero(np.abs(line - bar).max(axis=1) < 12)
            assert filled.max() + 4 == pytest.approx(a * (one - zero), abs=3)

    @pytest.mark.parametrize(
        ("beat", "lit"), [("mini_batch", False), ("forward:1", False), ("forward:2", True)]
    )
    def test_they_are_told_when_they_are_computed(
        self, view: SampleView, moment_of: MomentOf, words: Words, beat: str, lit: bool
    ) -> None:
        moment = moment_of(beat)
        view.show_moment(moment)
        said = words(view)
        for a in moment.trace.layers[1].activation[0]:
            assert (f"{a:.2f}" in said) == lit
        assert ("…" in said) != lit

    def test_many_outputs_show_the_desired_one(
        self, view: SampleView, moment_of: MomentOf, plane: Dataset, words: Words
    ) -> None:
        """Of thirty there is room for fourteen."""
        said = self.thirty(view, moment_of, plane, words)
        assert "label 17" in said

    def test_and_those_left_out_are_counted(
        self, view: SampleView, moment_of: MomentOf, plane: Dataset, words: Words
    ) -> None:
        said = self.thirty(view, moment_of, plane, words)
        shown = sum(word.startswith("label") for word in said)
        assert shown < 30
        assert re.search(rf"\b{30 - shown} more|\b{shown} of 30\b", " ".join(said))

    def thirty(
        self, view: SampleView, moment_of: MomentOf, plane: Dataset, words: Words
    ) -> list[str]:
        classes = np.arange(10) + 10
        train = Part(plane.train.inputs, np.eye(30)[classes], classes)
        test = Part(np.zeros((0, 2)), np.zeros((0, 30)), np.zeros(0, int))
        labels = tuple(f"label {k}" for k in range(30))
        dataset = Dataset("thirty", train, test, ("x", "y"), labels)
        view.show_moment(moment_of("cost", dataset=dataset, layers=((30, "sigmoid"),)))
        return words(view)


class TestOtherData:
    def test_an_image_is_drawn_as_its_pixels(
        self,
        view: SampleView,
        moment_of: MomentOf,
        images_of: Callable[[int, int], Dataset],
        pixels: Pixels,
        between: Any,
        theme: Theme,
    ) -> None:
        """198 points for four pixels; empty + (full − empty)·x."""
        moment = moment_of(dataset=images_of(4, 4), layers=((3, "sigmoid"),), example=2)
        view.set_theme(theme)
        view.show_moment(moment)
        picture = pixels(view)
        for k, value in enumerate(moment.trace.inputs[2]):
            row, column = divmod(k, 4)
            x, y = 12 + (column + 0.5) * 49.5, 30 + (row + 0.5) * 49.5
            expected = between(theme.empty, theme.full, float(value))
            assert np.abs(picture[int(y), int(x)] - expected).max() <= 1

    def test_an_image_asks_for_nothing(
        self,
        view: SampleView,
        moment_of: MomentOf,
        images_of: Callable[[int, int], Dataset],
        qtbot: QtBot,
    ) -> None:
        view.show_moment(moment_of(dataset=images_of(4, 4), layers=((3, "sigmoid"),)))
        with qtbot.assertNotEmitted(view.example_requested):
            qtbot.mouseClick(view, LEFT, pos=QPoint(100, 100))

    def test_a_row_of_a_table_is_drawn_as_bars(
        self,
        view: SampleView,
        moment_of: MomentOf,
        table_of: Callable[..., Dataset],
        texts: Any,
        pixels: Pixels,
    ) -> None:
        """Blue to the right of the middle, orange to the left, as long as the value."""
        moment = moment_of(dataset=table_of(4), layers=((1, "linear"),))
        view.show_moment(moment)
        picture = pixels(view).astype(int)
        lengths = []
        for k, value in enumerate(moment.trace.inputs[0]):
            y = next(t.y for t in texts(view) if t.words == f"column {k + 1}")
            line = picture[round(y) - 4, 60:250]
            hue = line[:, 2] - line[:, 0]
            side = np.flatnonzero(hue > 100) if value > 0 else np.flatnonzero(hue < -100)
            other = np.flatnonzero(hue < -100) if value > 0 else np.flatnonzero(hue > 100)
            assert not len(other)
            lengths.append(len(side))
        ratio = np.array(lengths) / np.abs(moment.trace.inputs[0])
        assert np.ptp(ratio) / ratio.mean() < 0.3

    def test_columns_that_find_no_room_are_counted(
        self, view: SampleView, moment_of: MomentOf, table_of: Callable[..., Dataset], words: Words
    ) -> None:
        view.show_moment(moment_of(dataset=table_of(40), layers=((1, "linear"),)))
        said = words(view)
        shown = sum(word.startswith("column") for word in said)
        assert 3 < shown < 40
        assert f"{40 - shown} more inputs" in said


class TestTitle:
    def test_names_example_and_label(
        self, view: SampleView, moment_of: MomentOf, words: Words
    ) -> None:
        view.show_moment(moment_of(example=1))
        assert words(view)[0] == "Example 2 of 4 · label ring"

    def test_while_training_runs_it_is_the_name_of_the_data(
        self, view: SampleView, moment_of: MomentOf, words: Words
    ) -> None:
        """No example stays in focus for long enough to be read."""
        view.show_moment(moment_of("update", live=True))
        assert words(view)[0] == "circles"


def test_clear_leaves_the_empty_canvas(
    view: SampleView, moment_of: MomentOf, pixels: Pixels, between: Any, qtbot: QtBot
) -> None:
    view.show_moment(moment_of())
    view.clear()
    assert (pixels(view) == between(DARK.canvas, DARK.canvas, 0)).all()
    with qtbot.assertNotEmitted(view.example_requested):
        qtbot.mouseClick(view, LEFT, pos=QPointF(100, 100).toPoint())


def test_another_theme_changes_the_view(
    view: SampleView, moment_of: MomentOf, pixels: Pixels
) -> None:
    view.show_moment(moment_of("cost"))
    dark = pixels(view)
    view.set_theme(LIGHT)
    assert (pixels(view) != dark).any(axis=2).mean() > 0.9
    view.set_theme(DARK)
    assert np.array_equal(pixels(view), dark)


class TestNeuron:
    """With a hidden neuron selected the surface is that neuron's own."""

    @pytest.fixture
    def moment(self, moment_of: MomentOf) -> Moment:
        """Hidden neuron 2 is −1, −½, ½ and 1 in the quarters; the outputs say something else."""
        moment = moment_of("cost")
        outputs = quarters((1.0, 1.0, 1.0, 1.0), (0.0, 0.0, 0.0, 0.0))
        hidden = quarters((0, 0, 0, 0), (-1.0, -0.5, 0.5, 1.0), (0, 0, 0, 0))
        inputs = quarters((0, 0, 0, 0), (0, 0, 0, 0))
        extent = moment.dataset.extent
        surface = Surface(extent, outputs, outputs.copy(), (inputs, hidden), (inputs, -hidden))
        return replace(moment, trace=replace(moment.trace, surface=surface))

    @pytest.mark.parametrize(("beat", "sign"), [("cost", 1.0), ("update", -1.0)])
    def test_its_surface_is_shown_and_the_title_says_so(
        self,
        view: SampleView,
        moment: Moment,
        pixels: Pixels,
        words: Words,
        theme: Theme,
        between: Any,
        beat: str,
        sign: float,
    ) -> None:
        view.set_theme(theme)
        view.show_moment(replace(moment, beat=parse_beat(beat, moment.n_layers)))
        view.select(Neuron(1, 1))
        assert words(view)[0] == "What hidden 1 · neuron 2 says"
        drawn = quarter_pixels(view, moment.dataset, pixels(view))
        for pixel, value in zip(drawn, (-1.0, -0.5, 0.5, 1.0), strict=True):
            end = theme.positive if value * sign > 0 else theme.negative
            colour = between(theme.zero, end, abs(value))
            assert np.abs(pixel - dimmed(colour, theme, between)).max() <= 3

    def test_its_value_is_read_under_the_pointer(
        self, view: SampleView, moment: Moment, words: Words, hover: Any
    ) -> None:
        view.show_moment(moment)
        view.select(Neuron(1, 1))
        place = free_place(view, moment.dataset, right=False, up=False)
        hover(view, place.x(), place.y())
        assert "a₂: −1.00" in words(view)

    @pytest.mark.parametrize("part", [None, Neuron(0, 1), Neuron(2, 0), Weight(1, 0, 0)])
    def test_with_any_other_selection_it_is_the_decision(
        self, view: SampleView, moment: Moment, pixels: Pixels, words: Words, part: Any
    ) -> None:
        view.show_moment(moment)
        decision = pixels(view)
        view.select(Neuron(1, 1))
        assert not np.array_equal(pixels(view), decision)
        view.select(part)
        assert np.array_equal(pixels(view), decision)
        assert words(view)[0].startswith("Example 1 of 4")

    def test_without_its_surface_it_is_the_decision(
        self, view: SampleView, moment_of: MomentOf, words: Words
    ) -> None:
        view.show_moment(moment_of("cost"))
        view.select(Neuron(1, 1))
        assert words(view)[0].startswith("Example 1 of 4")
