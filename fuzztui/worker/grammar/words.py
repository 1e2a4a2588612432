"""Words of a text, and the signs between them."""

import re
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

_SIGN: Final = re.compile(r"(\W)")
_BYTE_SIGN: Final = re.compile(rb"(\W)")


def words_apart(text: Any) -> list[Any]:
    """The words of bytes or a str, empty between two signs, at even places, and each sign at an odd one; joined they
    are the text.
    """
    sign: Any = _SIGN if isinstance(text, str) else _BYTE_SIGN
    found: list[Any] = sign.split(text)
    return found


def as_word(text: str) -> re.Pattern[str]:
    """An expression for a text where it is no part of a longer word."""
    return re.compile(rf"(?<!\w){re.escape(text)}(?!\w)")
