from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocumentFragment
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from explorer.core.data.dataset import Dataset
from explorer.core.experiment import (
    BUILTIN_NAMES,
    LOSSES,
    OPTIMIZERS,
    Adam,
    Builtin,
    Experiment,
    Initial,
    Inline,
    Layer,
    MiniBatch,
    NetworkSpec,
    Regularization,
    Sgd,
)
from explorer.views.palette import DARK, LIGHT
from explorer.views.setup_panel import SetupPanel

LEFT = Qt.MouseButton.LeftButton
SIGNALS = ("experiment_requested", "data_requested", "open_data_requested", "stop_requested")

BASE = Experiment(
    data=Builtin("circles", noise=0.1),
    network=NetworkSpec((Layer(3, "tanh"), Layer(1, "sigmoid")), Initial("xavier_normal", 7)),
    loss="binary_cross_entropy",
    optimizer=Sgd(0.1, momentum=0.5, weight_decay=0.01),
    mini_batch=MiniBatch(10),
)
WRITTEN = Initial(weights=(((0.1, 0.2),) * 3, ((0.3, 0.4, 0.5),)), biases=((0.0,) * 3, (0.1,)))


def with_(**parts: Any) -> Experiment:
    """BASE with other parts, a part of several names by its path with underscores doubled."""
    changed = BASE
    for path, value in parts.items():
        *outer, name = path.split("__")
        levels = [changed]
        for step in outer:
            levels.append(getattr(levels[-1], step))
        for level, step in zip(reversed(levels), reversed([*outer, name]), strict=True):
            value = msgspec.structs.replace(level, **{step: value})
        changed = value
    return changed


@pytest.fixture
def panel(sized: Callable[[QWidget, int, int], None], one_output: Dataset) -> SetupPanel:
    panel = SetupPanel()
    sized(panel, 270, 900)
    panel.show_experiment(BASE, one_output)
    return panel


@pytest.fixture
def asked(panel: SetupPanel) -> list[Any]:
    """Everything the panel asks for, the name of the request first."""
    requests: list[Any] = []
    panel.experiment_requested.connect(lambda experiment: requests.append(experiment))
    panel.data_requested.connect(lambda name: requests.append(("data", name)))
    panel.open_data_requested.connect(lambda: requests.append("open data"))
    panel.stop_requested.connect(lambda update: requests.append(("stop", update)))
    return requests


def choose(box: QComboBox, data: Any) -> None:
    """Choose an entry as a user does."""
    box.setCurrentIndex(box.findData(data))
    box.activated.emit(box.currentIndex())


def enter(qtbot: QtBot, edit: Any, text: str) -> None:
    edit.selectAll()
    qtbot.keyClicks(edit, text)
    qtbot.keyClick(edit, Qt.Key.Key_Return)


def words(panel: SetupPanel) -> list[str]:
    return [
        QTextDocumentFragment.fromHtml(label.text()).toPlainText()
        for label in panel.findChildren(QLabel)
    ]


