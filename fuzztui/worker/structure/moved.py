"""Numbers that a program has read, moved by what lacks to something that it has worked out of them.

Where it has come to an end and where it was to come, how much there is and how much was counted: these are no numbers
of the input, but they differ by as much as one of it is wrong.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.encodings import BYTE_ORDERS
from fuzztui.worker.mutate.moving import compared
from fuzztui.worker.mutate.operands import MEMBERSHIPS, Comparison
from fuzztui.worker.structure.slices import Slices

__builtins__ = PRIVATE_BUILTINS

MAX_MOVED: Final = 80
"""Inputs that one leads to."""

_MAX_DIFFERENCES: Final = 6
_MAX_MEMBERS: Final = 3
_LARGEST: Final = 256
"""A difference, and bytes that are put behind."""

_MAX_NUMBERS: Final = 16
_WIDTHS: Final = (1, 2, 4, 8)


def moved(data: bytes, comparisons: Sequence[Comparison], slices: Slices) -> Iterator[bytes]:
    """At most `MAX_MOVED` inputs, each once, in which a number that was read is larger or smaller by the difference
    between two that were compared, those of the last comparison first; and with as many zeros behind as it counts then
    beyond the end.
    """
    return islice(dict.fromkeys(_all_moved(data, comparisons, slices)), MAX_MOVED)


def _looked_up(comparisons: Sequence[Comparison]) -> Iterator[tuple[int, int]]:
    """A number that was looked up in vain last, and the latest of those that were there: what leads back to something
    is often told by how far that is.
    """
    for operator, one, other in reversed(comparisons):
        if operator in MEMBERSHIPS and type(one) is int and type(other) is tuple and one not in other:
            yield from [(one, each) for each in other[: -_MAX_MEMBERS - 1 : -1] if type(each) is int]
            return


def _all_moved(data: bytes, comparisons: Sequence[Comparison], slices: Slices) -> Iterator[bytes]:
    pairs = [*_looked_up(comparisons), *compared(comparisons)]
    differences = dict.fromkeys([other - one for one, other in pairs if type(one) is type(other) is int])
    numbers = [each for each in dict.fromkeys([*slices.ranges, *slices.numbers]) if each[1] - each[0] in _WIDTHS]
    numbers = [each for each in numbers if each[1] <= len(data)]
    if len(numbers) > _MAX_NUMBERS:
        numbers = numbers[: _MAX_NUMBERS // 2] + numbers[-_MAX_NUMBERS // 2 :]
    for difference in [each for each in differences if abs(each) <= _LARGEST][:_MAX_DIFFERENCES]:
        for by in (difference, -difference):
            for begin, end in numbers:
                for order in BYTE_ORDERS[: 1 + (end - begin > 1)]:
                    number = int.from_bytes(data[begin:end], order)
                    new = number + by
                    if not 0 <= new < 256 ** (end - begin) or number > _LARGEST**2:
                        continue
                    changed = data[:begin] + new.to_bytes(end - begin, order) + data[end:]
                    yield changed
                    for start in (begin, end):
                        beyond = start + new - len(data)
                        if 0 < beyond <= abs(by):
                            yield changed + bytes(beyond)
