from __future__ import annotations

from types import ModuleType

import pytest

from explorer.views.network.kernels import kernels


@pytest.fixture(scope="session")
def compiled() -> ModuleType:
    """The kernels of drawing, loaded."""
    loaded = kernels.wait()
    assert loaded is not None
    return loaded
