"""Operands that are objects: values of the classes that a target's typed parameters consist of, `datetime`, `Decimal`
or an enumeration, in their plain form. So what such a value was compared with can be put in its place.

Only objects of exactly these classes are looked into, all of them of the standard library but enumerations, of which
the members are known beforehand: no method of a target's class is ever called. `typed.classes` says which these are.
"""

from collections.abc import Callable
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS


class Object:
    """An operand, by what it is made from. Equal to another one of the same class that is made from the same."""

    __slots__ = ("_value", "kind", "plain")

    def __init__(self, kind: str, plain_value: Any, value: object) -> None:
        self.kind: Final = kind
        """Of its class, see `typed.classes.kind_of`."""
        self.plain: Final = plain_value
        self._value = value

    def __eq__(self, other: object) -> bool:
        return type(other) is Object and self.kind == other.kind and self.plain == other.plain

    def __hash__(self) -> int:
        return hash((self.kind, self.plain))

    def __repr__(self) -> str:
        return repr(self._value)


class Known:
    """A class whose objects are looked into."""

    __slots__ = ("cls", "kind", "of")

    def __init__(self, cls: Any, kind: str, of: Callable[[Any], Any]) -> None:
        self.cls: Final = cls
        """Kept alive, so that its identity stays its own."""
        self.kind: Final = kind
        self.of: Final = of
        """An object of exactly the class -> what it is made from; ValueError or KeyError where there is nothing."""


KNOWN: Final[dict[int, Known]] = {}
"""By the identity of the class: the hash of a class is its metaclass's affair."""


def object_of(operand: object) -> Object | None:
    """The operand if it is an object of a class that the target's values are of, and has a plain form."""
    known = KNOWN.get(id(type(operand)))
    if known is None:
        return None
    try:
        return Object(known.kind, known.of(operand), operand)
    except (ValueError, KeyError):  # one that no value of the type is made as
        return None
