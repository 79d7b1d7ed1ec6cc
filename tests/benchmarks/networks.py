"""The networks that are measured, with data for them."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from explorer.core.data.dataset import Dataset, Part
from explorer.core.experiment import (
    Activation,
    Builtin,
    Experiment,
    Layer,
    MiniBatch,
    NetworkSpec,
    Sgd,
)

_EXAMPLES = 512


class Case(Struct, frozen=True):
    """A fully connected network and its mini-batches; the cost is half the squared error."""

    units: tuple[int, ...]
    activation: Activation
    batch: int
    rate: float = 0.03

    @property
    def name(self) -> str:
        """Such as ``2-4-2-1, batch 10``."""
        inner = self.units[1:-1]
        same = len(inner) > 3 and len(set(inner)) == 1
        shown = (f"{len(inner)}x{inner[0]}",) if same else tuple(map(str, inner))
        return "-".join((str(self.units[0]), *shown, str(self.units[-1]))) + f", batch {self.batch}"

    def experiment(self, engine: str = "auto", device: str = "cpu") -> Experiment:
        """The experiment of this network; its data is :meth:`dataset`."""
        return Experiment(
            data=Builtin(name="circles"),
            network=NetworkSpec(tuple(Layer(n, self.activation) for n in self.units[1:])),
            loss="half_squared_error",
            optimizer=Sgd(learning_rate=self.rate),
            mini_batch=MiniBatch(size=self.batch),
            engine=engine,  # type: ignore[arg-type]
            device=device,  # type: ignore[arg-type]
        )

    def dataset(self) -> Dataset:
        """Random examples, whose targets are 0 or 1."""
        random = np.random.default_rng(0)
        inputs = random.uniform(0, 1, (_EXAMPLES, self.units[0]))
        targets = (random.uniform(0, 1, (_EXAMPLES, self.units[-1])) < 0.5).astype(float)
        return Dataset(
            name="random",
            train=Part(inputs, targets),
            test=Part(inputs[:0], targets[:0]),
            input_names=tuple(f"x{k + 1}" for k in range(self.units[0])),
            labels=tuple(f"y{k + 1}" for k in range(self.units[-1])),
            about="",
        )


SMALL = Case((2, 4, 2, 1), "tanh", 10)
DEEP = Case((2, *([8] * 6), 1), "tanh", 10)
IMAGES = Case((784, 16, 16, 10), "sigmoid", 32, 0.1)
WIDE = Case((784, 128, 64, 10), "sigmoid", 32, 0.1)
