"""The worksheet against torch autograd, and its formulas worked out again from what they print."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch

from explorer.core.beats import Beat
from explorer.core.data.load import load
from explorer.core.equations import Equation, Row, Term, fixed, given, long_sum, plain_text
from explorer.core.experiment import Adam, Experiment, Initial, Inline, Regularization, Sgd
from explorer.core.find_experiment import find_experiment
from explorer.core.moment import Moment
from explorer.core.part_of_network import Neuron
from explorer.core.trainer import Trainer
from explorer.core.worksheet import Section, listed_whole, worksheet

SUB, SUP = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"), str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
HIDDEN = ("linear", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "silu", "softplus")
SIGMA: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "linear": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": torch.nn.functional.leaky_relu,
    "elu": torch.nn.functional.elu,
    "gelu": torch.nn.functional.gelu,
    "silu": torch.nn.functional.silu,
    "softplus": torch.nn.functional.softplus,
    "softmax": lambda z: torch.softmax(z, 0),
}
COST: dict[str, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "squared_error": lambda a, y: (a - y) ** 2,
    "half_squared_error": lambda a, y: (a - y) ** 2 / 2,
    "mean_squared_error": lambda a, y: (a - y) ** 2 / len(y),
    "binary_cross_entropy": lambda a, y: -(y * a.log() + (1 - y) * (1 - a).log()) / len(y),
    "cross_entropy": lambda a, y: -y * a.log(),
}


def low(*indices: int) -> str:
    return ",".join(str(i + 1).translate(SUB) for i in indices)


def high(layer: int) -> str:
    return str(layer).translate(SUP)


class Oracle:
    """Every number of an update by its symbol, from torch autograd in double precision."""

    def __init__(self, moment: Moment) -> None:
        self.moment, trace = moment, moment.trace
        experiment = moment.experiment
        self.of: dict[str, float] = {}
        self.after: dict[str, float] = {}
        costs, gradients = [], []
        for i in range(trace.batch_size):
            cost, gradient = self._example(i, focused=i == moment.example)
            costs.append(cost)
            gradients.append(gradient)
            self.of[f"C{low(i)}"] = cost
            for symbol, value in gradient.items():
                self.of[f"∂C{low(i)}/∂{symbol}"] = value
        self.of["C_batch"] = self.of["C_batch before"] = float(np.mean(costs))
        regularization = experiment.regularization
        self.of["λ"] = regularization.rate
        for name in ("learning_rate", "momentum"):
            self.of["η" if name == "learning_rate" else "μ"] = getattr(
                experiment.optimizer, name, 0.0
            )
        self.gradient: dict[str, float] = {}
        for symbol in gradients[0]:
            pull = 0.0
            if symbol.startswith("w"):
                w = self.of[symbol]
                pull = {"none": 0.0, "l2": w, "l1": math.copysign(1, w)}[regularization.kind]
                self.of[f"sign({symbol})"] = math.copysign(1, w)
            mean = float(np.mean([g[symbol] for g in gradients])) + regularization.rate * pull
            self.of[f"∂C_batch/∂{symbol}"] = self.gradient[symbol] = mean

    def _example(self, i: int, *, focused: bool) -> tuple[float, dict[str, float]]:
        trace, experiment = self.moment.trace, self.moment.experiment
        a, y = torch.tensor(trace.inputs[i]), torch.tensor(trace.targets[i])
        kept: dict[str, torch.Tensor] = {f"x{low(k)}": v for k, v in enumerate(a)}
        kept |= {f"y{low(k)}": v for k, v in enumerate(y)}
        leaves, sums, said = [], [], []
        for layer, spec in zip(trace.layers, experiment.network.layers, strict=True):
            w = torch.tensor(layer.weight_before, requires_grad=True)
            b = torch.tensor(layer.bias_before, requires_grad=True)
            z = w @ a + b
            z.retain_grad()
            a = SIGMA[spec.activation](z)
            a.retain_grad()
            leaves.append((w, b))
            sums.append(z)
            said.append(a)
        terms = COST[experiment.loss](a, y)
        terms.sum().backward()
        gradients: dict[str, float] = {}
        for at, ((w, b), z, out) in enumerate(zip(leaves, sums, said, strict=True), start=1):
            assert w.grad is not None
            assert b.grad is not None
            assert z.grad is not None
            assert out.grad is not None
            for j in range(len(b)):
                gradients[f"b{high(at)}{low(j)}"] = float(b.grad[j])
                for k in range(w.shape[1]):
                    gradients[f"w{high(at)}{low(j, k)}"] = float(w.grad[j, k])
                    kept[f"w{high(at)}{low(j, k)}"] = w[j, k]
                kept[f"b{high(at)}{low(j)}"] = b[j]
                kept[f"z{high(at)}{low(j)}"] = z[j]
                kept[f"a{high(at)}{low(j)}"] = out[j]
                kept[f"δ{high(at)}{low(j)}"] = z.grad[j]
                kept[f"∂C{low(i)}/∂a{high(at)}{low(j)}"] = out.grad[j]
                name = experiment.network.layers[at - 1].activation
                if name != "softmax":
                    one = z[j].detach().clone().requires_grad_()
                    (slope,) = torch.autograd.grad(SIGMA[name](one), one)
                    kept[f"σ′(z{high(at)}{low(j)})"] = slope
                    kept[f"σ(z{high(at)}{low(j)})"] = torch.sigmoid(one)
                    kept[f"Φ(z{high(at)}{low(j)})"] = torch.special.ndtr(one)
                    density = torch.exp(-(one**2) / 2) / math.sqrt(2 * math.pi)
                    kept[f"φ(z{high(at)}{low(j)})"] = density
        kept |= {f"term {j + 1}": value for j, value in enumerate(terms)}
        kept["Σy"] = y.sum()
        if focused:
            self.of |= {symbol: value.item() for symbol, value in kept.items()}
        return terms.sum().item(), gradients


RUNS: list[tuple[str, dict[str, Any]]] = [
    *((f"hidden {name}", {"hidden": name}) for name in HIDDEN),
    *((f"output {name}", {"output": name, "loss": "squared_error"}) for name in HIDDEN),
    *((loss, {"loss": loss}) for loss in ("half_squared_error", "mean_squared_error")),
    ("binary", {"loss": "binary_cross_entropy"}),
    ("binary of one", {"loss": "binary_cross_entropy", "outputs": 1}),
    ("softmax", {"loss": "cross_entropy", "output": "softmax"}),
    ("alone", {"examples": 1}),
    ("alone under l2", {"examples": 1, "regularization": Regularization("l2", 0.1)}),
    ("l2", {"regularization": Regularization("l2", 0.25)}),
    ("l1", {"regularization": Regularization("l1", 0.125)}),
    ("many", {"examples": 20}),
]


def run(
    experiment_of: Callable[..., Experiment],
    *,
    hidden: str = "tanh",
    output: str = "sigmoid",
    loss: str = "squared_error",
    outputs: int = 2,
    examples: int = 3,
    updates: int = 1,
    beat: str = "update",
    units: int = 3,
    **parts: Any,
) -> Moment:
    """A moment of a random network with two inputs, in double precision."""
    random = np.random.default_rng(7)
    inputs = random.normal(0, 1, (examples, 2))
    targets = random.uniform(0.1, 0.9, (examples, outputs))
    if loss == "cross_entropy":
        targets /= targets.sum(axis=1, keepdims=True)
    sizes = [2, units, 2, outputs]
    initial = Initial(
        weights=tuple(rows(random.normal(0, 1, (n, m))) for m, n in pairwise(sizes)),
        biases=tuple(tuple(random.normal(0, 0.5, n).tolist()) for n in sizes[1:]),
    )
    experiment = experiment_of(
        [(units, hidden), (2, hidden), (outputs, output)],
        data=Inline(inputs=rows(inputs), targets=rows(targets)),
        initial=initial,
        size=examples,
        shuffle=False,
        loss=loss,
        dtype="float64",
        optimizer=parts.pop("optimizer", Sgd(learning_rate=0.5)),
        **parts,
    )
    dataset = load(experiment)
    trainer = Trainer(experiment, dataset)
    for _ in range(updates - 1):
        trainer.advance()
    trace = trainer.advance_traced()
    return Moment(dataset, trace, Beat(beat), min(1, examples - 1))


def rows(values: np.ndarray) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in values.tolist())


def equations(sections: tuple[Section, ...], kind: str = "") -> list[Equation]:
    return [
        line
        for section in sections
        if not kind or section.beat.kind == kind
        for line in section.lines
        if isinstance(line, Equation)
    ]


def read(text: str) -> float:
    return float(text.replace("−", "-"))


def put_in(line: Equation, text: str) -> list[str]:
    """The numbers that stand in a formula's text in the places of its terms."""
    places = [re.escape(part) for part in line.template.split("{}")]
    found = re.fullmatch(r"\(?(−?[\d.]+(?:e−?\d+)?)\)?".join(places), text)
    assert found is not None, f"{text} is not {line.template}"
    return list(found.groups())


