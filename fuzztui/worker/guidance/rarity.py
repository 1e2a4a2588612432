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
        """The comparisons of one run. Hot: there may be thousands."""
        runs = self._runs
        if len(runs) >= MAX_OPERANDS:
            runs.clear()
        sides: set[int] = set()
        add = sides.add
        for operator, left, right in comparisons:
            add(hash((operator, True, left)))
            add(hash((operator, False, right)))
        for side in sides:
            runs[side] = runs.get(side, 0) + 1

    def rarest_first(self, comparisons: Iterable[Comparison]) -> list[Comparison]:
        """By the operand that more runs have: that is the program's, while the other one is the input's."""
        runs_of = self._runs.get

        def runs(comparison: Comparison) -> int:
            operator, left, right = comparison
            return max(runs_of(hash((operator, True, left)), 0), runs_of(hash((operator, False, right)), 0))

        return sorted(comparisons, key=runs)
