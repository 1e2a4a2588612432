"""Finds the call that an execution does not leave, where it takes so long that it is about to be killed.

An execution that hangs in a loop is found in whatever the loop calls at that moment. Which of the calls on the stack is
the loop shows only with time: it is the innermost one that does not return. So for a moment each return is looked at.
This happens in the interpreter, between two instructions; code in C that does not come back is looked at from outside,
see `limits.dump_stacks_to`.
"""

import signal
import sys
from faulthandler import dump_traceback
from time import monotonic
from types import FrameType
from typing import Any, Final

from fuzztui.protocol.memory import EXECUTIONS, LOOP_DEPTH, LOOP_OF, STATE, State
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.protocol.process import LOOP_SIGNAL

__builtins__ = PRIVATE_BUILTINS

SECONDS: Final = 0.25
"""Of looking: it slows down what is perhaps no hang."""

OFTEN: Final = 64
"""Events of which one looks at the clock."""

_RUNNING: Final = int(State.RUNNING)

_set: Final = sys.setprofile  # the target may put something else in its place
_get: Final = sys.getprofile


def find_loops_on_request(words: "memoryview[int]", stacks: int) -> None:
    """From now on `LOOP_SIGNAL` has the stack written to the descriptor `stacks`, and the depth of its innermost call
    that does not return to the memory.

    The stack is written between two instructions: a handler in C that is called in the middle of one may find half a
    frame, and end the process.
    """
    if LOOP_SIGNAL is None:
        return

    looking = _Looking(words)

    def look(_number: int, frame: FrameType | None) -> None:
        if words[STATE] != _RUNNING or frame is None:
            return
        # The look may be what the signal has interrupted: what is known goes on being true.
        if looking.is_active and looking.execution == words[EXECUTIONS]:
            looking.go_on()
            return
        dump_traceback(stacks, all_threads=False)
        looking.begin(frame)

    signal.signal(LOOP_SIGNAL, look)
    signal.siginterrupt(LOOP_SIGNAL, False)


class _Looking:
    """Looks for a while at each return."""

    def __init__(self, words: "memoryview[int]") -> None:
        self.is_active = False
        self._words = words
        self.execution = 0
        self._until = 0.0
        self._events = 0
        self._depth = 0
        self._stays: FrameType | None = None
        """The innermost frame that has not returned."""
        self._before: Any = None

    def go_on(self) -> None:
        self._until = monotonic() + SECONDS

    def begin(self, frame: FrameType) -> None:
        words = self._words
        depth, before = _depth(frame), self._depth if self.execution == words[EXECUTIONS] else sys.maxsize
        stays: FrameType | None = frame
        # A process that hardly gets a processor may be killed before the next call returns: what has returned in an
        # earlier look at this execution is no loop.
        while stays is not None and depth > before:
            stays, depth = stays.f_back, depth - 1
        self.execution, self._stays, self._depth = words[EXECUTIONS], stays, depth
        words[LOOP_DEPTH] = depth
        words[LOOP_OF] = self.execution
        self._before = _get()
        self.is_active = True
        self.go_on()
        _set(self._watch)

    def _watch(self, frame: FrameType, event: str, _argument: Any) -> None:
        words = self._words
        if frame is self._stays and event == "return":  # or it yields, or raises
            self._stays = frame.f_back
            self._depth -= 1
            if words[EXECUTIONS] == self.execution:
                words[LOOP_DEPTH] = self._depth
        self._events += 1
        if not self._events % OFTEN and self._is_over():
            self._stays = None
            self.is_active = False
            _set(self._before)

    def _is_over(self) -> bool:
        words = self._words
        return monotonic() > self._until or words[EXECUTIONS] != self.execution or words[STATE] != _RUNNING


def _depth(frame: FrameType | None) -> int:
    depth = 0
    while frame is not None:
        depth += 1
        frame = frame.f_back
    return depth
