"""However a program reads its elements and checks the whole, it is known how they were read: one may grow, and one more
may come, with what says how long they are, and what the sum is, right.
"""

import hashlib
import struct
import zlib
from collections.abc import Callable

import pytest

from fuzztui.worker.structure.as_read import Reading, replaced
from fuzztui.worker.structure.readings import Readings
from tests.worker.world import inhabited

MODULES = "import hashlib, io, struct, zlib\n"


def _packed(layout: str) -> Callable[[bytes], bytes]:
    return lambda body: struct.pack(layout, 9, len(body)) + body


READERS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "slices": (
        _packed(">BH"),
        """
def elements(data):
    at = 0
    while at < len(data):
        tag, size = data[at], int.from_bytes(data[at + 1 : at + 3], "big")
        yield tag, bytes(need(data[at + 3 : at + 3 + size], size))
        at += 3 + size
""",
    ),
    "a layout of a buffer": (
        _packed("<BH"),
        """
def elements(data):
    at = 0
    while at < len(data):
        tag, size = struct.unpack_from("<BH", data, at)
        yield tag, bytes(need(data[at + 3 : at + 3 + size], size))
        at += 3 + size
""",
    ),
    "a stream, in the condition of a loop": (
        _packed(">BH"),
        """
def elements(data):
    stream = io.BytesIO(data)
    while head := stream.read(3):
        tag, size = struct.unpack(">BH", head)
        yield tag, need(stream.read(size), size)
""",
    ),
    "a stream, into buffers": (
        _packed(">BH"),
        """
def elements(data):
    stream = io.BytesIO(data)
    head = bytearray(3)
    while stream.readinto(head):
        tag, size = struct.unpack(">BH", head)
        body = bytearray(size)
        stream.readinto(body)
        yield tag, bytes(body)
""",
    ),
    "what is left of a view": (
        _packed(">BH"),
        """
def elements(data):
    view = memoryview(data)
    while view:
        tag, size = view[0], int.from_bytes(view[1:3], "big")
        yield tag, need(view[3 : 3 + size].tobytes(), size)
        view = view[3 + size :]
""",
    ),
    "what is left of a buffer": (
        _packed(">BH"),
        """
def elements(data):
    buffer = bytearray(data)
    while buffer:
        tag, size = struct.unpack_from(">BH", buffer)
        yield tag, bytes(need(buffer[3 : 3 + size], size))
        del buffer[: 3 + size]
""",
    ),
    "methods": (
        _packed("<BH"),
        """
class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0
    def take(self, count):
        self.at += count
        return need(self.data[self.at - count : self.at], count)
    def number(self, width):
        return int.from_bytes(self.take(width), "little")
def elements(data):
    reader = Reader(data)
    while reader.at < len(data):
        yield reader.number(1), bytes(reader.take(reader.number(2)))
""",
    ),
    "heads whose bytes are numbers": (
        _packed(">BH"),
        """
def elements(data):
    rest = data
    while rest:
        (tag, high, low), rest = rest[:3], rest[3:]
        size = high << 8 | low
        body, rest = rest[:size], rest[size:]
        yield tag, bytes(need(body, size))
""",
    ),
    "single bytes that are one number": (
        _packed("<BH"),
        """
def elements(data):
    at = 0
    while at < len(data):
        size = data[at + 1] | data[at + 2] << 8
        yield data[at], bytes(need(data[at + 3 : at + 3 + size], size))
        at += 3 + size
""",
    ),
    "octal digits, far before": (
        lambda body: b"%05o\0\xff\xfe\xfd%c%s" % (len(body), 9, body),
        """
def elements(data):
    at = 0
    while at < len(data):
        size, tag = int(data[at : at + 6].rstrip(b"\\0"), 8), data[at + 9]
        yield tag, bytes(need(data[at + 10 : at + 10 + size], size))
        at += 10 + size
""",
    ),
    "a length before the kind": (
        lambda body: struct.pack(">IHB", len(body), 0, 9) + body,
        """
def elements(data):
    stream = io.BytesIO(data)
    while head := stream.read(7):
        size, _, tag = struct.unpack(">IHB", head)
        yield tag, need(stream.read(size), size)
""",
    ),
    "a length of the head, too": (
        lambda body: struct.pack("<BHB", 9, 4 + len(body), 1) + body,
        """
def elements(data):
    view = memoryview(data)
    while view:
        (total,) = struct.unpack_from("<H", view, 1)
        if not 4 <= total <= len(view): raise ValueError
        yield view[0], bytes(view[4:total])
        view = view[total:]
""",
    ),
}


