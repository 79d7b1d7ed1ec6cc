from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QTextDocumentFragment
from PySide6.QtWidgets import QWidget

from explorer.core.beats import beats_of
from explorer.core.data.dataset import Dataset
from explorer.core.experiment import LOSSES
from explorer.core.moment import Moment
from explorer.core.narration import Span, narrate
from explorer.views.palette import DARK, LIGHT, Theme
from explorer.views.sentence import Sentence

MomentOf = Callable[..., Moment]
FORCED = {"cross_entropy": "softmax", "binary_cross_entropy": "sigmoid"}


@pytest.fixture
def sentence(sized: Callable[[QWidget, int, int], None]) -> Sentence:
    sentence = Sentence()
    sized(sentence, 900, 60)
    return sentence


def plain(sentence: Sentence) -> str:
    """The words without their colours."""
    return QTextDocumentFragment.fromHtml(sentence.text()).toPlainText()


def numbers_in(sentence: Sentence) -> list[str]:
    return re.findall(r"−?\d+(?:,\d{3})*(?:\.\d+)?", plain(sentence))


def told(numbers: float) -> str:
    """Two significant figures with a true minus, below one."""
    return f"{numbers:.2f}".replace("-", "−")


class TestNumbers:
    """The numbers of the beat occur in its text; how it is worded belongs to the narration."""

    @pytest.mark.parametrize("example", range(4))
    def test_of_the_mini_batch(self, sentence: Sentence, moment_of: MomentOf, example: int) -> None:
        """Four of ten examples make the second mini-batch of three."""
        sentence.show_moment(moment_of("mini_batch", example=example))
        name = ("disc", "ring", "ring", "ring")[example]
        assert numbers_in(sentence) == ["4", "2", "3", "3", str(example + 1)]
        assert f"“{name}”" in plain(sentence)

    def test_of_a_hidden_layer(self, sentence: Sentence, moment_of: MomentOf) -> None:
        """Example 7 gives z = (−0.5, 0.15, 0.35) and a = tanh z, the first the strongest."""
        sentence.show_moment(moment_of("forward:1"))
        assert numbers_in(sentence) == ["3", "1", "2", "1", "−0.46"]

    def test_of_the_output_layer(self, sentence: Sentence, moment_of: MomentOf) -> None:
        moment = moment_of("forward:2")
        sentence.show_moment(moment)
        outputs = moment.trace.layers[1].activation[0]
        assert numbers_in(sentence) == ["2", "3", told(outputs.max())]
        assert f"“{('ring', 'disc')[int(np.argmax(outputs))]}”" in plain(sentence)

    def test_of_the_cost(self, sentence: Sentence, moment_of: MomentOf) -> None:
        moment = moment_of("cost", example=1)
        sentence.show_moment(moment)
        outputs, target = moment.trace.layers[1].activation, np.array([1.0, 0.0])
        terms = (outputs[1] - target) ** 2
        worst = int(terms.argmax())
        mean = ((outputs - moment.trace.targets) ** 2).sum(axis=1).mean()
        assert numbers_in(sentence) == [
            f"{terms.sum():.3f}",
            told(outputs[1, worst]),
            ["1.0", "0"][worst],
            "4",
            f"{mean:.3f}",
        ]

    def test_of_the_outputs_wishes(self, sentence: Sentence, moment_of: MomentOf) -> None:
        """The wish of the output that should be the largest is 2(1 − a)."""
        moment = moment_of("backward:2")
        sentence.show_moment(moment)
        wish = 2 * (1 - moment.trace.layers[1].activation[0, 1])
        assert numbers_in(sentence) == [told(wish)]
        assert "disc" in plain(sentence)

    def test_of_the_wishes_handed_back(self, sentence: Sentence, moment_of: MomentOf) -> None:
        """Behind the outputs wishes are added up: −Σⱼ δⱼ w_jk."""
        moment = moment_of("backward:1")
        sentence.show_moment(moment)
        a = moment.trace.layers[1].activation[0]
        delta = 2 * (a - (0.0, 1.0)) * a * (1 - a)
        wishes = -(delta @ moment.trace.layers[1].weight_before)
        most = int(np.abs(wishes).argmax())
        found = numbers_in(sentence)
        assert [str((wishes > 0).sum()), str((wishes < 0).sum()), str(most + 1)] == found[-4:-1]
        assert float(found[-1]) == pytest.approx(abs(wishes[most]), rel=0.05)
        assert ("up by" in plain(sentence)) == (wishes[most] > 0)

    def test_of_the_average(self, sentence: Sentence, moment_of: MomentOf) -> None:
        """The length of the mean wish against the mean length of the four."""
        moment = moment_of("average")
        sentence.show_moment(moment)
        trace = moment.trace
        behind = (trace.inputs, trace.layers[0].activation)
        wishes = []
        for i in range(4):
            parts = [
                [layer.delta[i], np.outer(layer.delta[i], a[i]).ravel()]
                for layer, a in zip(trace.layers, behind, strict=True)
            ]
            wishes.append(np.concatenate([part for pair in parts for part in pair]))
        length = np.linalg.norm(np.mean(wishes, axis=0))
        share = length / np.mean([np.linalg.norm(wish) for wish in wishes])
        assert numbers_in(sentence) == ["4", f"{share * 100:.0f}"]

    def test_of_the_update(self, sentence: Sentence, moment_of: MomentOf) -> None:
        moment = moment_of("update")
        sentence.show_moment(moment)
        trace = moment.trace
        assert trace.total_cost_before is not None
        found = numbers_in(sentence)
        for cost in (
            trace.batch_cost,
            trace.batch_cost_after,
            trace.total_cost_before,
            trace.total_cost_after,
        ):
            assert f"{cost:.3f}" in found
        change = trace.batch_cost_after - trace.batch_cost
        assert change < 0
        near = [n for n in found if n.startswith("−") and float(n[1:]) < 1]
        assert float(near[0][1:]) == pytest.approx(-change, rel=0.01)

    def test_of_running(self, sentence: Sentence, moment_of: MomentOf) -> None:
        moment = moment_of("update", live=True, update=12_345)
        sentence.show_moment(moment)
        assert numbers_in(sentence) == ["12,345", f"{moment.trace.batch_cost:.3f}"]
        assert "SGD" in plain(sentence)