def worked(text: str) -> float:
    """What a formula with numbers comes to, worked out by Python."""
    text = re.sub(r" \(\d+ more, summed\)", "", text)
    text = re.sub(r"e\^", "exp", text).replace("½", "0.5*")
    for sign, code in (("·", "*"), ("²", "**2"), ("−", "-"), ("ln(", "log(")):
        text = text.replace(sign, code)
    names = {name: getattr(math, name) for name in ("exp", "tanh", "log")}
    names |= {"max": max, "Φ": lambda z: (1 + math.erf(z / math.sqrt(2))) / 2}
    return float(eval(text, {"__builtins__": {}}, names))


@pytest.mark.parametrize("parts", [p for _, p in RUNS], ids=[name for name, _ in RUNS])
class TestAgainstAutograd:
    def test_every_number_is_what_autograd_says(
        self, experiment_of: Callable[..., Experiment], parts: dict[str, Any]
    ) -> None:
        moment = run(experiment_of, **parts)
        oracle = Oracle(moment)
        checked = 0
        for section in worksheet(moment):
            if section.beat.kind == "update":
                continue
            for line in section.lines:
                if not isinstance(line, Equation) or line.left.startswith("λ"):
                    continue
                assert float(line.value) == pytest.approx(oracle.of[line.left], rel=1e-9, abs=1e-13)
                for term in line.terms:
                    if term.symbol != "Σ":
                        expected = oracle.of[term.symbol]
                        assert float(term.value) == pytest.approx(expected, rel=1e-9, abs=1e-13)
                checked += 1
        assert checked > 50

    def test_formulas_come_to_their_results(
        self, experiment_of: Callable[..., Experiment], parts: dict[str, Any]
    ) -> None:
        """From the numbers as printed, so only to about the last decimals."""
        for line in equations(worksheet(run(experiment_of, **parts))):
            if line.terms:
                loose = 1e-6 * max(1.0, abs(float(line.value)))
                assert worked(line.put_in(9)) == pytest.approx(float(line.value), abs=loose)

    def test_what_is_printed_is_the_numbers(
        self, experiment_of: Callable[..., Experiment], parts: dict[str, Any]
    ) -> None:
        """The terms in their order, and the result, each to the decimals shown."""
        for decimals in (4, 6, 9):
            for line in equations(worksheet(run(experiment_of, **parts))):
                printed = line.rows(decimals)
                assert printed[0].left == line.left
                result = printed[-1].result
                assert result is not None
                close(result.text, float(line.value), decimals)
                text = "".join(span.text for row in printed for span in row.worked)
                if line.template not in ("", "{}"):
                    assert text.endswith(f"{line.put_in(decimals)} = ")
                    terms = put_in(line, line.put_in(decimals))
                    for shown, term in zip(terms, line.terms, strict=True):
                        close(shown, float(term.value), decimals)


