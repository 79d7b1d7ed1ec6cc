from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from explorer.core import losses
from explorer.core.experiment import LOSSES, Regularization

RANDOM = torch.Generator().manual_seed(5)
Z = torch.randn(6, 4, generator=RANDOM, dtype=torch.float64) * 2
TARGETS = torch.rand(6, 4, generator=RANDOM, dtype=torch.float64)
SHARES = TARGETS / TARGETS.sum(dim=1, keepdim=True)


def given(loss: str) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """z, the activation that goes with the loss, and targets that it can take."""
    match loss:
        case "binary_cross_entropy":
            return Z, torch.sigmoid(Z), TARGETS
        case "cross_entropy":
            return Z, torch.softmax(Z, dim=1), SHARES
        case _:
            return Z, torch.tanh(Z), TARGETS * 4 - 2


def closed_forms(loss: str) -> np.ndarray:
    """Cᵢ by the formulas of the format, in numpy."""
    _, activation, targets = given(loss)
    a, y = activation.numpy(), targets.numpy()
    match loss:
        case "squared_error":
            return ((a - y) ** 2).sum(axis=1)
        case "half_squared_error":
            return 0.5 * ((a - y) ** 2).sum(axis=1)
        case "mean_squared_error":
            return ((a - y) ** 2).mean(axis=1)
        case "binary_cross_entropy":
            return -(y * np.log(a) + (1 - y) * np.log(1 - a)).mean(axis=1)
        case _:
            return -(y * np.log(a)).sum(axis=1)


@pytest.mark.parametrize("loss", LOSSES)
def test_each_loss_is_its_formula(loss) -> None:
    assert losses.losses(loss, *given(loss)).numpy() == pytest.approx(closed_forms(loss))


@pytest.mark.parametrize(
    ("loss", "module"),
    [
        ("mean_squared_error", nn.MSELoss()),
        ("binary_cross_entropy", nn.BCEWithLogitsLoss()),
        ("cross_entropy", nn.CrossEntropyLoss()),
    ],
)
def test_the_batch_mean_is_that_of_torch(loss, module: nn.Module) -> None:
    z, activation, targets = given(loss)
    theirs = module(activation if loss == "mean_squared_error" else z, targets)
    assert float(losses.losses(loss, z, activation, targets).mean()) == pytest.approx(float(theirs))


def test_cross_entropy_with_classes_as_torch_takes_them() -> None:
    classes = torch.tensor([0, 3, 2, 1, 1, 0])
    targets = nn.functional.one_hot(classes, 4).double()
    ours = losses.losses("cross_entropy", Z, torch.softmax(Z, dim=1), targets)
    theirs = nn.CrossEntropyLoss(reduction="none")(Z, classes)
    assert ours.numpy() == pytest.approx(theirs.numpy())


@pytest.mark.parametrize("loss", LOSSES)
def test_terms_are_each_outputs_share(loss) -> None:
    z, activation, targets = given(loss)
    terms = losses.terms(loss, z, activation, targets)
    assert terms.shape == (6, 4)
    assert terms.sum(dim=1).numpy() == pytest.approx(closed_forms(loss))
    assert (terms >= 0).all()
    # One output's share does not hang on another's target.
    moved = targets.clone()
    moved[:, 0] += 0.1
    changed = losses.terms(loss, z, activation, moved) != terms
    assert changed[:, 0].all()
    assert not changed[:, 1:].any()


@pytest.mark.parametrize("loss", sorted(losses.FROM_Z))
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("size", [30.0, 200.0, 1e4, 1e30])
def test_losses_from_z_stay_finite_at_saturation(loss, dtype, size: float) -> None:
    z = torch.tensor([[size, -size], [-size, size]], dtype=dtype, requires_grad=True)
    activation = torch.sigmoid(z) if loss == "binary_cross_entropy" else torch.softmax(z, dim=1)
    targets = torch.tensor([[0.0, 1.0], [0.0, 1.0]], dtype=dtype)
    cost = losses.losses(loss, z, activation, targets)
    assert torch.isfinite(cost).all()
    wrong = size if loss == "binary_cross_entropy" else 2 * size
    assert cost[0].item() == pytest.approx(wrong)
    assert cost[1].item() == pytest.approx(0, abs=1e-12)
    cost.sum().backward()
    assert z.grad is not None
    assert torch.isfinite(z.grad).all()
    assert z.grad[0].abs().sum() > 0.9


class TestActivationGradient:
    @pytest.mark.parametrize("loss", sorted(losses.FROM_Z))
    def test_is_the_derivative_of_the_formula(self, loss) -> None:
        _, activation, targets = given(loss)
        a, y = activation.numpy(), targets.numpy()
        expected = -y / a
        if loss == "binary_cross_entropy":
            expected = (-y / a + (1 - y) / (1 - a)) / 4
        found = losses.activation_gradient(loss, activation, targets).numpy()
        assert found == pytest.approx(expected)

    @pytest.mark.parametrize("loss", sorted(losses.FROM_Z))
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    def test_is_finite_where_the_activation_is_rounded_to_0_or_1(self, loss, dtype) -> None:
        tiny = torch.finfo(dtype).smallest_normal / 4  # below the normal numbers
        activation = torch.tensor([[0.0, 1.0], [1.0, 0.0], [tiny, 1 - tiny]], dtype=dtype)
        targets = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.5, 0.5]], dtype=dtype)
        found = losses.activation_gradient(loss, activation, targets)
        assert torch.isfinite(found).all()
        assert found[0, 0] < -1e30  # wrong and certain of it: a great wish to rise
        right = -1 if loss == "cross_entropy" else -0.5
        assert found[1, 0].item() == pytest.approx(right)
        assert found[1, 1].item() == pytest.approx(0 if loss == "cross_entropy" else 0.5)

    def test_leaves_the_activation_as_it_was(self) -> None:
        activation = torch.tensor([[0.0, 1.0]])
        losses.activation_gradient("cross_entropy", activation, torch.tensor([[1.0, 0.0]]))
        assert activation.tolist() == [[0.0, 1.0]]
        assert not activation.requires_grad


class TestPenalty:
    weights = (torch.tensor([[1.0, -2.0], [0.0, 3.0]]), torch.tensor([[-0.5, 4.0]]))

    @pytest.mark.parametrize(
        ("kind", "total"),
        [("none", 0.0), ("l1", 0.1 * 10.5), ("l2", 0.1 * 0.5 * (1 + 4 + 9 + 0.25 + 16))],
    )
    def test_is_its_formula(self, kind, total: float) -> None:
        found = losses.penalty(Regularization(kind, 0.1), list(self.weights))
        assert found.shape == ()
        assert found.item() == pytest.approx(total)
