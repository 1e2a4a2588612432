"""Runs that go on without a terminal: where their sockets lie, and what is known of each.

The folder belongs to the user alone (0700), and so does each socket in it (0600). It is not in the project, whose path
may be too long for a socket's name, and whose folder may be shared.
"""

import contextlib
import errno
import os
import socket
import stat
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from fuzztui.engine.keep.storage import names, read_in, remove, replace
from fuzztui.engine.show.codec import ForeignError, decode, encode
from fuzztui.engine.show.text import Visible, os_error, say

SOCKET: Final = ".sock"
ABOUT: Final = ".json"

PATIENCE: Final = 10.0
"""Seconds in which a coordinator answers that is there."""

LARGEST: Final = 1 << 20
"""Bytes of what is known of a run."""


class UnusableFolderError(Exception):
    """The folder of sockets is not the user's alone."""

    def __init__(self, sentence: Visible) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Running:
    """What a coordinator without a terminal says of itself."""

    id: str
    pid: int
    target: Visible
    file: Path
    name: str
    log: Path
    started: str
    """When, in ISO form."""
    others: tuple[tuple[Path, str], ...] = ()
    """File and name of each further target, where it has several."""

    @property
    def socket(self) -> str:
        """The name of its socket."""
        return self.id + SOCKET

    def socket_of(self, number: int) -> str:
        """The name of the socket of one of several targets, the first of which is 0."""
        return f"{self.id}.{number}{SOCKET}"

    @property
    def targets(self) -> tuple[tuple[Path, str], ...]:
        """File and name of each."""
        return ((self.file, self.name), *self.others)


def folder() -> Path:
    """The folder of sockets, made if there is none. UnusableFolderError if others could put something in there."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    place = Path(runtime, "fuzztui") if runtime.startswith("/") else Path("/tmp", f"fuzztui-{os.getuid()}")
    try:
        with contextlib.suppress(FileExistsError):
            place.mkdir(mode=0o700)
        status = os.lstat(place)
    except OSError as error:
        raise UnusableFolderError(os_error(error, place)) from None
    if not stat.S_ISDIR(status.st_mode):
        raise UnusableFolderError(say("{} is no folder", place))
    if status.st_uid != os.getuid() or stat.S_IMODE(status.st_mode) & 0o077:
        raise UnusableFolderError(say("{} is open to others: remove it, or `chmod 700` it if it is yours", place))
    return place


def register(running: Running) -> None:
    """Make a run known. OSError if that is impossible."""
    replace(folder(), running.id + ABOUT, msgspec.json.encode(encode(Running, running)), durable=False)


def forget(place: Path, run_id: str) -> None:
    """Remove what is there of a run that has ended."""
    for suffix in (ABOUT, SOCKET):
        with contextlib.suppress(OSError):
            if suffix == SOCKET:
                for path in (place / f"{run_id}{SOCKET}", *place.glob(f"{run_id}.*{SOCKET}")):
                    path.unlink(missing_ok=True)  # a socket, no regular file
            else:
                remove(place, run_id + suffix)


def known() -> tuple[list[Running], list[Running]]:
    """The runs that go on, the oldest first, and those whose coordinator is gone; these are forgotten."""
    place = folder()
    alive: list[Running] = []
    gone: list[Running] = []
    for name in names(place):
        if not name.endswith(ABOUT):
            continue
        try:
            running = decode(Running, msgspec.json.decode(read_in(place, name, LARGEST)))
        except (OSError, msgspec.DecodeError, ForeignError):
            continue  # it has ended meanwhile, or is none of ours
        if running.id + ABOUT != name:
            continue
        if is_alive(place / running.socket):
            alive.append(running)
        else:
            gone.append(running)
            forget(place, running.id)
    return sorted(alive, key=lambda running: running.started), gone


def is_alive(path: Path) -> bool:
    """Whether somebody listens at a socket, though they may not answer now."""
    try:
        connected(path).close()
    except BlockingIOError:
        return True
    except OSError:
        return False
    return True


def connected(path: Path) -> socket.socket:
    """A connection to a socket of this user's. OSError where nobody of theirs listens there; BlockingIOError where
    whoever does has not answered those who came before, as one that is suspended.
    """
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        channel.settimeout(PATIENCE)  # or it would be waited for, for as long as the other end is suspended
        channel.connect(os.fspath(path))
        if peer_of(channel) != os.getuid():
            raise OSError(errno.EACCES, "another user listens there", os.fspath(path))
    except BaseException:
        channel.close()
        raise
    return channel


def peer_of(channel: socket.socket) -> int:
    """The user at the other end; our own where the system does not tell, since the folder lets nobody else in."""
    if not hasattr(socket, "SO_PEERCRED"):
        return os.getuid()
    credentials = channel.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    uid: int = struct.unpack("3i", credentials)[1]
    return uid
