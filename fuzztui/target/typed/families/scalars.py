"""The plain kinds, as leaves."""

from collections.abc import Callable
from typing import Any

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.typed.plain import CLASSES
from fuzztui.target.typed.resolve import Resolver, Scope
from fuzztui.target.typed.spec import Scalar
from fuzztui.target.typed.typed import Typed, of_class

__builtins__ = PRIVATE_BUILTINS


def take(_resolver: Resolver, annotation: Any, _scope: Scope) -> Typed | None:
    """`int`, `float`, `bool`, `str`, `bytes`."""
    for kind, cls in CLASSES.items():
        if annotation is cls:
            return Typed(Scalar(kind), None, _checked(cls, kind))
    return None


def _checked(cls: type, kind: str) -> Callable[[Any], Any]:
    def plain(value: Any) -> Any:
        of_class(cls, kind, value)
        return value

    return plain
