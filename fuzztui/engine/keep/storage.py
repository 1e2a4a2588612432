"""Files are written, read and removed here: in a `Folder`, by the rules of `fuzztui.protocol.files`.

Errors of the file system are raised as `OSError` with the whole path, for the caller to tell.
"""

import contextlib
import errno
import fcntl
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fuzztui.protocol.files import TEMPORARY, NotRegularError, OpenFolder, TooLongError, open_folder, read_regular

__all__ = [
    "Drawer",
    "Folder",
    "NotRegularError",
    "SweepError",
    "TooLongError",
    "begin_file",
    "contents",
    "is_held",
    "locked",
    "names",
    "prepare_cache_dir",
    "read_file",
    "read_in",
    "remove",
    "remove_folder",
    "replace",
    "size_of",
    "sizes",
    "sweep",
    "write_once",
]

LOCK_PATIENCE = 5.0
"""Seconds that a lock is waited for while nothing changes in its folder: who holds it is most likely stopped."""

CACHE_TAG = """\
Signature: 8a477f597d28d172789f06886806bc55
# This folder was created by fuzztui. It holds nothing that a run could not make again.
# For information about cache directory tags see https://bford.info/cachedir/
"""


class SweepError(OSError):
    """A temporary file of an ended process cannot be removed."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder, and how far its path is trusted: nobody can write to the one without knowing the other."""

    root: Path
    """As the user named it: symbolic links on the way there are followed."""
    parts: tuple[str, ...] = ()
    """The way from there. It is the project's, so a symbolic link on it is refused."""

    def __post_init__(self) -> None:
        if any(part in ("", ".", "..") or "/" in part for part in self.parts):
            raise ValueError(f"{self.parts!r} do not lead down from {self.root}")

    @property
    def path(self) -> Path:
        """To be shown, or compared; whoever opens it forgets what is trusted."""
        return self.root.joinpath(*self.parts)

    def __str__(self) -> str:
        return str(self.path)

    def __fspath__(self) -> str:
        return str(self.path)

    def __truediv__(self, name: str) -> Path:
        """The path of a file in the folder, to be shown."""
        return self.path / name


def write_once(folder: Folder | Path, name: str, data: bytes, durable: bool = True) -> bool:
    """Create `folder/name` with these bytes, and the folder too. False, and nothing changed, if the file exists.

    `durable` waits for the disk: after it a power failure loses nothing. A symbolic link or a folder in the
    file's place is an OSError: it is neither followed nor taken for the file. A plain path is trusted as a whole.
    """
    _check_name(name)
    with _open(folder, make=True, durable=durable) as opened:
        if opened.holds(name):
            return False
        opened.write(name, data, durable=durable)
        return True


class Drawer:
    """Writes new files into one folder, one after the other. It is held open as long as it lies where it lay: opening
    each folder on the way again costs several times what a small file does. May be used on any thread.
    """

    def __init__(self, folder: Folder | Path) -> None:
        """The folder is opened, and made, with the first file."""
        self._folder = folder
        self._path = os.fspath(folder)
        self._lock = threading.Lock()
        self._opened: OpenFolder | None = None
        self._known: tuple[int, int] | None = None
        """Device and inode of what is open."""

    def write_once(self, name: str, data: bytes) -> bool:
        """As `write_once`, not durable."""
        _check_name(name)
        with self._lock:
            opened = self._open()
            if opened.holds(name):
                return False
            opened.write(name, data)
            return True

    def close(self) -> None:
        """Let go of the folder until the next file."""
        if self._opened is not None:
            self._opened.close()
            self._opened = self._known = None

    def __del__(self) -> None:
        """Nobody writes any more."""
        self.close()

    def _open(self) -> OpenFolder:
        if self._opened is not None and self._known == _identity(self._path):
            return self._opened
        self.close()
        self._opened = _open(self._folder, make=True)
        status = os.fstat(self._opened.descriptor)
        self._known = status.st_dev, status.st_ino
        return self._opened


def _identity(path: str) -> tuple[int, int] | None:
    """Device and inode of a folder, wherever links on the way lead; None where nothing is to be seen there."""
    try:
        status = os.stat(path)  # noqa: PTH116 - a path of text, for each file that is written
    except OSError:
        return None
    return status.st_dev, status.st_ino


def replace(folder: Folder | Path, name: str, data: bytes, durable: bool = True) -> None:
    """Like `write_once`, but a file that exists gives way to the new one. A symbolic link is replaced, not followed."""
    _check_name(name)
    with _open(folder, make=True, durable=durable) as opened:
        opened.write(name, data, durable=durable)


def begin_file(folder: Folder | Path, name: str) -> int:
    """A descriptor that appends to a new file, whose folder is made too: what grows for as long as a run lasts cannot
    be written at once. FileExistsError where there is something of that name, OSError as for other files.
    """
    _check_name(name)
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with _open(folder, make=True) as opened:
        return os.open(name, flags, 0o666, dir_fd=opened.descriptor)


def size_of(folder: Folder | Path, name: str) -> int:
    """Bytes of a file; 0 for one that is not there."""
    with _open(folder) as opened:
        status = opened.status(name)
    return status.st_size if status is not None else 0


def remove_folder(folder: Folder | Path, name: str) -> None:
    """Remove an empty folder in a folder. OSError where it is not empty; nothing happens where there is none."""
    _check_name(name)
    with contextlib.suppress(FileNotFoundError), _open(folder) as opened:
        os.rmdir(name, dir_fd=opened.descriptor)


