"""Inputs that fail in one way, the smallest that does, and what the search makes of them."""

import json
import math
import re
import tomllib
import zlib
from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

import pytest

from fuzztui.engine.shrinking import shrink
from fuzztui.target.values import encode

MOST_EXECUTIONS = 20_000


class Planted(NamedTuple):
    name: str
    fails: Callable[..., bool]
    found: tuple[Any, ...]
    """An input as fuzzing might find it."""
    smallest: tuple[Any, ...]


def raises(kind: type[Exception], message: str, function: Callable[[Any], object]) -> Callable[[Any], bool]:
    def fails(value: Any) -> bool:
        try:
            function(value)
        except kind as error:
            return re.search(message, str(error)) is not None
        except Exception:
            return False
        return False

    return fails


def records(data: bytes) -> list[bytes]:
    """Type, length of one byte, that many bytes, again and again; a record of type 7 is bad if it ends in a 9."""
    found = []
    while data:
        kind, length = data[0], data[1]
        body, data = data[2 : 2 + length], data[2 + length :]
        if len(body) < length:
            raise EOFError
        if kind == 7 and body.endswith(b"\x09"):
            raise ValueError("bad record")
        found.append(body)
    return found


def long_record(data: bytes) -> None:
    length = int.from_bytes(data[:2], "big")
    if len(data) != length + 2:
        raise EOFError
    if b"!?" in data[2:]:
        raise ValueError("both")


def checked(data: bytes) -> None:
    if len(data) < 5 or zlib.crc32(data[:-4]) != int.from_bytes(data[-4:], "big"):
        raise EOFError
    raise ValueError("checked")


NOISE = bytes(range(256)) * 3

PLANTED = [
    Planted("one byte among many", lambda d: b"\xfe" in d, (NOISE,), (b"\xfe",)),
    Planted("two bytes far apart", lambda d: 0 < d.find(b"<") < d.rfind(b">"), (NOISE,), (b"0<>",)),
    Planted("any four bytes", lambda d: len(d) >= 4, (NOISE,), (b"0000",)),
    Planted(
        "nested brackets",
        lambda d: d.startswith(b"[[[") and d.endswith(b"]]]") and d.count(b"[") == d.count(b"]"),
        (b"[" * 40 + b"1,2,{}" + b"]" * 40,),
        (b"[[[]]]",),
    ),
    Planted(
        "a number from some value on", raises(ValueError, "large", lambda d: _large(d)), (b"x=98765432",), (b"4096",)
    ),
    Planted(
        "a record",
        raises(ValueError, "bad record", records),
        (b"\x01\x05hello\x07\x04abc\x09\x02\x00",),
        (b"\x07\x01\x09",),
    ),
    Planted(
        "a record in front of others",
        raises(ValueError, "bad record", records),
        (b"\x07\x14" + b"x" * 19 + b"\x09" + b"\x03\x02ab" * 9,),
        (b"\x07\x01\x09",),
    ),
    Planted(
        "a length of two bytes",
        raises(ValueError, "both", long_record),
        (b"\x00\x28" + b"a" * 20 + b"!?" + b"b" * 18,),
        (b"\x00\x02!?",),
    ),
    Planted(
        "json: a key of a kind",
        raises(LookupError, "", lambda d: _key(json.loads(d))),
        (b'{"b": [1, 2, {"aa": null, "c": "\\u00e9"}], "d": 1.5e3}',),
        (b'{"00":0}',),
    ),
    Planted(
        "toml",
        raises(tomllib.TOMLDecodeError, "Cannot overwrite", lambda d: tomllib.loads(d)),
        ("[server]\nname = 'x'\nname = 'y'\nport = 80\n",),
        ("0=0\n0=0",),
    ),
    Planted(
        "a text with one letter beyond ASCII",
        lambda s: any(ord(c) > 127 for c in s),
        ("naïve — \U0001f600 text",),
        ("é",),
    ),
    Planted("a surrogate", lambda s: any("\ud800" <= c <= "\udfff" for c in s), ("ab\udfffcd",), ("\ud800",)),
    Planted("an integer above a bound", lambda n: n > 12345, (2**70 + 17,), (12346,)),
    Planted("a negative integer", lambda n: n < -1000, (-(2**40),), (-1001,)),
    Planted("an odd integer above a bound", lambda n: n > 1000 and n % 2, (987654321,), (1001,)),
    Planted(
        "a float that is no integer", lambda x: x != math.trunc(x) if math.isfinite(x) else False, (123.456789,), (0.5,)
    ),
    Planted("infinity or no number", lambda x: not math.isfinite(x), (math.nan,), (math.inf,)),
    Planted("a day in a leap year", lambda d: (d.month, d.day) == (2, 29), (date(1996, 2, 29),), (date(2000, 2, 29),)),
    Planted("two arguments", lambda s, n: len(s) > n > 2, ("some text", 5), ("0000", 3)),
    Planted(
        "one argument of three", lambda a, b, c: c and b"\xff" in b, ("some text", NOISE, True), ("", b"\xff", True)
    ),
]


def _large(data: bytes) -> None:
    numbers = [int(digits) for digits in re.findall(rb"[0-9]+", data)]
    if any(number >= 4096 for number in numbers):
        raise ValueError("large")


def _key(document: Any) -> None:
    if isinstance(document, dict):
        if any(len(key) == 2 for key in document):
            raise LookupError(document)
        for value in document.values():
            _key(value)
    elif isinstance(document, list):
        for value in document:
            _key(value)


def parameters_of(arguments: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple(type(argument).__name__ for argument in arguments)


def run(planted: Planted) -> tuple[tuple[Any, ...], int]:
    """The smallest arguments found, and the executions that it took."""
    assert planted.fails(*planted.found)
    search = shrink(planted.found, parameters_of(planted.found))
    executions, best = 0, planted.found
    alternatives: list[tuple[Any, ...]] | None = next(search, None)
    while alternatives is not None:
        found = None
        for at, arguments in enumerate(alternatives):
            executions += 1
            assert executions <= MOST_EXECUTIONS
            if planted.fails(*arguments):
                found, best = at, arguments
                break
        try:
            alternatives = search.send(found)
        except StopIteration as end:
            result, alternatives = end.value, None
            assert repr(result) == repr(best)
    return best, executions


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)
def test_the_smallest_input_is_found(planted: Planted) -> None:
    best, executions = run(planted)
    print(planted.name, executions)
    assert planted.fails(*best)
    assert best == planted.smallest


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)
def test_what_is_smallest_stays_as_it_is(planted: Planted) -> None:
    assert run(planted._replace(found=planted.smallest))[0] == planted.smallest


def test_what_cannot_get_smaller_stays_the_input_that_was_found() -> None:
    found = (b"only this",)
    best, _ = run(Planted("", lambda data: data == found[0], found, found))
    assert encode(best) == encode(found)
