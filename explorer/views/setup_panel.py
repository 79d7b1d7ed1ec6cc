"""The setup panel: data, network and learning, edited in place."""

from __future__ import annotations

from typing import Any, cast

import msgspec
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QPushButton,
    QWidget,
)

from explorer.core.data.dataset import Dataset
from explorer.core.defaults import reason, with_loss
from explorer.core.experiment import (
    LOSSES,
    OPTIMIZERS,
    TOY_SETS,
    Builtin,
    Experiment,
    Layer,
    Loss,
    Scheme,
)
from explorer.views.column import ScrollColumn
from explorer.views.data_tiles import DataTiles
from explorer.views.fields import Stepper, ValueSlider
from explorer.views.labels import heading, labelled, small
from explorer.views.layers_editor import LayersEditor
from explorer.views.palette import Theme

_RATES = [s * 10.0**e for e in range(-4, 1) for s in (1, 2, 3, 5, 7)] + [10.0]
_DECAYS = [0.0] + [s * 10.0**e for e in range(-5, 0) for s in (1, 2, 5)]
_SIZES = [1, 2, 4, 5, 8, 10, 16, 20, 24, 32, 48, 64, 96, 128, 192, 256, 512, 1024]
_MOST_SEED = 999_999_999
_SCHEMES: dict[Scheme, str] = {
    "xavier_uniform": "Xavier uniform",
    "xavier_normal": "Xavier normal",
    "kaiming_uniform": "Kaiming uniform",
    "kaiming_normal": "Kaiming normal",
    "normal": "normal",
    "zeros": "zeros",
    "torch_default": "PyTorch default",
}


