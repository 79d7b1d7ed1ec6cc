from __future__ import annotations

import inspect

import pytest
import torch
from torch import nn

from explorer.core.experiment import OPTIMIZERS, Adam, RmsProp, Sgd
from explorer.core.optimizers import make_optimizer, settings_of

TORCH = {
    "sgd": torch.optim.SGD,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "rmsprop": torch.optim.RMSprop,
    "adagrad": torch.optim.Adagrad,
}


def test_every_optimizer_of_the_format_is_known() -> None:
    assert OPTIMIZERS.keys() == TORCH.keys()


@pytest.mark.parametrize("name", TORCH)
def test_defaults_are_those_of_torch(name: str) -> None:
    """But for SGD's learning rate, for which the format has its own default."""
    signature = inspect.signature(TORCH[name].__init__).parameters
    ours = settings_of(OPTIMIZERS[name]())
    if name == "sgd":
        assert ours.pop("lr") == 0.03
    for key, value in ours.items():
        assert value == signature[key].default, key


@pytest.mark.parametrize("name", TORCH)
def test_makes_torchs_optimizer_over_the_parameters_given(name: str) -> None:
    parameter = nn.Parameter(torch.ones(2))
    made = make_optimizer(OPTIMIZERS[name](learning_rate=0.25), [parameter])
    assert type(made) is TORCH[name]
    (group,) = made.param_groups
    assert group["lr"] == 0.25
    assert group["params"] == [parameter]


def test_settings_go_by_torchs_names() -> None:
    assert settings_of(Sgd(learning_rate=0.5, momentum=0.9, nesterov=True)) == {
        "lr": 0.5,
        "momentum": 0.9,
        "dampening": 0.0,
        "weight_decay": 0.0,
        "nesterov": True,
    }
    assert settings_of(Adam(betas=(0.8, 0.95)))["betas"] == (0.8, 0.95)
    assert settings_of(RmsProp(alpha=0.5, centered=True))["alpha"] == 0.5
