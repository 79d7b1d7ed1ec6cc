from __future__ import annotations

from typing import Any, get_args

import pytest

from explorer.core.data.dataset import Dataset
from explorer.core.data.load import load
from explorer.core.defaults import (
    default_experiment,
    experiment_on,
    output_layer,
    reason,
    with_loss,
)
from explorer.core.experiment import (
    LOSSES,
    BuiltinName,
    Csv,
    Experiment,
    Initial,
    Inline,
    Layer,
    Loss,
)
from explorer.core.experiment_file import checked, read, write
from explorer.core.trainer import Trainer

NAMES: tuple[BuiltinName, ...] = get_args(BuiltinName)


def classes_in(dataset: Dataset) -> int:
    """0 for targets that are not classes, as :func:`with_loss` takes it."""
    return 0 if dataset.train.classes is None else len(dataset.labels)


@pytest.mark.parametrize("name", NAMES)
class TestEveryBuiltinSet:
    def test_its_default_loads_trains_and_says_why(self, name: BuiltinName) -> None:
        experiment = default_experiment(name)
        dataset = load(experiment)
        trainer = Trainer(experiment, dataset)
        before = trainer.evaluate().cost
        for _ in range(30):
            trainer.advance()
        assert trainer.evaluate().cost < before
        said = reason(experiment, dataset.labels, classes=dataset.train.classes is not None)
        assert words_of(experiment.loss, classes=dataset.train.classes is not None) in said

    def test_its_default_is_an_experiment_file(self, name: BuiltinName) -> None:
        experiment = default_experiment(name)
        assert checked(experiment) == experiment
        assert read(write(experiment)) == experiment
        assert experiment.data.name == name

    @pytest.mark.parametrize("loss", LOSSES)
    def test_it_goes_with_every_loss(self, name: BuiltinName, loss: Loss) -> None:
        """But Mazur's targets, which are no shares, with cross-entropy."""
        experiment = default_experiment(name)
        n_classes = classes_in(load(experiment))
        changed = with_loss(experiment, loss, n_classes)
        assert checked(changed) == changed
        assert changed.loss == loss
        assert changed.network.layers[:-1] == experiment.network.layers[:-1]
        if not (name == "mazur" and loss == "cross_entropy"):
            dataset = load(changed)
            assert dataset.n_outputs == changed.output.units
            Trainer(changed, dataset).advance()
            said = reason(changed, dataset.labels, classes=n_classes > 0)
            assert words_of(loss, classes=n_classes > 0) in said
        # And back again, over whatever the other loss made of the output layer.
        assert with_loss(changed, experiment.loss, n_classes).loss == experiment.loss


def words_of(loss: Loss, *, classes: bool) -> str:
    if not classes:
        return "compared with its target"
    if loss == "cross_entropy":
        return "softmax outputs sum to 1"
    return "sigmoid output" if loss == "binary_cross_entropy" else "one output"


class TestOutputLayer:
    @pytest.mark.parametrize("n_classes", [2, 3, 10])
    @pytest.mark.parametrize("loss", LOSSES)
    def test_fits_the_loss_and_the_classes(self, loss: Loss, n_classes: int) -> None:
        layer = output_layer(loss, n_classes)
        assert layer.units == (1 if n_classes == 2 and loss != "cross_entropy" else n_classes)
        assert layer.activation == ("softmax" if loss == "cross_entropy" else "sigmoid")

    def test_keeps_the_activation_where_the_loss_leaves_a_choice(self) -> None:
        assert output_layer("squared_error", 2, "tanh") == Layer(1, "tanh")
        assert output_layer("squared_error", 3, "softmax") == Layer(3, "sigmoid")
        assert output_layer("binary_cross_entropy", 2, "tanh") == Layer(1, "sigmoid")


class TestWithLoss:
    def test_numbers_to_predict_keep_their_outputs(self, experiment_of: Any, inline: Any) -> None:
        data = inline([[1.0], [2.0]], [[0.2, 0.8], [0.5, 0.5]])
        experiment = experiment_of(((3, "tanh"), (2, "linear")), data=data)
        for loss in LOSSES:
            changed = with_loss(experiment, loss, 0)
            assert changed.output.units == 2
            load(changed)

    def test_written_numbers_give_way_where_the_outputs_change(self, experiment_of: Any) -> None:
        written = Initial(weights=(((0.1, 0.2),),), biases=((0.3,),))
        experiment: Experiment = experiment_of(((1, "sigmoid"),), initial=written)
        assert with_loss(experiment, "binary_cross_entropy", 2).network.initial == written
        changed = with_loss(experiment, "cross_entropy", 2)
        assert changed.output == Layer(2, "softmax")
        assert not changed.network.initial.explicit
        load(changed)

    def test_everything_else_stays(self) -> None:
        experiment = default_experiment("iris")
        changed = with_loss(experiment, "squared_error", 3)
        for name in ("data", "optimizer", "mini_batch", "regularization", "dtype", "title"):
            assert getattr(changed, name) == getattr(experiment, name)


@pytest.mark.parametrize(
    ("n_classes", "loss", "output"),
    [
        (0, "half_squared_error", Layer(1, "linear")),
        (2, "binary_cross_entropy", Layer(1, "sigmoid")),
        (3, "cross_entropy", Layer(3, "softmax")),
    ],
)
def test_a_first_experiment_on_ones_own_data(n_classes: int, loss: Loss, output: Layer) -> None:
    data = Csv(path="table.csv", target=("y",))
    experiment = experiment_on(data, n_classes)
    assert checked(experiment) == experiment
    assert (experiment.data, experiment.loss, experiment.output) == (data, loss, output)


class TestReason:
    def test_names_the_classes_of_a_single_output(self) -> None:
        said = reason(default_experiment("breast_cancer"), ("malignant", "benign"), classes=True)
        assert "“benign”" in said
        squared = with_loss(default_experiment("circles"), "squared_error", 2)
        said = reason(squared, ("orange", "blue"), classes=True)
        assert "low for “orange”" in said
        assert "high for “blue”" in said

    def test_without_names_it_says_0_and_1(self, experiment_of: Any) -> None:
        data = Inline(inputs=((1.0,), (2.0,)), targets=((0.0,), (1.0,)))
        experiment = experiment_of(((1, "sigmoid"),), data=data)
        assert "low for “0” and high for “1”" in reason(experiment, (), classes=True)

    def test_several_yes_or_no_outputs(self) -> None:
        experiment = with_loss(default_experiment("iris"), "binary_cross_entropy", 3)
        assert "A yes or no for each output" in reason(experiment, ("a", "b", "c"), classes=True)

    def test_counts_the_classes(self) -> None:
        for loss in ("cross_entropy", "squared_error"):
            experiment = with_loss(default_experiment("digits"), loss, 10)
            assert reason(experiment, (), classes=True).startswith("10 classes")
