"""Which names a class has that a program may have looked for. Runs no code of the target's."""

from collections.abc import Callable
from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.guidance.plain import MAX_MEMBERS
from fuzztui.worker.mutate.affixes import is_alike

__builtins__ = PRIVATE_BUILTINS

_MRO: Final[Callable[[type], tuple[type, ...]]] = type.__dict__["__mro__"].__get__
_NAMESPACE: Final[Callable[[type], Any]] = type.__dict__["__dict__"].__get__


def attributes_like(name: str, kind: type) -> tuple[str, ...]:
    """The names of a class that begin or end as this one does, up to where a word does, or else begin as it does, as
    far as others do; none that are Python's own.
    """
    names: dict[str, None] = {}
    for each in _MRO(kind):
        names.update(dict.fromkeys(each for each in list(_NAMESPACE(each)) if type(each) is str))
    public = [each for each in names if not each.startswith("__")]
    alike = [each for each in public if each != name and is_alike(name, each)]
    for length in range(len(name), -1, -1):
        if alike:
            break
        alike = [each for each in public if each.startswith(name[:length]) and each != name]
    return tuple([name] * (name in public and bool(alike)) + alike[:MAX_MEMBERS])
