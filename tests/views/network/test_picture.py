from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from explorer.core.beats import beats_of
from explorer.core.data.dataset import Dataset
from explorer.core.moment import Moment
from explorer.views.network.picture import Picture, Scales, picture_of

MomentOf = Callable[..., Moment]

BEATS = tuple(map(str, beats_of(2)))


def drawn(moment: Moment) -> Picture:
    return picture_of(moment, Scales())


def assert_shown(picture: Picture, expected: list[Any], *, quiet: list[bool]) -> None:
    assert [edges.quiet for edges in picture.edges] == quiet
    for edges, values in zip(picture.edges, expected, strict=True):
        assert np.allclose(edges.values, values, rtol=1e-12, atol=1e-15)


class TestEdges:
    @pytest.mark.parametrize("beat", ["mini_batch", "forward:1", "forward:2", "cost"])
    def test_before_the_backward_beats_they_are_the_weights(
        self, moment_of: MomentOf, beat: str
    ) -> None:
        moment = moment_of(beat)
        picture = drawn(moment)
        weights = [layer.weight_before for layer in moment.trace.layers]
        assert_shown(picture, weights, quiet=[False, False])
        assert picture.edge_title == "weight"

    @pytest.mark.parametrize("example", [0, 3])
    @pytest.mark.parametrize("focus", [1, 2])
    def test_in_a_backward_beat_they_are_the_wishes_of_the_layer_in_focus(
        self, moment_of: MomentOf, focus: int, example: int
    ) -> None:
        """−δⱼ·a_k of this one example; the other layers' weights stand quietly behind."""
        moment = moment_of(f"backward:{focus}", example=example)
        trace = moment.trace
        expected = [layer.weight_before for layer in trace.layers]
        behind = (trace.inputs, trace.layers[0].activation)[focus - 1][example]
        delta = trace.layers[focus - 1].delta[example]
        expected[focus - 1] = np.array([[-d * a for a in behind] for d in delta])
        picture = drawn(moment)
        assert_shown(picture, expected, quiet=[focus != 1, focus != 2])
        assert "wish" in picture.edge_title
        largest = np.abs(expected[focus - 1]).max()
        assert largest <= picture.edge_scale <= largest * 5 / 3

    def test_in_the_average_they_are_minus_the_gradient(self, moment_of: MomentOf) -> None:
        """Which is the mean of the examples' wishes, −Σᵢ δᵢⱼ·aᵢₖ / B."""
        trace = moment_of("average").trace
        behind = (trace.inputs, trace.layers[0].activation)
        means = [
            -np.einsum("ij,ik->jk", layer.delta, a) / 4
            for layer, a in zip(trace.layers, behind, strict=True)
        ]
        picture = drawn(moment_of("average"))
        assert_shown(picture, means, quiet=[False, False])
        assert "mean" in picture.edge_title

    def test_after_the_update_they_are_the_new_weights(self, moment_of: MomentOf) -> None:
        """w − η·∂C/∂w with η = 0.5."""
        trace = moment_of("update").trace
        new = [layer.weight_before - 0.5 * layer.weight_gradient for layer in trace.layers]
        picture = drawn(moment_of("update"))
        assert_shown(picture, new, quiet=[False, False])
        assert picture.edge_title == "weight after the update"
        assert drawn(moment_of("update", live=True)).edge_title == "weight"

    def test_the_scale_of_the_wishes_grows_with_them(self, moment_of: MomentOf) -> None:
        """A wish far beyond 1 and one far below are both within a scale that is near."""
        for factor in (1e-6, 1e4):
            moment = moment_of("average")
            layers = tuple(
                replace(layer, weight_gradient=layer.weight_gradient * factor)
                for layer in moment.trace.layers
            )
            picture = drawn(replace(moment, trace=replace(moment.trace, layers=layers)))
            largest = max(float(np.abs(edges.values).max()) for edges in picture.edges)
            assert largest <= picture.edge_scale <= largest * 5 / 3 + 1e-9


