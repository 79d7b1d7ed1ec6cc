"""What each example asks of the network, large: of a neuron, of its layer, or of everything."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from explorer.core.moment import Moment
from explorer.core.nudges import SCOPES, Scope
from explorer.core.part_of_network import Neuron, Selectable
from explorer.views.large_view import LargeView
from explorer.views.nudge_layout import LARGE
from explorer.views.nudge_table import NudgeTable
from explorer.views.palette import Theme

_TIPS: dict[Scope, str] = {
    "neuron": "Only the selected neuron’s bias and weights",
    "layer": "All parameters of the selected neuron’s layer",
    "network": "All parameters of the network",
}


class WishesView(LargeView):
    """The table of wishes with a choice of its scope; asks and tells as the table does."""

    example_requested = Signal(int)
    part_requested = Signal(object)  # Selectable
    part_pointed = Signal(object)  # Selectable or None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("What each example asks", parent)
        self._shown: tuple[Moment, Neuron] | None = None
        self._scope: Scope = "neuron"
        self.table = NudgeTable(LARGE)
        self.table.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.body.addWidget(self.table, 1)
        self.buttons: dict[Scope, QToolButton] = {}
        self._build_choice()
        self.table.example_requested.connect(self.example_requested)
        self.table.part_requested.connect(self.part_requested)
        self.table.part_pointed.connect(self.part_pointed)

    def _build_choice(self) -> None:
        group = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(0)
        for scope in SCOPES:
            button = QToolButton()
            button.setObjectName("segment")
            button.setProperty("end", {"neuron": "first", "network": "last"}.get(scope, ""))
            button.setText(scope)
            button.setToolTip(_TIPS[scope])
            button.setCheckable(True)
            button.setChecked(scope == self._scope)
            button.clicked.connect(lambda _, scope=scope: self.set_scope(scope))
            group.addButton(button)
            row.addWidget(button)
            self.buttons[scope] = button
        self.head.addLayout(row)

    def show_moment(self, moment: Moment, neuron: Neuron) -> None:
        """Show the wishes at a moment; nothing is computed while the view is hidden."""
        self._shown = moment, neuron
        self._show()

    def set_scope(self, scope: Scope) -> None:
        """Show the wishes for a neuron, for its layer, or for the network."""
        self._scope = scope
        self.buttons[scope].setChecked(True)
        self._show()

    @property
    def scope(self) -> Scope:
        """Whose parameters are the rows."""
        return self._scope

    def point_at(self, part: Selectable | None) -> None:
        """Mark the row of a part that is pointed at elsewhere."""
        self.table.point_at(part)

    def clear(self) -> None:
        """Show nothing, until the next moment comes."""
        self._shown = None
        self.table.clear()

    def set_theme(self, theme: Theme) -> None:
        """Take another theme's colours."""
        self.table.set_theme(theme)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with the moment."""
        super().showEvent(event)
        self._show()

    def _show(self) -> None:
        if self._shown is not None and self.isVisible():
            self.table.show_scope(*self._shown, self._scope)
