"""A wheel, built and installed elsewhere, brings its assets along."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_an_installed_wheel_finds_its_assets(tmp_path: Path) -> None:
    run = [sys.executable, "-m"]
    subprocess.run(
        [*run, "pip", "wheel", "-q", "--no-deps", "-w", str(tmp_path), str(ROOT)],
        check=True,
        timeout=100,
    )
    (wheel,) = tmp_path.glob("*.whl")
    target = tmp_path / "installed"
    subprocess.run(
        [*run, "pip", "install", "-q", "--no-deps", "--target", str(target), str(wheel)],
        check=True,
        timeout=100,
    )
    code = (
        "import explorer; from explorer.core.shipped import asset, assets_folder\n"
        "print(assets_folder())\n"
        "for name in ('style.qss', 'fonts/Inter-Regular.otf', 'examples/mazur.json',\n"
        "             'icons/explorer.svg'):\n"
        "    assert asset(name).stat().st_size > 0, name\n"
        "from explorer.core.defaults import default_experiment\n"
        "default_experiment('mazur')\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(target)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(target / "explorer" / "assets")
