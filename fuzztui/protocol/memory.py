"""The memory that a worker shares with its coordinator.

The memory holds what must be readable without a call and after a sudden death: the input being executed, what the
worker is doing, how many executions it has begun. The memory is a sealed memfd, which leaves no file behind and which a
target cannot shrink (the coordinator would die of SIGBUS). Where there is no memfd, it is an unlinked temporary file.

Words are 64 bits wide, and each is written by one aligned store. `struct.pack_into` would not do: it zeroes its
destination first, so a worker killed in between would leave zeros.
"""

import fcntl
import mmap
import os
from enum import IntEnum
from typing import Final
from zlib import crc32

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

STATE: Final = 0
FAULT: Final = 1
EXECUTIONS: Final = 2
STARTED: Final = 3
CONTROL: Final = 4
LENGTH: Final = 5
CHECKSUM: Final = 6
ACTIVITY: Final = 7
WORDS: Final = 8

RECORD: Final = mmap.PAGESIZE
"""Offset of the input, in bytes."""


class State(IntEnum):
    """The state word: what the worker is doing."""

    STARTING = 0
    """Nothing is in place yet."""
    LOADING = 1
    """Importing the target or running its set-up."""
    IDLE = 2
    """Between two executions."""
    RUNNING = 3
    """In the target; the record holds the input. Also while an exception of the target is being formatted, because
    that runs the target's code."""
    REPORTING = 4
    """An exception has left the target for the input in the record and is being sent."""
    INTERNAL = 5
    """The harness or the worker's own machinery has failed; the process is about to exit with status 70."""


class Activity(IntEnum):
    """The activity word: what the worker is busy with, as a profile shows it.

    The state word says whether the target runs at this moment; it runs while inputs are measured and traced, too.
    """

    WAITING = 0
    """No call is being served."""
    BOOKKEEPING = 1
    """In a call, but none of the below."""
    MUTATING = 2
    """An input is being mutated. Set only if a profile is wanted, because the hot loop has to set it in each turn."""
    MEASURING = 3
    """What a found input covers is being measured, and the input trimmed."""
    TRACING = 4
    """The comparisons of an entry are being traced, and inputs made from them."""
    REPORTING = 5
    """A failure is being described and sent."""


class Fault(IntEnum):
    """The fault word: which machinery failed, where the state is INTERNAL and the socket may be lost."""

    NONE = 0
    DESCRIPTORS = 1
    """The descriptors that the worker talks through are gone: the target closed them."""
    PROTOCOL = 2
    HARNESS = 3
    BUG = 4


class Control(IntEnum):
    """The control word, written by the coordinator, read by the worker between two executions."""

    RUN = 0
    PAUSE = 1
    STOP = 2


_STATES = {state.value: state for state in State}
_FAULTS = {fault.value: fault for fault in Fault}
_ACTIVITIES = {activity.value: activity for activity in Activity}


class SharedMemory:
    """One worker's shared memory, seen from either side."""

    def __init__(self, fd: int, capacity: int) -> None:
        """Map `fd`, which has room for inputs of `capacity` bytes; the descriptor stays the caller's."""
        self.capacity = capacity
        self._map = mmap.mmap(fd, RECORD + capacity)
        self._view = memoryview(self._map)
        self.words: memoryview[int] = self._view[: WORDS * 8].cast("Q")
        """The words as unsigned 64-bit integers, indexed by this module's constants."""
        self.record: memoryview[int] = self._view[RECORD:]
        """The bytes of the input, the first `words[LENGTH]` of them."""

    def keep_from_children(self) -> None:
        """Leave the memory out of forked processes. A child of the target's that returns into the worker's loop must
        not write into its parent's records; it dies of SIGSEGV instead.
        """
        if hasattr(mmap, "MADV_DONTFORK"):
            self._map.madvise(mmap.MADV_DONTFORK)

    def close(self) -> None:
        """Unmap."""
        self.words.release()
        self.record.release()
        self._view.release()
        self._map.close()

    @property
    def state(self) -> State | None:
        """What the worker says it does; None if the word has no such value (the target wrote there)."""
        return _STATES.get(self.words[STATE])

    @property
    def activity(self) -> Activity | None:
        """What the worker says it is busy with; None if the word has no such value (the target wrote there)."""
        return _ACTIVITIES.get(self.words[ACTIVITY])

    @property
    def fault(self) -> Fault:
        """Which machinery failed."""
        return _FAULTS.get(self.words[FAULT], Fault.BUG)

    @property
    def executions(self) -> int:
        """Calls of the target that this process has begun."""
        return self.words[EXECUTIONS]

    def recorded_input(self) -> bytes | None:
        """The input of the last execution begun; None if there was none or its checksum is wrong."""
        length = self.words[LENGTH]
        if length > self.capacity or not self.words[EXECUTIONS]:
            return None
        data = bytes(self.record[:length])
        return data if crc32(data) == self.words[CHECKSUM] else None


def anonymous_file() -> int:
    """Descriptor of a new, empty file without a name."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("fuzztui", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    import tempfile  # only where there is no memfd: costs 10 ms to import

    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def create(capacity: int) -> int:
    """Descriptor of new shared memory for inputs of up to `capacity` bytes. Only touched pages cost memory."""
    fd = anonymous_file()
    os.ftruncate(fd, RECORD + capacity)
    if hasattr(os, "memfd_create"):
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL)
    return fd
