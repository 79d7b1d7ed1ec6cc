"""Starting: the window is painted first, and what is slow comes behind it."""

from __future__ import annotations

import subprocess
import sys

from pytestqt.qtbot import QtBot

from explorer.app.application import open_first
from explorer.app.main_window import MainWindow
from explorer.core.defaults import default_experiment

CODE = """
import builtins
import sys
from PySide6.QtCore import QSettings
QSettings.setDefaultFormat(QSettings.Format.IniFormat)
QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, sys.argv[1])
from explorer.app.application import FirstPaint, make_application, open_first
from explorer.app.main_window import MainWindow

app = make_application()
window = MainWindow()
first = FirstPaint(window)

def painted():
    print("painted", *(m for m in ("torch", "sklearn") if m in sys.modules))
    print("imported with features", builtins.__import__.__name__ == "__feature_import__")
    print("loading" if window.loading.isVisible() else "nothing is said")
    open_first(window, None)

stages = []
window.session.loading.connect(lambda stage, fraction: stages.append((fraction, stage)))
window.session.showed.connect(lambda moment: app.quit())
first.painted.connect(painted)
window.show()
app.exec()
print(window.session.moment.dataset.name, "torch" in sys.modules, window.loading.isVisible())
fractions = [fraction for fraction, _ in stages]
print(fractions == sorted(fractions), [stage for _, stage in stages if stage])
window.close()
"""


def test_a_file_that_is_not_there_leaves_the_digits_and_a_message(
    window: MainWindow, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(window.session.showed, timeout=60_000):
        open_first(window, "missing.json")
    assert window.session.experiment == default_experiment("digits")
    assert window.notice.text.startswith("missing.json was not opened.")
    assert window.notice.isVisible()


def test_the_name_of_a_set_opens_it(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.session.showed, timeout=60_000):
        open_first(window, "xor")
    assert window.session.experiment == default_experiment("xor")
    assert not window.notice.isVisible()


def test_the_window_is_painted_before_torch_and_scikit_learn_are_imported(
    tmp_path: object,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "painted",
        "imported with features False",  # as PySide reads the source of all there is for them
        "loading",
        "digits True False",
        "True ['Loading PyTorch', 'Preparing autograd and the optimizers', "
        "'Preparing the compiled engine', 'Loading the data', 'Preparing the engine']",
    ]
