from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QTextDocumentFragment
from PySide6.QtWidgets import QApplication, QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from explorer.core.cost_history import CostHistory, TotalCost
from explorer.views.cost_plot import CostPlot
from explorer.views.palette import DARK, LIGHT, Theme, rgb

Array = np.ndarray[Any, Any]
Pixels = Callable[[QWidget], Array]
NAN = math.nan
LEFT = Qt.MouseButton.LeftButton

BATCH = [0.9, 0.4, 0.6, 0.2, 0.3, 0.1]
TOTALS = [
    TotalCost(0, 0.8, 0.85, 0.5, 0.45),
    TotalCost(3, 0.5, NAN, 0.7, NAN),
    TotalCost(6, 0.2, 0.25, 0.9, 0.8),
]


@pytest.fixture
def plot(sized: Callable[[QWidget, int, int], None]) -> CostPlot:
    plot = CostPlot()
    sized(plot, 800, 240)
    return plot


@pytest.fixture
def costs() -> CostHistory:
    history = CostHistory()
    history.extend(1, np.array(BATCH))
    for total in TOTALS:
        history.measure(total)
    return history


def legend(plot: CostPlot) -> str:
    return QTextDocumentFragment.fromHtml(plot.values_text).toPlainText().replace("\xa0", " ")


def button(plot: CostPlot, text: str) -> QToolButton:
    return next(b for b in plot.findChildren(QToolButton) if b.text() == text)


def point_at_update(plot: CostPlot, update: float, hover: Any) -> None:
    """Move the pointer over the plot to where an update is drawn."""
    inner = plot.findChild(pg.PlotWidget)
    inner.grab()  # which lets the axes take their ranges
    box = inner.getPlotItem().vb
    y = box.viewRange()[1]
    where = box.mapViewToScene(QPointF(update, (y[0] + y[1]) / 2))
    hover(inner.viewport(), where.x(), where.y())


def cursor_of(plot: CostPlot) -> Any:
    items = plot.curves.getPlotItem().items
    return next(item for item in items if isinstance(item, pg.InfiniteLine))


def double_click(widget: QWidget, x: int, y: int) -> None:
    """All that a double click sends, which ``QTest.mouseDClick`` does not."""
    kinds = QEvent.Type
    for kind in (
        kinds.MouseButtonPress,
        kinds.MouseButtonRelease,
        kinds.MouseButtonDblClick,
        kinds.MouseButtonRelease,
    ):
        held = Qt.MouseButton.NoButton if kind == kinds.MouseButtonRelease else LEFT
        where = QPointF(widget.mapToGlobal(QPoint(x, y)))
        none = Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(widget, QMouseEvent(kind, QPointF(x, y), where, LEFT, held, none))


class TestCurves:
    def test_of_few_updates_every_cost_is_drawn(self, plot: CostPlot, costs: CostHistory) -> None:
        plot.show_costs(costs)
        x, y = plot.curves.curve_data("batch")
        assert x == pytest.approx([1, 2, 3, 4, 5, 6, 6, 5, 4, 3, 2, 1])
        assert y == pytest.approx([*BATCH, *BATCH[::-1]])

    def test_of_many_updates_the_least_and_the_most_are_drawn(self, plot: CostPlot) -> None:
        """A spike and a dip among 100,000 costs are not averaged away."""
        history = CostHistory()
        values = np.full(100_000, 0.5, np.float32)
        values[31_234], values[70_001] = 9.0, -1.0
        history.extend(1, values)
        plot.show_costs(history)
        x, y = plot.curves.curve_data("batch")
        assert len(x) < 2 * plot.width()
        assert y.max() == 9.0
        assert y.min() == -1.0
        assert abs(x[y.argmax()] - 31_235) < 200
        assert abs(x[y.argmin()] - 70_002) < 200

    def test_totals_are_drawn_where_they_were_measured(
        self, plot: CostPlot, costs: CostHistory
    ) -> None:
        """And nothing is drawn for what was not: the test cost after three updates."""
        plot.show_costs(costs)
        for name, expected in (
            ("train", ([0, 3, 6], [0.8, 0.5, 0.2])),
            ("test", ([0, 6], [0.85, 0.25])),
        ):
            x, y = plot.curves.curve_data(name)
            assert x == pytest.approx(expected[0])
            assert y == pytest.approx(expected[1])

    def test_more_costs_lengthen_the_curves(self, plot: CostPlot, costs: CostHistory) -> None:
        plot.show_costs(costs)
        costs.extend(7, np.array([0.05]))
        costs.measure(TotalCost(7, 0.1, 0.2, 1.0, 0.9))
        plot.show_costs(costs)
        assert plot.curves.curve_data("batch")[0].max() == 7
        assert plot.curves.curve_data("train")[1][-1] == pytest.approx(0.1)

    def test_a_new_run_begins_with_an_empty_plot(self, plot: CostPlot, costs: CostHistory) -> None:
        plot.set_accuracy(True)
        plot.show_costs(costs)
        plot.show_costs(CostHistory())
        for name in ("batch", "train", "test", "train accuracy", "test accuracy"):
            assert len(plot.curves.curve_data(name)[0]) == 0

    def test_without_a_test_set_there_is_no_test_curve(self, plot: CostPlot) -> None:
        history = CostHistory()
        history.extend(1, np.array([0.5]))
        history.measure(TotalCost(1, 0.4, NAN, NAN, NAN))
        plot.set_accuracy(True)
        plot.show_costs(history)
        assert len(plot.curves.curve_data("test")[0]) == 0
        assert len(plot.curves.curve_data("test accuracy")[0]) == 0
        assert len(plot.curves.curve_data("train")[0]) == 1


