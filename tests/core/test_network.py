from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from explorer.core.experiment import Initial, Layer, NetworkSpec, Scheme
from explorer.core.network import Network

CPU = torch.device("cpu")
LAYERS = (Layer(5, "tanh"), Layer(4, "relu"), Layer(3, "sigmoid"))


SEED_7 = Initial(seed=7)


def built(initial: Initial = SEED_7, dtype: torch.dtype = torch.float32) -> Network:
    return Network(NetworkSpec(layers=LAYERS, initial=initial), 2, dtype, CPU)


INIT = {
    "xavier_uniform": nn.init.xavier_uniform_,
    "xavier_normal": nn.init.xavier_normal_,
    # torch's own default nonlinearity here is leaky_relu with slope 0, which is ReLU.
    "kaiming_uniform": nn.init.kaiming_uniform_,
    "kaiming_normal": nn.init.kaiming_normal_,
    "normal": nn.init.normal_,
}


class TestInitial:
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    @pytest.mark.parametrize("scheme", INIT)
    def test_schemes_are_those_of_torch_from_the_seed(
        self, scheme: Scheme, dtype: torch.dtype
    ) -> None:
        network = built(Initial(scheme=scheme, seed=42), dtype)
        generator = torch.Generator().manual_seed(42)
        for layer in network.layers:
            expected = torch.empty_like(layer.weight)
            INIT[scheme](expected, generator=generator)
            assert torch.equal(layer.weight, expected)
            assert not layer.bias.any()

    def test_zeros(self) -> None:
        assert not built(Initial(scheme="zeros")).flat.any()

    def test_torch_default_is_what_linear_draws(self) -> None:
        """``nn.Linear`` draws from torch's global generator, ours from one of the same seed."""
        network = built(Initial(scheme="torch_default", seed=9))
        with torch.random.fork_rng():
            torch.manual_seed(9)
            for ours in network.layers:
                theirs = nn.Linear(ours.in_features, ours.out_features)
                assert torch.equal(ours.weight, theirs.weight)
                assert torch.equal(ours.bias, theirs.bias)
                assert ours.bias.abs().max() <= 1 / math.sqrt(ours.in_features)

    def test_a_seed_repeats_and_another_does_not(self) -> None:
        assert torch.equal(built().flat, built().flat)
        assert not torch.equal(built().flat, built(Initial(seed=8)).flat)

    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    def test_explicit_numbers_are_taken_as_written(self, dtype: torch.dtype) -> None:
        spec = NetworkSpec(
            layers=(Layer(2, "tanh"), Layer(1, "linear")),
            initial=Initial(
                weights=(((0.1, -0.2, 0.3), (1e-7, 5.0, 0.7)), ((0.15, 0.2),)),
                biases=((0.35, -1.5), (0.6,)),
            ),
        )
        first, last = Network(spec, 3, dtype, CPU).layers
        kind = np.float32 if dtype is torch.float32 else np.float64
        expected = np.array([[0.1, -0.2, 0.3], [1e-7, 5.0, 0.7]], kind)
        assert np.array_equal(first.weight.detach().numpy(), expected)
        assert np.array_equal(first.bias.detach().numpy(), np.array([0.35, -1.5], kind))
        assert np.array_equal(last.weight.detach().numpy(), np.array([[0.15, 0.2]], kind))
        assert np.array_equal(last.bias.detach().numpy(), np.array([0.6], kind))


