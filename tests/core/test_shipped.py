from __future__ import annotations

from explorer.core.experiment_file import read_file
from explorer.core.shipped import asset, assets_folder


def test_assets_are_found() -> None:
    assert (assets_folder() / "examples").is_dir()
    assert asset("fonts/Inter-Regular.otf").is_file()


def test_every_shipped_example_is_an_experiment() -> None:
    examples = sorted((assets_folder() / "examples").glob("*.json"))
    assert examples
    for path in examples:
        read_file(path)