class TestLookingCloser:
    """The wheel looks closer at what is under the pointer, a double click at all of the run."""

    @pytest.fixture
    def history(self) -> CostHistory:
        history = CostHistory()
        history.extend(1, np.random.default_rng(0).random(100_000))
        return history

    @pytest.fixture
    def inner(self, plot: CostPlot, history: CostHistory) -> Any:
        plot.show_costs(history)
        inner = plot.findChild(pg.PlotWidget)
        inner.grab()
        return inner

    def view(self, inner: Any) -> tuple[float, float]:
        low, high = inner.getPlotItem().vb.viewRange()[0]
        return low, high

    def closer(self, inner: Any, turn_wheel: Any) -> None:
        turn_wheel(inner, 1200, 400.0, 80.0)
        QApplication.processEvents()

    def test_shows_every_cost_in_view(self, plot: CostPlot, inner: Any, turn_wheel: Any) -> None:
        for _ in range(4):
            self.closer(inner, turn_wheel)
        low, high = self.view(inner)
        assert high - low < 300
        x, y = plot.curves.curve_data("batch")
        updates = np.arange(math.ceil(low), math.floor(high) + 1)
        assert set(updates) <= set(x)
        costs = np.random.default_rng(0).random(100_000).astype(np.float32)
        assert np.array_equal(y, costs[x.astype(int) - 1])

    def test_stays_there_while_the_run_goes_on(
        self, plot: CostPlot, history: CostHistory, inner: Any, turn_wheel: Any
    ) -> None:
        self.closer(inner, turn_wheel)
        before = self.view(inner)
        history.extend(100_001, np.ones(100_000))
        plot.show_costs(history)
        assert self.view(inner) == before

    def test_another_run_is_shown_whole(self, plot: CostPlot, inner: Any, turn_wheel: Any) -> None:
        self.closer(inner, turn_wheel)
        assert self.view(inner)[0] > 0
        other = CostHistory()
        other.extend(1, np.ones(200))
        plot.show_costs(other)
        assert self.view(inner)[0] == 0
        assert 200 < self.view(inner)[1] < 300

    def test_a_button_is_there_that_shows_all_of_the_run_again(
        self, plot: CostPlot, inner: Any, turn_wheel: Any, qtbot: QtBot
    ) -> None:
        whole, again = self.view(inner), button(plot, "whole run")
        assert not again.isVisible()
        self.closer(inner, turn_wheel)
        assert again.isVisible()
        qtbot.mouseClick(again, LEFT)
        assert self.view(inner) == whole
        assert not again.isVisible()

    def test_a_double_click_shows_all_of_the_run_again(
        self, plot: CostPlot, inner: Any, turn_wheel: Any
    ) -> None:
        whole = self.view(inner)
        assert whole[1] >= 100_000
        self.closer(inner, turn_wheel)
        assert self.view(inner)[1] < whole[1]
        double_click(inner.viewport(), 400, 80)
        assert self.view(inner) == whole
        assert plot.curves.curve_data("batch")[0].max() > 99_000

    def test_the_axes_stay_still_while_the_run_grows_a_little(
        self, plot: CostPlot, inner: Any
    ) -> None:
        before = inner.getPlotItem().vb.viewRange()
        history = CostHistory()
        history.extend(1, np.random.default_rng(0).random(100_500))
        plot.show_costs(history)
        assert inner.getPlotItem().vb.viewRange() == before


