"""Where the shipped assets lie: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def assets_folder() -> Path:
    """The folder of the shipped assets."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "assets"
    return inside if inside.is_dir() else package.parent / "assets"


def asset(name: str) -> Path:
    """The path of one shipped asset, such as ``fonts/Inter-Regular.otf``."""
    return assets_folder() / name
