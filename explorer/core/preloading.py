"""Loading torch's largest shared library beside other threads instead of before them."""

from __future__ import annotations

import ctypes
import os
import sys
from importlib.util import find_spec
from pathlib import Path

_FILES = {"linux": "libtorch_cpu.so", "darwin": "libtorch_cpu.dylib"}


def preload_torch() -> bool:
    """Load it, where the system is one of those known; whether it is loaded now.

    ``import torch`` loads it too, but holds the interpreter for the quarter of a second that this
    takes, and with it a window that is on screen. A function called through ctypes does not.
    """
    spec, file = find_spec("torch"), _FILES.get(sys.platform)
    if spec is None or spec.origin is None or file is None:
        return False
    dlopen = ctypes.CDLL(None).dlopen
    dlopen.restype, dlopen.argtypes = ctypes.c_void_p, (ctypes.c_char_p, ctypes.c_int)
    path = Path(spec.origin).parent / "lib" / file
    return bool(dlopen(os.fsencode(path), os.RTLD_LAZY | os.RTLD_LOCAL))