class TestLog:
    def test_costs_are_drawn_as_their_logarithms(self, plot: CostPlot, costs: CostHistory) -> None:
        plot.show_costs(costs)
        plot.set_log(True)
        highest = plot.curves.curve_data("batch")[1][: len(BATCH)]
        assert highest == pytest.approx(np.log10(BATCH), abs=1e-6)
        assert plot.curves.curve_data("train")[1] == pytest.approx(np.log10([0.8, 0.5, 0.2]))
        assert plot.curves.curve_data("test")[1] == pytest.approx(np.log10([0.85, 0.25]))
        plot.set_log(False)
        assert plot.curves.curve_data("train")[1] == pytest.approx([0.8, 0.5, 0.2])

    @pytest.mark.parametrize("costs_between", [(1e-8, 1.0), (0.01, 1.0), (0.2, 0.6)])
    def test_the_axis_has_ticks(
        self, plot: CostPlot, texts: Any, costs_between: tuple[float, float]
    ) -> None:
        assert len(self.ticks(plot, texts, costs_between)) >= 2

    @pytest.mark.parametrize("costs_between", [(0.25, 0.45), (0.3, 0.31)])
    def test_also_over_a_narrow_range(
        self, plot: CostPlot, texts: Any, costs_between: tuple[float, float]
    ) -> None:
        """As a run has whose cost hardly falls any more."""
        assert len(self.ticks(plot, texts, costs_between)) >= 2

    def ticks(self, plot: CostPlot, texts: Any, costs_between: tuple[float, float]) -> list[str]:
        """What is written left of the plot, without the axis's own name."""
        history = CostHistory()
        history.extend(1, np.linspace(costs_between[1], costs_between[0], 50))
        plot.set_log(True)
        plot.show_costs(history)
        plot.grab()
        return [t.words for t in texts(plot) if 0 < t.x < 60 and t.words[0].isdigit()]

    def test_a_cost_of_zero_has_a_place(self, plot: CostPlot) -> None:
        history = CostHistory()
        history.extend(1, np.array([0.0, 1.0]))
        history.measure(TotalCost(2, 0.0, 0.0, 1.0, 1.0))
        plot.set_log(True)
        plot.show_costs(history)
        for name in ("batch", "train", "test"):
            values = plot.curves.curve_data(name)[1]
            assert np.isfinite(values).all()
            assert values.min() < -6

    @pytest.mark.parametrize(
        ("text", "signal"), [("log", "log_changed"), ("accuracy", "accuracy_changed")]
    )
    def test_switches_tell_how_they_stand(
        self, plot: CostPlot, qtbot: QtBot, text: str, signal: str
    ) -> None:
        for expected in (True, False):
            with qtbot.waitSignal(
                getattr(plot, signal), check_params_cb=lambda on, e=expected: on == e
            ):
                qtbot.mouseClick(button(plot, text), LEFT)

    def test_a_switch_set_as_it_stands_tells_nothing(self, plot: CostPlot, qtbot: QtBot) -> None:
        plot.set_log(True)
        with qtbot.assertNotEmitted(plot.log_changed):
            plot.set_log(True)
        assert button(plot, "log").isChecked()


