"""Frames of a socket: two bytes, a length of 7, 16 or 64 bits, a mask, a masked payload; messages of several."""

import struct


class PlantedError(Exception):
    """A connection is closed with a code that must never be sent."""


class MalformedError(Exception):
    """The bytes are no frames."""


CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10

NEVER_SENT = (1004, 1005, 1006)


class Connection:
    """The server's side."""

    def __init__(self, data: bytes) -> None:
        """Bytes that have been received."""
        self.data = data
        self.at = 0
        self.fragments: list[bytes] = []
        self.pongs: list[bytes] = []
        self.closed = False

    def take(self, count: int) -> bytes:
        """Bytes from the front."""
        if self.at + count > len(self.data):
            raise MalformedError("more to come")
        self.at += count
        return self.data[self.at - count : self.at]

    def frame(self) -> tuple[bool, int, bytes]:
        """Whether it is the last of a message, what it is, its payload."""
        first, second = self.take(2)
        if first & 0x70:
            raise MalformedError("reserved bits")
        if not second & 0x80:
            raise MalformedError("a client must mask")
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self.take(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self.take(8))
        mask = self.take(4)
        payload = bytes(byte ^ mask[index % 4] for index, byte in enumerate(self.take(length)))
        return bool(first & 0x80), first & 0x0F, payload

    def receive(self) -> None:
        """One frame."""
        last, opcode, payload = self.frame()
        if opcode >= CLOSE:
            if not last or len(payload) > 125:
                raise MalformedError("control frame")
            if opcode == PING:
                self.pongs.append(payload)
            elif opcode == CLOSE:
                self.closed = True
                if payload:
                    self.close(payload)
            elif opcode != PONG:
                raise MalformedError("opcode")
        elif opcode == CONTINUATION:
            if not self.fragments:
                raise MalformedError("nothing to continue")
            self.fragments.append(payload)
        elif opcode in (TEXT, BINARY):
            if self.fragments:
                raise MalformedError("continuation expected")
            self.fragments.append(payload)
        else:
            raise MalformedError("opcode")
        if last and opcode < CLOSE:
            b"".join(self.fragments)
            self.fragments.clear()

    def close(self, payload: bytes) -> None:
        """A code and a reason."""
        if len(payload) < 2:
            raise MalformedError("code")
        (code,) = struct.unpack("!H", payload[:2])
        payload[2:].decode()
        if not 1000 <= code < 5000:
            raise MalformedError("range")
        if code in NEVER_SENT and self.fragments:
            raise PlantedError


def fuzz_frames(data: bytes) -> None:
    connection = Connection(data)
    try:
        while connection.at < len(data) and not connection.closed:
            connection.receive()
    except (MalformedError, UnicodeDecodeError):
        return
