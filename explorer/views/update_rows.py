"""What the table of the update says: how a neuron's parameters moved. No drawing here."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from explorer.core.moment import Moment
from explorer.core.numbers import before_and_after, exact, significant, subscript
from explorer.core.part_of_network import Neuron, Selectable, Weight
from explorer.core.readings import title_of
from explorer.core.trace import Carried
from explorer.views.sections import ranked
from explorer.views.update_rule import carried_caption, carried_letter

_SHOWN = (8, 5, 4)  # weights, by how many numbers the optimizer carries for each
_SEEN = 0.01  # of a step; less is taken for the digits that are not written


class Kept(Struct, frozen=True):
    """One number that the optimizer carries for a parameter, before and after the update."""

    letter: str
    before: float
    after: float


class Move(Struct, frozen=True):
    """How one parameter moved, or several together where ``part`` is None.

    ``wish`` is −∂C/∂w of the mini-batch, regularization included; ``change`` is what the
    optimizer really applied; ``old`` and ``new`` are None for several.
    """

    name: str
    part: Selectable | None
    wish: float
    change: float
    old: float | None = None
    new: float | None = None
    kept: tuple[Kept, ...] = ()
    frozen: bool = False


def moves(moment: Moment, neuron: Neuron) -> list[Move]:
    """The neuron's bias, its weights that moved most, and the sum of the others."""
    layer, j = moment.trace.layers[neuron.layer - 1], neuron.index
    frozen = moment.experiment.network.frozen
    bias = Move(
        "b",
        neuron,
        -float(layer.bias_gradient[j]),
        float(layer.bias_after[j]) - float(layer.bias_before[j]),
        float(layer.bias_before[j]),
        float(layer.bias_after[j]),
        _kept(layer.bias_carried, j),
        f"bias{neuron.layer}" in frozen,
    )
    carried = max(len(layer.weight_carried), len(layer.bias_carried))
    changes = layer.weight_after[j].astype(np.float64) - layer.weight_before[j]
    wishes = -layer.weight_gradient[j].astype(np.float64)
    order = ranked(changes, _SHOWN[min(carried, len(_SHOWN) - 1)])
    held = f"weight{neuron.layer}" in frozen
    found = [bias]
    found += [
        Move(
            f"w{subscript(k + 1)}",
            Weight(neuron.layer, j, k),
            float(wishes[k]),
            float(changes[k]),
            float(layer.weight_before[j, k]),
            float(layer.weight_after[j, k]),
            _kept(layer.weight_carried, j, k),
            held,
        )
        for k in order
    ]
    rest = len(changes) - len(order)
    if rest:
        others = np.setdiff1d(np.arange(len(changes)), order)
        sums = float(wishes[others].sum()), float(changes[others].sum())
        found.append(Move(f"{rest} more weights", None, *sums, frozen=held))
    return found


def moved_text(move: Move) -> str:
    """Old and new with so many decimals that a small move shows; empty for several together."""
    if move.old is None or move.new is None:
        return ""
    if move.old == move.new:
        return exact(move.old, 4)
    decimals = next((d for d in range(3, 8) if abs(move.change) >= 2 * 10.0**-d), 8)
    return f"{move.old:.{decimals}f} → {move.new:.{decimals}f}".replace("-", "−")


def kept_text(kept: Kept) -> str:
    """What the optimizer carries, before and after, with so many digits that a change shows."""
    before, after = before_and_after(kept.before, kept.after)
    return f"{kept.letter} {before} → {after}"


def captions(moment: Moment, neuron: Neuron, shown: list[Move]) -> str:
    """What each letter is that the optimizer carries, and what is odd in the rows; one a line."""
    layer = moment.trace.layers[neuron.layer - 1]
    carried = layer.weight_carried or layer.bias_carried
    lines = [carried_caption(c.name) for c in carried]
    if any(_rounded(moment, move) for move in shown):
        lines.append(f"Δ is new − old: so small a step is rounded by {moment.trace.dtype}.")
    return "\n".join(lines)


def _rounded(moment: Moment, move: Move) -> bool:
    """Whether Δ is seen to be another number than η times the wish, where it should be this."""
    if move.frozen or move.part is None or not moment.experiment.optimizer.only_by_gradient:
        return False
    step = moment.experiment.optimizer.learning_rate * move.wish
    return abs(move.change - step) > _SEEN * abs(step)


def change_text(move: Move) -> str:
    """What was really applied, or why nothing was."""
    return "frozen" if move.frozen else significant(move.change, 3, plus=True)


def move_tip(moment: Moment, move: Move) -> str:
    """The exact numbers of a row."""
    if move.part is None:
        head, letter = "The other weights, summed", "w"
    else:
        head = title_of(moment, move.part)
        letter = "b" if isinstance(move.part, Neuron) else "w"
    lines = [head, f"−∂C/∂{letter} = {exact(move.wish)}"]
    pull = _pull(moment, move)
    if pull is not None:
        kind = moment.experiment.regularization.kind.upper()
        lines.append(f"of which {kind} asks {exact(pull)}")
    lines.append("frozen" if move.frozen else f"Δ = {exact(move.change)}")
    if move.old is not None and move.new is not None:
        lines.append(f"{letter}: {exact(move.old)} → {exact(move.new)}")
    lines += [f"{kept.letter}: {exact(kept.before)} → {exact(kept.after)}" for kept in move.kept]
    return "\n".join(lines)


def _pull(moment: Moment, move: Move) -> float | None:
    regularization = moment.experiment.regularization
    if not isinstance(move.part, Weight) or move.old is None or regularization.kind == "none":
        return None
    of = move.old if regularization.kind == "l2" else float(np.sign(move.old))
    return -regularization.rate * of


def _kept(carried: tuple[Carried, ...], *at: int) -> tuple[Kept, ...]:
    return tuple(
        Kept(carried_letter(c.name), float(c.before[at]), float(c.after[at])) for c in carried
    )