class TestAccuracy:
    def test_it_is_drawn_on_demand(self, plot: CostPlot, costs: CostHistory) -> None:
        plot.show_costs(costs)
        assert len(plot.curves.curve_data("train accuracy")[0]) == 0
        plot.set_accuracy(True)
        assert plot.curves.curve_data("train accuracy")[1] == pytest.approx([0.5, 0.7, 0.9])
        x, y = plot.curves.curve_data("test accuracy")
        assert x == pytest.approx([0, 6])
        assert y == pytest.approx([0.45, 0.8])

    def test_it_has_an_axis_of_its_own(
        self, plot: CostPlot, costs: CostHistory, pixels: Pixels
    ) -> None:
        """Nothing of the costs' curves depends on it; the right axis comes and goes with it."""
        plot.show_costs(costs)
        item = plot.findChild(pg.PlotWidget).getPlotItem()
        before = plot.curves.curve_data("train")
        assert not item.getAxis("right").isVisible()
        plot.set_accuracy(True)
        assert item.getAxis("right").isVisible()
        assert np.array_equal(plot.curves.curve_data("train"), before)
        plot.set_accuracy(False)
        assert not item.getAxis("right").isVisible()
        assert pixels(plot).shape == (240, 800, 3)

    def test_it_is_not_changed_by_the_logarithm(self, plot: CostPlot, costs: CostHistory) -> None:
        plot.set_accuracy(True)
        plot.set_log(True)
        plot.show_costs(costs)
        assert plot.curves.curve_data("train accuracy")[1] == pytest.approx([0.5, 0.7, 0.9])


class TestLegend:
    def test_says_the_latest_values(self, plot: CostPlot, costs: CostHistory) -> None:
        plot.show_costs(costs)
        text = legend(plot)
        assert "mini-batch 0.100" in text
        assert "train 0.200" in text
        assert "test 0.250" in text
        assert "80.0 %" in text

    def test_a_value_that_was_not_measured_is_a_dash(self, plot: CostPlot) -> None:
        history = CostHistory()
        history.extend(1, np.array([0.5]))
        history.measure(TotalCost(1, 0.4, NAN, NAN, NAN))
        plot.show_costs(history)
        text = legend(plot)
        assert "train 0.400" in text
        assert "test –" in text
        assert "NaN" not in text
        assert "%" not in text

    @pytest.mark.parametrize(
        ("update", "batch", "train"),
        [(2, "0.400", "≈0.500"), (3, "0.600", "0.500"), (5, "0.300", "≈0.200")],
    )
    def test_says_the_values_under_the_pointer(
        self,
        plot: CostPlot,
        costs: CostHistory,
        hover: Any,
        leave: Any,
        update: int,
        batch: str,
        train: str,
    ) -> None:
        """The total is the one measured nearest, after 3 and after 6 updates, and says so."""
        plot.show_costs(costs)
        point_at_update(plot, update, hover)
        text = legend(plot)
        assert f"update {update}" in text
        assert f"mini-batch {batch}" in text
        assert f"train {train}" in text
        leave(plot)
        assert "update" not in legend(plot)
        assert "mini-batch 0.100" in legend(plot)

    def test_says_between_which_costs_one_was_that_is_not_kept(
        self, plot: CostPlot, hover: Any
    ) -> None:
        history = CostHistory()
        history.extend(1, np.tile(np.float32([0.25, 0.75]), 2_000_000))
        plot.show_costs(history)
        assert "mini-batch 0.750" in legend(plot)
        point_at_update(plot, 2_000_000, hover)
        assert "mini-batch 0.250 to 0.750" in legend(plot)

    def test_new_costs_do_not_take_the_pointers_values_away(
        self, plot: CostPlot, costs: CostHistory, hover: Any
    ) -> None:
        plot.show_costs(costs)
        point_at_update(plot, 2, hover)
        costs.extend(7, np.array([0.05]))
        plot.show_costs(costs)
        assert "update 2" in legend(plot)

    @pytest.mark.parametrize("rewound", [False, True])
    def test_what_is_gone_is_not_pointed_at(
        self, plot: CostPlot, costs: CostHistory, hover: Any, rewound: bool
    ) -> None:
        """As after another run has begun, or the run was gone back over, by keyboard."""
        plot.show_costs(costs)
        point_at_update(plot, 5, hover)
        left = CostHistory()
        if rewound:
            left = costs
            costs.forget_after(3)
        else:
            left.extend(1, np.array(BATCH))
        plot.show_costs(left)
        assert "update" not in legend(plot)
        assert not cursor_of(plot).isVisible()

    def test_is_coloured_as_the_curves(
        self, plot: CostPlot, costs: CostHistory, theme: Theme
    ) -> None:
        plot.set_theme(theme)
        plot.show_costs(costs)
        colours = re.findall(r"color:(#\w{6})", plot.values_text)
        assert colours[:3] == [theme.muted, theme.positive, theme.negative]

    def test_fits_into_a_narrow_plot(
        self, plot: CostPlot, costs: CostHistory, pixels: Pixels
    ) -> None:
        plot.resize(320, 160)
        plot.show_costs(costs)
        assert plot.width() == 320
        text = legend(plot)
        assert "train 0.200" in text
        assert pixels(plot).shape == (160, 320, 3)


