from __future__ import annotations

import pytest

from explorer.core.beats import KINDS, TITLES, Beat, beats_of, parse_beat


def test_the_order_of_one_update() -> None:
    assert [str(beat) for beat in beats_of(3)] == [
        "mini_batch",
        "forward:1",
        "forward:2",
        "forward:3",
        "cost",
        "backward:3",
        "backward:2",
        "backward:1",
        "average",
        "update",
    ]


@pytest.mark.parametrize("n_layers", range(1, 10))
def test_each_layer_has_a_beat_forward_and_one_backward(n_layers: int) -> None:
    beats = beats_of(n_layers)
    assert len(beats) == len(set(beats)) == 4 + 2 * n_layers
    forward = [b.layer for b in beats if b.kind == "forward"]
    backward = [b.layer for b in beats if b.kind == "backward"]
    assert forward == list(range(1, n_layers + 1))
    assert backward == forward[::-1]


def test_every_kind_has_a_title() -> None:
    assert set(TITLES) == set(KINDS) == {beat.kind for beat in beats_of(1)}


@pytest.mark.parametrize("n_layers", [1, 2, 9])
def test_a_beat_reads_back_from_its_name(n_layers: int) -> None:
    for beat in beats_of(n_layers):
        assert parse_beat(str(beat), n_layers) == beat


@pytest.mark.parametrize(
    ("text", "beat"),
    [
        ("mini-batch", Beat("mini_batch")),
        ("forward", Beat("forward", 1)),
        ("backward", Beat("backward", 2)),  # the first one to come
        ("backward:1", Beat("backward", 1)),
    ],
)
def test_short_names(text: str, beat: Beat) -> None:
    assert parse_beat(text, 2) == beat


@pytest.mark.parametrize(
    "text", ["", "forward:3", "forward:0", "cost:1", "Cost", "forward:", "forward:-1", "end", "1"]
)
def test_unknown_beats_are_refused_with_those_there_are(text: str) -> None:
    with pytest.raises(ValueError, match="no beat") as refused:
        parse_beat(text, 2)
    assert str(refused.value).endswith(
        "mini_batch, forward:1, forward:2, cost, backward:2, backward:1, average, update"
    )
