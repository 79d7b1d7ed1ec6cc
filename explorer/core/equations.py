"""Equations as one would write them by hand: in symbols, with the numbers put in, the result."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from msgspec import Struct

from explorer.core.narration import Span, Tone, tone_of
from explorer.core.numbers import number

Value: TypeAlias = float | np.floating[Any]
FEWEST_DECIMALS, MOST_DECIMALS = 4, 9
_ONE_ROW = 58  # signs up to which symbols and numbers stand in one row


class Term(NamedTuple):
    """A symbol of an equation and its number."""

    symbol: str
    value: Value


class Row(NamedTuple):
    """One row: ``left = worked = result   note``.

    ``left`` is empty where a row goes on with the one above, ``relation`` where it is of words.
    """

    left: str
    relation: str
    worked: tuple[Span, ...]
    result: Span | None = None
    note: str = ""


def fixed(value: Value, decimals: int) -> str:
    """A value with so many decimals and a true minus sign.

    Where they would show fewer than two of its digits, or more than seven stand before the
    point, it is written with an exponent and ``decimals`` digits.

    >>> fixed(-0.36350306, 4)
    '−0.3635'
    >>> fixed(0.000012345, 4)
    '1.235e−5'
    """
    size = abs(float(value))
    if not math.isfinite(size):
        return number(float(value))
    if size and (size < 10.0 ** (1 - decimals) or size >= 1e7):
        mantissa, exponent = f"{size:.{decimals - 1}e}".split("e")
        text = f"{mantissa}e{int(exponent)}".replace("-", "−")
    else:
        text = f"{size:.{decimals}f}"
    return f"−{text}" if value < 0 else text


def given(value: Value, decimals: int) -> str:
    """As :func:`fixed`, but a number of few decimals, as people write them, has no more.

    >>> given(0.15, 9)
    '0.15'
    >>> given(0.3558245, 9)
    '0.355824500'
    """
    text = fixed(value, decimals)
    if "." not in text or "e" in text:
        return text
    few = fixed(value, FEWEST_DECIMALS)
    exact = "e" not in few and type(value)(few.replace("−", "-")) == value
    return few.rstrip("0").rstrip(".") if exact else text


class Equation(Struct, frozen=True):
    """``left = formula = formula with the numbers put in = value``.

    Attributes
    ----------
    template : str
        The formula with ``{}`` for every term; empty for a number that is given.
    signed : bool
        Whether the value is coloured by its sign.
    in_symbols : bool
        Whether the formula is written out before the numbers are put in.
    note : str
        A remark behind the value.
    """

    left: str
    template: str
    terms: tuple[Term, ...]
    value: Value
    relation: str = "="
    signed: bool = True
    in_symbols: bool = True
    note: str = ""

    @property
    def formula(self) -> str:
        """The formula in symbols."""
        return self.template.format(*(term.symbol for term in self.terms))

    def put_in(self, decimals: int) -> str:
        """The formula with numbers; those below zero stand in brackets behind another sign."""
        parts = self.template.split("{}")
        text = parts[0]
        for term, after in zip(self.terms, parts[1:], strict=True):
            shown = given(term.value, decimals)
            open_ = not text or text.endswith("(")
            squared = after.startswith("²")
            text += f"({shown})" if term.value < 0 and (squared or not open_) else shown
            text += after
        return text

    def rows(self, decimals: int, *, reached: bool = True) -> list[Row]:
        """The rows it takes; numbers that are not reached yet are an ellipsis."""
        formula = self.formula if self.in_symbols else ""
        if not reached:
            return [Row(self.left, self.relation, _ended(formula), Span("…"))]
        tone: Tone = tone_of(float(self.value)) if self.signed else "strong"
        result = Span((fixed if self.terms else given)(self.value, decimals), tone)
        numbers = self.put_in(decimals) if self.template not in ("", "{}") else ""
        if numbers and formula and len(formula) + len(numbers) > _ONE_ROW:
            return [
                Row(self.left, self.relation, (Span(formula),)),
                Row("", "=", _ended(numbers, "strong"), result, self.note),
            ]
        worked = (*_ended(formula), *_ended(numbers, "strong"))
        return [Row(self.left, self.relation, worked, result, self.note)]


def _ended(text: str, tone: Tone = "plain") -> tuple[Span, ...]:
    """The text and an equals sign; nothing where there is none."""
    return (Span(text, tone), Span(" = ")) if text else ()


class Remark(Struct, frozen=True):
    """A line of words between the equations."""

    text: str

    def rows(self, decimals: int, *, reached: bool = True) -> list[Row]:
        """One row of words; they tell no numbers."""
        del decimals, reached
        return [Row("", "", (Span(self.text),))]


def plain_text(rows: Sequence[Row]) -> str:
    """Rows as lines of text, their equals signs below each other."""
    width = max((len(row.left) for row in rows), default=0)
    lines = []
    for row in rows:
        words = "".join(span.text for span in row.worked)
        if row.relation:
            words = f"{row.left:{width}} {row.relation} {words}"
        result = row.result.text if row.result else ""
        lines.append(f"{words}{result}{'   ' if row.note else ''}{row.note}")
    return "\n".join(lines)


def long_sum(
    shape: str, groups: Sequence[tuple[Term, ...]], most: int
) -> tuple[str, tuple[Term, ...]]:
    """The template and terms of a sum of products, each written as ``shape``.

    Of more than ``most`` products the largest are written out, and the others as one number,
    behind which stands how many they are.
    """
    products = [math.prod(float(term.value) for term in group) for group in groups]
    order = list(range(len(groups)))
    rest: list[int] = []
    if len(groups) > most:
        ranked = sorted(order, key=lambda k: -abs(products[k]))
        order, rest = sorted(ranked[: most - 1]), ranked[most - 1 :]
    template = " + ".join([shape] * len(order))
    terms = [term for k in order for term in groups[k]]
    if rest:
        template += f" + {{}} ({len(rest)} more, summed)"
        terms.append(Term("Σ", math.fsum(products[k] for k in rest)))
    return template, tuple(terms)
