# Not pathlib: each start of a worker would pay for loading it.
# ruff: noqa: PTH102, PTH116, PTH118, PTH208

"""The one way in which files are written, read and removed: within an opened folder, and whole or not at all.

A folder is opened component by component from a root that is trusted; a symbolic link below the root is refused, since
whoever wrote the project may have pointed it anywhere. All that follows goes through the folder's descriptor, so that
what happens to the names above meanwhile cannot move it elsewhere.

A file is written under a temporary name in its own folder and renamed. Whoever reads the folder meanwhile sees a
complete file or none; a process killed at any moment leaves nothing but a temporary file, whose name tells its owner.

Coordinator and worker both use this module, and the worker before its import hook: so it imports nothing that is not
loaded anyway, and binds the functions of `os` while the target cannot have replaced them.
"""

from errno import EEXIST, EFBIG, EINVAL, ELOOP, ENOENT, ENOTDIR
from itertools import count
from os import (
    O_CLOEXEC,
    O_CREAT,
    O_DIRECTORY,
    O_EXCL,
    O_NOCTTY,
    O_NOFOLLOW,
    O_NONBLOCK,
    O_RDONLY,
    O_WRONLY,
    close,
    fstat,
    fsync,
    getpid,
    kill,
    link,
    listdir,
    mkdir,
    read,
    rename,
    stat,
    stat_result,
    unlink,
    write,
)
from os import open as open_file
from os.path import join
from stat import S_ISBLK, S_ISCHR, S_ISDIR, S_ISFIFO, S_ISLNK, S_ISREG, S_ISSOCK
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

TEMPORARY: Final = ".tmp-"
"""How temporary names begin: `.tmp-<pid>-<start>-<n>`. As dot files they are no inputs to whoever lists the folder."""

_CHUNK: Final = 1 << 20

_LARGEST_PID: Final = (1 << 31) - 1

_counter = count()


class NotRegularError(OSError):
    """What lies there is no regular file, and was not opened."""


class TooLongError(OSError):
    """A file is longer than whoever reads it can use, and was not read."""


# Folders ----------------------------------------------------------------------------------------------------------


