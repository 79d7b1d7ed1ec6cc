from __future__ import annotations

from typing import Any

import pytest
import torch

from explorer.core.engines.choice import choose_engine, estimated_seconds


@pytest.mark.parametrize(
    ("wanted", "device", "engine"),
    [
        ("auto", "cpu", "compiled"),
        ("compiled", "cpu", "compiled"),
        ("torch", "cpu", "torch"),
        ("auto", "cuda", "captured"),
        ("torch", "cuda", "torch"),
        ("auto", "mps", "torch"),
    ],
)
def test_the_experiment_and_the_device_decide(
    experiment_of: Any, wanted: str, device: str, engine: str
) -> None:
    choice = choose_engine(experiment_of(engine=wanted), torch.device(device))
    assert choice.engine == engine
    assert choice.note == ""


def test_what_cannot_be_had_is_said(experiment_of: Any) -> None:
    choice = choose_engine(experiment_of(engine="compiled"), torch.device("cuda"))
    assert choice.engine == "torch"
    assert "torch trains this run" in choice.note


def test_larger_updates_are_estimated_to_take_longer() -> None:
    def seconds(engine: Any, parameters: int) -> float:
        return estimated_seconds(engine, parameters, 10)

    for engine in ("torch", "captured", "compiled"):
        assert 0 < seconds(engine, 25) < seconds(engine, 100_000)
    assert seconds("compiled", 25) < seconds("torch", 25) / 100
