"""What no other family knows: a class, a function, a protocol of which Hypothesis may make values, where it is there.

Such a type's plain value is whatever Hypothesis has drawn. A target that takes one is executed as a property test is,
see `fuzztui.worker.hypothesis.drawing`: its input is what is drawn, for all its parameters together.
"""

import sys
from importlib.util import find_spec
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.typed.resolve import Resolver, Scope, Unknown
from fuzztui.target.typed.spec import Choice, Made
from fuzztui.target.typed.typed import Typed
from fuzztui.target.typed.typing_objects import described
from fuzztui.target.valueless import STREAMS, SYSTEM

__builtins__ = PRIVATE_BUILTINS


def take(resolver: Resolver, annotation: Any, scope: Scope) -> Typed | None:
    """A type that is left to Hypothesis; whether that knows it is found out when all of the signature is known."""
    if is_system(annotation) or not is_installed():
        return None
    name = described(annotation)
    spec = Made(Choice((f"drawn {id(annotation)}",)), "", str(getattr(annotation, "__module__", "")), name)
    resolver.unknown[spec] = Unknown(annotation, scope.place)

    def plain(_value: Any) -> Any:
        raise ValueError(f"a {name}, of which Hypothesis makes the values: it cannot be given as a seed")

    return Typed(spec, lambda value: value, plain)


def is_installed() -> bool:
    """Whether Hypothesis can be imported where this runs."""
    return "hypothesis" in sys.modules or find_spec("hypothesis") is not None


def is_system(annotation: Any) -> bool:
    """Whether a type stands for a part of the running system, or a stream, as far as its module is loaded."""
    for name in (*SYSTEM, *STREAMS):
        module, _, last = name.rpartition(".")
        if getattr(sys.modules.get(module), last, _NOTHING) is annotation:
            return True
    return False


_NOTHING: Final = object()
