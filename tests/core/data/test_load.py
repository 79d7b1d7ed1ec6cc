from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn import datasets as published

from explorer.core.data.dataset import Dataset
from explorer.core.data.load import load
from explorer.core.experiment import (
    REAL_SETS,
    TOY_SETS,
    Builtin,
    Experiment,
    ExperimentError,
    Initial,
    Inline,
)

Build = Callable[..., Experiment]
OUTPUTS = {"digits": 10, "iris": 3, "wine": 3, "breast_cancer": 2}


def loaded(build: Build, name: str, output: str = "sigmoid", **parts: Any) -> Dataset:
    units = OUTPUTS.get(name, 1)
    return load(build(((units, output),), data=Builtin(name=name, **parts)))


def rows(array: np.ndarray) -> list[tuple[float, ...]]:
    return sorted(map(tuple, array.tolist()))


class TestToySets:
    @pytest.mark.parametrize("name", TOY_SETS)
    def test_sizes_names_and_reproduction(self, experiment_of: Build, name: str) -> None:
        parts = {"examples": 90, "test_fraction": 0.3, "noise": 0.2, "seed": 8}
        one, two = (loaded(experiment_of, name, **parts) for _ in range(2))
        assert one.train.inputs.tobytes() == two.train.inputs.tobytes()
        assert one.test.targets.tobytes() == two.test.targets.tobytes()
        assert (len(one.train), len(one.test)) == (63, 27)
        assert one.input_names == ("x", "y")
        assert len(one.labels) == 2
        other = loaded(experiment_of, name, **{**parts, "seed": 9})
        assert other.train.inputs.tobytes() != one.train.inputs.tobytes()

    def test_left_out_examples_mean_500(self, experiment_of: Build) -> None:
        made = loaded(experiment_of, "xor")
        assert (len(made.train), len(made.test)) == (250, 250)

    def test_the_parts_share_no_example(self, experiment_of: Build) -> None:
        made = loaded(experiment_of, "moons", noise=0.1)
        assert not set(rows(made.train.inputs)) & set(rows(made.test.inputs))

    @pytest.mark.parametrize(("output", "low"), [("tanh", -1), ("linear", -1), ("sigmoid", 0)])
    def test_targets_say_the_classes(self, experiment_of: Build, output: str, low: int) -> None:
        made = loaded(experiment_of, "circles", output)
        assert made.train.classes is not None
        assert np.array_equal(made.train.targets[:, 0] == 1, made.train.classes == 1)
        assert set(made.train.targets.ravel().tolist()) == {low, 1.0}
        assert made.threshold == (low + 1) / 2

    def test_the_threshold_does_not_hang_on_the_classes_drawn(self, experiment_of: Build) -> None:
        for seed in range(20):
            made = loaded(experiment_of, "xor", examples=2, seed=seed)
            assert made.threshold == 0.5

    def test_inputs_are_the_chosen_features_of_the_points(self, experiment_of: Build) -> None:
        made = loaded(experiment_of, "spiral", features=("x^2", "sin(y)", "x"))
        assert made.train.points is not None
        x, y = made.train.points.T
        assert made.train.inputs == pytest.approx(np.stack([x**2, np.sin(y), x], axis=1))
        assert made.input_names == ("x^2", "sin(y)", "x")
        assert made.features is not None
        assert made.features(made.test.points).tolist() == made.test.inputs.tolist()

    def test_test_fraction_0_leaves_no_test(self, experiment_of: Build) -> None:
        made = loaded(experiment_of, "xor", test_fraction=0.0)
        assert (len(made.train), len(made.test)) == (500, 0)


