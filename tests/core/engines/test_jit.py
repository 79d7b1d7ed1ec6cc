"""Where compiled kernels are kept, each in an interpreter of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

KERNEL = """
from explorer.core.engines.jit import kernel

@kernel
def double(x):
    return 2 * x

assert double(21) == 42
print(sum(double.stats.cache_hits.values()) if double._cache._cache_path else "kept nowhere")
"""


def run(source: Path, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, str(source)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
    )
    return done.stdout.strip()


def test_a_kernel_is_kept_for_the_next_start(tmp_path: Path) -> None:
    source = tmp_path / "kernels.py"
    source.write_text(KERNEL, encoding="utf-8")
    assert [run(source) for _ in range(2)] == ["0", "1"]


def test_without_a_place_to_keep_it_a_kernel_is_compiled_all_the_same(tmp_path: Path) -> None:
    source = tmp_path / "kernels.py"
    no_places = "from numba.core import caching\ncaching.CacheImpl._locator_classes = []\n"
    body = KERNEL.replace("double._cache._cache_path", "hasattr(double._cache, '_cache_path')")
    source.write_text(no_places + body, encoding="utf-8")
    assert run(source) == "kept nowhere"
