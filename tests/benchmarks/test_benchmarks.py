from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from explorer.core.shipped import assets_folder

ROOT = assets_folder().parent


def test_a_section_is_measured_printed_and_written(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    command = [sys.executable, "-m", "tests.benchmarks", "--only", "wishes", "cuda"]
    done = subprocess.run(
        [*command, "--seconds", "0.01", "--json", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    written = json.loads(path.read_text(encoding="utf-8"))
    wishes = [figure for figure in written["figures"] if figure["section"] == "wishes"]
    baseline, *others = wishes
    assert baseline["ratio"] is None
    assert others
    for figure in others:
        assert figure["baseline"] == baseline["name"]
        # A median of ratios, so only about the ratio of the medians.
        assert figure["ratio"] == pytest.approx(baseline["value"] / figure["value"], rel=0.9)
        assert figure["name"] in done.stdout
    measured = any(figure["section"] == "cuda" for figure in written["figures"])
    assert measured or "cuda" in written["skipped"]
    assert written["machine"]["torch"]
