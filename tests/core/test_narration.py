from __future__ import annotations

import re
from typing import Any

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace

from explorer.core import nudges
from explorer.core.beats import Beat, beats_of, parse_beat
from explorer.core.data.load import load
from explorer.core.defaults import default_experiment, with_loss
from explorer.core.experiment import LOSSES, Adam, Initial, Layer, RmsProp, Sgd
from explorer.core.moment import Moment
from explorer.core.narration import narrate, protagonist
from explorer.core.part_of_network import Neuron, Weight
from explorer.core.readings import reading, title_of
from explorer.core.trainer import Trainer


@pytest.fixture(scope="module", params=LOSSES)
def moments(request: pytest.FixtureRequest) -> list[Moment]:
    """Every beat of the second update on iris, with each loss."""
    experiment = with_loss(default_experiment("iris"), request.param, 3)
    dataset = load(experiment)
    trainer = Trainer(experiment, dataset)
    trainer.advance()
    trace = trainer.advance_traced()
    return [Moment(dataset, trace, beat, example=1) for beat in beats_of(2)]


def said(moment: Moment) -> str:
    return "".join(span.text for span in narrate(moment))


def test_every_beat_is_a_sentence_of_its_own(moments: list[Moment]) -> None:
    sentences = [said(moment) for moment in moments]
    assert len(set(sentences)) == len(sentences)
    for sentence in sentences:
        assert sentence[0].isupper() or sentence[0].isdigit()
        assert sentence.endswith(".")
        assert "nan" not in sentence.lower()


def test_the_protagonist_is_a_neuron_of_the_layer_of_the_beat(moments: list[Moment]) -> None:
    for moment in moments:
        neuron = protagonist(moment)
        layer = moment.beat.layer or moment.n_layers
        assert neuron.layer == layer
        assert 0 <= neuron.index < moment.trace.units(layer)


def test_the_protagonists_of_the_beats(moments: list[Moment]) -> None:
    trace = moments[0].trace
    by_beat = {str(moment.beat): protagonist(moment) for moment in moments}
    hidden = trace.layers[0]
    assert by_beat["forward:1"].index == np.abs(hidden.activation[1]).argmax()
    assert by_beat["backward:1"].index == np.abs(hidden.activation_gradient[1]).argmax()
    assert by_beat["backward:2"].index == trace.targets[1].argmax()


def test_how_far_the_examples_agree(moments: list[Moment]) -> None:
    """Against the table of every example's wish for every parameter."""
    (average,) = (moment for moment in moments if moment.beat.kind == "average")
    trace = average.trace
    columns = []
    for example in range(trace.batch_size):
        asked: list[np.ndarray] = []
        for layer in (1, 2):
            asked.append(nudges.bias_wishes(trace, layer, example))
            asked.append(nudges.weight_wishes(trace, layer, example).ravel())
        columns.append(np.concatenate(asked))
    wishes = np.array(columns, np.float64).T
    left = np.linalg.norm(wishes.mean(axis=1)) / np.linalg.norm(wishes, axis=0).mean()
    assert f"over the network the mean is {100 * left:.0f} % as long as the wishes" in said(average)


def test_the_costs_named_are_those_of_the_trace(moments: list[Moment]) -> None:
    trace = moments[0].trace
    by_kind = {moment.beat.kind: said(moment) for moment in moments}
    assert f"{trace.losses[1]:.3g}"[:4] in by_kind["cost"]
    assert f"{trace.batch_cost:.3g}"[:4] in by_kind["cost"]
    assert f"{trace.batch_cost_after:.3g}"[:4] in by_kind["update"]


def test_every_part_can_be_read_at_every_beat(moments: list[Moment]) -> None:
    parts = [Neuron(0, 3), Neuron(1, 7), Neuron(2, 2), Weight(1, 7, 3), Weight(2, 0, 5)]
    for part in parts:
        lengths = []
        for moment in moments:
            assert title_of(moment, part)
            lines = reading(moment, part)
            assert all(lines)
            lengths.append(len(lines))
        if isinstance(part, Neuron) and part.layer > 0:
            assert lengths == sorted(lengths)  # what has been computed stays readable
            assert lengths[-1] > lengths[0]


