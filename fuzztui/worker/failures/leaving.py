"""Notes where a target ends its process by `os._exit`, of which nothing is left to be seen afterwards.

The stack goes where those of crashes go. A child that the target has forked ends as it would anywhere else.
"""

import os
import posix
from collections.abc import Callable
from faulthandler import dump_traceback
from os import getpid
from typing import Final, NoReturn

from fuzztui.protocol.memory import EXECUTIONS, LEFT_IN
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

_end_process: Final = posix._exit


def note_exits(words: "memoryview[int]", stacks: int) -> Callable[[], None]:
    """From now on have `os._exit` write the stack to the descriptor `stacks`, and the number of the execution to the
    shared memory, before it does what it does. Returns what a copy of this process calls that does its work from then
    on, see `copies`.
    """
    worker = getpid()

    def adopt() -> None:
        nonlocal worker
        worker = getpid()

    def _exit(status: int) -> NoReturn:
        if getpid() == worker:
            dump_traceback(stacks, all_threads=False)
            words[LEFT_IN] = words[EXECUTIONS]
        _end_process(status)

    _exit.__doc__ = _end_process.__doc__
    _exit.__module__ = _end_process.__module__
    _exit.__qualname__ = _end_process.__qualname__
    posix._exit = os._exit = _exit
    return adopt
