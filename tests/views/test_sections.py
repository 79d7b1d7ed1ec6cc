from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from msgspec.structs import replace

from explorer.core.beats import beats_of
from explorer.core.data.dataset import Dataset
from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron, Weight
from explorer.views.bars import Bar, Section
from explorer.views.sections import (
    cost_terms,
    costs,
    neuron_of,
    three_ways,
    weighted_sum,
)

MomentOf = Callable[..., Moment]
HALF = 0.5e-3
MINUS = "−"


@pytest.fixture(params=[2, 8, 9, 10, 60])
def dense(
    request: pytest.FixtureRequest, moment_of: MomentOf, table_of: Callable[..., Dataset]
) -> Callable[..., Moment]:
    """A moment of a network whose first layer has so many inputs, its second as many neurons."""
    n = request.param

    def build(beat: str, **parts: object) -> Moment:
        layers = ((n, "tanh"), (n, "sigmoid"))
        return moment_of(beat, dataset=table_of(n, n), layers=layers, example=1, **parts)

    return build


def value(bar: Bar) -> float:
    """The number that a row says."""
    return float(bar.value.replace(MINUS, "-").replace(",", ""))


def rounding(bars: list[Bar]) -> float:
    """By how much a sum of numbers as written may be off: half a unit of each one's last place."""
    return sum(0.5 * 10.0 ** -len(bar.value.partition(".")[2]) for bar in bars) + 1e-9


def assert_says(bar: Bar, expected: float) -> None:
    assert value(bar) == pytest.approx(expected, abs=rounding([bar]))


def assert_sum(bars: list[Bar], expected: float) -> None:
    assert sum(map(value, bars)) == pytest.approx(expected, abs=rounding(bars))


def rest(bars: list[Bar]) -> list[Bar]:
    return [bar for bar in bars if bar.name.endswith("more, summed")]


def counted(bars: list[Bar]) -> int:
    """How many terms the rows stand for."""
    hidden = sum(int(bar.name.split()[0]) for bar in rest(bars))
    return len(bars) - len(rest(bars)) + hidden


def assert_ranked(bars: list[Bar]) -> None:
    sizes = [abs(value(bar)) for bar in bars if bar not in rest(bars)]
    assert all(a >= b - HALF for a, b in pairwise(sizes))


def assert_shares_are_values(bars: list[Bar]) -> None:
    """A bar is as long as its value is large: one factor for all, none longer than the whole."""
    pairs = [(bar.share, value(bar)) for bar in bars if bar.share is not None]
    assert max(abs(share) for share, _ in pairs) <= 1 + 1e-9
    largest = max(abs(v) for _, v in pairs)
    whole = max(abs(share) for share, _ in pairs)
    for share, v in pairs:
        assert share == pytest.approx(v / largest * whole, abs=0.02)


class TestWeightedSum:
    def test_terms_and_bias_sum_to_z(self, dense: MomentOf) -> None:
        """z = Σ w·a + b, from the rows as they are written."""
        moment = dense("forward:2")
        for j in range(2):
            (section,) = weighted_sum(moment, Neuron(2, j))
            *terms, bias, total = section.bars
            n = moment.trace.units(1)
            z = moment.trace.layers[1].z[1, j]
            assert counted(terms) == n
            assert_sum([*terms, bias], z)
            assert_says(total, z)
            assert_says(bias, moment.trace.layers[1].bias_before[j])
            assert_ranked(terms)

    def test_a_term_is_a_weight_times_the_activation_behind_it(self, moment_of: MomentOf) -> None:
        """0.8·(−1) = −0.8 and −0.4·0.5 = −0.2, b = 0.5: z = −0.5."""
        (section,) = weighted_sum(moment_of("forward:1"), Neuron(1, 0))
        assert [(bar.part, value(bar)) for bar in section.bars] == [
            (Weight(1, 0, 0), -0.8),
            (Weight(1, 0, 1), -0.2),
            (Neuron(1, 0), 0.5),
            (None, -0.5),
        ]
        assert section.bars[0].name == "w₁·a₁  (0.80 × −1.00)"

    def test_nothing_is_summed_that_could_be_listed(self, dense: MomentOf) -> None:
        """A row for the others is there for two at the least."""
        (section,) = weighted_sum(dense("forward:1"), Neuron(1, 0))
        assert all(int(bar.name.split()[0]) >= 2 for bar in rest(section.bars))

    def test_bars_are_in_proportion(self, moment_of: MomentOf) -> None:
        assert_shares_are_values(weighted_sum(moment_of("forward:1"), Neuron(1, 0))[0].bars)

    def test_also_where_the_bias_is_the_largest(self, moment_of: MomentOf) -> None:
        moment = moment_of("forward:1", biases=[[3.0, -0.7, 0.2], [-0.4, 0.3]])
        assert_shares_are_values(weighted_sum(moment, Neuron(1, 0))[0].bars)

    def test_weights_of_zero_leave_the_bias(self, moment_of: MomentOf) -> None:
        moment = moment_of("forward:1", weights=[np.zeros((3, 2)), np.zeros((2, 3))])
        (section,) = weighted_sum(moment, Neuron(1, 1))
        assert [value(bar) for bar in section.bars] == [0, 0, -0.7, -0.7]

    def test_tiny_terms_are_written_like_the_others(self, moment_of: MomentOf) -> None:
        weights = [np.array([[0.8, 1e-9], [0.3, 0.2], [0.1, 0.2]]), np.ones((2, 3))]
        (section,) = weighted_sum(moment_of("forward:1", weights=weights), Neuron(1, 0))
        places = {len(bar.value.partition(".")[2]) for bar in section.bars}
        assert places == {3}
        assert section.bars[1].exact.endswith("e−10")


