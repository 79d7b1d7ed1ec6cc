from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from explorer.core.experiment import (
    ACTIVATIONS,
    LOSSES,
    OPTIMIZERS,
    REAL_SETS,
    TOY_SETS,
    Adagrad,
    Adam,
    AdamW,
    Builtin,
    Csv,
    Experiment,
    ExperimentError,
    Idx,
    Images,
    Initial,
    Inline,
    Layer,
    MiniBatch,
    NetworkSpec,
    Regularization,
    RmsProp,
    Sgd,
    parameter_names,
)
from explorer.core.experiment_file import checked, read, read_file, write

# The example of the format's documentation; every key but data and layers is a default.
DOCUMENTED = """
{
  "format": "backprop-explorer/experiment",
  "version": 1,
  "title": "",
  "data":    { "kind": "builtin", "name": "circles" },
  "network": { "layers": [ { "units": 4, "activation": "tanh" },
                           { "units": 1, "activation": "tanh" } ],
               "initial": { "scheme": "xavier_uniform", "seed": 0 },
               "frozen":  [] },
  "loss": "half_squared_error",
  "optimizer": { "name": "sgd", "learning_rate": 0.03 },
  "regularization": { "kind": "none", "rate": 0.0 },
  "mini_batch": { "size": 10, "shuffle": true, "seed": 0 },
  "dtype": "float32",
  "device": "auto",
  "engine": "auto"
}
"""

MISSING = object()


def spoiled(values: dict[str, Any], path: str, value: Any) -> str:
    """JSON text of ``values`` with another value at a path such as ``network.layers.1.units``."""
    keys = [int(key) if key.isdigit() else key for key in path.split(".")]
    at: Any = values
    for key in keys[:-1]:
        at = at.setdefault(key, {}) if isinstance(at, dict) else at[key]
    if value is MISSING:
        del at[keys[-1]]
    else:
        at[keys[-1]] = value
    return json.dumps(values)


def refusal(text: str | bytes) -> str:
    with pytest.raises(ExperimentError) as refused:
        read(text)
    return str(refused.value)


class TestDefaults:
    def test_only_data_and_layers_are_required(self, minimal: dict[str, Any]) -> None:
        assert read(json.dumps(minimal)) == read(DOCUMENTED)

    def test_a_written_experiment_holds_the_documented_defaults(
        self, minimal: dict[str, Any]
    ) -> None:
        written = json.loads(write(read(json.dumps(minimal))))
        documented = json.loads(DOCUMENTED)
        for key, value in documented.items():
            if isinstance(value, dict):
                assert {k: written[key][k] for k in value} == value
            else:
                assert written[key] == value
        assert list(written) == list(documented)

    @pytest.mark.parametrize(
        ("data", "defaults"),
        [
            (
                {"kind": "builtin", "name": "xor"},
                {"noise": 0.0, "test_fraction": 0.5, "seed": 0, "features": ["x", "y"]},
            ),
            (
                {"kind": "inline", "inputs": [[1]], "targets": [[1]]},
                {"test_inputs": [], "test_targets": [], "labels": []},
            ),
            (
                {"kind": "csv", "path": "a.csv", "target": ["y"]},
                {"test_fraction": 0.2, "seed": 0, "standardize": True},
            ),
            ({"kind": "idx", "images": "a", "labels": "b"}, {}),
            ({"kind": "images", "folder": "a"}, {"size": [28, 28]}),
        ],
    )
    def test_each_kind_of_data_has_the_documented_defaults(
        self, minimal: dict[str, Any], data: dict[str, Any], defaults: dict[str, Any]
    ) -> None:
        minimal["data"] = data
        written = json.loads(write(read(json.dumps(minimal))))["data"]
        assert {**data, **defaults}.items() <= written.items()

    def test_a_whole_number_stands_for_a_real_one(self, minimal: dict[str, Any]) -> None:
        assert read(spoiled(minimal, "data.noise", 1)).data.noise == 1.0


