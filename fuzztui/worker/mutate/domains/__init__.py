"""The domains of a worker, one module for each kind of argument: all that this side of the protocol knows of a type."""

from collections.abc import Callable
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.adaptive import Bandit
from fuzztui.worker.mutate.domain import Domain, Finder, Surroundings
from fuzztui.worker.mutate.domains.binary import Binary
from fuzztui.worker.mutate.domains.boolean import Boolean
from fuzztui.worker.mutate.domains.date import Days
from fuzztui.worker.mutate.domains.floating import Floating
from fuzztui.worker.mutate.domains.integer import Integer
from fuzztui.worker.mutate.domains.text import Text

__all__ = ["DOMAINS", "domain_of"]
__builtins__ = PRIVATE_BUILTINS

DOMAINS: Final[dict[str, Domain[Any]]] = {
    domain.name: domain for domain in (Binary(), Text(), Integer(), Floating(), Boolean(), Days())
}
"""By the name of the kind."""


class _Parts(Domain[Any]):
    """Of plain forms of typed values, whatever their spec: see `fuzztui.worker.mutate.typed`."""

    name = "typed"

    def mutator(self, _surroundings: Surroundings, /) -> tuple[Callable[[Any], Any], Bandit[Any]]:
        """There is none without a spec."""
        raise TypeError("typed values are mutated by their spec")

    def finder(self, _value: Any, _argument: int, /) -> Finder:
        """Finds nothing."""
        return lambda _operand: iter(())

    def size(self, value: Any, /) -> int:
        """The sum over all parts."""
        if type(value) is tuple:
            return 1 + sum([domain_of(part).size(part) for part in value])
        return 1


_PARTS: Final = _Parts()


def domain_of(value: object) -> Domain[Any]:
    """The domain of an argument, or of a scalar; of typed values one that only knows their size."""
    return DOMAINS.get(type(value).__name__) or _PARTS
