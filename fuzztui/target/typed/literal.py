"""Plain values as Python literals, and back. Every value comes back bitwise."""

import struct
from ast import literal_eval
from collections.abc import Callable, Sequence
from math import isinf, isnan
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.kinds import KINDS
from fuzztui.target.kinds.literal import excerpt
from fuzztui.target.syntax import ALONE

__builtins__ = PRIVATE_BUILTINS

_LONG: Final = 1 << 64
"""Integers from here on are hexadecimal: Python refuses to convert thousands of decimal digits."""


def write(value: Any) -> str:
    """The literal of a plain value, ASCII and without line breaks."""
    cls = type(value)
    if cls is tuple:
        inner = ", ".join(map(write, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if cls is float:
        if isinf(value):
            return "1e999" if value > 0 else "-1e999"
        if isnan(value):
            return f"{{'nan': {int.from_bytes(struct.pack('>d', value), 'big'):#x}}}"
    elif cls is int and not -_LONG < value < _LONG:
        return hex(value)
    return ascii(value)


def read(text: str) -> Any:
    """The value of a literal, with tuples and lists as they are written; ValueError if it is none, or another one."""
    try:
        with ALONE:
            value = literal_eval(text)
    except (SyntaxError, ValueError, TypeError) as error:
        reason = "an int of too many decimal digits" if "integer string" in str(error) else error
        raise ValueError(f"{excerpt(text)}: {reason}") from None
    return _plain(value)


def _plain(value: Any) -> Any:
    if type(value) in (tuple, list):
        return type(value)(map(_plain, value))
    if type(value) is dict:
        bits = value.get("nan")
        if len(value) != 1 or type(bits) is not int or not 0 <= bits < _LONG:
            raise ValueError(f"{excerpt(ascii(value))} is no value")
        number: float = struct.unpack(">d", bits.to_bytes(8, "big"))[0]
        if not isnan(number):
            raise ValueError(f"{excerpt(ascii(value))} is not a NaN")
        return number
    return value


def writer(parameters: Sequence[str], version: str) -> Callable[[tuple[Any, ...]], bytes]:
    """A function from plain values of these parameters to a file: one call into C for all but odd floats and huge
    integers.
    """
    template = version.encode() + b"\n" + b"%a\n" * len(parameters)
    kinds = [KINDS.get(name) for name in parameters]
    writers = [write if kind is None else kind.write for kind in kinds]

    def write_each(values: tuple[Any, ...]) -> bytes:
        lines = [one(value) for one, value in zip(writers, values, strict=True)]
        return "\n".join((version, *lines, "")).encode("ascii")

    if not all(kind is None or kind.is_ascii_repr for kind in kinds):
        return write_each

    def write_all(values: tuple[Any, ...]) -> bytes:
        try:
            data = template % values
        except ValueError:
            return write_each(values)
        # A text may have these letters too: it only takes longer.
        return write_each(values) if b"inf" in data or b"nan" in data else data

    return write_all
