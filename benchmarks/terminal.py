"""A terminal of our own, for what the dashboard writes into it and how soon it answers."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from benchmarks.child import MeasurementError

_SYNC_QUERY: Final = b"\x1b[?2026$p"
_WRITTEN_AT_ONCE: Final = 1 << 14
"""Bytes, about what a whole screen takes."""
_STYLE: Final = re.compile(rb"\x1b\[[0-9;?]*[a-zA-Z]")


class Terminal:
    """A program in a pseudo-terminal that counts what is written, and reads it only while it is told to."""

    def __init__(self, command: Sequence[str], folder: Path, columns: int, rows: int) -> None:
        self.written = 0
        self.writes = 0
        self._tail = b""
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            environment: Mapping[str, str] = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
            os.execvpe(command[0], list(command), environment)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        os.kill(self.pid, signal.SIGTERM)
        deadline = time.monotonic() + 10.0
        while not os.waitpid(self.pid, os.WNOHANG)[0]:
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
                deadline += 10.0
            self.read(0.05)
        os.close(self._fd)

    def read(self, seconds: float) -> bytes:
        """What is written within some seconds."""
        end = time.monotonic() + seconds
        got = b""
        while (left := end - time.monotonic()) > 0:
            if select.select([self._fd], [], [], left)[0]:
                try:
                    data = os.read(self._fd, 1 << 16)
                except OSError:  # the program has gone
                    break
                if _SYNC_QUERY in data:
                    os.write(self._fd, b"\x1b[?2026;2$y")
                self.written += len(data)
                self.writes += 1
                got += data
        return got

    def wait_for(self, words: str, within: float, step: float = 0.02) -> float:
        """Read until these words, without spaces, have been written; the seconds that took. MeasurementError if they
        are not.
        """
        begin = time.monotonic()
        seen = b""
        while words.encode() not in _STYLE.sub(b"", seen).replace(b" ", b""):
            if time.monotonic() - begin > within:
                raise MeasurementError(f"{words!r} was not on the screen within {within:g} s")
            # The end of it is enough: to look through all again and again takes time from what is measured.
            seen = seen[-_WRITTEN_AT_ONCE:] + self.read(step)
        return time.monotonic() - begin

    def press(self, keys: str) -> None:
        """Type something."""
        os.write(self._fd, keys.encode())

    def answer(self, keys: str, within: float = 10.0, until: Callable[[bytes], bool] = bool) -> float:
        """Type something, and give the seconds until what is written satisfies a condition."""
        self.press(keys)
        begin = time.monotonic()
        seen = b""
        while time.monotonic() - begin < within:
            if select.select([self._fd], [], [], 0.5)[0]:
                seen += (data := os.read(self._fd, 1 << 16))
                self.written += len(data)
                if until(seen):
                    return time.monotonic() - begin
        raise MeasurementError(f"no answer to {keys!r} within {within:g} s")

    @property
    def cpu(self) -> float:
        """Seconds of a processor that the program has used, its workers not counted."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def memory(self) -> int:
        """Bytes that the program has in memory, its workers not counted."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
