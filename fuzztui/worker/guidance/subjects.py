"""Parts of what a `match` statement is given, as its patterns look for them. Runs no code of the target's."""

from collections import namedtuple
from contextlib import suppress
from types import MemberDescriptorType
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.instrumentation.compares import Step

__builtins__ = PRIVATE_BUILTINS


def part_of(subject: object, path: tuple[Step, ...]) -> object:
    """What lies in the subject where a pattern within a pattern looks; None if that is not there."""
    part: Any = subject
    for step in path:
        kind = type(part)
        if type(step) is tuple:
            part = _attribute(part, step[0])
        elif kind is dict:
            part = part.get(step)
        elif (kind is tuple or kind is list) and type(step) is int and step < len(part):
            part = part[step]
        else:
            return None
    return part


def _attribute(part: Any, name: str | int) -> object:
    """What an instance holds under a name, or at a place among those that its class matches by position; None where to
    tell would run code of the target.
    """
    kind = type(part)
    if type(name) is int:
        if kind in _MATCHED_WHOLE:
            return part if name == 0 else None
        names = None
        with suppress(Exception):
            names = kind.__match_args__  # the pattern asks for it, too; some metaclasses make it
        if type(names) is not tuple or name >= len(names):
            return None
        name = names[name]
    try:
        found = of_class(kind, name)
        if type(found) in _SLOTS:
            return found.__get__(part, kind)
        # A class with a method to set it decides for itself what it is.
        decides = of_class(type(found), "__set__") is not None
        return None if decides else object.__getattribute__(part, "__dict__").get(name)
    except AttributeError:
        return None


def fields_of_both(left: object, right: object) -> list[tuple[object, object]]:
    """The fields of two instances of the same class for records (`dataclasses`) that makes up none of them."""
    kind = type(left)
    if kind is not type(right) or type(names := of_class(kind, "__dataclass_fields__")) is not dict:
        return []
    return [(_attribute(left, name), _attribute(right, name)) for name in list(names)[:_MAX_FIELDS]]


_MAX_FIELDS: Final = 16

_MATCHED_WHOLE: Final = (bool, bytearray, bytes, dict, float, frozenset, int, list, set, str, tuple)
"""Classes of which a pattern's only place stands for the value itself."""

_SLOTS: Final = (MemberDescriptorType, type(namedtuple("_Named", "at").__dict__["at"]))
"""Classes of attributes that hold a part of an instance, and run nothing."""


def of_class(kind: Any, name: Any) -> Any:
    """What a class or its bases have under a name, as it stands there."""
    return next((base.__dict__[name] for base in kind.__mro__ if name in base.__dict__), None)