class TestCostTerms:
    def test_terms_sum_to_the_cost_of_the_example(
        self, moment_of: MomentOf, table_of: Callable[..., Dataset]
    ) -> None:
        for n in (1, 3, 12, 13, 40):
            moment = moment_of("cost", dataset=table_of(2, n), layers=((n, "linear"),), example=2)
            first, second = cost_terms(moment)
            *terms, total = first.bars
            off = moment.trace.layers[0].activation[2] - moment.trace.targets[2]
            cost = float((off**2).sum())
            assert counted(terms) == n
            assert_says(total, cost)
            assert_sum(terms, cost)
            mean = float(moment.trace.losses.mean())
            assert_says(second.bars[0], mean)

    def test_each_term_is_of_its_output(self, moment_of: MomentOf) -> None:
        """(a − y)² with y = (0, 1); terms cannot be negative and are drawn from the left."""
        moment = moment_of("cost")
        (first, _), a = cost_terms(moment), moment.trace.layers[1].activation[0]
        for j, bar in enumerate(first.bars[:2]):
            assert bar.part == Neuron(2, j)
            assert bar.name.startswith(("ring", "disc")[j])
            assert_says(bar, (a[j] - j) ** 2)
            assert not bar.signed
        assert_shares_are_values(first.bars)

    def test_regularization_is_apart(self, moment_of: MomentOf) -> None:
        """L2 adds rate · ½Σw²."""
        moment = moment_of("cost", l2=0.2)
        squares = sum(float((layer.weight_before**2).sum()) for layer in moment.trace.layers)
        bars = cost_terms(moment)[1].bars
        assert "L2" in bars[1].name
        assert_says(bars[1], 0.1 * squares)

    def test_also_in_a_mini_batch_of_one(self, moment_of: MomentOf) -> None:
        sections = cost_terms(moment_of("cost", l2=0.2, members=(3,)))
        assert any("L2" in bar.name for section in sections for bar in section.bars)


