"""The kind `float`. Every value comes back bitwise: an infinity is written `1e999`, a NaN
`{'nan': 0x7ff8000000000000}` with the 64 bits of its IEEE 754 form.
"""

import math
import re
import struct

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.kinds.kind import Kind
from fuzztui.target.kinds.literal import evaluate

__builtins__ = PRIVATE_BUILTINS

_NAN = r"\{'nan': 0x[0-9a-fA-F]{16}\}"
_EXPONENT = r"[eE][-+]?[0-9]++"
_PATTERN = re.compile(rf"-?(?:(?:[0-9]++\.[0-9]*+|\.[0-9]++)(?:{_EXPONENT})?|[0-9]++{_EXPONENT})|{_NAN}")


def _write(value: float) -> str:
    if math.isinf(value):
        return "1e999" if value > 0 else "-1e999"
    if math.isnan(value):
        return f"{{'nan': {int.from_bytes(struct.pack('>d', value), 'big'):#x}}}"
    return ascii(value)


def _read(line: str) -> float:
    value: float
    if not line.startswith("{"):
        value = evaluate(line)
        return value
    (value,) = struct.unpack(">d", bytes.fromhex(line[-17:-1]))
    if not math.isnan(value):
        raise ValueError(f"{line} is not a NaN")
    return value


def _show(value: float, _room: int) -> str:
    return repr(value) if math.isfinite(value) else f"float('{value}')"


FLOAT = Kind("float", lambda: float, float, _PATTERN, _write, _read, _show, between=(-math.inf, math.inf))
