"""A container of chunks: kind, length, body padded to even size, Adler-32 of kind and body; little-endian."""

import struct
import zlib


class PlantedError(Exception):
    """The data are declared to be of two channels and have an odd number of samples."""


class MalformedError(Exception):
    """The bytes are no container."""


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Kinds and bodies."""
    if data[:4] != b"SND2":
        raise MalformedError("magic")
    at, found = 4, []
    while at < len(data):
        if at + 8 > len(data):
            raise MalformedError("header")
        kind, length = data[at : at + 4], struct.unpack_from("<I", data, at + 4)[0]
        body = data[at + 8 : at + 8 + length]
        end = at + 8 + length + length % 2
        if end + 4 > len(data):
            raise MalformedError("length")
        (stored,) = struct.unpack_from("<I", data, end)
        if zlib.adler32(kind + body) != stored:
            raise MalformedError("checksum")
        found.append((kind, body))
        at = end + 4
    return found


def play(parts: list[tuple[bytes, bytes]]) -> int:
    """The number of frames."""
    channels = frames = 0
    for kind, body in parts:
        if kind == b"fmt ":
            if len(body) != 3:
                raise MalformedError("format")
            channels, rate = body[0], struct.unpack("<H", body[1:])[0]
            if rate not in (8000, 44100) or channels not in (1, 2):
                raise MalformedError("rate")
        elif kind == b"data":
            if not channels:
                raise MalformedError("data before format")
            if channels == 2 and len(body) % 2:
                raise PlantedError
            frames += len(body) // channels
        elif kind[:1].isupper():
            raise MalformedError("critical chunk")
    return frames


def fuzz_chunks(data: bytes) -> None:
    try:
        play(chunks(data))
    except MalformedError:
        return
