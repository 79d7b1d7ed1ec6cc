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
        ("auto", "cuda", "torch"),
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
    for engine in ("torch", "compiled"):
        small, large = (estimated_seconds(engine, p, 10) for p in (25, 100_000))
        assert 0 < small < large
    assert estimated_seconds("compiled", 25, 10) < estimated_seconds("torch", 25, 10) / 100
