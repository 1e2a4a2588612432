"""What the exceptions of builtin functions say of what they refuse: a key that is missing, how many values were wanted.

Programs that read something let Python find out that it is malformed, and catch what it raises. No comparison of theirs
tells then what was wanted; the exception does.
"""

import re
from ast import literal_eval
from collections.abc import Iterator
from contextlib import suppress
from struct import error as StructError  # noqa: N812 - it is a class
from time import strftime
from types import GetSetDescriptorType, MemberDescriptorType
from typing import Any, Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.guidance.subjects import of_class

__builtins__ = PRIVATE_BUILTINS

MAX_WANTED: Final = 16
"""Values that may be wanted at once."""

MAX_VALUES: Final = 24
"""Of a function, and attributes of each, that may be tables."""

MAX_KEYS: Final = 64
"""Of a table."""

MAX_MESSAGE: Final = 400
"""Characters of a message that is read."""


class Missing(NamedTuple):
    """A key that is not there."""

    key: object


class Number(NamedTuple):
    """Another number of values, or of arguments, is wanted."""

    given: int | None
    """How many there were; None if that is not said."""
    more: int
    """How many more are wanted; negative if there were too many."""
    called: str = ""
    """The name of what wants arguments."""


class Other(NamedTuple):
    """A text is wanted in place of another."""

    text: str | bytes
    instead: str | bytes


class Short(NamedTuple):
    """There are not enough bytes."""

    size: int | None
    """That there are; None if that is not said."""
    missing: int


class Ended(NamedTuple):
    """There are no more elements."""


Complaint = Missing | Number | Other | Short | Ended


def complaints(error: BaseException | None) -> Iterator[Complaint]:
    """What an exception says, if it is one of Python's own. Runs no code of the target's."""
    kind = type(error)
    arguments: Any = _ARGUMENTS(error) if error is not None else ()
    if kind is KeyError and len(arguments) == 1:
        yield Missing(arguments[0])
    elif kind is StopIteration and not arguments:
        yield Short(None, 1)
        yield Ended()
    elif kind is UnicodeDecodeError and list(map(type, arguments[1:4])) == [bytes, int, int]:
        yield Other(arguments[1][arguments[2] : arguments[3]], b"a")
    elif arguments and type(arguments[0]) is str and len(arguments[0]) <= MAX_MESSAGE:
        for known, read in _TOLD:
            if kind is known:
                yield from read(arguments[0])


def numbers_there(error: BaseException | None, key: object) -> Iterator[tuple[int, ...]]:
    """Of a number that was looked up in vain the keys of tables of numbers in which it may have been: those of the
    function that has looked it up, and of the objects that it has. Runs no code of the target's.
    """
    trace = error.__traceback__ if error is not None and type(key) is int else None
    frame = None
    while trace is not None:
        if trace.tb_frame.f_builtins is not PRIVATE_BUILTINS:
            frame = trace.tb_frame
        trace = trace.tb_next
    values = [] if frame is None else list(frame.f_locals.values())[:MAX_VALUES]
    for value in values.copy():
        # A class may make this up.
        if isinstance(of_class(type(value), "__dict__"), GetSetDescriptorType | MemberDescriptorType):
            attributes = object.__getattribute__(value, "__dict__")
            values += [*attributes.values()][:MAX_VALUES] if type(attributes) is dict else ()
    for value in values:
        if type(value) is dict and 0 < len(value) <= MAX_KEYS:
            keys = list(value)
            if all(type(each) is int for each in keys) and key not in value:
                yield tuple(keys)


