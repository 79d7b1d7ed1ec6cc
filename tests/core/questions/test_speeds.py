from __future__ import annotations

import msgspec
import numpy as np
import pytest

from explorer.core.answers import Speeds
from explorer.core.data.load import load
from explorer.core.defaults import default_experiment
from explorer.core.divergence import DivergenceError
from explorer.core.experiment import Builtin, Experiment, Layer, NetworkSpec, Sgd
from explorer.core.questions.speeds import SpeedsQuestion
from explorer.core.trainer import Trainer


def measured(experiment: Experiment) -> tuple[Speeds, list[float], Trainer]:
    trainer = Trainer(experiment, load(experiment))
    trace = trainer.advance_traced()
    *fractions, speeds = SpeedsQuestion(0.05).work(trainer, trace)
    assert isinstance(speeds, Speeds)
    return speeds, [f for f in fractions if isinstance(f, float)], trainer


@pytest.mark.parametrize("engine", ["torch", "compiled"])
def test_both_engines_of_the_cpu_are_measured_and_the_run_is_marked(engine: str) -> None:
    experiment = msgspec.structs.replace(default_experiment("xor"), device="cpu", engine=engine)
    speeds, fractions, trainer = measured(experiment)
    assert speeds.update == 1
    titles = [speed.title for speed in speeds.speeds]
    assert "CPU · torch" in titles
    assert "CPU · compiled" in titles
    assert len(set(titles)) == len(titles)
    assert [s.title for s in speeds.speeds if s.runs] == [trainer.device_title]
    assert all(speed.updates_per_second > 0 for speed in speeds.speeds)
    assert fractions == sorted(fractions)
    assert 0 < fractions[0] <= fractions[-1] == 1.0


def test_the_run_is_left_as_it_is() -> None:
    experiment = default_experiment("xor")
    *_, trainer = measured(experiment)
    untouched = Trainer(experiment, load(experiment))
    untouched.advance_traced()
    trainer.advance()
    untouched.advance()
    np.testing.assert_array_equal(
        trainer.network.flat.cpu().numpy(), untouched.network.flat.cpu().numpy()
    )


def test_a_run_that_diverges_begins_again_while_it_is_measured() -> None:
    network = NetworkSpec((Layer(3, "linear"), Layer(1, "linear")))
    experiment = Experiment(data=Builtin("xor"), network=network, optimizer=Sgd(learning_rate=10.0))
    trainer = Trainer(experiment, load(experiment))
    trace = trainer.advance_traced()
    alone = Trainer(experiment, load(experiment))
    with pytest.raises(DivergenceError):
        _ = [alone.advance() for _ in range(1000)]
    *_, speeds = SpeedsQuestion(0.05).work(trainer, trace)
    assert isinstance(speeds, Speeds)
    assert all(speed.updates_per_second > 0 for speed in speeds.speeds)
