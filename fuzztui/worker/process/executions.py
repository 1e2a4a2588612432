"""The executions of this process as its shared memory shows them, to be read without a call and after a death."""

from collections.abc import Callable
from typing import Any, Final
from zlib import crc32

from fuzztui.protocol.memory import (
    ACTIVITY,
    CHECKSUM,
    CONTROL,
    EXECUTIONS,
    RECENT,
    STARTED,
    STATE,
    Activity,
    SharedMemory,
    State,
)
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.process.clock import Clock

__builtins__ = PRIVATE_BUILTINS

_RUNNING = int(State.RUNNING)
_IDLE = int(State.IDLE)


class Executions:
    """Records executions. The hot loop of Python targets does the same by itself, inlined."""

    def __init__(self, memory: SharedMemory) -> None:
        self.memory = memory
        self._words = memory.words
        self.begin: Final = _beginning(memory)
        """The target is about to run this input, which must fit: see `has_room`."""

    def end(self) -> None:
        """The target has returned, or its failure has been reported."""
        self._words[STATE] = _IDLE

    def has_room(self, data: bytes) -> bool:
        """Whether an input is short enough to be recorded; one that is not must not be executed."""
        return len(data) <= self.memory.capacity

    @property
    def nanoseconds(self) -> int:
        """Since the last execution began."""
        now: int = Clock.nanoseconds()
        return now - self._words[STARTED]

    @property
    def is_interrupted(self) -> bool:
        """Whether the coordinator wants the call to end early, to stop or to pause."""
        return self._words[CONTROL] != 0

    @property
    def activity(self) -> int:
        """What the time between executions is spent on, an `Activity`."""
        return self._words[ACTIVITY]

    @activity.setter
    def activity(self, activity: int) -> None:
        self._words[ACTIVITY] = activity

    def enter(self, state: State) -> None:
        """Say what the process does beside executing."""
        self._words[STATE] = state


def _beginning(memory: SharedMemory) -> Callable[[bytes], None]:
    """What records an input as `SharedMemory.write` does, and says that it runs. Written for speed: where much is found
    most executions are begun by this.
    """
    words, ends, record, lap_bytes = memory.words, memory.ends, memory.record, memory.lap_bytes
    checksum, clock, last, running = crc32, Clock.nanoseconds, RECENT - 1, _RUNNING

    def begin(data: bytes) -> None:
        execution = words[EXECUTIONS] + 1
        start = ends[execution - 1 & last]
        end = start + len(data)
        if end > lap_bytes:
            memory.begin_lap(execution)
            start, end = 0, len(data)
        record[start:end] = data
        ends[execution & last] = end
        words[CHECKSUM] = checksum(data)
        words[EXECUTIONS] = execution
        words[STARTED] = clock()
        words[STATE] = running

    return begin


WAITING = int(Activity.WAITING)
BOOKKEEPING = int(Activity.BOOKKEEPING)
MUTATING = int(Activity.MUTATING)
MEASURING = int(Activity.MEASURING)
TRACING = int(Activity.TRACING)
REPORTING = int(Activity.REPORTING)


def saying(mutate: Callable[[Any], Any], words: "memoryview[int]") -> Callable[[Any], Any]:
    """`mutate`, with the activity word set while it runs: two stores and a call more with each execution."""

    def mutated(value: Any) -> Any:
        words[ACTIVITY] = MUTATING
        mutant = mutate(value)
        words[ACTIVITY] = BOOKKEEPING
        return mutant

    return mutated