class TestEveryMoment:
    @pytest.mark.parametrize("loss", LOSSES)
    @pytest.mark.parametrize("members", [(7, 2, 5, 0), (4,)], ids=["four", "one"])
    def test_is_told(
        self, sentence: Sentence, moment_of: MomentOf, loss: str, members: tuple[int, ...]
    ) -> None:
        layers = ((3, "tanh"), (2, FORCED.get(loss, "tanh")))
        for beat in beats_of(2):
            moment = moment_of(str(beat), loss=loss, layers=layers, members=members)
            sentence.show_moment(moment)
            assert plain(sentence) == "".join(span.text for span in narrate(moment))
            assert plain(sentence).endswith(".")

    def test_is_told_of_data_without_classes(
        self, sentence: Sentence, moment_of: MomentOf, table_of: Callable[..., Dataset]
    ) -> None:
        for n_outputs in (1, 3):
            table = table_of(3, n_outputs)
            for beat in beats_of(1):
                sentence.show_moment(
                    moment_of(str(beat), dataset=table, layers=((n_outputs, "linear"),))
                )
                assert "“”" not in plain(sentence)

    def test_has_room_in_two_lines(
        self, sentence: Sentence, moment_of: MomentOf, images_of: Callable[[int, int], Dataset]
    ) -> None:
        """So that nothing below it jumps."""
        height = sentence.height()
        for beat in beats_of(2):
            for moment in (
                moment_of(str(beat)),
                moment_of(str(beat), dataset=images_of(8, 8), layers=((9, "tanh"), (3, "sigmoid"))),
            ):
                sentence.show_moment(moment)
                assert sentence.height() == height
                assert sentence.heightForWidth(660) <= height

    def test_is_whole_in_the_least_window(self, sentence: Sentence, moment_of: MomentOf) -> None:
        """As wide as the drawing is at the least."""
        sentence.resize(460, sentence.height())
        for beat in beats_of(2):
            sentence.show_moment(moment_of(str(beat)))
            assert sentence.heightForWidth(460) <= sentence.height(), beat


class TestColours:
    def test_tones_are_the_themes_colours(self, sentence: Sentence, theme: Theme) -> None:
        sentence.set_theme(theme)
        sentence.tell(
            [Span("a"), Span("b", "strong"), Span("c", "positive"), Span("d", "negative")]
        )
        for letter, colour in (
            ("a", theme.text),
            ("b", theme.text),
            ("c", theme.positive),
            ("d", theme.negative),
        ):
            assert f"color:{colour}" in sentence.text().split(f">{letter}<")[0].rsplit("<", 1)[-1]

    def test_a_wish_up_is_blue_and_one_down_orange(
        self, sentence: Sentence, moment_of: MomentOf
    ) -> None:
        sentence.show_moment(moment_of("backward:2"))
        assert f'color:{DARK.positive};font-weight:normal">up by' in sentence.text()
        assert f'color:{DARK.negative};font-weight:normal">down' in sentence.text()

    def test_another_theme_tells_the_same_in_other_colours(
        self, sentence: Sentence, moment_of: MomentOf, pixels: Any
    ) -> None:
        sentence.show_moment(moment_of("backward:2"))
        dark, text = pixels(sentence), plain(sentence)
        sentence.set_theme(LIGHT)
        assert plain(sentence) == text
        assert not np.array_equal(pixels(sentence), dark)

    def test_words_from_files_are_no_markup(self, sentence: Sentence) -> None:
        sentence.tell([Span("<b>a & b</b>", "strong")])
        assert plain(sentence) == "<b>a & b</b>"