def close(text: str, value: float, decimals: int) -> None:
    if "e" in text:
        assert read(text) == pytest.approx(value, rel=10.0 ** (1 - decimals))
    else:
        assert abs(read(text) - value) <= 0.5000001 * 10.0**-decimals


class TestUpdate:
    @pytest.mark.parametrize("kind", ["none", "l2"])
    def test_sgd_subtracts_the_rate_times_the_gradient(
        self, experiment_of: Callable[..., Experiment], kind: Any
    ) -> None:
        moment = run(experiment_of, regularization=Regularization(kind, 0.1))
        oracle = Oracle(moment)
        found = [e for e in equations(worksheet(moment), "update") if e.relation == "←"]
        assert {e.left for e in found} == oracle.gradient.keys()
        for line in found:
            expected = oracle.of[line.left] - 0.5 * oracle.gradient[line.left]
            assert float(line.value) == pytest.approx(expected, abs=1e-13)
            assert [t.symbol for t in line.terms] == [line.left, "η", f"∂C_batch/∂{line.left}"]

    def test_momentum_shows_the_velocity(self, experiment_of: Callable[..., Experiment]) -> None:
        optimizer = Sgd(learning_rate=0.5, momentum=0.9)
        moment = run(experiment_of, optimizer=optimizer, updates=3)
        before = run(experiment_of, optimizer=optimizer, updates=2)
        oracle = Oracle(moment)
        found = {e.left: e for e in equations(worksheet(moment), "update")}
        old = {e.left: e for e in equations(worksheet(before), "update")}
        for symbol, gradient in oracle.gradient.items():
            velocity = found[f"v({symbol})"]
            assert float(velocity.terms[1].value) == pytest.approx(
                float(old[f"v({symbol})"].value), abs=1e-13
            )
            expected = 0.9 * float(velocity.terms[1].value) + gradient
            assert float(velocity.value) == pytest.approx(expected, abs=1e-12)
            moved = oracle.of[symbol] - 0.5 * expected
            assert float(found[symbol].value) == pytest.approx(moved, abs=1e-12)

    @pytest.mark.parametrize(
        "optimizer",
        [Adam(), Sgd(0.5, weight_decay=0.1), Sgd(0.5, momentum=0.9, nesterov=True)],
        ids=["adam", "weight decay", "nesterov"],
    )
    def test_others_show_what_was_applied(
        self, experiment_of: Callable[..., Experiment], optimizer: Any
    ) -> None:
        moment = run(experiment_of, optimizer=optimizer, updates=2)
        layer = moment.trace.layers[0]
        found = {e.left: e for e in equations(worksheet(moment), "update")}
        line = found["w¹₂,₁"]
        assert [t.symbol for t in line.terms] == ["w¹₂,₁", "Δw¹₂,₁"]
        assert line.value == layer.weight_after[1, 0]
        assert float(line.terms[1].value) == layer.weight_after[1, 0] - layer.weight_before[1, 0]

    def test_frozen_ones_stay(self, experiment_of: Callable[..., Experiment]) -> None:
        moment = run(experiment_of, frozen=("bias1", "weight3"))
        for line in equations(worksheet(moment), "update"):
            frozen = line.left[:2] in ("b¹", "w³")
            assert (line.note == "frozen") == frozen
            assert (line.relation == "=") == frozen or "C" in line.left

    def test_the_penalty_stands_apart(self, experiment_of: Callable[..., Experiment]) -> None:
        moment = run(experiment_of, regularization=Regularization("l1", 0.125))
        lines = {e.left: e for e in equations(worksheet(moment), "cost")}
        expected = 0.125 * sum(np.abs(x.weight_before).sum() for x in moment.trace.layers)
        assert lines["λ·Σ|w|"].value == pytest.approx(expected)


