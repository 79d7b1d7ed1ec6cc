"""Qt and PySide without two of their habits, which cost this program time and give it nothing."""

import builtins
import os

import PySide6.QtCore  # noqa: F401  so that PySide has put its import in Python's place

# Qt hands translucent spans to a thread pool, which is many times slower on few cores.
os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")

# PySide reads the source of all that is imported after it, torch's too, to see whether it asks
# for snake_case or true properties. Nothing here does, and Python's own import is a quarter faster.
builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)