class OpenFolder:
    """A folder held by its descriptor: the files named to its methods lie in it and nowhere else."""

    def __init__(self, descriptor: int, path: str) -> None:
        """Take over an open descriptor; `path` is for messages."""
        self.descriptor = descriptor
        self.path = path

    def __enter__(self) -> "OpenFolder":
        """Close the descriptor when the context ends."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is suppressed."""
        self.close()

    def close(self) -> None:
        """The folder is not used any more."""
        close(self.descriptor)

    def names(self) -> list[str]:
        """Everything in the folder, sorted."""
        try:
            return sorted(listdir(self.descriptor))
        except OSError as error:
            raise self._told(error) from None

    def status(self, name: str, *, follow: bool = False) -> stat_result | None:
        """What lies under a name, or where its symbolic link leads; None if nothing does. OSError."""
        try:
            return stat(name, dir_fd=self.descriptor, follow_symlinks=follow)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._told(error, name) from None

    def holds(self, name: str) -> bool:
        """Whether a regular file has this name. OSError if it is a symbolic link or something else that is no file."""
        status = self.status(name)
        if status is None:
            return False
        if S_ISLNK(status.st_mode):
            raise OSError(ELOOP, f"{name} {_LINK}: remove it", join(self.path, name))
        if not S_ISREG(status.st_mode):
            raise OSError(EEXIST, f"{name} is no file: remove it", join(self.path, name))
        return True

    def write(self, name: str, data: bytes, *, mode: int = 0o666, durable: bool = False) -> None:
        """Make `data` the content of a file, old or new; a symbolic link is replaced, not followed. OSError.

        `durable` waits for the disk: after it a power failure loses nothing.
        """
        try:
            for last in (False, False, True):
                temporary = self._temporary(data, mode, durable)
                try:
                    rename(temporary, name, src_dir_fd=self.descriptor, dst_dir_fd=self.descriptor)
                    break
                except FileNotFoundError:
                    # Swept by somebody who takes us for dead, since no process is seen from another container.
                    if last:
                        raise
                except BaseException:
                    self._discard(temporary)
                    raise
            if durable:
                fsync(self.descriptor)
        except OSError as error:
            raise self._told(error, name) from None

    def create(self, name: str, data: bytes, *, mode: int = 0o666) -> bool:
        """Make a file that is not there yet; False, and nothing changed, if it is. OSError.

        Of several processes that do so at once, exactly one succeeds.
        """
        try:
            temporary = self._temporary(data, mode, durable=False)
            try:
                link(temporary, name, src_dir_fd=self.descriptor, dst_dir_fd=self.descriptor)
            except FileExistsError:
                return False
            finally:
                self._discard(temporary)
        except OSError as error:
            raise self._told(error, name) from None
        return True

    def read(self, name: str, most: int, *, follow: bool = False) -> bytes:
        """As `read_regular`; a symbolic link counts as no regular file unless it is to be followed."""
        try:
            return read_regular(name, most, folder=self.descriptor, follow=follow)
        except OSError as error:
            raise self._told(error, name) from None

    def remove(self, name: str) -> bool:
        """Remove a regular file; False if there is none. OSError, and nothing removed, if it is anything else."""
        if not self.holds(name):
            return False
        try:
            unlink(name, dir_fd=self.descriptor)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise self._told(error, name) from None
        return True

    def sweep(self) -> int:
        """Remove temporary files whose owners have ended, and return their number.

        OSError for the first that could not be removed, after all the others have been.
        """
        removed = 0
        failed: OSError | None = None
        for name in self.names():
            owner = _owner(name)
            if owner is None or _lives(*owner):
                continue
            try:
                removed += self.remove(name)
            except OSError as error:
                failed = failed or error
        if failed is not None:
            raise failed
        return removed

    def _temporary(self, data: bytes, mode: int, durable: bool) -> str:
        name = f"{TEMPORARY}{_myself()}-{next(_counter)}"
        flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        descriptor = open_file(name, flags, mode, dir_fd=self.descriptor)
        try:
            try:
                rest = memoryview(data)
                while rest:
                    rest = rest[write(descriptor, rest) :]
                if durable:
                    fsync(descriptor)
            finally:
                close(descriptor)
        except BaseException:
            self._discard(name)
            raise
        return name

    def _discard(self, name: str) -> None:
        try:
            unlink(name, dir_fd=self.descriptor)
        except FileNotFoundError:
            return

    def _told(self, error: OSError, name: str = "") -> OSError:
        """The error with the whole path, where system calls know no more than the name in the folder."""
        kind = type(error) if isinstance(error, NotRegularError | TooLongError) else OSError
        return kind(error.errno, error.strerror, join(self.path, name) if name else self.path)


_LINK: Final = "is a symbolic link, which may lead out of the project and is not followed"


