"""From a tensor on any device to numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor


def copied(tensor: Tensor) -> NDArray[Any]:
    """A copy in numpy; ``.numpy()`` alone would share memory with the live tensor."""
    return np.array(tensor.detach().cpu().numpy(), copy=True)
