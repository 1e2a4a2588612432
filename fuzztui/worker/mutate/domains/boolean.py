"""The domain of bool."""

from collections.abc import Callable

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.adaptive import Bandit
from fuzztui.worker.mutate.domain import Domain, Finder, Surroundings

__builtins__ = PRIVATE_BUILTINS


class Boolean(Domain[bool]):
    """Of the kind `bool`."""

    name = "bool"

    def mutator(self, _surroundings: Surroundings, /) -> tuple[Callable[[bool], bool], Bandit[bool]]:
        """From one to the other, which is all there is to choose."""

        def negate(value: bool, _bits: int) -> bool:
            return not value

        bandit = Bandit({negate: 1}, stops=1)
        trail = bandit.trail

        def mutate(value: bool) -> bool:
            trail[0] = 0
            return not value

        return mutate, bandit

    def finder(self, _value: bool, _argument: int, /) -> Finder:
        """Finds nothing: havoc negates the value often enough."""
        return lambda _operand: iter(())
