"""Operands as plain values: what the target compares may be of any class, and none of its methods is to run."""

from collections.abc import Sequence
from itertools import islice
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.guidance.members import members_of
from fuzztui.worker.mutate.objects import Object, object_of
from fuzztui.worker.mutate.scalars import Scalar, is_late

__builtins__ = PRIVATE_BUILTINS

MAX_OPERAND: Final = 4096
"""Bytes or characters; longer operands are not kept. No input is longer unless a seed is."""

MAX_MEMBERS: Final = 64
"""Members that are kept of a container in which something is looked up."""

_MAX_SET: Final = 1024
"""Members of a set that is kept: they have to be sorted."""

_ALL: Final = slice(None)
_DICT_KEYS: Final[type] = type(dict[str, str]().keys())


def plain(operand: object) -> object:
    """An operand as an immutable value of exactly a type that arguments have; None if no input may hold it.

    Containers become tuples of their scalars, sets in an order that does not depend on hashes. Runs no code of the
    target's: types are asked of `type`, values converted and members taken by the builtin types' own methods.
    """
    kind = type(operand)
    container: Any = operand
    # By identity: the equality of types is their metaclass's affair.
    if kind is set or kind is frozenset:
        return _plain_set(container)
    if kind is tuple or kind is list or kind is dict or kind is _DICT_KEYS:
        try:
            first = list(islice(container, MAX_MEMBERS))
        except RuntimeError:  # another thread of the target is changing it
            return None
        return _plain_members(first)
    known = scalar(operand)
    if known is None and operand is not None and kind is not bool:
        others = members_of(operand)
        return None if others is None else _plain_members(others[:MAX_MEMBERS])
    return known


def _plain_members(members: Sequence[object]) -> tuple[Scalar | Object, ...] | None:
    # A flag alone says nothing about an input, several in a row do.
    found = [int(member) if type(member) is bool else scalar(member) for member in members]
    return tuple([member for member in found if member is not None]) or None


def _plain_set(operand: set[object] | frozenset[object]) -> tuple[Scalar | Object, ...] | None:
    if len(operand) > _MAX_SET:
        return None
    members = [member for member in map(scalar, list(operand)) if member is not None]
    members.sort(key=_type_and_repr)
    return tuple(members[:MAX_MEMBERS]) or None


def _type_and_repr(member: Scalar | Object) -> tuple[str, str]:
    return type(member).__name__, repr(member)


def scalar(operand: object) -> Scalar | Object | None:
    """`plain` for everything but containers."""
    kind = type(operand)
    value: Any = operand
    if kind is not str and kind is not bytes and kind is not int:
        if kind is bool or operand is None:
            return None
        # A subclass is converted by its base's own method, so that none of the target's is called.
        if issubclass(kind, str):
            value = str.__str__(value)
        elif issubclass(kind, bytes):
            value = bytes(bytes.__getitem__(value, _ALL))
        elif issubclass(kind, bytearray):
            value = bytes(bytearray.__getitem__(value, _ALL))
        elif kind is memoryview:
            try:
                value = value.tobytes() if value.nbytes <= MAX_OPERAND else None
            except ValueError:  # it has been released
                return None
            if value is None:
                return None
        elif issubclass(kind, int):
            value = int.__int__(value)
        elif issubclass(kind, float):
            return float.__float__(value)
        else:
            late: Scalar = value
            return late if is_late(kind) or kind is Object else object_of(operand)
    plain_value: Scalar = value
    if type(plain_value) is int:
        return plain_value if plain_value.bit_length() <= 8 * MAX_OPERAND else None
    return plain_value if len(value) <= MAX_OPERAND else None
