"""A target's arguments and their form as a file.

A single `bytes` argument is stored raw, so that corpora can be shared with other fuzzers. Anything else is ASCII text,
a version line followed by one Python literal for each argument:

    fuzztui v1
    'key'
    3

Every value comes back bitwise. Three things have no obvious literal: an infinity is written `1e999`, a NaN
`{'nan': 0x7ff8000000000000}` with the 64 bits of its IEEE 754 form, and an int of 2**64 and beyond in hexadecimal,
because Python refuses to convert thousands of decimal digits.
"""

import ast
import math
import re
import struct
from collections.abc import Callable, Sequence
from typing import TypeAlias

from fuzztui.protocol.own import OWN_BUILTINS
from fuzztui.target.errors import MalformedInput

__builtins__ = OWN_BUILTINS

Value: TypeAlias = bytes | str | int | float | bool

TYPES: dict[str, type[Value]] = {"bytes": bytes, "str": str, "int": int, "float": float, "bool": bool}
"""The types a parameter may have, by name."""

_VERSION = "fuzztui v1"
_RAW = ("bytes",)
_DECIMAL_BELOW = 1 << 64


def type_names(values: Sequence[object]) -> str:
    """The types of values, as messages show them: `[str, int]`."""
    return f"[{', '.join(type(value).__name__ for value in values)}]"


def zero(parameters: Sequence[str]) -> tuple[Value, ...]:
    """The zero value of each type: what fuzzing starts from where there is no seed."""
    return tuple(TYPES[name]() for name in parameters)


# Writing ----------------------------------------------------------------------------------------------------------


def encode(arguments: tuple[Value, ...]) -> bytes:
    """The file form of one call's arguments. TypeError for a value of any other type, subclasses included."""
    names = tuple(type(value).__name__ for value in arguments)
    if not names or any(TYPES.get(name) is not type(value) for name, value in zip(names, arguments, strict=True)):
        raise TypeError(f"cannot store {type_names(arguments)}")
    return encoder(names)(arguments)


def encoder(parameters: Sequence[str]) -> Callable[[tuple[Value, ...]], bytes]:
    """`encode` for arguments of these very types, without its checks: it runs once for every execution."""
    if tuple(parameters) == _RAW:
        return _raw
    # `%a` writes ascii(repr(value)): one call into C for the whole file, right for all but rare ints and floats.
    template = _VERSION.encode() + b"\n" + b"%a\n" * len(parameters)
    ints = tuple(i for i, name in enumerate(parameters) if name == "int")
    floats = tuple(i for i, name in enumerate(parameters) if name == "float")
    if not ints and not floats:
        return template.__mod__

    def encode_checked(arguments: tuple[Value, ...]) -> bytes:
        for i in ints:
            if not -_DECIMAL_BELOW < arguments[i] < _DECIMAL_BELOW:  # type: ignore[operator]
                return _encode_slowly(arguments)
        for i in floats:
            if arguments[i] - arguments[i] != 0.0:  # type: ignore[operator]
                return _encode_slowly(arguments)
        return template % arguments

    return encode_checked


def _raw(arguments: tuple[Value, ...]) -> bytes:
    return arguments[0]  # type: ignore[return-value]


def _encode_slowly(arguments: tuple[Value, ...]) -> bytes:
    return "\n".join((_VERSION, *map(_literal, arguments), "")).encode("ascii")


def _literal(value: Value) -> str:
    if type(value) is int and not -_DECIMAL_BELOW < value < _DECIMAL_BELOW:
        return hex(value)
    if type(value) is float:
        if math.isinf(value):
            return "1e999" if value > 0 else "-1e999"
        if math.isnan(value):
            return f"{{'nan': {int.from_bytes(struct.pack('>d', value), 'big'):#x}}}"
    return ascii(value)


# Reading ----------------------------------------------------------------------------------------------------------

