"""Updates a second: eager torch, the engines, and TensorFlow Playground's where it is at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import nn

from explorer.core.trainer import Trainer
from tests.benchmarks.networks import DEEP, IMAGES, SMALL, WIDE, Case
from tests.benchmarks.playground import Playground
from tests.benchmarks.race import Contender, Figure, race

_AT_ONCE = {SMALL: 40_000, DEEP: 10_000, IMAGES: 1000, WIDE: 100}  # about 20 ms, as in playing


def figures(seconds: float, playground: Playground | None) -> Iterator[Figure]:
    """Of each network."""
    for case, at_once in _AT_ONCE.items():
        contenders = [
            Contender("eager torch + torch.optim", eager(case, "cpu")),
            Contender("engine torch", engine(case, "torch", 10)),
            Contender("engine compiled", engine(case, "compiled", at_once)),
        ]
        if playground is None:
            yield from race("training", case.name, contenders, "updates/s", seconds)
            continue
        with playground.engine(case) as peer:
            contenders.append(Contender("TensorFlow Playground's engine", peer.train))
            found = race("training", case.name, contenders, "updates/s", seconds)
        yield from found
        yield _against_playground(found)


def _against_playground(found: list[Figure]) -> Figure:
    compiled, peer = found[-2], found[-1]
    return Figure(
        "training",
        compiled.case,
        "engine compiled",
        compiled.value,
        compiled.unit,
        compiled.value / peer.value,
        peer.name,
    )


def eager(case: Case, device: str) -> Callable[[], float]:
    """The loop that everybody writes: a module, autograd and torch.optim; ten updates a call."""
    sigma = {"tanh": nn.Tanh, "sigmoid": nn.Sigmoid}[case.activation]
    layers: list[nn.Module] = []
    for before, units in zip(case.units, case.units[1:], strict=False):
        layers += [nn.Linear(before, units), sigma()]
    model = nn.Sequential(*layers).to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=case.rate)
    train = case.dataset().train
    inputs = torch.tensor(train.inputs, dtype=torch.float32, device=device)
    targets = torch.tensor(train.targets, dtype=torch.float32, device=device)

    def run() -> float:
        for rows in torch.randperm(len(inputs), device=device).split(case.batch)[:10]:
            loss = ((model(inputs[rows]) - targets[rows]) ** 2).sum(1).mean() / 2
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return 10

    return run


def engine(case: Case, name: str, at_once: int, device: str = "cpu") -> Callable[[], float]:
    """The program's own trainer, as playing drives it."""
    trainer = Trainer(case.experiment(name, device), case.dataset())
    return lambda: len(trainer.advance_many(at_once))
