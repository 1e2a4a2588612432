# Not pathlib: each start of a worker would pay for loading it.
# ruff: noqa: PTH123

"""What a failure looked like from inside: the variables of the functions it came through, and the code around."""

from collections.abc import Callable
from types import TracebackType
from typing import Final

from fuzztui.protocol.messages import Scene
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.tracebacks import is_machinery
from fuzztui.worker.failures.texts import encodable
from fuzztui.worker.failures.variables import variables
from fuzztui.worker.instrumentation.sources import SourceNotes

__builtins__ = PRIVATE_BUILTINS

MOST_FRAMES: Final = 6
"""Frames that are looked into, the innermost ones."""

STRANGERS: Final = 2
"""The same where none is the project's."""

AROUND: Final = 4
"""Lines before and behind the failing one."""

LINE_LIMIT: Final = 200
"""Characters of a line."""

LONGEST_FILE: Final = 4 << 20
"""Bytes of a file that is read for its lines."""

NAME_LIMIT: Final = 500
"""Characters of the name of a function or a file."""

_traceback_of: Final = BaseException.__dict__["__traceback__"].__get__


class Scenes:
    """Looks into the frames of exceptions."""

    def __init__(self, is_project: Callable[[str, str], bool], sources: SourceNotes) -> None:
        """`is_project`: whether the module of that name and file is part of what is fuzzed; `sources`: what this
        process has loaded.
        """
        self._is_project = is_project
        self._sources = sources

    def of(self, error: BaseException) -> list[Scene]:
        """The frames of the project's that an exception came through, the innermost last. Runs none of the
        target's code.
        """
        tracebacks: list[TracebackType] = []
        traceback = _traceback_of(error)
        while traceback is not None:
            if not is_machinery(traceback.tb_frame.f_code.co_filename):
                tracebacks.append(traceback)
            traceback = traceback.tb_next
        projects = [one for one in tracebacks if self._is_projects(one)]
        return [self._scene(one) for one in (projects[-MOST_FRAMES:] or tracebacks[-STRANGERS:])]

    def _is_projects(self, traceback: TracebackType) -> bool:
        name = traceback.tb_frame.f_globals.get("__name__")
        return self._is_project(name if type(name) is str else "", traceback.tb_frame.f_code.co_filename)

    def _scene(self, traceback: TracebackType) -> Scene:
        frame, line = traceback.tb_frame, traceback.tb_lineno or 0
        code = frame.f_code
        first, lines = self._around(code.co_filename, line)
        return Scene(
            file=encodable(code.co_filename[:NAME_LIMIT]),
            line=line,
            function=encodable(code.co_qualname[:NAME_LIMIT]),
            first=first,
            source=lines,
            variables=variables(frame),
        )

    def _around(self, file: str, line: int) -> tuple[int, list[str]]:
        """The lines around one, with the number of the first; none where the file is not what has been loaded."""
        try:
            with open(file, "rb") as stream:
                content = stream.read(LONGEST_FILE + 1)
        except (OSError, ValueError):
            return 0, []
        if len(content) > LONGEST_FILE or not self._sources.is_as_loaded(file, content):
            return 0, []
        lines = content.decode("utf-8", "replace").splitlines()
        start = max(0, line - 1 - AROUND)
        return start + 1, [encodable(one[:LINE_LIMIT]) for one in lines[start : line + AROUND]]
