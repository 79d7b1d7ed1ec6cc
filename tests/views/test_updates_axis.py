from __future__ import annotations

import numpy as np
import pytest

from explorer.views.updates_axis import EVENLY, LOGARITHMICALLY, UpdatesAxis


def test_updates_lie_evenly_or_by_the_logarithm_of_one_more() -> None:
    updates = np.array([0.0, 1.0, 9.0, 999_999.0])
    np.testing.assert_array_equal(EVENLY.along(updates), updates)
    np.testing.assert_allclose(LOGARITHMICALLY.along(updates), [0.0, 0.30103, 1.0, 6.0], atol=1e-6)


@pytest.mark.parametrize("axis", [EVENLY, LOGARITHMICALLY])
def test_every_update_is_found_again_where_it_lies(axis: UpdatesAxis) -> None:
    for update in (0, 1, 2, 1_000, 8_000_000_001):
        assert round(axis.update_at(float(axis.along(update)))) == update
