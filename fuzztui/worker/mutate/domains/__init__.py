"""The domains of a worker, one module for each kind of argument: all that this side of the protocol knows of a type."""

from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.mutate.domain import Domain
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


def domain_of(value: object) -> Domain[Any]:
    """The domain of an argument, or of a scalar."""
    return DOMAINS[type(value).__name__]
