"""Parts of what a `match` statement is given, as its patterns look for them. Runs no code of the target's."""

from collections import namedtuple
from collections.abc import Callable
from contextlib import suppress
from types import GetSetDescriptorType, MemberDescriptorType
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
    found = of_class(kind, name)
    if any(type(found) is each for each in _SLOTS):
        try:
            return found.__get__(part, kind)
        except AttributeError:  # it holds nothing yet
            return None
    # A class with a method to set it decides for itself what it is, and one may make all of them up.
    if of_class(type(found), "__set__") is not None or not _holds_its_own(of_class(kind, "__dict__")):
        return None
    attributes = object.__getattribute__(part, "__dict__")
    return attributes.get(name) if type(attributes) is dict else None


def _holds_its_own(attributes: object) -> bool:
    return type(attributes) is GetSetDescriptorType or type(attributes) is MemberDescriptorType


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
    return next((names[name] for names in map(NAMESPACE, MRO(kind)) if name in names), None)


# A metaclass may have its own ways to tell.
MRO: Final[Callable[[type], tuple[type, ...]]] = type.__dict__["__mro__"].__get__
NAMESPACE: Final[Callable[[type], Any]] = type.__dict__["__dict__"].__get__
