"""The pictures there are, and the formats that each is written in. No Qt here."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias, get_args

What: TypeAlias = Literal["window", "network"]
Format: TypeAlias = Literal["png", "svg", "pdf"]
FORMATS: tuple[Format, ...] = get_args(Format)


def formats_of(what: What) -> tuple[Format, ...]:
    """The formats that there are of a picture; all but PNG are sharp at any size."""
    return FORMATS if what == "network" else ("png",)


def format_of(path: Path, what: What) -> Format:
    """The format that a file's name asks for.

    Raises
    ------
    ValueError
        When there are no such pictures in a format of that name.
    """
    ending = path.suffix.lower().removeprefix(".")
    for known in formats_of(what):
        if ending == known:
            return known
    names = " or ".join(known.upper() for known in formats_of(what))
    raise ValueError(f"A picture of the {what} is written as {names}, not to {path.name}.")
