"""The kind `int`. A number of 2**64 and beyond is written in hexadecimal: Python refuses to convert thousands of
decimal digits.
"""

import re

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.kinds.kind import Kind
from fuzztui.target.kinds.literal import evaluate

__builtins__ = PRIVATE_BUILTINS

_DECIMAL_BELOW = 1 << 64


def _is_decimal(value: int) -> bool:
    return -_DECIMAL_BELOW < value < _DECIMAL_BELOW


def _write(value: int) -> str:
    return ascii(value) if _is_decimal(value) else hex(value)


def _read(line: str) -> int:
    try:
        number: int = evaluate(line)
    except ValueError as error:
        if "integer string conversion" not in str(error):
            raise
        digits = len(line.lstrip("-"))
        raise ValueError(f"an int of {digits} decimal digits, write it in hexadecimal") from None
    return number


def _show(value: int, room: int) -> str:
    if _is_decimal(value):
        return repr(value)
    # Only the leading digits are converted: a number of a million digits takes no longer than a short one.
    bits = abs(value).bit_length()
    digits = (bits + 3) // 4
    if digits + 3 <= room:
        return hex(value)
    return f"{'-' if value < 0 else ''}{abs(value) >> 4 * (digits - room):#x}… ({bits} bits)"


INT = Kind(
    "int",
    lambda: int,
    int,
    re.compile(r"-?(?:0[xX][0-9a-fA-F]++|[0-9]++)"),
    _write,
    _read,
    _show,
    between=(-_DECIMAL_BELOW, _DECIMAL_BELOW),
)
