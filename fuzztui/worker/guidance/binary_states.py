"""Which small numbers a program has found where it wanted them, in binary data: kinds, tags, and the like.

A parser that reads element by element through the same few functions covers nothing new with each element that is
right. Which of the numbers that it wants have been there, and which one it missed next, tells how far it has come.
"""

from collections.abc import Sequence
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.guidance.reads import End
from fuzztui.worker.mutate.operands import READS, Comparison
from fuzztui.worker.mutate.sizes import Arguments

__builtins__ = PRIVATE_BUILTINS

MAX_STATES: Final = 128
"""That count, of one search: where equalities are of lengths or sums there is no end of them."""

_EQUALITIES: Final = frozenset({"==", "!="})
_FEWEST: Final = 2
_MOST: Final = 256


class BinaryStates:
    """The numbers that have been wanted in vain, and the states that have been met."""

    def __init__(self) -> None:
        self._wanted: set[int] = set()
        self._met: set[int] = set()

    def state_of(self, comparisons: Sequence[Comparison], values: Arguments) -> int | None:
        """What tells a run's state; None where it has none, or there have been too many others."""
        data = b"".join([value for value in values if isinstance(value, bytes)])
        if not data:
            return None
        there: set[int] = set()
        missed: object = None
        for operator, left, right in comparisons:
            if operator == READS:
                missed = operator, left.level if isinstance(left, End) else 0
            elif operator in _EQUALITIES and type(left) is int and type(right) is int:
                if left == right:
                    if left in self._wanted:
                        there.add(left)
                        missed = None
                elif (wanted := _wanted(left, right, data)) is not None:
                    self._wanted.add(wanted)
                    missed = wanted
        if not there and missed is None:
            return None
        state = hash((frozenset(there), missed))
        if state not in self._met and len(self._met) >= MAX_STATES:
            return None
        self._met.add(state)
        return state


def _wanted(left: int, right: int, data: bytes) -> int | None:
    """The number that is not the input's."""
    for one, other in ((left, right), (right, left)):
        if _FEWEST <= one < _MOST and one not in data and 0 <= other < _MOST and other in data:
            return one
    return None
