from __future__ import annotations

import re
from math import sqrt
from typing import Any

import numpy as np
import pytest
import torch

from explorer.core.experiment import Adagrad, Adam, AdamW, OptimizerSpec, RmsProp, Sgd
from explorer.core.optimizers import make_optimizer
from explorer.views.update_rule import Rule, carried_caption, carried_letter, rule_of

CASES: list[OptimizerSpec] = [
    Sgd(0.3),
    Sgd(0.3, weight_decay=0.1),
    Sgd(0.3, momentum=0.8),
    Sgd(0.3, momentum=0.8, weight_decay=0.1),
    Sgd(0.3, momentum=0.8, dampening=0.25),
    Sgd(0.3, momentum=0.8, nesterov=True),
    Adam(0.05),
    Adam(0.05, betas=(0.7, 0.95), eps=1e-3, weight_decay=0.2),
    Adam(0.05, betas=(0.7, 0.6), amsgrad=True),
    AdamW(0.05),
    AdamW(0.05, weight_decay=0.0),
    RmsProp(0.05),
    RmsProp(0.05, alpha=0.8, weight_decay=0.1, momentum=0.6),
    RmsProp(0.05, alpha=0.8, centered=True),
    Adagrad(0.05),
    Adagrad(0.05, lr_decay=0.3, weight_decay=0.1, eps=1e-3),
]


class Written:
    """Follows a rule by what it says on screen, one parameter, update after update."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.values: dict[str, float] = dict.fromkeys("mvnsV", 0.0)
        self.t = 0

    def change(self, w: float, gradient: float) -> float:
        self.t += 1
        self.values |= {"t": self.t, "w": w, "gradient": gradient, "G": gradient}
        rate = re.search(r"η = (.*)$", self.rule.title)
        assert rate
        self.values["η"] = float(rate[1])
        formulas = list(self.rule.formulas)
        if self.rule.plain:
            formulas = [self.rule.title.split(",")[0]]
        for formula in reversed(formulas):
            name, _, value = re.split(r" (=|←) ", formula, maxsplit=1)
            first = value.endswith(", the first m is g") and self.t == 1
            value = "g" if first else value.removesuffix(", the first m is g")
            self.values[letter(name)] = self.evaluate(value.removesuffix(" in update t"))
            self.values["V"] = max(self.values["V"], self.values["v"])
        return self.values["Δ"]

    def evaluate(self, words: str) -> float:
        words = words.replace("∂C/∂w", "G").replace("g²", "g**2").replace("n²", "n**2")
        words = re.sub(r"(m|v)̂", r"\1_hat", words.replace("ᵗ", "**t"))
        words = re.sub(r"√(\w+)", r"√(\1)", words).replace("√", "sqrt")
        words = words.replace("−", "-").replace("·", "*")
        result = eval(words, {"__builtins__": {}, "sqrt": sqrt}, self.values)
        assert isinstance(result, int | float)
        return result


def letter(name: str) -> str:
    return name.replace("\N{COMBINING CIRCUMFLEX ACCENT}", "_hat")


@pytest.mark.parametrize("spec", CASES, ids=repr)
def test_the_formulas_give_what_torch_applies(spec: Any) -> None:
    """Five updates of one parameter with gradients of both signs."""
    parameter = torch.nn.Parameter(torch.tensor([0.7], dtype=torch.float64))
    optimizer = make_optimizer(spec, [parameter])
    written = Written(rule_of(spec))
    for gradient in (0.8, -0.3, 0.5, 0.05, -1.2):
        before = parameter.item()
        parameter.grad = torch.tensor([gradient], dtype=torch.float64)
        optimizer.step()
        change = parameter.item() - before
        assert written.change(before, gradient) == pytest.approx(change, rel=1e-6)
        for name, value in optimizer.state[parameter].items():
            if isinstance(value, torch.Tensor) and value.shape == parameter.shape:
                kept = written.values[carried_letter(name)]
                assert kept == pytest.approx(float(value), rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("spec", CASES, ids=repr)
def test_every_letter_that_is_carried_is_explained(spec: Any) -> None:
    parameter = torch.nn.Parameter(torch.ones(2))
    optimizer = make_optimizer(spec, [parameter])
    parameter.grad = torch.ones(2)
    optimizer.step()
    for name, value in optimizer.state[parameter].items():
        if isinstance(value, torch.Tensor) and value.shape == parameter.shape:
            caption = carried_caption(name)
            assert caption.startswith(f"{carried_letter(name)} = {name}: ")
            assert len(carried_letter(name)) == 1


def test_only_plain_descent_is_called_so() -> None:
    assert rule_of(Sgd(0.5)) == Rule("Δ = −η · gradient,  η = 0.5", plain=True)
    assert [spec for spec in CASES if rule_of(spec).plain] == CASES[:1]
    titles = {rule_of(spec).title.split(",")[0] for spec in CASES[1:]}
    names = ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad")
    assert titles == {f"Δ applied by {name}" for name in names}


def test_what_is_not_known_keeps_its_name() -> None:
    assert carried_letter("another") == carried_caption("another") == "another"


def test_settings_are_written_in_full() -> None:
    formulas = rule_of(Adam(0.001, betas=(0.95, 0.9999))).formulas
    assert "v ← 0.9999·v + 0.0001·g²" in formulas
    assert np.isclose(1 - 0.9999, 0.0001)
