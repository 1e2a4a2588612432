"""`Literal`, `Enum` and `Flag`."""

from typing import Any

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.signature import UnsupportedError
from fuzztui.target.typed.families.unions import either
from fuzztui.target.typed.resolve import Resolver, Scope
from fuzztui.target.typed.spec import Choice, Made, Scalar
from fuzztui.target.typed.typed import Typed, of_class
from fuzztui.target.typed.typing_objects import arguments, loaded, origin_name

__builtins__ = PRIVATE_BUILTINS


def take(_resolver: Resolver, annotation: Any, scope: Scope) -> Typed | None:
    """One of a few constants, a member of an enumeration, or any flags of one."""
    if origin_name(annotation) == "Literal":
        return _literal(_constants(annotation), scope)
    enum = loaded("enum")
    if enum is None or not isinstance(annotation, type) or not isinstance(annotation, enum.EnumMeta):
        return None
    if issubclass(annotation, enum.Flag):
        return _flags(annotation, scope)
    return _members(annotation, scope)


def _constants(annotation: Any) -> list[Any]:
    found: list[Any] = []
    for each in arguments(annotation):
        found += _constants(each) if origin_name(each) == "Literal" else [each]
    return found


def _literal(constants: list[Any], scope: Scope) -> Typed:
    plain = [each for each in constants if each is None or type(each) in (int, bool, str, bytes)]
    members: dict[Any, list[str]] = {}
    for each in constants:
        if each is not None and type(each) not in (int, bool, str, bytes):
            members.setdefault(type(each), []).append(each.name)
    parts = [_constant(tuple(plain))] if plain else []
    parts += [_members(cls, scope, tuple(names)) for cls, names in members.items()]
    if len(parts) == 1:
        return parts[0]
    return either(parts)


def _constant(options: tuple[Any, ...]) -> Typed:
    def plain(value: Any) -> Any:
        if not any(type(value) is type(option) and value == option for option in options):
            raise ValueError(f"{value!r}, want one of {', '.join(map(repr, options))}")
        return value

    return Typed(Choice(options), None, plain)


def _members(cls: Any, scope: Scope, names: tuple[str, ...] = ()) -> Typed:
    names = names or tuple([each.name for each in cls])
    if not names:
        raise UnsupportedError(f"{scope.place} is annotated {cls.__qualname__}, which has no members")
    by_name = {name: cls[name] for name in names}

    def plain(value: Any) -> Any:
        of_class(cls, cls.__qualname__, value)
        if value.name not in by_name:
            raise ValueError(f"{value!r}, want one of {', '.join(names)}")
        return value.name

    return Typed(Choice(names, cls.__module__, cls.__qualname__), by_name.__getitem__, plain)


def _flags(cls: Any, scope: Scope) -> Typed:
    names = list(cls.__members__)
    if not names:
        raise UnsupportedError(f"{scope.place} is annotated {cls.__qualname__}, which has no members")
    mask = 0
    for name in names:
        mask |= cls[name].value

    def plain(value: Any) -> Any:
        of_class(cls, cls.__qualname__, value)
        return value.value

    def build(value: Any) -> Any:
        return cls(value & mask)

    return Typed(Made(Scalar("int", 0, mask), "", cls.__module__, cls.__qualname__), build, plain)
