"""The shape of a message: what stays of it when everything is left out that changes from input to input.

Failures of one bucket whose messages have one shape are one *variant*: `index 7 out of range` and `index 12 out of
range` are alike, `empty header` is another.
"""

import re
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

CONSIDERED: Final = 1_000
"""Characters of a message that count: one that quotes a megabyte of input says what it is about at its beginning."""

LONGEST: Final = 200
"""Characters of a shape."""

_QUOTE: Final = '"…"'
_PATH: Final = "<path>"
_VALUE: Final = "#"

# A quote opens only where no word ends, so that an apostrophe is none; what nobody closes reaches to the end.
_CHANGING: Final = re.compile(
    r"""
    (?P<quote>(?<!\w)(?:[bruBRU]{1,2}(?=['"]))?(?:'(?:\\.|[^'\\])*+(?:'|\\?$)|"(?:\\.|[^"\\])*+(?:"|\\?$)|`[^`]*+(?:`|$)))
    | (?P<path>(?<![\w/\\.])(?:[A-Za-z]:|~|\.{1,2})?(?:[/\\][^\s/\\:,;'"`()\[\]{}<>|]+)+[/\\]?)
    | (?P<value>
        \b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b  # a UUID, which may have words without a digit
        | [-+]?\w*\d\w*(?:\.\w+)*(?:(?<=[eE])[-+]\d+)?
        | \b[a-fA-F]{8,}\b  # hexadecimal that happens to have no digit
      )
    """,
    re.VERBOSE | re.DOTALL,
)
_REPEATED: Final = re.compile(f"({_VALUE}|{_QUOTE})(?:[\\s,;:]*(?:{_VALUE}|{_QUOTE}))+")


def shape_of(message: str) -> str:
    """The message with numbers, dates, addresses, paths, UUIDs and quoted text replaced, lists of these cut to one, and
    white space evened out. A pure function; the work is bounded whatever the message is.
    """
    shape = _CHANGING.sub(_placeholder, message[:CONSIDERED])
    shape = _REPEATED.sub(r"\1", shape)
    return " ".join(shape.split())[:LONGEST].rstrip()


def _placeholder(match: "re.Match[str]") -> str:
    if match["quote"] is not None:
        return _QUOTE
    return _PATH if match["path"] is not None else _VALUE