class TestPicture:
    def count(self, picture: Array, colour: str) -> int:
        ends = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)])
        return int((np.abs(picture[40:] - ends).max(axis=2) < 50).sum())

    def test_the_curves_are_blue_and_orange(
        self, plot: CostPlot, costs: CostHistory, pixels: Pixels, theme: Theme
    ) -> None:
        plot.set_theme(theme)
        empty = pixels(plot)
        plot.show_costs(costs)
        drawn = pixels(plot)
        for colour in (theme.positive, theme.negative):
            assert self.count(drawn, colour) > self.count(empty, colour) + 200

    def test_another_theme_changes_the_plot(
        self, plot: CostPlot, costs: CostHistory, pixels: Pixels
    ) -> None:
        plot.show_costs(costs)
        dark = pixels(plot)[60:]
        plot.set_theme(LIGHT)
        assert (pixels(plot)[60:] != dark).any(axis=2).mean() > 0.9
        plot.set_theme(DARK)
        assert np.array_equal(pixels(plot)[60:], dark)


def test_what_comes_after_the_moment_on_screen_is_not_shown(plot: CostPlot) -> None:
    costs = CostHistory()
    costs.extend(1, np.linspace(2, 1, 40))
    for update in range(0, 41, 4):
        costs.measure(TotalCost(update, 3.0 + update, 5.0 + update, 0.5, 0.5))
    plot.show_costs(costs, (12, 11))
    assert plot.curves.curve_data("batch")[0].max() == 12
    for name in ("train", "test"):
        assert plot.curves.curve_data(name)[0].max() == 8
    assert "train 11.0" in legend(plot)
    plot.set_log(True)
    assert plot.curves.curve_data("train")[0].max() == 8
    plot.set_log(False)
    plot.show_costs(costs, (0, -1))
    assert not len(plot.curves.curve_data("batch")[0])
    assert not len(plot.curves.curve_data("train")[0])
    assert "mini-batch –" in legend(plot)
    plot.show_costs(costs)
    assert plot.curves.curve_data("batch")[0].max() == 40
    assert plot.curves.curve_data("train")[0].max() == 40


def test_ticks_of_a_narrow_logarithmic_axis_have_names_of_their_own(plot: CostPlot) -> None:
    axis = plot.curves.getPlotItem().getAxis("left")
    values = np.log10([0.2934, 0.2951, 0.2968]).tolist()
    assert axis.logTickStrings(values, 1.0, 1.0) == ["0.293", "0.295", "0.297"]


def test_updates_are_counted_with_the_signs_that_are_used_elsewhere(plot: CostPlot) -> None:
    axis = plot.curves.getPlotItem().getAxis("bottom")
    assert axis.tickStrings([0.0, 100_000.0, 200_000.0], 1.0, 100_000.0) == [
        "0",
        "100,000",
        "200,000",
    ]
    assert axis.tickStrings([0.0, 2e6], 1.0, 2e6) == ["0", "2 M"]


@pytest.mark.parametrize("width", [300, 430, 560, 640])
def test_the_legend_of_an_update_long_ago_is_never_cut(
    sized: Callable[[QWidget, int, int], None], width: int, hover: Any
) -> None:
    """Of which only the extremes of many are known."""
    plot, costs = CostPlot(), CostHistory()
    sized(plot, width, 240)
    costs.extend(1, np.random.default_rng(0).uniform(1e-6, 1e-5, 3_000_000))
    costs.measure(TotalCost(1_000_000, 7.1e-6, 5.8e-5, 0.5, 0.958))
    plot.show_costs(costs)
    point_at_update(plot, 281_733, hover)
    label = next(x for x in plot.findChildren(QLabel) if x.text() == plot.values_text)
    assert label.sizeHint().width() <= label.width()
    assert re.search(r"2[78]\d,\d{3}", legend(plot))
    assert ("update" in legend(plot), "batch" in legend(plot)) == (width >= 430, width >= 560)


