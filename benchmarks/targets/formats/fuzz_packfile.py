"""A pack of objects: magic, version, count, each object a size in a varint and a compressed content, a digest."""

import struct
import zlib
from hashlib import sha1


class PlantedError(Exception):
    """A difference copies what lies beyond the end of the object that it is a difference of."""


class MalformedError(Exception):
    """The bytes are no pack."""


COMMIT, TREE, BLOB, TAG, DIFFERENCE = 1, 2, 3, 4, 6


def varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where it ends."""
    value = shift = 0
    while True:
        if at >= len(data):
            raise MalformedError("number")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value, at


def apply(difference: bytes, base: bytes) -> bytes:
    """What comes of a base and a difference."""
    before, at = varint(difference, 0)
    after, at = varint(difference, at)
    if before != len(base):
        raise MalformedError("size of the base")
    result = b""
    while at < len(difference):
        command = difference[at]
        at += 1
        if command & 0x80:
            offset, size = difference[at : at + 2]
            at += 2
            if offset + size > len(base):
                raise PlantedError
            result += base[offset : offset + size]
        elif command:
            result += difference[at : at + command]
            at += command
        else:
            raise MalformedError("command")
    if len(result) != after:
        raise MalformedError("size of the result")
    return result


def objects(data: bytes) -> list[bytes]:
    """All contents."""
    magic, version, count = struct.unpack(">4sII", data[:12])
    if magic != b"PACK" or version not in (2, 3):
        raise MalformedError("header")
    if sha1(data[:-20], usedforsecurity=False).digest() != data[-20:]:
        raise MalformedError("digest")
    found: list[bytes] = []
    at = 12
    for _ in range(count):
        header, at = varint(data, at)
        kind, size = header >> 4 & 7, (header & 15) | header >> 7 << 4
        inflate = zlib.decompressobj()
        content = inflate.decompress(data[at:-20])
        at = len(data) - 20 - len(inflate.unused_data)
        if len(content) != size:
            raise MalformedError("size")
        if kind == DIFFERENCE:
            if not found:
                raise MalformedError("base")
            content = apply(content, found[-1])
        elif kind not in (COMMIT, TREE, BLOB, TAG):
            raise MalformedError("kind")
        found.append(content)
    return found


def fuzz_packfile(data: bytes) -> None:
    try:
        objects(data)
    except (MalformedError, struct.error, zlib.error, ValueError):
        return
