"""Signals that end the program, and the end of its process.

A handler written in Python runs in the main thread, between two of its instructions. That is too late where the main
thread waits: for a terminal or a pipe that nobody reads, for a lock of a library's. So the handlers here do nothing.
The interpreter also writes the number of each signal into a pipe as the signal arrives, and a thread of its own acts
upon what it reads there.

What a signal does depends on where the process stands:

- before a run has begun there is nothing to end: the process ends, with 128 and the signal's number;
- while something listens (a run, see `heard_by`), it is told;
- once a run has ended nothing changes the exit status any more. But then nobody is waited for any longer either: a
  process that was asked to end does so `GRACE` seconds after the last progress of its output, finished or not.

A signal that the process was started to ignore (`nohup`, `&` in a script) stays ignored, by workers as well. One that
is merely blocked is not: whoever blocks signals for itself forgets that its children inherit that.

Nothing else is imported here, since whatever is takes time in which a signal would find no handler.
"""

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, NoReturn, TypeAlias

ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""The signals that a run is ended by."""

GRACE: Final = 2.0
"""Seconds without progress that a process which was asked to end still waits for whoever reads its output."""

CHUNK: Final = 64
"""Signals that are read at once."""

Listener: TypeAlias = Callable[[signal.Signals], None]
"""Called in the thread of the signals; returns at once."""


def exit_status(number: signal.Signals) -> int:
    """The exit status of a process that a signal ends, as shells count."""
    return 128 + number


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """The thread does what there is to do; this keeps the signal from ending the process."""


class Attendant:
    """Attends to signals, in a thread that never waits for the rest of the program."""

    def __init__(self) -> None:
        self._waker = -1
        """Where the interpreter writes signals; -1 as long as nobody attends to them."""
        self._inherited_mask: set[int] = set()
        self._listener: Listener | None = None
        self._has_listened = False
        self._arrived: signal.Signals | None = None
        """The first signal that has arrived."""
        self._asked_at: float | None = None
        self._status: int | None = None
        self._progress_at = 0.0
        """When the status was decided, or somebody last read what is written."""
        self._last_resort: Callable[[], None] | None = None
        self._is_ending = False
        self._terminal: int | None = None

    # Told by the rest of the program ----------------------------------------------------------------------------------

    def begin(self) -> None:
        """Attend to signals from now on. Called once, in the main thread."""
        ours, self._waker = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        heard = [number for number in ENDING if signal.getsignal(number) is not signal.SIG_IGN]
        for number in heard:
            signal.signal(number, _nothing)
        thread = threading.Thread(target=self._attend, args=(ours,), name="signals", daemon=True)
        thread.start()  # with the mask as it was, which does not matter: the interpreter takes signals in any thread
        self._inherited_mask = {int(number) for number in signal.pthread_sigmask(signal.SIG_UNBLOCK, heard)}

    def restore_mask(self) -> None:
        """Block in this thread what the process was started with: workers are to be started with the same."""
        signal.pthread_sigmask(signal.SIG_BLOCK, self._inherited_mask)

    @contextmanager
    def heard_by(self, listener: Listener) -> Iterator[None]:
        """Tell a listener of signals meanwhile, and at once of one that came between an earlier listener and this."""
        self._status = None
        if self._arrived is None:
            self._asked_at = None  # what came before this was another matter, and is over
        self._has_listened = True
        self._listener = listener
        if self._arrived is not None:
            listener(self._arrived)
        try:
            yield
        finally:
            self._listener = None

    def decide(self, status: int) -> None:
        """Take note of the exit status: from now on the process only waits for its output."""
        self._status = status
        self.progress()
        self._wake()

    def hurry(self) -> None:
        """Wait no longer than `GRACE` once the status is decided, as if a signal had arrived."""
        if self._asked_at is None:
            self._asked_at = time.monotonic()
            self._wake()

    def progress(self) -> None:
        """Take note that somebody reads what is written."""
        self._progress_at = time.monotonic()

    @contextmanager
    def watched(self, terminal: int) -> Iterator[None]:
        """Take it for SIGHUP when a terminal, named by a descriptor, goes away meanwhile, even if SIGHUP is ignored:
        what is drawn on a terminal does not outlive it.
        """
        self._terminal = terminal
        self._wake()
        try:
            yield
        finally:
            self._terminal = None
            self._wake()

    @contextmanager
    def last_resort(self, restore: Callable[[], None]) -> Iterator[None]:
        """Have this done if the process has to be ended meanwhile. It must not wait for anything."""
        self._last_resort = restore
        try:
            yield
        finally:
            self._last_resort = None

    def leave(self, status: int) -> NoReturn:
        """End the process, after what has been written to its streams has left it.

        The interpreter's own way out would first give signals back their default action, and wait for threads of
        libraries.
        """
        self.decide(status)
        if self._is_ending:
            threading.Event().wait()  # the last resort is being tried, and ends the process
        for stream in (sys.stdout, sys.stderr):
            try:
                if stream is not None:
                    stream.flush()
            except (OSError, ValueError):
                continue  # whoever wrote to the stream has been told
        os._exit(status)

    # The thread -------------------------------------------------------------------------------------------------------

    def _wake(self) -> None:
        if self._waker >= 0:
            try:
                os.write(self._waker, b"\0")
            except BlockingIOError:
                return  # the pipe is full: the thread is about to be woken anyway

    def _attend(self, arrivals: int) -> None:
        while True:
            waiting = select.poll()
            waiting.register(arrivals, select.POLLIN)
            if self._terminal is not None:
                waiting.register(self._terminal, 0)  # a hang-up is told without being asked for
            deadline = self._deadline()
            timeout = None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000
            ready = dict(waiting.poll(timeout))
            if ready.pop(arrivals, 0):
                for number in os.read(arrivals, CHUNK):
                    if number in ENDING:
                        self._arrive(signal.Signals(number))
            elif ready:
                self._terminal = None
                self._arrive(signal.SIGHUP)
            elif deadline == self._deadline():
                self._end()

    def _deadline(self) -> float | None:
        if self._status is None or self._asked_at is None:
            return None
        return max(self._asked_at, self._progress_at) + GRACE

    def _arrive(self, number: signal.Signals) -> None:
        if self._arrived is None:
            self._arrived = number
        if (listener := self._listener) is not None:
            listener(number)
        elif not self._has_listened:
            os._exit(exit_status(number))
        self.hurry()

    def _end(self) -> None:
        """Nobody reads the output any more: end the process as it is."""
        self._is_ending = True
        if self._last_resort is not None:
            self._last_resort()
        os._exit(self._status or (exit_status(self._arrived) if self._arrived is not None else 0))


ATTENDANT: Final = Attendant()
"""Signals belong to the process, so there is one."""