class TestRefusals:
    def test_the_message_is_the_documented_one(self, minimal: dict[str, Any]) -> None:
        text = spoiled(minimal, "network.layers.1.units", 0)
        assert (
            refusal(text) == "$.network.layers[1].units: expected an integer from 1 to 1024, got 0"
        )

    @pytest.mark.parametrize(
        ("path", "key"),
        [
            ("surprise", "$.surprise"),
            ("data.surprise", "$.data.surprise"),
            ("network.surprise", "$.network.surprise"),
            ("network.layers.1.surprise", "$.network.layers[1].surprise"),
            ("network.initial.surprise", "$.network.initial.surprise"),
            ("mini_batch.surprise", "$.mini_batch.surprise"),
            ("regularization.surprise", "$.regularization.surprise"),
        ],
    )
    def test_unknown_keys(self, minimal: dict[str, Any], path: str, key: str) -> None:
        assert refusal(spoiled(minimal, path, 1)) == f"{key}: unknown key"

    def test_an_unknown_key_beside_a_tag(self, minimal: dict[str, Any]) -> None:
        minimal["optimizer"] = {"name": "sgd", "betas": [0.9, 0.999]}
        assert refusal(json.dumps(minimal)) == "$.optimizer.betas: unknown key"

    @pytest.mark.parametrize(
        ("path", "key"),
        [
            ("data", "$.data"),
            ("network", "$.network"),
            ("data.kind", "$.data.kind"),
            ("data.name", "$.data.name"),
            ("network.layers", "$.network.layers"),
            ("network.layers.0.units", "$.network.layers[0].units"),
        ],
    )
    def test_missing_keys(self, minimal: dict[str, Any], path: str, key: str) -> None:
        assert refusal(spoiled(minimal, path, MISSING)) == f"{key}: required, but missing"

    @pytest.mark.parametrize(
        ("path", "value", "message"),
        [
            ("title", 3, "$.title: expected a text, got 3"),
            ("title", None, "$.title: expected a text, got null"),
            ("data", [], "$.data: expected an object, got a list of 0"),
            ("network", "x", '$.network: expected an object, got "x"'),
            ("network.layers", {}, "$.network.layers: expected a list of 1 to 9, got an object"),
            ("network.layers.0", 4, "$.network.layers[0]: expected an object, got 4"),
            ("data.features.0", 1, None),
            ("data.noise", "0", '$.data.noise: expected a number from 0 to 1, got "0"'),
            ("mini_batch.shuffle", 1, "$.mini_batch.shuffle: expected true or false, got 1"),
            ("network.frozen", "bias1", '$.network.frozen: expected a list, got "bias1"'),
            ("network.frozen", [1], "$.network.frozen[0]: expected a text, got 1"),
            (
                "network.layers.1.units",
                4.0,
                "$.network.layers[1].units: expected an integer from 1 to 1024, got 4.0",
            ),
            (
                "network.layers.1.units",
                "4",
                '$.network.layers[1].units: expected an integer from 1 to 1024, got "4"',
            ),
        ],
    )
    def test_wrong_types(
        self, minimal: dict[str, Any], path: str, value: Any, message: str | None
    ) -> None:
        if message is None:
            minimal["data"]["features"] = ["x"]
            said = refusal(spoiled(minimal, path, value))
            assert said.startswith("$.data.features[0]: expected one of ")
            assert said.endswith(", got 1")
            return
        assert refusal(spoiled(minimal, path, value)) == message

    @pytest.mark.parametrize(
        ("path", "key"),
        [
            ("network.layers.1.units", "$.network.layers[1].units"),
            ("data.seed", "$.data.seed"),
            ("data.noise", "$.data.noise"),
            ("mini_batch.size", "$.mini_batch.size"),
            ("version", "$.version"),
        ],
    )
    @pytest.mark.parametrize("value", [True, False])
    def test_true_and_false_are_no_numbers(
        self, minimal: dict[str, Any], path: str, key: str, value: bool
    ) -> None:
        said = refusal(spoiled(minimal, path, value))
        assert said.startswith(f"{key}: expected ")
        assert said.endswith(f", got {json.dumps(value)}")

    @pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e999"])
    @pytest.mark.parametrize(
        ("path", "key"),
        [
            ("data.noise", "$.data.noise"),
            ("optimizer.learning_rate", "$.optimizer.learning_rate"),
            ("network.initial.weights", "$.network.initial.weights[0][0][1]"),
        ],
    )
    def test_numbers_that_are_not_finite(
        self, minimal: dict[str, Any], literal: str, path: str, key: str
    ) -> None:
        value = [[[0.5, "here"]]] if path.endswith("weights") else "here"
        text = spoiled(minimal, path, value).replace('"here"', literal)
        assert refusal(text).startswith(f"{key}: expected a finite number, got ")

    @pytest.mark.parametrize(
        ("path", "value", "expected"),
        [
            ("network.layers.0.units", 1025, "an integer from 1 to 1024"),
            ("network.layers", [], "a list of 1 to 9"),
            ("network.layers", [{"units": 1}] * 10, "a list of 1 to 9"),
            ("data.noise", 1.1, "a number from 0 to 1"),
            ("data.noise", -0.1, "a number from 0 to 1"),
            ("data.test_fraction", 1, "a number of at least 0 and below 1"),
            ("data.examples", 1, "an integer from 2 to 100000"),
            ("data.seed", -1, "an integer from 0"),
            ("data.seed", 2**63, "an integer from 0"),
            ("data.features", [], "a list of 1 to 7"),
            ("mini_batch.size", 0, "an integer from 1 to 100000"),
            ("regularization.rate", -1, "a number of at least 0"),
            ("version", 2, "1"),
            ("format", "backprop-explorer/session", "backprop-explorer/experiment"),
        ],
    )
    def test_values_out_of_range(
        self, minimal: dict[str, Any], path: str, value: Any, expected: str
    ) -> None:
        said = refusal(spoiled(minimal, path, value))
        place, reason = said.split(": expected ")
        assert place.replace("[", ".").replace("]", "") == f"$.{path}"
        assert reason.split(", got ")[0] == expected

    @pytest.mark.parametrize(
        ("optimizer", "message"),
        [
            ({"learning_rate": 0.1}, "$.optimizer.name: required, but missing"),
            (
                {"name": "lion"},
                '$.optimizer.name: expected one of sgd, adam, adamw, rmsprop, adagrad, got "lion"',
            ),
            (
                {"name": "sgd", "learning_rate": -1},
                "$.optimizer.learning_rate: expected a number of at least 0, got -1",
            ),
            ({"name": "adam", "betas": [0.9]}, "$.optimizer.betas: expected a list of 2, got "),
            (
                {"name": "adam", "betas": [0.9, 1]},
                "$.optimizer.betas[1]: expected a number of at least 0 and below 1, got 1",
            ),
            ({"name": "sgd", "nesterov": True}, "$.optimizer.nesterov: needs a momentum above 0"),
        ],
    )
    def test_optimizers(
        self, minimal: dict[str, Any], optimizer: dict[str, Any], message: str
    ) -> None:
        minimal["optimizer"] = optimizer
        assert refusal(json.dumps(minimal)).startswith(message)

    @pytest.mark.parametrize(
        ("path", "value", "choices"),
        [
            ("data.kind", "web", {"builtin", "inline", "csv", "idx", "images"}),
            ("data.kind", 3, {"builtin", "inline", "csv", "idx", "images"}),
            ("data.name", "mnist", {*TOY_SETS, *REAL_SETS, "mazur"}),
            ("network.layers.0.activation", "swish", set(ACTIVATIONS)),
            ("loss", "mse", set(LOSSES)),
            ("dtype", "float16", {"float32", "float64"}),
            ("device", "gpu", {"auto", "cpu", "cuda", "mps"}),
            ("engine", "jax", {"auto", "torch", "compiled"}),
            ("regularization.kind", "l3", {"none", "l1", "l2"}),
        ],
    )
    def test_choices_are_listed(
        self, minimal: dict[str, Any], path: str, value: Any, choices: set[str]
    ) -> None:
        said = refusal(spoiled(minimal, path, value))
        place, reason = said.split(": expected one of ")
        assert place.replace("[", ".").replace("]", "") == f"$.{path}"
        listed, got = reason.split(", got ")
        assert set(listed.split(", ")) == choices
        assert json.loads(got) == value

    @pytest.mark.parametrize(
        ("initial", "message"),
        [
            (
                {"weights": [[[1, 2]] * 4, [[1, 2, 3]]], "biases": [[0] * 4, [0]]},
                "$.network.initial.weights[1][0]: expected 4 numbers, got 3",
            ),
            (
                {"weights": [[[1, 2]] * 4, [[1, 2, 3, "x"]]], "biases": [[0] * 4, [0]]},
                '$.network.initial.weights[1][0][3]: expected a number, got "x"',
            ),
            (
                {"weights": [[[1, 2]] * 4, [[1, 2, 3, 4]]]},
                "$.network.initial: weights and biases go together",
            ),
            (
                {"scheme": "zeros", "weights": [], "biases": []},
                "$.network.initial.scheme: explicit weights have no scheme",
            ),
            ({"seed": 1, "biases": []}, "$.network.initial.seed: explicit weights have no seed"),
        ],
    )
    def test_initial_numbers(
        self, minimal: dict[str, Any], initial: dict[str, Any], message: str
    ) -> None:
        minimal["network"]["initial"] = initial
        assert refusal(json.dumps(minimal)) == message

    def test_rules_between_parts_come_with_their_path(self, minimal: dict[str, Any]) -> None:
        minimal["network"]["layers"][0]["activation"] = "softmax"
        minimal["network"]["layers"][1]["activation"] = "softmax"
        minimal["loss"] = "cross_entropy"
        assert refusal(json.dumps(minimal)) == (
            "$.network.layers[0].activation: softmax is for the output layer only"
        )
        minimal["network"]["layers"][0]["activation"] = "tanh"
        minimal["network"]["frozen"] = ["bias3"]
        assert refusal(json.dumps(minimal)).startswith("$.network.frozen[0]: expected one of ")
        minimal["network"]["frozen"] = []
        minimal["data"] = {"kind": "inline", "inputs": [[1], [2, 3]], "targets": [[1], [0]]}
        assert refusal(json.dumps(minimal)) == "$.data.inputs[1]: expected 1 numbers, got 2"

    @pytest.mark.parametrize(
        "text",
        [
            '{"data": 1, "data": 2}',
            '{"network": {"layers": [{"units": 1, "data": 1, "data": 2}]}}',
            '{"data": 1, "title": "", "data": 1}',
        ],
    )
    def test_keys_that_stand_twice(self, text: str) -> None:
        assert refusal(text) == "$: the key 'data' stands twice in one object"

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{",
            "[1",
            "{'data': 1}",
            '{"data": 1,}',
            '{"data": 1} // a comment',
            b"\xff\xfe\xfa",
            b'{"title": "\xe9"}',
            "1" * 5000,
            "[" * 100_000,
        ],
    )
    def test_what_is_not_json(self, text: str | bytes) -> None:
        assert refusal(text).startswith("$: not JSON: ")

    @pytest.mark.parametrize("text", ["null", "5", '"data"', "[]", "true"])
    def test_json_that_is_no_object(self, text: str) -> None:
        assert refusal(text).startswith("$: expected an object, got ")

    def test_deep_nesting_is_refused_at_every_depth(self) -> None:
        for depth in range(500, 1100, 7):
            assert refusal("[" * depth + "]" * depth).startswith("$: ")

    def test_half_a_surrogate_pair_could_not_be_saved_again(self, minimal: dict[str, Any]) -> None:
        assert refusal(spoiled(minimal, "title", "\ud800")).startswith("$.title: ")

    def test_long_values_are_cut_in_the_message(self, minimal: dict[str, Any]) -> None:
        said = refusal(spoiled(minimal, "loss", "x" * 500))
        assert len(said) < 200

    def test_huge_integers(self, minimal: dict[str, Any]) -> None:
        assert refusal(spoiled(minimal, "data.noise", 10**400)).startswith("$.data.noise: ")


