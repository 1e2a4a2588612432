"""More inputs that fail in one way only, after what programs read: the smallest that does is found, in few executions.

An input that fails in another way is none that fails: each target tells its failures apart, so that a search which
drifts from one to another comes to an input that is not the expected one.
"""

import base64
import csv
import io
import json
import math
import struct
import zlib
from collections.abc import Callable
from datetime import date
from ipaddress import ip_address
from itertools import pairwise
from typing import Any
from urllib.parse import unquote
from xml.parsers import expat

import pytest

from tests.engine.shrinking.test_shrinking import Planted, raises, run


def failing(function: Callable[..., object]) -> Callable[..., bool]:
    """Whether a call fails as it is meant to, by AssertionError."""

    def fails(*arguments: Any) -> bool:
        try:
            function(*arguments)
        except AssertionError:
            return True
        except Exception:
            return False
        return False

    return fails


def little_chunks(data: bytes) -> None:
    """Chunks with a length of four bytes, little-endian; the second must not begin with a star."""
    chunks = []
    while data:
        (length,) = struct.unpack_from("<I", data)
        assert_true = len(data) >= 4 + length
        if not assert_true:
            raise EOFError
        chunks.append(data[4 : 4 + length])
        data = data[4 + length :]
    assert len(chunks) < 2 or not chunks[1].startswith(b"*")


def varint(data: bytes) -> None:
    """A length of seven bits a byte, then as many bytes, which must not hold a zero."""
    length = shift = at = 0
    while True:
        byte = data[at]
        at += 1
        length |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            break
    body = data[at : at + length]
    if len(body) != length or at + length != len(data):
        raise EOFError
    assert b"\xff" not in body


def summed(data: bytes) -> None:
    """A record whose last byte is the sum of the others."""
    if len(data) < 2 or sum(data[:-1]) & 255 != data[-1]:
        raise EOFError
    assert data[0] != 0x7F


def crc(data: bytes) -> None:
    """A checksum of four bytes in front of what it is of."""
    if len(data) < 4 or int.from_bytes(data[:4], "big") != zlib.crc32(data[4:]):
        raise EOFError
    assert b"bug" not in data


def twins(data: bytes) -> None:
    """Two equal bytes next to each other, of the upper half."""
    assert not any(a == b >= 128 for a, b in pairwise(data))


def same_ends(data: bytes) -> None:
    assert not (len(data) >= 5 and data[0] == data[-1] and data[0] not in data[1:-1])


def ordered(text: str) -> None:
    """Numbers between commas in order, three at least, none twice."""
    numbers = [int(part) for part in text.split(",")]
    assert not (len(numbers) >= 3 and all(a < b for a, b in pairwise(numbers)))


def unordered(text: str) -> None:
    numbers = [int(part) for part in text.split(",")]
    assert numbers == sorted(numbers)


def utf8(data: bytes) -> None:
    assert all(ord(character) < 0x800 for character in data.decode("utf-8"))


def two_encodings(data: bytes) -> None:
    """Valid Latin-1 that is no UTF-8."""
    reason = ""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        reason = error.reason
    assert "continuation" not in reason


def weekday(day: date) -> None:
    assert not (day.weekday() == 6 and day.year > 2010)


def between(first: date, last: date) -> None:
    assert not (last > first and (last - first).days > 365)


def narrow(number: float) -> None:
    assert not 1000.25 < number < 1001


def tiny(number: float) -> None:
    assert not 0 < number < 1e-3


def product(a: int, b: int) -> None:
    assert not (a > 1 and b > 1 and a * b == 2021)


def index(text: str, at: int) -> None:
    assert not (0 <= at < len(text) and text[at] == "x" and at >= 2)


def total(a: int, b: int, c: int) -> None:
    assert not (a + b + c == 100 and a > 10 and b > 10 and c > 10)


def parentheses(text: str) -> None:
    depth = deepest = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
        if depth < 0:
            raise ValueError
    if depth:
        raise ValueError
    assert deepest < 4


