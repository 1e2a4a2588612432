"""Arguments of a target's function from their literals, as tests of crashers write them."""

from collections.abc import Callable, Sequence
from typing import Any

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.signature import taken
from fuzztui.target.values import decode, plain_of, version_of

__builtins__ = PRIVATE_BUILTINS


def arguments(function: Callable[..., object], *literals: str) -> Sequence[Any]:
    """What a stored input calls a function with; `literals`: its lines, one for each parameter.

    HarnessError for a function that cannot be a target, MalformedInput for literals that are none of its arguments,
    and whatever a class raises that refuses its values.
    """
    signature = taken(function)
    data = "\n".join((version_of(signature.parameters), *literals, "")).encode("ascii")
    plain = plain_of(decode(data, signature.parameters))
    return plain if signature.build is None else signature.build(plain)
