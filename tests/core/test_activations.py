from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from explorer.core.activations import CURVES, slopes, softmax_curve, softmax_slopes
from explorer.core.experiment import ACTIVATIONS, Activation

TORCH: dict[Activation, Callable[[Tensor], Tensor]] = {
    "linear": lambda z: z * 1.0,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": functional.leaky_relu,
    "elu": functional.elu,
    "gelu": functional.gelu,
    "silu": functional.silu,
    "softplus": functional.softplus,
}
Z = [-800.0, -30.0, -5.0, -1.0, -1e-3, 0.0, 1e-3, 0.7, 1.0, 5.0, 30.0, 800.0]


def by_autograd(activation: Activation, z: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """a and da/dz, element by element."""
    leaf = torch.tensor(z, dtype=torch.float64, requires_grad=True)
    a = TORCH[activation](leaf)
    (slope,) = torch.autograd.grad(a.sum(), leaf)
    return a.detach().numpy(), slope.numpy()


def test_every_activation_function_but_softmax_has_a_curve() -> None:
    assert set(CURVES) == set(ACTIVATIONS) - {"softmax"} == set(TORCH)


@pytest.mark.parametrize("activation", TORCH)
def test_curves_and_slopes_are_torchs(activation: Activation) -> None:
    """numpy's warnings of overflow are errors here; torch cuts softplus off at 20."""
    a, slope = by_autograd(activation, Z)
    close = {"rel": 1e-8, "abs": 1e-9 if activation == "softplus" else 1e-12}
    assert CURVES[activation](np.array(Z)) == pytest.approx(a, **close)
    assert slopes(activation, np.array(Z), a) == pytest.approx(slope, **close)


@pytest.mark.parametrize(
    ("activation", "at_zero"), [("relu", 0.0), ("leaky_relu", 0.01), ("elu", 1.0)]
)
def test_at_a_kink_torch_decides(activation: Activation, at_zero: float) -> None:
    assert float(slopes(activation, np.array(0.0), np.array(0.0))) == at_zero
    assert by_autograd(activation, [0.0])[1].tolist() == [pytest.approx(at_zero)]


def test_a_slope_from_a_rounded_activation_is_0_as_torch_says() -> None:
    """In float32 σ(20) is 1, and torch hands nothing back."""
    z = torch.tensor([20.0], requires_grad=True)
    a = torch.sigmoid(z)
    a.backward()
    assert z.grad is not None
    assert float(z.grad) == 0.0
    assert slopes("sigmoid", z.detach().numpy(), a.detach().numpy()).tolist() == [0.0]


@given(z=st.lists(st.floats(-8, 8), min_size=1, max_size=6), data=st.data())
def test_softmax_slopes_are_a_row_of_its_jacobian(z: list[float], data: st.DataObject) -> None:
    j = data.draw(st.integers(0, len(z) - 1))
    leaf = torch.tensor(z, dtype=torch.float64)
    a = torch.softmax(leaf, dim=0)
    jacobian = torch.autograd.functional.jacobian(lambda v: torch.softmax(v, dim=0), leaf)
    expected = jacobian[:, j].numpy()
    assert softmax_slopes(a.numpy(), j) == pytest.approx(expected, rel=1e-9, abs=1e-15)
    own = slopes("softmax", leaf.numpy()[j], a.numpy()[j])
    assert float(own) == pytest.approx(expected[j], rel=1e-9, abs=1e-15)


@given(z=st.lists(st.floats(-8, 8), min_size=1, max_size=6), other=st.floats(-8, 8))
def test_a_softmax_output_follows_its_own_z(z: list[float], other: float) -> None:
    curve = softmax_curve(np.array(z), 0)
    for own in (z[0], other):
        expected = torch.softmax(torch.tensor([own, *z[1:]], dtype=torch.float64), dim=0)[0]
        assert float(curve(np.array([own]))[0]) == pytest.approx(float(expected), rel=1e-9)
