"""A magic of eight bytes, a constant of 32 bits, a tag of four bytes."""

import struct


class PlantedError(Exception):
    """All three are there."""


def fuzz_png(data: bytes) -> None:
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        return
    if len(data) < 16:
        return
    (constant,) = struct.unpack_from(">I", data, 8)
    if constant == 0x5EC0DE17 and data[12:16] == b"tEXt":
        raise PlantedError