def tags(data: bytes) -> None:
    found = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: found.append((name, attributes))
    parser.Parse(data, True)
    assert not any(len(attributes) > 1 for _, attributes in found)


def rows(text: str) -> None:
    read = list(csv.reader(io.StringIO(text)))
    assert not (len(read) > 1 and len(read[0]) != len(read[1]))


def encoded(data: bytes) -> None:
    assert b"\x00" not in base64.b64decode(data, validate=True)


def deep(text: str) -> None:
    value = json.loads(text)
    for _ in range(3):
        value = value[0]
    assert not isinstance(value, list)


def header(data: bytes) -> None:
    """Lines of a name and a value; one that is given twice must be the same both times."""
    seen: dict[bytes, bytes] = {}
    for line in data.split(b"\n"):
        name, colon, value = line.partition(b":")
        if not colon:
            raise ValueError
        assert seen.setdefault(name, value) == value


NOISE = bytes(range(1, 127)) * 2

BINARY_AND_TEXT = [
    Planted(
        "chunks with lengths of four bytes",
        failing(little_chunks),
        (struct.pack("<I", 20) + b"x" * 20 + struct.pack("<I", 9) + b"*rest of " + struct.pack("<I", 3) + b"abc",),
        (b"\x00\x00\x00\x00\x01\x00\x00\x00*",),
    ),
    Planted(
        "a length in groups of seven bits",
        failing(varint),
        (b"\xc8\x01" + b"a" * 100 + b"\xff" + b"b" * 99,),
        (b"\x01\xff",),
    ),
    Planted(
        "a checksum in front",
        failing(crc),
        (zlib.crc32(b"some bug here").to_bytes(4, "big") + b"some bug here",),
        (zlib.crc32(b"some bug here").to_bytes(4, "big") + b"some bug here",),
    ),
    Planted("two equal bytes next to each other", failing(twins), (NOISE + b"\xc3\xc3" + NOISE,), (b"\x80\x80",)),
    Planted("numbers in order", failing(ordered), ("3,17,29,45,1024,99999",), ("0,1,2",)),
    Planted("UTF-8 in bytes", failing(utf8), ("some — text é".encode(),), ("\u1000".encode(),)),
    Planted("a Sunday", failing(weekday), (date(2031, 8, 17),), (date(2011, 1, 2),)),
    Planted("a float in a narrow range", failing(narrow), (1000.8251953125,), (1000.5,)),
    Planted("an index and what it points at", failing(index), ("abcdefxyz", 6), ("00x", 2)),
    Planted("nested parentheses", failing(parentheses), ("f(a)(b(c(d(e(1)))))g(2)",), ("(((())))",)),
    Planted(
        "an element with two attributes",
        failing(tags),
        (b'<a x="1"><b long="value" other="more">text</b></a>',),
        (b'<a a="" b=""/>',),
    ),
    Planted("rows of several lengths", failing(rows), ('a,b,c\n1,"2,3",4,5\n6',), ("\n0",)),
]

OTHERS = [
    Planted(
        "the sum of all bytes at the end",
        failing(summed),
        (b"\x7fabcdef" + bytes([(0x7F + sum(b"abcdef")) & 255]),),
        (b"\x7fabcdef" + bytes([(0x7F + sum(b"abcdef")) & 255]),),
    ),
    Planted("equal ends", failing(same_ends), (b"Q" + NOISE[:60].replace(b"Q", b"") + b"Q",), (b"10001",)),
    Planted("numbers out of order", failing(unordered), ("17,3,29,4,1024",), ("1,0",)),
    Planted("no UTF-8", failing(two_encodings), (b"some na\xefve text",), (b"\xc20",)),
    Planted(
        "two days a year apart",
        failing(between),
        (date(1995, 3, 4), date(2020, 5, 6)),
        (date(2000, 1, 1), date(2001, 1, 1)),
    ),
    Planted("a float near 0", failing(tiny), (0.000123456,), (5e-5,)),
    Planted("two factors", failing(product), (43, 47), (43, 47)),
    Planted("three numbers with a sum", failing(total), (60, 25, 15), (11, 11, 78)),
    Planted("bytes in base 64", failing(encoded), (base64.b64encode(b"hello\x00world"),), (b"000A",)),
    Planted("lists in lists", failing(deep), ('[[[[1, {"a": 2}], 3], "x"], null]',), ("[[[[]]]]",)),
    Planted("a header that is given twice", failing(header), (b"a:1\nHost:x\nb:2\nHost:y\nc:3",), (b":0\n:",)),
    Planted(
        "a number above a bound in a text",
        raises(ValueError, "large", lambda t: _large(t)),
        ("size=70000;",),
        ("65536",),
    ),
]


