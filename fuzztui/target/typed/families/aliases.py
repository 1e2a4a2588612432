"""Names for types: `NewType`, `type X = ...`, type variables, and marks on a field."""

from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.signature import UnsupportedError
from fuzztui.target.typed.families.unions import either
from fuzztui.target.typed.resolve import Resolver, Scope
from fuzztui.target.typed.typed import Typed
from fuzztui.target.typed.typing_objects import arguments, is_alias, origin_name, special

__builtins__ = PRIVATE_BUILTINS

_MARKS: Final = ("Required", "NotRequired", "ReadOnly", "Final", "ClassVar", "Unpack")

_VAGUE: Final = ("Any", "object", "Self", "Never", "NoReturn")


_NUMBERS: Final = (bool, int, float, complex)
"""Each of these is one of those behind it, too, so that they may be given together."""


def take(resolver: Resolver, annotation: Any, scope: Scope) -> Typed | None:
    """The type that a name stands for."""
    sort = special(annotation)
    if sort == "NewType":
        return resolver.of(annotation.__supertype__, scope)
    if sort == "TypeVar":
        return _variable(resolver, annotation, scope)
    if sort == "TypeAliasType":
        return _alias(resolver, annotation, (), scope)
    if is_alias(annotation) and special(annotation.__origin__) == "TypeAliasType":
        return _alias(resolver, annotation.__origin__, arguments(annotation), scope)
    if origin_name(annotation) in _MARKS:
        return resolver.of(arguments(annotation)[0], scope)
    if type(annotation).__name__ == "InitVar" and type(annotation).__module__ == "dataclasses":
        return resolver.of(annotation.type, scope)
    name = getattr(annotation, "_name", None) or getattr(annotation, "__name__", "")
    is_typings = getattr(annotation, "__module__", "").startswith("typing")
    if name == "Self" and is_typings and scope.itself is not None:
        return resolver.of(scope.itself, scope)
    if name == "LiteralString" and is_typings:
        return resolver.of(str, scope)
    if annotation is object or (name in _VAGUE and is_typings):
        raise UnsupportedError(f"{scope.place} is annotated {name}, which says nothing of its values: write its type")
    return None


def _alias(resolver: Resolver, alias: Any, given: tuple[Any, ...], scope: Scope) -> Typed:
    variables = {**scope.variables, **dict(zip(alias.__type_params__, given, strict=False))}
    inner = scope._replace(variables=variables)
    return resolver.recursive((alias, given), str(alias.__name__), lambda: resolver.of(alias.__value__, inner))


def _variable(resolver: Resolver, variable: Any, scope: Scope) -> Typed:
    """What is not bound to a type is one of its constraints, its bound, its default, or else int."""
    if options := variable.__constraints__:
        if not all(each in _NUMBERS for each in options) and resolver.is_settled(variable):
            return resolver.of(str if str in options else options[0], scope)
        return either([resolver.of(each, scope) for each in options])
    if variable.__bound__ is not None:
        return resolver.of(variable.__bound__, scope)
    if getattr(variable, "has_default", bool)():
        return resolver.of(variable.__default__, scope)
    return resolver.of(int, scope)