@pytest.fixture(scope="module")
def printed() -> dict[str, list[str]]:
    found = find_experiment("mazur")
    dataset = load(found.experiment, found.folder)
    trace = Trainer(found.experiment, dataset).advance_traced()
    moment = Moment(dataset, trace, Beat("update"), 0)
    texts: dict[str, list[str]] = {}
    for line in equations(worksheet(moment)):
        result = line.rows(9)[-1].result
        assert result is not None
        texts.setdefault(line.left, []).append(result.text)
    return texts


class TestMazur:
    """The numbers that Mazur published, to the digits he gave."""

    @pytest.mark.parametrize(
        ("symbol", "published"),
        [
            ("z¹₁", "0.377500000"),
            ("a¹₁", "0.593269992"),
            ("a¹₂", "0.596884378"),
            ("z²₁", "1.105905967"),
            ("a²₁", "0.751365070"),
            ("a²₂", "0.772928465"),
            ("term 1", "0.274811083"),
            ("term 2", "0.023560026"),
            ("C_batch", "0.298371109"),
            ("∂C₁/∂a²₁", "0.741365070"),
            ("σ′(z²₁)", "0.186815602"),
            ("∂C₁/∂w²₁,₁", "0.082167041"),
            ("δ²₁", "0.138498562"),
            ("∂C₁/∂a¹₁", "0.036350306"),
            ("σ′(z¹₁)", "0.241300709"),
            ("∂C₁/∂w¹₁,₁", "0.000438568"),
            ("w²₁,₁", "0.358916480"),
            ("w²₁,₂", "0.408666186"),
            ("w²₂,₁", "0.511301270"),
            ("w²₂,₂", "0.561370121"),
            ("w¹₁,₁", "0.149780716"),
            ("w¹₁,₂", "0.199561432"),
            ("w¹₂,₁", "0.249751144"),
            ("w¹₂,₂", "0.299502287"),
            ("b¹₁", "0.35"),
        ],
    )
    def test_as_published(self, printed: dict[str, list[str]], symbol: str, published: str) -> None:
        assert printed[symbol] == [published]

    def test_the_new_error(self, printed: dict[str, list[str]]) -> None:
        """He rounded on the way: 0.291027924 there, 0.291027774 in double precision."""
        assert printed["C_batch after"] == ["0.291027774"]
        assert read(printed["C_batch after"][0]) == pytest.approx(0.291027924, abs=2e-7)


