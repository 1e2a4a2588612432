"""Files are written, read and removed here: in a `Folder`, by the rules of `fuzztui.protocol.files`.

Errors of the file system are raised as `OSError` with the whole path, for the caller to tell.
"""

import contextlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from fuzztui.protocol.files import TEMPORARY, NotRegularError, OpenFolder, TooLongError, open_folder, read_regular

__all__ = [
    "Folder",
    "NotRegularError",
    "TooLongError",
    "contents",
    "prepare_cache_dir",
    "read_file",
    "remove",
    "replace",
    "sizes",
    "sweep",
    "write_once",
]

CACHE_TAG = """\
Signature: 8a477f597d28d172789f06886806bc55
# This folder was created by fuzztui. It holds nothing that a run could not make again.
# For information about cache directory tags see https://bford.info/cachedir/
"""


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


def replace(folder: Folder | Path, name: str, data: bytes, durable: bool = True) -> None:
    """Like `write_once`, but a file that exists gives way to the new one. A symbolic link is replaced, not followed."""
    _check_name(name)
    with _open(folder, make=True, durable=durable) as opened:
        opened.write(name, data, durable=durable)


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

    OSError for the first that cannot be removed, after all others have been.
    """
    try:
        opened = _open(folder)
    except (FileNotFoundError, NotADirectoryError):
        return 0
    with opened:
        return opened.sweep()


def contents(folder: Folder | Path, most: int, *, follow: bool = False) -> list[tuple[Path, bytes | OSError]]:
    """What lies in a folder, by name, without dot files: the content of each file, or why it could not be read.

    NotRegularError stands for what is no regular file, TooLongError for one of over `most` bytes; neither is opened.
    `follow` reads regular files through symbolic links that lie in the folder. No folder, no files; OSError if the
    folder itself cannot be read.
    """
    found: list[tuple[Path, bytes | OSError]] = []
    try:
        opened = _open(folder)
    except (FileNotFoundError, NotADirectoryError):
        return found
    with opened:
        for name in opened.names():
            if name.startswith("."):
                continue
            path = Path(opened.path, name)
            try:
                found.append((path, opened.read(name, most, follow=follow)))
            except OSError as error:
                if opened.status(name) is not None:  # or another session, or its user, has removed it since
                    found.append((path, error))
    return found


def read_file(path: Path, most: int) -> bytes:
    """A file that the user named. NotRegularError and TooLongError, both OSErrors, for what is not read."""
    return read_regular(os.fspath(path), most)


def sizes(folder: Folder | Path, *, follow: bool = False) -> list[int]:
    """Bytes of each regular file in a folder, without dot files; what cannot be looked at is for `contents` to tell."""
    found: list[int] = []
    try:
        opened = _open(folder)
    except (FileNotFoundError, NotADirectoryError):
        return found
    with opened:
        for name in opened.names():
            with contextlib.suppress(OSError):
                status = opened.status(name, follow=follow)
                if status is not None and stat.S_ISREG(status.st_mode) and not name.startswith("."):
                    found.append(status.st_size)
    return found


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
