"""Literals of the kinds whose file form is a plain Python literal."""

import ast
import re
from typing import Any

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.syntax import ALONE

__builtins__ = PRIVATE_BUILTINS

# Every escape is one that Python accepts without a warning. Possessive repeats keep a match linear and free of
# backtracking state for strings of many megabytes.
ESCAPE = r"[\\'\"abfnrtv]|[0-3]?[0-7]{1,2}|x[0-9a-fA-F]{2}"
_QUOTED = r"""'(?:[^'\\]++|\\(?:%s))*+'|"(?:[^"\\]++|\\(?:%s))*+\""""


def quoted(prefix: str, escape: str) -> re.Pattern[str]:
    """Matches a literal in quotes of either sort, with these escapes after a backslash."""
    return re.compile(f"{prefix}(?:{_QUOTED % (escape, escape)})")


def evaluate(line: str) -> Any:
    """The value of one literal; ValueError with the reason if Python refuses it."""
    try:
        with ALONE:
            return ast.literal_eval(line)
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"{excerpt(line)}: {error}") from None


def excerpt(line: str) -> str:
    """The beginning of a line, printable, for a message."""
    return ascii(line if len(line) <= 40 else f"{line[:40]}...")


_HALF_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\(?:x.?|u.{0,3}|U.{0,7})?\Z")
"""What remains of an escape that a cut went through, after complete escaped backslashes."""


def show_quoted(value: bytes | str, room: int, unit: str) -> str:
    """The literal if it fits, else its beginning and how many of the unit the value has."""
    text = repr(value[:room])
    if len(text) <= room + 3 and len(value) <= room:
        return text
    cut = _HALF_ESCAPE.sub(r"\1", text[:room])
    return f"{cut}… ({len(value)} {unit})"
