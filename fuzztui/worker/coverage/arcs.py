"""Which arcs an execution takes through the code: from each line to the next one in the same function, as often as it
does. For few executions, each far slower; what Python's tracing calls once a line would never do in fuzzing.

An arc is a pair of lines. A function is entered from minus its first line, and left towards that, so that arcs mean
what they mean in coverage.py's data.
"""

import sys
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from opcode import opmap
from types import CodeType, FrameType, ModuleType
from typing import Any, Final, TypeAlias, cast

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

MOST_ARCS: Final = 50_000
"""Different arcs that are noted of one execution in one file: more than a file of 10,000 lines has."""

Arcs: TypeAlias = dict[tuple[int, int], int]
"""Arc -> how often it was taken."""

_settrace: Final = sys.settrace  # the target may have put something else in its place by then
_gettrace: Final = sys.gettrace

_RESUME: Final = opmap["RESUME"]

_AT_YIELD: Final = 0 if sys.version_info[:2] == (3, 13) else 2
"""Bytes from where a frame that yields stands to where it will resume."""

_Trace: TypeAlias = Callable[..., Any]


class ArcTracer:
    """Notes the arcs that are taken in some files, in this thread and in those that it starts meanwhile."""

    def __init__(self, files: Container[str]) -> None:
        """`files`: names of the files, as code objects have them; may change."""
        self._files = files
        self._bytes: dict[int, tuple[CodeType, bytes]] = {}
        """By the address of a code object, which is held so that no other one gets it, its bytecode."""
        self._arcs: dict[str, Arcs] = {}

    @contextmanager
    def tracing(self) -> Iterator[None]:
        """Note what is executed meanwhile."""
        self._arcs = {}
        before = _gettrace()
        self._trace_threads(self._called)
        _settrace(self._called)
        try:
            yield
        finally:
            _settrace(before)
            self._trace_threads(before)
            self._bytes.clear()

    def _trace_threads(self, trace: Any) -> None:
        threading = sys.modules.get("threading")
        settrace = vars(threading).get("settrace") if type(threading) is ModuleType else None
        if settrace is not None:
            settrace(trace)

    def take(self) -> dict[str, Arcs]:
        """What has been noted, by file."""
        arcs, self._arcs = self._arcs, {}
        return arcs

    def _called(self, frame: FrameType, _event: str, _argument: Any) -> _Trace | None:
        code = frame.f_code
        if code.co_filename not in self._files:
            return None
        known = self._bytes.get(id(code))
        if known is None:
            known = self._bytes[id(code)] = code, code.co_code
        bytecode = known[1]
        # A frame is entered at a RESUME, whose argument is 0 unless a generator goes on.
        is_entered = bytecode[frame.f_lasti + 1] == 0
        line = -code.co_firstlineno if is_entered else frame.f_lineno
        return _following(self._arcs.setdefault(code.co_filename, {}), bytecode, code.co_firstlineno, line)


def _following(arcs: Arcs, bytecode: bytes, first: int, line: int) -> _Trace:
    """Notes the arcs of one frame from a line on."""

    def note(frame: FrameType, event: str, _argument: Any) -> _Trace:
        nonlocal line
        if event == "line":
            to = frame.f_lineno
        elif event == "return" and _is_left(bytecode, frame.f_lasti):
            to = -first
        else:
            return note
        arc = (line, to)
        count = arcs.get(arc)
        if count is not None:
            arcs[arc] = count + 1
        elif len(arcs) < MOST_ARCS:
            arcs[arc] = 1
        line = to
        return note

    return cast("_Trace", note)


def _is_left(bytecode: bytes, at: int) -> bool:
    """Whether a frame that returns from this instruction does not merely yield."""
    return at + 2 == len(bytecode) or bytecode[at + _AT_YIELD] != _RESUME
