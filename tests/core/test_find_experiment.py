from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest

from explorer.core.defaults import default_experiment
from explorer.core.experiment import BuiltinName, ExperimentError
from explorer.core.find_experiment import find_experiment


@pytest.mark.parametrize("name", get_args(BuiltinName))
def test_a_builtin_set_by_its_name(name: str) -> None:
    for spelling in (name, name.replace("_", "-")):
        assert find_experiment(spelling).experiment == default_experiment(name)


def test_a_file_and_the_folder_its_paths_start_from(
    minimal: dict[str, Any], experiment_file: Any
) -> None:
    minimal["title"] = "mine"
    path = experiment_file(minimal)
    found = find_experiment(str(path))
    assert found.experiment.title == "mine"
    assert found.folder == path.parent


def test_a_file_goes_before_a_set_of_the_same_name(
    minimal: dict[str, Any],
    experiment_file: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    minimal["title"] = "mine"
    experiment_file(minimal).rename(tmp_path / "circles")
    monkeypatch.chdir(tmp_path)
    assert find_experiment("circles").experiment.title == "mine"


def test_neither_a_file_nor_a_set(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        find_experiment(str(tmp_path / "none.json"))


def test_a_wrong_file(tmp_path: Path) -> None:
    path = tmp_path / "wrong.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(ExperimentError, match=r"^\$: not JSON"):
        find_experiment(str(path))