class TestForward:
    modules = (
        ("linear", nn.Identity()),
        ("sigmoid", nn.Sigmoid()),
        ("tanh", nn.Tanh()),
        ("relu", nn.ReLU()),
        ("leaky_relu", nn.LeakyReLU()),
        ("elu", nn.ELU()),
        ("gelu", nn.GELU()),
        ("silu", nn.SiLU()),
        ("softplus", nn.Softplus()),
    )

    @pytest.mark.parametrize(("activation", "module"), modules)
    def test_agrees_with_a_sequential_built_by_hand(self, activation, module: nn.Module) -> None:
        spec = NetworkSpec(
            layers=(Layer(6, activation), Layer(4, activation), Layer(3, "softmax")),
            initial=Initial(scheme="torch_default", seed=1),
        )
        network = Network(spec, 2, torch.float64, CPU)
        theirs = nn.Sequential(
            nn.Linear(2, 6), module, nn.Linear(6, 4), module, nn.Linear(4, 3), nn.Softmax(dim=1)
        ).double()
        with torch.no_grad():
            for ours, linear in zip(network.layers, (theirs[0], theirs[2], theirs[4]), strict=True):
                linear.weight.copy_(ours.weight)
                linear.bias.copy_(ours.bias)
        inputs = torch.randn(7, 2, generator=torch.Generator().manual_seed(0)).double() * 3
        assert torch.equal(network(inputs), theirs(inputs))
        values = network.values(inputs)
        assert [tuple(z.shape) for z, _ in values] == [(7, 6), (7, 4), (7, 3)]
        after = [theirs[: 2 * k + 2](inputs) for k in range(3)]
        before = [theirs[: 2 * k + 1](inputs) for k in range(3)]
        for (z, a), expected_z, expected_a in zip(values, before, after, strict=True):
            assert torch.equal(z, expected_z)
            assert torch.equal(a, expected_a)

    def test_no_hidden_layer_is_allowed(self) -> None:
        network = Network(NetworkSpec(layers=(Layer(1, "sigmoid"),)), 3, torch.float32, CPU)
        inputs = torch.ones(2, 3)
        expected = torch.sigmoid(inputs @ network.layers[0].weight.T + network.layers[0].bias)
        assert torch.allclose(network(inputs), expected)

    def test_relu_has_slope_0_at_0(self) -> None:
        spec = NetworkSpec(layers=(Layer(1, "relu"),), initial=Initial(scheme="zeros"))
        network = Network(spec, 1, torch.float64, CPU)
        network(torch.ones(1, 1).double()).sum().backward()
        assert network.flat_gradient.tolist() == [0.0, 0.0]


class TestFlatStorage:
    def test_parameters_are_views_of_the_flat_tensor(self) -> None:
        network = built()
        assert network.flat.numel() == sum(p.numel() for p in network.parameters())
        network.flat.copy_(torch.arange(float(network.flat.numel())))
        together = torch.cat([p.detach().reshape(-1) for p in network.parameters()])
        assert torch.equal(together, network.flat)
        with torch.no_grad():
            network.layers[1].weight[2, 3] = -77
            network.layers[2].bias[0] = -88
        assert sorted(network.flat.tolist())[:2] == [-88, -77]

    def test_gradients_are_views_of_the_flat_gradient(self) -> None:
        network = built()
        network(torch.ones(3, 2)).sum().backward()
        assert network.flat_gradient.any()
        together = torch.cat([p.grad.reshape(-1) for p in network.parameters()])
        assert torch.equal(together, network.flat_gradient)
        network.flat_gradient.zero_()
        assert not any(p.grad.any() for p in network.parameters())

    def test_an_optimizer_writes_through(self) -> None:
        network = built()
        before = network.flat.clone()
        network(torch.ones(3, 2)).sum().backward()
        torch.optim.SGD(network.parameters(), lr=0.5).step()
        assert torch.equal(network.flat, before - 0.5 * network.flat_gradient)

    def test_state_dict_goes_to_an_ordinary_module_and_back(self) -> None:
        network, other = built(), built(Initial(seed=1))
        other.load_state_dict(network.state_dict())
        assert torch.equal(other.flat, network.flat)

    def test_parameters_by_their_names_in_the_file(self) -> None:
        network = built()
        assert dict(network.named())["weight1"] is network.layers[0].weight
        assert dict(network.named())["bias3"] is network.layers[2].bias
        assert all(w is x.weight for w, x in zip(network.weights(), network.layers, strict=True))


def test_the_state_dict_names_weights_and_biases_by_layer() -> None:
    names = [name for name, _ in built().named_parameters()]
    assert names == [f"linears.{k}.{kind}" for k in range(3) for kind in ("weight", "bias")]
