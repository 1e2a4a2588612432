"""Does something soon after it is asked for, however often that is, within a share of the loop's time."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

EVERY: Final = 0.02
"""Seconds between two times, at least."""

EFFORT: Final = 0.03
"""Of a processor that it may take."""


class Soon:
    """Made on the loop that it is done on; all methods but `ask_from_thread` are called there."""

    def __init__(self, do: Callable[[], None]) -> None:
        self._do = do
        self._loop = asyncio.get_running_loop()
        self._handle: asyncio.TimerHandle | None = None
        self._rests_until = 0.0
        self._is_closed = False

    def ask(self) -> None:
        """Have it done."""
        if self._handle is None and not self._is_closed:
            self._handle = self._loop.call_at(max(self._loop.time(), self._rests_until), self._work)

    def ask_from_thread(self) -> None:
        """The same for other threads, as long as there is a loop."""
        self._loop.call_soon_threadsafe(self.ask)

    def _work(self) -> None:
        self._handle = None
        began = time.thread_time()
        self._do()
        self._rests_until = self._loop.time() + max(EVERY, (time.thread_time() - began) / EFFORT)

    def close(self) -> None:
        """Do it no more."""
        self._is_closed = True
        if self._handle is not None:
            self._handle.cancel()
