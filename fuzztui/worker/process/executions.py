"""The executions of this process as its shared memory shows them, to be read without a call and after a death."""

from collections.abc import Callable
from typing import Any

from fuzztui.protocol.memory import (
    ACTIVITY,
    CONTROL,
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

    def begin(self, data: bytes) -> None:
        """The target is about to run this input, which must fit: see `has_room`."""
        words = self._words
        self.memory.write(data)
        words[STARTED] = Clock.nanoseconds()
        words[STATE] = _RUNNING

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
