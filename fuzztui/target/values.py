"""A target's arguments and their form as a file.

A single `bytes` argument is stored raw, so that corpora can be shared with other fuzzers. Anything else is ASCII text,
a version line followed by one literal for each argument, which its kind (see `fuzztui.target.kinds`) writes and reads:

    fuzztui v1
    'key'
    3

Every value comes back bitwise.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.errors import MalformedInput
from fuzztui.target.kinds import KINDS, Value, kind_of, listed
from fuzztui.target.kinds.literal import excerpt

__all__ = ["Value", "decode", "encode", "encoder", "show", "type_names", "zero"]
__builtins__ = PRIVATE_BUILTINS

_VERSION = "fuzztui v1"
_RAW = ("bytes",)


def type_names(values: Sequence[object]) -> str:
    """The types of values, as messages show them: `[str, int]`."""
    return _bracketed(type(value).__name__ for value in values)


def _bracketed(names: Iterable[str]) -> str:
    return f"[{', '.join(names)}]"


def zero(parameters: Sequence[str]) -> tuple[Value, ...]:
    """The zero value of each type: what fuzzing starts from where there is no seed."""
    return tuple(KINDS[name].zero() for name in parameters)


# Writing ----------------------------------------------------------------------------------------------------------


def encode(arguments: tuple[Value, ...]) -> bytes:
    """The file form of one call's arguments. TypeError for a value of any other type, subclasses included."""
    kinds = [kind_of(value) for value in arguments]
    names = [kind.name for kind in kinds if kind is not None]
    if not names or len(names) < len(kinds):
        raise TypeError(f"cannot store {type_names(arguments)}")
    return encoder(names)(arguments)


def encoder(parameters: Sequence[str]) -> Callable[[tuple[Value, ...]], bytes]:
    """`encode` for arguments of these very types, without its checks: it runs once for every execution."""
    if tuple(parameters) == _RAW:
        return _raw
    kinds = [KINDS[name] for name in parameters]
    writers = tuple(kind.write for kind in kinds)

    def write_each(arguments: tuple[Any, ...]) -> bytes:
        literals = [write(value) for write, value in zip(writers, arguments, strict=True)]
        return "\n".join((_VERSION, *literals, "")).encode("ascii")

    if not all(kind.is_ascii_repr for kind in kinds):
        return write_each
    # `%a` writes ascii(repr(value)): one call into C for the whole file, right for all but rare ints and floats.
    template = _VERSION.encode() + b"\n" + b"%a\n" * len(kinds)
    bounded = tuple((at, *kind.between) for at, kind in enumerate(kinds) if kind.between is not None)
    if not bounded:
        return template.__mod__

    def write_checked(arguments: tuple[Any, ...]) -> bytes:
        for at, low, high in bounded:
            if not low < arguments[at] < high:
                return write_each(arguments)
        return template % arguments

    return write_checked


def _raw(arguments: tuple[Value, ...]) -> bytes:
    return arguments[0]  # type: ignore[return-value]


# Reading ----------------------------------------------------------------------------------------------------------


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
        raise MalformedInput(f"line 1: {excerpt(lines[0])}, want {_VERSION!r}")
    literals = [line.strip() for line in lines[1:]]
    names = [_kind_of_literal(literal, number) for number, literal in enumerate(literals, start=2)]
    found, want = _bracketed(names), _bracketed(parameters)
    if len(names) != len(parameters):
        raise MalformedInput(f"{found}, want {want}")
    for number, (name, parameter) in enumerate(zip(names, parameters, strict=True), start=2):
        if name != parameter:
            raise MalformedInput(f"line {number}: {found}, want {want}")
    return tuple(
        _read(literal, name, number)
        for number, (literal, name) in enumerate(zip(literals, names, strict=True), start=2)
    )


def _kind_of_literal(literal: str, number: int) -> str:
    if literal.isprintable():
        for kind in KINDS.values():
            if kind.pattern.fullmatch(literal):
                return kind.name
    raise MalformedInput(f"line {number}: {excerpt(literal)} is not a literal of {listed(KINDS)}")


def _read(literal: str, name: str, number: int) -> Value:
    try:
        value: Value = KINDS[name].read(literal)
    except ValueError as error:
        raise MalformedInput(f"line {number}: {error}") from None
    except (MemoryError, RecursionError) as error:
        raise MalformedInput(f"line {number}: {type(error).__name__} while reading it") from None
    return value


# Showing ----------------------------------------------------------------------------------------------------------


def show(arguments: Sequence[Value], limit: int = 200) -> str:
    """The arguments as a call would spell them, in about `limit` characters; what is cut ends in `…` and its size."""
    pieces: list[str] = []
    left = limit
    for position, value in enumerate(arguments):
        room = max(left // (len(arguments) - position), 8)
        pieces.append(KINDS[type(value).__name__].show(value, room))
        left -= len(pieces[-1]) + 2
    return ", ".join(pieces)