@pytest.mark.parametrize("width", [380, 480, 600, 700, 800])
@pytest.mark.parametrize("cost", [0.8, 1.234e-6])
def test_the_legend_is_never_cut_and_as_long_as_there_is_room(
    sized: Callable[[QWidget, int, int], None], width: int, cost: float
) -> None:
    plot, costs = CostPlot(), CostHistory()
    sized(plot, width, 240)
    costs.extend(1, np.array([cost]))
    costs.measure(TotalCost(1, cost, cost, 0.5, 0.5))
    plot.show_costs(costs)
    QApplication.processEvents()
    label = next(x for x in plot.findChildren(QLabel) if x.text() == plot.values_text)
    assert label.sizeHint().width() <= label.width()
    names = legend(plot)
    assert ("accuracy" in names, "total, train" in names) == (width >= 600, width >= 700)
    assert names.startswith("mini-batch" if width > 400 else "batch")


def test_held_costs_are_painted_when_it_is_their_turn_and_then_by_themselves(
    plot: CostPlot, costs: CostHistory, painted: type
) -> None:
    def idle() -> None:
        for _ in range(5):
            QApplication.processEvents()

    plot.show_costs(costs)
    idle()
    paints = painted(plot.curves.viewport())
    costs.extend(7, np.array([0.5]))
    plot.hold_painting()
    plot.show_costs(costs)
    idle()
    assert paints.times == 0
    plot.paint_now()
    idle()
    assert paints.times == 1
    costs.extend(8, np.array([0.6]))
    plot.show_costs(costs)
    idle()
    assert paints.times == 2


def test_a_total_cost_that_is_infinite_is_left_out(plot: CostPlot, costs: CostHistory) -> None:
    costs.extend(7, np.array([0.5]))
    costs.measure(TotalCost(7, math.inf, math.inf, 0.5, 0.5))
    plot.show_costs(costs)
    assert plot.curves.curve_data("train")[0].max() == 6
    assert plot.curves.getPlotItem().vb.viewRange()[1][1] < 2


def test_a_difference_by_rounding_does_not_fill_the_axis(plot: CostPlot) -> None:
    """One example's cost, as a mini-batch's in single precision and as the total in double."""
    costs = CostHistory()
    costs.extend(1, np.array([0.298371109]))
    costs.measure(TotalCost(0, 0.298371109, NAN, NAN, NAN))
    plot.show_costs(costs)
    bottom, top = plot.curves.getPlotItem().vb.viewRange()[1]
    assert top - bottom > 0.01


def test_the_numbers_on_the_cost_axis_have_as_many_decimals(plot: CostPlot, texts: Any) -> None:
    costs = CostHistory()
    costs.extend(1, np.linspace(2.628, 2.612, 50))
    plot.show_costs(costs)
    written = [text.words for text in texts(plot)]
    numbers = [words for words in written if re.fullmatch(r"2\.\d+", words)]
    assert len(numbers) >= 3
    assert len({len(text) for text in numbers}) == 1


def test_another_theme_leaves_what_is_pointed_at(
    plot: CostPlot, costs: CostHistory, hover: Any
) -> None:
    plot.show_costs(costs)
    point_at_update(plot, 3, hover)
    before = legend(plot)
    assert "update 3" in before
    plot.set_theme(LIGHT)
    costs.extend(7, np.array([0.05]))
    plot.show_costs(costs)
    assert legend(plot) == before
    QApplication.sendEvent(plot, QEvent(QEvent.Type.Leave))
    assert "mini-batch 0.0500" in legend(plot)


def test_a_cost_of_zero_lies_just_below_the_others_on_a_logarithmic_axis(plot: CostPlot) -> None:
    costs = CostHistory()
    costs.extend(1, np.array([1e-3, 1e-27, 0.0]))
    plot.set_log(True)
    plot.show_costs(costs)
    assert plot.curves.curve_data("batch")[1][:3] == pytest.approx([-3, -27, -28], abs=1e-5)


