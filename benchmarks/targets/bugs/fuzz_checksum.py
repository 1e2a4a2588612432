"""Packets of a magic, the length of the body, its CRC-32, and the body, which is read only if the CRC is right."""

import struct
import zlib

HEADER = struct.Struct(">2sHI")


class PlantedError(Exception):
    """A sound packet carries the command that nobody has tested."""


def fuzz_checksum(data: bytes) -> None:
    if len(data) < HEADER.size:
        return
    magic, length, checksum = HEADER.unpack_from(data)
    if magic != b"Pk":
        return
    body = data[HEADER.size :]
    if length != len(body):
        return
    if checksum != zlib.crc32(body):
        return
    if body[:4] == b"drop":
        raise PlantedError
