"""Questions, edits and runs brought back, through the session's real thread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from explorer.core.answers import Answer, Comparison, CostSlice, GradientCheck, Sweep
from explorer.core.beats import Beat
from explorer.core.data.load import load
from explorer.core.divergence import DivergenceError
from explorer.core.experiment import Experiment
from explorer.core.part_of_network import Neuron, Weight
from explorer.core.questions import Question
from explorer.core.questions.comparison import ComparisonQuestion
from explorer.core.questions.cost_slice import CostSliceQuestion
from explorer.core.questions.gradient_check import GradientCheckQuestion
from explorer.core.questions.sweep import SweepQuestion
from explorer.core.trace import Trace
from explorer.core.trainer import Trainer
from explorer.session.session import Edit, Session
from explorer.session.shelf import MOST_SHELVED

After = Callable[[Session, Callable[[], None]], None]
PART = Weight(1, 0, 1)


def trace_of(session: Session) -> Trace:
    moment = session.moment
    assert moment is not None
    return moment.trace


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        (ComparisonQuestion(), Comparison),
        (CostSliceQuestion(), CostSlice),
        (SweepQuestion(PART, 0), Sweep),
        (GradientCheckQuestion(PART), GradientCheck),
    ],
    ids=lambda x: getattr(x, "__name__", ""),
)
def test_an_answer_is_about_the_update_on_screen_and_changes_nothing(
    opened: Session, circles: Experiment, after: After, qtbot: QtBot,
    question: Question, kind: type[Answer],
) -> None:  # fmt: skip
    for _ in range(3):
        after(opened, lambda: opened.step("mini_batch"))
    with qtbot.waitSignal(opened.answered, timeout=30_000) as answered:
        opened.ask(question)
    (answer,) = answered.args
    assert isinstance(answer, kind)
    assert answer.update == trace_of(opened).update == 3
    after(opened, lambda: opened.step("mini_batch"))
    untouched = Trainer(circles, load(circles))
    for _ in range(3):
        untouched.advance()
    expected = untouched.advance_traced()
    for mine, theirs in zip(trace_of(opened).layers, expected.layers, strict=True):
        np.testing.assert_array_equal(mine.weight_after, theirs.weight_after)


def test_another_update_ends_what_was_asked(opened: Session, after: After, qtbot: QtBot) -> None:
    answers: list[Answer] = []
    opened.answered.connect(answers.append)
    after(opened, lambda: opened.step("mini_batch"))
    opened.ask(CostSliceQuestion(points=1000))  # which takes far longer than the step
    after(opened, lambda: opened.step("mini_batch"))
    with qtbot.waitSignal(opened.answered, timeout=30_000):
        opened.ask(ComparisonQuestion())
    assert [type(a) for a in answers] == [Comparison]


def test_nothing_is_asked_while_playing(opened: Session, qtbot: QtBot) -> None:
    answers: list[Answer] = []
    opened.answered.connect(answers.append)
    opened.stop_after(40)
    with qtbot.waitSignal(
        opened.playing_changed, timeout=60_000, check_params_cb=lambda on: not on
    ):
        opened.play()
        opened.ask(ComparisonQuestion())
    with qtbot.waitSignal(opened.answered, timeout=30_000):
        opened.ask(SweepQuestion(PART, 0))
    assert [type(a) for a in answers] == [Sweep]


def test_an_edit_is_told_with_what_was_there_before(
    opened: Session, after: After, qtbot: QtBot
) -> None:
    before = trace_of(opened).parameter(PART)
    with qtbot.waitSignal(opened.edited) as edited:
        after(opened, lambda: opened.edit(PART, 0.5))
    assert edited.args == [Edit(1, PART, before, 0.5)]
    assert trace_of(opened).parameter(PART) == 0.5
    with qtbot.assertNotEmitted(opened.edited):
        opened.edit(PART, 0.5)  # which it is already


def test_an_edit_keeps_beat_and_example(opened: Session, after: After) -> None:
    opened.step("beat")
    opened.focus_example(3)
    after(opened, lambda: opened.edit(Neuron(1, 2), 0.25))
    moment = opened.moment
    assert moment is not None
    assert (str(moment.beat), moment.example) == ("forward:1", 3)
    assert moment.trace.layers[0].bias_before[2] == np.float32(0.25)


def test_a_run_is_brought_back_where_it_was_left_and_goes_on_from_there(
    opened: Session, circles: Experiment, after: After
) -> None:
    for _ in range(4):
        after(opened, lambda: opened.step("mini_batch"))
    first, left, costs = opened.run_number, trace_of(opened), len(opened.costs)
    other = msgspec.structs.replace(circles, title="another")
    after(opened, lambda: opened.open(other, Path()))
    assert opened.can_bring_back(first)
    opened.bring_back(first)
    assert trace_of(opened) is left
    assert opened.experiment == circles
    assert (opened.run_number, len(opened.costs)) == (first, costs)
    after(opened, lambda: opened.step("mini_batch"))
    untouched = Trainer(circles, load(circles))
    for _ in range(4):
        untouched.advance()
    expected = untouched.advance_traced()
    np.testing.assert_array_equal(
        trace_of(opened).layers[0].weight_after, expected.layers[0].weight_after
    )


def test_a_run_that_never_began_takes_no_room(
    opened: Session,
    circles: Experiment,
    after: After,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nor does it let window and worker keep different ones."""
    first = opened.run_number
    for n in range(MOST_SHELVED - 2):
        after(opened, lambda n=n: opened.open(msgspec.structs.replace(circles, title=str(n))))
    advance_traced = Trainer.advance_traced

    def diverging(self: Trainer, **keywords: bool) -> Trace:
        if self.experiment.title == "bad":
            raise DivergenceError(1, "the cost")
        return advance_traced(self, **keywords)

    monkeypatch.setattr(Trainer, "advance_traced", diverging)
    with qtbot.waitSignal(opened.failed, timeout=30_000):
        opened.open(msgspec.structs.replace(circles, title="bad"))
    after(opened, lambda: opened.open(msgspec.structs.replace(circles, title="good")))
    assert opened.can_bring_back(first)
    opened.bring_back(first)
    after(opened, lambda: opened.show_beat(Beat("update")))
    after(opened, lambda: opened.step("mini_batch"))
    assert trace_of(opened).update == 2


def test_only_so_many_runs_are_kept(opened: Session, circles: Experiment, after: After) -> None:
    first = opened.run_number
    for n in range(MOST_SHELVED):
        assert n == 0 or opened.can_bring_back(first)
        after(opened, lambda n=n: opened.open(msgspec.structs.replace(circles, title=str(n))))
    assert not opened.can_bring_back(first)
    assert opened.can_bring_back(first + 1)
