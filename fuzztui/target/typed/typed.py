"""A type that the fuzzer can make values of: its spec, and the way between plain values and the target's own."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.typed.spec import Spec

__builtins__ = PRIVATE_BUILTINS

Build: TypeAlias = Callable[[Any], Any]
"""From a plain value to what the target is called with. It may raise: classes refuse values."""


class Typed(NamedTuple):
    """A type, in a process that has loaded its classes."""

    spec: Spec
    build: Build | None
    """None where the plain value is the value."""
    plain: Callable[[Any], Any]
    """The plain form of a value; ValueError with a reason for one that is not of the type."""


def built_parts(builds: Sequence[Build | None]) -> Callable[[Any], Sequence[Any]] | None:
    """Builds each part of a tuple by its own function; None where there is nothing to build."""
    changed = [(at, build) for at, build in enumerate(builds) if build is not None]
    if not changed:
        return None
    if len(changed) == 1:
        place, only = changed[0]

        def build_one(values: Any) -> Sequence[Any]:
            parts = [*values]
            parts[place] = only(parts[place])
            return parts

        return build_one

    def build_each(values: Any) -> Sequence[Any]:
        parts = [*values]
        for at, build in changed:
            parts[at] = build(parts[at])
        return parts

    return build_each


def inside(place: str, plain: Callable[[Any], Any], value: Any) -> Any:
    """The plain form of a part; a reason why there is none begins with its place."""
    try:
        return plain(value)
    except ValueError as error:
        words = str(error)
        raise ValueError(f"{place}{'' if words[:1] in '[.' else ': '}{words}") from None


def of_class(cls: type, name: str, value: object) -> None:
    """ValueError unless the value is of exactly this class."""
    if type(value) is not cls:
        raise ValueError(f"{type(value).__qualname__}, want {name}")
