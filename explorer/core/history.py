"""Where a run can go back to: keyframes of its state, thinned with age, and every change made by
hand, of settings or parameters, so that what lies between two keyframes can be replayed exactly."""

from __future__ import annotations

import copy
from bisect import bisect_right, insort
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from explorer.core.experiment import Experiment
from explorer.core.part_of_network import Neuron, Weight

State = TypeVar("State")

_SECONDS_BETWEEN = 0.01  # of training; a keyframe costs about a hundredth of it
_BYTES = 16 * 2**20  # of all keyframes of a run
_FEWEST, _MOST = 4, 512


class Room(NamedTuple):
    """How many updates lie between keyframes at first, and how many keyframes there may be."""

    spacing: int
    capacity: int


def room_for(seconds_per_update: float, bytes_per_keyframe: int) -> Room:
    """Room for the keyframes of a run whose updates take about so long.

    Both are estimated from sizes, not measured, so that a run keeps the same ones each time.
    """
    between = max(_SECONDS_BETWEEN / seconds_per_update, 1.0)
    return Room(
        spacing=1 << (int(between).bit_length() - 1),
        capacity=min(max(_BYTES // bytes_per_keyframe, _FEWEST), _MOST),
    )


class History(Generic[State]):
    """Keyframes by number of updates done, in a bounded number.

    Every ``spacing``-th update has a keyframe as long as there is room. Then those go whose
    absence is felt least: the way from a keyframe to the next becomes longer with age, in
    proportion to it.
    """

    def __init__(self, spacing: int, capacity: int) -> None:
        self._spacing = spacing
        self._capacity = capacity
        self._keyframes: dict[int, State] = {}
        self._kept: list[int] = []  # the updates that have a keyframe, in order
        self._settings: dict[int, Experiment] = {}
        self._edits: dict[int, dict[Weight | Neuron, float]] = {}

    def due(self, update: int) -> bool:
        """Whether a keyframe is wanted after this many updates."""
        return update not in self._keyframes and (
            update % self._spacing == 0 or not self._keyframes
        )

    def next_stop(self, update: int) -> int:
        """The next update after which something is to be kept, or was changed by hand."""
        due = update - update % self._spacing + self._spacing
        return min([due, *(u for u in self._edits if u > update)])

    def next_change(self, update: int) -> int:
        """The next update after which settings were taken up; far away when there is none."""
        return min((u for u in self._settings if u > update), default=2**62)

    def keep(self, update: int, state: State) -> None:
        """Keep a keyframe, and let go of another where there are too many."""
        if update not in self._keyframes:
            insort(self._kept, update)
        self._keyframes[update] = state
        self._thin()

    def hold(self, capacity: int) -> None:
        """Have room for another number of keyframes; at least two, the first and the latest."""
        self._capacity = capacity
        self._thin()

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
        return self._kept[0]

    def copy(self) -> History[State]:
        """The same keyframes and changes, to be gone on with apart."""
        twin = copy.copy(self)
        twin._keyframes, twin._settings = dict(self._keyframes), dict(self._settings)
        twin._kept = list(self._kept)
        twin._edits = {update: dict(edits) for update, edits in self._edits.items()}
        return twin

    def before(self, update: int) -> State:
        """The latest keyframe at or before ``update``."""
        return self._keyframes[self._kept[bisect_right(self._kept, update) - 1]]

    def forget_after(self, update: int) -> None:
        """Forget what came after ``update``: another future begins there."""
        for kept in (self._keyframes, self._settings):
            for later in [u for u in kept if u > update]:
                del kept[later]
        del self._kept[bisect_right(self._kept, update) :]

    def _thin(self) -> None:
        while len(self._kept) > self._capacity:
            del self._keyframes[self._kept.pop(self._least_missed())]

    def _least_missed(self) -> int:
        """The place of the keyframe without which the way to any update grows least for its age.

        Neither the first nor the latest.
        """
        kept = np.array(self._kept)
        gap = kept[2:] - kept[:-2]
        age = kept[-1] - kept[:-2]
        return int(np.argmin(gap / age)) + 1
