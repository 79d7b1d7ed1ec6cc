"""The tiles of the built-in data sets, each with a picture of what it holds."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QToolButton, QWidget

from explorer.core.data.dataset import Floats, Ints
from explorer.core.data.toy import generate
from explorer.core.experiment import BUILTIN_NAMES, TOY_SETS, BuiltinName
from explorer.views.icons import icon
from explorer.views.palette import Theme, class_colour
from explorer.views.theme import SERIF, font

_TITLES: dict[BuiltinName, str] = {"breast_cancer": "cancer", "mazur": "Mazur"}
_TIPS: dict[BuiltinName, str] = {
    "circles": "A disc inside a ring",
    "xor": "Opposite corners belong together",
    "blobs": "Two clouds",
    "spiral": "Two arms of a spiral",
    "moons": "Two half circles",
    "digits": "1,797 real handwritten digits, 8×8 pixels",
    "iris": "150 real flowers, 4 measurements, 3 species",
    "wine": "178 real wines, 13 measurements, 3 growers",
    "breast_cancer": "569 real tumours, 30 measurements, malignant or benign",
    "mazur": "The 2-2-2 network worked by hand by Matt Mazur in 2015",
}
_ICONS: dict[BuiltinName, str] = {
    "iris": "flower-outline",
    "wine": "glass-wine",
    "breast_cancer": "microscope",
    "mazur": "graph-outline",
}
_COLUMNS, _PICTURE = 5, 28


class DataTiles(QWidget):
    """One tile per built-in data set; asks for a set with ``data_requested``."""

    data_requested = Signal(str)  # BuiltinName

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        self._group = QButtonGroup(self)
        self._tiles: dict[BuiltinName, QToolButton] = {}
        self._marked: BuiltinName | None = None
        for place, name in enumerate(BUILTIN_NAMES):
            tile = QToolButton()
            tile.setObjectName("tile")
            tile.setText(_TITLES.get(name, name))
            tile.setToolTip(_TIPS[name])
            tile.setCheckable(True)
            tile.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            tile.setIconSize(QSize(_PICTURE, _PICTURE))
            tile.setFixedHeight(56)
            tile.setMinimumWidth(34)
            tile.setSizePolicy(tile.sizePolicy().Policy.Expanding, tile.sizePolicy().Policy.Fixed)
            tile.clicked.connect(lambda _=False, name=name: self._ask(name))
            grid.addWidget(tile, place // _COLUMNS, place % _COLUMNS)
            self._group.addButton(tile)
            self._tiles[name] = tile

    def tile(self, name: BuiltinName) -> QToolButton:
        """The tile of a set."""
        return self._tiles[name]

    def mark(self, name: BuiltinName | None) -> None:
        """Mark the set in use; none for the user's own data."""
        self._marked = name
        self._group.setExclusive(False)
        for other, tile in self._tiles.items():
            tile.setChecked(other == name)
        self._group.setExclusive(name is not None)

    def _ask(self, name: BuiltinName) -> None:
        self.mark(self._marked)  # a click must not mark what no fact has said
        self.data_requested.emit(name)

    def set_theme(self, theme: Theme) -> None:
        """Draw the tiles in another theme's colours."""
        for name, tile in self._tiles.items():
            tile.setIcon(_picture(name, theme))


class _Scattered:
    """In place of ``numpy.random``, whose import the first window need not wait for.

    Numbers without a pattern that 60 points would show: the later digits of sines.
    """

    def __init__(self) -> None:
        self._made = 0

    def uniform(self, low: float, high: float, size: int | tuple[int, int]) -> Floats:
        count = int(np.prod(size))
        places = np.arange(self._made, self._made + count) + 1.0
        self._made += count
        share = np.sin(12.9898 * places) * 43758.5453 % 1
        return np.asarray(low + (high - low) * share.reshape(size))

    def standard_normal(self, size: int | tuple[int, int]) -> Floats:
        """By Box and Muller's transform."""
        length = np.sqrt(-2 * np.log(self.uniform(0, 1, size)))
        return np.asarray(length * np.cos(self.uniform(0, 2 * np.pi, size)))

    def permutation(self, x: int) -> Ints:
        return np.arange(x)


def _picture(name: BuiltinName, theme: Theme) -> QIcon:
    if name in _ICONS:
        return icon(_ICONS[name], theme.muted)
    scale = 3
    pixmap = QPixmap(_PICTURE * scale, _PICTURE * scale)
    pixmap.setDevicePixelRatio(scale)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if name in TOY_SETS:
        points, classes = generate(name, 60, 0.0, _Scattered())
        painter.setPen(Qt.PenStyle.NoPen)
        for (x, y), kind in zip(points / 5.6, classes.tolist(), strict=True):
            painter.setBrush(QColor(class_colour(kind, 2, theme)))
            half = _PICTURE / 2
            painter.drawEllipse(QPointF(half + x * half * 0.92, half - y * half * 0.92), 1.3, 1.3)
    else:
        painter.setPen(QColor(theme.text))
        painter.setFont(font(24, SERIF))
        painter.drawText(QRectF(0, 0, _PICTURE, _PICTURE), Qt.AlignmentFlag.AlignCenter, "2")
    painter.end()
    return QIcon(pixmap)
