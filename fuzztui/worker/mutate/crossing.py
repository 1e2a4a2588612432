"""Two inputs crossed piece by piece: what stands between signs that both have as often, of the one or of the other.

What is covered by one field of an input and what is by another come together so, where each field of a record, each
row of a board, each setting of a line has its place.
"""

from collections.abc import Sequence
from typing import AnyStr, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

LONGEST: Final = 1024
"""Of the values; longer ones are not crossed, which would take as long as hundreds of other mutations."""

_LAST_BIT: Final = 22


def crossed(value: AnyStr, other: AnyStr, signs: Sequence[AnyStr], bits: int) -> AnyStr | None:
    """`value` with about half of its pieces from `other`, chosen by 23 bits; None where both have no sign of these
    equally often, or one is long. Signs of several characters are none: within them others may stand, so that pieces
    between signs that both have equally often need not be equally many.
    """
    if len(value) > LONGEST or len(other) > LONGEST:
        return None
    shared = [sign for sign in signs if len(sign) == 1 and 0 < value.count(sign) == other.count(sign)]
    if not shared:
        return None
    first, mine, its = shared[0], value, other
    for sign in shared[1:]:
        mine, its = mine.replace(sign, first), its.replace(sign, first)
    made, at = [], 0
    for piece, another in zip(mine.split(first), its.split(first), strict=True):
        made.append(another if bits & 1 else piece)
        at += len(piece) + 1
        made.append(value[at - 1 : at])
        bits = bits >> 1 | (bits & 1) << _LAST_BIT
    return value[:0].join(made)
