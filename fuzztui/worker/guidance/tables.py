"""What is wanted of the parts of a key, in a table whose keys have several: a state and what comes next, a section and
a name in it.
"""

from collections.abc import Collection, Iterator
from itertools import islice
from typing import Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.guidance.plain import MAX_MEMBERS, scalar
from fuzztui.worker.mutate.objects import Object
from fuzztui.worker.mutate.scalars import Scalar

__builtins__ = PRIVATE_BUILTINS

_MAX_PARTS: Final = 4


def wanted_of_parts(
    key: tuple[object, ...], table: Collection[object]
) -> Iterator[tuple[Scalar | Object, tuple[Scalar | Object, ...]]]:
    """Each part of a key that is not in the table, and what it is in the keys that are: in those that have the other
    parts of it, or else in all. Runs no code of the target's.
    """
    parts = tuple(map(scalar, key[:_MAX_PARTS]))
    members = [
        tuple(map(scalar, member[:_MAX_PARTS]))
        for member in islice(list(table), MAX_MEMBERS)
        if type(member) is tuple and len(member) == len(key)
    ]
    if isinstance(table, set | frozenset):
        members.sort(key=repr)  # iteration follows the hashes, which differ between processes
    for at, part in enumerate(parts):
        if part is None:
            continue
        alike = [member for member in members if _without(member, at) == _without(parts, at)]
        others = dict.fromkeys(member[at] for member in alike or members)
        wanted = tuple([other for other in others if other is not None and type(other) is type(part)])
        if wanted and part not in wanted:
            yield part, wanted


def values_of_both(left: dict[object, object], right: dict[object, object]) -> list[tuple[object, object]]:
    """The values of two dicts that have the same key, in the order of the first; of dicts that are not large."""
    if max(len(left), len(right)) > MAX_MEMBERS:
        return []
    others = [(scalar(key), value) for key, value in list(right.items())]  # no key's own equality is asked
    return [
        (value, other)
        for known, value in [(scalar(key), value) for key, value in list(left.items())]
        for key, other in others
        if known is not None and type(known) is type(key) and known == key
    ]


def lacking_in(table: dict[object, object], wanted: dict[object, object]) -> list[tuple[object, object]]:
    """Keys that one dict has, and another lacks, with their values; of dicts that are not large."""
    if max(len(table), len(wanted)) > MAX_MEMBERS:
        return []
    known = [scalar(key) for key in list(table)]
    others = [(scalar(key), value) for key, value in list(wanted.items())]
    return [
        (key, value)
        for key, value in others
        if key is not None and not any(type(each) is type(key) and each == key for each in known)
    ]


def _without(parts: tuple[object, ...], at: int) -> tuple[object, ...]:
    return (*parts[:at], *parts[at + 1 :])
