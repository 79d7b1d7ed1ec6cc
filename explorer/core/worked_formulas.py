"""The formulas of activations and losses as templates for :class:`Equation`, with their slopes."""

from __future__ import annotations

import math
from typing import NamedTuple

from explorer.core.equations import Term
from explorer.core.experiment import Activation, Loss


class Slope(NamedTuple):
    """σ′(z): its formula, terms and value, and where it is a choice between two, why this one."""

    template: str
    terms: tuple[Term, ...]
    value: float
    note: str = ""


def activation_formula(
    activation: Activation, z: Term, layer: list[Term], most: int
) -> tuple[str, tuple[Term, ...]]:
    """Template and terms of a = σ(z); ``layer`` is every z of the layer, which softmax needs."""
    match activation:
        case "linear":
            return "{}", (z,)
        case "sigmoid":
            return "1/(1 + e^(−{}))", (z,)
        case "tanh":
            return "tanh({})", (z,)
        case "relu":
            return "max(0, {})", (z,)
        case "leaky_relu":
            return "max(0.01·{}, {})", (z, z)
        case "elu":
            return ("{}" if z.value > 0 else "e^({}) − 1"), (z,)
        case "gelu":
            return "{}·Φ({})", (z, z)
        case "silu":
            return "{}/(1 + e^(−{}))", (z, z)
        case "softplus":
            return "ln(1 + e^({}))", (z,)
        case "softmax":
            return _softmax(z, layer, most)


def _softmax(z: Term, layer: list[Term], most: int) -> tuple[str, tuple[Term, ...]]:
    """Of many outputs only the first powers are written out, and how many more there are."""
    shown = layer if len(layer) <= most else layer[: most - 1]
    powers = " + ".join(["e^({})"] * len(shown))
    more = f" + … {len(layer) - len(shown)} more" if len(shown) < len(layer) else ""
    return f"e^({{}})/({powers}{more})", (z, *shown)


def slope_formula(activation: Activation, z: Term, a: Term) -> Slope:
    """σ′(z) of every activation but softmax, whose outputs depend on all z of the layer.

    The value is worked out here in double precision from z and a.
    """
    at, said = float(z.value), float(a.value)
    above = f"as {z.symbol} > 0"
    below = f"as {z.symbol} ≤ 0"
    match activation:
        case "linear":
            return Slope("", (), 1.0)
        case "sigmoid":
            return Slope("{}·(1 − {})", (a, a), said * (1 - said))
        case "tanh":
            return Slope("1 − {}²", (a,), 1 - said**2)
        case "relu":
            return Slope("", (), 1.0, above) if at > 0 else Slope("", (), 0.0, below)
        case "leaky_relu":
            return Slope("", (), 1.0, above) if at > 0 else Slope("", (), 0.01, below)
        case "elu":
            return Slope("", (), 1.0, above) if at > 0 else Slope("e^({})", (z,), math.exp(at))
        case "softplus":
            return Slope("1/(1 + e^(−{}))", (z,), _sigma(at))
        case "silu":
            share = Term(f"σ({z.symbol})", _sigma(at))
            value = _sigma(at) * (1 + at * (1 - _sigma(at)))
            return Slope("{}·(1 + {}·(1 − {}))", (share, z, share), value)
        case "gelu":
            below_z = (1 + math.erf(at / math.sqrt(2))) / 2
            density = math.exp(-(at**2) / 2) / math.sqrt(2 * math.pi)
            terms = Term(f"Φ({z.symbol})", below_z), z, Term(f"φ({z.symbol})", density)
            return Slope("{} + {}·{}", terms, below_z + at * density)
        case "softmax":
            raise ValueError("softmax has no slope of its own")


def _sigma(z: float) -> float:
    if z < 0:
        return math.exp(z) / (1 + math.exp(z))
    return 1 / (1 + math.exp(-z))


def cost_formula(loss: Loss, a: Term, y: Term, outputs: int) -> tuple[str, tuple[Term, ...]]:
    """Template and terms of one output's share of the cost."""
    match loss:
        case "squared_error":
            return "({} − {})²", (a, y)
        case "half_squared_error":
            return "½({} − {})²", (a, y)
        case "mean_squared_error":
            return _mean("({} − {})²", outputs), (a, y)
        case "binary_cross_entropy":
            entropy = "−{}·ln({}) − (1 − {})·ln(1 − {})"
            return _mean(entropy if outputs == 1 else f"({entropy})", outputs), (y, a, y, a)
        case "cross_entropy":
            return "−{}·ln({})", (y, a)


def cost_slope_formula(loss: Loss, a: Term, y: Term, outputs: int) -> tuple[str, tuple[Term, ...]]:
    """Template and terms of ∂C/∂a of an output."""
    match loss:
        case "squared_error":
            return "2·({} − {})", (a, y)
        case "half_squared_error":
            return "{} − {}", (a, y)
        case "mean_squared_error":
            return _mean("2·({} − {})", outputs), (a, y)
        case "binary_cross_entropy":
            share = "({} − {})/({}·(1 − {}))"
            return _mean(share, outputs), (a, y, a, a)
        case "cross_entropy":
            return "−{}/{}", (y, a)


def entropy_delta(
    loss: Loss, a: Term, y: Term, outputs: int, target_sum: float
) -> tuple[str, tuple[Term, ...]]:
    """Template and terms of δ for the losses whose factors cancel against σ′.

    With softmax δ = a·Σy − y, where Σy is 1 as a rule.
    """
    if loss == "binary_cross_entropy":
        return ("{} − {}" if outputs == 1 else f"({{}} − {{}})/{outputs}"), (a, y)
    if target_sum != 1:
        return "{}·{} − {}", (a, Term("Σy", target_sum), y)
    return "{} − {}", (a, y)


def _mean(template: str, outputs: int) -> str:
    """The template divided by the number of outputs, where there are several."""
    return template if outputs == 1 else f"{template}/{outputs}"
