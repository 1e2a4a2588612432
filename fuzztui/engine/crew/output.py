"""What a worker's processes print, and the stacks that they write when they are asked to or crash."""

import os
from collections import deque
from typing import Final

from fuzztui.protocol.memory import anonymous_file

OUTPUT_LIMIT: Final = 64 << 10
"""Bytes of output that are kept of each worker."""

_STACK_LIMIT: Final = 1 << 16
"""Bytes of a stack that are read: the newest ones."""


class Output:
    """The last bytes that a worker's processes printed."""

    def __init__(self) -> None:
        self._parts: deque[bytes] = deque()
        self._size = 0
        self.printed = 0
        """Bytes in all, those that are not kept included."""

    def append(self, data: bytes) -> None:
        """Add what was printed, dropping the oldest over the limit."""
        self._parts.append(data)
        self._size += len(data)
        self.printed += len(data)
        while self._size - len(self._parts[0]) >= OUTPUT_LIMIT:
            self._size -= len(self._parts.popleft())

    def clear(self) -> None:
        """Forget what was printed so far."""
        self._parts.clear()
        self._size = 0

    def since(self, printed: int, limit: int) -> str:
        """What was printed after the first `printed` bytes, at most the last `limit` bytes of that, as text."""
        fresh = min(limit, self.printed - printed, self._size)
        return self.tail(fresh) if fresh > 0 else ""

    def tail(self, limit: int = OUTPUT_LIMIT) -> str:
        """The last `limit` bytes as text."""
        return b"".join(self._parts)[-limit:].decode("utf-8", "replace")


class StackFile:
    """A file without a name that one process writes its stacks to."""

    def __init__(self) -> None:
        self.fd = anonymous_file()

    def begin_anew(self) -> None:
        """Drop what was written before. Both ends share one offset, so the next stack stands at the beginning."""
        os.ftruncate(self.fd, 0)
        os.lseek(self.fd, 0, os.SEEK_SET)

    def newest(self) -> str:
        """The newest stack, innermost frame first as faulthandler has it; empty if there is none."""
        size = os.fstat(self.fd).st_size
        text = os.pread(self.fd, _STACK_LIMIT, max(0, size - _STACK_LIMIT)).decode("utf-8", "replace")
        begin = max(text.rfind("Current thread"), text.rfind("Stack (most recent call first)"), text.rfind("Thread 0x"))
        return text[max(0, begin) :].strip()

    def close(self) -> None:
        """Give back the file."""
        os.close(self.fd)
