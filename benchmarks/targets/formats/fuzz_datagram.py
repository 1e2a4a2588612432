"""Datagrams: a header with lengths, options and a sum of its words, a protocol within with ports and a length."""

import struct


class PlantedError(Exception):
    """A datagram with a source route asks for the name service."""


class MalformedError(Exception):
    """The bytes are no datagram."""


def total(words: bytes) -> int:
    """The sum of words in ones' complement."""
    count: int = sum(struct.unpack(f">{len(words) // 2}H", words))
    while count >> 16:
        count = (count & 0xFFFF) + (count >> 16)
    return ~count & 0xFFFF


def datagram(data: bytes) -> None:
    """Read one."""
    if len(data) < 20:
        raise MalformedError("short")
    version, words = data[0] >> 4, data[0] & 15
    (length,) = struct.unpack_from(">H", data, 2)
    if version != 4 or words < 5 or words * 4 > len(data):
        raise MalformedError("version")
    if length != len(data):
        raise MalformedError("length")
    header = data[: words * 4]
    (stored,) = struct.unpack_from(">H", header, 10)
    if total(header[:10] + b"\0\0" + header[12:]) != stored:
        raise MalformedError("sum")
    if header[8] == 0:
        raise MalformedError("time to live")
    route = False
    options = header[20:]
    while options:
        kind = options[0]
        if kind == 0:
            break
        if kind == 1:
            options = options[1:]
            continue
        if len(options) < 2 or not 2 <= options[1] <= len(options):
            raise MalformedError("option")
        route = route or kind == 0x83
        options = options[options[1] :]
    if header[9] == 17:
        body = data[words * 4 :]
        if len(body) < 8:
            raise MalformedError("body")
        _, port, size, _ = struct.unpack_from(">HHHH", body)
        if size != len(body):
            raise MalformedError("size")
        if route and port == 53:
            raise PlantedError


def fuzz_datagram(data: bytes) -> None:
    try:
        datagram(data)
    except MalformedError:
        return
