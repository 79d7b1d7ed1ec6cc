"""The window: builds views and session, and holds every connection between them."""

from __future__ import annotations

from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QCloseEvent, QGuiApplication, QIcon, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QGridLayout,
    QLineEdit,
    QMainWindow,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from explorer.app.actions import Actions
from explorer.app.arrangement import PANELS, Arrangement, centre_column
from explorer.app.camera import Camera
from explorer.app.experiments import Experiments
from explorer.app.files import Files
from explorer.app.preferences import Preferences
from explorer.app.showing import Showing
from explorer.app.transport import Transport
from explorer.app.undo import UndoStack
from explorer.core.beats import GRANULARITIES, Granularity
from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron, Selectable
from explorer.core.shipped import asset
from explorer.session.run import Opened
from explorer.session.session import Session
from explorer.views.batch_strip import BatchStrip
from explorer.views.beat_ribbon import BeatRibbon
from explorer.views.code_view import CodeView
from explorer.views.cost_plot import CostPlot
from explorer.views.inspector import Inspector
from explorer.views.landscape import Landscape
from explorer.views.loading import LoadingCard
from explorer.views.network.network_view import NetworkView
from explorer.views.notice import Notice
from explorer.views.palette import THEMES, ThemeName
from explorer.views.sample_view import SampleView
from explorer.views.sections import neuron_of
from explorer.views.sentence import Sentence
from explorer.views.setup_panel import SetupPanel
from explorer.views.theme import apply_theme

if TYPE_CHECKING:
    from explorer.app.inquiry import Inquiry
    from explorer.app.large_views import LargeViews
    from explorer.views.large_view import LargeView

_NEEDING_A_RUN = (
    "play",
    "step",
    "reset",
    "go_to",
    "next_example",
    "previous_example",
    "speeds",
    "microscope",
    "wishes",
    "worksheet",
    "landscape",
)
_LEAST = (1260, 640)  # points; in less, titles and buttons would be cut


