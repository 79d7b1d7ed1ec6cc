from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QBuffer, QIODevice, QRectF, QSizeF
from PySide6.QtGui import QColor, QImage, QPainter, QTransform
from PySide6.QtSvg import QSvgGenerator

from explorer.core.part_of_network import Neuron
from explorer.views.network import edge_picture
from explorer.views.network.edge_picture import EdgePicture, Scene, draw_lines
from explorer.views.network.edges import Drawn, draw_edges
from explorer.views.network.geometry import Shape, arrange
from explorer.views.network.picture import Edges, Picture
from explorer.views.network.plate import Plate
from explorer.views.palette import DARK, LIGHT, Theme

Array = np.ndarray[Any, Any]
pytestmark = pytest.mark.usefixtures("qapp")
SIZE = QSizeF(400, 420)


def scene_of(*units: int, **parts: Any) -> Scene:
    random = np.random.default_rng(6)
    layout = arrange(Shape(units, None, 12, 30), SIZE.width(), SIZE.height() - 42)
    edges = tuple(Edges(random.normal(0, 0.4, (n, m)), quiet=False) for m, n in pairwise(units))
    picture = Picture(edges, (), None, "", 1.0, 1.0)
    return replace(Scene(layout, picture, None, QTransform(), SIZE), **parts)


FEW = scene_of(4, 5, 3)
MANY = scene_of(12, 16, 20, 3)


