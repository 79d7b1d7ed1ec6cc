from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from explorer.core.experiment import Builtin
from explorer.core.surfaces import Surfaces
from explorer.core.trainer import Trainer

TrainerOf = Callable[..., Trainer]
FEATURES = Builtin(name="xor", examples=30, features=("x", "xy", "sin(y)"))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("layers", "loss"),
    [
        (((4, "tanh"), (3, "relu"), (1, "sigmoid")), "binary_cross_entropy"),
        (((5, "gelu"), (2, "softmax")), "cross_entropy"),
        (((1, "tanh"),), "half_squared_error"),
    ],
)
def test_every_neuron_says_what_the_network_says_point_by_point(
    trainer_of: TrainerOf, layers: tuple[tuple[int, str], ...], loss: str, dtype: str
) -> None:
    """Against the module's own forward pass, at the points (x, y) from the lower left."""
    trainer = trainer_of(layers, data=FEATURES, loss=loss, dtype=dtype)
    network, extent = trainer.network, trainer.dataset.extent
    surfaces = Surfaces(trainer.dataset, 7, network.flat.dtype, trainer.device)
    sheets = surfaces.sheets(network)
    for row, y in enumerate(np.linspace(-extent, extent, 7)):
        for column, x in enumerate(np.linspace(-extent, extent, 7)):
            point = torch.tensor([[x, x * y, np.sin(y)]], dtype=network.flat.dtype)
            for sheet, (_, a) in zip(sheets, network.values(point), strict=True):
                expected = a[0].detach().numpy()
                close = 1e-12 if dtype == "float64" else 1e-5
                assert sheet[:, row, column] == pytest.approx(expected, rel=close, abs=close)


def test_what_leads_to_the_outputs_is_recorded_only_when_asked_for(trainer_of: TrainerOf) -> None:
    trainer = trainer_of(((4, "tanh"), (1, "tanh")), data=FEATURES)
    surface = trainer.advance_traced(surface=5).surface
    assert surface is not None
    assert surface.inner_before == surface.inner_after == ()
    assert surface.sheets(after=True) == ()
    trainer.inner_surfaces = True
    surface = trainer.advance_traced(surface=5).surface
    assert surface is not None
    for after, outputs in ((False, surface.before), (True, surface.after)):
        sheets = surface.sheets(after=after)
        assert [sheet.shape for sheet in sheets] == [(3, 5, 5), (4, 5, 5), (1, 5, 5)]
        assert sheets[-1] is outputs
        side = np.linspace(-trainer.dataset.extent, trainer.dataset.extent, 5)
        assert sheets[0][0] == pytest.approx(np.tile(side, (5, 1)), rel=1e-6)
    assert not np.array_equal(surface.inner_before[1], surface.inner_after[1])


@pytest.mark.parametrize("inner", [False, True])
def test_only_those_after_the_update_are_recorded_where_these_are_enough(
    trainer_of: TrainerOf, inner: bool
) -> None:
    one, other = trainer_of(), trainer_of()
    one.inner_surfaces = other.inner_surfaces = inner
    whole = one.advance_traced(surface=5).surface
    short = other.advance_traced(surface=5, surface_before=False).surface
    assert whole is not None
    assert short is not None
    assert whole.before is not None
    assert short.before is None
    assert short.inner_before == short.sheets(after=False) == ()
    np.testing.assert_array_equal(short.after, whole.after)
    for found, expected in zip(short.inner_after, whole.inner_after, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_recorded_surfaces_outlive_the_next_update(trainer_of: TrainerOf) -> None:
    trainer = trainer_of(((4, "tanh"), (1, "tanh")), data=FEATURES)
    trainer.inner_surfaces = True
    surface = trainer.advance_traced(surface=5).surface
    assert surface is not None
    before = [sheet.copy() for sheet in surface.sheets(after=True)]
    trainer.advance_traced(surface=5)
    for sheet, copied in zip(surface.sheets(after=True), before, strict=True):
        assert np.array_equal(sheet, copied)
        with pytest.raises(ValueError, match="read-only"):
            sheet[0, 0, 0] = 1.0