class TestRealSets:
    @pytest.mark.parametrize("name", REAL_SETS)
    def test_the_parts_together_are_the_published_set(
        self, experiment_of: Build, name: str
    ) -> None:
        bunch = getattr(published, f"load_{name}")()
        made = loaded(experiment_of, name, test_fraction=0.25, seed=3)
        assert len(made.train) + len(made.test) == len(bunch.target)
        assert len(made.test) == round(len(bunch.target) * 0.25)
        assert made.labels == tuple(str(n) for n in bunch.target_names)
        if name == "digits":
            scaled = bunch.data / 16
            assert made.image_size == (8, 8)
            assert len(made.input_names) == 64
        else:
            # Undo the scale of the training part through the published rows themselves.
            at = [find(made, bunch, i) for i in range(len(made.train))]
            known = bunch.data[at]
            scaled = (bunch.data - known.mean(axis=0)) / known.std(axis=0)
            assert made.input_names == tuple(bunch.feature_names)
        ours = np.concatenate([made.train.inputs, made.test.inputs])
        classes = np.concatenate([made.train.classes, made.test.classes])
        together = np.column_stack([ours, classes])
        expected = np.column_stack([scaled, bunch.target])
        order, other = np.lexsort(together.round(6).T), np.lexsort(expected.round(6).T)
        assert together[order] == pytest.approx(expected[other], abs=1e-9)

    @pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer"])
    def test_measurements_are_standardized_by_the_training_part_only(
        self, experiment_of: Build, name: str
    ) -> None:
        made = loaded(experiment_of, name, test_fraction=0.4)
        zeros, ones = np.zeros(made.n_inputs), np.ones(made.n_inputs)
        assert made.train.inputs.mean(axis=0) == pytest.approx(zeros, abs=1e-9)
        assert made.train.inputs.std(axis=0) == pytest.approx(ones)
        assert np.abs(made.test.inputs.mean(axis=0)).max() > 1e-3

    def test_a_part_of_the_examples(self, experiment_of: Build) -> None:
        made = loaded(experiment_of, "digits", examples=100, test_fraction=0.2)
        assert (len(made.train), len(made.test)) == (80, 20)
        everything = set(map(tuple, (published.load_digits().data / 16).tolist()))
        assert set(rows(made.train.inputs)) <= everything

    def test_a_seed_repeats_and_another_does_not(self, experiment_of: Build) -> None:
        one, two, other = (loaded(experiment_of, "iris", seed=s) for s in (1, 1, 2))
        assert one.train.inputs.tobytes() == two.train.inputs.tobytes()
        assert one.train.inputs.tobytes() != other.train.inputs.tobytes()

    def test_breast_cancer_goes_with_one_output_or_two(self, experiment_of: Build) -> None:
        bunch = published.load_breast_cancer()
        one = load(experiment_of(((1, "tanh"),), data=Builtin(name="breast_cancer")))
        two = load(experiment_of(((2, "sigmoid"),), data=Builtin(name="breast_cancer")))
        assert set(one.train.targets.ravel().tolist()) == {-1.0, 1.0}
        assert (two.train.targets.sum(axis=1) == 1).all()
        assert two.labels == tuple(bunch.target_names)
        assert np.array_equal(one.train.targets[:, 0] == 1, two.train.targets[:, 1] == 1)


def find(made: Dataset, bunch: Any, example: int) -> int:
    """The published row that a standardized training example came from.

    Within a column the order of values survives standardizing, so ranks identify the row.
    """
    if not hasattr(bunch, "unscaled"):
        ours = np.concatenate([made.train.inputs, made.test.inputs])
        ranks = [np.unique(column.round(9), return_inverse=True)[1] for column in ours.T]
        theirs = [np.unique(column, return_inverse=True)[1] for column in bunch.data.T]
        places: dict[tuple[int, ...], int] = {}
        for index, row in enumerate(np.stack(theirs, axis=1).tolist()):
            places.setdefault(tuple(row), index)
        bunch.unscaled = [places[tuple(row)] for row in np.stack(ranks, axis=1).tolist()]
    return int(bunch.unscaled[example])


class TestMazur:
    def test_is_the_published_example(self, experiment_of: Build) -> None:
        made = load(experiment_of(((2, "sigmoid"),), data=Builtin(name="mazur")))
        assert made.train.inputs.tolist() == [[0.05, 0.10]]
        assert made.train.targets.tolist() == [[0.01, 0.99]]
        assert len(made.test) == 0
        assert made.train.classes is None


