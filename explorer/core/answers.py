"""What the worker answers when it is asked more about an update than its trace holds. No torch.

The questions are in the folder ``questions``; an answer names the update that it is about.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from explorer.core.data.dataset import Floats
from explorer.core.frozen import Frozen
from explorer.core.part_of_network import Neuron, Weight

Plane: TypeAlias = Literal["path", "gradients"]
Direction: TypeAlias = Literal[
    "path 1", "path 2", "mini-batch gradient", "full-batch gradient", "random"
]


class Answer(Frozen, frozen=True, eq=False):
    """What every answer is: about one update, and read-only."""

    update: int


class Sweep(Answer, frozen=True, eq=False):
    """One parameter moved through a range while everything else is held: S real forward passes.

    Attributes
    ----------
    part : Weight, or Neuron for its bias
    example : int
        The member of the mini-batch, from 0, that ``z``, ``activation`` and ``loss`` are of.
    values : (S,)
        The values of the parameter, ascending.
    now : int
        The index in ``values`` of the parameter as it was before the update.
    z, activation : (S,)
        Of the neuron that the parameter belongs to.
    loss : (S,)
        Cᵢ of the example.
    batch_cost : (S,)
        Mean over the mini-batch.
    """

    part: Weight | Neuron
    example: int
    values: Floats
    now: int
    z: Floats
    activation: Floats
    loss: Floats
    batch_cost: Floats


class Speed(Struct, frozen=True):
    """Updates per second of one device and engine; ``runs`` marks that of the run on screen."""

    title: str
    updates_per_second: float
    runs: bool


class Speeds(Answer, frozen=True, eq=False):
    """How fast the same experiment trains on every device and engine of this machine."""

    speeds: tuple[Speed, ...]


class GradientCheck(Answer, frozen=True, eq=False):
    """Autograd beside central differences, for one parameter.

    Attributes
    ----------
    autograd : float
        ∂C_batch/∂w as the running model computed it, regularization included.
    difference : float
        (C(w + step) − C(w − step)) / 2·step, in float64 at the same parameters.
    step : float
    cost_above, cost_below : float
        C_batch, regularization included, at w + step and w − step.
    kink : bool
        Whether the cost bends between the two (a ReLU goes on or off, an L1 weight changes its
        sign), so that the difference is no slope there.
    """

    part: Weight | Neuron
    autograd: float
    difference: float
    step: float
    cost_above: float
    cost_below: float
    kink: bool = False

    @property
    def relative_error(self) -> float:
        """|autograd − difference| / max(|autograd|, |difference|); 0 where both are 0."""
        largest = max(abs(self.autograd), abs(self.difference))
        return abs(self.autograd - self.difference) / largest if largest else 0.0


class Comparison(Answer, frozen=True, eq=False):
    """The mini-batch gradient beside the full-batch gradient, at the parameters before the update.

    Attributes
    ----------
    cosine : float
        NaN where one of the two is zero.
    angle : float
        In degrees.
    mini_batch_length, full_batch_length : float
        Lengths of the two gradients.
    mini_batch_examples, full_batch_examples : int
        How many examples each of them needed.
    """

    cosine: float
    angle: float
    mini_batch_length: float
    full_batch_length: float
    mini_batch_examples: int
    full_batch_examples: int


class CostSlice(Answer, frozen=True, eq=False):
    """The total cost on a plane through the parameters after the update, and two paths on it.

    Attributes
    ----------
    plane : "path" or "gradients"
        Spanned by the two leading directions of the recorded path, or by the mini-batch and the
        full-batch gradient; the latter also when it was asked for the path, and the path has
        fewer than two directions.
    directions : (Direction, Direction)
        What x and y run along. Where the two gradients are parallel, or one is zero, others stand
        in for them.
    x, y : (Gx,), (Gy,)
        Coordinates along two orthogonal unit directions, in units of the parameters, ascending in
        equal steps; (0, 0) is the current point, and a point of the grid.
    cost : (Gy, Gx)
        Total cost, without regularization; row r is at y[r]. Not finite where it overflows.
    examples, all_examples : int
        The cost is the mean over so many of so many training examples; all, unless that would
        take too long.
    mini_batch_path : (U + 1, 2)
        Coordinates of the parameters before the first and after each of the last U updates,
        projected onto the plane; the last is (0, 0).
    full_batch_path : (V + 1, 2)
        The same of full-batch updates from the same start; V is U, or fewer where they diverge.
    kept : float
        The share, 0 to 1, of the mini-batch path that lies in the plane: of the squared distances
        of its points from the current point. 1 for a path that stands still.
    first : int
        The update after which both paths start.
    """

    plane: Plane
    directions: tuple[Direction, Direction]
    x: Floats
    y: Floats
    cost: Floats
    examples: int
    all_examples: int
    mini_batch_path: Floats
    full_batch_path: Floats
    kept: float
    first: int
