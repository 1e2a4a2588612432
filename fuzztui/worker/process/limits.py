"""Sets up a worker process: its death with the coordinator, descriptors out of the target's way, its limits."""

import ctypes
import faulthandler
import fcntl
import os
import resource
import signal
import sys
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.protocol.process import DUMP_SIGNAL, EXIT_FAILED

__builtins__ = PRIVATE_BUILTINS

FIRST_DESCRIPTOR: Final = 200
"""The worker's own descriptors start here, beyond those that a target opens, or closes in a loop over the small
numbers. If the user's limit of descriptors is low, they start at half of the limit."""

_PR_SET_PDEATHSIG: Final = 1


def die_with(parent: int) -> None:
    """Have the kernel end this process when its coordinator (process id `parent`) ends, however that happens.

    The kernel does not report a parent that died before the request was made, so the parent's id is compared
    afterwards. (Waiting for the socket's end would not do: a worker does not read while the target runs.)
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:
        os._exit(EXIT_FAILED)


def move_up(fd: int) -> int:
    """Move a descriptor out of the target's way; returns its new number, which children do not inherit."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    first = FIRST_DESCRIPTOR if soft == resource.RLIM_INFINITY else min(FIRST_DESCRIPTOR, soft // 2)
    moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, first)
    os.close(fd)
    return moved


def dump_stacks_to(fd: int) -> int:
    """Write the Python stack to `fd` when the process crashes, and whenever `DUMP_SIGNAL` arrives; returns `fd`."""
    faulthandler.enable(file=fd, all_threads=False)
    faulthandler.register(DUMP_SIGNAL, file=fd, all_threads=False)
    return fd


def take_signals_by_default() -> None:
    """SIGINT ends the process like any other signal: as KeyboardInterrupt it would pass for the target's exception.

    Where the run was started to ignore it, the target finds it ignored, as it would without a fuzzer.
    """
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def no_core_files() -> None:
    """Have crashes, which are a worker's daily business, leave no core files in the user's folder."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_address_space(limit: int) -> None:
    """Let the address space grow by at most `limit` bytes from now on; a lower limit that was there stays."""
    if sys.platform != "linux":
        return
    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 - pathlib takes long to load
        pages = int(statm.read().split()[0])
    before, hard = resource.getrlimit(resource.RLIMIT_AS)
    soft = pages * resource.getpagesize() + limit
    resource.setrlimit(resource.RLIMIT_AS, (soft if before == resource.RLIM_INFINITY else min(soft, before), hard))
