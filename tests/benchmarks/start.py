"""From the command to the first window painted, to the first update shown, and the hitches."""

from __future__ import annotations

import compileall
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import explorer
from tests.benchmarks.race import Figure

_PROCESSES = 5
_TARGET = 10  # times as soon as with everything imported first


def figures(seconds: float) -> Iterator[Figure]:
    """Medians over processes that start by turns, in each way."""
    count = _PROCESSES if seconds >= 1 else 1
    # As pip does when it installs, and Python at a first start unless it may not write.
    compileall.compile_dir(Path(explorer.__file__).parent, quiet=1)
    everything, ours = [], []
    for _ in range(count):
        everything.append(_start("everything"))
        ours.append(_start("window"))
    slow = median(found["painted"] for found in everything)
    ratio = median(a["painted"] / b["painted"] for a, b in zip(everything, ours, strict=True))
    baseline = "importing everything first"
    yield Figure("start", "first window painted", baseline, 1e3 * slow, "ms")
    painted = median(found["painted"] for found in ours)
    yield Figure(
        "start",
        "first window painted",
        "window first",
        1e3 * painted,
        "ms",
        ratio,
        baseline,
        _TARGET,
    )
    for key, name in (("ready", "first update shown"), ("hitch", "longest hitch on the way")):
        yield Figure("start", name, "window first", 1e3 * median(f[key] for f in ours), "ms")


def _start(mode: str) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.first_window", mode, repr(time.time())]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found
