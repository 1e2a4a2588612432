"""Classes with type variables: which class an annotation names, and what its variables stand for."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.typed.resolve import Scope
from fuzztui.target.typed.typing_objects import arguments, is_alias

__builtins__ = PRIVATE_BUILTINS


class Class(NamedTuple):
    """A class as it is annotated."""

    cls: Any
    given: tuple[Any, ...]
    """What stands in brackets."""
    variables: Mapping[Any, Any]
    """What it and its bases have as type variables -> what stands for them."""


def class_of(annotation: Any, scope: Scope) -> Class | None:
    """The class that is annotated, with or without types in brackets; None for what is none."""
    if isinstance(annotation, type) and not is_alias(annotation):
        return Class(annotation, (), _of_bases(annotation, {}))
    if is_alias(annotation) and isinstance(annotation.__origin__, type):
        cls = annotation.__origin__
        given = tuple([substituted(each, scope.variables) for each in arguments(annotation)])
        own = dict(zip(getattr(cls, "__parameters__", ()), given, strict=False))
        return Class(cls, given, _of_bases(cls, own))
    return None


def substituted(annotation: Any, variables: Mapping[Any, Any]) -> Any:
    """An annotation with what its type variables stand for in their place."""
    try:
        if annotation in variables:
            return variables[annotation]
    except TypeError:  # not hashable, so it is no variable
        return annotation
    open_ones = getattr(annotation, "__parameters__", ())
    if not open_ones or isinstance(annotation, type):
        return annotation
    return annotation[tuple([variables.get(each, each) for each in open_ones])]


def _of_bases(cls: Any, own: dict[Any, Any]) -> dict[Any, Any]:
    """The variables of a class, and those of the generic classes that it is made of."""
    found = dict(own)
    for base in getattr(cls, "__orig_bases__", ()):
        origin = getattr(base, "__origin__", None)
        if isinstance(origin, type):
            given = [substituted(each, found) for each in arguments(base)]
            found.update(_of_bases(origin, dict(zip(getattr(origin, "__parameters__", ()), given, strict=False))))
    return found
