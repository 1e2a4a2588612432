"""Writes what a run tells into a file of the cache, while it runs.

A thread of its own writes, so that the engine never waits for the disk. What cannot be written is said once; the run
goes on without its recording.
"""

import contextlib
import fcntl
import os
import queue
import threading
import time
from datetime import datetime
from typing import Final

from fuzztui.engine.keep.storage import Folder, begin_file, is_held, names, remove, size_of
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.session import Session
from fuzztui.engine.show.events import Ended, Event, Stats, WorkerEnded, WorkerStarted
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import Visible, json_line, os_error, say
from fuzztui.sessions import recording
from fuzztui.sessions.afl import AflFiles

STATUS_EVERY: Final = 1.0
"""Seconds between two statuses of a young run."""

STATUS_SHARE: Final = 1800
"""Of an older one so many parts of its length: a status each minute after thirty hours."""

MOST_BYTES: Final = 64 << 20
"""Of one recording: what comes later is left out, but for the end."""

KEPT: Final = 20
"""Recordings of a target that are kept, this one included."""

KEPT_BYTES: Final = 256 << 20
"""Of them all together."""

MOST_WAITING: Final = 2_000
"""Lines that may wait for a slow disk before starts and ends of workers are left out."""

LAST_PATIENCE: Final = 2.0
"""Seconds that the end of a run waits for its recording."""

TRIES: Final = 100
"""Names for runs of one second."""


class Recorder:
    """An onlooker of one run (see `fuzztui.engine.session.Onlooker`)."""

    def __init__(self, options: RunOptions) -> None:
        """Nothing is written before the run begins."""
        self._folder = options.target.sessions_dir(options.cache_dir)
        self._waiting: queue.SimpleQueue[Event | Snapshot | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="records the run", daemon=True)
        self._session: Session | None = None
        self._newest: Snapshot | None = None
        self._next_status = 0.0
        self._options = options

    # Called in the engine's thread ------------------------------------------------------------------------------------

    def begin(self, session: Session) -> None:
        """See `Onlooker`."""
        self._session = session

    def on_event(self, event: Event) -> None:
        """The first one comes when the cache has been prepared."""
        if self._thread.ident is None:
            self._thread.start()
        if isinstance(event, WorkerStarted | WorkerEnded) and self._waiting.qsize() > MOST_WAITING:
            return
        if isinstance(event, Stats | Ended) and self._newest is not None:
            self._waiting.put(self._newest)
        self._waiting.put(event)

    def on_snapshot(self, snapshot: Snapshot) -> None:
        """Most are left out."""
        self._newest = snapshot
        if snapshot.elapsed >= self._next_status and self._waiting.qsize() <= MOST_WAITING:
            self._next_status = snapshot.elapsed + max(STATUS_EVERY, snapshot.elapsed / STATUS_SHARE)
            self._waiting.put(snapshot)

    def close(self) -> None:
        """See `Onlooker`."""
        self._waiting.put(None)
        if self._thread.ident is not None:
            self._thread.join(LAST_PATIENCE)

    # In a thread of its own -------------------------------------------------------------------------------------------

    def _work(self) -> None:
        try:
            file = _File(self._folder, say("{}", self._options.target.id))
        except OSError as error:
            self._give_up(os_error(error, error.filename or self._folder))
            return
        afl = AflFiles(self._folder, file.stamp, self._options)
        try:
            self._write_all(file, afl)
        except OSError as error:
            file.cut_back()
            self._give_up(os_error(error, self._folder / file.name))
        finally:
            afl.close()
            file.close()

    def _write_all(self, file: "_File", afl: AflFiles) -> None:
        before: Snapshot | None = None
        while (item := self._waiting.get()) is not None:
            if isinstance(item, Snapshot):
                if item is before or (file.is_full and item.outcome is None):
                    continue
                if file.write(recording.status_line(item, before), is_last=item.outcome is not None):
                    before = item
            elif not file.is_full or isinstance(item, Ended):
                if isinstance(item, Stats):
                    afl.write(item.snapshot)
                file.write(recording.event_line(item), is_last=isinstance(item, Ended))

    def _give_up(self, problem: Visible) -> None:
        if self._session is not None:
            sentence = say("What this run tells is not kept for `fuzztui replay-session`: {}", problem)
            self._session.warn("recording", sentence)


class _File:
    """A recording that grows. OSError as files have it."""

    def __init__(self, folder: Folder, target_id: Visible) -> None:
        """Make room, then begin a file whose name is the time."""
        with contextlib.suppress(OSError):  # what cannot be swept takes room, and hurts nobody
            sweep(folder, KEPT - 1, KEPT_BYTES - MOST_BYTES)
        now = datetime.now().astimezone()
        self.stamp, self._descriptor = _begin(folder, now.strftime("%Y%m%d-%H%M%S"))
        self.name = self.stamp + recording.SUFFIX
        with contextlib.suppress(OSError):  # a file system without locks: then a sweep may take it for an old one
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._size = 0
        self.is_full = False
        self.write(recording.head(target_id, now.isoformat(timespec="seconds")))

    def write(self, line: bytes, *, is_last: bool = False) -> bool:
        """Append a line; False for one that does not fit any more, and is not one of the last."""
        fits = is_last or self._size + len(line) <= MOST_BYTES
        if not fits:
            self.is_full = True
            line = f"{json_line({'event': 'cut', 'elapsed': 0.0, 'bytes': MOST_BYTES})}\n".encode()
        view = memoryview(line)
        while view:
            view = view[os.write(self._descriptor, view) :]
        self._size += len(line)
        return fits

    def cut_back(self) -> None:
        """Remove what there is of a line that could not be written to its end."""
        with contextlib.suppress(OSError):
            os.ftruncate(self._descriptor, self._size)

    def close(self) -> None:
        """Nothing is written any more."""
        os.close(self._descriptor)


def _begin(folder: Folder, stamp: str) -> tuple[str, int]:
    for number in range(TRIES):
        name = f"{stamp}-{number}" if number else stamp
        with contextlib.suppress(FileExistsError):
            return name, begin_file(folder, name + recording.SUFFIX)
    return stamp, begin_file(folder, f"{stamp}-{time.time_ns()}{recording.SUFFIX}")


def sweep(folder: Folder, most: int, most_bytes: int) -> None:
    """Remove the oldest recordings beyond a number and a size, with what lies beside them; not those that still grow.
    OSError where the folder cannot be read, or one cannot be removed.
    """
    present = names(folder)
    for name in [name for name in present if name.endswith(recording.LOG_SUFFIX)][: -most - 1]:
        remove(folder, name)  # one that is still written to is among the last
    found = [name for name in present if name.endswith(recording.SUFFIX)]
    found.sort(key=lambda name: name.removesuffix(recording.SUFFIX))
    total = 0
    for kept, name in enumerate(reversed(found), 1):
        total += size_of(folder, name)
        if (kept > most or total > most_bytes) and not is_held(folder, name):
            remove(folder, name)
            AflFiles.remove(folder, name.removesuffix(recording.SUFFIX))