def is_held(folder: Folder | Path, name: str) -> bool:
    """Whether some process holds the lock of a file that it appends to."""
    with _open(folder) as opened:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=opened.descriptor)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno in (errno.EAGAIN, errno.EACCES)
    finally:
        os.close(descriptor)
    return False


def remove(folder: Folder | Path, name: str) -> bool:
    """Remove one regular file; False if it is not there. OSError if something else is, which stays."""
    _check_name(name)
    try:
        opened = _open(folder)
    except FileNotFoundError:
        return False
    with opened:
        return opened.remove(name)


def sweep(folder: Folder | Path) -> int:
    """Remove temporary files of ours whose owners have ended, and return their number. A missing folder has none.

    SweepError for the first that cannot be removed, after all others have been; OSError for a folder that cannot be
    read.
    """
    try:
        opened = _open(folder)
    except (FileNotFoundError, NotADirectoryError):
        return 0
    with opened:
        try:
            return opened.sweep()
        except OSError as error:
            raise SweepError(error.errno, error.strerror, error.filename) from None


def contents(
    folder: Folder | Path, most: int, *, follow: bool = False, wanted: Callable[[str], bool] | None = None
) -> list[tuple[Path, bytes | OSError]]:
    """What lies in a folder, by name, without dot files: the content of each file, or why it could not be read.

    NotRegularError stands for what is no regular file, TooLongError for one of over `most` bytes; neither is opened.
    `follow` reads regular files through symbolic links that lie in the folder; `wanted` chooses files by their names.
    No folder, no files; OSError if the folder itself cannot be read.
    """
    found: list[tuple[Path, bytes | OSError]] = []
    try:
        opened = _open(folder)
    except (FileNotFoundError, NotADirectoryError):
        return found
    with opened:
        for name in opened.names():
            if name.startswith(".") or (wanted is not None and not wanted(name)):
                continue
            path = Path(opened.path, name)
            try:
                found.append((path, opened.read(name, most, follow=follow)))
            except OSError as error:
                if opened.status(name) is not None:  # or another session, or its user, has removed it since
                    found.append((path, error))
    return found


def names(folder: Folder | Path) -> list[str]:
    """Names of what lies in a folder, in order, without dot files; none if there is no folder."""
    try:
        opened = _open(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
    with opened:
        return sorted(name for name in opened.names() if not name.startswith("."))


def read_file(path: Path, most: int) -> bytes:
    """A file that the user named. NotRegularError and TooLongError, both OSErrors, for what is not read."""
    return read_regular(os.fspath(path), most)


def read_in(folder: Folder | Path, name: str, most: int) -> bytes:
    """A file of a folder, of `most` bytes at most. OSError as `contents` gives it, or for a file that is not there."""
    _check_name(name)
    with _open(folder) as opened:
        return opened.read(name, most)


def sizes(folder: Folder | Path, *, follow: bool = False, wanted: Callable[[str], bool] | None = None) -> list[int]:
    """Bytes of each regular file in a folder, without dot files; what cannot be looked at is for `contents` to tell.
    `wanted` chooses files by their names.
    """
    found: list[int] = []
    try:
        opened = _open(folder)
    except (FileNotFoundError, NotADirectoryError):
        return found
    with opened:
        for name in opened.names():
            with contextlib.suppress(OSError):
                status = opened.status(name, follow=follow)
                if name.startswith(".") or (wanted is not None and not wanted(name)):
                    continue
                if status is not None and stat.S_ISREG(status.st_mode):
                    found.append(status.st_size)
    return found


@contextlib.contextmanager
def locked(folder: Folder | Path) -> Iterator[None]:
    """Have nobody else change files of the folder that are read, changed and written back, where all ask for this. The
    folder is made if there is none; OSError if it cannot be.

    Another session holds the lock for milliseconds. Whoever is stopped while holding it, or a file system that has no
    locks, keeps nobody from going on: then two changes at one instant may become one, but no file is torn.
    """
    with _open(folder, make=True) as opened:
        changed, until = os.fstat(opened.descriptor).st_mtime_ns, time.monotonic() + LOCK_PATIENCE
        while not _lock(opened.descriptor) and time.monotonic() < until:
            time.sleep(0.002)
            if (last := os.fstat(opened.descriptor).st_mtime_ns) != changed:  # others have had it, one after the other
                changed, until = last, time.monotonic() + LOCK_PATIENCE
        yield  # closing the folder lets go of the lock


def _lock(descriptor: int) -> bool:
    """Whether the lock is held now, or cannot be had at all."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.EAGAIN, errno.EACCES)
    return True


def prepare_cache_dir(folder: Folder | Path) -> None:
    """Make a folder that version control and backups leave alone; one that a person made is left as it is."""
    with _open(folder, make=True) as opened:
        names = opened.names()
        if names and "CACHEDIR.TAG" not in names:
            return
    write_once(folder, ".gitignore", b"*\n", durable=False)
    write_once(folder, "CACHEDIR.TAG", CACHE_TAG.encode(), durable=False)


def _check_name(name: str) -> None:
    if name in ("", ".", "..") or "/" in name or name.startswith(TEMPORARY):
        raise ValueError(f"{name!r} cannot be a file's name here")


def _open(folder: Folder | Path, *, make: bool = False, durable: bool = False) -> OpenFolder:
    if isinstance(folder, Folder):
        return open_folder(os.fspath(folder.root), folder.parts, make=make, durable=durable)
    return open_folder(os.fspath(folder), make=make, durable=durable)
