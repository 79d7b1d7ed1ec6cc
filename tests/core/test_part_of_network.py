from __future__ import annotations

import pytest

from explorer.core.part_of_network import Neuron, Selectable, Weight, linked


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Neuron(1, 2), Neuron(1, 2), True),
        (Neuron(1, 2), Neuron(1, 3), False),
        (Neuron(1, 2), Neuron(2, 2), False),
        (Weight(2, 0, 1), Weight(2, 0, 1), True),
        (Weight(2, 0, 1), Weight(2, 1, 0), False),
        (Weight(2, 0, 1), Neuron(1, 1), True),  # the neuron behind it
        (Weight(2, 0, 1), Neuron(2, 0), False),  # the neuron that it belongs to
        (Weight(2, 0, 1), Neuron(1, 0), False),
        (Weight(2, 0, 1), None, False),
        (None, None, False),
    ],
)
def test_a_part_is_linked_with_itself_and_a_weight_with_the_neuron_behind_it(
    one: Selectable | None, other: Selectable | None, expected: bool
) -> None:
    assert linked(one, other) is expected
    assert linked(other, one) is expected
