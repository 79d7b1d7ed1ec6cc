from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from explorer.views.network import kernels as loading
from explorer.views.network.kernels import Kernels


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program of its own, with the modules of this one."""
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": ":".join(p for p in sys.path if p), **environment},
        check=False,
        timeout=100,
    )


def test_they_are_loaded_beside_the_caller() -> None:
    kernels = Kernels()
    kernels.ready()
    module = kernels.wait()
    assert module is not None
    assert kernels.ready() is module
    assert callable(module.sweep)


def test_without_them_there_is_a_message_and_no_module(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(loading, "_NAME", "explorer.views.network.nothing_of_that_name")
    kernels = Kernels()
    with caplog.at_level(logging.ERROR):
        assert kernels.wait() is None
    assert "nothing_of_that_name" in caplog.text


def test_the_drawing_can_be_imported_without_numba() -> None:
    done = python(
        "import sys, explorer.views.network.network_view; sys.exit('numba' in sys.modules)"
    )
    assert done.returncode == 0, done.stderr


def test_a_program_may_end_while_they_are_compiled(tmp_path: Path) -> None:
    """With nothing compiled before."""
    done = python(
        "from explorer.views.network.kernels import kernels; assert kernels.ready() is None",
        NUMBA_CACHE_DIR=str(tmp_path),
    )
    assert (done.returncode, done.stderr) == (0, "")
