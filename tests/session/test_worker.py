"""What the session's floor must not bring along."""

from __future__ import annotations

import subprocess
import sys


def test_the_session_is_imported_without_torch_and_without_widgets() -> None:
    code = (
        "import sys, explorer.session.session\n"
        "for name in ('torch', 'sklearn', 'PySide6.QtWidgets', 'pyqtgraph'):\n"
        "    assert name not in sys.modules, name\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