class TestShown:
    @pytest.mark.parametrize(
        "experiment",
        [
            BASE,
            with_(data=Builtin("mazur")),
            with_(data=Inline(((0.0, 1.0),), ((1.0,),))),
            with_(optimizer=Adam(0.004, weight_decay=0.1)),
            with_(regularization=Regularization("l1", 0.02)),
            with_(network__initial=WRITTEN),
            with_(mini_batch__size=777),
            with_(network__layers=(Layer(1, "sigmoid"),)),
            with_(network__initial=Initial(seed=2**60)),
        ],
        ids=range(9),
    )
    def test_showing_an_experiment_asks_for_nothing(
        self, panel: SetupPanel, asked: list[Any], one_output: Dataset, experiment: Experiment
    ) -> None:
        panel.show_experiment(experiment, one_output)
        panel.show_experiment(BASE)
        panel.show_experiment(experiment)
        QApplication.processEvents()
        assert asked == []

    def test_every_control_shows_its_part(self, panel: SetupPanel) -> None:
        assert panel.tiles.tile("circles").isChecked()
        assert panel.batch_size.value == 10
        assert panel.noise.value == 0.1
        assert panel.loss.currentData() == "binary_cross_entropy"
        assert panel.scheme.currentData() == "xavier_normal"
        assert panel.seed.value == 7
        assert panel.optimizer.currentData() == "sgd"
        assert panel.rate.value == 0.1
        assert panel.momentum.value == 0.5
        assert panel.decay.value == 0.01
        assert panel.regularization.currentData() == "none"
        assert panel.batch_size.edit.text() == "10"
        assert panel.rate.edit.text() == "0.1"

    def test_the_data_are_described(self, panel: SetupPanel) -> None:
        said = words(panel)
        assert "10 training · 0 test examples" in said
        assert "Ten points." in said
        assert any("sigmoid" in text and "disc" in text for text in said), "why this output"

    def test_only_what_the_optimizer_has_is_offered(self, panel: SetupPanel) -> None:
        for name, kind in OPTIMIZERS.items():
            panel.show_experiment(with_(optimizer=kind()))
            assert panel.optimizer.currentData() == name
            assert panel.momentum.isHidden() == (name not in ("sgd", "rmsprop"))
            assert not panel.decay.isHidden()

    def test_noise_is_of_generated_points_only(self, panel: SetupPanel) -> None:
        for name in BUILTIN_NAMES:
            panel.show_experiment(with_(data=Builtin(name)))
            toy = name in ("circles", "xor", "blobs", "spiral", "moons")
            assert panel.noise.isHidden() != toy
            assert [n for n in BUILTIN_NAMES if panel.tiles.tile(n).isChecked()] == [name]
        panel.show_experiment(with_(data=Inline(((0.0, 1.0),), ((1.0,),))))
        assert panel.noise.isHidden()
        assert not any(panel.tiles.tile(n).isChecked() for n in BUILTIN_NAMES)

    def test_written_weights_are_called_so_and_nothing_else_is(self, panel: SetupPanel) -> None:
        panel.show_experiment(with_(network__initial=WRITTEN))
        assert panel.scheme.currentText() == "as written"
        panel.show_experiment(BASE)
        assert panel.scheme.currentText() == "Xavier normal"
        assert panel.scheme.findText("as written") == -1

    def test_the_rate_of_a_penalty_is_shown_with_it(self, panel: SetupPanel) -> None:
        assert panel.penalty.isHidden()
        panel.show_experiment(with_(regularization=Regularization("l2", 0.02)))
        assert not panel.penalty.isHidden()
        assert panel.penalty.value == 0.02


