"""Notes which test a process is running, so that a later one knows which test has ended it.

A file for each process of pytest, in its cache, holds the name of the test as long as that runs; a lock on the file
says that the process lives. Nothing here is worth failing for.
"""

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

_RUNNING = "running-"
_ENDED = "ended-"


class Journal:
    """What is known of tests that end their process. Without a folder nothing is."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._descriptor = -1
        self._file: Path | None = None
        self._deadly: set[str] = set()
        if folder is not None:
            with contextlib.suppress(OSError):
                self._open(folder)
                self._read(folder)

    def _open(self, folder: Path) -> None:
        self._file = folder / f"{_RUNNING}{os.getpid()}"
        self._descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._take_over(folder, self._file)  # of a process that had the same number

    def _read(self, folder: Path) -> None:
        for path in sorted(folder.glob(f"{_RUNNING}*")):
            if path == self._file:
                continue
            with contextlib.suppress(OSError), path.open("rb") as stream:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)  # refused as long as its process lives
                self._take_over(folder, path)
                path.unlink()
        for path in folder.glob(f"{_ENDED}*"):
            with contextlib.suppress(OSError):
                self._deadly.add(path.read_text(encoding="utf-8", errors="replace"))

    def _take_over(self, folder: Path, path: Path) -> None:
        test = path.read_text(encoding="utf-8", errors="replace")
        if test:
            (folder / _name(test)).write_text(test, encoding="utf-8", errors="replace")
            self._deadly.add(test)

    @property
    def is_kept(self) -> bool:
        """Whether a later session will find what is noted."""
        return self._descriptor >= 0

    def is_deadly(self, test: str) -> bool:
        """Whether a process has ended while it ran this test."""
        return test in self._deadly

    def forget(self, test: str) -> None:
        """The test ends no process any more."""
        self._deadly.discard(test)
        if self._folder is not None:
            with contextlib.suppress(OSError):
                (self._folder / _name(test)).unlink()

    @contextlib.contextmanager
    def running(self, test: str) -> Iterator[None]:
        """Note a test as long as it runs in this process."""
        self._note(test.encode("utf-8", "replace"))
        try:
            yield
        finally:
            self._note(b"")

    def _note(self, text: bytes) -> None:
        if self._descriptor >= 0:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, 0)
                os.pwrite(self._descriptor, text, 0)

    def close(self) -> None:
        """The process ends in order."""
        if self._descriptor >= 0 and self._file is not None:
            with contextlib.suppress(OSError):
                self._file.unlink()
                os.close(self._descriptor)
        self._descriptor = -1


def _name(test: str) -> str:
    return _ENDED + hashlib.sha256(test.encode("utf-8", "replace")).hexdigest()[:16]
