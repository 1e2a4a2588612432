"""Finds for instrumented code the code that the compiler makes of the same source as it stands in the file."""

from collections.abc import Callable
from types import CodeType
from typing import Final, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.imports import quietly
from fuzztui.worker.instrumentation.code import nested

__builtins__ = PRIVATE_BUILTINS

_Key: TypeAlias = tuple[str, int, tuple[int, int]]


class Originals:
    """Plain code of the modules of this process, compiled when it is first asked for."""

    def __init__(self, read: Callable[[str], bytes | None]) -> None:
        """`read` gives the source that a file was loaded from; None where that is not to be had any more."""
        self._read = read
        self._files: Final[dict[str, dict[_Key, CodeType]]] = {}

    def source(self, file: str) -> bytes | None:
        """The source that a file was loaded from, see above."""
        return self._read(file)

    def of(self, code: CodeType) -> CodeType | None:
        """The plain form of instrumented code; None if there is none that could take its place."""
        known = self._files.get(code.co_filename)
        if known is None:
            known = self._files[code.co_filename] = self._compiled(code.co_filename)
        original = known.get(_key(code))
        # Functions take code only with the variables that they have from around them.
        return original if original is not None and original.co_freevars == code.co_freevars else None

    def _compiled(self, file: str) -> dict[_Key, CodeType]:
        source = self._read(file)
        if source is None:
            return {}
        try:
            waiting = [quietly(_compile, source, file)]
        except (SyntaxError, ValueError, RecursionError, MemoryError):  # what it was loaded from has been compiled
            return {}
        found: dict[_Key, CodeType] = {}
        while waiting:
            code = waiting.pop()
            found.setdefault(_key(code), code)
            waiting += nested(code)
        return found


def _compile(source: bytes, file: str) -> CodeType:
    code = compile(source, file, "exec", dont_inherit=True)
    assert type(code) is CodeType
    return code


def _key(code: CodeType) -> _Key:
    """Tells code objects of a file apart: several lambdas may stand in one line."""
    places = [(line, column) for line, _, column, _ in code.co_positions() if line is not None and column is not None]
    return code.co_qualname, code.co_firstlineno, min(places, default=(0, 0))