class TestAsked:
    """Each control asks for the experiment shown with its own part changed, once."""

    def test_a_tile(self, panel: SetupPanel, asked: list[Any], qtbot: QtBot) -> None:
        qtbot.mouseClick(panel.tiles.tile("moons"), LEFT)
        assert asked == [("data", "moons")]

    def test_own_data(self, panel: SetupPanel, asked: list[Any], qtbot: QtBot) -> None:
        assert isinstance(panel.own_data, QPushButton)
        qtbot.mouseClick(panel.own_data, LEFT)
        assert asked == ["open data"]

    @pytest.mark.parametrize(
        ("field", "text", "expected"),
        [
            ("batch_size", "25", with_(mini_batch__size=25)),
            ("noise", "0.33", with_(data__noise=0.33)),
            ("rate", "0.025", with_(optimizer__learning_rate=0.025)),
            ("momentum", "0.9", with_(optimizer__momentum=0.9)),
            ("decay", "0.003", with_(optimizer__weight_decay=0.003)),
        ],
    )
    def test_a_number_typed(
        self,
        panel: SetupPanel,
        asked: list[Any],
        qtbot: QtBot,
        field: str,
        text: str,
        expected: Experiment,
    ) -> None:
        enter(qtbot, getattr(panel, field).edit, text)
        assert asked == [expected]

    @pytest.mark.parametrize(
        ("field", "part"),
        [
            ("batch_size", lambda e: e.mini_batch.size),
            ("noise", lambda e: e.data.noise),
            ("rate", lambda e: e.optimizer.learning_rate),
            ("momentum", lambda e: e.optimizer.momentum),
            ("decay", lambda e: e.optimizer.weight_decay),
        ],
    )
    def test_a_slider(
        self, panel: SetupPanel, asked: list[Any], field: str, part: Callable[[Experiment], float]
    ) -> None:
        """One place further is more."""
        slider = getattr(panel, field).slider
        slider.setValue(slider.value() + 1)
        assert len(asked) == 1
        assert part(asked[0]) > part(BASE)
        shown = getattr(panel, field)
        assert part(asked[0]) == shown.value

    def test_the_layers(self, panel: SetupPanel, asked: list[Any], qtbot: QtBot) -> None:
        qtbot.mouseClick(panel.layers.add, LEFT)
        layers = (Layer(3, "tanh"), Layer(3, "tanh"), Layer(1, "sigmoid"))
        assert asked == [with_(network__layers=layers)]

    def test_other_layers_give_up_written_weights(
        self, panel: SetupPanel, asked: list[Any], qtbot: QtBot
    ) -> None:
        frozen = with_(network__initial=WRITTEN, network__frozen=("weight2",))
        panel.show_experiment(frozen)
        qtbot.mouseClick(panel.layers.add, LEFT)
        assert not asked[0].network.initial.explicit
        assert asked[0].network.frozen == ()

    def test_the_cost(self, panel: SetupPanel, asked: list[Any]) -> None:
        choose(panel.loss, "squared_error")
        assert asked == [with_(loss="squared_error")]

    def test_a_cost_that_needs_other_outputs_brings_them(
        self, panel: SetupPanel, asked: list[Any]
    ) -> None:
        """Softmax says two classes with two outputs."""
        choose(panel.loss, "cross_entropy")
        assert asked[0].loss == "cross_entropy"
        assert asked[0].network.layers == (Layer(3, "tanh"), Layer(2, "softmax"))

    @pytest.mark.parametrize("loss", LOSSES)
    def test_every_cost_can_be_chosen_from_every_other(
        self, panel: SetupPanel, asked: list[Any], loss: str
    ) -> None:
        choose(panel.loss, loss)
        experiment = asked[0] if asked else BASE
        for other in LOSSES:
            panel.show_experiment(experiment)
            asked.clear()
            choose(panel.loss, other)
            assert [e.loss for e in asked] == ([other] if other != loss else [])

    def test_the_scheme_and_the_seed(
        self, panel: SetupPanel, asked: list[Any], qtbot: QtBot
    ) -> None:
        choose(panel.scheme, "zeros")
        assert asked == [with_(network__initial=Initial("zeros", 7))]
        asked.clear()
        panel.show_experiment(BASE)
        qtbot.mouseClick(panel.seed.more, LEFT)
        assert asked == [with_(network__initial=Initial("xavier_normal", 8))]

    def test_another_optimizer_comes_with_its_own_settings(
        self, panel: SetupPanel, asked: list[Any]
    ) -> None:
        choose(panel.optimizer, "adam")
        assert asked == [with_(optimizer=Adam())]

    @pytest.mark.parametrize("kind", ["l1", "l2"])
    def test_regularization(self, panel: SetupPanel, asked: list[Any], kind: Any) -> None:
        """With a rate that does something; and none has none."""
        choose(panel.regularization, kind)
        assert asked[0].regularization.kind == kind
        assert 0 < asked[0].regularization.rate < 1
        panel.show_experiment(asked[0])
        asked.clear()
        choose(panel.regularization, "none")
        assert asked == [BASE]

    def test_the_rate_of_the_penalty(
        self, panel: SetupPanel, asked: list[Any], qtbot: QtBot
    ) -> None:
        panel.show_experiment(with_(regularization=Regularization("l2", 0.02)))
        enter(qtbot, panel.penalty.edit, "0.3")
        assert asked == [with_(regularization=Regularization("l2", 0.3))]

    def test_an_update_to_stop_after(
        self, panel: SetupPanel, asked: list[Any], qtbot: QtBot
    ) -> None:
        enter(qtbot, panel.stop.edit, "500")
        assert asked == [("stop", 500)]

    @pytest.mark.parametrize("box", ["loss", "scheme", "optimizer", "regularization"])
    def test_the_same_again_asks_for_nothing(
        self, panel: SetupPanel, asked: list[Any], box: str
    ) -> None:
        chosen = getattr(panel, box)
        choose(chosen, chosen.currentData())
        assert asked == []

    def test_one_change_upon_another(
        self, panel: SetupPanel, asked: list[Any], qtbot: QtBot
    ) -> None:
        """The second starts from what is shown, not from what was asked for."""
        enter(qtbot, panel.rate.edit, "0.2")
        enter(qtbot, panel.batch_size.edit, "5")
        assert asked[1] == with_(mini_batch__size=5)
        panel.show_experiment(asked[0])
        enter(qtbot, panel.batch_size.edit, "4")
        assert asked[2] == with_(optimizer__learning_rate=0.2, mini_batch__size=4)

    def test_without_an_experiment_nothing_is_asked_for(
        self, sized: Callable[[QWidget, int, int], None], qtbot: QtBot
    ) -> None:
        empty = SetupPanel()
        sized(empty, 270, 900)
        with qtbot.assertNotEmitted(empty.experiment_requested):
            enter(qtbot, empty.rate.edit, "0.2")
            choose(empty.optimizer, "adam")
            choose(empty.scheme, "zeros")
            choose(empty.regularization, "l2")
            choose(empty.loss, "squared_error")


