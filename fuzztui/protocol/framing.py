"""Frames on the socket between coordinator and worker: four bytes of length (big endian), then one msgpack message."""

from collections.abc import Iterator
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

LENGTH_BYTES: Final = 4

OVERHEAD: Final = 1 << 20
"""Bytes that a frame may have beyond the input it carries: traceback, coverage, line numbers of a module's probes."""


class ProtocolError(Exception):
    """What arrived is not a valid frame or message. The sentence names what was wrong."""


def frame(message: bytes) -> bytes:
    """One message with its length before it."""
    return len(message).to_bytes(LENGTH_BYTES, "big") + message


def length_of(header: bytes | bytearray, limit: int) -> int:
    """Length of the message that `header` announces, in bytes; ProtocolError if it is over `limit`."""
    length = int.from_bytes(header, "big")
    if length > limit:
        raise ProtocolError(f"a frame of {length} bytes, {limit} are allowed")
    return length


class FrameReader:
    """Cuts a stream of bytes into messages."""

    def __init__(self, limit: int) -> None:
        """`limit`: bytes of the largest message accepted."""
        self._limit = limit
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take what arrived and yield each message that is complete now; ProtocolError for an oversized one, after the
        messages before it.
        """
        buffer = self._buffer
        buffer += data
        start = 0
        try:
            while len(buffer) - start >= LENGTH_BYTES:
                begin = start + LENGTH_BYTES
                end = begin + length_of(buffer[start:begin], self._limit)
                if len(buffer) < end:
                    break
                start = end
                yield bytes(buffer[begin:end])
        finally:
            del buffer[:start]

    @property
    def has_partial_frame(self) -> bool:
        """Whether a frame has begun and not ended."""
        return bool(self._buffer)
