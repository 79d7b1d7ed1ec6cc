"""What the core needs to be imported; each in an interpreter that has imported nothing else."""

from __future__ import annotations

import subprocess
import sys

LIGHT = (
    "experiment",
    "experiment_file",
    "trace",
    "beats",
    "nudges",
    "cost_history",
    "history",
    "defaults",
    "find_experiment",
    "activations",
    "chain",
    "saturation",
    "answers",
    "questions.sweep",
    "questions.gradient_check",
    "typed_numbers",
    "worksheet",
    "training_code",
    "data.load",
    "data.files",
    "plane",
    "questions.comparison",
    "questions.cost_slice",
)
TORCH = ("trainer", "network", "losses", "optimizers", "mini_batches", "device", "landscape")
QT = {"PySide6", "shiboken6", "pyqtgraph"}


def imported_with(modules: tuple[str, ...]) -> set[str]:
    """The top-level packages that are loaded once the modules are."""
    lines = [f"import explorer.core.{module}" for module in modules]
    lines.append("import sys; print(*{name.split('.')[0] for name in sys.modules})")
    run = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True
    )
    return set(run.stdout.split())


def test_the_first_window_waits_neither_for_torch_nor_for_scikit_learn() -> None:
    loaded = imported_with(LIGHT)
    assert "numpy" in loaded
    assert not loaded & {"torch", "sklearn", "scipy", "PIL", *QT}


def test_training_needs_torch_and_no_qt() -> None:
    loaded = imported_with(TORCH)
    assert "torch" in loaded
    assert "numba" not in loaded  # which waits until a run is trained by the compiled engine
    assert not loaded & {"sklearn", "scipy", *QT}
