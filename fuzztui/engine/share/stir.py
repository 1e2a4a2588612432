"""Wakes a thread that waits for something to do, and for a socket besides."""

import os
import select
from typing import Final

_FOREVER: Final = 3600.0
"""Seconds: longer than anybody waits."""


class Stir:
    """An event that can be waited for together with a socket. `set` may be called by any thread."""

    def __init__(self) -> None:
        self._descriptor = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)

    def __del__(self) -> None:
        os.close(self._descriptor)

    def set(self) -> None:
        """Wake who waits, or who waits next."""
        os.eventfd_write(self._descriptor, 1)

    def wait(self, seconds: float, socket: int | None = None) -> bool:
        """Wait until it is set, which is forgotten then, so many seconds have passed, or the socket has something to be
        read: whether it has.
        """
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        if socket is not None:
            poll.register(socket, select.POLLIN)
        ready = {descriptor for descriptor, _ in poll.poll(1000 * max(0.0, min(seconds, _FOREVER)))}
        if self._descriptor in ready:
            os.eventfd_read(self._descriptor)
        return socket in ready
