"""One neuron under the microscope: its sum, its activation, the way back."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.core.chain import costliest_source
from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron, Weight
from explorer.views.microscope.activation_plot import ActivationPlot
from explorer.views.microscope.chain import Chain
from explorer.views.microscope.terms import TermList
from explorer.views.palette import Theme


class NeuronPage(QWidget):
    """Terms at the left, the activation function at the right, the chain rule below it.

    The chain follows one weight: that with the largest |∂Cᵢ/∂w|, until a row is clicked; while a
    row is pointed at, that row's.
    """

    part_pointed = Signal(object)  # Selectable or None
    part_requested = Signal(object)  # Selectable
    source_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.terms = TermList()
        self.plot = ActivationPlot()
        self.chain = Chain()
        self._moment: Moment | None = None
        self._neuron = Neuron(1, 0)
        self._chosen: int | None = None
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self.plot, 1)
        right.addWidget(self.chain)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.terms, 2)
        row.addLayout(right, 3)
        self.terms.source_requested.connect(self._choose)
        self.terms.part_pointed.connect(self._point)
        self.chain.part_pointed.connect(self.part_pointed)
        self.chain.part_requested.connect(self.part_requested)

    @property
    def source(self) -> int:
        """The neuron of the layer before whose weight the chain follows, from 0."""
        if self._chosen is not None or self._moment is None:
            return self._chosen or 0
        return costliest_source(self._moment.trace, self._moment.example, self._neuron)

    def show_moment(self, moment: Moment, neuron: Neuron) -> None:
        """Show a neuron of layer 1 or later."""
        sources = moment.trace.units(neuron.layer - 1)
        if neuron != self._neuron or (self._chosen is not None and self._chosen >= sources):
            self._chosen = None
        self._moment, self._neuron = moment, neuron
        self.terms.show_moment(moment, neuron, self.source)
        self.plot.show_moment(moment, neuron)
        self.chain.show_moment(moment, neuron, self.source)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme's colours."""
        for view in (self.terms, self.plot, self.chain):
            view.set_theme(theme)

    def _choose(self, source: int) -> None:
        self._chosen = source
        if self._moment is not None:
            self.show_moment(self._moment, self._neuron)
        self.source_changed.emit()

    def _point(self, part: Weight | Neuron | None) -> None:
        if self._moment is not None:
            source = part.source if isinstance(part, Weight) else self.source
            self.chain.show_moment(self._moment, self._neuron, source)
        self.part_pointed.emit(part)
