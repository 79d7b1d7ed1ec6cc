from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from explorer.core.data.dataset import (
    Dataset,
    Part,
    classes_of,
    decide,
    encode,
    low_target,
    split,
    threshold_of,
)
from explorer.core.experiment import ACTIVATIONS, ExperimentError, Layer

TWO, THREE = ("no", "yes"), ("a", "b", "c")
WHERE = "$.network.layers[1].units"


@given(
    n=st.integers(2, 300),
    fraction=st.floats(0, 1, exclude_max=True),
    seed=st.integers(0, 2**32),
)
def test_split_is_disjoint_and_complete(n: int, fraction: float, seed: int) -> None:
    train, test = split(n, fraction, np.random.default_rng(seed))
    assert sorted([*train.tolist(), *test.tolist()]) == list(range(n))
    assert len(train) >= 1
    assert abs(len(test) - n * fraction) <= 1


def test_split_is_shuffled_and_repeats_with_its_seed() -> None:
    parts = [split(100, 0.3, np.random.default_rng(4)) for _ in range(2)]
    assert [p.tolist() for p in parts[0]] == [p.tolist() for p in parts[1]]
    assert parts[0][0].tolist() != sorted(parts[0][0].tolist())
    other = split(100, 0.3, np.random.default_rng(5))
    assert other[1].tolist() != parts[0][1].tolist()


class TestEncode:
    classes = np.array([0, 1, 1, 0])

    @pytest.mark.parametrize("activation", [a for a in ACTIVATIONS if a != "softmax"])
    def test_one_output_says_two_classes(self, activation: str) -> None:
        targets = encode(self.classes, TWO, Layer(1, activation), WHERE)
        low = -1 if activation in ("tanh", "linear") else 0
        assert targets.tolist() == [[low], [1], [1], [low]]
        assert targets.dtype == np.float64

    @pytest.mark.parametrize("activation", ACTIVATIONS)
    def test_one_output_for_each_class(self, activation: str) -> None:
        low = -1 if activation == "tanh" else 0
        targets = encode(np.array([2, 0]), THREE, Layer(3, activation), WHERE)
        assert targets.tolist() == [[low, low, 1], [1, low, low]]

    def test_two_outputs_for_two_classes(self) -> None:
        targets = encode(self.classes, TWO, Layer(2, "softmax"), WHERE)
        assert targets.tolist() == [[1, 0], [0, 1], [0, 1], [1, 0]]

    @pytest.mark.parametrize(
        ("labels", "output", "needed"),
        [
            (TWO, Layer(3, "tanh"), "1 or 2 units for 2 classes, got 3"),
            (TWO, Layer(1, "softmax"), "2 units for 2 classes, got 1"),
            (THREE, Layer(1, "sigmoid"), "3 units for 3 classes, got 1"),
            (THREE, Layer(2, "sigmoid"), "3 units for 3 classes, got 2"),
        ],
    )
    def test_a_number_of_outputs_that_fits_neither(
        self, labels: tuple[str, ...], output: Layer, needed: str
    ) -> None:
        with pytest.raises(ExperimentError) as refused:
            encode(np.array([0, 1]), labels, output, WHERE)
        assert str(refused.value) == f"{WHERE}: expected {needed}"


@pytest.mark.parametrize(
    ("output", "low"),
    [
        (Layer(1, "tanh"), -1.0),
        (Layer(3, "tanh"), -1.0),
        (Layer(1, "linear"), -1.0),
        (Layer(3, "linear"), 0.0),
        (Layer(1, "sigmoid"), 0.0),
        (Layer(2, "relu"), 0.0),
    ],
)
def test_low_target_and_the_threshold_above_it(output: Layer, low: float) -> None:
    assert low_target(output) == low
    assert threshold_of(output) == (low + 1) / 2


