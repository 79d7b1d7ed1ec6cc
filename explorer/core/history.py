"""Where a run can go back to: keyframes of its state, thinned with age, and every change made by
hand, of settings or parameters, so that what lies between two keyframes can be replayed exactly."""

from __future__ import annotations

import copy
from typing import Generic, TypeVar

from explorer.core.experiment import Experiment
from explorer.core.part_of_network import Neuron, Weight

State = TypeVar("State")


class History(Generic[State]):
    """Keyframes by number of updates done.

    Among recent updates every ``spacing``-th has a keyframe; the spacing doubles each time the
    age doubles, so their number grows with the logarithm of the run's length.
    """

    def __init__(self, spacing: int = 8, recent: int = 256) -> None:
        self._spacing = spacing
        self._recent = recent
        self._keyframes: dict[int, State] = {}
        self._settings: dict[int, Experiment] = {}
        self._edits: dict[int, dict[Weight | Neuron, float]] = {}
        self._thin_at = 2 * recent // spacing

    def due(self, update: int) -> bool:
        """Whether a keyframe is wanted after this many updates."""
        return update % self._spacing == 0 and update not in self._keyframes

    def keep(self, update: int, state: State) -> None:
        """Keep a keyframe and let go of those that age has made superfluous."""
        self._keyframes[update] = state
        if len(self._keyframes) > self._thin_at:
            self._thin(update)
            self._thin_at = len(self._keyframes) + self._recent // self._spacing

    def note_settings(self, update: int, experiment: Experiment) -> None:
        """Remember that these settings hold for the updates after ``update``."""
        self._settings[update] = experiment

    def settings_from(self, update: int) -> Experiment | None:
        """The settings that were taken up right after ``update``, if they changed there."""
        return self._settings.get(update)

    def note_edit(self, update: int, part: Weight | Neuron, value: float) -> None:
        """Remember that a weight, or a neuron's bias, was set by hand right after ``update``.

        Edits of later updates are forgotten; going back keeps them, to be replayed.
        """
        for later in [u for u in self._edits if u > update]:
            del self._edits[later]
        self._edits.setdefault(update, {})[part] = value

    def edits_at(self, update: int) -> dict[Weight | Neuron, float]:
        """The parameters set by hand right after ``update``."""
        return self._edits.get(update, {})

    @property
    def earliest(self) -> int:
        """The update of the earliest keyframe."""
        return min(self._keyframes)

    def copy(self) -> History[State]:
        """The same keyframes and changes, to be gone on with apart."""
        twin = copy.copy(self)
        twin._keyframes, twin._settings = dict(self._keyframes), dict(self._settings)
        twin._edits = {update: dict(edits) for update, edits in self._edits.items()}
        return twin

    def before(self, update: int) -> State:
        """The latest keyframe at or before ``update``."""
        return self._keyframes[max(u for u in self._keyframes if u <= update)]

    def forget_after(self, update: int) -> None:
        """Forget what came after ``update``: another future begins there."""
        for kept in (self._keyframes, self._settings):
            for later in [u for u in kept if u > update]:
                del kept[later]

    def _thin(self, now: int) -> None:
        for update in list(self._keyframes):
            doublings = ((now - update) // self._recent).bit_length()
            if update % (self._spacing << doublings):
                del self._keyframes[update]
