"""Runs a command in a pseudo-terminal of its own, as a window or ssh does."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

DEADLINE = 30.0
RESTORED = (b"\x1b[?1049l", b"\x1b[?1000l", b"\x1b[?25h", b"\x1b[?1004l")
"""Alternate screen off, mouse off, cursor on, focus reports off."""


class Terminal:
    """A process in a pty of its own, and all that it wrote."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        size: tuple[int, int] = (30, 100),
        environment: Mapping[str, str | None] | None = None,
        folder: Path | None = None,
        before: Callable[[], None] = lambda: None,
    ) -> None:
        """`size` is rows and columns; `environment` what is added to ours, or taken from it (None); `before` is called
        in the new process.
        """
        self.master, slave = pty.openpty()
        self.resize(*size)
        changed = {**os.environ, "TERM": "xterm-256color", **(environment or {})}

        def begin() -> None:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # the terminal's end is a hang-up, its keys are signals
            before()

        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=folder,
            env={name: value for name, value in changed.items() if value is not None},
            start_new_session=True,
            preexec_fn=begin,
        )
        os.close(slave)
        self.output = b""

    def _read(self, seconds: float) -> bool:
        if not select.select([self.master], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.master, 65536)
        except OSError:  # EIO: nobody has the other end open any more
            return False
        self.output += data
        return bool(data)

    def until(self, words: bytes, start: int = 0) -> None:
        """Read until words come, past as many bytes as `start` says."""
        end = time.monotonic() + DEADLINE
        while words not in self.output[start:]:
            assert time.monotonic() < end, self.output[-2000:]
            assert self._read(0.1), self.output[-2000:]

    def read_for(self, seconds: float) -> None:
        """Read what comes meanwhile."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and self._read(left):
            pass

    def resize(self, rows: int, columns: int) -> None:
        """Be of another size; whoever runs in the terminal is told."""
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def vanish(self) -> None:
        """Go away, as a window that is closed."""
        os.close(self.master)
        self.master = -1

    def wait(self) -> int:
        """Read to the end; the exit code."""
        end = time.monotonic() + DEADLINE
        while self.process.poll() is None:
            assert time.monotonic() < end, self.output[-2000:]
            self._read(0.05)
        while select.select([self.master], [], [], 0)[0] and self._read(0):
            pass
        return self.process.returncode

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.master >= 0:
            os.close(self.master)

    @property
    def after(self) -> str:
        """What was printed on the normal screen."""
        return self.output.rpartition(b"\x1b[?1049l")[2].decode()

    def assert_restored(self) -> None:
        for sequence in RESTORED:
            assert sequence in self.output
        assert self.output.rfind(b"\x1b[?1049l") > self.output.rfind(b"\x1b[?1049h")
