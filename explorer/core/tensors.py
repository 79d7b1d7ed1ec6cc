"""From tensors on any device to numpy."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def copied(tensor: Tensor) -> NDArray[Any]:
    """A copy in numpy; ``.numpy()`` alone would share memory with the live tensor."""
    return np.array(tensor.detach().cpu().numpy(), copy=True)


def copied_together(tensors: Sequence[Tensor]) -> list[NDArray[Any]]:
    """Copies of tensors of one dtype, brought from the device in one go; parts of one array."""
    flats = [tensor.detach().reshape(-1) for tensor in tensors]
    return parts_of(torch.cat(flats).cpu().numpy(), [tensor.shape for tensor in tensors])


def parts_of(array: NDArray[Any], shapes: Iterable[tuple[int, ...]]) -> list[NDArray[Any]]:
    """Views of a flat array, one after the other, in shapes."""
    parts, start = [], 0
    for shape in shapes:
        end = start + math.prod(shape)
        parts.append(array[start:end].reshape(shape))
        start = end
    return parts
