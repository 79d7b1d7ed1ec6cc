"""The commands without a window, as they are called."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from explorer.app.main import main
from explorer.core.data.load import load
from explorer.core.defaults import default_experiment
from explorer.core.find_experiment import find_experiment
from explorer.core.shipped import asset
from explorer.core.trainer import Trainer

MAZUR = str(asset("examples/mazur.json"))
KEYS = [
    "update",
    "epoch",
    "mini_batch",
    "mini_batches",
    "indices",
    "inputs",
    "targets",
    "layers",
    "losses",
    "batch_cost",
    "batch_cost_after",
    "total_cost_before",
    "total_cost_after",
    "device",
    "dtype",
]
LAYER_KEYS = [
    "z",
    "activation",
    "delta",
    "activation_gradient",
    "weight_before",
    "weight_gradient",
    "weight_after",
    "bias_before",
    "bias_gradient",
    "bias_after",
]


def strict(text: str) -> Any:
    """JSON as its standard has it, without NaN and infinity."""
    return json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """Write an experiment file with other values than circles has by default."""

    def write(**parts: Any) -> str:
        values = {
            "data": {"kind": "builtin", "name": "circles", "examples": 30},
            "network": {"layers": [{"units": 3}, {"units": 1}]},
            "device": "cpu",
            **parts,
        }
        path = tmp_path / "experiment.json"
        path.write_text(json.dumps(values), encoding="utf-8")
        return str(path)

    return write


class TestTrace:
    def test_mazur_is_one_object_with_the_documented_keys(self, capsys: Any) -> None:
        assert main(["trace", MAZUR]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        trace = strict(out)
        assert out.count("\n") == 1
        assert list(trace) == KEYS
        assert [list(layer) for layer in trace["layers"]] == [LAYER_KEYS] * 2

    def test_mazurs_published_numbers(self, capsys: Any) -> None:
        main(["trace", MAZUR])
        trace = strict(capsys.readouterr().out)
        hidden, output = trace["layers"]
        assert (trace["update"], trace["epoch"], trace["mini_batches"]) == (1, 1, 1)
        assert trace["inputs"] == [[0.05, 0.1]]
        assert trace["targets"] == [[0.01, 0.99]]
        assert trace["losses"] == [pytest.approx(0.298371109, abs=5e-10)]
        assert trace["batch_cost"] == pytest.approx(0.298371109, abs=5e-10)
        assert output["weight_gradient"][0][0] == pytest.approx(0.082167041, abs=5e-10)
        assert output["weight_after"][0][0] == pytest.approx(0.35891648, abs=5e-9)
        assert hidden["weight_after"][0][0] == pytest.approx(0.149780716, abs=5e-10)
        assert hidden["bias_after"] == hidden["bias_before"]
        assert (trace["device"], trace["dtype"]) == ("cpu", "float64")

    def test_all_prints_every_update_on_a_line_of_its_own(self, written: Any, capsys: Any) -> None:
        path = written()
        assert main(["trace", path, "--updates", "4", "--all"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert [strict(line)["update"] for line in lines] == [1, 2, 3, 4]
        assert main(["trace", path, "--updates", "4"]) == 0
        assert capsys.readouterr().out.splitlines() == lines[-1:]

    def test_is_the_trainers_trace(self, capsys: Any) -> None:
        assert main(["trace", "circles", "--updates", "3"]) == 0
        printed = strict(capsys.readouterr().out)
        experiment = default_experiment("circles")
        trainer = Trainer(experiment, load(experiment))
        traces = [trainer.advance_traced() for _ in range(3)]
        assert printed == traces[-1].plain()
        found = np.array(printed["layers"][0]["weight_after"], np.float32)
        assert found.tobytes() == traces[-1].layers[0].weight_after.tobytes()

    def test_relative_paths_start_at_the_file(
        self, written: Any, tmp_path: Path, capsys: Any
    ) -> None:
        (tmp_path / "table.csv").write_text("a,y\n1,0\n2,1\n3,1\n4,0\n", encoding="utf-8")
        path = written(data={"kind": "csv", "path": "table.csv", "target": ["y"]})
        assert main(["trace", path]) == 0
        assert len(strict(capsys.readouterr().out)["inputs"][0]) == 1

    def test_a_note_does_not_get_between_the_json(
        self, written: Any, capsys: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Trainer, "note", "something about the engine")
        assert main(["trace", written()]) == 0
        out, err = capsys.readouterr()
        strict(out)
        assert err == "backprop-explorer: something about the engine\n"


class TestFailures:
    def refused(self, arguments: list[str], capsys: Any) -> str:
        assert main(arguments) == 1
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("backprop-explorer: ")
        assert err.count("\n") == 1
        return err

    def test_a_wrong_experiment(self, written: Any, capsys: Any) -> None:
        path = written(network={"layers": [{"units": 3}, {"units": 0}]})
        assert self.refused(["trace", path], capsys) == (
            "backprop-explorer: $.network.layers[1].units: "
            "expected an integer from 1 to 1024, got 0\n"
        )

    def test_rules_between_parts(self, written: Any, capsys: Any) -> None:
        assert "$.loss: " in self.refused(["trace", written(loss="cross_entropy")], capsys)

    def test_no_such_file(self, tmp_path: Path, capsys: Any) -> None:
        assert "none.json" in self.refused(["trace", str(tmp_path / "none.json")], capsys)

    def test_a_folder(self, tmp_path: Path, capsys: Any) -> None:
        self.refused(["trace", str(tmp_path)], capsys)

    def test_no_such_data(self, written: Any, capsys: Any) -> None:
        path = written(data={"kind": "csv", "path": "none.csv", "target": ["y"]})
        assert "$.data.path: " in self.refused(["trace", path], capsys)

    def test_no_such_device(
        self, written: Any, capsys: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
        assert "no cuda device" in self.refused(["trace", written(device="cuda")], capsys)

    def test_divergence(self, written: Any, capsys: Any) -> None:
        path = written(
            network={"layers": [{"units": 3}, {"units": 1, "activation": "linear"}]},
            optimizer={"name": "sgd", "learning_rate": 1e30},
        )
        said = self.refused(["trace", path, "--updates", "9"], capsys)
        assert re.search(r"update \d made .* infinite or not a number$", said)
        assert main(["train", path]) == 1
        assert "infinite or not a number" in capsys.readouterr().err

    @pytest.mark.parametrize(
        "arguments",
        [
            ["trace"],
            ["trace", MAZUR, "--updates", "0"],
            ["trace", MAZUR, "--updates", "many"],
            ["train", MAZUR, "--every", "0"],
            ["trace", MAZUR, "--surprise"],
            ["render", MAZUR],
            ["render", MAZUR, "--out", "a.png", "--size", "10x10"],
        ],
    )
    def test_wrong_arguments(self, arguments: list[str], capsys: Any) -> None:
        with pytest.raises(SystemExit) as left:
            main(arguments)
        assert left.value.code == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("usage: backprop-explorer")


class TestTrain:
    def test_prints_the_costs_on_the_way(self, written: Any, capsys: Any) -> None:
        path = written()
        assert main(["train", path, "--updates", "25", "--every", "10"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[0] == "circles on CPU · compiled"
        rows = [line.split() for line in lines[2:-1]]
        assert [row[0] for row in rows] == ["0", "10", "20", "25"]
        assert lines[-1].endswith(" updates/s")
        trainer = trained(path, 25)
        cells = []
        for part in (trainer.evaluate(), trainer.evaluate(test=True)):
            cells += [f"{part.cost:.6f}", f"{part.accuracy:.1%}"]
        assert rows[-1][1:] == cells

    def test_ten_rows_by_default(self, written: Any, capsys: Any) -> None:
        assert main(["train", written(), "--updates", "40"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert [line.split()[0] for line in lines[2:-1]] == [str(4 * k) for k in range(11)]

    def test_what_is_not_known_is_a_dash(self, capsys: Any) -> None:
        assert main(["train", MAZUR, "--updates", "1"]) == 0
        row = capsys.readouterr().out.splitlines()[2].split()
        assert row == ["0", "0.298371", "–", "–", "–"]

    def test_saved_parameters_are_those_trained(
        self, written: Any, tmp_path: Path, capsys: Any
    ) -> None:
        path, save = written(), tmp_path / "parameters.safetensors"
        assert main(["train", path, "--updates", "30", "--save", str(save)]) == 0
        assert str(save) in capsys.readouterr().out
        expected = trained(path, 30).network.state_dict()
        found = load_file(save)
        assert found.keys() == expected.keys()
        for name, tensor in expected.items():
            assert torch.equal(found[name], tensor), name


def trained(path: str, updates: int) -> Trainer:
    experiment = find_experiment(path).experiment
    trainer = Trainer(experiment, load(experiment))
    for _ in range(updates):
        trainer.advance()
    return trainer


class TestDoctor:
    def test_says_what_this_machine_offers(self, capsys: Any) -> None:
        assert main(["doctor"]) == 0
        out = capsys.readouterr().out
        assert out.startswith("backprop-explorer ")
        assert f"torch {torch.__version__.split('+')[0]}" in out
        assert f"CUDA: {torch.cuda.is_available()}" in out
        assert "(found)" in out


class TestHelp:
    @pytest.mark.parametrize("command", ["trace", "train", "render", "doctor", "window"])
    def test_every_command_explains_itself(self, command: str, capsys: Any) -> None:
        with pytest.raises(SystemExit) as left:
            main([command, "--help"])
        assert left.value.code == 0
        assert f"backprop-explorer {command}" in capsys.readouterr().out

    def test_version(self, capsys: Any) -> None:
        with pytest.raises(SystemExit) as left:
            main(["--version"])
        assert left.value.code == 0
        assert capsys.readouterr().out.startswith("backprop-explorer ")


def test_as_a_program_of_its_own() -> None:
    """Only JSON on standard output, no window toolkit loaded, status 0."""
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "explorer", "trace", MAZUR, "--updates", "2"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert strict(run.stdout)["update"] == 2
    assert "PySide6" not in run.stderr
