"""Operands that we work with: scalars of the types that arguments have, and of bounded size.

Operands come out of the target's code, and may be anything. Only objects of exactly these types are touched: no method
of a target's class is ever called.
"""

import struct
from collections.abc import Hashable
from typing import Any, Final, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.kinds import LATE, Value

__builtins__ = PRIVATE_BUILTINS

Scalar: TypeAlias = Value
"""An operand that we work with; never a bool."""

MAX_OPERAND: Final = 4096
_MAX_INT_BITS: Final = 2048


def scalar_of(operand: object) -> Scalar | None:
    """The operand if it is of one of the types that we work with and not too large, else None."""
    # By identity of types: a subclass may override anything, __class__ included, and a metaclass the equality of types.
    # Hot: the most common ones come first.
    cls = type(operand)
    value: Any = operand
    scalar: Scalar | None = None
    if cls is str or cls is bytes:
        scalar = value if len(value) <= MAX_OPERAND else None
    elif cls is int:
        scalar = value if value.bit_length() <= _MAX_INT_BITS else None
    elif cls is bytearray:
        scalar = bytes(value) if len(value) <= MAX_OPERAND else None
    elif cls is float or is_late(cls):
        scalar = value
    return scalar


def text_of(operand: object) -> str:
    """An operand that is a text, or bytes as one in UTF-8; empty if it is neither. Hot: mostly it is a short text."""
    if type(operand) is str and len(operand) <= MAX_OPERAND:
        return operand
    scalar = scalar_of(operand)
    if isinstance(scalar, bytes):
        return scalar.decode("utf-8", "surrogateescape")
    return scalar if isinstance(scalar, str) else ""


def is_late(cls: type) -> bool:
    """Whether this is the class of a kind that is no builtin, and that the target uses."""
    return any(cls is late for late in LATE)


def scalar_key(scalar: Scalar) -> Hashable:
    """Tells scalars apart by type and bits: 1 and 1.0, 0.0 and -0.0 and the NaNs are different."""
    return (float, struct.pack("<d", scalar)) if isinstance(scalar, float) else (type(scalar), scalar)