class TestInline:
    def test_examples_are_used_exactly_as_written(self, experiment_of: Build) -> None:
        data = Inline(
            inputs=((0.1, 1e6, -3.0), (7.0, 0.0, 1e-9)),
            targets=((0.25, -1.5), (3.0, 2.0)),
            test_inputs=((1.0, 2.0, 3.0),),
            test_targets=((4.0, 5.0),),
            labels=("left", "right"),
        )
        made = load(experiment_of(((2, "linear"),), data=data))
        assert made.train.inputs.tolist() == [list(row) for row in data.inputs]
        assert made.train.targets.tolist() == [list(row) for row in data.targets]
        assert made.test.inputs.tolist() == [list(row) for row in data.test_inputs]
        assert made.test.targets.tolist() == [list(row) for row in data.test_targets]
        assert made.labels == ("left", "right")
        assert made.input_names == ("x1", "x2", "x3")
        assert made.train.classes is None
        assert made.train.points is None
        assert made.features is None

    def test_without_a_test_part(self, experiment_of: Build) -> None:
        made = load(
            experiment_of(((1, "linear"),), data=Inline(((1.0,), (2.0,)), ((3.0,), (4.0,))))
        )
        assert len(made.test) == 0
        assert made.test.inputs.shape == (0, 1)

    @pytest.mark.parametrize(("count", "words"), [(1, "1 example "), (2, "2 examples ")])
    def test_they_are_counted(self, experiment_of: Build, count: int, words: str) -> None:
        data = Inline(((1.0,), (2.0,))[:count], ((3.0,), (4.0,))[:count])
        made = load(experiment_of(((1, "linear"),), data=data))
        assert made.about.startswith(f"{words}written")

    def test_classes_are_recognised(self, experiment_of: Build) -> None:
        xor = Inline(
            inputs=((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)),
            targets=((-1.0,), (1.0,), (1.0,), (-1.0,)),
            test_inputs=((2.0, 0.0),),
            test_targets=((1.0,),),
        )
        made = load(experiment_of(((1, "tanh"),), data=xor))
        assert made.train.classes is not None
        assert made.test.classes is not None
        assert made.train.classes.tolist() == [0, 1, 1, 0]
        assert made.test.classes.tolist() == [1]
        assert made.threshold == 0.0

    def test_two_inputs_lie_in_the_plane(self, experiment_of: Build) -> None:
        data = Inline(((3.0, -4.0),), ((1.0,),), ((0.0, 6.0),), ((0.0,),))
        made = load(experiment_of(((1, "tanh"),), data=data))
        assert made.train.points is not None
        assert made.train.points.tolist() == [[3.0, -4.0]]
        assert made.extent >= 6
        assert made.features is not None
        grid = np.array([[1.0, 2.0]])
        assert made.features(grid).tolist() == grid.tolist()


class TestRefusals:
    def refusal(self, experiment: Experiment) -> str:
        with pytest.raises(ExperimentError) as refused:
            load(experiment)
        return str(refused.value)

    def test_outputs_that_do_not_fit_inline_targets(self, experiment_of: Build) -> None:
        data = Inline(((1.0,),), ((1.0, 0.0),))
        said = self.refusal(experiment_of(((2, "tanh"), (3, "tanh")), data=data))
        assert said == "$.network.layers[1].units: expected 2 units for 2 targets, got 3"

    def test_outputs_that_do_not_fit_the_classes(self, experiment_of: Build) -> None:
        said = self.refusal(experiment_of(((4, "tanh"),), data=Builtin(name="iris")))
        assert said == "$.network.layers[0].units: expected 3 units for 3 classes, got 4"

    def test_explicit_weights_that_do_not_fit_the_inputs(self, experiment_of: Build) -> None:
        initial = Initial(weights=(((0.1, 0.2, 0.3),),), biases=((0.0,),))
        said = self.refusal(experiment_of(((1, "tanh"),), initial=initial))
        assert said == ("$.network.initial.weights[0][0]: expected 2 numbers, one per input, got 3")

    @pytest.mark.parametrize(
        ("loss", "output", "targets", "message"),
        [
            (
                "binary_cross_entropy",
                (1, "sigmoid"),
                ((0.0,), (-1.0,)),
                "$.data.targets[1]: binary_cross_entropy needs targets from 0 to 1",
            ),
            (
                "cross_entropy",
                (2, "softmax"),
                ((0.0, 1.0), (1.5, -0.5)),
                "$.data.targets[1]: cross_entropy needs targets from 0 to 1",
            ),
            (
                "cross_entropy",
                (2, "softmax"),
                ((0.5, 0.5), (1.0, 1.0)),
                "$.data.targets[1]: cross_entropy needs targets that sum to 1",
            ),
        ],
    )
    def test_targets_that_the_loss_cannot_take(
        self,
        experiment_of: Build,
        loss: str,
        output: tuple[int, str],
        targets: Any,
        message: str,
    ) -> None:
        inputs = ((1.0,), (2.0,))
        data = Inline(inputs, targets)
        assert self.refusal(experiment_of((output,), data=data, loss=loss)) == message
        good = (targets[0],) * 2
        data = Inline(inputs, good, inputs, targets)
        said = self.refusal(experiment_of((output,), data=data, loss=loss))
        assert said == message.replace("targets[", "test_targets[")
