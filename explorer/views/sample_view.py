"""The example in focus: its image, its place on a surface over the plane, its outputs."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from explorer.core.data.dataset import Floats
from explorer.core.moment import Moment
from explorer.core.numbers import number, short
from explorer.core.part_of_network import Neuron, Selectable
from explorer.core.readings import neuron_title
from explorer.views.card import draw_card
from explorer.views.palette import (
    DARK,
    Bytes,
    Theme,
    class_colour,
    diverging,
    mix,
    rgb,
    sequential,
    starts_at_zero,
)
from explorer.views.scale import SteadyScale
from explorer.views.scatter import Scatter, places, point_colour
from explorer.views.theme import font
from explorer.views.thumbnails import example_image, rgb_image

_HEAD = 30.0
_MARGIN = 12.0


class SampleView(QWidget):
    """Shows the focused example and what the network says of it.

    For two-dimensional data that is on the decision surface or, with a hidden neuron selected, on
    the surface of what that neuron says, for traces that hold it. A click on a point of the
    mini-batch asks for its focus with ``example_requested``.
    """

    example_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # it fills all of its room
        self.setMinimumSize(230, 130)
        self.setMouseTracking(True)
        self.setAccessibleName("Example in focus")
        self._theme: Theme = DARK
        self._moment: Moment | None = None
        self._surface: QImage | None = None
        self._selected: Selectable | None = None
        self._scale = SteadyScale(1.0)
        self._scatter = Scatter()
        self._pointer: QPointF | None = None

    def show_moment(self, moment: Moment) -> None:
        """Show another moment's example."""
        self._moment, self._surface = moment, None
        self.update()

    def select(self, part: Selectable | None) -> None:
        """Show what another neuron says, or with none of the hidden ones the decision."""
        if part != self._selected:
            self._selected, self._surface = part, None
            self._scale.reset()
            self.update()

    def clear(self) -> None:
        """Show nothing, until the next moment comes."""
        self._moment = self._surface = self._selected = None
        self._scale.reset()
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take another theme's colours."""
        self._theme, self._surface = theme, None
        self.update()

    # Places ----------------------------------------------------------------------------------

    def _picture_box(self) -> QRectF:
        """The square of the image or surface."""
        side = min(self.height() - _HEAD - _MARGIN, self.width() * 0.56)
        return QRectF(_MARGIN, _HEAD, side, side)

    def point_at(self, x: float, y: float) -> QPointF:
        """Where a point of the plane is drawn."""
        assert self._moment is not None
        return places(np.array([[x, y]]), self._moment.dataset.extent, self._picture_box())[0]

    # Painting -------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture of the example and the bars of its outputs."""
        del event
        theme, painter = self._theme, QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.canvas))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        moment = self._moment
        if moment is None:
            return
        painter.setPen(QColor(theme.text))
        painter.setFont(font(13))
        head = QRectF(_MARGIN, 6, self.width() - 2 * _MARGIN, 20)
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter, self._title(moment))
        left = _MARGIN
        if moment.trace.surface is not None and moment.dataset.train.points is not None:
            self._draw_surface(painter, moment)
            left = self._picture_box().right() + 16
        elif moment.dataset.image_size is not None:
            box = self._picture_box()
            image = example_image(moment.dataset, moment.trace.inputs[moment.example], theme)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
            painter.drawImage(_fitted(image, box), image)
            left = box.right() + 16
        else:
            left = self._draw_inputs(painter, moment) + 16
        self._draw_outputs(painter, moment, left)

    def _draw_surface(self, painter: QPainter, moment: Moment) -> None:
        box, theme = self._picture_box(), self._theme
        if self._surface is None:
            colours = self._neuron_colours(moment)
            if colours is None:
                colours = surface_colours(moment, theme)
            self._surface = rgb_image(colours[::-1])
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(box, self._surface)
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)
        self._draw_points(painter, moment)
        painter.setPen(QColor(theme.muted))
        painter.setFont(font(11))

    def _neuron_sheet(self, moment: Moment) -> Floats | None:
        """What the selected hidden neuron says over the plane, (G, G); None without one."""
        neuron, surface = self._selected, moment.trace.surface
        if not isinstance(neuron, Neuron) or not 0 < neuron.layer < moment.n_layers:
            return None
        if surface is None or not surface.inner_after:
            return None
        return np.asarray(surface.sheets(after=moment.updated)[neuron.layer][neuron.index])

    def _neuron_colours(self, moment: Moment) -> Bytes | None:
        sheet = self._neuron_sheet(moment)
        if sheet is None or not isinstance(self._selected, Neuron):
            return None
        scale = self._scale.include(sheet)
        activation = moment.experiment.network.layers[self._selected.layer - 1].activation
        colours = sequential if starts_at_zero(activation) else diverging
        return _dimmed(colours(sheet, scale, self._theme), self._theme)

    def _title(self, moment: Moment) -> str:
        if self._neuron_sheet(moment) is not None and isinstance(self._selected, Neuron):
            return f"What {neuron_title(moment, self._selected)} says"
        if moment.live:
            return moment.dataset.name
        label = f" · label {moment.label}" if moment.label else ""
        return f"Example {moment.example + 1} of {moment.trace.batch_size}{label}"

    def _draw_points(self, painter: QPainter, moment: Moment) -> None:
        theme, dataset, box = self._theme, moment.dataset, self._picture_box()
        self._scatter.draw(painter, dataset, box, theme)
        assert dataset.train.points is not None
        members = moment.trace.indices
        at = places(dataset.train.points[members], dataset.extent, box)
        painter.setPen(QPen(QColor(theme.canvas), 0.8))
        for index, place in zip(members.tolist(), at, strict=True):
            painter.setBrush(QColor(point_colour(dataset, index, theme)))
            painter.drawEllipse(place, 4, 4)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.accent), 2.2))
        painter.drawEllipse(at[moment.example], 7, 7)
        if self._pointer is not None and self._picture_box().contains(self._pointer):
            self._draw_reading(painter, moment, self._pointer)

    def _draw_reading(self, painter: QPainter, moment: Moment, where: QPointF) -> None:
        """The outputs at the point of the plane under the pointer, from the grid drawn."""
        assert moment.trace.surface is not None
        box, extent = self._picture_box(), moment.dataset.extent
        across = (where.x() - box.left()) / box.width()
        up = (box.bottom() - where.y()) / box.height()
        sheet = self._neuron_sheet(moment)
        values = _surface_of(moment) if sheet is None else sheet[None]
        points = values.shape[1] - 1
        outputs = values[:, round(up * points), round(across * points)]
        names = (
            [moment.dataset.output_label(k) for k in range(len(outputs))]
            if sheet is None
            else [str(self._selected)]
        )
        lines = [f"{name}: {number(float(a))}" for name, a in zip(names, outputs, strict=True)]
        title = f"x {short((2 * across - 1) * extent)}, y {short((2 * up - 1) * extent)}"
        draw_card(painter, self._theme, title, lines, where, QSizeF(self.size()))

    def _draw_inputs(self, painter: QPainter, moment: Moment) -> float:
        """Bars of the inputs, for data that is neither image nor plane; the right edge."""
        theme, inputs = self._theme, moment.trace.inputs[moment.example]
        top, width = _HEAD, min(self.width() * 0.42, 260.0)
        count = max(1, min(len(inputs), int((self.height() - top - 20) // 17)))
        if count < len(inputs):
            count -= 1
        scale = float(np.abs(moment.trace.inputs).max()) or 1.0
        painter.setFont(font(11))
        names = moment.dataset.input_names
        longest = max(painter.fontMetrics().horizontalAdvance(name) for name in names)
        name_width = min(width * 0.55, longest + 12.0)
        for row in range(count):
            y = top + row * 17
            value = float(inputs[row])
            name = painter.fontMetrics().elidedText(
                names[row], Qt.TextElideMode.ElideRight, int(name_width - 6)
            )
            painter.setPen(QColor(theme.muted))
            painter.drawText(
                QRectF(_MARGIN, y, name_width, 16), Qt.AlignmentFlag.AlignVCenter, name
            )
            middle = _MARGIN + name_width + (width - name_width) / 2
            reach = (width - name_width) / 2 * value / scale
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.positive if value > 0 else theme.negative))
            painter.drawRoundedRect(QRectF(min(middle, middle + reach), y + 4, abs(reach), 8), 2, 2)
            painter.setBrush(QColor(theme.muted))
            painter.drawRect(QRectF(middle - 0.5, y + 2, 1, 12))
        if count < len(inputs):
            painter.setPen(QColor(theme.muted))
            y = top + count * 17
            painter.drawText(
                QRectF(_MARGIN, y, width, 16),
                Qt.AlignmentFlag.AlignVCenter,
                f"{len(inputs) - count} more inputs",
            )
        return _MARGIN + width

    def _draw_outputs(self, painter: QPainter, moment: Moment, left: float) -> None:
        theme, trace = self._theme, moment.trace
        room = self.height() - _HEAD - _MARGIN
        n = trace.targets.shape[1]
        pitch = min(room / n, 24.0)
        rows = n if pitch >= 11 else int(room // 14) - 1  # one line counts the others
        pitch = max(pitch, 14.0) if rows < n else pitch
        lit = moment.forward_done(moment.n_layers)
        outputs = trace.layers[-1].activation[moment.example]
        order = np.arange(n)
        if rows < n:  # the strongest, and the desired one among them
            order = np.sort(np.argsort(-(outputs + 1e3 * trace.targets[moment.example]))[:rows])
        painter.setFont(font(min(12.5, pitch * 0.72)))
        metrics = painter.fontMetrics()
        names = [moment.dataset.output_label(int(j)) for j in order]
        value_width = 40.0
        room = self.width() - _MARGIN - left - value_width
        longest = max(metrics.horizontalAdvance(name) for name in names) + 8.0
        name_width = min(longest, 90.0, max(room - 16.0, room * 0.5))
        bar_left = left + name_width
        bar_width = max(room - name_width, 4.0)
        scale = max(float(np.abs(outputs).max()), float(np.abs(trace.targets).max()), 1e-9)
        signed = bool((trace.targets < 0).any()) or bool((outputs < 0).any())
        for row, (j, name) in enumerate(zip(order.tolist(), names, strict=True)):
            y = _HEAD + row * pitch
            box = QRectF(bar_left, y + pitch * 0.22, bar_width, pitch * 0.56)
            painter.setPen(QColor(theme.text))
            name_box = QRectF(left, y, name_width, pitch)
            elided = metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(name_width - 4))
            painter.drawText(name_box, Qt.AlignmentFlag.AlignVCenter, elided)
            self._draw_output(
                painter,
                box,
                float(outputs[j]) if lit else None,
                float(trace.targets[moment.example, j]),
                scale,
                signed=signed,
            )
            painter.setPen(QColor(theme.text if lit else theme.muted))
            painter.drawText(
                QRectF(box.right(), y, value_width, pitch),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                short(float(outputs[j])) if lit else "…",
            )

        if rows < n:
            painter.setPen(QColor(theme.muted))
            rest = QRectF(left, _HEAD + rows * pitch, self.width() - left, pitch)
            painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter, f"{n - rows} more outputs")

    def _draw_output(
        self,
        painter: QPainter,
        box: QRectF,
        output: float | None,
        target: float,
        scale: float,
        *,
        signed: bool,
    ) -> None:
        """One bar with a tick where the target is."""
        theme = self._theme
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.card))
        painter.drawRoundedRect(box, 3, 3)
        zero = box.center().x() if signed else box.left()
        unit = (box.width() / 2 if signed else box.width()) / scale
        if output is not None:
            colour = theme.full if not signed else theme.positive if output > 0 else theme.negative
            painter.setBrush(QColor(mix(colour, theme.canvas, 0.15)))
            reach = output * unit
            painter.drawRoundedRect(
                QRectF(min(zero, zero + reach), box.top(), abs(reach), box.height()), 3, 3
            )
        painter.setBrush(QColor(theme.accent))
        painter.drawRect(QRectF(zero + target * unit - 1.2, box.top() - 2, 2.4, box.height() + 4))

    # Mouse ------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read the surface under the pointer."""
        self._pointer = event.position()
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Take the reading away with the pointer."""
        del event
        self._pointer = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask for the nearest member of the mini-batch."""
        moment = self._moment
        if moment is None or moment.dataset.train.points is None or moment.trace.surface is None:
            return
        points = moment.dataset.train.points[moment.trace.indices]
        at = places(points, moment.dataset.extent, self._picture_box())
        distances = [(place - event.position()).manhattanLength() for place in at]
        nearest = int(np.argmin(distances))
        if distances[nearest] < 14:
            self.example_requested.emit(nearest)


