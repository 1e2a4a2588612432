"""What members an enumeration has that refuses a value: `Kind(7)` looks them up in a table that no comparison shows."""

from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

_TRACEBACK: Final = BaseException.__dict__["__traceback__"].__get__
_NAMESPACE: Final[Callable[[Any], Any]] = type.__dict__["__dict__"].__get__
"""What an error and a class have, whatever a class of the target's defines under these names."""

_MAX_DEPTH: Final = 64
"""Calls between where an exception is caught and where it was raised."""


def refused(error: BaseException | None) -> tuple[object, dict[object, object]] | None:
    """The value that an enumeration was asked for in vain, and its members by their values, if an exception says that.

    Runs no code of the target's: `enum` leaves class and value in the frame that raises.
    """
    if type(error) is not ValueError:
        return None
    traceback: TracebackType | None = _TRACEBACK(error)
    frame: FrameType | None = None
    for _ in range(_MAX_DEPTH):
        if traceback is None:
            break
        frame, traceback = traceback.tb_frame, traceback.tb_next
    if frame is None or frame.f_globals.get("__name__") != "enum":
        return None
    names = frame.f_locals
    owner, value = names.get("cls"), names.get("value")
    if not issubclass(type(owner), type):
        return None
    members = _NAMESPACE(owner).get("_value2member_map_")
    return (value, members) if type(members) is dict else None


def names_of(owner: object) -> tuple[str, ...] | None:
    """The names of an enumeration's members; None if it is none. Runs no code of the target's."""
    if not issubclass(type(owner), type):
        return None
    members = _NAMESPACE(owner).get("_member_map_")
    return tuple([each for each in members if type(each) is str]) if type(members) is dict else None