class TestRules:
    """What is asked for is an experiment that a file could hold."""

    @pytest.mark.qt_log_ignore("does not support raise")  # of a tip, by the platform
    @pytest.mark.parametrize("text", ["0", "2.5"])
    def test_a_mini_batch_is_of_whole_examples(
        self, panel: SetupPanel, asked: list[Any], qtbot: QtBot, text: str
    ) -> None:
        enter(qtbot, panel.batch_size.edit, text)
        assert asked == []

    def test_momentum_can_be_taken_away_from_nesterov(
        self, panel: SetupPanel, asked: list[Any]
    ) -> None:
        panel.show_experiment(with_(optimizer=Sgd(0.1, momentum=0.9, nesterov=True)))
        panel.momentum.slider.setValue(0)
        assert asked[0].optimizer.momentum == 0.0
        assert not asked[0].optimizer.nesterov

    def test_another_scheme_keeps_a_long_seed(self, panel: SetupPanel, asked: list[Any]) -> None:
        panel.show_experiment(with_(network__initial=Initial("xavier_normal", 123_456_789)))
        choose(panel.scheme, "zeros")
        assert asked[0].network.initial == Initial("zeros", 123_456_789)

    def test_written_weights_have_no_seed_to_choose(
        self, panel: SetupPanel, asked: list[Any], qtbot: QtBot
    ) -> None:
        panel.show_experiment(with_(network__initial=WRITTEN))
        qtbot.mouseClick(panel.seed.more, LEFT)
        assert asked or panel.seed.value == 0


def test_everything_fits_into_the_width_of_the_panel(panel: SetupPanel) -> None:
    QApplication.processEvents()
    content = panel.widget()
    assert content.width() <= panel.viewport().width()
    for child in content.findChildren(QWidget):
        if child.isVisible():
            right = child.mapTo(content, child.rect().topRight()).x()
            assert right <= panel.viewport().width(), child


def test_another_theme_changes_the_tiles(panel: SetupPanel, pixels: Any) -> None:
    panel.set_theme(DARK)
    dark = pixels(panel)
    panel.set_theme(LIGHT)
    assert (pixels(panel) != dark).any()
