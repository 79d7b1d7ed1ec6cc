"""The words of the table of wishes: names of rows, the note below, and what pointing tells."""

from __future__ import annotations

from typing import Literal, TypeAlias

from explorer.core.data.dataset import Floats
from explorer.core.moment import Moment
from explorer.core.narration import agreement_of
from explorer.core.nudges import Scope, Wishes
from explorer.core.numbers import exact, subscript
from explorer.core.part_of_network import Neuron, Selectable, parameter_symbol
from explorer.core.readings import title_of
from explorer.views.nudge_cells import unit_text

Summary: TypeAlias = Literal["mean", "pull", "gradient"]
HEADS: dict[Summary, str] = {"mean": "mean", "pull": "", "gradient": "−∂C/∂w"}


def summaries(moment: Moment, *, roomy: bool) -> tuple[Summary, ...]:
    """The columns beside the examples: the mean alone where it is −gradient."""
    if moment.experiment.regularization.kind == "none":
        return ("mean",)
    return ("mean", "pull", "gradient") if roomy else ("mean", "gradient")


def summary_head(moment: Moment, summary: Summary) -> str:
    """What stands above such a column."""
    return HEADS[summary] or moment.experiment.regularization.kind.upper()


def summary_values(wishes: Wishes, summary: Summary, rows: range) -> Floats:
    """The numbers of such a column, (r,)."""
    match summary:
        case "mean":
            return wishes.means(rows)
        case "pull":
            return wishes.pulls(rows)
        case "gradient":
            return wishes.negative_gradients(rows)


def row_name(part: Selectable, scope: Scope) -> str:
    """A parameter's name, as long as the scope needs: b, w₇; b₃, w₃,₇; L2 · b₃, L2 · w₃,₇."""
    if scope == "neuron":
        return "b" if isinstance(part, Neuron) else f"w{subscript(part.source + 1)}"
    name = parameter_symbol(part)
    return name if scope == "layer" else f"L{part.layer} · {name}"


def longest_name(wishes: Wishes, scope: Scope) -> str:
    """The widest name that a row may have, by its digits."""
    names = []
    for block in wishes.blocks:
        units, behind = block.first + block.delta.shape[1], block.behind.shape[1] - 1
        digits = "₄" * len(str(behind))
        if scope != "neuron":
            digits = "₄" * len(str(units)) + "," + digits
        names.append(f"L{block.layer} · w{digits}" if scope == "network" else f"w{digits}")
    return max(names, key=len)


def column_name(moment: Moment, member: int) -> str:
    """A short label of an example's class, or its number."""
    index = int(moment.trace.indices[member])
    label = moment.dataset.label_of(moment.dataset.train, index)
    return label if 0 < len(label) <= 3 else str(member + 1)


def note(
    moment: Moment, wishes: Wishes, scope: Scope, rows: range, columns: range, exponent: int
) -> str:
    """What is seen, in which unit, what the mean is, and how far the examples agree."""
    parts = []
    for seen, count, noun in (
        (rows, wishes.parameters, "parameters"),
        (columns, wishes.examples, "examples"),
    ):
        if len(seen) < count:
            parts.append(f"{_span(seen)} of {count:,} {noun}")
    text = ", ".join(parts) + ". " if parts else ""
    text += f"Numbers × {unit_text(exponent)}. " if exponent else ""
    if moment.experiment.regularization.kind == "none":
        text += "The mean over the mini-batch is −gradient"
    else:
        text += f"The mean and {_pull(moment)} add up to −gradient"
    if wishes.examples > 1:
        text += "; " + "".join(span.text for span in agreement_of(wishes, scope))
    return f"{text}."


def wish_tip(moment: Moment, part: Selectable, member: int) -> str:
    """One example's wish for one parameter, its formula with exact numbers."""
    trace = moment.trace
    target = part.index if isinstance(part, Neuron) else part.target
    delta = float(trace.layers[part.layer - 1].delta[member, target])
    head = f"{title_of(moment, part)}\n{_example(moment, member)}\n"
    if isinstance(part, Neuron):
        return f"{head}−∂Cᵢ/∂b = −δ = {exact(-delta)}"
    a = float(trace.activation(part.layer - 1)[member, part.source])
    factors = f"−({exact(delta)}) × {exact(a)}"
    return f"{head}−∂Cᵢ/∂w = −δ·a = {factors} = {exact(-delta * a)}"


def part_tip(moment: Moment, wishes: Wishes, row: int) -> str:
    """One parameter's mean wish and its gradient, exact."""
    rows, part = range(row, row + 1), wishes.part(row)
    letter = "b" if isinstance(part, Neuron) else "w"
    mean = f"mean of the {wishes.examples} wishes = {exact(float(wishes.means(rows)[0]))}"
    lines = [title_of(moment, part), mean]
    if moment.experiment.regularization.kind != "none":
        lines.append(f"{_pull(moment)} = {exact(float(wishes.pulls(rows)[0]))}")
    lines.append(f"−∂C/∂{letter} = {exact(float(wishes.negative_gradients(rows)[0]))}")
    return "\n".join(lines)


def column_tip(moment: Moment, member: int) -> str:
    """An example's name and cost."""
    return f"{_example(moment, member)}\nCᵢ = {exact(float(moment.trace.losses[member]))}"


def _example(moment: Moment, member: int) -> str:
    index = int(moment.trace.indices[member])
    label = moment.dataset.label_of(moment.dataset.train, index)
    return f"example {member + 1} of {moment.trace.batch_size}" + (f" · {label}" if label else "")


def _pull(moment: Moment) -> str:
    regularization = moment.experiment.regularization
    of = "w" if regularization.kind == "l2" else "sign(w)"
    return f"{regularization.kind.upper()}’s pull −{exact(regularization.rate)}·{of}"


def _span(seen: range) -> str:
    return f"{seen.start + 1:,}–{seen.stop:,}" if len(seen) > 1 else f"{seen.start + 1:,}"
