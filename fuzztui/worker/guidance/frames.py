"""Which calls of a program's functions are one: what a function reads from when it is called until it returns.

Python has one object for each call, whose address it uses again after that; so each gets a number as long as it lasts.
"""

from types import FrameType
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS


class Frames:
    """Those of one execution."""

    def __init__(self) -> None:
        self._count = 0

    def clear(self) -> None:
        """Another execution begins: what still lasts is numbered anew."""
        self._count += 1 << 32

    def number(self, frame: FrameType) -> int:
        """One that no other call has. Hot while runs are traced.

        The number is kept where a debugger keeps its function; a call that is debugged has that of its address.
        """
        mark = frame.f_trace
        if mark is None:
            pass
        elif type(mark) is not _Mark:
            return -id(frame)
        elif mark.number > self._count >> 32 << 32:
            return mark.number
        self._count += 1
        frame.f_trace = _Mark(self._count)
        return self._count


class _Mark:
    """A number that does nothing if something calls it, as a debugger would that begins in the midst of a call."""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number: Final = number

    def __bool__(self) -> bool:
        """No: a debugger asks whether a call has a function of its own, and gives it one if not."""
        return False

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        """Trace nothing."""