def _internet(data: bytes) -> bytes:
    """With the complement of the ones' complement sum in the second word."""
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return data[:2] + struct.pack(">H", total ^ 0xFFFF) + data[2:]


CHECKS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "a byte that is a sum": (
        lambda data: data + bytes((sum(data) & 0xFF,)),
        """
def checked(data):
    if sum(data[:-1]) & 0xFF != data[-1]: raise ValueError
    return data[:-1]
""",
    ),
    "a CRC": (
        lambda data: data + struct.pack(">I", zlib.crc32(data)),
        """
def checked(data):
    if struct.unpack(">I", data[-4:])[0] != zlib.crc32(data[:-4]): raise ValueError
    return data[:-4]
""",
    ),
    "a digest": (
        lambda data: hashlib.sha1(data).digest() + data,
        """
def checked(data):
    if hashlib.sha1(data[20:]).digest() != data[:20]: raise ValueError
    return data[20:]
""",
    ),
    "the digits of a digest": (
        lambda data: hashlib.md5(data).hexdigest().encode() + data,
        """
def checked(data):
    if hashlib.md5(data[32:]).hexdigest() != data[:32].decode("ascii"): raise ValueError
    return data[32:]
""",
    ),
    "the digits of a CRC": (
        lambda data: data + b"%08X" % zlib.crc32(data),
        """
def checked(data):
    if int(data[-8:], 16) != zlib.crc32(data[:-8]): raise ValueError
    return data[:-8]
""",
    ),
    "the beginning of a digest": (
        lambda data: hashlib.sha256(data).digest()[:4] + data,
        """
def checked(data):
    if hashlib.sha256(data[4:]).digest()[:4] != data[:4]: raise ValueError
    return data[4:]
""",
    ),
    "a sum that is part of what it sums up": (
        lambda data: _internet(b"\1\0" + data),
        """
def checked(data):
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    if total != 0xFFFF: raise ValueError
    return data[4:]
""",
    ),
}

COMMON = """
def need(part, size):
    if len(part) != size: raise ValueError
    return part
"""

HEAD = b"Q\xff1"
BODIES = (b"abcd", b"xy")


def reading_and_parsing(source: str, data: bytes) -> tuple[Reading, Callable[[bytes], object]]:
    """How an input is read by a program with a function `fuzz`, and what that returns for others."""
    with inhabited(source) as world:
        tracing = world.tracing(lambda _: None)
        with tracing.on():
            tracing.comparisons((data,))
        reading = Readings().learn(data, tracing.slices)
        assert reading is not None
        return reading, world.function


@pytest.mark.parametrize("reader", READERS)
def test_what_is_read_in_any_form_may_grow_and_more_may_come(reader: str) -> None:
    element, source = READERS[reader]
    check = f"def fuzz(data): return data[:3] == {HEAD!r} and list(elements(data[3:]))"
    data = HEAD + b"".join(map(element, BODIES))
    reading, function = reading_and_parsing(MODULES + COMMON + source + check, data)
    body = data.index(b"abcd")
    assert function(replaced(reading, body + 4, body + 4, b"ef", (body, body + 4))) == [(9, b"abcdef"), (9, b"xy")]
    elements = [[data[slice(*each)] for each in run.elements()] for run in reading.runs]
    assert [*map(element, BODIES)] in elements


@pytest.mark.parametrize("check", CHECKS)
def test_what_is_checked_in_any_form_may_grow(check: str) -> None:
    sealed, source = CHECKS[check]
    element, reader = READERS["slices"]
    fuzz = f"def fuzz(data): return data[:3] == {HEAD!r} and list(elements(checked(data[3:])))"
    data = HEAD + sealed(b"".join(map(element, BODIES)))
    reading, function = reading_and_parsing(MODULES + COMMON + reader + source + fuzz, data)
    body = data.index(b"abcd")
    assert function(replaced(reading, body + 4, body + 4, b"ef", (body, body + 4))) == [(9, b"abcdef"), (9, b"xy")]
