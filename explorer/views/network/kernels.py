"""The compiled kernels of drawing, loaded beside the window. No Qt here.

numba takes a second or more to import and compile. Until then, pictures are drawn without it.
"""

from __future__ import annotations

import atexit
import importlib
import logging
import threading
from types import ModuleType

_NAME = "explorer.views.network.compiled"


class Kernels:
    """The module of kernels, once a thread has imported it. For use by one thread."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._module: ModuleType | None = None

    def ready(self) -> ModuleType | None:
        """The kernels; None while they are being loaded, which the first call begins."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._load, name="kernels", daemon=True)
            self._thread.start()
            # A compiler that is torn down while it compiles crashes.
            atexit.register(self._thread.join)
        return self._module

    @property
    def loading(self) -> bool:
        """Whether they may still come."""
        return self._thread is not None and self._thread.is_alive()

    def wait(self) -> ModuleType | None:
        """The kernels, as soon as they are loaded; None where they cannot be."""
        self.ready()
        assert self._thread is not None
        self._thread.join()
        return self._module

    def _load(self) -> None:
        try:
            self._module = importlib.import_module(_NAME)
        except Exception:  # whatever numba meets: a picture drawn slowly is better than none
            logging.getLogger(__name__).exception("drawing without compiled kernels")


kernels = Kernels()