@pytest.fixture(scope="module")
def digits() -> Moment:
    found = find_experiment("digits")
    dataset = load(found.experiment, found.folder)
    trace = Trainer(found.experiment, dataset).advance_traced()
    return Moment(dataset, trace, Beat("average"), 4)


class TestLarge:
    def test_only_one_neuron_is_worked_out(self, digits: Moment) -> None:
        assert not listed_whole(digits)
        lines = equations(worksheet(digits, Neuron(2, 5)))
        own = {e.left for e in lines if re.match(r"[zaδ][¹²³]", e.left)}
        assert own == {"z²₆", "a²₆", "δ²₆"}
        titles = [s.title for s in worksheet(digits, Neuron(2, 5))]
        assert "Forward · hidden 2" in titles
        assert "Forward · hidden 1" not in titles

    def test_its_numbers_are_the_trace(self, digits: Moment) -> None:
        layer = digits.trace.layers[0]
        lines = {e.left: e for e in equations(worksheet(digits, Neuron(1, 3)))}
        assert lines["z¹₄"].value == layer.z[4, 3]
        assert lines["δ¹₄"].value == layer.delta[4, 3]
        listed = [s for s in lines if s.startswith("∂C₅/∂w")]
        assert len(listed) == 16
        largest = np.sort(np.abs(layer.weight_gradient[3]))[-16:]
        shown = [abs(float(e.value)) for s, e in lines.items() if s.startswith("∂C_batch/∂w")]
        assert np.sort(shown) == pytest.approx(largest)

    def test_long_sums_come_to_their_results(self, digits: Moment) -> None:
        """In float32 the numbers carry seven digits, so sums of 64 six."""
        for line in equations(worksheet(digits, Neuron(1, 3))):
            if line.terms:
                assert worked(line.put_in(9)) == pytest.approx(float(line.value), abs=2e-6)

    def test_what_a_sum_leaves_out_is_told_beside_its_numbers(self, digits: Moment) -> None:
        """Of 32 examples seven are written out: (g₁ + … + g₇ + rest (25 more, summed))/32."""
        sections = {s.beat.kind: s for s in worksheet(digits, Neuron(3, 3))}
        for kind, many in (("average", 17), ("cost", 1)):
            rows = plain_text(sections[kind].rows(9)).split("\n")
            told = [row for row in rows if re.search(r"[\d)] \(25 more, summed\)\)/32", row)]
            assert len(told) == many

    def test_without_a_neuron_the_one_of_the_sentence(self, digits: Moment) -> None:
        target = int(digits.trace.targets[4].argmax()) + 1
        lefts = {e.left for e in equations(worksheet(digits))}
        assert f"z³{str(target).translate(SUB)}" in lefts
        assert lefts == {e.left for e in equations(worksheet(digits, Neuron(0, 2)))}

    def test_a_large_network_need_not_be_slow(self, digits: Moment) -> None:
        assert sum(len(s.lines) for s in worksheet(digits, Neuron(1, 3))) < 100


