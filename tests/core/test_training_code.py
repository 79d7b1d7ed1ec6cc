"""The script is run, and must arrive at the explorer's own parameters."""

from __future__ import annotations

import ast
import contextlib
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.core.beats import KINDS
from explorer.core.data.dataset import Dataset, Part
from explorer.core.data.load import load
from explorer.core.experiment import (
    ACTIVATIONS,
    BUILTIN_NAMES,
    LOSSES,
    REAL_SETS,
    TOY_SETS,
    Adagrad,
    Adam,
    AdamW,
    Builtin,
    Csv,
    Experiment,
    Initial,
    Layer,
    MiniBatch,
    NetworkSpec,
    OptimizerSpec,
    Regularization,
    RmsProp,
    Sgd,
    parameter_names,
)
from explorer.core.find_experiment import find_experiment
from explorer.core.optimizers import make_optimizer
from explorer.core.trainer import Trainer
from explorer.core.training_code import TrainingCode, training_code

EPOCHS = 4  # of five mini-batches each: 20 updates
Build = Callable[..., Experiment]


def run(source: str) -> dict[str, Any]:
    """What a script leaves behind, its printing with it as ``printed``."""
    space: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(source, "script", "exec"), space)
    return {**space, "printed": printed.getvalue()}


def trained(experiment: Experiment, folder: Path = Path(), epochs: int = EPOCHS) -> Trainer:
    """The explorer's own run over so many epochs, with the engine that the code is written for."""
    experiment = msgspec.structs.replace(experiment, engine="torch")
    trainer = Trainer(experiment, load(experiment, folder))
    size = experiment.mini_batch.size
    for _ in range(epochs * -(-len(trainer.dataset.train) // size)):
        trainer.advance()
    return trainer


def parameters_of(space: dict[str, Any]) -> torch.Tensor:
    return torch.cat([p.detach().reshape(-1) for p in space["model"].parameters()])


def assert_same_training(experiment: Experiment, epochs: int = EPOCHS) -> dict[str, Any]:
    """Both ways train the same numbers, but for rounding where memory lies differently.

    A matrix product may add up in another order when a weight does not begin at a multiple of
    16 bytes, as it can among the explorer's parameters, which lie in one flat tensor.
    """
    trainer = trained(experiment, epochs=epochs)
    space = run(training_code(experiment, trainer.dataset, epochs=epochs).source)
    train, dtype = trainer.dataset.train, getattr(torch, experiment.dtype)
    assert torch.equal(space["x"], torch.tensor(train.inputs, dtype=dtype))
    assert torch.equal(space["y"], torch.tensor(train.targets, dtype=dtype))
    assert_close(parameters_of(space), trainer.network.flat)
    return space


def assert_close(found: torch.Tensor, expected: torch.Tensor) -> None:
    close = 1e-12 if expected.dtype == torch.float64 else 1e-6
    torch.testing.assert_close(found, expected, rtol=close, atol=close)


# Parts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("outputs", [1, 2])
@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss(experiment_of: Build, loss: str, outputs: int, dtype: str) -> None:
    if loss == "cross_entropy":
        layers = [(4, "tanh"), (2, "softmax")]
    else:
        layers = [(4, "tanh"), (outputs, "sigmoid")]
    experiment = experiment_of(layers, loss=loss, dtype=dtype, optimizer=Sgd(0.3))
    assert_same_training(experiment)


@pytest.mark.parametrize(
    "optimizer",
    [
        Sgd(0.1),
        Sgd(0.1, momentum=0.9),
        Sgd(0.1, momentum=0.9, nesterov=True),
        Sgd(0.1, momentum=0.8, dampening=0.3, weight_decay=0.01),
        Adam(0.01),
        Adam(0.01, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1, amsgrad=True),
        AdamW(0.01),
        AdamW(0.01, weight_decay=0.3, amsgrad=True),
        RmsProp(0.01),
        RmsProp(0.01, alpha=0.9, eps=1e-5, weight_decay=0.01, momentum=0.5, centered=True),
        Adagrad(0.1),
        Adagrad(0.1, lr_decay=0.01, weight_decay=0.1, initial_accumulator_value=0.2, eps=1e-6),
    ],
    ids=repr,
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_optimizer(experiment_of: Build, optimizer: OptimizerSpec, dtype: str) -> None:
    assert_same_training(experiment_of(optimizer=optimizer, dtype=dtype))


@pytest.mark.parametrize("optimizer", [Sgd, Adam, AdamW, RmsProp, Adagrad])
def test_a_setting_left_out_is_torchs_own(optimizer: type[OptimizerSpec]) -> None:
    spec = optimizer()
    weight = torch.nn.Parameter(torch.zeros(1))
    plain = type(make_optimizer(spec, [weight]))([weight], lr=spec.learning_rate)  # type: ignore[call-arg]
    for field in msgspec.structs.fields(spec):
        if field.name != "learning_rate":
            assert plain.defaults[field.name] == field.default, field.name


@pytest.mark.parametrize("kind", ["l1", "l2"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_regularization(experiment_of: Build, kind: Any, dtype: str) -> None:
    experiment = experiment_of(
        [(4, "tanh"), (3, "relu"), (1, "linear")],
        regularization=Regularization(kind, 0.013),
        optimizer=Sgd(0.1),
        dtype=dtype,
    )
    space = assert_same_training(experiment)
    weights = [p.detach().numpy() for p in space["model"].parameters() if p.ndim == 2]
    powers = [np.abs(w).sum() if kind == "l1" else (w**2).sum() / 2 for w in weights]
    assert space["penalty"]().item() == pytest.approx(0.013 * sum(powers), rel=1e-5)


@pytest.mark.parametrize(
    "frozen",
    [("bias1",), ("weight2",), ("weight1", "bias1", "bias2")],
    ids="+".join,
)
def test_frozen_parameters_stay(experiment_of: Build, frozen: tuple[str, ...]) -> None:
    optimizer = AdamW(0.05)
    space = assert_same_training(experiment_of(frozen=frozen, optimizer=optimizer))
    still = [not p.requires_grad for p in space["model"].parameters()]
    names = ("weight1", "bias1", "weight2", "bias2")
    assert still == [name in frozen for name in names]


@pytest.mark.parametrize("optimizer", [Sgd(0.1, weight_decay=0.1), AdamW(0.1), RmsProp(0.1)])
def test_all_parameters_may_be_frozen(experiment_of: Build, optimizer: OptimizerSpec) -> None:
    frozen = ("weight1", "bias1", "weight2", "bias2")
    assert_same_training(experiment_of(frozen=frozen, optimizer=optimizer))


@pytest.mark.parametrize(
    "scheme",
    [
        "xavier_uniform",
        "xavier_normal",
        "kaiming_uniform",
        "kaiming_normal",
        "normal",
        "zeros",
        "torch_default",
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_start(experiment_of: Build, scheme: Any, dtype: str) -> None:
    initial = Initial(scheme=scheme, seed=2**63 - 1)
    assert_same_training(experiment_of(initial=initial, dtype=dtype))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("inputs", [2, 60])
def test_a_start_written_out(experiment_of: Build, inline: Any, inputs: int, dtype: str) -> None:
    random = np.random.default_rng(5)
    initial = Initial(
        weights=(
            tuple(map(tuple, random.normal(size=(30, inputs)).tolist())),
            tuple(map(tuple, random.normal(size=(1, 30)).tolist())),
        ),
        biases=(tuple(random.normal(size=30).tolist()), (-0.5,)),
    )
    data = inline(random.normal(size=(9, inputs)), random.uniform(size=(9, 1)))
    experiment = experiment_of(
        [(30, "tanh"), (1, "linear")], data=data, initial=initial, dtype=dtype
    )
    assert_same_training(experiment)
    source = training_code(experiment, load(experiment)).source
    assert max(map(len, source.splitlines())) <= 100


@pytest.mark.parametrize("activation", [a for a in ACTIVATIONS if a != "softmax"])
def test_every_activation(experiment_of: Build, activation: str) -> None:
    assert_same_training(experiment_of([(5, activation), (2, activation)], optimizer=Sgd(0.1)))


def test_no_hidden_layer_at_all(experiment_of: Build) -> None:
    assert_same_training(experiment_of([(1, "sigmoid")], loss="binary_cross_entropy"))


# Mini-batches ---------------------------------------------------------------------------------


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("size", [1, 5, 23, 100])
def test_the_last_smaller_mini_batch_is_an_update_too(
    experiment_of: Build, size: int, shuffle: bool
) -> None:
    space = assert_same_training(experiment_of(size=size, shuffle=shuffle, optimizer=Sgd(0.1)))
    sizes = [len(inputs) for inputs, _ in space["batches"]()]
    assert sizes == [size] * (23 // size) + ([23 % size] if 23 % size else [])


# Data -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("units", [1, 2])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
@pytest.mark.parametrize("name", TOY_SETS)
def test_generated_sets(experiment_of: Build, name: Any, units: int, activation: str) -> None:
    data = Builtin(name=name, examples=41, noise=0.15, test_fraction=0.45, seed=9)
    assert_same_training(experiment_of([(3, "relu"), (units, activation)], data=data))


def test_features_of_a_generated_set(experiment_of: Build) -> None:
    features = ("xy", "x^2", "y", "sin(y)", "x", "y^2", "sin(x)")
    for chosen in (features, features[:1], ("y", "x")):
        data = Builtin(name="spiral", examples=60, noise=0.1, features=chosen)  # type: ignore[arg-type]
        assert_same_training(experiment_of(data=data, dtype="float64"))


@pytest.mark.parametrize("parts", [{}, {"examples": 60, "test_fraction": 0.0, "seed": 4}], ids=str)
@pytest.mark.parametrize("name", REAL_SETS)
def test_real_sets(experiment_of: Build, name: Any, parts: dict[str, Any]) -> None:
    data = Builtin(name=name, **parts)
    units = {"digits": 10, "breast_cancer": 2}.get(name, 3)
    layers = [(4, "tanh"), (units, "softmax")]
    assert_same_training(experiment_of(layers, data=data, loss="cross_entropy", size=200), epochs=2)


def test_an_input_that_never_changes(experiment_of: Build) -> None:
    """Of two wines to train on, some measurements are the same."""
    data = Builtin(name="wine", examples=3, test_fraction=0.6, seed=1)
    experiment = experiment_of([(3, "softmax")], data=data, loss="cross_entropy")
    assert (load(experiment).train.inputs == 0).all(axis=0).any()
    assert_same_training(experiment)


@pytest.mark.parametrize("name", BUILTIN_NAMES)
def test_the_experiment_of_every_tile(name: str) -> None:
    found = find_experiment(name)
    assert_same_training(msgspec.structs.replace(found.experiment, device="cpu"), epochs=1)


@pytest.mark.parametrize("name", ["mazur", "digits"])
def test_bit_for_bit_where_every_weight_begins_at_16_bytes(name: str) -> None:
    experiment = msgspec.structs.replace(
        find_experiment(name).experiment, device="cpu", engine="torch"
    )
    trainer = trained(experiment)
    space = run(training_code(experiment, trainer.dataset, epochs=EPOCHS).source)
    assert torch.equal(parameters_of(space), trainer.network.flat)


@pytest.mark.parametrize("rows", [12, 900])
def test_a_table_short_or_long(
    experiment_of: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    random = np.random.default_rng(0)
    table = random.normal(size=(rows, 3))
    body = "".join(f"{a!r},{b!r},{c!r}\n" for a, b, c in table.tolist())
    (tmp_path / 'it\'s "mine".csv').write_text(f"one,two,three\n{body}", encoding="utf-8")
    data = Csv(path='it\'s "mine".csv', target=("three",))
    experiment = experiment_of([(3, "tanh"), (1, "linear")], data=data, size=100)
    trainer = trained(experiment, tmp_path)
    code = training_code(experiment, trainer.dataset, epochs=EPOCHS)
    assert ("explorer" in code.source.replace("Backprop Explorer", "")) == (rows == 900)
    monkeypatch.chdir(tmp_path)
    assert_close(parameters_of(run(code.source)), trainer.network.flat)


@settings(max_examples=25, deadline=None)
@given(st.text())
def test_no_name_breaks_the_script(name: str) -> None:
    part = Part(np.zeros((1, 2)), np.zeros((1, 1)))
    dataset = Dataset(name, part, part, ("a", "b"))
    experiment = Experiment(
        data=Csv(path=name, target=(name,)), network=NetworkSpec((Layer(1, "linear"),))
    )
    ast.parse(training_code(experiment, dataset).source)
    many = Part(np.zeros((900, 2)), np.zeros((900, 1)))
    ast.parse(training_code(experiment, Dataset(name, many, part, ("a", "b"))).source)


# Anything together ----------------------------------------------------------------------------


@st.composite
def experiments(draw: st.DrawFn) -> Experiment:
    """Experiments on 23 circles, any parts that go together."""
    loss = draw(st.sampled_from(LOSSES))
    hidden = draw(
        st.lists(
            st.tuples(
                st.integers(1, 6), st.sampled_from([a for a in ACTIVATIONS if a != "softmax"])
            ),
            max_size=3,
        )
    )
    output = {"cross_entropy": (2, "softmax"), "binary_cross_entropy": (1, "sigmoid")}.get(
        loss, (draw(st.integers(1, 2)), "tanh")
    )
    network = NetworkSpec(
        layers=tuple(Layer(units, name) for units, name in (*hidden, output)),  # type: ignore[arg-type]
        initial=Initial(seed=draw(st.integers(0, 2**63 - 1))),
    )
    frozen = draw(st.sets(st.sampled_from(parameter_names(network))))
    kind = draw(st.sampled_from(["none", "l1", "l2"]))
    return Experiment(
        data=Builtin(name="circles", examples=46, seed=draw(st.integers(0, 99))),
        network=msgspec.structs.replace(network, frozen=tuple(sorted(frozen))),
        loss=loss,
        optimizer=draw(st.sampled_from([Sgd(0.1, momentum=0.5), Adam(0.01), RmsProp(0.01)])),
        regularization=Regularization(kind, draw(st.floats(0, 0.1))),  # type: ignore[arg-type]
        mini_batch=MiniBatch(draw(st.integers(4, 30)), draw(st.booleans()), 2),
        dtype=draw(st.sampled_from(["float32", "float64"])),
        device="cpu",
    )


@settings(max_examples=40, deadline=None)
@given(experiments())
def test_whatever_goes_together_trains_the_same(experiment: Experiment) -> None:
    assert_same_training(experiment)


# The script as it is read and run -------------------------------------------------------------


@pytest.fixture
def code(experiment_of: Build) -> TrainingCode:
    """The script of a plain experiment with a penalty."""
    experiment = experiment_of(regularization=Regularization("l2", 0.01))
    return training_code(experiment, load(experiment))


def test_it_runs_by_itself_in_a_fresh_interpreter(experiment_of: Build, tmp_path: Path) -> None:
    experiment = experiment_of(optimizer=Sgd(0.1))
    trainer = trained(experiment)
    source = training_code(experiment, trainer.dataset, epochs=EPOCHS).source
    (tmp_path / "script.py").write_text(
        source
        + "print(torch.cat([p.detach().reshape(-1) for p in model.parameters()]).tolist())\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-I", "script.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    *printed, last = done.stdout.splitlines()
    assert_close(torch.tensor(ast.literal_eval(last)), trainer.network.flat)
    assert len(printed) == EPOCHS
    assert printed[-1] == f"epoch {EPOCHS}: total cost {trainer.evaluate().cost:.6g}"


def test_the_loop_holds_the_classic_lines_in_order(code: TrainingCode) -> None:
    loop = [code.lines[i].text.partition("#")[0].strip() for i in code.loop]
    assert loop == [
        "for epoch in range(10):",
        "for inputs, targets in batches():",
        "optimizer.zero_grad()",
        "outputs = model(inputs)",
        "loss = cost(outputs, targets).mean()",
        "loss = loss + penalty()",
        "loss.backward()",
        "optimizer.step()",
    ]
    assert ast.parse(code.source).body[-1].lineno == code.loop.start + 1


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("mini_batch", ["for inputs", "optimizer.zero_grad"]),
        ("forward", ["outputs = model(inputs)"]),
        ("cost", ["loss = cost", "loss = loss + penalty"]),
        ("backward", ["loss.backward"]),
        ("average", ["loss = cost", "loss.backward"]),
        ("update", ["optimizer.step"]),
    ],
)
def test_each_beat_has_its_lines(code: TrainingCode, kind: Any, expected: list[str]) -> None:
    at_work = [code.lines[i].text.strip() for i in code.at_work(kind)]
    assert len(at_work) == len(expected)
    assert all(text.startswith(start) for text, start in zip(at_work, expected, strict=True))
    assert set(code.at_work(kind)) <= set(code.loop)


def test_every_kind_of_beat_is_somewhere(code: TrainingCode) -> None:
    assert set().union(*(line.kinds for line in code.lines)) == set(KINDS)


def test_the_source_is_the_lines(code: TrainingCode) -> None:
    assert code.source.splitlines() == [line.text for line in code.lines]
    assert code.source.endswith("\n")
    assert not code.source.endswith("\n\n")


def test_the_device_of_the_run_is_named(experiment_of: Build) -> None:
    experiment = experiment_of(optimizer=Adam(0.01))
    dataset = load(experiment)
    assert "device" not in training_code(experiment, dataset).source
    source = training_code(experiment, dataset, "cuda").source
    assert 'device = "cuda"' in source
    assert "foreach=False" in source


def test_on_a_device_everything_is_moved_there(experiment_of: Build, device: str) -> None:
    experiment = experiment_of(optimizer=Adam(0.01), device=device)
    trainer = trained(experiment)
    source = training_code(experiment, trainer.dataset, "cuda", epochs=EPOCHS).source
    space = run(source.replace('device = "cuda"', f'device = "{device}"'))
    assert space["x"].device.type == device
    assert_close(parameters_of(space), trainer.network.flat)
