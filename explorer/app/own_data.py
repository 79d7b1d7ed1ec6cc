"""Opening the user's own data: a table or a folder of images becomes a first experiment."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from PySide6.QtWidgets import QFileDialog, QInputDialog, QMessageBox, QWidget

from explorer.core.data.files import csv_classes, csv_columns
from explorer.core.defaults import experiment_on
from explorer.core.experiment import Csv, Experiment, Images


class OwnData(NamedTuple):
    """An experiment on the user's data, and the folder its path starts from."""

    experiment: Experiment
    folder: Path


def table_experiment(path: Path, target: str) -> OwnData:
    """A first experiment on a table: predict the column ``target`` from the others."""
    data = Csv(path=path.name, target=(target,))
    return OwnData(experiment_on(data, csv_classes(path, target)), path.parent)


def images_experiment(folder: Path) -> OwnData:
    """A first experiment on a folder with one sub-folder of pictures per class."""
    n_classes = sum(1 for p in folder.iterdir() if p.is_dir())
    data = Images(folder=folder.name)
    return OwnData(experiment_on(data, max(n_classes, 2)), folder.parent)


def ask_own_data(parent: QWidget) -> OwnData | None:
    """Ask for a table or a folder of images, and for what to predict; None when cancelled."""
    box = QMessageBox(parent)
    box.setWindowTitle("Open your own data")
    box.setText("What does your data look like?")
    box.setInformativeText(
        "A table is a CSV file with a heading row. Images lie in one sub-folder per class."
    )
    table = box.addButton("A table…", QMessageBox.ButtonRole.AcceptRole)
    images = box.addButton("Images…", QMessageBox.ButtonRole.AcceptRole)
    box.addButton(QMessageBox.StandardButton.Cancel)
    box.exec()
    if box.clickedButton() is table:
        return _ask_table(parent)
    if box.clickedButton() is images:
        folder = QFileDialog.getExistingDirectory(parent, "Folder with one sub-folder per class")
        return images_experiment(Path(folder)) if folder else None
    return None


def _ask_table(parent: QWidget) -> OwnData | None:
    name, _ = QFileDialog.getOpenFileName(parent, "Open a table", "", "Tables (*.csv);;All (*)")
    if not name:
        return None
    columns = csv_columns(Path(name))
    target, chosen = QInputDialog.getItem(
        parent,
        "Open a table",
        "Column to predict from the others:",
        columns,
        len(columns) - 1,
        editable=False,
    )
    return table_experiment(Path(name), target) if chosen else None
