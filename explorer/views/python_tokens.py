"""Which parts of a line of Python are coloured. No Qt here."""

from __future__ import annotations

import contextlib
import keyword
import tokenize
from typing import Literal, NamedTuple, TypeAlias

TokenKind: TypeAlias = Literal["keyword", "string", "number", "comment"]

_KINDS: dict[str, TokenKind] = {
    "STRING": "string",
    # From Python 3.12 on an f-string comes in parts.
    "FSTRING_START": "string",
    "FSTRING_MIDDLE": "string",
    "FSTRING_END": "string",
    "NUMBER": "number",
    "COMMENT": "comment",
}


class Coloured(NamedTuple):
    """A stretch of a line, in characters."""

    start: int
    length: int
    kind: TokenKind


def coloured(line: str) -> list[Coloured]:
    """The stretches of one line that differ from plain text, first to last.

    The line may open or close brackets that others belong to; strings end on their line.
    """
    found = []
    # A bracket that stays open, or was opened before, ends a line's tokens with an error.
    with contextlib.suppress(tokenize.TokenError, SyntaxError):
        for token in tokenize.generate_tokens(iter([line]).__next__):
            kind = _kind(token)
            if kind is not None and token.start[0] == token.end[0] == 1:
                found.append(Coloured(token.start[1], token.end[1] - token.start[1], kind))
    return found


def _kind(token: tokenize.TokenInfo) -> TokenKind | None:
    if token.type == tokenize.NAME:
        return "keyword" if keyword.iskeyword(token.string) else None
    return _KINDS.get(tokenize.tok_name[token.type])
