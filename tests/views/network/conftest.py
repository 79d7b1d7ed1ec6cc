from __future__ import annotations

from types import ModuleType

import pytest

from explorer.views.network.kernels import kernels


@pytest.fixture(scope="session", autouse=True)
def compiled() -> ModuleType:
    """The kernels of drawing, loaded before any test, so that all pictures are drawn one way."""
    loaded = kernels.wait()
    assert loaded is not None
    return loaded
