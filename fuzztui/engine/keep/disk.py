"""A thread for what may have to wait for the disk, so that the engine's loop never does."""

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class DiskLike(Protocol):
    """Does jobs in the order in which they are given."""

    @property
    def pending(self) -> int:
        """Jobs that were given and are not done."""

    def do(self, job: Callable[[], T], done: Callable[[T], None]) -> None:
        """Do a job, then have `done` called with what it returns. A job tells an OSError in what it returns: whatever
        it raises is a failure of the engine's own.
        """


class AtOnce:
    """Does each job when it is given, where nothing else waits."""

    pending = 0

    def do(self, job: Callable[[], T], done: Callable[[T], None]) -> None:
        """See `DiskLike`."""
        done(job())


class Disk:
    """Does jobs in a thread of its own, which is started with the first. Used on one event loop, which `done` is called
    on.

    Why nothing is lost or told too early: the thread takes jobs in order, and posts what came of each to the loop, in
    order, before it takes the next. A job counts as pending until its `done` has been called, so that whoever finds
    nothing pending, on the loop, has been told of everything. The thread is a daemon: one that waits for a disk which
    does not answer keeps no process from ending.
    """

    def __init__(self, name: str) -> None:
        """`name`: of the thread."""
        self._loop = asyncio.get_running_loop()
        self._name = name
        self._jobs: queue.SimpleQueue[tuple[Callable[[], Any], Callable[[Any], None]] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        """Held while something is posted to the loop, and while that is given up."""
        self._is_closed = False
        self._since = 0.0
        """When the last job was done, or the first one given where none was pending, on the monotonic clock."""
        self._changed = asyncio.Event()
        self.pending = 0
        """Jobs whose `done` has not been called."""

    @property
    def waits(self) -> float:
        """Seconds for which the job that is being done has not been done; 0 where there is none."""
        return time.monotonic() - self._since if self.pending else 0.0

    def do(self, job: Callable[[], T], done: Callable[[T], None]) -> None:
        """See `DiskLike`."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        if not self.pending:
            self._since = time.monotonic()
        self.pending += 1
        self._jobs.put((job, done))

    async def idle(self, patience: float) -> bool:
        """Wait until nothing is pending; False where `patience` seconds have passed without a job being done."""
        while self.pending:
            self._changed.clear()
            left = patience - self.waits
            if left <= 0:
                return False
            try:
                await asyncio.wait_for(self._changed.wait(), left)
            except TimeoutError:
                continue
        return True

    def close(self) -> None:
        """End the thread with the job that it is doing; nothing is posted any more."""
        with self._lock:
            self._is_closed = True
        self._jobs.put(None)

    def _work(self) -> None:
        while (given := self._jobs.get()) is not None and not self._is_closed:
            job, done = given
            try:
                result = job()
            except BaseException as error:
                self._post(self._failed, error)
            else:
                self._post(self._done, done, result)

    def _post(self, call: Callable[..., None], *arguments: object) -> None:
        with self._lock:
            if not self._is_closed:
                self._loop.call_soon_threadsafe(call, *arguments)

    def _done(self, done: Callable[[Any], None], result: object) -> None:
        try:
            done(result)
        finally:
            self._one_less()

    def _failed(self, error: BaseException) -> None:
        self._one_less()
        raise error  # to the loop, which takes it for what it is: a failure of the engine's own

    def _one_less(self) -> None:
        self._since = time.monotonic()
        self.pending -= 1
        self._changed.set()