def open_folder(
    root: str, parts: tuple[str, ...] = (), *, make: bool = False, mode: int = 0o777, durable: bool = False
) -> OpenFolder:
    """Open the folder that `parts` lead to from `root`, which is trusted: links in the root's own path are followed.

    `make` makes what is missing, the root included, and `durable` sees to it that a power failure does not take that
    away. OSError if it cannot be, and where a component below the root is a symbolic link or no folder.
    """
    if make:
        _make_root(root, mode, durable)
    path = root
    descriptor = open_file(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    try:
        for part in parts:
            path = join(path, part)
            inner = _enter(descriptor, part, path, make, mode, durable)
            close(descriptor)
            descriptor = inner
    except BaseException:
        close(descriptor)
        raise
    return OpenFolder(descriptor, path)


def _make_root(root: str, mode: int, durable: bool) -> None:
    """Make a folder and those above it; a new folder's name lies in its parent, which is flushed for it."""
    try:
        if S_ISDIR(stat(root).st_mode):
            return
    except FileNotFoundError:
        parent, _, name = root.rstrip("/").rpartition("/")
        if parent and name:
            _make_root(parent, mode, durable)
    try:
        mkdir(root, mode)
    except FileExistsError:
        return  # by another process; or it is no folder, which opening it will tell
    if durable:
        above = open_file(join(root, ".."), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        try:
            fsync(above)
        finally:
            close(above)


def _enter(above: int, name: str, path: str, make: bool, mode: int, durable: bool) -> int:
    flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    try:
        try:
            return open_file(name, flags, dir_fd=above)
        except FileNotFoundError:
            if not make:
                raise
        try:
            mkdir(name, mode, dir_fd=above)
        except FileExistsError:  # another process was faster
            return open_file(name, flags, dir_fd=above)
        if durable:
            fsync(above)
        return open_file(name, flags, dir_fd=above)
    except OSError as error:
        if error.errno in (ELOOP, ENOTDIR) and S_ISLNK(stat(name, dir_fd=above, follow_symlinks=False).st_mode):
            raise OSError(ELOOP, f"{name} {_LINK}: put a folder in its place", path) from None
        reason = f"{name} is no folder: put one in its place" if error.errno == ENOTDIR else error.strerror
        raise OSError(error.errno, reason, path) from None


# Files ------------------------------------------------------------------------------------------------------------


def read_regular(path: str, most: int, *, folder: int | None = None, follow: bool = True) -> bytes:
    """The content of a regular file of at most `most` bytes; `path` may be relative to the descriptor of a folder.

    Nothing else is opened: opening a device may already do something, and opening a FIFO waits for its writer.
    Raises NotRegularError, TooLongError, and OSError where the file cannot be read.
    """
    _check_kind(path, _reached(path, folder, follow))
    flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | (0 if follow else O_NOFOLLOW)
    descriptor = open_file(path, flags, dir_fd=folder)
    try:
        status = fstat(descriptor)
        _check_kind(path, status)  # something else may have taken the file's place since
        if status.st_size > most:
            raise TooLongError(EFBIG, f"{status.st_size} bytes, at most {most} fit", path)
        chunks = []
        length = 0
        while chunk := read(descriptor, min(_CHUNK, most + 1 - length)):
            chunks.append(chunk)
            length += len(chunk)
            if length > most:
                raise TooLongError(EFBIG, f"more bytes than the {most} that fit", path)
    finally:
        close(descriptor)
    return b"".join(chunks)


def _reached(path: str, folder: int | None, follow: bool) -> stat_result:
    try:
        return stat(path, dir_fd=folder, follow_symlinks=follow)
    except OSError as error:
        if error.errno in (ENOENT, ELOOP) and S_ISLNK(stat(path, dir_fd=folder, follow_symlinks=False).st_mode):
            raise NotRegularError(EINVAL, "a symbolic link that leads nowhere", path) from None
        raise


_KINDS: Final = (
    (S_ISLNK, "a symbolic link"),
    (S_ISDIR, "a folder"),
    (S_ISFIFO, "a FIFO"),
    (S_ISSOCK, "a socket"),
    (S_ISCHR, "a device"),
    (S_ISBLK, "a device"),
)


def _check_kind(path: str, status: stat_result) -> None:
    mode = status.st_mode
    if not S_ISREG(mode):
        kind = next((words for is_kind, words in _KINDS if is_kind(mode)), "something else")
        raise NotRegularError(EINVAL, f"{kind}, not a regular file", path)


# Owners of temporary files ------------------------------------------------------------------------------------------


def _owner(name: str) -> tuple[int, int] | None:
    """The process that a temporary name tells of, and when it was started; None if the name is not one of ours."""
    numbers = name.removeprefix(TEMPORARY).split("-")
    if not name.startswith(TEMPORARY) or len(numbers) != 3:
        return None
    if not all(number.isascii() and number.isdecimal() for number in numbers):
        return None
    pid, start, _ = map(int, numbers)
    return (pid, start) if 0 < pid <= _LARGEST_PID else None


def _lives(pid: int, start: int) -> bool:
    """Whether the process runs that had this number then; where only its number can be told, that is enough."""
    now = _start(pid)
    if now is not None:
        return now == start
    try:
        kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _myself() -> str:
    """Number and start of this process. Asked for each file: they are read once, and once more in a fork."""
    global _self
    pid = getpid()
    if _self[0] != pid:
        _self = pid, f"{pid}-{_start(pid) or 0}"
    return _self[1]


_self = 0, ""


def _start(pid: int) -> int | None:
    """When a process was started, in clock ticks since the machine was; None if the system does not tell."""
    try:
        descriptor = open_file(f"/proc/{pid}/stat", O_RDONLY | O_CLOEXEC)
    except OSError:
        return None
    try:
        # The name of the program comes before, in parentheses, and may hold anything.
        return int(read(descriptor, 4096).rpartition(b")")[2].split()[19])
    except ProcessLookupError:  # it has ended since
        return None
    finally:
        close(descriptor)
