from __future__ import annotations

import numpy as np
import pytest

from explorer.core import nudges
from explorer.core.beats import beats_of
from explorer.core.data.load import load
from explorer.core.defaults import default_experiment, with_loss
from explorer.core.experiment import LOSSES
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
    assert f"{left:.0%}" in said(average)


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