def surface_colours(moment: Moment, theme: Theme) -> Bytes:
    """The decision surface as RGB (G, G, 3), row 0 at the lower edge.

    One or two outputs shade from orange to blue about the decision; of more, the winner's class
    colours the point, the stronger the clearer it wins.
    """
    outputs = _surface_of(moment)
    if len(outputs) == 1:
        threshold = moment.dataset.threshold
        return _dimmed(diverging(outputs[0] - threshold, max(1.0 - threshold, 1e-9), theme), theme)
    if len(outputs) == 2:
        return _dimmed(diverging(outputs[1] - outputs[0], 1.0, theme), theme)
    winner = outputs.argmax(axis=0)
    ordered = np.sort(outputs, axis=0)
    lead = np.clip(ordered[-1] - ordered[-2], 0, 1)[..., None]
    colours = np.array([rgb(class_colour(k, len(outputs), theme)) for k in range(len(outputs))])
    base = np.array(rgb(theme.zero))
    return _dimmed(np.asarray(np.rint(base + (colours[winner] - base) * lead), np.uint8), theme)


def _dimmed(colours: Bytes, theme: Theme) -> Bytes:
    """Towards the background, so that the points stand out."""
    back = np.array(rgb(theme.canvas))
    return np.asarray(np.rint(back + (colours - back) * 0.62), np.uint8)


def _surface_of(moment: Moment) -> Floats:
    surface = moment.trace.surface
    assert surface is not None
    if moment.updated:
        return surface.after
    assert surface.before is not None  # it is in all but photographs, which are shown updated
    return surface.before


def _fitted(image: QImage, box: QRectF) -> QRectF:
    """The largest box of the image's proportions within ``box``."""
    scale = min(box.width() / image.width(), box.height() / image.height())
    return QRectF(box.left(), box.top(), image.width() * scale, image.height() * scale)
