"""How much of its times looking further needs on a target, by what finds there.

Behind a format hardly anything is found by plain mutation, and what else there is leads from one step to the next. Of a
large module mutation finds most by itself: looking further then takes the time of many executions, and finds less.
"""

from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

CARRIED: Final = 0.6
"""Finds in turns of plain mutation for each in other turns, up to which looking further has all of its time; beyond it
has less, by the square of how many times as many there are. With all of it small programs behind formats have 0.05 to
0.55 (bitmap, chunks, cbor, tables, calculator), larger modules 1 to 4 (sqlparse, jmespath, mistune, PyYAML).
"""

LEAST: Final = 0.15
"""The part of its time that it keeps: what it finds nothing else may."""

BELIEF: Final = (3.0, 13.0)
"""Finds that are taken to have been made before the first execution, by mutation and else."""

MEMORY: Final = 60
"""Finds after which one counts for 1/e of a new one."""


class Need:
    """That of one target, whichever of its searches a process is at: each process learns it by itself. Where mutation
    has found most it stays low until other ways find more again, however long nothing is found.
    """

    def __init__(self) -> None:
        self._mutated, self._others = BELIEF
        self.value = 1.0
        """The part of its times that looking further may use."""

    def note(self, mutated: int, others: int) -> None:
        """So many inputs have been found in turns of plain mutation, and so many in others."""
        fading = (1 - 1 / MEMORY) ** (mutated + others)
        self._mutated = self._mutated * fading + mutated
        self._others = self._others * fading + others
        few = CARRIED * self._others
        self.value = 1.0 if self._mutated <= few else max(LEAST, (few / self._mutated) ** 2)
