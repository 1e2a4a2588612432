"""The one way in which files are written: whole, or not at all.

A file is written under a temporary name in its own folder, flushed to the disk, and renamed. Whoever reads the folder
meanwhile, another session included, sees a complete file or none; a process killed at any moment leaves nothing but a
temporary file, whose name tells whether its owner still lives.

Errors of the file system are raised as `OSError`, for the caller to tell.
"""

import errno
import itertools
import os
import stat
from functools import cache
from pathlib import Path

import psutil

TEMPORARY = ".tmp-"
"""How temporary names begin. As dot files they are no inputs to whoever lists the folder."""

CACHE_TAG = """\
Signature: 8a477f597d28d172789f06886806bc55
# This folder was created by fuzztui. It holds nothing that a run could not make again.
# For information about cache directory tags see https://bford.info/cachedir/
"""

_SAME_START = 2.0
"""Seconds by which two readings of one process's start may differ: the clock they are derived from is adjusted."""

_counter = itertools.count()


def write_once(folder: Path, name: str, data: bytes, durable: bool = True) -> bool:
    """Create `folder/name` with these bytes, and the folder too. False, and nothing changed, if the file exists.

    `durable` waits for the disk: after it a power failure loses nothing. A symbolic link or a folder in the
    file's place is an OSError: it is neither followed nor taken for the file.
    """
    path = _path(folder, name)
    if _is_there(path):
        return False
    _write(path, data, durable)
    return True


def replace(folder: Path, name: str, data: bytes, durable: bool = True) -> None:
    """Like `write_once`, but a file that exists gives way to the new one. A symbolic link is replaced, not followed."""
    _write(_path(folder, name), data, durable)


def sweep(folder: Path) -> int:
    """Remove temporary files whose owners have ended, and return their number. A missing folder has none."""
    removed = 0
    for path in folder.glob(f"{TEMPORARY}*"):
        if not _owner_lives(path.name):
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def prepare_cache_dir(path: Path) -> None:
    """Make a folder that version control and backups leave alone; one that a person made is left as it is."""
    if path.is_dir() and not (path / "CACHEDIR.TAG").exists() and any(path.iterdir()):
        return
    write_once(path, ".gitignore", b"*\n", durable=False)
    write_once(path, "CACHEDIR.TAG", CACHE_TAG.encode(), durable=False)


def _path(folder: Path, name: str) -> Path:
    if name in ("", ".", "..") or "/" in name or name.startswith(TEMPORARY):
        raise ValueError(f"{name!r} cannot be a file's name here")
    return folder / name


def _is_there(path: Path) -> bool:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return False
    if stat.S_ISLNK(mode):
        raise OSError(errno.ELOOP, "a symbolic link is in the file's place", str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EEXIST, "something that is no file is in the file's place", str(path))
    return True


def _write(path: Path, data: bytes, durable: bool) -> None:
    _make_folder(path.parent, durable)
    temporary = path.with_name(f"{TEMPORARY}{os.getpid()}-{_own_start(os.getpid()):.2f}-{next(_counter)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        _flush_folder(path.parent)


def _make_folder(folder: Path, durable: bool) -> None:
    """Make a folder and those above it; a new folder's name lies in its parent, which is flushed for it."""
    if folder.is_dir():
        return
    _make_folder(folder.parent, durable)
    folder.mkdir(exist_ok=True)
    if durable:
        _flush_folder(folder.parent)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@cache
def _own_start(pid: int) -> float:
    """Seconds since the epoch; the argument keeps a forked process from using its parent's."""
    return psutil.Process(pid).create_time()


def _owner_lives(name: str) -> bool:
    """Whether the process that a temporary name tells of is running; a name that tells of none is an orphan's."""
    try:
        pid, start, _ = name.removeprefix(TEMPORARY).split("-")
        return abs(psutil.Process(int(pid)).create_time() - float(start)) <= _SAME_START
    except (ValueError, psutil.NoSuchProcess):
        return False
    except psutil.AccessDenied:
        return True
