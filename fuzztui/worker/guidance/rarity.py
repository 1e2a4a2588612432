"""Which comparisons few inputs have come to: these are asked first what they suggest.

A parser compares the same few signs in each input, which suggests the same again. What it compares in a state that it
has hardly been in is worth more than all of these.
"""

from collections.abc import Iterable
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.operands import Comparison

__builtins__ = PRIVATE_BUILTINS

MAX_OPERANDS: Final = 1 << 14
"""Operands that are counted; beyond that, all are forgotten."""


class Rarity:
    """Counts the traced runs in which an operand was on a side of an operator."""

    def __init__(self) -> None:
        self._runs: dict[int, int] = {}

    def count(self, comparisons: Iterable[Comparison]) -> None:
        """The comparisons of one run."""
        runs = self._runs
        if len(runs) >= MAX_OPERANDS:
            runs.clear()
        for side in {each for comparison in comparisons for each in _sides(comparison)}:
            runs[side] = runs.get(side, 0) + 1

    def rarest_first(self, comparisons: Iterable[Comparison]) -> list[Comparison]:
        """By the operand that more runs have: that is the program's, while the other one is the input's."""
        runs = self._runs
        return sorted(comparisons, key=lambda comparison: max(runs.get(side, 0) for side in _sides(comparison)))


def _sides(comparison: Comparison) -> tuple[int, int]:
    operator, left, right = comparison
    return hash((operator, True, left)), hash((operator, False, right))
