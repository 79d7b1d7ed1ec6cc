"""Numbers and indices as they are written on screen."""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec import Struct

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float, digits: int = 3) -> str:
    """A value to about ``digits`` significant digits, with a true minus sign.

    >>> number(-0.2504)
    '−0.250'
    >>> number(1234.5)
    '1,234'
    """
    magnitude = abs(value)
    if not math.isfinite(value):
        text = "∞" if math.isinf(value) else "NaN"
    elif magnitude == 0:
        text = "0"
    elif magnitude < 10**-digits or magnitude >= 1e6:
        mantissa, exponent = f"{magnitude:.{digits - 2}e}".split("e")
        text = f"{mantissa}e{'−' if exponent[0] == '-' else ''}{exponent[1:].lstrip('0')}"
    else:
        decimals = digits - 1 - math.floor(math.log10(magnitude))
        text = f"{magnitude:,.{max(0, min(decimals, digits + 1))}f}"
    return f"−{text}" if value < 0 else text


def counts(values: Sequence[float], spacing: float) -> list[str]:
    """Whole numbers along an axis, so many apart; in millions where these are short.

    >>> counts([0, 500_000, 1_000_000], 500_000)
    ['0', '0.5 M', '1 M']
    """
    if max(values, default=0) < 1e6 or spacing < 1e4:
        return [f"{value:,.0f}" for value in values]
    return [f"{value / 1e6:,.12g} M" if value else "0" for value in values]


def signed(value: float, digits: int = 3) -> str:
    """As :func:`number`, with a plus sign before what is above zero."""
    text = number(value, digits)
    return f"+{text}" if value > 0 else text


def bracketed(value: float, digits: int = 3) -> str:
    """As :func:`number`, with brackets around what is below zero, to stand after a sign."""
    text = number(value, digits)
    return f"({text})" if value < 0 else text


def exact(value: float, digits: int = 7) -> str:
    """A value to so many significant digits, zeros at the end left out; float32 has seven.

    >>> exact(-0.00001234567)
    '−1.234567e−5'
    """
    mantissa, _, power = f"{value:.{digits}g}".partition("e")
    text = f"{mantissa}e{int(power)}" if power else mantissa
    return text.replace("-", "−").replace("nan", "NaN").replace("inf", "∞")


def significant(value: float, digits: int = 3, *, plus: bool = False) -> str:
    """A value to exactly so many significant digits, however small; ``plus`` signs it both ways.

    >>> significant(0.0012)
    '0.00120'
    >>> significant(-0.000012)
    '−1.20e−5'
    """
    if not value or not math.isfinite(value):
        return number(value)
    scientific = f"{value:+.{digits - 1}e}" if plus else f"{value:.{digits - 1}e}"
    mantissa, _, exponent = scientific.partition("e")
    power = int(exponent)
    text = f"{mantissa}e{power}"
    if -4 <= power <= digits + 2:
        text = f"{value:{'+' if plus else ''},.{max(digits - 1 - power, 0)}f}"
    return text.replace("-", "−")


def before_and_after(before: float, after: float) -> tuple[str, str]:
    """Two values with three significant digits, or as many more, to nine, as tell them apart.

    Nine tell any two float32 apart.

    >>> before_and_after(0.0021302, 0.0021297)
    ('0.0021302', '0.0021297')
    """
    texts = [(significant(before, digits), significant(after, digits)) for digits in range(3, 10)]
    told = (pair for pair in texts if before == after or pair[0] != pair[1])
    return next(told, texts[-1])


class Column(Struct, frozen=True):
    """One way to write all numbers of a column: so many decimals, of one power of ten.

    A number too small for them keeps its sign and shows as −0.000; only 0 itself is written 0.
    """

    decimals: int
    exponent: int = 0

    @classmethod
    def for_largest(cls, size: float, digits: int = 3) -> Column:
        """The column whose largest number has about ``digits`` significant digits."""
        if not size or not math.isfinite(size):
            return cls(digits)
        power = math.floor(math.log10(size))
        if -digits <= power < 6:
            return cls(max(0, digits - power - (power < 0)))
        return cls(digits - 1, power)

    def text(self, value: float, *, plus: bool = False) -> str:
        """A number of the column; ``plus`` signs it both ways.

        >>> Column.for_largest(0.0607).text(-8e-9)
        '−0.0000'
        """
        if not value or not math.isfinite(value):
            return number(value)
        # In two steps, for 10 to the power of the smallest of floats is 0.
        half = self.exponent // 2
        scaled = abs(value) / 10.0**half / 10.0 ** (self.exponent - half)
        text = f"{scaled:,.{self.decimals}f}"
        if self.exponent:
            text += f"e{self.exponent}".replace("-", "−")
        return f"{'−' if value < 0 else '+' if plus else ''}{text}"

    def bracketed(self, value: float) -> str:
        """As :meth:`text`, with brackets around what is below zero, to stand after a sign."""
        return f"({self.text(value)})" if value < 0 else self.text(value)


def short(value: float) -> str:
    """A value in as few signs as fit into a neuron or a cell: two decimals below ten."""
    magnitude = abs(value)
    if not math.isfinite(value) or magnitude >= 1e4:
        return number(value, 2)
    text = f"{magnitude:.{2 if magnitude < 10 else 1 if magnitude < 100 else 0}f}"
    return f"−{text}" if value < 0 and float(text) else text


def percent(share: float) -> str:
    """A share in percent: with a decimal where it is small, and 100 % only for all of it."""
    value = 100 * share
    if 0 < value < 10:
        return f"{value:.1f} %" if value >= 0.1 else "under 0.1 %"
    if 99 < value < 100:
        return f"{math.floor(value * 10) / 10:.1f} %"
    return f"{value:.0f} %"


def rounded(value: float) -> str:
    """A count or rate to three digits, in thousands or millions where it is that large.

    >>> rounded(1234567.0)
    '1.23 M'
    >>> rounded(2270.0)
    '2.27 k'
    """
    for unit, letter in ((1e6, " M"), (1e3, " k")):
        if value >= 0.9995 * unit:
            return f"{significant(value / unit)}{letter}"
    return significant(value)


def subscript(*indices: int) -> str:
    """Indices as subscript digits: ``subscript(3, 12)`` is ``₃,₁₂``."""
    return ",".join(str(index).translate(_SUBSCRIPTS) for index in indices)


def superscript(index: int) -> str:
    """An index as superscript digits, as of a layer: ``superscript(2)`` is ``²``."""
    return str(index).translate(_SUPERSCRIPTS)


def nice_ceiling(value: float) -> float:
    """The least of 1, 1.5, 2, 3, 5 and 7 times a power of ten not below a positive value."""
    power = 10.0 ** math.floor(math.log10(value))
    steps = (1, 1.5, 2, 3, 5, 7, 10)
    return next(step * power for step in steps if value <= step * power * (1 + 1e-9))
