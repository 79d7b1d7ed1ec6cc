"""How an optimizer moves a parameter, in formulas: what it carries, and what Δ is. As in torch."""

from __future__ import annotations

from msgspec import Struct

from explorer.core.experiment import (
    Adagrad,
    Adam,
    AdamW,
    OptimizerSpec,
    RmsProp,
    Sgd,
)
from explorer.core.numbers import exact

_NAMES: dict[type[OptimizerSpec], str] = {
    Sgd: "SGD",
    Adam: "Adam",
    AdamW: "AdamW",
    RmsProp: "RMSprop",
    Adagrad: "Adagrad",
}
_CARRIED = {
    "momentum_buffer": ("m", "what is carried over from update to update"),
    "exp_avg": ("m", "running mean of the gradients"),
    "exp_avg_sq": ("v", "running mean of their squares"),
    "max_exp_avg_sq": ("V", "the largest v so far"),
    "square_avg": ("v", "running mean of the squared gradients"),
    "grad_avg": ("n", "running mean of the gradients"),
    "sum": ("s", "sum of the squared gradients so far"),
}


class Rule(Struct, frozen=True):
    """What an optimizer does to a parameter w whose gradient ∂C/∂w is known.

    ``title`` names it; ``formulas`` begin with that of Δ, then say what its letters are. ``plain``
    says that Δ is −η times the gradient and nothing else.
    """

    title: str
    formulas: tuple[str, ...] = ()
    plain: bool = False


def rule_of(optimizer: OptimizerSpec) -> Rule:
    """The rule of an optimizer with its settings."""
    rate = f"η = {exact(optimizer.learning_rate)}"
    if optimizer.only_by_gradient:
        return Rule(f"Δ = −η · gradient,  {rate}", plain=True)
    title = f"Δ applied by {_NAMES[type(optimizer)]},  {rate}"
    return Rule(title, (*_formula(optimizer), _gradient(optimizer)))


def carried_letter(name: str) -> str:
    """The letter that stands in the formulas for what torch calls ``name``."""
    return _CARRIED[name][0] if name in _CARRIED else name


def carried_caption(name: str) -> str:
    """What torch's ``name`` is, in words."""
    letter = carried_letter(name)
    return f"{letter} = {name}: {_CARRIED[name][1]}" if name in _CARRIED else name


def _gradient(optimizer: OptimizerSpec) -> str:
    decay = 0.0 if isinstance(optimizer, AdamW) else optimizer.weight_decay
    return f"g = ∂C/∂w + {exact(decay)}·w" if decay else "g = ∂C/∂w"


def _formula(optimizer: OptimizerSpec) -> tuple[str, ...]:
    match optimizer:
        case Sgd():
            return _sgd(optimizer)
        case Adam() | AdamW():
            return _adam(optimizer)
        case RmsProp():
            return _rmsprop(optimizer)
        case Adagrad():
            return _adagrad(optimizer)


def _sgd(optimizer: Sgd) -> tuple[str, ...]:
    if not optimizer.momentum:
        return ("Δ = −η·g",)
    kept = exact(optimizer.momentum)
    delta = f"Δ = −η·(g + {kept}·m)" if optimizer.nesterov else "Δ = −η·m"
    if not optimizer.dampening:
        return delta, f"m ← {kept}·m + g"
    return delta, f"m ← {kept}·m + {exact(1 - optimizer.dampening)}·g, the first m is g"


def _adam(optimizer: Adam | AdamW) -> tuple[str, ...]:
    first, second = optimizer.betas
    decay = optimizer.weight_decay if isinstance(optimizer, AdamW) else 0.0
    pull = f" − η·{exact(decay)}·w" if decay else ""
    squares = "V" if optimizer.amsgrad else "v"
    return (
        f"Δ = −η·m̂ / (√v̂ + {exact(optimizer.eps)}){pull}",
        f"m̂ = m / (1 − {exact(first)}ᵗ) in update t",
        f"v̂ = {squares} / (1 − {exact(second)}ᵗ)",
        f"m ← {exact(first)}·m + {exact(1 - first)}·g",
        f"v ← {exact(second)}·v + {exact(1 - second)}·g²",
    )


def _rmsprop(optimizer: RmsProp) -> tuple[str, ...]:
    kept, rest = exact(optimizer.alpha), exact(1 - optimizer.alpha)
    root = "√(v − n²)" if optimizer.centered else "√v"
    step = f"g / ({root} + {exact(optimizer.eps)})"
    means = [f"v ← {kept}·v + {rest}·g²"]
    if optimizer.centered:
        means.append(f"n ← {kept}·n + {rest}·g")
    if not optimizer.momentum:
        return (f"Δ = −η·{step}", *means)
    return ("Δ = −η·m", f"m ← {exact(optimizer.momentum)}·m + {step}", *means)


def _adagrad(optimizer: Adagrad) -> tuple[str, ...]:
    decay = optimizer.lr_decay
    rate = f"η / (1 + {exact(decay)}·(t − 1))" if decay else "η"
    return (f"Δ = −{rate}·g / (√s + {exact(optimizer.eps)})", "s ← s + g²")