class TestDecide:
    def test_a_single_output_falls_on_one_side_of_the_threshold(self) -> None:
        outputs = np.array([[-0.2], [0.0], [0.1], [0.6]])
        assert decide(outputs, 0.0).tolist() == [0, 0, 1, 1]
        assert decide(outputs, 0.5).tolist() == [0, 0, 0, 1]

    def test_of_several_the_largest(self) -> None:
        assert decide(np.array([[0.1, 0.3, 0.2], [5.0, -1.0, 0.0]]), 0.5).tolist() == [1, 0]


class TestClassesOf:
    @pytest.mark.parametrize(
        ("targets", "classes", "threshold"),
        [
            ([[0], [1], [1]], [0, 1, 1], 0.5),
            ([[-1], [1]], [0, 1], 0.0),
            ([[1, 0, 0], [0, 0, 1]], [0, 2], 0.5),
            ([[1, -1], [-1, 1]], [0, 1], 0.0),
        ],
    )
    def test_targets_that_are_plainly_classes(
        self, targets: list[list[float]], classes: list[int], threshold: float
    ) -> None:
        found, at = classes_of(np.array(targets, float))
        assert found is not None
        assert found.tolist() == classes
        assert at == threshold

    @pytest.mark.parametrize(
        "targets",
        [[[0.5], [1]], [[0], [2]], [[1, 1], [0, 1]], [[0, 0], [0, 1]], [[-1], [0], [1]]],
    )
    def test_other_targets_are_numbers(self, targets: list[list[float]]) -> None:
        assert classes_of(np.array(targets, float))[0] is None


def dataset(n_outputs: int = 1, labels: tuple[str, ...] = TWO) -> Dataset:
    train = Part(
        np.zeros((2, 2)), np.zeros((2, n_outputs)), np.array([0, 1]), np.array([[1.0, -4], [2, 3]])
    )
    test = Part(np.zeros((1, 2)), np.zeros((1, n_outputs)), np.array([1]), np.array([[-5.0, 0.0]]))
    return Dataset("made", train, test, ("x", "y"), labels)


class TestDataset:
    def test_parts_are_read_only(self) -> None:
        part = dataset().train
        for array in (part.inputs, part.targets, part.classes, part.points):
            assert array is not None
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 1

    def test_sizes(self) -> None:
        made = dataset(n_outputs=3, labels=THREE)
        assert (made.n_inputs, made.n_outputs, len(made.train), len(made.test)) == (2, 3, 2, 1)

    def test_extent_holds_every_point_of_both_parts(self) -> None:
        made = dataset()
        assert made.extent >= 5
        assert made.extent == pytest.approx(5, rel=0.1)

    def test_extent_is_never_nothing(self) -> None:
        empty = Part(np.empty((0, 2)), np.empty((0, 1)), points=np.empty((0, 2)))
        at_zero = Part(np.zeros((1, 2)), np.zeros((1, 1)), points=np.zeros((1, 2)))
        pointless = Part(np.zeros((1, 2)), np.zeros((1, 1)))
        for train in (at_zero, pointless):
            assert replace(dataset(), train=train, test=empty).extent > 0

    def test_labels_of_classes(self) -> None:
        made = dataset()
        assert [made.label_of(made.train, i) for i in (0, 1)] == ["no", "yes"]
        assert made.output_label(0) == "yes"
        three = dataset(3, THREE)
        assert [three.output_label(j) for j in range(3)] == list(THREE)

    def test_without_labels_classes_and_outputs_are_numbered(self) -> None:
        bare = dataset(labels=())
        assert bare.label_of(bare.train, 1) == "1"
        assert bare.output_label(0) == "y"
        assert dataset(3, ()).output_label(2) == "3"

    def test_the_name_of_a_single_output_is_not_the_name_of_class_0(self) -> None:
        named = dataset(labels=("passed",))
        assert [named.label_of(named.train, i) for i in (0, 1)] == ["0", "1"]

    def test_examples_without_classes_have_no_label(self) -> None:
        made = dataset()
        assert made.label_of(replace(made.train, classes=None), 0) == ""