# A line is given to the parser only if it is one literal in its entirety: nothing in it can nest, so nothing in it can
# exhaust a stack, and every escape is one that Python accepts without a warning. Possessive repeats keep the match
# linear and free of backtracking state for strings of many megabytes.
_ESCAPE = r"[\\'\"abfnrtv]|[0-3]?[0-7]{1,2}|x[0-9a-fA-F]{2}"
_STRING = r"""'(?:[^'\\]++|\\(?:%s))*+'|"(?:[^"\\]++|\\(?:%s))*+\""""
_BYTES_LITERAL = re.compile("b(?:%s)" % (_STRING % (_ESCAPE, _ESCAPE)))
_STR_LITERAL = re.compile(_STRING % ((_ESCAPE + "|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}",) * 2))
_NUMBER = re.compile(r"-?(?:0[xX][0-9a-fA-F]++|(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][-+]?[0-9]++)?)|True|False")
_NAN = re.compile(r"\{'nan': 0x([0-9a-fA-F]{16})\}")
_TOO_LONG = "an int of %d decimal digits, write it in hexadecimal"


def decode(data: bytes, parameters: Sequence[str]) -> tuple[Value, ...]:
    """The arguments stored in a file's bytes, of exactly these types; `MalformedInput` says what is wrong otherwise."""
    if tuple(parameters) == _RAW:
        return (data,)
    try:
        lines = data.decode("ascii").rstrip().split("\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise MalformedInput(f"line {line}: byte 0x{data[error.start]:02x} is not ASCII") from None
    if lines[0].rstrip() != _VERSION:
        raise MalformedInput(f"line 1: {_excerpt(lines[0])}, want {_VERSION!r}")
    values = tuple(_parse(line.strip(), number) for number, line in enumerate(lines[1:], start=2))
    found, want = type_names(values), f"[{', '.join(parameters)}]"
    if len(values) != len(parameters):
        raise MalformedInput(f"{found}, want {want}")
    for number, (value, name) in enumerate(zip(values, parameters, strict=True), start=2):
        if type(value) is not TYPES[name]:
            raise MalformedInput(f"line {number}: {found}, want {want}")
    return values


def _parse(line: str, number: int) -> Value:
    if nan := _NAN.fullmatch(line):
        return _nan(int(nan[1], 16), line, number)
    if not line.isprintable() or not any(p.fullmatch(line) for p in (_NUMBER, _STR_LITERAL, _BYTES_LITERAL)):
        raise MalformedInput(f"line {number}: {_excerpt(line)} is not a literal of bytes, str, int, float or bool")
    try:
        value: Value = ast.literal_eval(line)
    except (SyntaxError, ValueError) as error:
        digits = len(line.lstrip("-"))
        reason = _TOO_LONG % digits if "integer string conversion" in str(error) else f"{_excerpt(line)}: {error}"
        raise MalformedInput(f"line {number}: {reason}") from None
    except (MemoryError, RecursionError) as error:
        raise MalformedInput(f"line {number}: {type(error).__name__} while reading it") from None
    return value


def _nan(bits: int, line: str, number: int) -> float:
    value: float = struct.unpack(">d", bits.to_bytes(8, "big"))[0]
    if not math.isnan(value):
        raise MalformedInput(f"line {number}: {line} is not a NaN")
    return value


def _excerpt(line: str) -> str:
    return ascii(line if len(line) <= 40 else f"{line[:40]}...")


# Showing ----------------------------------------------------------------------------------------------------------


_HALF_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\(?:x.?|u.{0,3}|U.{0,7})?\Z")
"""What remains of an escape that a cut went through, after complete escaped backslashes."""


def show(arguments: Sequence[Value], limit: int = 200) -> str:
    """The arguments as a call would spell them, in about `limit` characters; what is cut ends in `…` and its size."""
    pieces: list[str] = []
    left = limit
    for position, value in enumerate(arguments):
        room = max(left // (len(arguments) - position), 8)
        pieces.append(_show(value, room))
        left -= len(pieces[-1]) + 2
    return ", ".join(pieces)


def _show(value: Value, room: int) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return f"float('{value}')"
    if type(value) is int and not -_DECIMAL_BELOW < value < _DECIMAL_BELOW:
        # Only the leading digits are converted: a number of a million digits takes no longer than a short one.
        digits, size = (abs(value).bit_length() + 3) // 4, f"({abs(value).bit_length()} bits)"
        if digits + 3 <= room:
            return hex(value)
        return f"{'-' if value < 0 else ''}{abs(value) >> 4 * (digits - room):#x}… {size}"
    if isinstance(value, bytes | str):
        text = repr(value[:room])
        if len(text) > room + 3 or len(value) > room:
            unit = "bytes" if isinstance(value, bytes) else "characters"
            cut = _HALF_ESCAPE.sub(r"\1", text[:room])
            return f"{cut}… ({len(value)} {unit})"
        return text
    return repr(value)
