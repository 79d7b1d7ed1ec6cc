"""One update worked out by hand: every intermediate number of a moment, section by section.

Upper indices are layers and lower ones neurons, of a weight to and from; of a cost the lower index
is the member of the mini-batch. All numbers are those of the trace, or follow from them in double
precision where a trace has none: σ′(z), what is left of a long sum, gradients of single examples.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from msgspec import Struct

from explorer.core.beats import TITLES, Beat
from explorer.core.equations import Equation, Remark, Row, Term, long_sum
from explorer.core.experiment import Activation
from explorer.core.moment import Moment
from explorer.core.narration import protagonist
from explorer.core.numbers import subscript, superscript
from explorer.core.part_of_network import Neuron, Weight, layer_title
from explorer.core.readings import neuron_title
from explorer.core.trace import LayerTrace
from explorer.core.worked_formulas import (
    activation_formula,
    cost_formula,
    cost_slope_formula,
    entropy_delta,
    slope_formula,
)
from explorer.core.worked_update import average_lines, symbol_of, update_lines

Line: TypeAlias = Equation | Remark
MOST_PARAMETERS = 400
"""Networks with more are not listed whole, only one neuron of theirs."""
_MOST_TERMS = 16
_INDICES = "Upper index: layer. Lower index: neuron, of a weight to and from. Wish: −∂C/∂…"


class Section(Struct, frozen=True):
    """What one beat works out."""

    beat: Beat
    title: str
    lines: tuple[Line, ...]

    def rows(self, decimals: int, *, reached: bool = True) -> list[Row]:
        """The rows of all lines; numbers that are not reached yet are an ellipsis."""
        return [row for line in self.lines for row in line.rows(decimals, reached=reached)]


def listed_whole(moment: Moment) -> bool:
    """Whether the network is small enough for every number of it to be listed."""
    return sum(x.weight_before.size + x.units for x in moment.trace.layers) <= MOST_PARAMETERS


def worksheet(moment: Moment, neuron: Neuron | None = None) -> tuple[Section, ...]:
    """The sections of a moment, in the order of the beats.

    Of a network with more than :data:`MOST_PARAMETERS` parameters only what concerns one neuron
    is worked out (without one, or for an input, the one that the sentence names), and of its sums
    and weights only the largest are listed, the others counted.
    """
    if listed_whole(moment):
        sheet = _Sheet(moment, None)
    else:
        named = neuron is not None and neuron.layer > 0
        sheet = _Sheet(moment, neuron if named else protagonist(moment))
    sections = (
        Section(beat, _title(moment, beat), tuple(sheet.lines(beat))) for beat in moment.beats
    )
    return tuple(section for section in sections if section.lines)


def _title(moment: Moment, beat: Beat) -> str:
    layer = f" · {layer_title(beat.layer, moment.n_layers)}" if beat.layer else ""
    return TITLES[beat.kind] + layer


class _Sheet:
    """Works out the lines of each beat; of one neuron alone where ``only`` is given."""

    def __init__(self, moment: Moment, only: Neuron | None) -> None:
        self._moment, self._trace = moment, moment.trace
        self._i, self._only = moment.example, only
        widest = max(self._trace.units(layer) for layer in range(moment.n_layers + 1))
        self._most = widest if only is None else _MOST_TERMS
        self._most_examples = _MOST_TERMS if only is None else _MOST_TERMS // 2

    def lines(self, beat: Beat) -> list[Line]:
        """The lines of a beat; none where it does not concern the one neuron."""
        match beat.kind:
            case "mini_batch":
                return self._given()
            case "forward":
                return [line for j in self._neurons(beat.layer) for line in self._forward(beat, j)]
            case "cost":
                return self._cost()
            case "backward":
                return [line for j in self._neurons(beat.layer) for line in self._backward(beat, j)]
            case "average":
                return average_lines(
                    self._moment, self._parts(), self._unlisted(), self._most_examples
                )
            case "update":
                return update_lines(self._moment, self._parts(), self._unlisted())

    # What is listed --------------------------------------------------------------------------

    def _neurons(self, layer: int) -> list[int]:
        if self._only is None:
            return list(range(self._trace.units(layer)))
        return [self._only.index] if self._only.layer == layer else []

    def _sources(self, layer: int, j: int) -> list[int]:
        """The neurons whose weights to neuron j are listed: all, or those of most gradient."""
        sizes = np.abs(self._trace.layers[layer - 1].weight_gradient[j])
        if self._only is None or len(sizes) <= _MOST_TERMS:
            return list(range(len(sizes)))
        return sorted(int(k) for k in np.argsort(-sizes, kind="stable")[:_MOST_TERMS])

    def _parts(self) -> list[Weight | Neuron]:
        """The parameters listed, backwards through the layers as their gradients arise."""
        parts: list[Weight | Neuron] = []
        for layer in range(self._moment.n_layers, 0, -1):
            for j in self._neurons(layer):
                parts += [Weight(layer, j, k) for k in self._sources(layer, j)]
                parts.append(Neuron(layer, j))
        return parts

    def _unlisted(self) -> int:
        """How many weights of the one neuron are not listed."""
        if self._only is None:
            return 0
        return self._trace.units(self._only.layer - 1) - len(
            self._sources(self._only.layer, self._only.index)
        )

    # Symbols with their numbers ---------------------------------------------------------------

    def _layer(self, layer: int) -> LayerTrace:
        return self._trace.layers[layer - 1]

    def _sigma(self, layer: int) -> Activation:
        return self._moment.experiment.network.layers[layer - 1].activation

    def _z(self, layer: int, j: int) -> Term:
        symbol = f"z{superscript(layer)}{subscript(j + 1)}"
        return Term(symbol, self._layer(layer).z[self._i, j])

    def _a(self, layer: int, k: int) -> Term:
        symbol = f"a{superscript(layer)}" if layer else "x"
        return Term(symbol + subscript(k + 1), self._trace.activation(layer)[self._i, k])

    def _y(self, j: int) -> Term:
        return Term(f"y{subscript(j + 1)}", self._trace.targets[self._i, j])

    def _w(self, layer: int, j: int, k: int) -> Term:
        return Term(symbol_of(Weight(layer, j, k)), self._layer(layer).weight_before[j, k])

    def _b(self, layer: int, j: int) -> Term:
        return Term(symbol_of(Neuron(layer, j)), self._layer(layer).bias_before[j])

    def _delta(self, layer: int, j: int) -> Term:
        symbol = f"δ{superscript(layer)}{subscript(j + 1)}"
        return Term(symbol, self._layer(layer).delta[self._i, j])

    def _by(self, symbol: str) -> str:
        return f"∂C{subscript(self._i + 1)}/∂{symbol}"

    # The beats -------------------------------------------------------------------------------

    def _given(self) -> list[Line]:
        trace, dataset = self._trace, self._moment.dataset
        words = f"Example {self._i + 1} of {trace.batch_size} in focus."
        if trace.dtype == "float32":
            words += " In float32 the numbers are good to about 7 digits."
        remarks = [Remark(words), Remark(_INDICES)]
        if self._only is not None:
            title = neuron_title(self._moment, self._only)
            remarks.insert(1, Remark(f"Only {title} is worked out: the network is large."))
        inputs = [(self._a(0, k), dataset.input_names[k]) for k in range(trace.units(0))]
        targets = [(self._y(j), dataset.output_label(j)) for j in range(trace.targets.shape[1])]
        return [*remarks, *self._listed("inputs", inputs), *self._listed("targets", targets)]

    def _listed(self, kind: str, values: list[tuple[Term, str]]) -> list[Line]:
        """Numbers with their names where these say more than the symbol; many are counted."""
        if self._only is not None and len(values) > _MOST_TERMS:
            return [Remark(f"{len(values)} {kind}")]
        return [
            Equation(symbol, "", (), value, signed=False, note="" if name in plain else name)
            for k, ((symbol, value), name) in enumerate(values)
            for plain in [(str(k + 1), f"x{k + 1}", symbol[0])]
        ]

    def _forward(self, beat: Beat, j: int) -> list[Line]:
        layer = beat.layer
        groups = [
            (self._w(layer, j, k), self._a(layer - 1, k))
            for k in range(self._trace.units(layer - 1))
        ]
        template, terms = long_sum("{}·{}", groups, self._most)
        z, a = self._z(layer, j), self._a(layer, j)
        every = [self._z(layer, n) for n in range(self._trace.units(layer))]
        formula, inside = activation_formula(self._sigma(layer), z, every, self._most)
        return [
            Equation(z.symbol, f"{template} + {{}}", (*terms, self._b(layer, j)), z.value),
            Equation(a.symbol, formula, inside, a.value, signed=False),
        ]

    def _cost(self) -> list[Line]:
        trace, i, last = self._trace, self._i, self._moment.n_layers
        outputs = trace.targets.shape[1]
        lines: list[Line] = []
        for j in self._neurons(last):
            template, terms = cost_formula(
                self._moment.experiment.loss, self._a(last, j), self._y(j), outputs
            )
            value = trace.loss_terms[i, j]
            lines.append(Equation(f"term {j + 1}", template, terms, value, signed=False))
        shares = [(Term(f"term {j + 1}", trace.loss_terms[i, j]),) for j in range(outputs)]
        template, terms = long_sum("{}", shares, self._most)
        own = f"C{subscript(i + 1)}"
        lines.append(Equation(own, template, terms, trace.losses[i], signed=False))
        costs = [(Term(f"C{subscript(m + 1)}", c),) for m, c in enumerate(trace.losses)]
        template, terms = long_sum("{}", costs, self._most_examples)
        if trace.batch_size > 1:
            template = f"({template})/{trace.batch_size}"
        lines.append(Equation("C_batch", template, terms, trace.batch_cost, signed=False))
        if self._moment.experiment.regularization.kind != "none":
            lines.append(self._penalty())
        return lines

    def _penalty(self) -> Equation:
        """What regularization adds, apart from the cost; over all weights, so not put in."""
        kind = self._moment.experiment.regularization.kind
        symbol = "λ·½Σw²" if kind == "l2" else "λ·Σ|w|"
        rate = self._moment.experiment.regularization.rate
        return Equation(
            symbol, "", (), self._trace.penalty, signed=False, note=f"apart, with λ = {rate:g}"
        )

    def _backward(self, beat: Beat, j: int) -> list[Line]:
        layer = beat.layer
        delta = self._delta(layer, j)
        lines: list[Line] = [self._by_activation(layer, j)]
        lines += self._deltas(layer, j)
        for k in self._sources(layer, j):
            a = self._a(layer - 1, k)
            lines.append(
                Equation(
                    self._by(self._w(layer, j, k).symbol),
                    "{}·{}",
                    (delta, a),
                    float(delta.value) * float(a.value),
                )
            )
        lines.append(Equation(self._by(self._b(layer, j).symbol), "{}", (delta,), delta.value))
        return lines

    def _by_activation(self, layer: int, j: int) -> Equation:
        """∂C/∂a: of an output by the loss, of a hidden neuron by the sum of what is handed back."""
        a = self._a(layer, j)
        value = self._layer(layer).activation_gradient[self._i, j]
        if layer == self._moment.n_layers:
            loss, outputs = self._moment.experiment.loss, self._trace.targets.shape[1]
            template, terms = cost_slope_formula(loss, a, self._y(j), outputs)
        else:
            ahead = range(self._trace.units(layer + 1))
            groups = [(self._delta(layer + 1, n), self._w(layer + 1, n, j)) for n in ahead]
            template, terms = long_sum("{}·{}", groups, self._most)
        return Equation(self._by(a.symbol), template, terms, value)

    def _deltas(self, layer: int, j: int) -> list[Line]:
        """σ′(z), and δ with it; softmax has no σ′ of its own."""
        a, z, delta = self._a(layer, j), self._z(layer, j), self._delta(layer, j)
        loss, sigma = self._moment.experiment.loss, self._sigma(layer)
        by_a = Term(self._by(a.symbol), self._layer(layer).activation_gradient[self._i, j])
        lines: list[Line] = []
        template, terms = "", tuple[Term, ...]()
        if sigma != "softmax":
            slope = slope_formula(sigma, z, a)
            symbol = f"σ′({z.symbol})"
            lines.append(
                Equation(
                    symbol, slope.template, slope.terms, slope.value, signed=False, note=slope.note
                )
            )
            template, terms = "{}·{}", (by_a, Term(symbol, slope.value))
        note = ""
        if layer == self._moment.n_layers and loss in ("binary_cross_entropy", "cross_entropy"):
            total = float(self._trace.targets[self._i].sum())
            outputs = self._trace.targets.shape[1]
            template, terms = entropy_delta(loss, a, self._y(j), outputs, total)
            note = "σ′ and 1/(a·(1 − a)) cancel" if sigma == "sigmoid" else "softmax and ln cancel"
        lines.append(Equation(delta.symbol, template, terms, delta.value, note=note))
        return lines