class TestThreeWays:
    def test_what_is_listed_and_what_is_summed_is_the_whole(self, dense: MomentOf) -> None:
        """−δ, −δ·a_k and −δ·w_k of every neuron behind."""
        moment = dense("backward:2")
        layer, behind = moment.trace.layers[1], moment.trace.layers[0].activation[1]
        for j in range(2):
            wish = -layer.delta[1, j]
            bias, weights, activations = three_ways(moment, Neuron(2, j))
            assert_says(bias.bars[0], wish)
            for section, effects in (
                (weights, wish * behind),
                (activations, wish * layer.weight_before[j]),
            ):
                assert counted(section.bars) == len(effects)
                assert_sum(section.bars, float(effects.sum()))
                assert_ranked(section.bars)

    def test_each_way_is_what_it_says(self, moment_of: MomentOf) -> None:
        moment = moment_of("backward:2")
        layer, a = moment.trace.layers[1], moment.trace.layers[0].activation[0]
        bias, weights, activations = three_ways(moment, Neuron(2, 1))
        wish = -layer.delta[0, 1]
        assert bias.bars[0].part == Neuron(2, 1)
        for bar in weights.bars:
            assert isinstance(bar.part, Weight)
            assert (bar.part.layer, bar.part.target) == (2, 1)
            assert_says(bar, wish * a[bar.part.source])
        for bar in activations.bars:
            assert isinstance(bar.part, Neuron)
            assert bar.part.layer == 1
            handed = wish * layer.weight_before[1, bar.part.index]
            assert_says(bar, handed)

    def test_the_ways_stand_side_by_side_on_one_scale(self, dense: MomentOf) -> None:
        bars = [bar for s in three_ways(dense("backward:2"), Neuron(2, 0)) for bar in s.bars]
        assert_shares_are_values(bars)

    def test_all_ways_are_written_alike(self, dense: MomentOf) -> None:
        ways = three_ways(dense("backward:2"), Neuron(2, 0), [1, 0])
        assert len({len(bar.value.partition(".")[2]) for s in ways for bar in s.bars}) == 1

    def test_inputs_are_wished_for_by_nobody(self, moment_of: MomentOf) -> None:
        *ways, note = three_ways(moment_of("backward:1"), Neuron(1, 0))
        assert len(ways) == 2
        assert note == Section("inputs cannot be moved")

    def test_without_a_wish_all_are_zero(self, moment_of: MomentOf) -> None:
        moment = moment_of("backward:1", weights=[np.ones((3, 2)), np.zeros((2, 3))])
        for section in three_ways(moment, Neuron(1, 2)):
            assert all(value(bar) == 0 for bar in section.bars)


@pytest.mark.parametrize("totals", [True, False])
def test_the_costs_are_told_before_and_after(moment_of: MomentOf, totals: bool) -> None:
    moment = moment_of("update", totals=totals)
    trace = moment.trace
    said = [bar.value for bar in costs(moment)[0].bars]
    expected = [f"{trace.batch_cost:.3f} → {trace.batch_cost_after:.3f}"]
    if totals:
        expected.append(f"{trace.total_cost_before:.3f} → {trace.total_cost_after:.3f}")
    assert said == expected


def test_a_small_change_of_the_cost_shows(moment_of: MomentOf) -> None:
    moment = moment_of("update")
    trace = replace(moment.trace, batch_cost=0.5, batch_cost_after=0.49999)
    assert costs(replace(moment, trace=trace))[0].bars[0].value == "0.50000 → 0.49999"


class TestSubject:
    def test_it_is_the_selected_neuron_or_the_target_of_the_weight(
        self, moment_of: MomentOf
    ) -> None:
        for beat in beats_of(2):
            moment = moment_of(str(beat))
            assert neuron_of(moment, Neuron(1, 2)) == Neuron(1, 2)
            assert neuron_of(moment, Weight(2, 1, 0)) == Neuron(2, 1)

    def test_without_one_it_suits_the_beat(self, moment_of: MomentOf) -> None:
        """Example 7: neuron 1 is the strongest of the hidden, output 2 is desired."""
        assert neuron_of(moment_of("forward:1"), None) == Neuron(1, 0)
        assert neuron_of(moment_of("cost"), None) == Neuron(2, 1)
        assert neuron_of(moment_of("backward:2"), None) == Neuron(2, 1)
        gradient = moment_of("backward:1").trace.layers[0].activation_gradient[0]
        most = int(np.abs(gradient).argmax())
        assert neuron_of(moment_of("backward:1"), None) == Neuron(1, most)

    def test_an_input_has_no_parameters_to_speak_of(self, moment_of: MomentOf) -> None:
        assert neuron_of(moment_of("cost"), Neuron(0, 1)) == Neuron(2, 1)


def test_every_row_points_at_what_is_there(dense: MomentOf) -> None:
    """So that a click on it can select it."""
    sections: list[Section] = []
    for neuron in (Neuron(1, 0), Neuron(2, 1)):
        sections += weighted_sum(dense("forward:2"), neuron)
        sections += three_ways(dense("backward:1"), neuron)
    sections += cost_terms(dense("cost"))
    trace = dense("cost").trace
    for part in (bar.part for section in sections for bar in section.bars):
        if isinstance(part, Neuron):
            assert part.index < trace.units(part.layer)
        elif part is not None:
            assert part.target < trace.units(part.layer)
            assert part.source < trace.units(part.layer - 1)
