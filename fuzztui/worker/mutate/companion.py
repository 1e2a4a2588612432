"""Counts what is mutated beside a mutator's operators as if one more operator had made it. Hot code."""

from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.adaptive import UNTOUCHED, Bandit
from fuzztui.worker.mutate.mutator import Mutator

__builtins__ = PRIVATE_BUILTINS


class Companion:
    """One such operator. It is told of from the first time on that it is made."""

    def __init__(self, mutator: Mutator, name: str) -> None:
        """`name`: that of the operator, as people are shown it."""

        def operator(value: Any, _bits: int) -> Any:
            return value  # what it stands for is done by whoever has this

        operator.__name__ = name
        bandit = Bandit[Any]({operator: 1}, stops=1)
        self._trail: Final = bandit.trail
        self._trails: Final = mutator.trails
        self._count = 0
        mutator.accompany(bandit, self._take_count)

    def leave(self) -> None:
        """What comes next is the mutator's, until `made` is called."""
        self._trail[0] = UNTOUCHED

    def made(self) -> None:
        """The last mutation was no operator's of the mutator."""
        for each in self._trails:
            each[0] = UNTOUCHED
        self._trail[0] = 0
        self._count += 1

    def _take_count(self) -> int:
        count, self._count = self._count, 0
        return count
