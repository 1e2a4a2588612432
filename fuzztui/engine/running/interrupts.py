"""SIGINT for a run in the main thread of a program that has no handler of its own for it."""

import asyncio
import signal
import threading
from types import FrameType


class Interrupts:
    """While it is entered, SIGINT cancels the run's task instead of raising KeyboardInterrupt wherever the program is.

    `asyncio.Runner` does the same for the first one only. The second one it raises, and where that happens between two
    steps of the loop, the next of them is lost: the task that waits for it never ends.
    Nothing changes where another thread runs the loop, or where somebody else handles the signal.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.came = False
        """Whether there was one: the program is then to get its KeyboardInterrupt."""
        self._loop = loop
        self._task: asyncio.Task[object] | None = None
        self._is_ours = False

    def __enter__(self) -> "Interrupts":
        is_main = threading.current_thread() is threading.main_thread()
        if is_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._on_signal)
            self._is_ours = True
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def cancel(self, task: "asyncio.Task[object] | None") -> None:
        """Have this task cancelled by a signal, also by one that came before."""
        self._task = task
        if self.came:
            self._cancel()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if not self.came:
            self.came = True
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._cancel)  # wakes the loop, too

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
