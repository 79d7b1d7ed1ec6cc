"""The table on the screen and the same figures as JSON."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from msgspec.structs import asdict

from tests.benchmarks.race import Figure

_PACKAGES = ("torch", "numpy", "numba", "PySide6-Essentials", "pyqtgraph")


def print_figures(figures: Iterable[Figure]) -> None:
    """One line each; the ratio stands behind the figure, with its target where there is one."""
    for figure in figures:
        value = f"{figure.value:,.0f}" if figure.value >= 100 else f"{figure.value:.3g}"
        line = f"{figure.case:<30} {figure.name:<46} {value:>12} {figure.unit}"
        if figure.ratio is not None:
            line += f"   {figure.ratio:,.3g} × {figure.baseline}"
        if figure.target is not None and figure.ratio is not None:
            met = "met" if figure.ratio >= figure.target else "MISSED"
            line += f"   (target {figure.target:g} ×: {met})"
        print(line, flush=True)


def write_json(path: Path, figures: Iterable[Figure], skipped: dict[str, str]) -> None:
    """Write figures, what was skipped and why, and what they were measured on."""
    machine = {
        "platform": platform.platform(),
        "cores": os.cpu_count(),
        "python": sys.version.split()[0],
        **{name: version(name) for name in _PACKAGES},
    }
    content = {
        "machine": machine,
        "figures": [asdict(figure) for figure in figures],
        "skipped": skipped,
    }
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")