def updated(
    *, factor: float = 1.0, frozen: tuple[str, ...] = (), still: slice = slice(0), rate: float = 1.0
) -> str:
    """What is said of an update: its change of the costs, what is frozen, what else stays."""
    experiment = default_experiment("iris")
    network = msgspec.structs.replace(experiment.network, frozen=frozen)
    optimizer = msgspec.structs.replace(experiment.optimizer, learning_rate=rate)
    experiment = msgspec.structs.replace(experiment, network=network, optimizer=optimizer)
    dataset = load(experiment)
    trace = Trainer(experiment, dataset).advance_traced()
    first, *others = trace.layers
    weights = first.weight_after.copy()
    weights.flat[still] = first.weight_before.flat[still]
    trace = replace(
        trace,
        layers=(replace(first, weight_after=weights), *others),
        batch_cost_after=trace.batch_cost * factor,
    )
    return said(Moment(dataset, trace, Beat("update"), example=0))


class TestUpdate:
    """The network of iris has 4·8 + 8 weights and biases to the hidden layer, 8·3 + 3 behind."""

    @pytest.mark.parametrize(
        ("parts", "words"),
        [
            ({}, "Every parameter has moved."),
            (
                {"still": slice(5)},
                "62 of 67 parameters have moved; the other steps are too small for float32.",
            ),
            (
                {"frozen": ("bias1", "bias2")},
                "56 of 67 parameters have moved, the others are frozen.",
            ),
            ({"frozen": ("bias1",), "still": slice(2)}, "57 of 67 parameters have moved."),
            ({"rate": 0.0}, "No parameter has moved, the learning rate is 0."),
            (
                {"frozen": ("weight1", "bias1", "weight2", "bias2")},
                "No parameter has moved, all are frozen.",
            ),
        ],
    )
    def test_it_says_what_has_moved(self, parts: dict[str, Any], words: str) -> None:
        assert updated(**parts).startswith(f"{words} The mini-batch’s cost ")

    @pytest.mark.parametrize(
        ("optimizer", "words"),
        [
            (Sgd(0.1), "3 of 67 parameters have moved, the gradient of the others is 0."),
            # The last weights would go from 0.5 by 5e-9, but 3e-8 is the least step there is.
            (
                Sgd(1e-4, weight_decay=1e-4),
                "3 of 67 parameters have moved; the other steps are 0 or too small for float32.",
            ),
        ],
    )
    def test_without_a_gradient_nothing_moves(self, optimizer: Sgd, words: str) -> None:
        """Behind a hidden layer that is saturated at 0 only the last biases get a gradient."""
        experiment = default_experiment("iris")
        weights = [[[0.0] * 4] * 8, [[0.5] * 8] * 3]
        initial = Initial(weights=weights, biases=[[-1.0] * 8, [0.1, 0.2, 0.3]])
        network = replace(
            experiment.network,
            layers=(Layer(8, "relu"), *experiment.network.layers[1:]),
            initial=initial,
        )
        experiment = replace(experiment, network=network, optimizer=optimizer)
        dataset = load(experiment)
        trace = Trainer(experiment, dataset).advance_traced()
        assert said(Moment(dataset, trace, Beat("update"), example=0)).startswith(words)

    def test_a_small_change_of_the_cost_shows(self) -> None:
        costs = re.search(r"goes ([\d.]+) → ([\d.]+) \(−", updated(factor=1 - 1e-5))
        assert costs is not None
        assert float(costs[2]) < float(costs[1])

    def test_a_cost_that_stays_is_told_once(self) -> None:
        assert re.search(r"cost stays [\d.]+[;.]", updated(factor=1.0))

    @pytest.mark.parametrize("factor", [0.9, 1.1])
    def test_costs_take_no_sign_colours(self, moments: list[Moment], factor: float) -> None:
        last = moments[-1]
        trace = replace(last.trace, batch_cost_after=last.trace.batch_cost * factor)
        tones = {span.tone for span in narrate(replace(last, trace=trace))}
        assert tones == {"plain", "strong"}


@pytest.mark.parametrize(("optimizer", "name"), [(Adam(), "Adam"), (RmsProp(), "RMSprop")])
def test_while_training_runs_the_optimizer_has_its_own_name(
    trainer_of: Any, optimizer: Any, name: str
) -> None:
    trainer = trainer_of(optimizer=optimizer)
    beat = parse_beat("update", 2)
    moment = Moment(trainer.dataset, trainer.advance_traced(), beat, 0, live=True)
    assert said(moment).startswith(f"Training with {name}: update 1,")
