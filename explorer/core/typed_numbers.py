"""Numbers as people type and paste them: 0.15, −0.3, 1e-3, 1/3, and 0,15 where that is clear."""

from __future__ import annotations

import math
import re

_DIGITS = r"(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][+-]?\d+)?"
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+")
_NUMBER = re.compile(rf"([+-]?{_DIGITS})(?:\s*/\s*({_DIGITS}))?")


def parse_number(text: str) -> float | None:
    """The number that was typed into a field of its own; None where it is none.

    A comma is a decimal point here. Fractions are worked out; infinity is no number.

    >>> parse_number("−1/4")
    -0.25
    """
    match = _NUMBER.fullmatch(text.strip().replace("−", "-"))
    if match is None:
        return None
    above = float(match[1].replace(",", "."))
    below = float(match[2].replace(",", ".")) if match[2] else 1.0
    if below == 0 or not math.isfinite(above) or not math.isfinite(below):
        return None
    return above / below


def parse_whole(text: str) -> int | None:
    """As :func:`parse_number` for whole numbers, in which commas part the thousands.

    >>> parse_whole("1,000")
    1000
    """
    if "," in text:
        return int(text.replace(",", "")) if _GROUPED.fullmatch(text.strip()) else None
    number = parse_number(text)
    return int(number) if number is not None and number == int(number) else None


def pasted_table(text: str) -> list[list[str]]:
    """Rows of cells out of pasted text, as from a spreadsheet, a CSV file or Python.

    Rows end with a newline or a closing bracket. Cells are parted by tabs, else by semicolons,
    else by commas, else by spaces. A comma is a decimal point where something else parts the
    cells; commas alone part them, except in a single number such as ``0,15``.
    """
    text = re.sub(r"[\])}]\s*,\s*(?=[\[({])", "\n", text.strip())
    lines = [re.sub(r"[\[\](){}]", " ", line) for line in text.splitlines()]
    lines = [line.strip(" ,;") if "\t" not in line else line for line in lines]
    lines = [line for line in lines if line.strip()]
    if len(lines) == 1 and parse_number(lines[0]) is not None:
        return [[lines[0].strip()]]
    return [_cells(line) for line in lines]


def _cells(line: str) -> list[str]:
    for parted_by in ("\t", ";"):
        if parted_by in line:
            return [cell.strip() for cell in line.split(parted_by)]
    words = line.split()
    if len(words) > 1 and not any(word.endswith(",") or word.startswith(",") for word in words):
        return words  # a comma within a word is then a decimal point
    return [cell.strip() for cell in line.split(",")]
