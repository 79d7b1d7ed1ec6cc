from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget

from explorer.core.data.dataset import Dataset
from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron
from explorer.views.network.network_view import NetworkView
from explorer.views.network.neurons import colours_of
from explorer.views.network.picture import Neurons
from explorer.views.palette import Theme

Between = Callable[[str, str, float], Any]
MomentOf = Callable[..., Moment]
Words = Callable[[QWidget], list[str]]


def neurons(values: list[float] | None, *, signed: bool, scale: float = 1.0) -> Neurons:
    return Neurons(
        None if values is None else np.array(values), signed, False, scale, None, None, 1.0
    )


class TestColours:
    def test_signed_activations_are_diverging(self, theme: Theme, between: Between) -> None:
        """zero + (end − zero)·|a| / scale."""
        drawn = colours_of(neurons([-2.0, 0.0, 1.0], signed=True, scale=2.0), theme)
        assert drawn is not None
        expected = [
            between(theme.zero, theme.negative, 1.0),
            between(theme.zero, theme.zero, 0.0),
            between(theme.zero, theme.positive, 0.5),
        ]
        assert np.abs(drawn - np.array(expected)).max() <= 1

    def test_others_are_sequential(self, theme: Theme, between: Between) -> None:
        """empty + (full − empty)·a / scale."""
        drawn = colours_of(neurons([0.0, 0.5, 2.0], signed=False, scale=2.0), theme)
        assert drawn is not None
        expected = [between(theme.empty, theme.full, share) for share in (0.0, 0.25, 1.0)]
        assert np.abs(drawn - np.array(expected)).max() <= 1

    def test_what_is_not_computed_has_none(self, theme: Theme) -> None:
        assert colours_of(neurons(None, signed=True), theme) is None


class TestWords:
    @pytest.fixture
    def said(
        self, sized: Callable[[QWidget, int, int], None], words: Words
    ) -> Callable[[Moment], list[str]]:
        def read(moment: Moment) -> list[str]:
            view = NetworkView()
            sized(view, 960, 420)
            view.show_moment(moment)
            return words(view)

        return read

    def test_headings_name_and_count_the_layers(
        self, said: Callable[[Moment], list[str]], moment_of: MomentOf
    ) -> None:
        layers = ((3, "tanh"), (5, "relu"), (2, "sigmoid"))
        assert {"input · 2", "hidden 1 · 3", "hidden 2 · 5", "output · 2"} <= set(
            said(moment_of(layers=layers))
        )

    def test_inputs_and_outputs_have_their_names(
        self, said: Callable[[Moment], list[str]], moment_of: MomentOf, one_output: Dataset
    ) -> None:
        assert {"x", "y", "ring", "disc"} <= set(said(moment_of()))
        words = said(moment_of(dataset=one_output, layers=((3, "tanh"), (1, "sigmoid"))))
        assert "disc" in words, "one output says the second of two classes"
        assert "ring" not in words

    def test_a_long_name_of_an_input_is_shortened_visibly(
        self,
        said: Callable[[Moment], list[str]],
        moment_of: MomentOf,
        table_of: Callable[..., Dataset],
    ) -> None:
        table = table_of(3)
        name = "the mean of the largest three of all measured concavities"
        long = Dataset(table.name, table.train, table.test, (name, "b", "c"))
        found = [
            w
            for w in said(moment_of(dataset=long, layers=((2, "tanh"), (1, "linear"))))
            if w.startswith("the mean")
        ]
        assert len(found) == 1
        assert found[0].endswith("…")

    def test_small_neurons_carry_no_numbers(
        self,
        said: Callable[[Moment], list[str]],
        moment_of: MomentOf,
        table_of: Callable[..., Dataset],
    ) -> None:
        moment = moment_of("cost", dataset=table_of(20), layers=((20, "tanh"), (1, "linear")))
        a = float(moment.trace.layers[0].activation[0, 7])
        assert f"{a:.2f}".replace("-", "−") not in said(moment)


def test_the_selected_neuron_of_a_folded_column_is_where_it_says(
    sized: Callable[[QWidget, int, int], None],
    moment_of: MomentOf,
    table_of: Callable[..., Dataset],
    words: Words,
) -> None:
    view = NetworkView()
    sized(view, 740, 330)
    view.show_moment(moment_of(dataset=table_of(100), layers=((2, "tanh"), (1, "linear"))))
    assert "column 51" not in words(view)
    view.select(Neuron(0, 50))
    assert "column 51" in words(view)