class MainWindow(QMainWindow):
    """One window on one session."""

    def __init__(self, preferences: Preferences | None = None) -> None:
        super().__init__()
        self.setWindowTitle("Backprop Explorer")
        self.setWindowIcon(QIcon(str(asset("icons/explorer.svg"))))
        self.setMinimumSize(*_LEAST)
        self._preferences = preferences
        self._selected: Selectable | None = None
        self._units: tuple[int, ...] = ()  # of each layer, from the inputs on
        self._device = ""
        self.session = Session(self)
        self.actions_ = Actions(self)
        self.transport = Transport(self.actions_)
        self.setup = SetupPanel()
        self.ribbon = BeatRibbon()
        self.sentence = Sentence()
        self.strip = BatchStrip()
        self.network = NetworkView()
        self.notice = Notice()
        self.loading = LoadingCard()
        self.inspector = Inspector()
        self.plot = CostPlot()
        self.example = SampleView()
        self.landscape = Landscape()
        self.code = CodeView()
        self.sample = QTabWidget()
        self.sample.setDocumentMode(True)
        for view, title in (
            (self.example, "Example"),
            (self.landscape, "Landscape"),
            (self.code, "PyTorch"),
        ):
            self.sample.addTab(view, title)
        self.undo = UndoStack(self.session)
        self.files = Files(self, preferences, self.actions_.recent)
        self.experiments = Experiments(self.session, self.setup, self.files, self.undo)
        self.camera = Camera(self, self.network)
        self._arrange()
        self._connect_actions()
        self._connect_requests()
        self._connect_facts()
        self.set_theme(preferences.theme if preferences else "dark")
        self._restore_arrangement()
        self.actions_["faces"].setChecked(preferences is not None and preferences.faces)
        self._update_actions()
        self.actions_["undo"].setEnabled(False)
        self.actions_["redo"].setEnabled(False)
        self.network.setFocus()
        app = QApplication.instance()
        assert app is not None
        app.installEventFilter(self)

    # What is not seen at first ---------------------------------------------------------------

    def furnish(self) -> None:
        """Build what the first picture of the window can do without, and a run cannot."""
        _ = self.inquiry, self.code.listing

    @cached_property
    def large(self) -> LargeViews:
        """The views that take the drawing's place."""
        from explorer.app.large_views import LargeViews

        large = LargeViews(self.network)
        large.add_to(self._stack)
        for card in (self.notice, self.loading):
            card.raise_()
        for view in (large.microscope, large.wishes):
            view.part_requested.connect(self.select)
            view.part_pointed.connect(self.inspector.point_at)
        self.inspector.part_pointed.connect(large.wishes.point_at)
        large.wishes.example_requested.connect(self.session.focus_example)
        large.microscope.edit_requested.connect(self.session.edit)
        large.opened.connect(self._arrangement.lend_room)
        large.worksheet.copied.connect(self._copy_text)
        large.set_theme(self._theme)
        return large

    @cached_property
    def inquiry(self) -> Inquiry:
        """What is asked of the worker by itself."""
        from explorer.app.inquiry import Inquiry

        landscapes = (self.landscape, self.large.landscape.landscape)
        inquiry = Inquiry(self.session, landscapes, self.large.microscope)
        inquiry.compared.connect(self.inspector.show_comparison)
        return inquiry

    # Arrangement -----------------------------------------------------------------------------

    def _arrange(self) -> None:
        drawing, column = centre_column(self.ribbon, self.sentence, self.strip)
        self._stack = QGridLayout()
        self._stack.addWidget(self.network, 0, 0)
        self._stack.addWidget(self.notice, 0, 0, Qt.AlignmentFlag.AlignBottom)
        self._stack.addWidget(self.loading, 0, 0, Qt.AlignmentFlag.AlignCenter)
        column.addLayout(self._stack, 1)
        panels: dict[str, QWidget] = {name: getattr(self, name) for name in PANELS}
        self._arrangement = Arrangement(panels, drawing)
        whole = QWidget()
        rows = QVBoxLayout(whole)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.transport)
        rows.addWidget(self._arrangement, 1)
        self.setCentralWidget(whole)

    def spread(self) -> None:
        """Give every panel the share of the window that suits its size."""
        self._arrangement.spread(self.size())

    def _restore_arrangement(self) -> None:
        screen = QGuiApplication.primaryScreen().availableGeometry()
        room = (screen.width(), screen.height() - 44)  # less the frame and its title
        self.resize(max(min(1600, room[0]), _LEAST[0]), max(min(1000, room[1]), _LEAST[1]))
        self._restore_panels()
        if self._preferences is not None:
            geometry = self._preferences.state("geometry")
            if geometry is not None:
                self.restoreGeometry(geometry)
            self._arrangement.restore(self._preferences)

    # Connections -----------------------------------------------------------------------------

    def _connect_actions(self) -> None:
        actions, session = self.actions_, self.session
        for name, slot in (
            ("open", self.files.ask_open),
            ("open_data", self.files.ask_open_data),
            ("exercise", self._ask_exercise),
            ("undo", self.undo.undo),
            ("redo", self.undo.redo),
            ("microscope", lambda: self._open_large(self.large.microscope)),
            ("wishes", lambda: self._open_large(self.large.wishes)),
            ("worksheet", lambda: self._open_large(self.large.worksheet)),
            ("landscape", lambda: self._open_large(self.large.landscape)),
            ("code", lambda: self._show_tab(self.code)),
            ("save", self.experiments.ask_save),
            ("screenshot", self.camera.ask),
            ("quit", self.close),
            ("copy_network", lambda: self.camera.copy("network")),
            ("copy_window", lambda: self.camera.copy("window")),
            ("restore_panels", self._restore_panels),
            ("fit", self.network.fit),
            ("zoom_in", lambda: self.network.zoom(1.25)),
            ("zoom_out", lambda: self.network.zoom(0.8)),
            ("play", session.toggle),
            ("reset", session.reset),
            ("step", lambda: session.step(self.granularity)),
            ("back", lambda: session.back(self.granularity)),
            ("go_to", self._ask_update),
            ("next_example", lambda: self._focus_by(1)),
            ("previous_example", lambda: self._focus_by(-1)),
            ("faster", lambda: self._change_speed(1)),
            ("slower", lambda: self._change_speed(-1)),
            ("speeds", self._compare_devices),
            ("shortcuts", self._show_shortcuts),
            ("about", self._show_about),
        ):
            actions[name].triggered.connect(slot)
        for name in PANELS:
            actions[f"show_{name}"].toggled.connect(
                lambda shown, name=name: self._arrangement.show_panel(name, shown=shown)
            )
        actions["animate"].toggled.connect(self.set_animated)
        actions["animate"].setChecked(self._preferences.animate if self._preferences else True)
        actions["log"].toggled.connect(self.plot.set_log)
        actions["log_updates"].toggled.connect(self.plot.set_log_updates)
        actions["accuracy"].toggled.connect(self.plot.set_accuracy)
        self.plot.log_changed.connect(actions["log"].setChecked)
        self.plot.log_updates_changed.connect(actions["log_updates"].setChecked)
        self.plot.accuracy_changed.connect(actions["accuracy"].setChecked)
        actions["faces"].toggled.connect(self._show_faces)
        actions["light"].toggled.connect(lambda on: self.set_theme("light" if on else "dark"))
        actions["beat"].setChecked(True)

    def _connect_requests(self) -> None:
        session = self.session
        self.ribbon.beat_requested.connect(session.show_beat)
        self.strip.example_requested.connect(session.focus_example)
        self.example.example_requested.connect(session.focus_example)
        self.sample.currentChanged.connect(lambda: self.inquiry.ask_for_landscape())
        self.inspector.example_requested.connect(session.focus_example)
        self.network.selection_requested.connect(self.select)
        self.inspector.selection_requested.connect(self.select)
        self.inspector.part_pointed.connect(self.network.point_at)
        self.network.part_pointed.connect(self.inspector.point_at)
        self.network.enlargement_requested.connect(self._enlarge)
        self.inspector.table_enlarged.connect(self.actions_["wishes"].trigger)
        self.inspector.edit_requested.connect(session.edit)
        self.plot.rewind.dragged.connect(session.look_back)
        self.plot.rewind.released.connect(session.rewind_to)
        self.plot.rewind.dropped.connect(session.look_back_no_more)
        self.transport.speed_chosen.connect(session.set_speed)
        self.setup.open_data_requested.connect(self.files.ask_open_data)
        self.setup.stop_requested.connect(session.stop_after)

    def _connect_facts(self) -> None:
        session = self.session
        session.loading.connect(self.loading.show_stage)
        session.restarted.connect(self._on_restarted)
        panels = (self._show_head, self._show_inspector, self._show_rest)
        self._showing = Showing(
            session,
            self,
            self._show_picture,
            self.network,
            panels,
            self._show_costs,
            self.plot,
        )
        session.playing_changed.connect(self._on_playing)
        session.failed.connect(self._on_failed)
        stack = self.undo.stack
        for name, can, what in (
            ("undo", stack.canUndoChanged, stack.undoTextChanged),
            ("redo", stack.canRedoChanged, stack.redoTextChanged),
        ):
            action = self.actions_[name]
            can.connect(action.setEnabled)
            what.connect(partial(_say_what_it_acts_on, action, action.text()))
        self.camera.taking.connect(self.finish)
        for done in (self.files.saved, self.camera.taken):
            done.connect(lambda text: self.notice.tell(text, "note"))
        for failed in (self.files.failed, self.camera.failed, self.experiments.refused):
            failed.connect(self.notice.tell)

    # Facts --------------------------------------------------------------------------------

    def _on_restarted(self, opened: Opened) -> None:
        self.furnish()
        self.large.close_all()
        self._device = opened.device
        self.network.restart()
        self.network.clear()
        for view in (
            self.ribbon,
            self.strip,
            self.example,
            self.code,
            self.inspector,
            self.transport,
            self.large,
        ):
            view.clear()
        self._select_again(opened)
        self.transport.show_device(opened.device)
        self.setup.show_experiment(opened.experiment, opened.dataset)
        title = opened.experiment.title or opened.dataset.name
        self.setWindowTitle(f"{title} – Backprop Explorer")
        if note := self.experiments.begun(opened):
            self.notice.tell(note, "note")
        else:
            self.notice.hide()

    def _select_again(self, opened: Opened) -> None:
        """Keep the selection where the network has the same neurons as the one before."""
        inputs = opened.dataset.train.inputs.shape[1]
        units = (inputs, *(layer.units for layer in opened.experiment.network.layers))
        if units != self._units:
            self._units, self._selected = units, None
        self.inspector.select(self._selected)
        self.example.select(self._selected)
        self._look_inside()

    def _show_picture(self, moment: Moment) -> None:
        if not moment.past and moment.trace.update != self.plot.rewind.update_shown:
            self.plot.rewind.drop()  # as the run has gone elsewhere
        total = moment.trace.total_cost_after if moment.past else None
        self.plot.show_past(None if total is None else (moment.trace.update, total))
        self.network.select(self._selected or neuron_of(moment, None))
        self.network.show_moment(moment)
        self.example.show_moment(moment)

    def _show_head(self, moment: Moment) -> None:
        self.ribbon.show_moment(moment)
        self.sentence.show_moment(moment)
        self.strip.show_moment(moment)
        self.transport.show_moment(moment)
        self._update_actions()

    def _show_inspector(self, moment: Moment) -> None:
        self.inspector.show_moment(moment)

    def _show_rest(self, moment: Moment) -> None:
        self.code.show_moment(moment)
        self.large.show_moment(moment, self._selected)

    def _show_costs(self) -> None:
        moment = self.session.moment
        known = moment.costs_known if moment and not moment.past else None
        self.plot.show_costs(self.session.costs, known)

    def _on_playing(self, playing: bool) -> None:
        self.transport.set_playing(playing)
        self.plot.rewind.setEnabled(not playing)
        self._show_costs()
        self._update_actions()

    def _on_failed(self, message: str) -> None:
        self.notice.tell(message)
        self._update_actions()

    def _update_actions(self) -> None:
        ready = self.session.moment is not None
        for name in _NEEDING_A_RUN:
            self.actions_[name].setEnabled(ready)
        self.actions_["back"].setEnabled(ready and not self.session.at_start)

    # Commands ----------------------------------------------------------------------------

    @property
    def granularity(self) -> Granularity:
        """What one Step is."""
        return next(name for name in GRANULARITIES if self.actions_[name].isChecked())

    def select(self, part: Selectable | None) -> None:
        """Select a part of the network; None lets the selection follow the label again."""
        self._selected = part
        moment = self.session.moment
        subject = part
        if part is None and moment is not None:
            subject = neuron_of(moment, None)
        self.network.select(subject)
        self.inspector.select(part)
        self.example.select(part)
        self._look_inside()
        if moment is not None:
            self.large.show_moment(moment, part)

    def _show_faces(self, shown: bool) -> None:
        self.network.set_faces(shown)
        if self._preferences is not None:
            self._preferences.faces = shown
        self._look_inside()

    def _look_inside(self) -> None:
        """Have what hidden neurons say recorded as long as it is shown somewhere."""
        part = self._selected
        selected = isinstance(part, Neuron) and 0 < part.layer < len(self._units) - 1
        self.session.look_inside(selected or self.actions_["faces"].isChecked())

    def _enlarge(self, part: Selectable) -> None:
        self.select(part)
        if self.large.shown is not self.large.microscope:
            self._open_large(self.large.microscope)

    def _open_large(self, view: LargeView) -> None:
        moment = self.session.moment
        if moment is not None:
            self.large.open(view, moment, self._selected)
            self.inquiry.ask_for_landscape()

    def _show_tab(self, view: QWidget) -> None:
        self.actions_["show_sample"].setChecked(True)
        self.sample.setCurrentWidget(view)

    def _copy_text(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.notice.tell("The worksheet is on the clipboard as text.", "note")

    def _compare_devices(self) -> None:
        from explorer.app.speeds import SpeedsDialog

        SpeedsDialog(self.session, self._theme, self).exec()

    def _ask_update(self) -> None:
        from explorer.app.go_to import GoToDialog

        GoToDialog(self.session, self.plot.rewind, self).exec()

    def _show_shortcuts(self) -> None:
        from explorer.app.dialogs import ShortcutsDialog

        ShortcutsDialog(self).exec()

    def _show_about(self) -> None:
        from explorer.app.dialogs import show_about

        show_about(self, self._device)

    def _ask_exercise(self) -> None:
        from explorer.app.exercise import ask_exercise

        experiment = ask_exercise(self)
        if experiment is not None:
            self.experiments.open(experiment, Path())
            self.select(None)

    def set_theme(self, name: ThemeName) -> None:
        """Dress the whole window in a theme."""
        self._theme = theme = THEMES[name]
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply_theme(app, theme)
        for view in (
            self.transport,
            self.setup,
            self.sentence,
            self.strip,
            self.network,
            self.inspector,
            self.plot,
            self.example,
            self.landscape,
            self.code,
        ):
            view.set_theme(theme)
        if "large" in self.__dict__:
            self.large.set_theme(theme)
        moment = self.session.moment
        if moment is not None:
            self.transport.show_moment(moment)
        self.actions_["light"].setChecked(name == "light")
        if self._preferences is not None:
            self._preferences.theme = name

    def set_animated(self, on: bool) -> None:
        """Whether waves and arrows move on a step, or stand there at once."""
        self.network.set_animated(on)
        self.inspector.set_animated(on)
        if self._preferences is not None:
            self._preferences.animate = on

    def finish(self) -> None:
        """Let everything that moves arrive at once, as for a picture."""
        self._showing.finish()
        self.network.finish()
        self.inspector.finish()

    def _focus_by(self, steps: int) -> None:
        moment = self.session.moment
        if moment is not None:
            self.session.focus_example((moment.example + steps) % moment.trace.batch_size)

    def _change_speed(self, steps: int) -> None:
        self.transport.speed.setValue(self.transport.speed.value() + steps)

    def _restore_panels(self) -> None:
        for name in PANELS:
            self.actions_[f"show_{name}"].setChecked(True)
        self.spread()

    # Keys and closing ------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let Space play and pause from anywhere, also while a number is being edited.

        A field without a validator takes words, and spaces with them.
        """
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Space
            and isinstance(watched, QLineEdit | QAbstractSpinBox)
            and not (isinstance(watched, QLineEdit) and watched.validator() is None)
            and watched.window() is self
        ):
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """An Escape that no view wanted closes what lies over the drawing, or the selection."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif "large" in self.__dict__ and self.large.shown is not None:
            self.large.close_all()
        else:
            self.select(None)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the arrangement and end the worker's thread."""
        if self._preferences is not None:
            self._preferences.remember_state("geometry", self.saveGeometry())
            self._arrangement.remember(self._preferences)
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self)
        self.hide()
        if "inquiry" in self.__dict__:
            self.inquiry.stop()
        self.session.close()
        super().closeEvent(event)


def _say_what_it_acts_on(action: QAction, verb: str, what: str) -> None:
    """Let the menu name what would be undone or done again."""
    action.setText(f"{verb} {what}".rstrip())
