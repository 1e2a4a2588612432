"""The memory that a worker shares with its coordinator.

The memory holds what must be readable without a call and after a sudden death: the input being executed, those that
were executed before it, what the worker is doing, how many executions it has begun. The memory is a sealed memfd, which
leaves no file behind and which a target cannot shrink (the coordinator would die of SIGBUS). Where there is no memfd,
it is an unlinked temporary file.

Words are 64 bits wide, and each is written by one aligned store. `struct.pack_into` would not do: it zeroes its
destination first, so a worker killed in between would leave zeros.
"""

import fcntl
import mmap
import os
import sys
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
LAP: Final = 5
"""The execution whose input was the last that was recorded at the beginning again, see `SharedMemory.record`."""
CHECKSUM: Final = 6
ACTIVITY: Final = 7
LAP_BEFORE: Final = 8
"""The one before `LAP`."""
LEFT_IN: Final = 9
LOOP_OF: Final = 10
"""The execution of which `LOOP_DEPTH` tells."""
LOOP_DEPTH: Final = 11
"""How many calls are on the stack from the outermost one to the innermost that has not returned for a while."""
REFUSED: Final = 12
"""Executions that did not come to the target, since a class had refused its values, or to no verdict, since a property
test had rejected its input."""
WORDS: Final = 13

CONTROL_BYTE: Final = 8 * CONTROL + (0 if sys.byteorder == "little" else 7)
"""Where in the memory the control word's lowest byte lies, the only one that is not zero: see `SharedMemory.whole`."""

RECENT: Final = 4096
"""Inputs whose ends are known, the newest included: a power of two."""

RECENT_BYTES: Final = 256 << 10
"""Bytes of the inputs that are kept, if the capacity is not less: one that would end later begins a new lap."""

_ENDS: Final = mmap.PAGESIZE
"""Offset of the inputs' ends, in bytes."""

RECORD: Final = -(-(_ENDS + 4 * RECENT) // mmap.PAGESIZE) * mmap.PAGESIZE
"""Offset of the inputs, in bytes."""


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
    CLEANING = 6
    """Asked to end, running what the set-up has registered for that: an end in this state is that code's doing."""


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
    """The control word, written by the coordinator, read by the worker between executions, every few milliseconds."""

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
        self.whole = mmap.mmap(fd, RECORD + capacity)
        """All of the memory. One byte of it is read in two thirds of the time that a word takes."""
        self._view = memoryview(self.whole)
        self.words: memoryview[int] = self._view[: WORDS * 8].cast("Q")
        """The words as unsigned 64-bit integers, indexed by this module's constants."""
        self.ends: memoryview[int] = self._view[_ENDS : _ENDS + 4 * RECENT].cast("I")
        """Where in `record` each input ends, by the number of its execution modulo `RECENT`."""
        self.record: memoryview[int] = self._view[RECORD:]
        """The bytes of the newest inputs. Each begins where the one before it ends, unless it would end beyond
        `lap_bytes`: then it begins a new lap, at 0. So what is recorded without a copy is a trail, too.
        """
        self.lap_bytes = min(RECENT_BYTES, capacity)

    def keep_from_children(self) -> None:
        """Leave the memory out of forked processes. A child of the target's that returns into the worker's loop must
        not write into its parent's records; it dies of SIGSEGV instead.
        """
        if hasattr(mmap, "MADV_DONTFORK"):
            self.whole.madvise(mmap.MADV_DONTFORK)

    def share_with_children(self) -> None:
        """Have a process that is forked now work with this memory: one that goes on in its parent's place."""
        if hasattr(mmap, "MADV_DOFORK"):
            self.whole.madvise(mmap.MADV_DOFORK)

    def close(self) -> None:
        """Unmap."""
        self.words.release()
        self.ends.release()
        self.record.release()
        self._view.release()
        self.whole.close()

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
    def left_in(self) -> int:
        """The execution in which the target has ended the process by `os._exit`, after its stack was written; 0 if it
        has not.
        """
        return self.words[LEFT_IN]

    @property
    def loop(self) -> tuple[int, int]:
        """An execution, 0 for none, and how many of the calls on its stack it has not left for a while."""
        return self.words[LOOP_OF], self.words[LOOP_DEPTH]

    @property
    def executions(self) -> int:
        """Calls of the target that this process has begun."""
        return self.words[EXECUTIONS]

    @property
    def refused(self) -> int:
        """Executions that this process has begun whose values a class refused."""
        return min(self.words[REFUSED], self.words[EXECUTIONS])

    def begin_lap(self, execution: int) -> None:
        """The input of this execution is recorded at the beginning again."""
        self.words[LAP_BEFORE] = self.words[LAP]
        self.words[LAP] = execution

    def write(self, data: bytes) -> None:
        """Record the input of the next execution, which begins with that. The hot loop does the same, inlined."""
        words = self.words
        execution = words[EXECUTIONS] + 1
        start = self.ends[(execution - 1) % RECENT]
        if start + len(data) > self.lap_bytes:
            self.begin_lap(execution)
            start = 0
        end = start + len(data)
        self.record[start:end] = data
        self.ends[execution % RECENT] = end
        words[CHECKSUM] = crc32(data)
        words[EXECUTIONS] = execution

    def recorded_input(self) -> bytes | None:
        """The input of the last execution begun; None if there was none or its checksum is wrong."""
        execution = self.words[EXECUTIONS]
        data = self._input(execution) if execution else None
        return data if data is not None and crc32(data) == self.words[CHECKSUM] else None

    def recent_inputs(self) -> list[bytes]:
        """Inputs of the executions before the last one begun, the oldest first, as far as they are still there.

        Nobody vouches for them: the target may have written here.
        """
        newest = self.words[EXECUTIONS]
        found: list[bytes] = []
        untouched = self.ends[newest % RECENT]
        """What was recorded from here on in the lap before has not been overwritten in this one."""
        for execution in range(newest - 1, max(0, newest - RECENT + 1), -1):
            start = self._start(execution)
            is_overwritten = execution < self.words[LAP] and start < untouched
            if execution < self.words[LAP_BEFORE] or is_overwritten or (data := self._input(execution)) is None:
                break
            found.append(data)
        return found[::-1]

    def _start(self, execution: int) -> int:
        return 0 if execution in (self.words[LAP], self.words[LAP_BEFORE]) else self.ends[(execution - 1) % RECENT]

    def _input(self, execution: int) -> bytes | None:
        start, end = self._start(execution), self.ends[execution % RECENT]
        return bytes(self.record[start:end]) if start <= end <= self.capacity else None


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
