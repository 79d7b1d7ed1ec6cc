"""The one table of actions, from which menus, buttons, shortcuts and their list are made."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow

Menu = Literal["File", "Edit", "View", "Run", "Help"]
MENUS: tuple[Menu, ...] = ("File", "Edit", "View", "Run", "Help")


class ActionSpec(Struct, frozen=True):
    """One thing the user can do; ``group`` makes checkable actions exclude each other."""

    id: str
    menu: Menu
    text: str
    shortcuts: tuple[str, ...]
    tip: str
    icon: str = ""
    checkable: bool = False
    group: str = ""
    separated: bool = False


ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("open", "File", "Open experiment…", ("Ctrl+O",), "Open an experiment file"),
    ActionSpec(
        "exercise", "File", "Exercise…", ("Ctrl+E",), "Type a small network and check it by hand"
    ),
    ActionSpec("open_data", "File", "Open your own data…", (), "Train on a table or on images"),
    ActionSpec(
        "save", "File", "Save experiment as…", ("Ctrl+Shift+S",), "Write the experiment to a file"
    ),
    ActionSpec(
        "screenshot",
        "File",
        "Screenshot…",
        ("Ctrl+S",),
        "Save a picture of the window or of the network, also as SVG or PDF",
        "camera",
        separated=True,
    ),
    ActionSpec("quit", "File", "Quit", ("Ctrl+Q",), "Close the window", separated=True),
    ActionSpec("undo", "Edit", "Undo", ("Ctrl+Z",), "Take the latest edit, change or rewind back"),
    ActionSpec("redo", "Edit", "Redo", ("Ctrl+Shift+Z",), "Make it again"),
    ActionSpec(
        "copy_network",
        "Edit",
        "Copy picture of the network",
        ("Ctrl+C",),
        "Put a sharp picture of the network on the clipboard",
        separated=True,
    ),
    ActionSpec(
        "copy_window",
        "Edit",
        "Copy picture of the window",
        ("Ctrl+Shift+C",),
        "Put a sharp picture of the window on the clipboard",
    ),
    ActionSpec("show_setup", "View", "Setup", ("F2",), "Show the setup panel", checkable=True),
    ActionSpec(
        "show_inspector", "View", "Inspector", ("F3",), "Show the inspector", checkable=True
    ),
    ActionSpec("show_plot", "View", "Cost plot", ("F4",), "Show the cost plot", checkable=True),
    ActionSpec(
        "show_sample", "View", "Example, landscape, code", ("F5",),
        "Show the example in focus, the cost landscape or the PyTorch code", checkable=True,
    ),
    ActionSpec(
        "microscope", "View", "Microscope", ("M",), "One neuron or weight, from sum to cost",
        separated=True,
    ),
    ActionSpec("wishes", "View", "All wishes", ("W",), "What every example asks, in a large table"),
    ActionSpec("worksheet", "View", "Worksheet", ("N",), "Every number of the update, written out"),
    ActionSpec("landscape", "View", "Cost landscape", ("L",), "A slice of the cost surface"),
    ActionSpec("code", "View", "PyTorch code", ("P",), "The training loop in PyTorch"),
    ActionSpec(
        "restore_panels", "View", "Restore all panels", ("Shift+F2",), "Show every panel again"
    ),
    ActionSpec(
        "fit", "View", "Fit the network", ("Ctrl+0",), "Show the whole network", separated=True
    ),
    ActionSpec("zoom_in", "View", "Zoom in", ("Ctrl++", "Ctrl+="), "Draw the network larger"),
    ActionSpec("zoom_out", "View", "Zoom out", ("Ctrl+-",), "Draw the network smaller"),
    ActionSpec(
        "log",
        "View",
        "Logarithmic cost",
        ("Ctrl+L",),
        "Logarithmic cost axis",
        checkable=True,
        separated=True,
    ),
    ActionSpec(
        "log_updates",
        "View",
        "Logarithmic updates",
        ("Ctrl+Shift+L",),
        "Logarithmic axis of updates",
        checkable=True,
    ),
    ActionSpec(
        "accuracy", "View", "Accuracy", ("Ctrl+Y",), "Show the accuracy too", checkable=True
    ),
    ActionSpec(
        "animate", "View", "Animate steps", (), "Let waves and arrows move",
        checkable=True,
        separated=True,
    ),
    ActionSpec(
        "faces", "View", "Neurons show their surface", ("Ctrl+F",),
        "Draw in each neuron what it says over the plane of two-dimensional data", checkable=True,
    ),
    ActionSpec(
        "light", "View", "Light theme", ("Ctrl+T",), "Light or dark", checkable=True
    ),
    ActionSpec(
        "play", "Run", "Play", ("Space",), "Train on, or pause", "play-fill"
    ),
    ActionSpec("step", "Run", "Step", ("Right",), "Go one step further", "skip-forward-fill"),
    ActionSpec("back", "Run", "Back", ("Left",), "Undo one step, exactly", "skip-back-fill"),
    ActionSpec(
        "reset", "Run", "Reset", ("Home",), "Begin again from the first number",
        "arrow-counter-clockwise-bold",
    ),
    ActionSpec(
        "go_to", "Run", "Go to update…", ("Ctrl+G",), "Go back to an earlier update, or on to one"
    ),
    ActionSpec(
        "beat", "Run", "Beat", ("Ctrl+1",), "Step by beats: one part of an update",
        checkable=True, group="granularity", separated=True,
    ),
    ActionSpec(
        "example", "Run", "Example", ("Ctrl+2",), "Step by examples of the mini-batch",
        checkable=True, group="granularity",
    ),
    ActionSpec(
        "mini_batch", "Run", "Mini-batch", ("Ctrl+3",), "Step by whole updates",
        checkable=True, group="granularity",
    ),
    ActionSpec(
        "epoch", "Run", "Epoch", ("Ctrl+4",), "Step through all mini-batches of an epoch",
        checkable=True, group="granularity",
    ),
    ActionSpec(
        "next_example", "Run", "Next example", ("]",), "Put the next example in focus",
        separated=True,
    ),
    ActionSpec(
        "previous_example", "Run", "Previous example", ("[",), "Put the one before in focus"
    ),
    ActionSpec(
        "speeds", "Run", "Compare devices…", (), "Measure this run on every device and engine",
        separated=True,
    ),
    ActionSpec("faster", "Run", "Faster", (">", "."), "Play faster", separated=True),
    ActionSpec("slower", "Run", "Slower", ("<", ","), "Play slower"),
    ActionSpec("shortcuts", "Help", "Keyboard shortcuts", ("F1",), "List every shortcut"),
    ActionSpec("about", "Help", "About Backprop Explorer", (), "Version, device and licences"),
)  # fmt: skip


class Actions:
    """The window's ``QAction`` of every entry of the table, in its menus."""

    def __init__(self, window: QMainWindow) -> None:
        self._actions: dict[str, QAction] = {}
        self._groups: dict[str, QActionGroup] = {}
        menus = {name: window.menuBar().addMenu(f"&{name}") for name in MENUS}
        for spec in ACTIONS:
            action = QAction(spec.text, window)
            action.setObjectName(spec.id)
            action.setShortcuts([QKeySequence(key) for key in spec.shortcuts])
            keys = f"  ({key_text(spec.shortcuts[0])})" if spec.shortcuts else ""
            action.setToolTip(f"{spec.tip}{keys}")
            action.setStatusTip(spec.tip)
            action.setCheckable(spec.checkable)
            if spec.group:
                if spec.group not in self._groups:
                    self._groups[spec.group] = QActionGroup(window)
                self._groups[spec.group].addAction(action)
            if spec.separated:
                menus[spec.menu].addSeparator()
            menus[spec.menu].addAction(action)
            if spec.id == "open":
                self.recent = menus["File"].addMenu("Open recent")
            window.addAction(action)  # the shortcut works also while the menu bar is hidden
            self._actions[spec.id] = action

    def __getitem__(self, action_id: str) -> QAction:
        return self._actions[action_id]


def key_text(key: str) -> str:
    """A shortcut as people read it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
