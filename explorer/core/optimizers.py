"""From the ``optimizer`` part of an experiment to a ``torch.optim`` optimizer."""

from __future__ import annotations

from typing import Any

import msgspec
import torch
from torch import nn

from explorer.core.experiment import OptimizerSpec

_CLASSES: dict[str, type[torch.optim.Optimizer]] = {
    "sgd": torch.optim.SGD,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "rmsprop": torch.optim.RMSprop,
    "adagrad": torch.optim.Adagrad,
}


def settings_of(spec: OptimizerSpec) -> dict[str, Any]:
    """The optimizer's settings under torch's names (``lr`` for ``learning_rate``)."""
    settings: dict[str, Any] = msgspec.to_builtins(spec, builtin_types=())
    del settings["name"]
    settings["lr"] = settings.pop("learning_rate")
    if "betas" in settings:
        settings["betas"] = tuple(settings["betas"])
    return settings


def make_optimizer(spec: OptimizerSpec, parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
    """A fresh optimizer over at least one parameter; its steps are the same on every path."""
    name = type(spec).__struct_config__.tag
    return _CLASSES[str(name)](parameters, **settings_of(spec), foreach=False)  # type: ignore[call-arg]
