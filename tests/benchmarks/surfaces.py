"""What 49 neurons say over the plane, from the network to the screen."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyqtgraph as pg
import torch
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from explorer.core.data.load import load
from explorer.core.network import Network
from explorer.core.surfaces import Sheets, Surfaces
from explorer.views.heat_map import heat_maps
from explorer.views.network.faces import draw_face
from explorer.views.palette import DARK
from tests.benchmarks.networks import DEEP
from tests.benchmarks.race import Contender, Figure, race

_POINTS = 100
_RADIUS = 17


def figures(seconds: float) -> Iterator[Figure]:
    """Against pyqtgraph's images, which are given the finished numbers."""
    experiment = DEEP.experiment()
    network = Network(experiment.network, 2, torch.float32, torch.device("cpu"))
    surfaces = Surfaces(load(experiment), _POINTS, torch.float32, torch.device("cpu"))
    sheets = surfaces.sheets(network)
    items = _Items(sheets)
    screen = QImage(1600, 1000, QImage.Format.Format_RGB32)

    def all_of_it() -> float:
        _paint(screen, surfaces.sheets(network))
        return 1

    def forward() -> float:
        surfaces.sheets(network)
        return 1

    contenders = [
        Contender("pyqtgraph ImageItems, from numbers", items.show),
        Contender("network to screen", all_of_it, target=2),
        Contender("forward pass alone", forward),
    ]
    yield from race("surfaces", "49 of 100x100", contenders, "ms", seconds)


class _Items:
    def __init__(self, sheets: Sheets) -> None:
        self._sheets = np.concatenate(sheets)
        self._items = [pg.ImageItem() for _ in self._sheets]
        self._widget = pg.GraphicsLayoutWidget()
        view = self._widget.addViewBox()
        for k, item in enumerate(self._items):
            item.setPos(k % 7 * 110, k // 7 * 110)
            view.addItem(item)
        self._colours = pg.colormap.get("viridis").getLookupTable(0, 1, 256)
        self._widget.resize(1000, 800)
        self._widget.show()

    def show(self) -> float:
        for item, sheet in zip(self._items, self._sheets, strict=True):
            item.setImage(sheet, levels=(-1, 1), lut=self._colours, autoLevels=False)
        QApplication.processEvents()
        return 1


def _paint(screen: QImage, sheets: Sheets) -> None:
    painter = QPainter(screen)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    for column, sheet in enumerate(sheets):
        for row, image in enumerate(heat_maps(sheet, 1.0, DARK, signed=True)):
            draw_face(painter, image, QPointF(60 + 100 * column, 60 + 100 * row), _RADIUS)
    painter.end()
