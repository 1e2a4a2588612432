"""The worker's end of the socket: blocking, one call at a time."""

import socket

import msgspec

from fuzztui.protocol.framing import LENGTH_BYTES, ProtocolError, frame, length_of
from fuzztui.protocol.messages import Call, Result
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

_CALL_LIMIT = 1 << 30
"""Bytes of a call. The coordinator is trusted; this only catches a stream that lost its step."""


class ChannelClosed(Exception):  # noqa: N818 - reads as what happened
    """The socket cannot be used any more: closed by the other side, or its descriptor by the target."""


class Channel:
    """Receives calls, sends results."""

    def __init__(self, fd: int) -> None:
        """Take over the connected socket `fd`."""
        self._socket = socket.socket(fileno=fd)
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(Call).decode

    def receive(self) -> Call:
        """Wait for the next call. ChannelClosed if there will be none, ProtocolError if it is not one."""
        header = self._read(LENGTH_BYTES)
        message = self._read(length_of(header, _CALL_LIMIT))
        try:
            call: Call = self._decode(message)
        except msgspec.DecodeError as error:
            raise ProtocolError(str(error)) from None
        return call

    def send(self, result: Result) -> None:
        """Send one result; waits while the coordinator is busy. ChannelClosed if it cannot arrive."""
        try:
            self._socket.sendall(frame(self._encode(result)))
        except OSError as error:
            raise ChannelClosed(str(error)) from None

    def _read(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            try:
                part = self._socket.recv(min(count - len(data), 1 << 20))
            except OSError as error:
                raise ChannelClosed(str(error)) from None
            if not part:
                raise ChannelClosed("the coordinator has closed the connection")
            data += part
        return bytes(data)