class TestNeurons:
    @pytest.mark.parametrize("beat", BEATS)
    def test_they_are_lit_from_their_forward_beat_on(self, moment_of: MomentOf, beat: str) -> None:
        moment = moment_of(beat, example=2)
        lit = {"mini_batch": 0, "forward:1": 1}.get(beat, 2)
        picture = drawn(moment)
        activations = [moment.trace.inputs, *(layer.activation for layer in moment.trace.layers)]
        for layer, neurons in enumerate(picture.neurons):
            if layer > lit:
                assert neurons.activation is None
            else:
                assert neurons.activation is not None
                assert np.array_equal(neurons.activation, activations[layer][2])

    @pytest.mark.parametrize("beat", BEATS)
    def test_wishes_are_shown_when_the_wave_has_reached_them(
        self, moment_of: MomentOf, beat: str
    ) -> None:
        """A layer's own backward beat, and the beat that hands wishes to it, show them."""
        moment = moment_of(beat, example=1)
        shown = {"backward:2": {1, 2}, "backward:1": {1, 2}}.get(beat, set())
        for layer, neurons in enumerate(drawn(moment).neurons):
            assert (neurons.wish is not None) == (layer in shown), layer
            if neurons.wish is not None:
                gradient = moment.trace.layers[layer - 1].activation_gradient
                assert np.array_equal(neurons.wish, -gradient[1])
                assert neurons.wish_scale == pytest.approx(np.abs(gradient).max())

    def test_deep_in_a_network_only_the_next_layer_has_wishes(self, moment_of: MomentOf) -> None:
        layers = ((3, "tanh"), (3, "tanh"), (3, "tanh"), (2, "sigmoid"))
        neurons = drawn(moment_of("backward:4", layers=layers)).neurons
        assert [n.wish is not None for n in neurons] == [False, False, False, True, True]

    @pytest.mark.parametrize("beat", BEATS)
    def test_rings_are_the_biases_of_the_beat(self, moment_of: MomentOf, beat: str) -> None:
        moment = moment_of(beat)
        first, *rest = drawn(moment).neurons
        assert first.bias is None
        for neurons, layer in zip(rest, moment.trace.layers, strict=True):
            expected = layer.bias_before - (0.5 * layer.bias_gradient if beat == "update" else 0)
            assert neurons.bias is not None
            assert np.allclose(neurons.bias, expected, rtol=1e-12, atol=0)

    @pytest.mark.parametrize(
        ("activation", "signed"),
        [("sigmoid", False), ("relu", False), ("tanh", True), ("linear", True), ("elu", True)],
    )
    def test_activations_that_can_be_negative_are_signed(
        self, moment_of: MomentOf, activation: str, signed: bool
    ) -> None:
        picture = drawn(moment_of(layers=((3, activation), (2, "sigmoid"))))
        assert [n.signed for n in picture.neurons] == [True, signed, False]

    def test_inputs_without_a_negative_are_not_signed(
        self, moment_of: MomentOf, images_of: Callable[[int, int], Dataset]
    ) -> None:
        moment = moment_of(dataset=images_of(4, 4), layers=((3, "sigmoid"),))
        assert not drawn(moment).neurons[0].signed

    @pytest.mark.parametrize("example", range(4))
    def test_targets_are_those_of_the_example_in_focus(
        self, moment_of: MomentOf, example: int
    ) -> None:
        """Examples 7, 2, 5 and 0 are of classes 1, 0, 0 and 0."""
        targets = drawn(moment_of(example=example)).targets
        assert targets is not None
        assert targets.tolist() == [[0, 1], [1, 0], [1, 0], [1, 0]][example]

    def test_a_gradient_of_zero_has_a_scale_still(self, moment_of: MomentOf) -> None:
        moment = moment_of("backward:2", weights=[np.zeros((3, 2)), np.zeros((2, 3))])
        hidden = drawn(moment).neurons[1]
        assert hidden.wish is not None
        assert not hidden.wish.any()
        assert hidden.wish_scale == 1.0


class TestScales:
    def test_they_keep_still_from_beat_to_beat(self, moment_of: MomentOf) -> None:
        scales = Scales()
        found = {
            (p.bias_scale, *(neurons.scale for neurons in p.neurons[1:]))
            for p in (picture_of(moment_of(beat), scales) for beat in BEATS)
        }
        assert found == {(1.0, 1.0, 1.0)}, "all weights and activations of the fixture are within 1"

    def test_they_grow_and_do_not_shrink_within_a_run(self, moment_of: MomentOf) -> None:
        scales = Scales()
        large = [np.full((3, 2), 4.0), np.full((2, 3), -6.5)]
        small = [np.full((3, 2), 0.1), np.full((2, 3), -0.2)]
        assert picture_of(moment_of(weights=large), scales).edge_scale == 7.0
        assert picture_of(moment_of(weights=small), scales).edge_scale == 7.0
        scales.reset()
        assert picture_of(moment_of(weights=small), scales).edge_scale == 1.0

    def test_rings_and_edges_share_a_scale(self, moment_of: MomentOf) -> None:
        moment = moment_of(biases=[[2.5, 0, 0], [0, 0]])
        picture = drawn(moment)
        assert picture.bias_scale == picture.edge_scale == 3.0

    def test_the_scale_of_activations_holds_what_is_desired_of_them(
        self, moment_of: MomentOf, table_of: Callable[..., Dataset]
    ) -> None:
        """A number to predict may be far beyond what an untrained network says."""
        table = table_of(2, 1)
        far = replace(table, train=replace(table.train, targets=table.train.targets + 20.0))
        picture = drawn(moment_of(dataset=far, layers=((1, "linear"),)))
        assert picture.targets is not None
        assert np.abs(picture.targets).max() <= picture.neurons[-1].scale

    def test_one_scale_holds_the_activations_of_all_layers_without_bounds(
        self, moment_of: MomentOf
    ) -> None:
        """Example 7 is (−1, 0.5): with weights of 10 the sums are −5, and −5 · 3 · 1 = −15."""
        moment = moment_of(
            layers=((3, "linear"), (2, "linear")),
            weights=[np.full((3, 2), 10.0), np.ones((2, 3))],
            biases=[np.zeros(3), np.zeros(2)],
        )
        assert [neurons.scale for neurons in drawn(moment).neurons[1:]] == [15.0, 15.0]

    def test_layers_with_bounds_keep_their_own_beside_others(self, moment_of: MomentOf) -> None:
        moment = moment_of(
            layers=((3, "linear"), (2, "sigmoid")),
            weights=[np.full((3, 2), 10.0), np.ones((2, 3))],
            biases=[np.zeros(3), np.zeros(2)],
        )
        assert [neurons.scale for neurons in drawn(moment).neurons[1:]] == [5.0, 1.0]
