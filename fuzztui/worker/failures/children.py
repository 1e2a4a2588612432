"""Ends a process that the target has forked where an exception leaves the target's call in there.

It would return into the worker's loop, which is its parent's; Python would end it, with a traceback and a status.
"""

import os
import sys
from typing import Final, NoReturn

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.tracebacks import user_traceback

__builtins__ = PRIVATE_BUILTINS

FAILED: Final = 1
"""Python's exit status after an exception."""

_end_process = os._exit  # the target may have put something else in its place by then


def end_child(error: BaseException) -> NoReturn:
    """End this process as Python would after this exception."""
    status = FAILED
    try:
        code = error.code if isinstance(error, SystemExit) else user_traceback(error)[0]
        if code is None or type(code) is int:
            status = (code or 0) & 0xFF
        else:
            print(code, file=sys.stderr)
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    finally:
        _end_process(status)
