"""Notices that files in some folders may have changed, without looking at all of them all the time.

What is told is a hint: whoever hears it looks at the files, and finds that they are as they were, or not. So it does no
harm to be told once too often, and all that must not happen is that a change is never told of:

- Folders are watched, not files: an editor that puts a new file in the place of the old one, and a checkout that
  removes and makes files, change the folder.
- A folder that is not there is waited for by watching the nearest one above it that is. After each hint, and each
  second, it is looked whether the folders are still the same ones; where they are not, all is watched anew, and
  anything may have changed.
- On network file systems nobody tells of what other machines write, and the kernel may have no more watches to give:
  then the folders are listed each second and compared. (`watchfiles` can do so itself, but compares times by whole
  seconds, so the second of two quick edits would never be seen.)
"""

import asyncio
import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fuzztui.engine.keep.mounts import mount_of, mounts
from fuzztui.engine.show.text import Visible, say

if TYPE_CHECKING:
    from watchfiles._rust_notify import RustNotify

GROUP: Final = 0.5
"""Seconds in which hints become one, at most: a checkout of another branch makes hundreds."""

STEP: Final = 0.05
"""Seconds of quiet after which a hint is told."""

LOOK_AGAIN: Final = 1.0
"""Seconds between two looks whether the folders are still there, or, where nobody tells, at what is in them."""

PATIENCE: Final = 1.0
"""Seconds that closing waits for the thread, which a file system that does not answer may hold up."""

_Entry = tuple[int, int, int]
"""Time of the last change in nanoseconds, bytes, and number of the inode."""


class Watcher:
    """Watches folders in a thread of its own, which is started with the first. Used on one event loop, which `hint` and
    `tell` are called on.
    """

    def __init__(
        self, hint: Callable[[frozenset[str] | None], None], tell: Callable[[Visible], None], *, polls: bool = False
    ) -> None:
        """`hint` is called with the paths that may have changed, None if that may be any; `tell` with a sentence about
        how files are watched that a person should know; `polls`: list the folders, whatever the system offers.
        """
        self._loop = asyncio.get_running_loop()
        self._hint = hint
        self._tell = tell
        self._polls = polls
        self._folders: frozenset[str] = frozenset()
        self._changed = threading.Event()
        """Set where the folders are other ones, or the watcher is closed."""
        self._is_closed = False
        self._lock = threading.Lock()
        """Held while something is posted to the loop, and while that is given up."""
        self._thread: threading.Thread | None = None

    def watch(self, folders: Iterable[str]) -> None:
        """Watch these folders, and no others, from now on. What has changed in a new one since shortly before is told.
        Absolute paths; a folder may be missing.
        """
        wanted = frozenset(folders)
        if wanted == self._folders or self._is_closed:
            return
        self._folders = wanted
        self._changed.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="watches files", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Tell of nothing any more."""
        with self._lock:
            self._is_closed = True
        self._changed.set()
        if self._thread is not None:
            self._thread.join(PATIENCE)

    def _work(self) -> None:
        while not self._is_closed:
            self._changed.clear()
            folders = self._folders
            anchors = {_anchor(folder) for folder in folders}
            if self._polls or _is_remote(anchors):
                self._look(folders, anchors)
                continue
            try:
                self._listen(folders, anchors)
            except FileNotFoundError:
                continue  # a folder was removed just now
            except (OSError, RuntimeError) as error:
                self._polls = True
                self._post(self._tell, say("files are watched by looking at them each second: {}", error))

    def _listen(self, folders: frozenset[str], anchors: set[str]) -> None:
        """Pass on what the system tells, until the folders are other ones. OSError or RuntimeError if it tells
        nothing.
        """
        before = _identities(anchors)
        with _notify(anchors) as notify:
            self._post(self._hint, None)
            while not self._changed.is_set():
                told = notify.watch(int(GROUP * 1000), int(STEP * 1000), int(LOOK_AGAIN * 1000), self._changed)
                paths = frozenset(path for _, path in told) if isinstance(told, set) else frozenset()
                if paths:
                    self._post(self._hint, paths)
                if not paths.isdisjoint(anchors):
                    return  # one was moved, which ends its watch even where it, or a link to it, is in its place again
                if {_anchor(folder) for folder in folders} != anchors or _identities(anchors) != before:
                    return

    def _look(self, folders: frozenset[str], anchors: set[str]) -> None:
        """Look what is in the folders, until they are other ones."""
        before = {folder: _listing(folder) for folder in anchors}
        self._post(self._hint, None)
        while not self._changed.wait(LOOK_AGAIN):
            now = {folder: _listing(folder) for folder in anchors}
            different = frozenset(
                f"{folder}/{name}"
                for folder, entries in now.items()
                for name in entries.keys() | before[folder].keys()
                if entries.get(name) != before[folder].get(name)
            )
            before = now
            if different:
                self._post(self._hint, different)
            if {_anchor(folder) for folder in folders} != anchors:
                return

    def _post(self, call: Callable[..., None], argument: object) -> None:
        with self._lock:
            if not self._is_closed:
                self._loop.call_soon_threadsafe(call, argument)


def _notify(folders: Iterable[str]) -> "RustNotify":
    """What the system tells of these folders. OSError if it tells nothing, FileNotFoundError if one is gone."""
    from watchfiles._rust_notify import RustNotify  # 30 ms, which runs that watch nothing need not pay

    return RustNotify(sorted(folders), False, False, 0, False, True)


def _anchor(folder: str) -> str:
    """The folder, or the nearest one above it that is there."""
    path = Path(folder)
    return next((str(one) for one in (path, *path.parents) if one.is_dir()), "/")


def _identities(folders: Iterable[str]) -> dict[str, tuple[int, int] | None]:
    """Which folders these are: one that was removed and made again is another one."""
    return {folder: _identity(folder) for folder in folders}


def _identity(folder: str) -> tuple[int, int] | None:
    try:
        status = os.stat(folder)  # noqa: PTH116 - each second, for each folder
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _listing(folder: str) -> dict[str, _Entry]:
    """What is in a folder, as far as that can be told."""
    entries: dict[str, _Entry] = {}
    try:
        with os.scandir(folder) as found:
            for entry in found:
                try:
                    status = entry.stat()
                except OSError:  # a link that leads nowhere, or a file that was removed just now
                    entries[entry.name] = (0, 0, entry.inode())
                else:
                    entries[entry.name] = (status.st_mtime_ns, status.st_size, status.st_ino)
    except OSError:  # removed, or nobody may look into it: there is nothing to be told of it
        return entries
    return entries


def _is_remote(folders: Iterable[str]) -> bool:
    """Whether other machines may write to one of these, which this one does not hear of."""
    try:
        table = mounts(Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape"))
    except (OSError, ValueError):
        return False
    found = (mount_of(os.path.realpath(folder), table) for folder in folders)
    return any(mount is not None and mount.is_network for mount in found)
