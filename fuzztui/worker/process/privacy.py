# Not pathlib: each start of a worker would pay for loading it.
# ruff: noqa: PTH101, PTH102, PTH109, PTH112, PTH116, PTH123, PTH208

"""Gives a worker folders and a network of its own, for targets that write files of fixed names or bind fixed ports.

Two such workers would read each other's files, and find each other's ports taken: failures that no input is to blame
for. Linux lets any process have namespaces of its own together with a user namespace, where the system allows that.
What lies in the folders is seen there as before, and what is written is seen by the process and its children alone.
"""

import ctypes
import os
import sys
from collections.abc import Iterable
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

FOLDERS: Final = ("/tmp", "/var/tmp", "/dev/shm")
"""Where files of fixed names lie, besides the working directory."""

_NEW_MOUNTS: Final = 0x20000
_NEW_USERS: Final = 0x10000000
_NEW_NETWORK: Final = 0x40000000
_RECURSIVELY: Final = 0x4000
_PRIVATELY: Final = 1 << 18
_BIND: Final = 0x1000

_FSOPEN, _FSCONFIG, _FSMOUNT = 430, 431, 432
"""Numbers of system calls that the library has no names for, the same on all machines."""
_CREATE: Final = 6

_GET_FLAGS, _SET_FLAGS = 0x8913, 0x8914
_IS_UP: Final = 1

_EMPTY: Final = ("/media", "/srv", "/mnt")
"""Folders that are often there and empty: one is hidden below what is written where the kernel wants a place for it."""


class NotPossible(Exception):  # noqa: N818 - reads as what happened
    """The system does not allow it; the message is the reason."""


def make_private(directory: str, shared: Iterable[str]) -> None:
    """From now on have this process write to the temporary folders and `directory`, which it works in, for itself
    alone, and have a network of its own, with a loopback device.

    Args:
        shared: folders in there that it goes on sharing with others.

    NotPossible if the system does not allow that; then the process may have lost its network. To be called before there
    is a second thread.
    """
    users, groups = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    _check(libc.unshare(_NEW_USERS | _NEW_MOUNTS | _NEW_NETWORK), "namespaces")
    try:
        for name, content in (
            ("setgroups", "deny"),
            ("uid_map", f"{users} {users} 1"),
            ("gid_map", f"{groups} {groups} 1"),
        ):
            with open(f"/proc/self/{name}", "w") as stream:
                stream.write(content)
        _start_loopback()
    except OSError as error:
        raise NotPossible(f"a user namespace: {error.strerror}") from None
    _mount(libc, "none", "/", None, _RECURSIVELY | _PRIVATELY)
    kept = [(folder, os.open(folder, os.O_PATH)) for folder in shared if os.path.isdir(folder)]
    written = _memory_file_system(libc)
    for number, folder in enumerate(_covered(directory)):
        upper, work = f"{written}/{number}", f"{written}/{number}.work"
        os.mkdir(upper)
        os.mkdir(work)
        os.chmod(upper, os.stat(folder).st_mode & 0o7777)
        _mount(libc, "overlay", folder, "overlay", 0, f"lowerdir={folder},upperdir={upper},workdir={work}")
    for folder, descriptor in kept:
        _mount(libc, f"/proc/self/fd/{descriptor}", folder, None, _BIND)
        os.close(descriptor)
    os.chdir(directory)  # which is another one now


def _covered(directory: str) -> list[str]:
    """The folders that get a layer of their own: none that lies within another, and none that holds other mounts, which
    would be hidden.
    """
    mounts = []
    with open("/proc/self/mountinfo") as stream:
        for line in stream:
            mounts.append(line.split(" ")[4].replace("\\040", " "))
    found: list[str] = []
    for folder in dict.fromkeys([*FOLDERS, os.path.realpath(directory)]):
        is_within = any(f"{folder}/".startswith(f"{each}/") for each in found)
        has_mounts = any(each.startswith(f"{folder.rstrip('/')}/") for each in mounts)
        if os.path.isdir(folder) and not is_within and not has_mounts and not any(each in folder for each in ",:\\"):
            found.append(folder)
    return found


def _memory_file_system(libc: Any) -> str:
    """A folder in memory that nobody else sees."""
    opened = libc.syscall(_FSOPEN, b"tmpfs", 1)
    if opened >= 0 and libc.syscall(_FSCONFIG, opened, _CREATE, None, None, 0) == 0:
        mounted = libc.syscall(_FSMOUNT, opened, 1, 0)
        os.close(opened)
        if mounted >= 0:
            return f"/proc/self/fd/{mounted}"
    for folder in _EMPTY:
        if os.path.isdir(folder) and not os.listdir(folder):
            _mount(libc, "tmpfs", folder, "tmpfs")
            return folder
    raise NotPossible("there is no place for a file system in memory")


def _mount(libc: Any, source: str, folder: str, kind: str | None, flags: int = 0, data: str | None = None) -> None:
    words = [None if each is None else os.fsencode(each) for each in (source, folder, kind, data)]
    _check(libc.mount(words[0], words[1], words[2], flags, words[3]), f"a mount at {folder}")


def _check(result: int, what: str) -> None:
    if result != 0:
        raise NotPossible(f"{what}: {os.strerror(ctypes.get_errno())}")


def _start_loopback() -> None:
    from fcntl import ioctl
    from socket import AF_INET, SOCK_DGRAM, socket
    from struct import pack, unpack_from

    with socket(AF_INET, SOCK_DGRAM) as device:
        request = ioctl(device, _GET_FLAGS, pack("16sh14x", b"lo", 0))
        (flags,) = unpack_from("16xh", request)
        ioctl(device, _SET_FLAGS, pack("16sh14x", b"lo", flags | _IS_UP))


def try_it() -> None:
    """Be a program that ends with 0 if the system allows a process privacy, in the working directory of this one, and
    else says why it does not.
    """
    try:
        make_private(os.getcwd(), ())
    except (NotPossible, OSError) as error:
        print(error)
        sys.exit(1)
