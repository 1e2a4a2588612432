"""The text of the expression that an instruction belongs to, by the positions that CPython keeps (PEP 657)."""

import linecache
import os
import stat
from collections.abc import Callable
from types import CodeType
from typing import Final, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.protocol.shape import shape_of

__builtins__ = PRIVATE_BUILTINS

LONGEST: Final = 1_000
"""Characters of an expression that count."""

LONGEST_FILE: Final = 64 << 20
"""Bytes of a file whose lines are looked up."""

_Position: TypeAlias = tuple[int | None, int | None, int | None, int | None]
"""First line, last line, first column and end column; columns in bytes of UTF-8."""


class Expressions:
    """Looks expressions up in the sources, and remembers them."""

    def __init__(self, before_reading: Callable[[], None]) -> None:
        """`before_reading` is called before `linecache` is asked for a file."""
        self._before_reading = before_reading
        self._texts: dict[tuple[int, int], str] = {}

    def clear(self) -> None:
        """Forget everything: code objects that were asked for may be gone, and others have their addresses."""
        self._texts.clear()

    def has_source(self, file: str) -> bool:
        """Whether the lines of a file can be read."""
        self._before_reading()
        return bool(_lines(file))

    def text(self, code: CodeType, instruction: int) -> str:
        """The expression at an instruction's offset in bytes, one that occurs more than once in its function with its
        number; where there is no source, its place relative to the function's first line.
        """
        key = (id(code), instruction)
        known = self._texts.get(key)
        if known is None:
            self._before_reading()
            known = self._texts[key] = _text(code, instruction)
        return known


def _text(code: CodeType, instruction: int) -> str:
    positions: list[_Position] = list(code.co_positions())
    position = positions[instruction // 2] if 0 <= instruction // 2 < len(positions) else (None,) * 4
    lines = _lines(code.co_filename)
    text = _source(lines, position)
    if not text:
        return _relative(code, position)
    if code.co_filename.startswith("<"):  # made while the program runs, perhaps anew for each input
        return shape_of(text)
    alike = sorted(
        {
            (other[0] or 0, other[2] or 0)
            for other in set(positions)
            if _may_be_alike(other, position) and _source(lines, other) == text
        }
    )
    number = alike.index((position[0] or 0, position[2] or 0))
    return f"{text}#{number}" if number else text


def _relative(code: CodeType, position: _Position) -> str:
    """Where in a function without a source an expression stands: its line from the first, and its number in there, as
    its column depends on the length of names.
    """
    line = position[0]
    if line is None:
        return ""
    columns = sorted({other[2] or 0 for other in code.co_positions() if other[0] == line})
    return f"+{line - code.co_firstlineno},{columns.index(position[2] or 0)}"


def _may_be_alike(one: _Position, other: _Position) -> bool:
    """Whether two positions can hold the same text: in one line, where they are as long."""
    if None in one or one[0] != one[1] or other[0] != other[1]:
        return True
    return (one[3] or 0) - (one[2] or 0) == (other[3] or 0) - (other[2] or 0)


def _source(lines: list[str], position: _Position) -> str:
    """The text at a position, in one line; whole lines without columns, as under `-X no_debug_ranges`."""
    first, last, start, end = position
    if first is None or not 0 < first <= len(lines):
        return ""
    part = lines[first - 1 : last or first]
    if start is not None and end is not None:
        encoded = [line.encode("utf-8", "surrogatepass") for line in part]
        encoded[-1] = encoded[-1][:end]
        encoded[0] = encoded[0][start:]
        part = [line.decode("utf-8", "replace") for line in encoded]
    return " ".join("".join(part).split())[:LONGEST]


def _lines(file: str) -> list[str]:
    try:
        if file not in linecache.cache and not _may_be_read(file):
            linecache.cache[file] = (0, None, [], file)  # whoever formats a traceback finds that, too
        return linecache.getlines(file)
    except Exception:  # whatever reading a foreign file brings: then there is no source
        return []


def _may_be_read(file: str) -> bool:
    """Whether reading a file comes to an end: code may bear the name of a pipe or a device, or of gigabytes of data."""
    try:
        found = os.stat(file)  # noqa: PTH116 - pathlib takes long to load
    except (OSError, ValueError):
        return True  # it is looked for elsewhere
    return stat.S_ISREG(found.st_mode) and found.st_size <= LONGEST_FILE
