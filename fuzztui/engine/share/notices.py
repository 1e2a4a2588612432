"""Tells at once that files have appeared in folders, as far as the kernel knows of them.

It knows of what this machine writes. What others write into a folder of the network, and folders beyond those that it
has room for, are seen by who looks from time to time, which everybody has to do anyway.
"""

import ctypes
import os
import struct
from collections.abc import Callable
from typing import Final

MOST_FOLDERS: Final = 256
"""A machine has some thousands of watches for each user, of which editors want some, too."""

_CREATE: Final = 0x100
_MOVED_TO: Final = 0x80
_ONLYDIR: Final = 0x0100_0000
_DONT_FOLLOW: Final = 0x0200_0000

_EVENT: Final = struct.Struct("iIII")
"""Watch, what has happened, a number that ties two events together, bytes of the name that follows."""

_AT_ONCE: Final = 1 << 16
"""Bytes of events that are read at once."""


class Notices:
    """Of files whose names are wanted."""

    def __init__(self, is_wanted: Callable[[str], bool]) -> None:
        self._is_wanted = is_wanted
        self._kernel = ctypes.CDLL(None, use_errno=True)
        # Only Linux has it; elsewhere nothing is told.
        begin = getattr(self._kernel, "inotify_init1", None)
        self._descriptor: int = -1 if begin is None else begin(os.O_NONBLOCK | os.O_CLOEXEC)
        self._folders: set[str] = set()

    @property
    def descriptor(self) -> int | None:
        """Has something to be read when something has happened; None where the kernel tells nothing."""
        return self._descriptor if self._descriptor >= 0 else None

    def watch(self, folder: str) -> None:
        """Have a folder watched from now on, if that is possible."""
        if self._descriptor < 0 or folder in self._folders or len(self._folders) >= MOST_FOLDERS:
            return
        self._folders.add(folder)
        what = ctypes.c_uint32(_CREATE | _MOVED_TO | _ONLYDIR | _DONT_FOLLOW)
        self._kernel.inotify_add_watch(self._descriptor, os.fsencode(folder), what)

    def take(self) -> bool:
        """Forget what has happened until now: whether a file was among it whose name is wanted."""
        try:
            events = os.read(self._descriptor, _AT_ONCE)
        except BlockingIOError:
            return False
        is_any, at = False, 0
        while at < len(events):
            _, _, _, length = _EVENT.unpack_from(events, at)
            at += _EVENT.size
            name = events[at : at + length].rstrip(b"\0")
            is_any = is_any or self._is_wanted(os.fsdecode(name))
            at += length
        return is_any

    def __del__(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
