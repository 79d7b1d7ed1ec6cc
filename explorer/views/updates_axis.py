"""Where updates lie along an axis: evenly, or by their logarithm. No Qt here."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from explorer.core.data.dataset import Floats


class UpdatesAxis(Struct, frozen=True):
    """One axis for curves and knob; a logarithmic one has room for 0 updates, at 0."""

    log: bool = False

    def along(self, updates: Floats | float) -> Floats:
        """The places of updates."""
        return np.asarray(np.log10(1.0 + np.asarray(updates)) if self.log else updates)

    def update_at(self, place: float) -> float:
        """The update at a place, in fractions."""
        return float(10.0**place - 1.0 if self.log else place)


EVENLY = UpdatesAxis()
LOGARITHMICALLY = UpdatesAxis(log=True)