def _large(text: str) -> None:
    if any(int(part) > 65535 for part in "".join(c if c.isdigit() else " " for c in text).split()):
        raise ValueError("large")


def netstrings(data: bytes) -> None:
    """`5:hello,` again and again; none may hold a comma."""
    while data:
        length, _, rest = data.partition(b":")
        size = int(length)
        body, data = rest[:size], rest[size:]
        if len(body) != size or data[:1] != b",":
            raise EOFError
        data = data[1:]
        assert b"," not in body


def percent(text: str) -> None:
    assert "\n" not in unquote(text, errors="strict") or "\n" in text


def address(text: str) -> None:
    assert not ip_address(text).is_loopback


def common_factor(a: int, b: int) -> None:
    assert math.gcd(a, b) < 12


def palindrome(text: str) -> None:
    assert not (len(text) >= 5 and text == text[::-1] and len(set(text)) > 1)


def mixed(text: str) -> None:
    assert not (any(ord(character) > 0xFFFF for character in text) and "a" in text)


def packed(data: bytes) -> None:
    """Arrays of small numbers: `0x90 + n`, then n values below 0x80."""
    count = data[0] - 0x90
    values = data[1 : 1 + count]
    if not 0 <= count < 16 or len(data) != count + 1 or any(value >= 0x80 for value in values):
        raise ValueError
    assert list(values).count(7) < 2


def escaped(text: str) -> None:
    value = json.loads(text)
    assert not (isinstance(value, str) and '"' in value)


def long_enough(data: bytes, least: int) -> None:
    assert not (len(data) >= least > 20)


def different(first: str, second: str) -> None:
    assert not (first != second and first.lower() == second.lower())


FRESH = [
    Planted("netstrings", failing(netstrings), (b"3:abc,12:hello, world,2:xy,",), (b"1:,,",)),
    Planted("an escape of an end of line", failing(percent), ("path/to%20x%0Amore",), ("%0a",)),
    Planted("an address", failing(address), ("127.45.6.78",), ("127.0.0.0",)),
    Planted("a common factor", failing(common_factor), (84, 132), (0, 12)),
    Planted("a palindrome", failing(palindrome), ("step on no pets",), ("00100",)),
    Planted("two kinds of characters", failing(mixed), ("some \U0001f600 cat",), ("\U0001f600a",)),
    Planted("a packed array", failing(packed), (bytes([0x98, 1, 7, 3, 9, 7, 7, 2, 4]),), (b"\x92\x07\x07",)),
    Planted("a quote in a string", failing(escaped), ('"some \\"quoted\\" text"',), ('"\\""',)),
    Planted("as long as a number says", failing(long_enough), (b"x" * 60, 33), (b"0" * 21, 21)),
    Planted("alike but for the case", failing(different), ("Some Text", "some text"), ("T", "t")),
]


@pytest.mark.parametrize("planted", [*BINARY_AND_TEXT, *OTHERS, *FRESH], ids=lambda planted: planted.name)
def test_the_smallest_input_is_found(planted: Planted) -> None:
    best, executions = run(planted)
    print(planted.name, executions)
    assert planted.fails(*best)
    assert best == planted.smallest