class TestWriting:
    @pytest.mark.parametrize(
        ("value", "decimals", "text"),
        [
            (0.15, 9, "0.150000000"),
            (-0.0363503, 4, "−0.0364"),
            (0.000012345, 4, "1.234e−5"),
            (0.0012, 4, "0.0012"),
            (-3e-12, 9, "−3.00000000e−12"),
            (0.0, 4, "0.0000"),
            (2.5e9, 4, "2.500e9"),
        ],
    )
    def test_fixed(self, value: float, decimals: int, text: str) -> None:
        assert fixed(value, decimals) == text

    @pytest.mark.parametrize(
        ("value", "text"), [(0.15, "0.15"), (1.0, "1"), (0.1 + 0.2, "0.300000000"), (-20.0, "−20")]
    )
    def test_a_given_number_needs_no_zeros(self, value: float, text: str) -> None:
        assert given(value, 9) == text

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (np.float32(0.25), "0.25"),
            (np.float32(0.1), "0.1"),
            (np.float32(0.3558245), "0.355824500"),
            (0.43533808, "0.435338080"),
            (0.00001, "0.000010000"),
        ],
    )
    def test_a_number_of_many_decimals_has_all(self, value: float, text: str) -> None:
        """Others in its column need all of them; single precision ends in zeros by chance."""
        assert given(value, 9) == text

    def test_brackets_behind_signs(self) -> None:
        a, b = Term("a", -0.5), Term("b", -2.0)
        assert Equation("", "{}·{} + {}", (a, b, a), 0.5).put_in(4) == "−0.5·(−2) + (−0.5)"
        assert Equation("", "({} − {})²", (a, b), 2.25).put_in(4) == "(−0.5 − (−2))²"
        assert Equation("", "1 − {}²", (a,), 0.75).put_in(4) == "1 − (−0.5)²"

    def test_what_is_not_reached_shows_no_number(self) -> None:
        line = Equation("z", "{}·{}", (Term("w", 0.25), Term("x", 3.0)), 0.75)
        assert plain_text(line.rows(4, reached=False)) == "z = w·x = …"
        assert plain_text(line.rows(4)) == "z = w·x = 0.25·3 = 0.7500"

    def test_a_long_sum_counts_what_it_leaves_out(self) -> None:
        groups = [(Term(f"a{k}", float(k)), Term("b", -1.0)) for k in range(10)]
        template, terms = long_sum("{}·{}", groups, 4)
        assert [t.symbol for t in terms] == ["a7", "b", "a8", "b", "a9", "b", "Σ"]
        assert terms[-1].value == -21
        assert template == "{}·{} + {}·{} + {}·{} + {} (7 more, summed)"
        line = Equation("z", template, terms, -45.0, in_symbols=False)
        assert plain_text(line.rows(4)).endswith(" + 9·(−1) + (−21) (7 more, summed) = −45.0000")

    def test_equals_signs_stand_below_each_other(self) -> None:
        rows = [Row("z", "=", ()), Row("a long one", "←", ()), Row("", "=", ())]
        assert {
            line.index(s) for line, s in zip(plain_text(rows).split("\n"), "=←=", strict=True)
        } == {11}