def test_where_was_pointed_at_before_does_not_hinder_another_axis_of_updates(
    plot: CostPlot, hover: Any, leave: Any
) -> None:
    costs = CostHistory()
    costs.extend(1, np.full(2_000_000, 0.5))
    plot.show_costs(costs)
    point_at_update(plot, 1_500_000, hover)
    leave(plot)
    for on in (True, False, True):
        plot.set_log_updates(on)
    assert not cursor_of(plot).isVisible()


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("steep", [False, True])
def test_the_total_costs_are_drawn_as_wide_as_their_pen(
    plot: CostPlot, image_pixels: Callable[[QImage], Any], scale: int, steep: bool
) -> None:
    """Found out by how much ink there is along a row or a column of pixels that crosses one."""
    costs = CostHistory()
    costs.extend(1, np.full(1000, 3.0))
    for update in range(0, 1001, 10):
        value = 1.0 + (steep and update > 500)
        costs.measure(TotalCost(update, value, np.nan, np.nan, np.nan))
    plot.show_costs(costs)
    image = QImage(plot.size() * scale, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    plot.render(image, QPoint())
    inner, box = plot.curves, plot.curves.getPlotItem().vb
    at = QPointF(505, 1.5) if steep else QPointF(300, 1.0)
    middle = inner.mapTo(plot, inner.mapFromScene(box.mapViewToScene(at)))
    x, y, reach = scale * middle.x(), scale * middle.y(), 10 * scale
    drawn = image_pixels(image).astype(float)
    line = drawn[y, x - reach : x + reach] if steep else drawn[y - reach : y + reach, x]
    canvas, ink = line[0], np.array(rgb(DARK.positive)) - line[0]
    width = ((line - canvas) @ ink / (ink @ ink)).sum() / scale
    assert width == pytest.approx(2.2, abs=0.35)  # points


@pytest.mark.parametrize("log", [False, True])
def test_the_knob_stands_below_what_is_drawn_of_its_update(
    plot: CostPlot, costs: CostHistory, qtbot: Any, log: bool
) -> None:
    plot.set_log_updates(log)
    costs.extend(7, np.linspace(0.1, 0.05, 400))
    plot.show_costs(costs)
    plot.grab()  # which lets the axes take their widths
    box = plot.curves.getPlotItem().vb
    for update in (1, 200, 406):
        x = math.log10(1 + update) if log else update
        drawn = plot.curves.x() + box.mapViewToScene(QPointF(x, 0.1)).x()
        stands = plot.rewind.x() + plot.rewind.place_of(update)
        assert stands == pytest.approx(drawn, abs=0.5)
    qtbot.mousePress(plot.rewind, LEFT, pos=QPoint(round(plot.rewind.place_of(100)), 9))
    with qtbot.waitSignal(plot.rewind.released, timeout=1000) as asked:
        where = QPoint(round(plot.rewind.place_of(200)), 9)
        qtbot.mouseMove(plot.rewind, where)
        qtbot.mouseRelease(plot.rewind, LEFT, pos=where)
    assert abs(asked.args[0] - 200) <= 1


def test_the_knob_stands_below_its_update_in_a_closer_look_too(
    plot: CostPlot, turn_wheel: Any
) -> None:
    costs = CostHistory()
    costs.extend(1, np.linspace(1, 0.1, 5000))
    plot.show_costs(costs)
    plot.grab()
    turn_wheel(plot.curves, 600, 400.0, 80.0)
    QApplication.processEvents()
    box = plot.curves.getPlotItem().vb
    low, high = box.viewRange()[0]
    assert 0 < low < high < 5000
    middle = round((low + high) / 2)
    drawn = plot.curves.x() + box.mapViewToScene(QPointF(middle, 0.1)).x()
    assert plot.rewind.x() + plot.rewind.place_of(middle) == pytest.approx(drawn, abs=0.5)


def test_what_is_pointed_at_stays_so_when_the_axis_of_updates_changes(
    plot: CostPlot, qtbot: Any
) -> None:
    costs = CostHistory()
    costs.extend(1, np.linspace(1, 0.1, 5000))
    plot.show_costs(costs)
    qtbot.mousePress(plot.rewind, LEFT, pos=QPoint(round(plot.rewind.place_of(2000)), 9))
    at = plot.rewind.update_shown
    cursor = cursor_of(plot)
    plot.set_log_updates(True)
    assert cursor.value() == pytest.approx(math.log10(1 + at))
    plot.set_log_updates(False)
    assert cursor.value() == pytest.approx(at)


class TestLogarithmicUpdates:
    def test_every_cost_and_total_has_its_place(self, plot: CostPlot, costs: CostHistory) -> None:
        """Those before the first update too."""
        plot.set_log_updates(True)
        plot.show_costs(costs)
        x, y = plot.curves.curve_data("batch")
        assert x[:6] == pytest.approx(np.log10([2, 3, 4, 5, 6, 7]))
        assert y[:6] == pytest.approx(BATCH)
        x, y = plot.curves.curve_data("train")
        assert x == pytest.approx(np.log10([1, 4, 7]))
        assert y == pytest.approx([0.8, 0.5, 0.2])
        low, high = plot.curves.getPlotItem().vb.viewRange()[0]
        assert low == 0
        assert math.log10(7) <= high < 1

    def test_the_beginning_of_a_long_run_is_seen_update_by_update(self, plot: CostPlot) -> None:
        costs = CostHistory()
        drawn = np.random.default_rng(0).uniform(size=400_000)
        costs.extend(1, drawn)
        for update in (*range(12), *range(20, 400_000, 20_000)):
            costs.measure(TotalCost(update, 1 / (1 + update), NAN, NAN, NAN))
        plot.set_log_updates(True)
        plot.show_costs(costs)
        x, y = plot.curves.curve_data("batch")
        assert x[:10] == pytest.approx(np.log10(np.arange(2, 12)))
        assert y[:10] == pytest.approx(drawn[:10])
        assert x.max() == pytest.approx(math.log10(400_000), rel=0.01)
        x, _ = plot.curves.curve_data("train")
        assert set(np.log10(np.arange(1, 13)).round(9)) <= set(x.round(9))

    @pytest.mark.parametrize(
        ("last", "shown"),
        [
            (6, {"1", "2", "5"}),
            (400, {"10", "100"}),
            (2_500_000, {"100", "10,000", "1 M"}),
        ],
    )
    def test_ticks_are_round_numbers_that_do_not_touch(
        self, plot: CostPlot, texts: Any, last: int, shown: set[str]
    ) -> None:
        plot.resize(340, 240)
        costs = CostHistory()
        costs.extend(1, np.linspace(1, 0.1, last))
        plot.set_log_updates(True)
        plot.show_costs(costs)
        assert shown <= {text.words for text in texts(plot)}

    @pytest.mark.parametrize("last", [1, 2, 3])
    def test_of_few_updates_each_is_named_once(self, plot: CostPlot, texts: Any, last: int) -> None:
        costs = CostHistory()
        costs.extend(1, np.linspace(1, 0.5, last))
        plot.set_log_updates(True)
        plot.show_costs(costs)
        whole = [text.words for text in texts(plot) if re.fullmatch(r"\d+", text.words)]
        assert whole == [str(update) for update in range(1, last + 1)]

    def test_the_pointer_reads_the_update_that_it_is_over(self, plot: CostPlot, hover: Any) -> None:
        costs = CostHistory()
        costs.extend(1, np.linspace(1, 0.1, 5000))
        plot.set_log_updates(True)
        plot.show_costs(costs)
        point_at_update(plot, math.log10(1 + 40), hover)
        found = re.match(r"update (\d+)", legend(plot))
        assert found is not None
        assert abs(int(found[1]) - 40) <= 1

    def test_a_closer_look_draws_what_is_in_view(self, plot: CostPlot, turn_wheel: Any) -> None:
        costs = CostHistory()
        costs.extend(1, np.linspace(1, 0.1, 300_000))
        plot.set_log_updates(True)
        plot.show_costs(costs)
        plot.grab()
        turn_wheel(plot.curves, 600, 400.0, 80.0)
        QApplication.processEvents()
        low, high = plot.curves.getPlotItem().vb.viewRange()[0]
        assert 0 < low < high < 5
        x, _ = plot.curves.curve_data("batch")
        assert low - 0.1 < x.min() <= low + 0.1
        assert high - 0.1 <= x.max() < high + 0.1
