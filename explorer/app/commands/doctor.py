"""``doctor``: what this machine offers, for a report of a problem."""

from __future__ import annotations

import platform
from importlib.metadata import version

from explorer.core.shipped import assets_folder


def doctor() -> int:
    """Print versions, devices and where the assets were found."""
    import torch

    from explorer.core.device import choose_device, device_title

    print(f"backprop-explorer {version('backprop-explorer')}")
    print(f"Python {platform.python_version()} on {platform.platform()}")
    for package in ("PySide6-Essentials", "pyqtgraph", "numpy", "torch", "numba", "scikit-learn"):
        print(f"{package} {version(package)}")
    print(f"device: {device_title(choose_device('auto', 'float32'))}")
    print(f"CUDA: {torch.cuda.is_available()}, MPS: {torch.backends.mps.is_available()}")
    assets = assets_folder()
    print(f"assets: {assets} ({'found' if assets.is_dir() else 'missing'})")
    return 0
