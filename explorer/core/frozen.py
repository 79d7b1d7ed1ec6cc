"""Records whose arrays nobody writes to: what one thread has handed on, others only read."""

from __future__ import annotations

import numpy as np
from msgspec import Struct


class Frozen(Struct, frozen=True, eq=False):
    """A record that makes its arrays read-only, those in tuples too."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            for array in value if isinstance(value, tuple) else (value,):
                if isinstance(array, np.ndarray):
                    array.flags.writeable = False
