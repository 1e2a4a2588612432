"""Which names a class has that a program may have looked for. Runs no code of the target's."""

from _weakref import ref
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.guidance.plain import MAX_MEMBERS
from fuzztui.worker.guidance.subjects import MRO, NAMESPACE
from fuzztui.worker.mutate.affixes import is_alike

__builtins__ = PRIVATE_BUILTINS

_MAX_KNOWN: Final = 1024
"""Names and classes that are remembered; beyond that, all are forgotten."""


class Attributes:
    """Those of the classes that a program has asked for names."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int, int], tuple[ref[type], tuple[str, ...]]] = {}
        """By name, the identity of a class and how many names it has, the class, if it is still there, and the names.
        """

    def like(self, name: str, kind: type) -> tuple[str, ...]:
        """`attributes_like`, worked out once: a parser asks for the same few in each run."""
        key = name, id(kind), sum(len(NAMESPACE(each)) for each in MRO(kind))
        known = self._known.get(key)
        if known is None or known[0]() is not kind:
            if len(self._known) >= _MAX_KNOWN:
                self._known.clear()
            known = self._known[key] = ref(kind), attributes_like(name, kind)
        return known[1]


def attributes_like(name: str, kind: type) -> tuple[str, ...]:
    """The names of a class that begin or end as this one does, up to where a word does, or else begin as it does, as
    far as others do; none that are Python's own.
    """
    names: dict[str, None] = {}
    for each in MRO(kind):
        names.update(dict.fromkeys(each for each in list(NAMESPACE(each)) if type(each) is str))
    public = [each for each in names if not each.startswith("__")]
    alike = [each for each in public if each != name and is_alike(name, each)]
    for length in range(len(name), -1, -1):
        if alike:
            break
        alike = [each for each in public if each.startswith(name[:length]) and each != name]
    return tuple([name] * (name in public and bool(alike)) + alike[:MAX_MEMBERS])
