"""Dates and times that a program has compared, as the texts and numbers that it has made them of."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.guidance.plain import scalar

__builtins__ = PRIVATE_BUILTINS

_ON_HEAP: Final = 1 << 9
_DAY: Final = ("year", "month", "day")
_TIME: Final = ("hour", "minute", "second")
_PARTS: Final = {"date": _DAY, "time": _TIME, "datetime": (*_DAY, *_TIME)}
"""By the name of the class, from the largest part on."""


def days_of(left: Any, right: Any) -> tuple[int, int] | None:
    """Two spans of time in whole days, or in seconds where these are equal; None if either is no `timedelta`."""
    if type(left) is not type(right) or _name(left) != "timedelta":
        return None
    return (left.days, right.days) if left.days != right.days else (left.seconds, right.seconds)


def spelled(left: Any, right: Any) -> Iterator[tuple[object, object]]:
    """Two dates or times as texts, and as tuples of their parts; nothing where either is none, or of another class, or
    is looked into as a whole, since the target takes such.
    """
    name = _name(left)
    if type(left) is type(right) and name in _PARTS and scalar(left) is None:
        yield left.isoformat(), right.isoformat()
        yield _parts_of(left, _PARTS[name]), _parts_of(right, _PARTS[name])


def _parts_of(moment: Any, names: tuple[str, ...]) -> tuple[object, ...]:
    return tuple([getattr(moment, name) for name in names])


def _name(value: object) -> str:
    """Of the class of a value; empty if that may be the target's: those are on the heap, and may have any name."""
    kind = type(value)
    return "" if _FLAGS(kind) & _ON_HEAP else _NAME(kind)


_NAME: Final[Callable[[type], str]] = type.__dict__["__name__"].__get__
_FLAGS: Final[Callable[[type], int]] = type.__dict__["__flags__"].__get__
