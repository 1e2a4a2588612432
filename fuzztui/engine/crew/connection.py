"""The socket to one worker, on the coordinator's side: calls out, results in, neither ever waited for."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable
from typing import Final

import msgspec

from fuzztui.protocol.framing import FrameReader, ProtocolError, frame
from fuzztui.protocol.messages import Call, Result

READ: Final = 1 << 16
"""Bytes of one read."""

DRAIN_LIMIT: Final = 16 << 20
"""Bytes read from a dead process' pipe at most: a grandchild that holds the pipe may go on writing."""


class Connection:
    """Sends calls as the worker reads them and delivers each result as it arrives."""

    def __init__(
        self,
        ours: socket.socket,
        *,
        limit: int,
        on_result: Callable[[Result], None],
        on_fault: Callable[[str], None],
        on_close: Callable[[], None],
        on_stuck: Callable[[], None],
    ) -> None:
        """`limit`: bytes of a result's frame. `on_fault` takes a sentence about what arrived and cannot be true, once;
        `on_close` tells that the worker has closed its end, `on_stuck` that a call could not be sent.
        """
        self._loop = asyncio.get_running_loop()
        self._socket = ours
        self._reader = FrameReader(limit)
        self._decode = msgspec.msgpack.Decoder(Result).decode
        self._encode = msgspec.msgpack.Encoder().encode
        self._unsent = bytearray()
        self._on_result = on_result
        self._on_fault = on_fault
        self._on_close = on_close
        self._on_stuck = on_stuck
        self._is_faulty = False
        ours.setblocking(False)

    def open(self) -> None:
        """Begin to receive."""
        self._loop.add_reader(self._socket, self._read)

    def send(self, call: Call) -> None:
        """Make a call. What does not fit into the socket now follows as the worker reads."""
        self._unsent += frame(self._encode(call))
        self._write()

    def drain(self) -> None:
        """Take in everything that a dead worker has sent, then receive no more."""
        self.detach()
        drain(self._socket.fileno(), self._take)

    def detach(self) -> None:
        """Neither send nor receive any more."""
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)

    def close(self) -> None:
        """Give back the socket."""
        self._socket.close()

    def _write(self) -> None:
        try:
            while self._unsent:
                del self._unsent[: self._socket.send(self._unsent[:READ])]
        except BlockingIOError:
            self._loop.add_writer(self._socket, self._write)
            return
        except OSError:
            self._unsent.clear()
            self._on_stuck()
        self._loop.remove_writer(self._socket)

    def _read(self) -> None:
        try:
            data = self._socket.recv(READ)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._take(data)
            return
        self._loop.remove_reader(self._socket)
        self._on_close()

    def _take(self, data: bytes) -> None:
        if self._is_faulty:
            return
        try:
            for message in self._reader.feed(data):
                self._on_result(self._decode(message))
        except (ProtocolError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            # The decoder raises the last two for bad UTF-8 and for deep nesting.
            self._fault(str(error))
        except Exception as error:
            # One worker's message must not end the run for all: the worker is ended and named, the others go on.
            self._fault(f"a message that could not be handled: {type(error).__name__}: {error}")

    def _fault(self, sentence: str) -> None:
        self._is_faulty = True
        self._on_fault(sentence)


def drain(fd: int, take: Callable[[bytes], None]) -> None:
    """Read what a dead process has left in a non-blocking pipe or socket."""
    left = DRAIN_LIMIT
    with contextlib.suppress(BlockingIOError, ConnectionResetError):
        while left > 0 and (data := os.read(fd, READ)):
            left -= len(data)
            take(data)
