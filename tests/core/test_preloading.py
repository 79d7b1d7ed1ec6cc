from __future__ import annotations

import subprocess
import sys

import pytest

CODE = """
import sys
from explorer.core.preloading import preload_torch
loaded = preload_torch()
print("torch" in sys.modules)
with open("/proc/self/maps") as maps:
    print(loaded, "libtorch_cpu.so" in maps.read())
import torch
print(float(torch.ones(3) @ torch.ones(3)))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the process's maps from /proc")
def test_the_library_is_there_before_torch_is_imported_and_works_with_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["False", "True", "True", "3.0"]
