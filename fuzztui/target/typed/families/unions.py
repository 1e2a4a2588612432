"""`X | Y`, `Union`, `Optional`, and None."""

from typing import Any

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.typed.resolve import Resolver, Scope
from fuzztui.target.typed.spec import Choice, Either, Maybe
from fuzztui.target.typed.typed import Build, Typed
from fuzztui.target.typed.typing_objects import arguments, origin_name

__builtins__ = PRIVATE_BUILTINS

_NONE: Any = type(None)


def take(resolver: Resolver, annotation: Any, scope: Scope) -> Typed | None:
    """The type of a union, in which None is no member of its own."""
    if annotation is None or annotation is _NONE:
        return Typed(Choice((None,)), None, _none)
    if origin_name(annotation) not in ("Union", "Optional"):
        return None
    given = arguments(annotation)
    members = [resolver.of(each, scope) for each in given if each is not None and each is not _NONE]
    inner = either(members)
    return optional(inner) if len(members) < len(given) else inner


def either(members: list[Typed]) -> Typed:
    """A value of one of these types."""
    if len(members) == 1:
        return members[0]
    return Typed(Either(tuple([each.spec for each in members])), _built(members), _plain(members))


def optional(inner: Typed) -> Typed:
    """The type, or None. One that is optional already stays as it is."""
    spec, build, plain = inner
    if type(spec) is Maybe or (type(spec) is Choice and None in spec.options):
        return inner
    return Typed(
        Maybe(spec),
        None if build is None else lambda value: None if value is None else build(value),
        lambda value: None if value is None else plain(value),
    )


def _none(value: Any) -> Any:
    if value is not None:
        raise ValueError(f"{type(value).__qualname__}, want None")


def _built(members: list[Typed]) -> Build:
    builds = tuple([each.build for each in members])

    def build(chosen: Any) -> Any:
        at, value = chosen
        make = builds[at]
        return value if make is None else make(value)

    return build


def _plain(members: list[Typed]) -> Any:
    def plain(value: Any) -> Any:
        reasons = []
        for at, member in enumerate(members):
            try:
                return at, member.plain(value)
            except ValueError as error:
                reasons.append(str(error))
        raise ValueError(" or ".join(dict.fromkeys(reasons)))

    return plain