class SetupPanel(ScrollColumn):
    """Shows the experiment; asks for a changed one with ``experiment_requested``.

    ``data_requested`` names a built-in set, ``open_data_requested`` asks for the user's own,
    ``stop_requested`` for an update to stop after (0 for never).
    """

    experiment_requested = Signal(object)  # Experiment
    data_requested = Signal(str)
    open_data_requested = Signal()
    stop_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._experiment: Experiment | None = None
        self._dataset: Dataset | None = None
        self.tiles = DataTiles()
        self._examples = small()
        self._about = small()
        self.batch_size = ValueSlider(
            "Mini-batch",
            _SIZES,
            least=1,
            most=100_000,
            tip="Examples per mini-batch",
            whole=True,
        )
        self.noise = ValueSlider(
            "Noise",
            [n / 20 for n in range(11)],
            most=1.0,
            tip="Noise in the generated points; a change restarts",
            while_dragging=False,
        )
        self.own_data = QPushButton("Open your own data…")
        self.layers = LayersEditor()
        self.loss = QComboBox()
        self._why = small()
        self.scheme = QComboBox()
        self.seed = Stepper(0, _MOST_SEED, name="Seed of the initial weights", width=78)
        self.optimizer = QComboBox()
        self.rate = ValueSlider(
            "Learning rate", _RATES, most=1000.0, tip="η: how far each update goes"
        )
        self.momentum = ValueSlider(
            "Momentum",
            [n / 20 for n in range(20)] + [0.99],
            most=10.0,
            tip="How much of the last step is carried over",
        )
        self.decay = ValueSlider(
            "Weight decay", _DECAYS, most=10.0, tip="How fast weights shrink by themselves"
        )
        self.regularization = QComboBox()
        self.penalty = ValueSlider(
            "Penalty rate",
            _DECAYS,
            most=10.0,
            tip="How much the penalty on large weights counts; a change restarts",
            while_dragging=False,
        )
        self.stop = Stepper(0, 10_000_000, name="Stop after update (0: never)", width=78)
        self._fill_boxes()
        for kind, title in (("none", "none"), ("l2", "L2"), ("l1", "L1")):
            self.regularization.addItem(title, kind)
        for box in (self.loss, self.scheme, self.optimizer, self.regularization):
            box.setMinimumWidth(110)
        self._build()
        self._connect()

    def _fill_boxes(self) -> None:
        for loss in LOSSES:
            self.loss.addItem(loss.replace("_", " "), loss)
        for scheme, title in _SCHEMES.items():
            self.scheme.addItem(title, scheme)
        for name, kind in OPTIMIZERS.items():
            self.optimizer.addItem(kind.title, name)

    def _build(self) -> None:
        column = self.column
        column.addWidget(heading("DATA"))
        column.addWidget(self.tiles)
        column.addWidget(self._examples)
        column.addWidget(self._about)
        column.addWidget(self.batch_size)
        column.addWidget(self.noise)
        column.addWidget(self.own_data, 0, Qt.AlignmentFlag.AlignLeft)
        column.addSpacing(6)
        column.addWidget(heading("NETWORK"))
        column.addWidget(self.layers)
        column.addLayout(labelled("Cost", self.loss))
        column.addWidget(self._why)
        column.addLayout(labelled("Initial weights", self.scheme))
        column.addLayout(labelled("Seed", self.seed))
        column.addSpacing(6)
        column.addWidget(heading("LEARNING"))
        column.addLayout(labelled("Optimizer", self.optimizer))
        column.addWidget(self.rate)
        column.addWidget(self.momentum)
        column.addWidget(self.decay)
        column.addLayout(labelled("Regularization", self.regularization))
        column.addWidget(self.penalty)
        column.addLayout(labelled("Stop after", self.stop))
        column.addStretch(1)

    def _connect(self) -> None:
        self.tiles.data_requested.connect(self.data_requested)
        self.own_data.clicked.connect(self.open_data_requested)
        self.batch_size.value_changed.connect(
            lambda n: self._change_part("mini_batch", size=round(n))
        )
        self.noise.value_changed.connect(lambda noise: self._change_part("data", noise=noise))
        self.layers.layers_requested.connect(self._change_layers)
        self.loss.activated.connect(self._change_loss)
        self.scheme.activated.connect(self._change_initial)
        self.seed.value_changed.connect(self._change_initial)
        self.optimizer.activated.connect(self._change_optimizer)
        self.momentum.value_changed.connect(self._change_momentum)
        for field, key in ((self.rate, "learning_rate"), (self.decay, "weight_decay")):
            field.value_changed.connect(
                lambda value, key=key: self._change_part("optimizer", **{key: value})
            )
        self.regularization.activated.connect(self._change_regularization)
        self.penalty.value_changed.connect(
            lambda rate: self._change_part("regularization", rate=rate)
        )
        self.stop.value_changed.connect(self.stop_requested)

    def show_experiment(self, experiment: Experiment, dataset: Dataset | None = None) -> None:
        """Show an experiment, and the data set it runs on."""
        self._experiment = experiment
        self._dataset = dataset or self._dataset
        data, optimizer = experiment.data, experiment.optimizer
        self.tiles.mark(data.name if isinstance(data, Builtin) else None)
        toy = isinstance(data, Builtin) and data.name in TOY_SETS
        self.noise.setVisible(toy)
        if isinstance(data, Builtin):
            self.noise.set_value(data.noise)
        self.batch_size.set_value(experiment.mini_batch.size)
        self.layers.show_layers(experiment, self._dataset)
        if self._dataset is not None:
            self._show_dataset(experiment, self._dataset)
        self.loss.setCurrentIndex(self.loss.findData(experiment.loss))
        initial = experiment.network.initial
        with QSignalBlocker(self.scheme):
            explicit = self.scheme.findText("as written")
            if initial.explicit and explicit < 0:
                self.scheme.addItem("as written", None)
            elif not initial.explicit and explicit >= 0:
                self.scheme.removeItem(explicit)
            index = self.scheme.findData(None if initial.explicit else initial.scheme)
            self.scheme.setCurrentIndex(index)
        self.seed.set_value(min(initial.seed, _MOST_SEED))
        self.seed.setEnabled(not initial.explicit)
        tag = str(type(optimizer).__struct_config__.tag)
        self.optimizer.setCurrentIndex(self.optimizer.findData(tag))
        self.rate.set_value(optimizer.learning_rate)
        for field, key in ((self.momentum, "momentum"), (self.decay, "weight_decay")):
            field.setVisible(hasattr(optimizer, key))
            field.set_value(getattr(optimizer, key, 0.0))

        kind = experiment.regularization.kind
        self.regularization.setCurrentIndex(self.regularization.findData(kind))
        self.penalty.setVisible(kind != "none")
        self.penalty.set_value(experiment.regularization.rate)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme's colours."""
        self.tiles.set_theme(theme)

    def _show_dataset(self, experiment: Experiment, dataset: Dataset) -> None:
        train, test = len(dataset.train), len(dataset.test)
        self._examples.setText(f"{train:,} training · {test:,} test examples")
        self._about.setText(dataset.about)
        classes = dataset.train.classes is not None
        self._why.setText(reason(experiment, dataset.labels, classes=classes))

    def _change_part(self, part: str, **changes: Any) -> None:
        if self._experiment is not None:
            changed = msgspec.structs.replace(getattr(self._experiment, part), **changes)
            self._ask(**{part: changed})

    def _change_layers(self, layers: tuple[Layer, ...]) -> None:
        if self._experiment is not None:
            network = self._experiment.network
            initial = network.initial
            if initial.explicit:  # written numbers fit only the network they were written for
                initial = type(initial)()
            self._ask(
                network=msgspec.structs.replace(network, layers=layers, initial=initial, frozen=())
            )

    def _change_loss(self) -> None:
        loss = cast("Loss", self.loss.currentData())
        if self._experiment is None or self._dataset is None or loss == self._experiment.loss:
            return
        n_classes = self._dataset.n_classes
        self.experiment_requested.emit(with_loss(self._experiment, loss, n_classes))

    def _change_initial(self) -> None:
        if self._experiment is None:
            return
        network = self._experiment.network
        scheme = self.scheme.currentData()
        if scheme is None:
            return
        seed = self.seed.value
        if seed == min(network.initial.seed, _MOST_SEED):  # a longer one from a file stays
            seed = network.initial.seed
        initial = type(network.initial)(scheme=scheme, seed=seed)
        if initial != network.initial:
            self._ask(network=msgspec.structs.replace(network, initial=initial))

    def _change_momentum(self, momentum: float) -> None:
        changes: dict[str, Any] = {"momentum": momentum}
        optimizer = self._experiment.optimizer if self._experiment is not None else None
        if momentum == 0 and getattr(optimizer, "nesterov", False):
            changes["nesterov"] = False  # there is nothing to look ahead along
        self._change_part("optimizer", **changes)

    def _change_optimizer(self) -> None:
        kind = OPTIMIZERS[self.optimizer.currentData()]
        if self._experiment is not None and not isinstance(self._experiment.optimizer, kind):
            self._ask(optimizer=kind())

    def _change_regularization(self) -> None:
        if self._experiment is None:
            return
        kind, before = self.regularization.currentData(), self._experiment.regularization
        rate = 0.0 if kind == "none" else before.rate or 1e-3
        self._change_part("regularization", kind=kind, rate=rate)

    def _ask(self, **parts: Any) -> None:
        assert self._experiment is not None
        changed = msgspec.structs.replace(self._experiment, **parts)
        if changed != self._experiment:
            self.experiment_requested.emit(changed)
