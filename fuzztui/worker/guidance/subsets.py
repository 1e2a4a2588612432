"""Which members a program wants a set to have: `{"name", "size"} <= record.keys()`."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.guidance.plain import scalar
from fuzztui.worker.mutate.objects import Object
from fuzztui.worker.mutate.scalars import Scalar

__builtins__ = PRIVATE_BUILTINS

SUBSETS: Final = {"<=": False, "<": False, ">=": True, ">": True}
"""Operators that compare sets -> whether it is the right operand that is to be in the left one."""

METHODS_OF_SETS: Final = {
    "issubset": False,
    "difference": False,
    "intersection": False,
    "isdisjoint": False,
    "issuperset": True,
}
"""The same of methods, of those that tell what is lacking, and of those that ask for any."""

MAX_ASKED: Final = 16
_MOST: Final = 256
"""Members of a set that is looked at."""

_KEYS: Final[type] = type(dict[str, str]().keys())


def asked_of(operator: str, left: object, right: object) -> Iterator[tuple[Scalar | Object, dict[object, object]]]:
    """Members that one of two sets is to have, in order, each with those that it has; none where either is no set. Runs
    no code of the target's.
    """
    is_right = SUBSETS.get(operator, METHODS_OF_SETS.get(operator, False))
    wanted, there = (right, left) if is_right else (left, right)
    kind = type(there)
    if _is_set(wanted) and (_is_set(there) or kind is dict or kind is list or kind is tuple):
        known: dict[object, object] = dict.fromkeys(sorted(_members(there), key=repr))
        for member in sorted(_members(wanted), key=repr)[:MAX_ASKED]:
            yield member, known


def _is_set(operand: object) -> bool:
    kind = type(operand)
    return kind is set or kind is frozenset or kind is _KEYS


def _members(operand: Any) -> list[Scalar | Object]:
    try:
        first = list(islice(operand, _MOST))
    except RuntimeError:  # another thread of the target is changing it
        return []
    return [member for member in map(scalar, first) if member is not None]