def _of_value(message: str) -> Iterator[Complaint]:
    if found := _TOO_FEW_VALUES.fullmatch(message):
        yield from _number(int(found[2]), int(found[1]) - int(found[2]))
    elif found := _TOO_MANY_VALUES.fullmatch(message):
        yield Number(None, -1)
    elif found := _NO_NUMBER.fullmatch(message):
        text = _literal(found[1])
        if text is not None:
            for instead in ("1", "10"):
                yield Other(text, instead if isinstance(text, str) else instead.encode())
    elif found := _NO_TIME.fullmatch(message):
        text, form = _literal(found[1]), _literal(found[2])
        if isinstance(text, str) and isinstance(form, str):
            with suppress(ValueError):  # not all that time may be read by can be written
                yield Other(text, strftime(form.replace("%f", "000001"), _TIME))
    elif found := _TOO_SMALL.search(message):
        yield Short(int(found[1]), int(found[2]) - int(found[1]))
    elif found := _NO_DATE.fullmatch(message):
        text = _literal(found[1])
        if text is not None:
            for example in ("2024-02-29", "2024-02-29T12:30:15"):
                yield Other(text, example)


def _of_type(message: str) -> Iterator[Complaint]:
    if found := _TOO_FEW_ARGUMENTS.search(message):
        yield from _number(None, int(found[2]), found[1])
    elif found := _TOO_MANY_ARGUMENTS.search(message):
        yield from _number(None, int(found[2]) - int(found[3]), found[1])


def _of_index(message: str) -> Iterator[Complaint]:
    if message == "list index out of range":
        for more in (1, 2, 3):
            yield Number(None, more)
        yield Ended()
    elif message in _NO_ELEMENT:
        yield Ended()
    elif message in _BEYOND_THE_END:
        yield Short(None, 1)


def _of_struct(message: str) -> Iterator[Complaint]:
    if found := _TOO_FEW_BYTES.search(message):
        missing = int(found[1]) - int(found[2])
        if missing > 0:
            yield Short(int(found[2]), missing)


def _number(given: int | None, more: int, called: str = "") -> Iterator[Complaint]:
    if more and abs(more) <= MAX_WANTED:
        yield Number(given, more, called)


def _literal(text: str) -> str | bytes | None:
    try:
        value = literal_eval(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # long texts are cut off in messages
        return None
    return value if isinstance(value, str | bytes) else None


_ARGUMENTS: Final = BaseException.__dict__["args"].__get__

_TOLD: Final = ((ValueError, _of_value), (TypeError, _of_type), (IndexError, _of_index), (StructError, _of_struct))

_TIME: Final = (2024, 2, 29, 12, 30, 15, 3, 60, 0)
"""A time whose parts differ from each other."""

_NO_ELEMENT: Final = frozenset(
    [
        *("tuple index out of range", "deque index out of range"),
        *("pop from empty list", "pop from an empty deque"),
    ]
)
"""What other sequences say."""

_BEYOND_THE_END: Final = frozenset(
    [
        *("index out of range", "string index out of range", "bytearray index out of range"),
        "index out of bounds on dimension 1",
    ]
)
"""What bytes, texts, and buffers say."""

_TOO_FEW_BYTES: Final = re.compile(r"at least (\d+) bytes .*\(actual buffer size is (\d+)\)")
_TOO_SMALL: Final = re.compile(r"Buffer size too small \((\d+) instead of at least (\d+) bytes\)")
_TOO_FEW_VALUES: Final = re.compile(r"not enough values to unpack \(expected (?:at least )?(\d+), got (\d+)\)")
_TOO_MANY_VALUES: Final = re.compile(r"too many values to unpack \(expected \d+(?:, got \d+)?\)")
_NO_NUMBER: Final = re.compile(
    r"(?:invalid literal for int\(\) with base \d+|could not convert string to float): (.*)", re.DOTALL
)
_NO_TIME: Final = re.compile(r"time data (.*) does not match format (.*)", re.DOTALL)
_NO_DATE: Final = re.compile(r"Invalid isoformat string: (.*)", re.DOTALL)
_TOO_FEW_ARGUMENTS: Final = re.compile(r"(\w+)\(\) missing (\d+) required positional arguments?: ")
_TOO_MANY_ARGUMENTS: Final = re.compile(
    r"(\w+)\(\) takes (?:from \d+ to )?(\d+) positional arguments? but (\d+) (?:was|were)"
)