class TestFiles:
    def test_text_and_bytes_read_alike(self) -> None:
        assert read(DOCUMENTED.encode()) == read(DOCUMENTED)
        assert read(b"\xef\xbb\xbf" + DOCUMENTED.encode()) == read(DOCUMENTED)

    def test_a_file_reads_as_its_text(self, tmp_path: Path) -> None:
        path = tmp_path / "a.json"
        path.write_text(DOCUMENTED.replace('"title": ""', '"title": "σ′ ≠ 0"'), encoding="utf-8")
        assert read_file(path).title == "σ′ ≠ 0"

    def test_a_missing_file_is_an_operating_system_error(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            read_file(tmp_path / "none.json")


class TestChecked:
    """Building parts in code checks the rules between them; ``checked`` checks the values too."""

    good = read(DOCUMENTED)

    def test_a_good_experiment_stays_as_it_is(self) -> None:
        assert checked(self.good) == self.good

    @pytest.mark.parametrize(
        ("parts", "path"),
        [
            ({"optimizer": Sgd(learning_rate=-1.0)}, "$.optimizer.learning_rate"),
            ({"optimizer": Sgd(learning_rate=math.nan)}, "$.optimizer.learning_rate"),
            ({"optimizer": Adam(betas=(0.9, 1.0))}, "$.optimizer.betas[1]"),
            ({"mini_batch": MiniBatch(size=0)}, "$.mini_batch.size"),
            ({"mini_batch": MiniBatch(size=True)}, "$.mini_batch.size"),
            ({"data": Builtin(name="xor", noise=2.0)}, "$.data.noise"),
            ({"data": Builtin(name="xor", examples=1)}, "$.data.examples"),
            ({"network": NetworkSpec(layers=(Layer(0), Layer(1)))}, "$.network.layers[0].units"),
            ({"dtype": "float16"}, "$.dtype"),
            ({"regularization": Regularization("l2", math.inf)}, "$.regularization.rate"),
        ],
    )
    def test_bad_values_are_refused_as_in_a_file(self, parts: Any, path: str) -> None:
        with pytest.raises(ExperimentError) as refused:
            checked(replace(self.good, **parts))
        assert str(refused.value).startswith(f"{path}: ")


finite = st.floats(allow_nan=False, allow_infinity=False)
not_negative = st.floats(0, 1e6)
fractions = st.floats(0, 1, exclude_max=True)
seeds = st.integers(0, 2**63 - 1)
texts = st.text(st.characters(codec="utf-8"), max_size=8)


def matrices(
    rows: int, columns: int, numbers: st.SearchStrategy[float] = finite
) -> st.SearchStrategy[Any]:
    row = st.tuples(*[numbers] * columns)
    return st.tuples(*[row] * rows)


@st.composite
def inline_data(draw: st.DrawFn, outputs: int) -> Inline:
    n_inputs, n, n_test = draw(st.tuples(*[st.integers(1, 3)] * 3))
    return Inline(
        inputs=draw(matrices(n, n_inputs)),
        targets=draw(matrices(n, outputs)),
        test_inputs=draw(matrices(n_test, n_inputs)),
        test_targets=draw(matrices(n_test, outputs)),
        labels=draw(st.sampled_from([(), tuple(draw(st.tuples(*[texts] * outputs)))])),
    )


@st.composite
def datas(draw: st.DrawFn, outputs: int) -> Any:
    features = st.lists(
        st.sampled_from(["x", "y", "x^2", "y^2", "xy", "sin(x)", "sin(y)"]),
        min_size=1,
        unique=True,
    ).map(tuple)
    return draw(
        st.one_of(
            st.builds(
                Builtin,
                name=st.sampled_from(TOY_SETS),
                examples=st.integers(2, 100_000),
                noise=st.floats(0, 1),
                test_fraction=fractions,
                seed=seeds,
                features=features,
            ),
            st.builds(Builtin, name=st.sampled_from([*TOY_SETS, *REAL_SETS, "mazur"])),
            inline_data(outputs),
            st.builds(
                Csv,
                path=texts,
                target=st.lists(texts, min_size=1, max_size=2).map(tuple),
                test_fraction=fractions,
                seed=seeds,
                standardize=st.booleans(),
            ),
            st.builds(Idx, images=texts, labels=texts, test_fraction=fractions, seed=seeds),
            st.builds(Images, folder=texts, size=st.tuples(*[st.integers(1, 256)] * 2)),
        )
    )


optimizers = st.one_of(
    st.builds(Sgd, learning_rate=not_negative, momentum=not_negative, weight_decay=not_negative),
    st.builds(Sgd, momentum=st.floats(0.1, 1), nesterov=st.just(True)),
    st.builds(Adam, betas=st.tuples(fractions, fractions), amsgrad=st.booleans()),
    st.builds(AdamW, learning_rate=not_negative, eps=not_negative),
    st.builds(RmsProp, alpha=fractions, centered=st.booleans(), momentum=not_negative),
    st.builds(Adagrad, lr_decay=not_negative, initial_accumulator_value=not_negative),
)


@st.composite
def experiments(draw: st.DrawFn) -> Experiment:
    """Any experiment that the format allows, drawn part by part."""
    dtype = draw(st.sampled_from(["float32", "float64"]))
    numbers = st.floats(-3.4e38, 3.4e38) if dtype == "float32" else finite
    loss = draw(st.sampled_from(LOSSES))
    kinds = st.sampled_from([a for a in ACTIVATIONS if a != "softmax"])
    layers = draw(st.lists(st.builds(Layer, st.integers(1, 4), kinds), min_size=1, max_size=4))
    forced = {"cross_entropy": "softmax", "binary_cross_entropy": "sigmoid"}.get(loss)
    if forced:
        layers[-1] = replace(layers[-1], activation=forced)
    initial = draw(
        st.builds(Initial, scheme=st.sampled_from(["normal", "zeros", "torch_default"]), seed=seeds)
    )
    if draw(st.booleans()):
        sizes = [draw(st.integers(1, 3)), *(layer.units for layer in layers)]
        shapes = list(zip(sizes[1:], sizes[:-1], strict=True))
        initial = Initial(
            weights=tuple(draw(matrices(*shape, numbers)) for shape in shapes),
            biases=tuple(draw(st.tuples(*[numbers] * units)) for units in sizes[1:]),
        )
    names = parameter_names(NetworkSpec(layers=tuple(layers)))
    frozen = draw(st.lists(st.sampled_from(names), unique=True).map(tuple))
    return Experiment(
        data=draw(datas(layers[-1].units)),
        network=NetworkSpec(layers=tuple(layers), initial=initial, frozen=frozen),
        title=draw(texts),
        loss=loss,
        optimizer=draw(optimizers),
        regularization=draw(
            st.builds(Regularization, st.sampled_from(["none", "l1", "l2"]), not_negative)
        ),
        mini_batch=draw(st.builds(MiniBatch, st.integers(1, 100_000), st.booleans(), seeds)),
        dtype=dtype,
        device=draw(st.sampled_from(["auto", "cpu", "cuda", "mps"])),
        engine=draw(st.sampled_from(["auto", "torch", "compiled"])),
    )


@settings(deadline=None, max_examples=80)
@given(experiments())
def test_what_is_written_reads_back_the_same(experiment: Experiment) -> None:
    text = write(experiment)
    assert read(text) == experiment
    assert read(text.encode("utf-8")) == experiment
    assert write(read(text)) == text
    assert checked(experiment) == experiment
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


def test_written_optimizers_name_themselves() -> None:
    for name, kind in OPTIMIZERS.items():
        written = json.loads(write(replace(read(DOCUMENTED), optimizer=kind())))
        assert written["optimizer"]["name"] == name