class Late:
    """Kernels that are ready when they are told to be."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module
        self.here = False
        self.loading = True

    def ready(self) -> ModuleType | None:
        return self.module if self.here else None

    def wait(self) -> ModuleType:
        return self.module


@pytest.fixture
def late(compiled: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Late:
    kernels = Late(compiled)
    monkeypatch.setattr(edge_picture, "kernels", kernels)
    return kernels


@pytest.fixture
def sweeps(monkeypatch: pytest.MonkeyPatch) -> list[Scene]:
    """Counts the sweeps made, which are made all the same."""
    made: list[Any] = []
    draw = Plate.draw

    def counted(plate: Plate, *parts: Any) -> None:
        made.append(parts)
        draw(plate, *parts)

    monkeypatch.setattr(Plate, "draw", counted)
    return made


@pytest.fixture
def drawn(image_pixels: Callable[[QImage], Array]) -> Callable[..., tuple[Drawn, Array]]:
    """Draw a scene; what was counted, and the pixels, over which then something is drawn."""

    def draw(
        picture: EdgePicture, scene: Scene, theme: Theme = DARK, scale: float = 1.0
    ) -> tuple[Drawn, Array]:
        made = picture.to_draw_over(scene, scale, theme)
        pixels = image_pixels(made.image).copy()
        assert made.image.size() == (SIZE * scale).toSize()
        assert made.image.devicePixelRatio() == scale
        made.image.fill(QColor("magenta"))
        return made.drawn, pixels

    return draw


def by_lines(scene: Scene, theme: Theme) -> QImage:
    image = QImage(SIZE.toSize(), QImage.Format.Format_RGB32)
    image.fill(QColor(theme.canvas))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipRect(QRectF(0, 0, SIZE.width(), SIZE.height()))
    painter.setTransform(scene.view)
    draw_edges(painter, scene.layout, scene.picture, theme, scene.selected, live=scene.live)
    painter.end()
    return image


class TestTheWay:
    @pytest.mark.parametrize("view", [QTransform(), QTransform(2, 0, 0, 2, -150, -90)])
    def test_few_edges_are_lines(
        self, late: Late, drawn: Any, image_pixels: Any, theme: Theme, view: QTransform
    ) -> None:
        late.here = True
        scene = replace(FEW, view=view)
        counted, found = drawn(EdgePicture(), scene, theme)
        assert counted == Drawn(35, 35)
        assert np.array_equal(found, image_pixels(by_lines(scene, theme)))

    @pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
    def test_many_are_swept_all_of_them_at_the_scale_of_the_device(
        self, late: Late, sweeps: list[Any], drawn: Any, scale: float
    ) -> None:
        late.here = True
        picture = EdgePicture()
        counted, found = drawn(picture, MANY, DARK, scale)
        assert counted == Drawn(572, 572)
        assert not picture.unfinished
        (_, _, _, view, size), = sweeps  # fmt: skip
        assert (view.scale, size) == (scale, (400 * scale, 420 * scale))
        rows = found.reshape(*found.shape[:2], 3)
        assert (rows != rows[0, 0]).any()

    def test_they_are_where_the_lines_are(self, late: Late, drawn: Any) -> None:
        lines = drawn(EdgePicture(), MANY)[1].astype(int)
        late.here = True
        swept = drawn(EdgePicture(), MANY)[1].astype(int)
        canvas = lines[0, 0]
        inks = [np.abs(found - canvas).sum(axis=2) for found in (lines, swept)]
        assert np.corrcoef(inks[0].ravel(), inks[1].ravel())[0, 1] > 0.95
        tones = [(found[..., 2] - found[..., 0]) for found in (lines, swept)]
        strong = (inks[0] > 300) & (inks[1] > 300)  # of weak ones, lines blend what they cross
        assert strong.sum() > 1_000
        assert (np.sign(tones[0] - 7) == np.sign(tones[1] - 7))[strong].mean() > 0.98

    def test_lines_stand_in_until_the_sweep_is_ready(
        self, late: Late, drawn: Any, image_pixels: Any
    ) -> None:
        picture = EdgePicture()
        _, first = drawn(picture, MANY)
        assert picture.unfinished
        assert np.array_equal(first, image_pixels(by_lines(MANY, DARK)))
        late.here = True
        _, second = drawn(picture, MANY)
        assert not picture.unfinished
        assert np.array_equal(second, drawn(EdgePicture(), MANY)[1])
        assert not np.array_equal(second, first)

    def test_lines_stay_where_there_is_no_sweep(self, late: Late, drawn: Any) -> None:
        late.loading = False
        picture = EdgePicture()
        drawn(picture, MANY)
        assert not picture.unfinished

    def test_a_picture_that_waits_is_swept_at_once(self, late: Late, drawn: Any) -> None:
        _, waited = drawn(EdgePicture(waits=True), MANY)
        late.here = True
        assert np.array_equal(waited, drawn(EdgePicture(), MANY)[1])

    def test_a_vector_picture_has_lines(self, late: Late) -> None:
        late.here = True
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setSize(SIZE.toSize())
        painter = QPainter(generator)
        draw_lines(painter, MANY, DARK)
        painter.end()
        written = buffer.data().data().decode()
        assert "<image" not in written
        assert written.count("<polyline") + written.count("<path") > 300


class TestOnlyWhatChanged:
    def test_the_same_scene_is_swept_once(self, late: Late, sweeps: list[Any], drawn: Any) -> None:
        late.here = True
        picture = EdgePicture()
        pictures = [drawn(picture, replace(MANY))[1] for _ in range(3)]
        assert len(sweeps) == 1
        assert np.array_equal(pictures[0], pictures[2])

    def test_a_theme_changes_no_more_than_the_colours(
        self, late: Late, sweeps: list[Any], drawn: Any
    ) -> None:
        late.here = True
        picture = EdgePicture()
        _, dark = drawn(picture, MANY, DARK)
        _, light = drawn(picture, MANY, LIGHT)
        assert len(sweeps) == 1
        assert np.array_equal(light, drawn(EdgePicture(), MANY, LIGHT)[1])
        assert np.array_equal(dark, drawn(picture, MANY, DARK)[1])

    @pytest.mark.parametrize(
        "change",
        [
            {"selected": Neuron(1, 3)},
            {"view": QTransform.fromTranslate(20, 10)},
            {"picture": scene_of(12, 16, 20, 3).picture},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_anything_else_is_drawn_anew(
        self, late: Late, sweeps: list[Any], drawn: Any, change: dict[str, Any]
    ) -> None:
        late.here = True
        picture, changed = EdgePicture(), replace(MANY, **change)
        drawn(picture, MANY)
        _, found = drawn(picture, changed)
        assert len(sweeps) == 2
        assert np.array_equal(found, drawn(EdgePicture(), changed)[1])

    def test_a_scene_of_few_follows_on_one_of_many(
        self, late: Late, drawn: Any, image_pixels: Any
    ) -> None:
        late.here = True
        picture = EdgePicture()
        swept = drawn(picture, MANY)
        assert drawn(picture, FEW)[0] == Drawn(35, 35)
        assert np.array_equal(drawn(picture, FEW)[1], image_pixels(by_lines(FEW, DARK)))
        assert drawn(picture, MANY)[0] == swept[0]
        assert np.array_equal(drawn(picture, MANY)[1], swept[1])

    def test_at_rest_the_picture_is_the_one_that_was_seen_in_motion(
        self, late: Late, drawn: Any
    ) -> None:
        late.here = True
        picture = EdgePicture()
        _, live = drawn(picture, replace(MANY, live=True))
        assert np.array_equal(live, drawn(picture, MANY)[1])
