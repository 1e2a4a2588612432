"""Which ways an execution takes through the project's code, from line to line: for few executions, each far slower.

What probes tell is where an execution has been, and a process in which a failure is looked into has none. Python's own
tracing tells each step.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.tracebacks import is_machinery
from fuzztui.worker.failures.texts import encodable

__builtins__ = PRIVATE_BUILTINS

MOST_STEPS: Final = 4_000
"""Different steps that are kept of one execution."""

NAME_LIMIT: Final = 500
"""Characters of a file's name."""

_settrace: Final = sys.settrace  # the target may have put something else in its place by then
_gettrace: Final = sys.gettrace

Step = tuple[str, int, int]
"""File, line, and the line that came next in the same function; 0 before its first."""


class LineTracer:
    """Notes the steps of executions in this thread."""

    def __init__(self, is_project: Callable[[str, str], bool]) -> None:
        """`is_project`: whether the module of that name and file is part of what is fuzzed."""
        self._is_project = is_project
        self._known: dict[int, tuple[CodeType, bool]] = {}
        """By the address of a code object, which is held so that no other one gets it: whether it is looked at."""
        self._steps: dict[Step, None] = {}

    @contextmanager
    def tracing(self) -> Iterator[None]:
        """Note the steps of what is executed meanwhile."""
        self._steps.clear()
        before = _gettrace()
        _settrace(self._called)
        try:
            yield
        finally:
            _settrace(before)
            self._known.clear()

    def take(self) -> list[Step]:
        """The steps noted last, each once, in order."""
        steps = [(encodable(file[:NAME_LIMIT]), line, then) for file, line, then in self._steps]
        self._steps.clear()
        return steps

    def _called(self, frame: FrameType, _event: str, _argument: Any) -> Callable[..., Any] | None:
        code = frame.f_code
        known = self._known.get(id(code))
        if known is None:
            name = frame.f_globals.get("__name__")
            is_wanted = not is_machinery(code.co_filename) and self._is_project(
                name if type(name) is str else "", code.co_filename
            )
            known = self._known[id(code)] = (code, is_wanted)
        return self._following(code.co_filename) if known[1] and len(self._steps) < MOST_STEPS else None

    def _following(self, file: str) -> Callable[..., Any]:
        """Notes the steps of one call."""
        steps, line = self._steps, 0

        def note(frame: FrameType, event: str, _argument: Any) -> Callable[..., Any]:
            nonlocal line
            if event == "line":
                then = frame.f_lineno
                if len(steps) < MOST_STEPS:
                    steps[file, line, then] = None
                line = then
            return note

        return note
